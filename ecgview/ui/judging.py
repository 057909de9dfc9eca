"""The ensemble's reading for the window: torch is loaded and run on a worker's thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ecgview.record import Record
from ecgview.ui.background import Cancelled, Latest

if TYPE_CHECKING:
    from ecgview.model.ensemble import Ensemble
    from ecgview.model.prediction import Prediction


class Judge(QObject):
    """Asks the ensemble for a reading of the record that is shown.

    Attributes
    ----------
    judged : Signal(str, Prediction)
        The record's content hash and its reading. Only for the record asked for last.
    refused : Signal(str, str)
        The record's content hash and, in words, why the model does not judge it.
    loaded : Signal(Bundle)
        The ensemble is ready; sent once.

    Parameters
    ----------
    model : Path, optional
        A model's folder; the bundled one by default.
    """

    judged = Signal(str, object)
    refused = Signal(str, str)
    loaded = Signal(object)

    def __init__(self, model: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._ensemble: Ensemble | None = None
        self._asked: str | None = None
        self._worker = Latest(self._judge, "judging", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)

    def ask(self, record: Record) -> None:
        """Ask for a reading of a record, in place of all asked before."""
        self._asked = record.content_hash
        self._worker.ask(record)

    def call_off(self) -> None:
        """Want no reading: another record is on its way, or none is shown."""
        self._asked = None
        self._worker.call_off()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _judge(self, record: Record, cancelled: Cancelled) -> tuple[str, Prediction | str] | None:
        from ecgview.model.ensemble import Cancelled as CalledOff
        from ecgview.model.ensemble import Ensemble, spare_one_core
        from ecgview.model.preprocessing import Refusal

        if self._ensemble is None:
            spare_one_core()
            self._ensemble = Ensemble.load(self._model)
            self.loaded.emit(self._ensemble.bundle)
        try:
            return record.content_hash, self._ensemble.predict(record, cancelled)
        except Refusal as refusal:
            return record.content_hash, str(refusal)
        except CalledOff:
            return None

    def _take(self, ticket: int, answer: tuple[str, Prediction | str] | None) -> None:
        if ticket != self._worker.ticket or answer is None or answer[0] != self._asked:
            return
        digest, outcome = answer
        if isinstance(outcome, str):
            self.refused.emit(digest, outcome)
        else:
            self.judged.emit(digest, outcome)

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket and self._asked is not None:
            self.refused.emit(self._asked, str(error))
