"""The list of a run's files, kept on disk: the same files in the same order when the run is gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path


def write_listing(place: Path, paths: Iterable[Path], told: Callable[[int], None] | None = None) -> int:
    """Write paths to a file, a line each.

    Parameters
    ----------
    place : Path
        The file.
    paths : iterable of Path
    told : callable, optional
        Given the number of paths now and then.

    Returns
    -------
    int
        How many there are.
    """
    count = 0
    with place.open("w", encoding="ascii") as stream:
        for path in paths:
            # JSON in ASCII holds every name a file system can have, line ends in it included.
            stream.write(json.dumps(str(path)) + "\n")
            count += 1
            if told is not None and count % 1000 == 0:
                told(count)
    return count


def read_listing(place: Path, start: int = 0) -> Iterator[str]:
    """Yield paths from a file that :func:`write_listing` wrote, from the one at `start` on."""
    with place.open(encoding="ascii") as stream:
        for line in islice(stream, start, None):
            yield json.loads(line)
