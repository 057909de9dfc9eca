"""The ensemble's findings: probability, the members' spread, threshold and decision of each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ecgview.model.vocabulary import statements
from ecgview.ui.list_panel import ROW, Index, ListPanel, RowsModel
from ecgview.ui.text import UNIT, body, draw, small, strong
from ecgview.ui.words import percent

if TYPE_CHECKING:
    from ecgview.model.prediction import Prediction

FEW_EXAMPLES = 50  # a class trained on fewer says so beside its name


@dataclass(frozen=True, slots=True)
class Finding:
    """One class of one record, as it is shown."""

    code: str
    name: str
    probability: float
    members: tuple[float, ...]
    threshold: float
    found: bool
    examples: int | None

    @property
    def votes(self) -> int:
        """Members above the threshold."""
        return sum(member >= self.threshold for member in self.members)

    def in_words(self) -> str:
        """Return all there is to say, for the tooltip and for a screen reader."""
        members = ", ".join(percent(member) for member in self.members)
        trained = "" if self.examples is None else f"\nLearned from {self.examples} records"
        decision = "found" if self.found else "not found"
        return (
            f"{self.name} ({self.code}): {decision}\n"
            f"Probability {percent(self.probability)}, threshold {percent(self.threshold)}\n"
            f"Members: {members}; {self.votes} of {len(self.members)} above the threshold{trained}"
        )


@dataclass(frozen=True, slots=True)
class Caution:
    """Something that stands before the findings because it bears on all of them.

    Attributes
    ----------
    title : str
    reasons : str
        Sentences.
    """

    title: str
    reasons: str


def cautions(prediction: Prediction) -> list[Caution]:
    """Return what must be said before a prediction's findings are read."""
    found = prediction.unlikeness
    if found is None:
        return []
    named = [Caution(_SUSPECTED[one.kind], one.text) for one in found.suspicions]
    if not found.unlike:
        return named
    reasons = "; ".join(found.reasons)
    said = f"{reasons[:1].upper()}{reasons[1:]}. " if reasons else ""
    return [
        Caution("Unlike the training records", f"{said}The findings below may mean nothing for such a recording."),
        *named,
    ]


_SUSPECTED = {
    "limb leads": "Limb leads reversed?",
    "gain": "Wrong gain?",
    "rate": "Wrong sampling rate?",
}


def class_name(code: str) -> str:
    """Return a class's name in full."""
    return statements()[code].name if code in statements() else code


def findings(prediction: Prediction, examples: Mapping[str, int]) -> list[Finding]:
    """Return a prediction's classes: those found first, each group by falling probability.

    Parameters
    ----------
    prediction : Prediction
    examples : mapping of str to int
        Training records of each class, where known.
    """
    entries = [
        Finding(
            code=code,
            name=class_name(code),
            probability=float(prediction.probability[place]),
            members=tuple(float(value) for value in prediction.members[:, place]),
            threshold=float(prediction.thresholds[place]),
            found=bool(prediction.decision[place]),
            examples=examples.get(code),
        )
        for place, code in enumerate(prediction.classes)
    ]
    return sorted(entries, key=lambda entry: (not entry.found, -entry.probability, entry.code))


class FindingsModel(RowsModel):
    """Headings and findings."""

    @property
    def shown(self) -> list[Finding]:
        """The findings, without headings."""
        return [row for row in self._rows if isinstance(row, Finding)]

    def words(self, row: str | Caution | Finding) -> str:
        """Return a heading, a caution's title, or a finding's name and probability."""
        if isinstance(row, Caution):
            return row.title
        return row if isinstance(row, str) else f"{row.name}, {percent(row.probability)}"

    def details(self, row: str | Caution | Finding) -> str | None:
        """Return all there is to say of a finding or a caution."""
        if isinstance(row, Caution):
            return row.reasons
        return None if isinstance(row, str) else row.in_words()

    def selectable(self, row: str | Caution | Finding) -> bool:
        """Return whether a row is a class, which can be asked about."""
        return isinstance(row, Finding)

    def place(self, code: str) -> int | None:
        """Return the row of a class; None where it is not listed."""
        rows = (number for number, row in enumerate(self._rows) if isinstance(row, Finding) and row.code == code)
        return next(rows, None)


