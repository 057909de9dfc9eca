"""The page as it will be printed, to look at before."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtPrintSupport import QPrinter, QPrintPreviewWidget
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ecgview.ui.output.printer import MakePrintout, new_printer, preview_page
from ecgview.ui.text import UNIT

_LARGER = 1.25


class PreviewDialog(QDialog):
    """Shows a page on the usual paper, and leads on to printing it.

    Parameters
    ----------
    name : str
        Of the document.
    make : callable
        Makes the page for a paper.
    print_it : callable
        Called when printing is asked for; the dialog is closed then.
    parent : QWidget
    """

    def __init__(self, name: str, make: MakePrintout, print_it: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Print preview")
        # The preview does not keep its printer alive.
        self._printer: QPrinter = new_printer(name)
        self.preview = QPrintPreviewWidget(self._printer, self)
        self.preview.setAccessibleName("The page as it will be printed")
        self.preview.paintRequested.connect(lambda printer: preview_page(printer, make))
        self.preview.fitInView()
        bar = QHBoxLayout()
        bar.setSpacing(UNIT)
        for title, does in (
            ("Whole page", self.preview.fitInView),
            ("Larger", lambda: self.preview.zoomIn(_LARGER)),
            ("Smaller", lambda: self.preview.zoomOut(_LARGER)),
        ):
            bar.addWidget(self._button(title, does))
        bar.addStretch(1)
        bar.addWidget(self._button("Close", self.reject))
        printing = self._button("Print…", self.accept)
        self.accepted.connect(print_it)
        printing.setDefault(True)
        bar.addWidget(printing)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        column.setSpacing(2 * UNIT)
        column.addWidget(self.preview, 1)
        column.addLayout(bar)
        printing.setFocus()

    def _button(self, title: str, does: Callable[[], object]) -> QPushButton:
        button = QPushButton(title, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda *_: does())
        return button
