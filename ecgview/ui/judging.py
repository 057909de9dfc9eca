"""The ensemble's reading for the window, by a process beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from ecgview.model.service import unpack
from ecgview.record import Record

_ENDING_MS = 3000


class Judge(QObject):
    """Asks the ensemble for a reading of the record that is shown.

    The process is started with the first question, so that nothing is loaded before the first
    picture, and started anew should it ever have died.

    Parameters
    ----------
    command : sequence of str
        What starts :mod:`ecgview.model.service`.
    parent : QObject, optional

    Attributes
    ----------
    loaded : Signal(dict)
        The ensemble is ready; how many records each class was learned from.
    judged : Signal(str, Prediction)
        A record's content hash and its reading; only for the record asked for last.
    refused : Signal(str, str)
        A record's content hash and, in words, why there is no reading.
    """

    loaded = Signal(dict)
    judged = Signal(str, object)
    refused = Signal(str, str)

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._ticket = 0
        self._asked: Record | None = None
        self._reason = ""
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._listen)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._not_started)

    def ask(self, record: Record) -> None:
        """Ask for a reading of a record, in place of all asked before."""
        self._ticket += 1
        self._asked = record
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self._reason = ""
            self._process.start(self._command[0], self._command[1:])
        self._process.write(json.dumps({"ticket": self._ticket, "path": str(record.path)}).encode() + b"\n")

    def call_off(self) -> None:
        """Want no reading: another record is on its way, or none is shown."""
        self._ticket += 1
        self._asked = None

    def close(self) -> None:
        """End the process."""
        self.call_off()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        for signal in (self._process.readyReadStandardOutput, self._process.finished, self._process.errorOccurred):
            signal.disconnect()
        # It holds nothing that could be lost, so it need not be asked first.
        self._process.kill()
        self._process.waitForFinished(_ENDING_MS)

    def _listen(self) -> None:
        while self._process.canReadLine():
            self._hear(json.loads(bytes(self._process.readLine().data())))

    def _hear(self, said: dict[str, Any]) -> None:
        event = said["event"]
        if event == "loaded":
            self.loaded.emit(said["counts"])
        elif event == "failed":
            self._reason = said["reason"]
        elif said["ticket"] == self._ticket and self._asked is not None:
            digest = self._asked.content_hash
            if event == "refused":
                self.refused.emit(digest, said["reason"])
            elif said["prediction"]["record_hash"] == digest:
                self.judged.emit(digest, unpack(said["prediction"]))
            else:
                self.refused.emit(digest, "the file has changed since it was drawn; open it again")

    def _ended(self) -> None:
        if self._asked is not None:
            reason = self._reason or "the process that runs the model ended unexpectedly"
            self.refused.emit(self._asked.content_hash, reason)

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._asked is not None:
            reason = f"the process that runs the model cannot be started: {self._process.errorString()}"
            self.refused.emit(self._asked.content_hash, reason)