def grouped(entries: list[Finding]) -> list[str | Caution | Finding]:
    """Return findings under headings: those found, the broad groups, those below the threshold."""
    groups = [entry for entry in entries if entry.code.startswith("SUPER.")]
    found = [entry for entry in entries if entry.found and entry not in groups]
    others = [entry for entry in entries if not entry.found and entry not in groups]
    listed: list[str | Caution | Finding] = ["Found" if found else "Nothing found above its threshold", *found]
    for heading, members in (("Broad groups", groups), ("Below the threshold", others)):
        if members:
            listed += [heading, *members]
    return listed


class FindingsDelegate(QStyledItemDelegate):
    """Draws a finding: name, code and probability over a bar with spread and threshold."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of the name, however many lines it takes, and a line and a bar; or of a heading."""
        row = index.data(ROW)
        line = option.fontMetrics.height()
        if isinstance(row, str):
            return QSize(0, line + 2 * UNIT)
        if isinstance(row, Caution):
            room = self._view.viewport().width() - 6 * UNIT
            title = _height(row.title, strong(body()), room)
            return QSize(0, title + _height(row.reasons, small(), room) + 3 * UNIT)
        return QSize(0, self._name_height(row, self._view.viewport().width()) + line + 3 * UNIT)

    def _name_height(self, row: Finding, width: int) -> int:
        # Wrapped and not elided: the end of a name often is what tells two classes apart.
        return _height(row.name, _name_font(row), width - 6 * UNIT - self._figure_width())

    @staticmethod
    def _figure_width() -> int:
        return QFontMetrics(strong(body())).horizontalAdvance("> 99 %") + UNIT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        row = index.data(ROW)
        palette = option.palette
        area = QRectF(option.rect).adjusted(2 * UNIT, 0, -2 * UNIT, 0)
        secondary = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, palette.color(QPalette.ColorRole.Highlight))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, str):
            foot = QRectF(area.left(), area.top() + UNIT, area.width(), area.height() - UNIT)
            draw(painter, foot, row, strong(small()), secondary)
        elif isinstance(row, Caution):
            self._paint_caution(painter, area, row, palette)
        else:
            text = palette.color(QPalette.ColorRole.Text)
            line = option.fontMetrics.height()
            room = self._figure_width()
            first = QRectF(area.left() + 2 * UNIT, area.top() + UNIT / 2, area.width() - 2 * UNIT, line)
            draw(painter, first, percent(row.probability), _name_font(row), text, Qt.AlignmentFlag.AlignRight)
            tall = self._name_height(row, option.rect.width())
            name = QRectF(first.left(), first.top(), first.width() - room, tall)
            painter.setFont(_name_font(row))
            painter.drawText(name, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), row.name)
            second = QRectF(first.left(), first.top() + tall, first.width(), line)
            self._mark(painter, QPointF(area.left() + UNIT / 2, first.center().y()), row.found, palette)
            few = row.examples is not None and row.examples < FEW_EXAMPLES
            said = f"{row.code.removeprefix('SUPER.')}" + (f"  ·  few examples: {row.examples}" if few else "")
            votes = f"{row.votes} of {len(row.members)}" if row.found else ""
            draw(painter, second, votes, small(), secondary, Qt.AlignmentFlag.AlignRight)
            draw(painter, second.adjusted(0, 0, -room, 0), said, small(), secondary)
            bar = QRectF(second.left(), second.bottom() + UNIT / 2, second.width(), UNIT * 0.75)
            draw_bar(painter, bar, row, palette)
        painter.restore()

    @staticmethod
    def _paint_caution(painter: QPainter, area: QRectF, row: Caution, palette: QPalette) -> None:
        warning = palette.color(QPalette.ColorRole.BrightText)
        text = area.adjusted(2 * UNIT, UNIT, 0, 0)
        title = _height(row.title, strong(body()), int(text.width()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(warning)
        middle = QPointF(area.left() + UNIT / 2, text.top() + QFontMetrics(strong(body())).height() / 2)
        corners = ((0.0, -0.75), (0.8, 0.6), (-0.8, 0.6))
        painter.drawPolygon([middle + QPointF(x * UNIT, y * UNIT) for x, y in corners])
        painter.setPen(warning)
        painter.setFont(strong(body()))
        painter.drawText(text, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), row.title)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.setFont(small())
        below = text.adjusted(0, title + UNIT / 4, 0, 0)
        painter.drawText(below, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), row.reasons)

    @staticmethod
    def _mark(painter: QPainter, centre: QPointF, found: bool, palette: QPalette) -> None:
        accent = palette.color(QPalette.ColorRole.Accent)
        painter.setPen(QPen(accent if found else palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
        painter.setBrush(accent if found else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, UNIT * 0.45, UNIT * 0.45)


def _height(text: str, font: QFont, width: int) -> int:
    """Return how high words stand when they are wrapped."""
    return QFontMetrics(font).boundingRect(QRect(0, 0, width, 1 << 12), Qt.TextFlag.TextWordWrap, text).height()


def _name_font(row: Finding) -> QFont:
    return strong(body()) if row.found else body()


def draw_bar(painter: QPainter, bar: QRectF, finding: Finding, palette: QPalette) -> None:
    """Draw 0 to 100 %: the members' spread as a band, their mean as a dot, the threshold as a line."""

    def across(value: float) -> float:
        return bar.left() + value * bar.width()

    accent = palette.color(QPalette.ColorRole.Accent)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.color(QPalette.ColorRole.Midlight))
    painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
    band = QColor(accent)
    band.setAlphaF(0.45)
    painter.setBrush(band)
    left, right = across(min(finding.members)), across(max(finding.members))
    spread = QRectF(left, bar.top(), max(right - left, 2.0), bar.height())
    painter.drawRoundedRect(spread, min(bar.height(), spread.width()) / 2, bar.height() / 2)
    painter.setBrush(accent)
    painter.drawEllipse(QPointF(across(finding.probability), bar.center().y()), bar.height() * 0.6, bar.height() * 0.6)
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 1.5))
    place = across(finding.threshold)
    painter.drawLine(QPointF(place, bar.top() - 2.5), QPointF(place, bar.bottom() + 2.5))


