"""Pages on a printer: true millimetres on whatever paper it holds."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrinter

from ecgview.ui.output.files import MM_PER_INCH
from ecgview.ui.output.page import Printout, TooSmallError, font
from ecgview.ui.output.painting import paint_page
from ecgview.ui.output.paper_size import PaperSize, usual_paper

MakePrintout = Callable[[PaperSize, bool], Printout]
"""Makes the pages for a paper: those of the whole record for True, otherwise the page shown."""


class PrinterError(Exception):
    """The printer does not take the pages; the message says why."""


def new_printer(name: str) -> QPrinter:
    """Return a printer set to the usual paper, lying, and to print what is shown.

    Parameters
    ----------
    name : str
        What the printer's queue is told the document is called.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(name)
    printer.setCreator("ecgview")
    printer.setFullPage(True)
    size = QPageSize(QPageSize.PageSizeId.Letter if usual_paper().name == "Letter" else QPageSize.PageSizeId.A4)
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF()))
    printer.setPrintRange(QPrinter.PrintRange.CurrentPage)
    return printer


def paper_in(printer: QPrinter) -> PaperSize:
    """Return the printer's paper, lying on its long side whichever way it is fed."""
    layout = printer.pageLayout()
    size = layout.pageSize().size(QPageSize.Unit.Millimeter)
    short, long = sorted((size.width(), size.height()))
    return PaperSize(layout.pageSize().name(), long, short)


def print_pages(printer: QPrinter, make: MakePrintout, progress: Callable[[int, int], bool] = lambda *_: True) -> int:
    """Print.

    Parameters
    ----------
    printer : QPrinter
        As the print dialog left it: its range says which pages.
    make : callable
    progress : callable
        Told how many pages are done, and of how many; when it answers False, printing ends.

    Returns
    -------
    int
        How many pages were printed.

    Raises
    ------
    PrinterError
        The paper is too small, the range is empty, or the printer cannot be reached.
    """
    everything = printer.printRange() in (QPrinter.PrintRange.AllPages, QPrinter.PrintRange.PageRange)
    try:
        printout = make(paper_in(printer), everything)
    except TooSmallError as error:
        raise PrinterError(str(error)) from error
    numbers = range(len(printout))
    if printer.printRange() == QPrinter.PrintRange.PageRange and printer.fromPage() > 0:
        numbers = range(printer.fromPage() - 1, min(len(printout), max(printer.fromPage(), printer.toPage())))
    if not numbers:
        raise PrinterError(f"There is no page {printer.fromPage()}: the record takes {len(printout)}.")
    printer.setFullPage(True)
    painter = QPainter()
    if not painter.begin(printer):
        raise PrinterError(f"The printer {printer.printerName() or printer.outputFileName()} cannot be reached.")
    done = 0
    for number in numbers:
        if done and not printer.newPage():
            raise PrinterError(f"The printer {printer.printerName()} took {done} of {len(numbers)} pages.")
        painter.save()
        _to_millimetres(painter, printer)
        paint_page(painter, printout[number])
        painter.restore()
        done += 1
        if not progress(done, len(numbers)):
            printer.abort()
            break
    painter.end()
    return done


def preview_page(printer: QPrinter, make: MakePrintout) -> None:
    """Paint the page shown for a preview; where the paper is too small, say so on it."""
    try:
        printout = make(paper_in(printer), False)
    except TooSmallError as error:
        painter = QPainter(printer)
        painter.setFont(font(round(4.0 * printer.logicalDpiX() / MM_PER_INCH)))
        page = QRectF(printer.pageLayout().fullRectPixels(printer.resolution()))
        painter.drawText(page, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), str(error))
        painter.end()
        return
    painter = QPainter(printer)
    _to_millimetres(painter, printer)
    paint_page(painter, printout[0])
    painter.end()


def _to_millimetres(painter: QPainter, printer: QPrinter) -> None:
    """Make the painter's unit the millimetre, its origin the corner of the lying paper."""
    painter.scale(printer.logicalDpiX() / MM_PER_INCH, printer.logicalDpiY() / MM_PER_INCH)
    size = printer.pageLayout().fullRect(QPageLayout.Unit.Millimeter)
    if size.height() > size.width():
        # Fed upright: the page is turned, never made smaller.
        painter.translate(size.width(), 0.0)
        painter.rotate(90.0)
