"""Work on the ensemble in pieces: how large they are, and whether to go on after each."""

from __future__ import annotations

from collections.abc import Callable

from ecgview.model.ensemble import Cancelled

PATHS_AT_ONCE = {"cpu": 8, "cuda": 128}
"""Windows that a network sees together: small enough for a core's cache, large enough to keep a GPU busy."""


def go_on(cancelled: Callable[[], bool] | None) -> None:
    """Raise :class:`Cancelled` where the caller no longer wants the result."""
    if cancelled is not None and cancelled():
        raise Cancelled
