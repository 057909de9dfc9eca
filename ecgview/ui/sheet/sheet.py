"""The sheet: an ECG as on paper, to look at, zoom and move."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from ecgview.record.record import Record
from ecgview.ui.sheet.footer import Footer, statements
from ecgview.ui.sheet.highlight import paint_places, places
from ecgview.ui.sheet.items import TraceItem
from ecgview.ui.sheet.layout import Page, lay_out
from ecgview.ui.sheet.marks import Names, paint_marks
from ecgview.ui.sheet.message import paint_message
from ecgview.ui.sheet.paper import Paper
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.sheet.view import Extent, View
from ecgview.ui.theme import Theme, load_theme

UNFILTERED = "unfiltered as recorded"
_PIXELS_PER_DOUBLING = 360.0
"""How far a wheel turns (eighths of a degree) or fingers move (pixels) to double the scale."""
_FITTED_BEYOND_MM, _REACHED_BEYOND_MM = 30.0, 300.0
"""How far beyond the sheet's edge tall waves are fitted into the view, and how far they can be panned to."""
_AIR_MM = 2.0
_EMPTY_SHEET = (0.0, 0.0, 280.0, 150.0)


class Sheet(QGraphicsView):
    """Draws a record on millimetre paper.

    One scene, whose unit is the millimetre of paper; the same scale in both directions. The
    wheel zooms about the pointer, dragging moves the sheet, a double click shows all of it.

    Signals
    -------
    view_changed
        Another part of the sheet, another scale or another stretch of time is in view.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None, theme: Theme | None = None) -> None:
        super().__init__(parent)
        self._theme = theme if theme is not None else load_theme("light")
        self._record: Record | None = None
        self._page: Page | None = None
        self._filter = UNFILTERED
        self._message = ("", "")
        self._items: list[TraceItem] = []
        self._names: Names | None = None
        self._footer: Footer | None = None
        self._paper = Paper()
        self._view = View()
        self._grabbed: QPointF | None = None
        self._page_room = 0.0
        self._highlight: tuple[tuple[str, ...], float, float] | None = None

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
        self.setMinimumSize(240, 160)
        self.setAccessibleName("ECG sheet")
        self._describe()

    # What is shown

    @property
    def record(self) -> Record | None:
        """The record on the sheet; None while a message stands in its place."""
        return self._record

    @property
    def page(self) -> Page | None:
        """What lies where on the sheet, mm; None while a message stands in its place."""
        return self._page

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    @property
    def start(self) -> float:
        """Where the window of 10 s begins, seconds from the beginning of the record.

        Setting it moves the window, as far as the record goes; the view stays as it is.
        """
        return self._page.start if self._page is not None else 0.0

    @start.setter
    def start(self, seconds: float) -> None:
        if self._record is not None and self._page is not None:
            before = self._page.start
            self._draw(self._record, seconds)
            self._tell(self._page.start != before)

    @property
    def filter_words(self) -> str:
        """What the sheet says about filters."""
        return self._filter

    def set_filter_words(self, words: str) -> None:
        """State the filters that what is shown has passed, or :data:`UNFILTERED`."""
        self._filter = words
        self._restate()

    def show_record(self, record: Record, start: float = 0.0) -> None:
        """Draw a record.

        Parameters
        ----------
        record : Record
            What to draw.
        start : float
            Where the window of 10 s begins, seconds.

        Notes
        -----
        Another recording is shown whole. The same one (same file, leads, rate and length, say
        after a filter) keeps the view.
        """
        same = self._record is not None and _same_recording(self._record, record)
        self._message = ("", "")
        if not same:
            self._view.fitted = True
            self._highlight = None
        self._draw(record, start)
        self.view_changed.emit()

    def highlight(self, leads: tuple[str, ...], stretch: tuple[float, float] | None) -> None:
        """Mark a stretch of time, s from the beginning of the record, in some leads; nothing for None.

        The marks go with the next record.
        """
        self._highlight = None if stretch is None else (leads, *stretch)
        self.viewport().update()

    def show_message(self, title: str, detail: str = "") -> None:
        """Show words on empty paper: nothing opened, loading, or why a file was refused.

        Parameters
        ----------
        title : str
            What is the matter, in a few words.
        detail : str
            A sentence or two; paths in it may be long.
        """
        for item in self._items:
            self.scene().removeItem(item)
        self._items = []
        self._record, self._page, self._names, self._footer = None, None, None, None
        self._message = (title, detail)
        self._view.fitted = True
        self._place()
        self._describe()
        self.view_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        for item in self._items:
            item.set_colour(theme.trace)
        self._restate()

    # What part of it is seen

    @property
    def scale_mm(self) -> float:
        """Device-independent pixels in a millimetre of the sheet."""
        return self._view.scale

    @property
    def fitted(self) -> bool:
        """Whether the whole sheet is in view and stays so when the window is resized."""
        return self._view.fitted

    def fit(self) -> None:
        """Bring the whole sheet into view, and keep it so until the next zoom."""
        self._view.fit()
        self._tell(self._spread_rows() or self._show_view())

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
        if self._record is None:
            return
        at = anchor if anchor is not None else self._area().center()
        self._view.zoom(factor, (at.x(), at.y()))
        self._tell(self._show_view())

    def pan_by(self, dx_mm: float, dy_mm: float) -> None:
        """Show what lies `dx_mm` further right and `dy_mm` further down, as far as the sheet goes."""
        self._view.pan(dx_mm, dy_mm)
        self._tell(self._show_view())

    # How it is done

    def _draw(self, record: Record, start: float) -> None:
        self._record = record
        self._page = lay_out(record.leads, record.duration, start, record.derived, self._room())
        for item in self._items:
            self.scene().removeItem(item)
        self._items = []
        for segment in self._page.segments:
            samples = record.lead(segment.lead)
            if samples is None:
                continue
            trace = Trace(segment, samples, record.hz)
            if not trace.empty:
                item = TraceItem(trace)
                item.set_colour(self._theme.trace)
                self.scene().addItem(item)
                self._items.append(item)
        self._restate()

    def _room(self) -> float:
        """The height there is for the sheet, as a share of the width; while zoomed, as it was laid out."""
        if self._page is not None and not self._view.fitted:
            return self._page_room
        area = self._area()
        self._page_room = area.height() / max(1.0, area.width())
        return self._page_room

    def _spread_rows(self) -> bool:
        """Give the rows the room there is now; tell whether that changed the sheet."""
        if self._record is None or self._page is None:
            return False
        record, page = self._record, self._page
        wanted = lay_out(record.leads, record.duration, page.start, record.derived, self._room())
        if wanted.row_height == page.row_height:
            return False
        self._draw(record, page.start)
        return True

    def _restate(self) -> None:
        """Lay out anew all that is written, and what follows from its size."""
        if self._page is not None:
            self._names = Names(self._page, [item.trace for item in self._items], self._theme, self.font())
        self._place()
        self._describe()

    def _place(self) -> bool:
        """Fit footer and view to the size of the widget; tell whether the view changed."""
        self._footer = None
        if self._record is not None and self._page is not None:
            said = statements(self._record, self._page, self._filter)
            self._footer = Footer(said, self.font(), self.viewport().width())
        area = self._area()
        self._view.place(
            (area.width(), area.height()),
            self.viewport().devicePixelRatioF(),
            self._extent(_FITTED_BEYOND_MM),
            self._extent(_REACHED_BEYOND_MM),
        )
        return self._show_view()

    def _area(self) -> QRectF:
        """The viewport above the footer, device-independent pixels."""
        below = self._footer.height if self._footer is not None else 0.0
        return QRectF(0.0, 0.0, self.viewport().width(), max(1.0, self.viewport().height() - below))

    def _extent(self, beyond: float) -> Extent:
        """The sheet's edges, mm, and what tall waves need outside them, at most `beyond`."""
        if self._page is None:
            return _EMPTY_SHEET
        reaches = [item.trace.reach for item in self._items]
        top = min((reach[0] for reach in reaches), default=0.0) - _AIR_MM
        bottom = max((reach[1] for reach in reaches), default=0.0) + _AIR_MM
        height = self._page.height
        return 0.0, max(min(0.0, top), -beyond), self._page.width, min(max(height, bottom), height + beyond)

    def _show_view(self) -> bool:
        view, port = self._view, self.viewport()
        before = self.viewportTransform()
        self.setTransform(QTransform.fromScale(view.scale, view.scale))
        # A scene exactly as large as the viewport has one place in it: no scroll bar rounds it.
        self.setSceneRect(view.x, view.y, port.width() / view.scale, port.height() / view.scale)
        self._show_hand()
        port.update()
        return self.viewportTransform() != before

    def _tell(self, changed: bool) -> None:
        if changed:
            self.view_changed.emit()

    def _show_hand(self) -> None:
        shape = Qt.CursorShape.OpenHandCursor
        if self._grabbed is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif self._view.fitted:
            shape = Qt.CursorShape.ArrowCursor
        if self.viewport().cursor().shape() != shape:
            self.viewport().setCursor(shape)

    def _describe(self) -> None:
        if self._record is None or self._page is None:
            self.setAccessibleDescription(". ".join(part for part in self._message if part) or "Empty")
            return
        leads = self._record.leads
        absent = [s.lead for s in self._page.segments if not s.recorded]
        parts = [
            f"{len(leads)} {'lead' if len(leads) == 1 else 'leads'}: {', '.join(leads)}",
            f"{self._page.start:.1f} to {self._page.end:.1f} s of {self._page.duration:.1f} s",
            ", ".join(statements(self._record, self._page, self._filter)[:4]),
        ]
        if absent:
            parts.append(f"not recorded: {', '.join(absent)}")
        if self._record.derived:
            parts.append(f"derived: {', '.join(lead for lead in leads if lead in self._record.derived)}")
        self.setAccessibleDescription(". ".join(parts))

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self._paper.paint(painter, QRectF(rect), self._theme)
        if self._page is not None:
            if self._highlight is not None:
                paint_places(painter, places(self._page, *self._highlight), self._theme)
            paint_marks(painter, self._page, self._theme)
        if self._names is not None:
            # Below the traces: a name never hides a wave.
            self._names.paint(painter, QRectF(rect))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.save()
        seen = painter.worldTransform().mapRect(QRectF(rect))
        painter.resetTransform()
        if self._footer is not None:
            height = self._footer.height
            below = QRectF(seen.left(), seen.bottom() - height, seen.width(), height)
            self._footer.paint(painter, below, self._theme)
        title, detail = self._message
        if self._page is not None and not self._page.segments:
            title = "This record holds no leads"
        if title or detail:
            paint_message(painter, seen, title, detail, self._theme, self.font())
        painter.restore()

    # Hands

    def wheelEvent(self, event: QWheelEvent) -> None:
        fingers = not event.pixelDelta().isNull() and (
            event.phase() != Qt.ScrollPhase.NoScrollPhase or event.angleDelta().isNull()
        )
        delta = event.pixelDelta() if fingers else event.angleDelta()
        if abs(delta.x()) > abs(delta.y()):
            self.pan_by(-delta.x() / self._view.scale, 0.0)
        elif delta.y():
            self.zoom_by(2.0 ** (delta.y() / _PIXELS_PER_DOUBLING), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(max(0.1, 1.0 + event.value()), event.position())
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._view.fitted:
            self._grabbed = event.position()
            self._show_hand()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            moved = event.position() - self._grabbed
            self._grabbed = event.position()
            self.pan_by(-moved.x() / self._view.scale, -moved.y() / self._view.scale)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = None
            self._show_hand()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Keys are the window's commands; a graphics view would swallow the arrows.
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell(self._spread_rows() or self._place())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._restate()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._tell(self._place())
        return handled


def _same_recording(one: Record, other: Record) -> bool:
    return (one.path, one.leads, one.hz, one.samples) == (other.path, other.leads, other.hz, other.samples)
