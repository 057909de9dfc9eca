"""Work on many records for the window, as a process of its own: worklists, and samples for reading rounds.

Judging many records brings torch and takes a while, weighing labels brings cleanlab: in the window's
own process both would make it stand still. One JSON object is read from standard input; answers are
JSON objects, one a line: ``{"event": "progress", "step": "reading", "done": 7, "of": null}`` and at
the end ``{"event": "done", …}`` or ``{"event": "failed", "reason": "…"}``. No Qt.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

Tell = Callable[[dict[str, Any]], None]
_SELDOM = 8
"""Of so many steps, one is told."""


def command() -> list[str]:
    """Return the command line that starts this program."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "look"]
    # -P: a file named torch.py in the folder of somebody's ECGs must not be imported.
    return [sys.executable, "-P", "-m", "ecgview.ui.review.looker"]


def main(stream: IO[str] | None = None) -> int:
    """Do what is asked for on standard input; return the exit code."""
    wish = json.loads((stream or sys.stdin).read())

    def tell(event: dict[str, Any]) -> None:
        print(json.dumps(event), flush=True)

    try:
        answer = {"worklist": _worklist, "round": _round}[wish["kind"]](wish, tell)
    except Exception as error:  # said in the window, whatever it is
        known = isinstance(error, ValueError | OSError) or type(error).__module__.startswith("ecgview.")
        reason = str(error) if known else f"{type(error).__name__}: {error}"
        tell({"event": "failed", "reason": reason})
        return 1
    tell({"event": "done", **answer})
    return 0


def _worklist(wish: dict[str, Any], tell: Tell) -> dict[str, Any]:
    from ecgview.review.store import Store
    from ecgview.review.worklist import worklist

    judged = _judged(wish, tell)
    without: set[tuple[str, str]] = set()
    if wish["reader"]:
        with Store(wish["store"]) as store:
            without = {(event.record_hash, event.code) for event in store.current_labels(reader=wish["reader"])}
    codes = wish["codes"] or None
    items = worklist(judged, wish["order"], codes, wish["limit"], wish["seed"], without)
    return {"items": [asdict(item) for item in items], "left_out": len(judged.left_out)}


def _round(wish: dict[str, Any], tell: Tell) -> dict[str, Any]:
    from ecgview.review.rounds import Round
    from ecgview.review.sampling import Sample, draw
    from ecgview.review.store import Store
    from ecgview.review.templates import TEMPLATES

    template = TEMPLATES.get(wish["template"])
    codes = list(wish["codes"])
    if template is not None and not wish["table"]:
        from ecgview.training.second_look import axis_candidates

        candidates = axis_candidates(Path(wish["folder"]), _progress(tell))
    else:
        judged = _judged(wish, tell)
        candidates = list(judged.of_classes(codes).candidates())
    sample = draw(candidates, Sample(**wish["sample"]), wish["seed"])
    with Store(wish["store"]) as store:
        made = Round.create(
            store,
            wish["title"],
            sample,
            wish["readers"],
            owner=wish["owner"],
            seed=wish["seed"],
            readings=wish["readings"],
            repeated=wish["repeated"],
            adjudicator=wish["adjudicator"],
            known=candidates,
        )
        readings = {reader: len(made.assignments(reader)) for reader in made.readers}
    return {"round": made.identifier, "title": made.title, "readings": readings, "records": len(sample)}


def _judged(wish: dict[str, Any], tell: Tell) -> Any:
    from ecgview.review.candidates import read_candidates
    from ecgview.review.worklist import Judged

    if wish["table"]:
        path = Path(wish["table"])
        with path.open(encoding="utf-8", newline="") as lines:
            rows = read_candidates(lines, path.name)
        wanted = set(wish["codes"])
        return Judged.of_candidates([row for row in rows if not wanted or row.code in wanted] or rows)
    from ecgview.training.second_look import look

    return look(Path(wish["folder"]), device="cpu", progress=_progress(tell))


def _progress(tell: Tell) -> Callable[[Any], None]:
    counted = _count()

    def progress(step: Any) -> None:
        if next(counted) % _SELDOM == 0 or step.done == step.of:
            tell({"event": "progress", "step": step.step, "done": step.done, "of": step.of})

    return progress


def _count() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


if __name__ == "__main__":
    sys.exit(main())
