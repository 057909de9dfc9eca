"""The sheet: an ECG as on paper, to look at, zoom and move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ecgview.record.record import Record
from ecgview.ui.sheet.footer import BETWEEN, Footer, statements
from ecgview.ui.sheet.format import Format
from ecgview.ui.sheet.layers import Explained, Layers
from ecgview.ui.sheet.layout import Page, lay_out
from ecgview.ui.sheet.marks import paint_marks
from ecgview.ui.sheet.message import paint_message
from ecgview.ui.sheet.names import Names, Pictures
from ecgview.ui.sheet.overview import Overview
from ecgview.ui.sheet.paper import Paper
from ecgview.ui.sheet.spoken import badges, description, longest_scale_words, reasons
from ecgview.ui.sheet.tools import ToolView
from ecgview.ui.sheet.traces import Altered, Traces
from ecgview.ui.sheet.view import Extent
from ecgview.ui.theme import Theme, load_theme

if TYPE_CHECKING:
    from ecgview.signal.found_beats import FoundBeats
    from ecgview.signal.lead_quality import Concern  # brings scipy, which the first picture need not wait for

UNFILTERED = "unfiltered as recorded"
FILTERING = f"{UNFILTERED}{BETWEEN}filtering…"
"""What is said until the first filtered stretch is at hand."""
_FITTED_BEYOND_MM, _REACHED_BEYOND_MM = 30.0, 300.0
"""How far beyond the sheet's edge tall waves are fitted into the view, and how far they can be panned to."""
_AIR_MM = 2.0