class FindingsPanel(ListPanel):
    """The findings of the record that is shown, or why there are none.

    Attributes
    ----------
    chosen : Signal(str)
        The code of a class that was clicked, or gone to by keys.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        self.model = FindingsModel()
        super().__init__(self.model, "Findings of the ensemble")
        self.model.setParent(self)
        self.list.setItemDelegate(FindingsDelegate(self.list))
        self._code = ""
        self._choosing = False
        self.list.selectionModel().currentChanged.connect(self._go_to)
        self.list.clicked.connect(self._go_to)

    def show_prediction(self, prediction: Prediction, examples: Mapping[str, int]) -> None:
        """Show a record's findings."""
        windows = "" if prediction.windows == 1 else f" Mean of {prediction.windows} stretches of 10 s."
        self.show_rows(
            [*cautions(prediction), *grouped(findings(prediction, examples))],
            f"Bar from 0 to 100 %: mean (dot) and spread (band) of {len(prediction.members)} members, "
            f"threshold (line).{windows} Choose a finding to see why.\nA research model's reading, not a diagnosis.",
        )
        self.choose(self._code)

    def choose(self, code: str) -> None:
        """Show a class as the one chosen, here and in the next record's findings; none for ``""``."""
        self._code = code
        place = self.model.place(code)
        self._choosing = True
        self.list.setCurrentIndex(QModelIndex() if place is None else self.model.index(place))
        self._choosing = False

    def _go_to(self, index: QModelIndex) -> None:
        row = index.data(ROW) if index.isValid() else None
        if isinstance(row, Finding) and not self._choosing:
            self._code = row.code
            self.chosen.emit(row.code)
