"""A reading round's agreement on one page of paper, as a PDF."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter

import ecgview
from ecgview import RESEARCH_USE
from ecgview.review.study import Study
from ecgview.ui.output.files import searchable
from ecgview.ui.output.page import BODY, SMALL, UNIT, font
from ecgview.ui.output.paper_size import usual_paper
from ecgview.ui.review.agreement_painting import Ink, height, line_height, lines, paint
from ecgview.ui.theme import load_theme

_DPI = 1200
_MM_PER_INCH = 25.4
_EDGE = 15.0
"""Left free around the page, mm."""
_SMALLEST = 0.6
"""A study of many pairs is drawn smaller, down to this share."""


def words_below(study: Study) -> list[str]:
    """Return what a reader of the page should know."""
    said = [
        "Cohen's kappa (1960) with the 95 % interval of 2000 bootstrap samples of records; of three and more readers "
        "Fleiss' kappa (1971).",
        "Records about which one was uncertain are left out of the two by two table and counted as unsure. Where "
        "chance alone would agree on all records there is no kappa.",
    ]
    shares = [
        f"{one.who} {one.present} of {one.records}"
        for one in study.prevalence
        if one.code in study.codes and one.records
    ]
    if len(study.codes) == 1 and shares:
        said.append(f"Called present: {', '.join(shares)}.")
    return [*said, RESEARCH_USE]


def write_page(study: Study, path: Path) -> None:
    """Write a study on one page.

    Parameters
    ----------
    study : Study
    path : Path
        A PDF; a file of that name is replaced when the new one is whole.

    Raises
    ------
    OSError
        It cannot be written.
    """
    # QPdfWriter does not notice a full disk: what it makes goes through memory.
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(f"Agreement: {study.title}")
    writer.setCreator(f"ecgview {ecgview.__version__}. {RESEARCH_USE}")
    writer.setResolution(_DPI)
    paper = usual_paper()
    size = QPageSize(QSizeF(paper.height, paper.width), QPageSize.Unit.Millimeter)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF()))
    painter = QPainter(writer)
    painter.scale(_DPI / _MM_PER_INCH, _DPI / _MM_PER_INCH)
    _paint(painter, study, QRectF(_EDGE, _EDGE, paper.width - 2 * _EDGE, paper.height - 2 * _EDGE))
    painter.end()
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(searchable(bytes(held.data())))
        unfinished.replace(path)
    except OSError as error:
        raise OSError(f"{path}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _paint(painter: QPainter, study: Study, area: QRectF) -> None:
    theme = load_theme("light")
    ink = Ink(
        large=font(SMALL, strong=True),
        small=font(SMALL),
        text=QColor(theme.text),
        secondary=QColor(theme.secondary),
        accent=QColor(theme.accent),
        grid=QColor(theme.border),
    )
    painter.translate(area.topLeft())
    painter.scale(UNIT, UNIT)
    room = QRectF(0.0, 0.0, area.width() / UNIT, area.height() / UNIT)
    title, plain = font(BODY, strong=True), QFontMetricsF(ink.small)
    painter.setFont(title)
    painter.setPen(ink.text)
    painter.drawText(QPointF(0.0, QFontMetricsF(title).ascent()), f"Agreement: {study.title}")
    painter.setFont(ink.small)
    painter.setPen(ink.secondary)
    counted = f"{len(study.readers)} readers, {study.records} records, {len(study.pairs)} comparisons"
    top = QFontMetricsF(title).height() + plain.height()
    painter.drawText(QPointF(0.0, top), counted)
    below = words_below(study)
    foot = (len(below) + 1) * plain.height() * 1.3
    free = room.height() - top - 2 * plain.height() - foot
    scale = max(_SMALLEST, min(1.0, free / height(study, ink)))
    most = int(free / scale / line_height(ink) - 2.5)
    if most < len(lines(study)):
        below.insert(0, f"The first {most} of {len(lines(study))} lines; the table as CSV holds all.")
    painter.save()
    painter.translate(0.0, top + 2 * plain.height())
    painter.scale(scale, scale)
    paint(painter, study, QRectF(0.0, 0.0, room.width() / scale, free / scale), ink, most)
    painter.restore()
    painter.setFont(ink.small)
    painter.setPen(ink.secondary)
    y = room.height() - foot + plain.height()
    for line in below:
        painter.drawText(QPointF(0.0, y), line)
        y += plain.height() * 1.3
