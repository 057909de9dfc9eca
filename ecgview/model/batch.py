"""Many files judged one after another, and the tables that come of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from ecgview import RESEARCH_USE
from ecgview.model.ensemble import Ensemble
from ecgview.model.prediction import Prediction
from ecgview.model.vocabulary import statements
from ecgview.record import ReadError, Record, read


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one file.

    Attributes
    ----------
    path : str
        As it was given.
    status : str
        ``"ok"``, or ``"refused: …"`` or ``"unreadable: …"`` with the reason.
    prediction : Prediction or None
    """

    path: str
    status: str
    prediction: Prediction | None


def predict_files(ensemble: Ensemble, paths: Iterable[Path]) -> Iterator[Row]:
    """Read and judge files as they come; a bad one gives a row with the reason and stops nothing.

    Parameters
    ----------
    ensemble : Ensemble
    paths : iterable of Path

    Yields
    ------
    Row
        One for each path, in the same order.
    """
    waiting: list[tuple[Path, ReadError | None]] = []

    def records() -> Iterator[Record]:
        for path in paths:
            try:
                record = read(path)
            except ReadError as error:
                waiting.append((path, error))
            else:
                waiting.append((path, None))
                yield record

    def unreadable() -> Iterator[Row]:
        while waiting and waiting[0][1] is not None:
            path, error = waiting.pop(0)
            assert error is not None
            yield Row(str(path), f"unreadable: {error.format}: {error.reason}", None)

    for outcome in ensemble.predict_many(records()):
        yield from unreadable()
        path, _ = waiting.pop(0)
        if isinstance(outcome, Prediction):
            yield Row(str(path), "ok", outcome)
        else:
            yield Row(str(path), f"refused: {outcome}", None)
    yield from unreadable()


class Writer(Protocol):
    """Takes rows one at a time."""

    def write(self, row: Row) -> None:
        """Add one row."""


class CsvWriter:
    """Rows as CSV: record, status, then probability and decision of each class.

    After them: 1 where the record is unlike those the model was trained with, so that its findings
    should not be relied on, and the warnings there are. The last column has no cells; its heading is
    the sentence on research use, which so travels with the table without standing in a reader's way.
    """

    def __init__(self, stream: IO[str], classes: Iterable[str]) -> None:
        self._classes = tuple(classes)
        self._table = csv.writer(stream)
        columns = [column for code in self._classes for column in (code, f"{code}.decision")]
        self._table.writerow(["record", "status", *columns, "unlike", "warnings", RESEARCH_USE])

    def write(self, row: Row) -> None:
        """Add one row; a record without a prediction has empty cells."""
        cells = [""] * (2 * len(self._classes))
        if row.prediction is not None:
            found = zip(row.prediction.probability, row.prediction.decision, strict=True)
            cells = [cell for probability, called in found for cell in (f"{probability:.6f}", str(int(called)))]
        unlikeness = None if row.prediction is None else row.prediction.unlikeness
        warned = ["", ""]
        if unlikeness is not None:
            warned = [str(int(unlikeness.unlike)), " ".join(one.text for one in unlikeness.suspicions)]
        self._table.writerow([row.path, row.status, *cells, *warned, ""])


class JsonWriter:
    """Rows as one JSON object, with members, thresholds and the model's hash."""

    def __init__(self, stream: IO[str], ensemble: Ensemble) -> None:
        head = {
            "research_use": RESEARCH_USE,
            "model": ensemble.bundle.model_hash,
            "names": {code: statements()[code].name for code in ensemble.bundle.classes},
        }
        self._stream = stream
        self._stream.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "records": [')
        self._separator = "\n"

    def write(self, row: Row) -> None:
        """Add one record."""
        entry: dict[str, object] = {"record": row.path, "status": row.status}
        if row.prediction is not None:
            entry |= row.prediction.as_dict()
        self._stream.write(self._separator + json.dumps(entry, ensure_ascii=False))
        self._separator = ",\n"

    def close(self) -> None:
        """End the object."""
        self._stream.write("\n]}\n")


@contextmanager
def table_writer(stream: IO[str], ensemble: Ensemble, as_json: bool) -> Iterator[Writer]:
    """Give a writer of the wanted kind, whole when the block ends."""
    if as_json:
        writer = JsonWriter(stream, ensemble)
        yield writer
        writer.close()
    else:
        yield CsvWriter(stream, ensemble.bundle.classes)
