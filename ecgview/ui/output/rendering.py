"""A record's file to a picture's file, without a window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from ecgview.record import Record
from ecgview.ui.output.examining import examine
from ecgview.ui.output.files import write
from ecgview.ui.output.page import Choices, Printout


def render(record: Record, out: Path, choices: Choices, dpi: int, progress: Callable[[int, int], None]) -> None:
    """Write a record's pages to a file.

    Parameters
    ----------
    record : Record
    out : Path
        Ends in ``.pdf``, ``.svg`` or ``.png``.
    choices : Choices
    dpi : int
        Of a PNG.
    progress : callable
        Told how many pages are done, and of how many.

    Raises
    ------
    ValueError, OSError
        As :func:`ecgview.ui.output.files.write`.
    """
    application = QGuiApplication.instance()
    if application is None:
        if sys.platform.startswith("linux"):
            os.environ["QT_QPA_PLATFORM"] = "offscreen"  # letters are all that is needed of the window system
        application = QGuiApplication(sys.argv[:1])
    found, doubts = examine(record)
    printout = Printout(record, found, choices, doubts)

    def tell(done: int) -> bool:
        progress(done, len(printout))
        return True

    write(printout, out, dpi, tell)
