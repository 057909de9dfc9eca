"""Pages as files: PDF, SVG and PNG, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRect, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter

import ecgview
from ecgview import RESEARCH_USE
from ecgview.ui.output.page import Printout
from ecgview.ui.output.painting import paint_page

KINDS = {".pdf": "PDF document", ".svg": "SVG drawing", ".png": "PNG picture"}
DPI = 300
LEAST_DPI, MOST_DPI = 50, 600
"""A page at 600 dpi takes 140 MB while it is painted."""
MM_PER_INCH = 25.4
_MADE_BY = f"ecgview {ecgview.__version__}. {RESEARCH_USE}"
_PDF_DPI = 1200
_SVG_PER_MM = 100
_LETTERS = re.compile(rb"(?<=> \[)(?:<[0-9A-F]{4}> ?)+(?=\])")
"""A PDF font's list of what its glyphs mean. Qt calls a space a tabulator there, and so copied it would be one."""


def write(printout: Printout, path: Path, dpi: int = DPI, progress: Callable[[int], bool] = lambda _: True) -> None:
    """Write pages to a file, whose ending says in which format.

    The file takes its place when it is whole; a file of that name stays as it was until then.

    Parameters
    ----------
    printout : Printout
        Of one page, except for PDF.
    path : Path
        Ends in ``.pdf``, ``.svg`` or ``.png``.
    dpi : int
        Of a PNG; between :data:`LEAST_DPI` and :data:`MOST_DPI`.
    progress : callable
        Told how many pages are done; when it answers False, no file is written.

    Raises
    ------
    ValueError
        The ending is another, there are too many pages for the format, or `dpi` is out of bounds.
    OSError
        The file cannot be written; its message names the file and the reason.
    BrokenOffError
        `progress` answered False.
    """
    kind = check_path(path)
    if kind != ".pdf" and len(printout) > 1:
        raise ValueError(f"{len(printout)} pages need a PDF; {path.name} can hold one")
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise ValueError(f"{dpi} dpi lies outside {LEAST_DPI} to {MOST_DPI}")
    with _replacing(path) as file:
        if kind == ".svg":
            file.write(_svg(printout))
        elif kind == ".png":
            file.write(_png(printout, dpi))
        else:
            _write_pdf(printout, file, progress)
    if kind != ".pdf":
        progress(1)


def check_path(path: Path) -> str:
    """Return the ending of a file's name, ``".pdf"``, ``".svg"`` or ``".png"``.

    Raises
    ------
    ValueError
        It is another.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{path.name} ends neither in .pdf nor in .svg or .png")
    return kind


def picture(printout: Printout, number: int, dpi: float) -> QImage:
    """Return a page as an image of its true size at `dpi`."""
    per_metre = round(dpi / MM_PER_INCH * 1000.0)
    paper = printout.choices.paper
    scale = per_metre / 1000.0
    image = QImage(round(paper.width * scale), round(paper.height * scale), QImage.Format.Format_RGB32)
    if image.isNull():
        raise MemoryError(f"no memory for a picture at {dpi:g} dpi")
    image.fill("white")
    image.setDotsPerMeterX(per_metre)
    image.setDotsPerMeterY(per_metre)
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint_page(painter, printout[number])
    painter.end()
    return image


class BrokenOffError(Exception):
    """Nobody wants the file any more."""


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a stream whose content takes the file's place when it is whole."""
    if not path.parent.is_dir():
        raise OSError(f"{path}: there is no folder {path.parent}")
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with unfinished.open("wb") as stream:
            yield stream
        unfinished.replace(path)
    except OSError as error:
        raise OSError(f"{path}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write_pdf(printout: Printout, file: IO[bytes], progress: Callable[[int], bool]) -> None:
    # QPdfWriter does not notice a full disk: what it makes goes through memory, a page at a time.
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(printout.heading)
    writer.setCreator(_MADE_BY)
    writer.setResolution(_PDF_DPI)
    paper = printout.choices.paper
    size = QPageSize(QSizeF(paper.height, paper.width), QPageSize.Unit.Millimeter)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF()))
    painter = QPainter(writer)
    scale = _PDF_DPI / MM_PER_INCH
    try:
        for number in range(len(printout)):
            if number:
                writer.newPage()
            painter.save()
            painter.scale(scale, scale)
            paint_page(painter, printout[number])
            painter.restore()
            file.write(held.data())
            held.clear()
            buffer.seek(0)
            if not progress(number + 1):
                raise BrokenOffError
    finally:
        painter.end()
    file.write(searchable(bytes(held.data())))


def searchable(pdf: bytes) -> bytes:
    """Return a PDF of Qt's in which a space is a space when it is searched for or copied."""
    return _LETTERS.sub(lambda table: table[0].replace(b"<0009>", b"<0020>"), pdf)


def _svg(printout: Printout) -> bytes:
    from PySide6.QtSvg import QSvgGenerator

    paper = printout.choices.paper
    drawn = QBuffer()
    drawn.open(QBuffer.OpenModeFlag.WriteOnly)
    drawing = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    drawing.setOutputDevice(drawn)
    drawing.setTitle(printout.heading)
    drawing.setDescription(_MADE_BY)
    drawing.setResolution(round(_SVG_PER_MM * MM_PER_INCH))
    size = QSize(round(paper.width * _SVG_PER_MM), round(paper.height * _SVG_PER_MM))
    drawing.setSize(size)
    drawing.setViewBox(QRect(0, 0, size.width(), size.height()))
    painter = QPainter(drawing)
    painter.scale(_SVG_PER_MM, _SVG_PER_MM)
    paint_page(painter, printout[0])
    painter.end()
    # Where the font is not at hand another sans serif takes its place, and not what the viewer likes best.
    return re.sub(
        rb'font-family="([^",]*)"', rb'font-family="\1, Helvetica, Arial, sans-serif"', bytes(drawn.data().data())
    )


def _png(printout: Printout, dpi: int) -> bytes:
    image = picture(printout, 0, dpi)
    image.setText("Title", printout.heading)
    image.setText("Description", RESEARCH_USE)
    image.setText("Software", f"ecgview {ecgview.__version__}")
    encoded = QBuffer()
    encoded.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QImageWriter(encoded, b"png")
    if not writer.write(image):
        raise MemoryError(f"the picture cannot be encoded: {writer.errorString()}")
    return bytes(encoded.data().data())
