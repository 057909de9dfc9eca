"""Tables over a folder for the window: what the process beside it does in its lane ``population``.

``{"lane": "population", "ticket": 7, "path": "", "paths": ["/a/record.hea", …], "among": "found",
"journal": "/cache/1f.rows", "kept_back": ["<hash>", …]}`` is answered now and then by ``{"event": "gathering",
"done": 12, "total": 300, "remaining": 240.5, "left_out": {"unreadable": 1}}`` and at the end by
``{"event": "gathered", "table": "<NPZ in base64>", "left_out": {…}}``.
"""

from __future__ import annotations

import base64
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecgview.explain.journal import Journal

LANE = "population"
_SELDOM_S = 0.2
"""Progress is told no more often."""
_KEPT_JOURNALS = 8
"""Folders whose explanations are kept; those worked on longest ago go first."""


class Folders:
    """Works out tables over folders.

    Keeps the journal of the folder asked for last: work that is broken off for something more urgent is begun
    again often, and must be where it was at once.

    Parameters
    ----------
    ensemble : Ensemble
    background_of : callable
        Returns what records are compared with.
    """

    def __init__(self, ensemble: Any, background_of: Callable[[], Any]) -> None:
        self._ensemble, self._background_of = ensemble, background_of
        self._explainer: Any = None
        self._kept: tuple[Path, Journal] | None = None

    def events(self, request: dict[str, Any], cancelled: Callable[[], bool]) -> Iterator[dict[str, object]]:
        """Work out what answers a request.

        Raises
        ------
        ecgview.model.ensemble.Cancelled
        """
        from ecgview.explain.output import ExplanationError
        from ecgview.explain.population_run import gathering

        left_out: Counter[str] = Counter()
        files = [Path(path) for path in request["paths"]]
        try:
            work = gathering(
                self._explain_with(),
                files,
                self._ensemble.bundle.classes,
                request["among"],
                self._journal(Path(request["journal"])),
                lambda _, reason: left_out.update([reason.partition(":")[0]]),
                cancelled,
                frozenset(request["kept_back"]),
            )
            told = 0.0
            while True:
                try:
                    step = next(work)
                except StopIteration as end:
                    table = end.value
                    break
                now = time.monotonic()
                # What was known before goes by unsaid: the work is often begun again, and progress must not jump back.
                if step.remaining is not None and now - told >= _SELDOM_S:
                    told = now
                    yield {
                        "event": "gathering",
                        "done": step.done,
                        "total": step.total,
                        "remaining": step.remaining,
                        "left_out": dict(left_out),
                    }
        except (ExplanationError, OSError) as error:
            yield {"event": "refused", "record": None, "reason": str(error)}
            return
        packed = base64.b64encode(table.to_bytes()).decode()
        yield {"event": "gathered", "table": packed, "left_out": dict(left_out)}

    def _explain_with(self) -> Any:
        if self._explainer is None:
            from ecgview.explain.explaining import Explainer
            from ecgview.explain.population_run import SETTINGS

            self._explainer = Explainer(self._ensemble, SETTINGS, self._background_of())
        return self._explainer

    def _journal(self, path: Path) -> Journal:
        from ecgview.explain.journal import Journal

        if self._kept is None or self._kept[0] != path:
            path.parent.mkdir(parents=True, exist_ok=True)
            others = [other for other in path.parent.glob(f"*{path.suffix}") if other != path]
            for other in sorted(others, key=lambda other: other.stat().st_mtime)[: -(_KEPT_JOURNALS - 1)]:
                other.unlink(missing_ok=True)
            self._kept = path, Journal(path)
        return self._kept[1]
