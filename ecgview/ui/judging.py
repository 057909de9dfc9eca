"""The ensemble's reading and its reasons for the window, by a process beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from ecgview.explain.messages import ComparedWith, Part, Replaced, Trial, unpack, unpack_explanation
from ecgview.explain.population import PopulationTable
from ecgview.explain.population_service import LANE as POPULATION
from ecgview.record import Record

_ENDING_MS = 3000
_CHANGED = "the file has changed since it was drawn; open it again"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a lane waits for."""

    digest: str
    code: str


class Judge(QObject):
    """Asks the ensemble about the record that is shown: for a reading of it, and why.

    The process is started with the first question, so that nothing is loaded before the first
    picture, and started anew should it ever have died. Of each kind of question only the last
    asked is answered.

    Parameters
    ----------
    command : sequence of str
        What starts :mod:`ecgview.explain.service`.
    parent : QObject, optional

    Attributes
    ----------
    loaded : Signal(dict)
        The ensemble is ready; how many records each class was learned from.
    judged : Signal(str, Prediction)
        A record's content hash and its reading; only for the record asked for last.
    refused : Signal(str, str)
        A record's content hash and, in words, why there is no reading.
    explained : Signal(str, Explanation)
        The lane and an answer to what was asked in it last; finer ones follow until one is the last.
    replaced : Signal(Replaced)
        The answer to a what-if.
    tried : Signal(Trial)
        The answer to a trial.
    unanswered : Signal(str, str, str, str)
        Lane, the record's content hash, class, and in words why there is no answer.
    gathering : Signal(int, int, float, dict)
        Of a table over many files: how many are done, of how many, seconds that remain, and how many were left
        out for which reason.
    gathered : Signal(PopulationTable, dict)
        The table, and how many files were left out for which reason.
    not_gathered : Signal(str)
        Why there is no table.
    """

    loaded = Signal(dict)
    judged = Signal(str, object)
    refused = Signal(str, str)
    explained = Signal(str, object)
    replaced = Signal(object)
    tried = Signal(object)
    unanswered = Signal(str, str, str, str)
    gathering = Signal(int, int, float, dict)
    gathered = Signal(object, dict)
    not_gathered = Signal(str)

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._ticket = 0
        self._tickets: dict[str, int] = {}
        self._asked: dict[str, _Asked] = {}
        self._reason = ""
        self._model = ""
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._listen)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._not_started)

    @property
    def model(self) -> str:
        """The hash of the model that was loaded last; empty before the first."""
        return self._model

    # ---------------------------------------------------------------- questions

    def ask(self, record: Record) -> None:
        """Ask for a reading of a record, in place of all asked before."""
        self._request("judge", record)

    def explain(self, record: Record, code: str, compared: ComparedWith, lane: str = "explain") -> None:
        """Ask why; in the lane ``"beside"`` for a second class of the same record."""
        self._request(lane, record, code, compared)

    def what_if(self, record: Record, code: str, compared: ComparedWith, parts: Sequence[Part]) -> None:
        """Ask what the ensemble says with parts of the record replaced."""
        told = [(one.leads, one.start, one.end) for one in parts]
        self._request("what if", record, code, compared, parts=told)

    def try_out(self, record: Record, code: str, compared: ComparedWith) -> None:
        """Ask how the ensemble falls without what the explanation names."""
        self._request("trust", record, code, compared)

    def gather(self, listed: str, among: str, journal: Path, kept_back: Collection[str]) -> None:
        """Ask what classes rest on over many files; whatever is asked about the record shown goes first.

        Parameters
        ----------
        listed : str
            The files, from :func:`listed_files`.
        among : {"found", "labelled", "all"}
            Which records count for a class.
        journal : Path
            Where what was found is kept, so that asking again goes on.
        kept_back : collection of str
            Content hashes of records that must not be looked at.
        """
        request = self._opened(POPULATION, _Asked("", ""))
        request |= {"path": "", "among": among, "journal": str(journal), "kept_back": sorted(kept_back)}
        self._process.write(f'{json.dumps(request)[:-1]}, "paths": {listed}}}\n'.encode())

    def call_off(self) -> None:
        """Want no answer about a record: another one is on its way, or none is shown."""
        for lane in tuple(self._tickets):
            if lane != POPULATION:
                self.call_off_lane(lane)

    def call_off_lane(self, lane: str) -> None:
        """Want no answer of one kind: ``"explain"``, ``"beside"``, ``"what if"``, ``"trust"`` or ``"population"``."""
        waited = self._asked.pop(lane, None)
        self._ticket += 1
        self._tickets[lane] = self._ticket
        if waited is not None and self._process.state() == QProcess.ProcessState.Running:
            self._send({"lane": lane, "ticket": self._ticket})

    def waits(self, lane: str) -> bool:
        """Whether an answer of one kind is still to come."""
        return lane in self._asked

    def close(self) -> None:
        """End the process."""
        self._asked.clear()
        self._tickets.clear()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        for signal in (self._process.readyReadStandardOutput, self._process.finished, self._process.errorOccurred):
            signal.disconnect()
        # It holds nothing that could be lost, so it need not be asked first.
        self._process.kill()
        self._process.waitForFinished(_ENDING_MS)

    # ---------------------------------------------------------------- how it is done

    def _request(
        self, lane: str, record: Record, code: str = "", compared: ComparedWith | None = None, **more: object
    ) -> None:
        request = self._opened(lane, _Asked(record.content_hash, code))
        about: dict[str, object] = {}
        if compared is not None:
            about = {"record": record.content_hash, "class": code, "compared": asdict(compared), **more}
        self._send({**request, "path": str(record.path), **about})

    def _opened(self, lane: str, asked: _Asked) -> dict[str, Any]:
        """Return the beginning of a request in place of the lane's last, and see that there is somebody to hear it."""
        self._ticket += 1
        self._tickets[lane] = self._ticket
        self._asked[lane] = asked
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self._reason = ""
            self._process.start(self._command[0], self._command[1:])
        return {"lane": lane, "ticket": self._ticket}

    def _send(self, request: dict[str, Any]) -> None:
        self._process.write(json.dumps(request).encode() + b"\n")

    def _listen(self) -> None:
        while self._process.canReadLine():
            self._hear(json.loads(bytes(self._process.readLine().data())))

    def _hear(self, said: dict[str, Any]) -> None:
        event = said["event"]
        if event == "loaded":
            self._model = said["model"]
            self.loaded.emit(said["counts"])
        elif event == "failed":
            self._reason = said["reason"]
        elif said["ticket"] == self._tickets.get(said["lane"]) and said["lane"] in self._asked:
            self._take(said["lane"], event, said)

    def _take(self, lane: str, event: str, said: dict[str, Any]) -> None:
        asked = self._asked[lane]
        if event == "explained" and not said["answer"]["last"]:
            self.explained.emit(lane, unpack_explanation(said["answer"]))
            return
        if event == "gathering":
            self.gathering.emit(said["done"], said["total"], said["remaining"], said["left_out"])
            return
        del self._asked[lane]
        if event == "refused":
            self._refuse(lane, asked, said["reason"])
        elif event == "judged":
            if said["prediction"]["record_hash"] == asked.digest:
                self.judged.emit(asked.digest, unpack(said["prediction"]))
            else:
                self.refused.emit(asked.digest, _CHANGED)
        elif event == "explained":
            self.explained.emit(lane, unpack_explanation(said["answer"]))
        elif event == "replaced":
            self.replaced.emit(Replaced(**said["answer"]))
        elif event == "tried":
            told: dict[str, Any] = said["answer"]
            told |= {name: tuple(told[name]) for name in ("shares", "named", "random")}
            self.tried.emit(Trial(**told))
        elif event == "gathered":
            self.gathered.emit(PopulationTable.from_bytes(base64.b64decode(said["table"])), said["left_out"])

    def _refuse(self, lane: str, asked: _Asked, reason: str) -> None:
        if lane == "judge":
            self.refused.emit(asked.digest, reason)
        elif lane == POPULATION:
            self.not_gathered.emit(reason)
        else:
            self.unanswered.emit(lane, asked.digest, asked.code, reason)

    def _refuse_all(self, reason: str) -> None:
        waiting, self._asked = self._asked, {}
        for lane, asked in waiting.items():
            self._refuse(lane, asked, reason)

    def _ended(self) -> None:
        self._refuse_all(self._reason or "the process that runs the model ended unexpectedly")

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._refuse_all(f"the process that runs the model cannot be started: {self._process.errorString()}")


def listed_files(paths: Iterable[Path]) -> str:
    """Return files as :meth:`Judge.gather` takes them; of very many this takes a while."""
    return json.dumps([str(path) for path in paths])
