"""Many files judged one after another, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ecgview.model.prediction import Prediction
from ecgview.record import ReadError, Record, read

if TYPE_CHECKING:  # torch takes seconds to import; whoever has an ensemble has it already
    from ecgview.model.ensemble import Ensemble

CHUNK = 64
"""Files judged together.

Sums over windows round a little differently in company: the same files in the same chunks give the
same numbers to the last bit, wherever and in whatever order the chunks are judged.
"""

_T = TypeVar("_T")


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
    for chunk in chunks(paths):
        yield from judge_chunk(ensemble, chunk)


def chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """Cut a stream into lists of `size`; the last may be shorter."""
    stream = iter(items)
    while chunk := list(islice(stream, size)):
        yield chunk


def judge_chunk(ensemble: Ensemble, paths: Sequence[Path]) -> list[Row]:
    """Read and judge some files together.

    Parameters
    ----------
    ensemble : Ensemble
    paths : sequence of Path

    Returns
    -------
    list of Row
        One for each path, in the same order. A fault nobody foresaw is found by judging the files
        one by one, and costs the file that has it.
    """
    try:
        return list(_judged(ensemble, paths))
    except Exception:
        return [_judged_alone(ensemble, path) for path in paths]


def _judged_alone(ensemble: Ensemble, path: Path) -> Row:
    try:
        (row,) = _judged(ensemble, [path])
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Row(str(path), f"refused: the program failed on it ({reason})", None)
    return row


def _judged(ensemble: Ensemble, paths: Iterable[Path]) -> Iterator[Row]:
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
