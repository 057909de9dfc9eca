"""A piece of paper to look at: zoom, pan, whole sheet and true size, by commands and by hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from ecgview.ui.sheet.calibration import Calibration
from ecgview.ui.sheet.hands import Hands
from ecgview.ui.sheet.spoken import scale_words
from ecgview.ui.sheet.view import Extent, View

_EMPTY: Extent = (0.0, 0.0, 280.0, 150.0)


class PaperView(QGraphicsView):
    """One scene, whose unit is the millimetre of paper, at the same scale in both directions.

    What lies on the paper, and how far it reaches, a subclass says.

    Signals
    -------
    view_changed
        Another part of the sheet, another scale or another stretch of time is in view.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = View()
        self._hands = Hands(self)
        self._calibration: Calibration | None = None
        self._per_mm: float | None = None
        scene = QGraphicsScene(self)
        # A dozen items that all change together: an index would only be kept up, never used.
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)

    # What a subclass says

    @property
    def movable(self) -> bool:
        """Whether there is more than what is in view."""
        return not self.fitted

    @property
    def tool_shape(self) -> Qt.CursorShape | None:
        """What the pointer looks like in a tool; None where it moves the paper."""
        return None

    def _extents(self) -> tuple[Extent, Extent] | None:
        """What is fitted, and what can be panned to, mm; None where there is nothing to zoom into."""
        raise NotImplementedError

    def _below(self) -> float:
        """The height at the lower edge of the viewport that is not for the paper, pixels."""
        return 0.0

    def _beyond(self, dx_mm: float) -> bool:
        """Move on beyond the paper's edge; tell whether something changed."""
        return False

    def _refitted(self) -> bool:
        """Lay out anew for a paper that is fitted again; tell whether something changed."""
        return False

    def _scaled(self) -> None:
        """Say the new scale where it is said."""

    # What part of it is seen

    @property
    def scale_mm(self) -> float:
        """Device-independent pixels in a millimetre of the sheet."""
        return self._view.scale

    @property
    def fitted(self) -> bool:
        """Whether the whole sheet is in view and stays so when the window is resized."""
        return self._view.fitted

    @property
    def held(self) -> bool:
        """Whether the sheet is drawn at true size."""
        return self._view.held

    @property
    def own_fit_scale(self) -> float:
        """The scale at which the whole sheet fills the view, pixels in a millimetre."""
        return self._view.own_fit_scale

    def set_largest_fit(self, scale: float | None) -> None:
        """Draw the whole sheet no larger than this, so that two sheets can be compared; None sets no limit."""
        largest = math.inf if scale is None else scale
        if largest != self._view.largest_fit:
            self._view.largest_fit = largest
            self._tell(self._place())

    @property
    def calibration(self) -> Calibration | None:
        """What is known of the screens' millimetres."""
        return self._calibration

    @property
    def calibrated(self) -> bool:
        """Whether it is known how large a millimetre is on this screen."""
        return self._per_mm is not None

    @property
    def scale_words(self) -> str:
        """How large the sheet is against true millimetres, as its footer says."""
        true = self._true_scale()
        share = None if true is None else self._view.scale / true
        return scale_words(share, self._view.fitted)

    def fit(self) -> None:
        """Bring the whole sheet into view, and keep it so until the next zoom."""
        self._view.fit()
        self._tell(self._refitted() or self._show_view())

    def set_calibration(self, calibration: Calibration) -> None:
        """Take true millimetres from what was measured on the screens; also when one was measured anew."""
        self._calibration = calibration
        self._look_at_screen()

    def true_size(self) -> bool:
        """Draw 25 mm as 25 mm on this screen; return False where it was not calibrated."""
        true = self._true_scale()
        if true is None:
            return False
        self._view.hold(true)
        self._tell(self._show_view())
        return True

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zoom.

        Parameters
        ----------
        factor : float
            Above 1 enlarges. The scale stays between the whole sheet and 20 times that.
        anchor : QPointF, optional
            The point of the viewport that keeps its place on the sheet, device-independent
            pixels; the middle where it is not given.

        Raises
        ------
        ValueError
            `factor` is not positive.
        """
        if not (math.isfinite(factor) and factor > 0):
            raise ValueError(f"cannot zoom by {factor}")
        if self._extents() is None:
            return
        at = anchor if anchor is not None else self._area().center()
        self._view.zoom(factor, (at.x(), at.y()))
        self._tell(self._show_view())

    def pan_by(self, dx_mm: float, dy_mm: float) -> None:
        """Show what lies `dx_mm` further right and `dy_mm` further down, as far as there is something."""
        beyond = self._view.pan(dx_mm, dy_mm)
        changed = self._show_view()
        self._tell((beyond != 0.0 and self._beyond(beyond)) or changed)

    # How it is done

    def _place(self) -> bool:
        """Fit the view to the size of the widget; tell whether it changed."""
        area = self._area()
        fitted, reached = self._extents() or (_EMPTY, _EMPTY)
        self._view.place((area.width(), area.height()), self.viewport().devicePixelRatioF(), fitted, reached)
        if self._view.held:
            true = self._true_scale()
            self._view.fit() if true is None else self._view.hold(true)
        return self._show_view()

    def _area(self) -> QRectF:
        """The part of the viewport that is for the paper, device-independent pixels."""
        return QRectF(0.0, 0.0, self.viewport().width(), max(1.0, self.viewport().height() - self._below()))

    def _show_view(self) -> bool:
        view, port = self._view, self.viewport()
        before = self.viewportTransform()
        self.setTransform(QTransform.fromScale(view.scale, view.scale))
        # A scene exactly as large as the viewport has one place in it: no scroll bar rounds it.
        self.setSceneRect(view.x, view.y, port.width() / view.scale, port.height() / view.scale)
        self._scaled()
        self._hands.show()
        port.update()
        return self.viewportTransform() != before

    def _look_at_screen(self) -> None:
        """Find out how large a millimetre is on the screen that this is on."""
        self._per_mm = None if self._calibration is None else self._calibration.pixels_per_mm(self.screen())
        self._tell(self._place())

    def _true_scale(self) -> float | None:
        """Device-independent pixels in a real millimetre."""
        return None if self._per_mm is None else self._per_mm / self.viewport().devicePixelRatioF()

    def _tell(self, changed: bool) -> None:
        if changed:
            self.view_changed.emit()

    # Hands

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._hands.turn(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and self._hands.pinch(event):
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Keys are the window's commands; a graphics view would swallow the arrows.
        event.ignore()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.ScreenChangeInternal):
            self._look_at_screen()
        return handled
