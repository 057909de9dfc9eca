"""Asks :mod:`ecgview.ui.review.looker`, one thing at a time; what is asked anew replaces what was asked before."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from ecgview.ui.review.looker import command

_ENDING_MS = 3000


class Looking(QObject):
    """A process that is started for each question and ends with its answer.

    Attributes
    ----------
    progressed : Signal(str, int, int)
        What it does, how many records are done, and of how many; 0 where that is not known.
    done : Signal(dict)
        The answer.
    failed : Signal(str)
        Why there is none.
    """

    progressed = Signal(str, int, int)
    done = Signal(dict)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._process is not None

    def ask(self, wish: dict[str, Any]) -> None:
        """Ask for something in place of what was asked before."""
        self.call_off()
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._listen)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._not_started)
        first, *rest = command()
        process.start(first, rest)
        process.write(json.dumps(wish).encode())
        process.closeWriteChannel()

    def call_off(self) -> None:
        """Want no answer."""
        process, self._process = self._process, None
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.finished, process.errorOccurred):
            signal.disconnect()
        process.kill()
        process.waitForFinished(_ENDING_MS)
        process.deleteLater()

    def _listen(self) -> None:
        while self._process is not None and self._process.canReadLine():
            said = json.loads(bytes(self._process.readLine().data()))
            if said["event"] == "progress":
                self.progressed.emit(said["step"], said["done"], said["of"] or 0)
            elif said["event"] == "done":
                self.call_off()
                self.done.emit(said)
            else:
                self.call_off()
                self.failed.emit(said["reason"])

    def _ended(self) -> None:
        self._listen()
        if self._process is not None:
            self.call_off()
            self.failed.emit("the process that looks through the records ended unexpectedly")

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            reason = self._process.errorString()
            self._process = None
            self.failed.emit(f"the process that looks through the records cannot be started: {reason}")
