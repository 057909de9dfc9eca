"""What happens when the program meets an error it did not expect."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from ecgview.failure_log import described, write_failure

_DOING = "showing the window"


class Crash:
    """Takes the place of ``sys.excepthook`` while the window is open.

    The session is kept first, then a note without anything of a patient is written, then a dialog
    says so and lets the reader go on or close. An error while the dialog is open is only counted.

    Parameters
    ----------
    window : QWidget
        What the dialog belongs to, and what is closed.
    keep : callable
        Keeps the session; may fail itself.
    folder : Path, optional
        Where notes are written; by default where the system keeps such files.
    """

    def __init__(self, window: QWidget, keep: Callable[[], object], folder: Path | None = None) -> None:
        self._window = window
        self._keep = keep
        self._folder = folder
        self._more = 0
        self.dialog: QMessageBox | None = None

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Deal with an error, as ``sys.excepthook`` is called."""
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        error = error.with_traceback(trace)
        kept = self._kept()
        note: Path | None = None
        try:
            note = write_failure(error, _DOING, self._folder)
        except OSError:
            print(described(error, _DOING), file=sys.stderr)
        if self.dialog is not None:
            self._more += 1
            self.dialog.setDetailedText(_times(self._more))
            return
        self._show(kind, note, kept)

    def _kept(self) -> bool:
        try:
            self._keep()
        except Exception:  # what keeps the session may be what is broken
            return False
        return True

    def _show(self, kind: type[BaseException], note: Path | None, kept: bool) -> None:
        dialog = QMessageBox(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setIcon(QMessageBox.Icon.Warning)
        dialog.setWindowTitle("ecgview met an error")
        dialog.setText("The program met an error it did not expect. What is on the screen may be incomplete.")
        session = "The open folder, the record and the layout are kept. " if kept else ""
        written = "No note could be written; its words stand in the terminal."
        if note is not None:
            written = f"A note of it, without names, values or anything of a patient, is in\n{note}"
        dialog.setInformativeText(
            f"Labels are on disk from the moment each was acknowledged. {session}\n\n{written}\n\n({kind.__name__})"
        )
        go_on = dialog.addButton("Go on", QMessageBox.ButtonRole.RejectRole)
        close = dialog.addButton("Close the program", QMessageBox.ButtonRole.AcceptRole)
        if note is not None:
            shown = dialog.addButton("Show the note", QMessageBox.ButtonRole.ActionRole)
            shown.clicked.disconnect()  # looking at the note leaves the question open
            shown.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(note))))
        dialog.setDefaultButton(go_on)
        dialog.setEscapeButton(go_on)
        close.clicked.connect(self._window.close)
        dialog.finished.connect(self._closed)
        self._more, self.dialog = 0, dialog
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None


def _times(more: int) -> str:
    return f"Since then it happened {more} more time{'' if more == 1 else 's'}; each has a note."
