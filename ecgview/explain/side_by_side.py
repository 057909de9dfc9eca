"""Work on the ensemble in pieces: on the CPU one core each, on a GPU one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from ecgview.model.ensemble import Cancelled, Ensemble

Job = TypeVar("Job")
Found = TypeVar("Found")

PATHS_AT_ONCE = {"cpu": 8, "cuda": 128}
"""Windows that a network sees together: small enough for a core's cache, large enough to keep a GPU busy."""


def side_by_side(ensemble: Ensemble, work: Callable[[Job], Found], jobs: list[Job]) -> Iterator[Found]:
    """Do jobs; what they find comes in their order, the same every time.

    Parameters
    ----------
    ensemble : Ensemble
        Says where, and on how many cores.
    work : callable
    jobs : list
    """
    if ensemble.device.type == "cpu":
        with ThreadPoolExecutor(ensemble.threads, "explaining", torch.set_num_threads, (1,)) as pool:
            yield from pool.map(work, jobs)
    else:
        with torch.backends.cudnn.flags(deterministic=True, benchmark=False):
            for job in jobs:
                yield work(job)


def go_on(cancelled: Callable[[], bool] | None) -> None:
    """Raise :class:`Cancelled` where the caller no longer wants the result."""
    if cancelled is not None and cancelled():
        raise Cancelled
