"""Rows as text: CSV and JSON, a line at a time, so that a table broken off anywhere can be gone on with."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from ecgview import RESEARCH_USE
from ecgview.model.batch import Row
from ecgview.model.bundle import Bundle
from ecgview.model.vocabulary import statements

_FORMULA = re.compile(r"[=+\-@\t\r]")


class Table(Protocol):
    """A kind of table: what stands before the rows, one row, and what stands after them."""

    def head(self) -> str:
        """Return the lines before the first row."""

    def line(self, row: Row, place: int, /) -> str:
        """Return a row's text with its line end; `place` counts from 0."""

    def tail(self) -> str:
        """Return what follows the last row."""

    def name(self, path: str) -> str:
        """Return how a path is written."""

    def judged(self, line: bytes) -> bool:
        """Return whether a row that :meth:`line` made has a prediction."""

    def path(self, line: bytes) -> str:
        """Return the path in a row that :meth:`line` made, written as :meth:`name` does.

        Raises
        ------
        ValueError
            It is no such row.
        """

    def is_whole(self, text: bytes) -> bool:
        """Return whether lines that begin with a row end with one too, and not in the middle of it."""


class CsvTable:
    """Rows as CSV: record, status, then probability and decision of each class.

    After them: 1 where the record is unlike those the model was trained with, so that its findings
    should not be relied on, and the warnings there are. The last column has no cells; its heading is
    the sentence on research use, which so travels with the table without standing in a reader's way.

    Parameters
    ----------
    bundle : Bundle
        The model.
    """

    _JUDGED = re.compile(rb'(?:"(?:[^"]|"")*"|[^",]*),ok,')

    def __init__(self, bundle: Bundle) -> None:
        self.classes = bundle.classes

    def head(self) -> str:
        """Return the line of headings."""
        columns = [column for code in self.classes for column in (code, f"{code}.decision")]
        return _cells("record", "status", *columns, "unlike", "warnings", RESEARCH_USE)

    def line(self, row: Row, _place: int, /) -> str:
        """Return one row; a record without a prediction has empty cells."""
        cells = [""] * (2 * len(self.classes))
        if row.prediction is not None:
            found = zip(row.prediction.probability, row.prediction.decision, strict=True)
            cells = [cell for probability, called in found for cell in (f"{probability:.6f}", str(int(called)))]
        unlikeness = None if row.prediction is None else row.prediction.unlikeness
        warned = ["", ""]
        if unlikeness is not None:
            warned = [str(int(unlikeness.unlike)), " ".join(one.text for one in unlikeness.suspicions)]
        return _cells(self.name(row.path), row.status, *cells, *warned, "")

    def tail(self) -> str:
        """Return nothing: a table may end after any row."""
        return ""

    def name(self, path: str) -> str:
        """Return how a path is written: never as what a spreadsheet would take for a formula."""
        return _writable(f"./{path}" if _FORMULA.match(path) else path)

    def judged(self, line: bytes) -> bool:
        """Return whether the row has a prediction."""
        return self._JUDGED.match(line) is not None

    def path(self, line: bytes) -> str:
        """Return the path of a row."""
        try:
            (cells,) = csv.reader(io.StringIO(line.decode("utf-8"), newline=""), strict=True)
        except csv.Error as error:
            raise ValueError(str(error)) from error
        if len(cells) != 2 * len(self.classes) + 5:
            raise ValueError("not as many cells as there are columns")
        return cells[0]

    def is_whole(self, text: bytes) -> bool:
        """Return whether lines end outside quotation marks: a path may hold line ends."""
        return text.endswith(b"\r\n") and text.count(b'"') % 2 == 0


class JsonTable:
    """Rows as one JSON object, a record a line, with members, thresholds and the model's hash.

    Parameters
    ----------
    bundle : Bundle
        The model.
    """

    _JUDGED = re.compile(rb',?\{"record": "(?:[^"\\]|\\.)*", "status": "ok"')

    def __init__(self, bundle: Bundle) -> None:
        self._about = {
            "research_use": RESEARCH_USE,
            "model": bundle.model_hash,
            "names": {code: statements()[code].name for code in bundle.classes},
        }

    def head(self) -> str:
        """Return what is said of the model, in one line."""
        return json.dumps(self._about, ensure_ascii=False)[:-1] + ', "records": [\n'

    def line(self, row: Row, place: int, /) -> str:
        """Return one record; the comma stands before it, so that every line but the last is whole by itself."""
        entry: dict[str, object] = {"record": row.path, "status": row.status}
        if row.prediction is not None:
            entry |= row.prediction.as_dict()
        return _writable(("," if place else "") + json.dumps(entry, ensure_ascii=False) + "\n")

    def tail(self) -> str:
        """Return the end of the object."""
        return "]}\n"

    def name(self, path: str) -> str:
        """Return the path itself."""
        return path

    def judged(self, line: bytes) -> bool:
        """Return whether the record has a prediction."""
        return self._JUDGED.match(line) is not None

    def path(self, line: bytes) -> str:
        """Return the path of a record."""
        entry = json.loads(line.removeprefix(b","))
        if not isinstance(entry, dict) or not isinstance(entry.get("record"), str):
            raise ValueError("not a record")
        return str(entry["record"])

    def is_whole(self, text: bytes) -> bool:
        """Return whether lines end with a line end; there is none inside a record."""
        return text.endswith(b"\n")


class Writer:
    """Writes rows to a stream one at a time."""

    def __init__(self, stream: IO[str], table: Table) -> None:
        self._stream, self._table, self._written = stream, table, 0

    def write(self, row: Row) -> None:
        """Add one row."""
        self._stream.write(self._table.line(row, self._written))
        self._written += 1


@contextmanager
def table_writer(stream: IO[str], bundle: Bundle, as_json: bool) -> Iterator[Writer]:
    """Give a writer of the wanted kind; the table is whole when the block ends."""
    table: Table = JsonTable(bundle) if as_json else CsvTable(bundle)
    stream.write(table.head())
    yield Writer(stream, table)
    stream.write(table.tail())


def _cells(*cells: str) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _writable(text: str) -> str:
    """Return text as UTF-8 can hold it: bytes of a file name that are no letters become escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
