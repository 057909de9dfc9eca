"""The table that rounds and queues are made from: what label and model say of each record and class."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from ecgview.review.cells import unguarded
from ecgview.review.sampling import Candidate

COLUMNS: Final = ("record", "name", "class", "label", "decision", "probability")


class TableError(ValueError):
    """A table that cannot be used; the message names the row."""


def read_candidates(stream: IO[str], source: str) -> list[Candidate]:
    """Read a CSV with the columns :data:`COLUMNS`: content hash, file, class, 0 or 1, 0 or 1, 0 to 1.

    Parameters
    ----------
    stream : text file
    source : str
        The file's name, for messages.

    Raises
    ------
    TableError
        A column is absent, or a cell is not what it should be.
    """
    found: dict[tuple[str, str], Candidate] = {}
    try:
        lines = csv.DictReader(stream, strict=True)
        absent = [name for name in COLUMNS if name not in (lines.fieldnames or ())]
        if absent:
            raise TableError(f"{source}: there is no column {absent[0]!r}; wanted are {', '.join(COLUMNS)}")
        for line in lines:
            cells = {name: unguarded((line[name] or "").strip()) for name in COLUMNS}
            key = cells["record"], cells["class"]
            try:
                probability = float(cells["probability"])
                fits = 0 <= probability <= 1 and all(key) and {cells["label"], cells["decision"]} <= {"0", "1"}
            except ValueError:
                fits = False
            if not fits or key in found:
                why = "stands here a second time" if key in found else "is not complete: 0 or 1, 0 or 1, 0 to 1"
                raise TableError(f"{source}, row {lines.line_num}: class {key[1]!r} of record {key[0][:12]!r} {why}")
            label, decision = cells["label"] == "1", cells["decision"] == "1"
            found[key] = Candidate(key[0], cells["name"], key[1], label, decision, probability)
    except (csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{source}: cannot be read as CSV: {error}") from error
    if not found:
        raise TableError(f"{source}: there is no row in it")
    return list(found.values())


def as_arrays(
    candidates: Sequence[Candidate],
) -> tuple[list[str], tuple[str, ...], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """Return records, classes, and by record and class label, decision and probability.

    Raises
    ------
    TableError
        A record has no row for one of the classes.
    """
    records = list(dict.fromkeys(candidate.record_hash for candidate in candidates))
    codes = tuple(dict.fromkeys(candidate.code for candidate in candidates))
    by_key = {(candidate.record_hash, candidate.code): candidate for candidate in candidates}
    for record in records:
        for code in codes:
            if (record, code) not in by_key:
                raise TableError(f"there is no row for class {code} of record {record[:12]}")
    table = [[by_key[record, code] for code in codes] for record in records]
    labels = np.array([[item.label for item in row] for row in table], bool)
    decisions = np.array([[item.decision for item in row] for row in table], bool)
    return records, codes, labels, decisions, np.array([[item.probability for item in row] for row in table])
