"""Records of a folder to compare with: those whose labels say normal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from ecgview.explain.background import Background, background_of
from ecgview.explain.pieces import go_on
from ecgview.model.preprocessing import Preprocessing
from ecgview.record import ReadError, Record, read

_NORMAL = "NORM"
_SINUS_RHYTHM = "426783006"
"""In SNOMED CT."""


def says_normal(record: Record) -> bool:
    """Return whether the labels that came with a record say that it is a normal ECG.

    PTB-XL has a statement of its own for it; the Challenges' records are normal where sinus rhythm is all
    there is to say, and not where something is said besides.
    """
    codes = {label.code for label in record.labels}
    return _NORMAL in codes or codes == {_SINUS_RHYTHM}


def labelled_normal(
    files: Sequence[Path],
    preprocessing: Preprocessing,
    count: int = 8,
    seed: int = 1,
    kept_back: Collection[str] = frozenset(),
    cancelled: Callable[[], bool] | None = None,
) -> Background:
    """Take records whose labels say normal.

    Parameters
    ----------
    files : sequence of Path
        Looked at in a random order, so that those taken lie anywhere in the folder.
    preprocessing : Preprocessing
        Of the model.
    count : int
        At most so many.
    seed : int
        Of the order: the same files give the same background.
    kept_back : collection of str
        Content hashes of records that are not taken: named here, their labels would be told.
    cancelled : callable, optional

    Returns
    -------
    Background

    Raises
    ------
    ValueError
        No record can be taken.
    ecgview.model.ensemble.Cancelled
    """

    def normal() -> Iterator[Record]:
        for place in np.random.default_rng([seed, 23]).permutation(len(files)):
            go_on(cancelled)
            try:
                record = read(files[place])
            except ReadError:
                continue
            if says_normal(record) and record.content_hash not in kept_back:
                yield record

    try:
        return background_of(normal(), preprocessing, count, "labelled normal")
    except ValueError as error:
        among = f"{len(files):,} file{'' if len(files) == 1 else 's'}"
        raise ValueError(f"no record that can be compared with is labelled normal among {among}") from error