class Sheet(ToolView):
    """Draws a record on millimetre paper.

    The wheel zooms about the pointer, dragging moves the sheet, and at its edge or while all of it
    is in view moves on in time; a double click shows all of it. Below a record that is longer than
    the sheet lies a strip that shows it whole.

    Signals
    -------
    record_changed
        Another recording is shown, or none.
    filters_gone
        Filters were on, and with another record they went.
    """

    record_changed = Signal()
    filters_gone = Signal()

    def __init__(self, parent: QWidget | None = None, theme: Theme | None = None) -> None:
        super().__init__(parent)
        self._theme = theme if theme is not None else load_theme("light")
        self._record: Record | None = None
        self._page: Page | None = None
        self._format = Format()
        self._filter = UNFILTERED
        self._altered: Altered | None = None
        self._altered_shown = False
        self._message = ("", "")
        self._concerns: dict[str, tuple[Concern, ...]] = {}
        self._names: Names | None = None
        self._name_pictures: Pictures = {}
        self._footer: Footer | None = None
        self._paper = Paper()
        self._reach = (0.0, 0.0)
        self._page_room = 0.0
        self._laying_out = False
        self._layers = Layers()
        self._traces = Traces(self.scene())
        self.setMinimumSize(240, 160)
        self.setAccessibleName("ECG sheet")
        self.overview = Overview(self._theme, self)
        self.overview.hide()
        self.overview.moved.connect(self._move_to)
        self._make_tools()
        self.calipers.changed.connect(self._describe)
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
    def movable(self) -> bool:
        """Whether there is more than what is in view: of the sheet, or of the record."""
        return not self.fitted or (self._page is not None and self._page.longer)

    @property
    def theme(self) -> Theme:
        """The colours in use."""
        return self._theme

    @property
    def start(self) -> float:
        """Where the stretch on the sheet begins, seconds from the beginning of the record.

        Setting it moves the window, as far as the record goes; the view stays as it is.
        """
        return self._page.start if self._page is not None else 0.0

    @start.setter
    def start(self, seconds: float) -> None:
        self._move_to(seconds)

    @property
    def format(self) -> Format:
        """Layout, order of the leads, speed and gain."""
        return self._format

    def set_format(self, format: Format) -> None:
        """Draw in another format, the whole sheet or at true size as before."""
        if format == self._format:
            return
        self._format = format
        if self._record is not None:
            if not self._view.held:
                self._view.fit()
            self._draw(self._record, self.start)
            self.view_changed.emit()

    @property
    def filter_words(self) -> str:
        """What the sheet says about filters."""
        return self._filter

    def set_filter_words(self, words: str) -> None:
        """State the filters that what is shown has passed, or :data:`UNFILTERED`."""
        self._filter = words
        self._restate()

    def show_filtered(self, altered: Altered | None) -> None:
        """Draw what filters leave of the record shown, and say so; None draws it as recorded.

        Only the traces change: all that is measured stays with the record. Filters go with it, too.
        """
        self._altered = altered
        self._filter = altered.words if altered is not None else UNFILTERED
        self.redraw_traces()

    def await_filters(self) -> None:
        """Draw the record as recorded, and say that filters are on their way."""
        self.show_filtered(None)
        self.set_filter_words(FILTERING)

    def redraw_traces(self) -> None:
        """Draw the traces anew, as when what filters leave of them has come to hand."""
        if self._record is not None:
            self._draw(self._record, self.start)

    @property
    def concerns(self) -> Mapping[str, Sequence[Concern]]:
        """What is wrong with the signal, by lead."""
        return self._concerns

    def set_concerns(self, concerns: Mapping[str, Sequence[Concern]]) -> None:
        """Put a badge beside the names of these leads, each with its reasons; they go with the next record."""
        self._concerns = {lead: tuple(found) for lead, found in concerns.items() if found}
        self._restate()

    def show_record(self, record: Record, start: float = 0.0) -> None:
        """Draw a record.

        Parameters
        ----------
        record : Record
            What to draw.
        start : float
            Where the stretch on the sheet begins, seconds.

        Notes
        -----
        Another recording is shown whole, or at true size where the one before was. The same one
        (same file, leads, rate and length) keeps the view.
        """
        same = self._record is not None and _same_recording(self._record, record)
        self._turn_to(record)
        self._message = ("", "")
        if not same:
            self._view.fitted = not self._view.held
            self._concerns = {}
            self._layers.forget()
        self._draw(record, start)
        self.crosshair.turn_to(record)
        if not same:
            self.record_changed.emit()
        self.view_changed.emit()

    def set_beats(self, found: FoundBeats | None) -> None:
        """Take the beats of the record shown; they go with the next recording."""
        self._layers.beats.found = found
        self._restate()

    @property
    def beats_shown(self) -> bool:
        """Whether beats are marked as soon as they are known."""
        return self._layers.beats.shown

    def show_beats(self, shown: bool) -> None:
        """Mark the beats on the traces, with a line below that says what the marks mean."""
        if shown != self._layers.beats.shown:
            self._layers.beats.shown = shown
            self._restate()
            self.view_changed.emit()

    @property
    def explained(self) -> Explained | None:
        """What explains the record shown."""
        return self._layers.explained_of(self._record)

    def show_explained(self, explained: Explained | None) -> None:
        """Colour the traces; what is for another record is not shown, and it goes with the next."""
        self._layers.explained = explained
        self._restate()
        self.view_changed.emit()

    def highlight(self, leads: tuple[str, ...], stretch: tuple[float, float] | None) -> None:
        """Mark a stretch of time, s from the beginning of the record, in some leads; nothing for None.

        The marks go with the next record.
        """
        self._layers.stretch = None if stretch is None else (leads, *stretch)
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
        self._traces.clear()
        self._turn_to(None)
        self._record, self._page, self._names, self._footer = None, None, None, None
        self._message = (title, detail)
        self._concerns = {}
        self._layers.forget()
        self._view.fitted = not self._view.held
        self._show_overview(False)
        self.overview.clear()
        self._place()
        self._describe()
        self.crosshair.turn_to(None)
        self.record_changed.emit()
        self.view_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._theme = theme
        self._traces.set_colour(theme.trace)
        self.overview.set_theme(theme)
        self.crosshair.dress()
        self._restate()

    @property
    def paper_bottom(self) -> float:
        """Where the paper ends and what is written below it begins, pixels of the viewport."""
        return self._area().bottom()

    def make_room(self) -> None:
        """Lay the sheet out anew beside what has appeared around it or has gone."""
        self._show_overview(self._page is not None and self._page.longer)
        self._tell(self._spread_rows() or self._place())

    # How it is done

    def _turn_to(self, record: Record | None) -> None:
        """Let filters go with the record they were for, and take the calipers of this one."""
        if record is self._record and record is not None:
            return
        filtered = self._altered is not None or self._filter != UNFILTERED
        self._altered, self._filter = None, UNFILTERED
        self.calipers.turn_to(record)
        if filtered:
            self.filters_gone.emit()

    def _show_traces(self, record: Record, page: Page) -> None:
        """Draw the traces: what filters leave of them, or as recorded until that is at hand."""
        altered = self._altered if self._altered is not None and self._altered.ready(page) else None
        self._altered_shown = altered is not None
        self._traces.show(record, page, self._theme.trace, altered)

    def _filter_said(self) -> str:
        waiting = self._altered is not None and not self._altered_shown
        return FILTERING if waiting else self._filter

    def _draw(self, record: Record, start: float) -> None:
        self._record = record
        page = self._page = self._laid_out(record, start)
        longer = page.longer
        self._show_overview(longer)
        self._footer = self._made_footer()
        page = self._page = self._laid_out(record, start)  # anew: strip and footer may have taken some of the room
        self._show_traces(record, page)
        self._reach = self._traces.reach or (0.0, 0.0)
        if longer:
            self.overview.show_record(record, page)
        else:
            self.overview.clear()
        self._restate()

    def _laid_out(self, record: Record, start: float) -> Page:
        return lay_out(record.leads, record.duration, start, record.derived, self._room(), self._format)

    def _move_to(self, seconds: float) -> None:
        self._tell(self._scroll(seconds))

    def _scroll(self, seconds: float) -> bool:
        """Show another time of the same record; tell whether there is one."""
        record, before = self._record, self._page
        if record is None or before is None:
            return False
        page = lay_out(record.leads, record.duration, seconds, record.derived, self._page_room, self._format)
        if page.start == before.start:
            return False
        self._page = page
        self._show_traces(record, page)
        if self._names is not None:
            self._names.move_on(page, self._traces.drawn)
        self.overview.show_page(page)
        self._describe()
        # The sheet may have to make room for taller waves; it does not shrink again at every beat.
        top, bottom = self._traces.reach or self._reach
        reach = min(top, self._reach[0]), max(bottom, self._reach[1])
        height = self._below()
        self._footer = self._made_footer()
        if reach != self._reach or height != self._below():
            self._reach = reach
            self._place()
        else:
            self._show_view()
        return True

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
        if self._laid_out(self._record, self._page.start).row_height == self._page.row_height:
            return False
        self._draw(self._record, self._page.start)
        return True

    def _restate(self) -> None:
        """Lay out anew all that is written, and what follows from its size."""
        if self._page is not None:
            drawn = self._traces.drawn
            said = badges(self._concerns)
            notes = self._layers.notes(self._record)
            self._names = Names(self._page, drawn, self._theme, self.font(), said, self._name_pictures, notes)
        self._place()
        self._describe()

    def _place(self) -> bool:
        self._footer = self._made_footer()
        return super()._place()

    def _made_footer(self) -> Footer | None:
        if self._record is None or self._page is None:
            return None
        font, width = self.font(), self.viewport().width()
        said = statements(self._record, self._page, self._filter_said())
        legends = self._layers.legends(self._record, font, width)
        return Footer(said, font, width, longest_scale_words(self.calibrated), legends)

    def _below(self) -> float:
        return self._footer.height if self._footer is not None else 0.0

    def _extents(self) -> tuple[Extent, Extent] | None:
        return None if self._page is None else (self._extent(_FITTED_BEYOND_MM), self._extent(_REACHED_BEYOND_MM))

    def _extent(self, beyond: float) -> Extent:
        """The sheet's edges, mm, and what tall waves need outside them, at most `beyond`."""
        assert self._page is not None
        top, bottom = self._reach[0] - _AIR_MM, self._reach[1] + _AIR_MM
        height = self._page.height
        return 0.0, max(min(0.0, top), -beyond), self._page.width, min(max(height, bottom), height + beyond)

    def _beyond(self, dx_mm: float) -> bool:
        return self._page is not None and self._scroll(self._page.start + dx_mm / self._page.format.speed)

    def _refitted(self) -> bool:
        return self._spread_rows()

    def _scaled(self) -> None:
        if self._footer is not None:
            self._footer.say_last(self.scale_words)

    def _show_overview(self, shown: bool) -> None:
        self._laying_out = True
        self.overview.setVisible(shown)
        above = self.crosshair.room(self.width())
        self.crosshair.strip.setVisible(above > 0)
        self.setViewportMargins(0, above, 0, self.overview.sizeHint().height() if shown else 0)
        self._laying_out = False
        self._place_overview()

    def _place_overview(self) -> None:
        height = self.overview.sizeHint().height()
        self.overview.setGeometry(0, self.height() - height, self.width(), height)
        self.crosshair.strip.setGeometry(0, 0, self.width(), self.viewportMargins().top())

    def _describe(self) -> None:
        if self._record is None or self._page is None:
            self.setAccessibleDescription(". ".join(part for part in self._message if part) or "Empty")
        else:
            said = description(self._record, self._page, self._filter_said(), self._concerns)
            besides = [*self._layers.spoken(self._record), self.calipers.spoken_words]
            self.setAccessibleDescription(". ".join([said, *filter(None, besides)]))

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        # All of the view, also where a part of it is painted: names and footer stand at its edges.
        rect = self.sceneRect()
        self._paper.paint(painter, QRectF(rect), self._theme)
        if self._page is not None and self._record is not None:
            self._layers.paint_below(painter, self._record, self._page, self._traces.drawn, self._theme, rect)
            self.regions.paint(painter, self._page, self._theme)
            paint_marks(painter, self._page, self._theme)
        if self._names is not None:
            # Below the traces: a name never hides a wave.
            self._names.paint(painter, QRectF(rect))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        if self._record is not None and self._page is not None:
            self._layers.beats.paint(painter, self._traces.drawn, self._theme)
        painter.save()
        seen = painter.worldTransform().mapRect(self.sceneRect())
        painter.resetTransform()
        if self._page is not None:
            names = self._names.places if self._names is not None else []
            self.calipers.paint(painter, self._page, self._traces.drawn, self._area(), names)
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

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._names is not None:
            segment = self._names.at(QPointF(event.pos()))
            words = "" if segment is None else reasons(self._concerns.get(segment.lead, ()))
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._laying_out:
            return
        if self.crosshair.room(self.width()) != self.viewportMargins().top():
            self._show_overview(self._page is not None and self._page.longer)
        self._place_overview()
        self._tell(self._spread_rows() or self._place())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._show_overview(self._page is not None and self._page.longer)
            self._restate()


def _same_recording(one: Record, other: Record) -> bool:
    return (one.path, one.leads, one.hz, one.samples) == (other.path, other.leads, other.hz, other.samples)
