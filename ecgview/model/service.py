"""The ensemble as a process of its own, asked over standard input and answering on standard output.

Importing torch holds Python's lock for a fifth of a second at a stretch, during which a window in
the same process would stand still; a crash in native code would take the window with it. So the
window talks to this program instead. One JSON object a line, both ways:

* request: ``{"ticket": 7, "path": "/a/record.hea"}``; only the request that came last counts;
* ``{"event": "loaded", "model": "<hash>", "counts": {"<code>": 916, …}}`` once;
* ``{"event": "judged", "ticket": 7, "prediction": {…}}``;
* ``{"event": "refused", "ticket": 7, "record": "<hash>" or null, "reason": "…"}``;
* ``{"event": "failed", "reason": "…"}``, after which the process ends.

It ends when its input does, and so never outlives the window.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from ecgview.model.likeness import Unlikeness
from ecgview.model.prediction import Prediction


def command(model: Path | None) -> list[str]:
    """Return the command line that starts this program; the bundled model for None."""
    arguments = [] if model is None else [str(model)]
    if getattr(sys, "frozen", False):
        return [sys.executable, "serve", *arguments]
    # -P: a file named torch.py in the folder of somebody's ECGs must not be imported.
    return [sys.executable, "-P", "-m", "ecgview.model.service", *arguments]


def pack(prediction: Prediction) -> dict[str, Any]:
    """Return a prediction as plain values that lose nothing."""
    return {
        "record_hash": prediction.record_hash,
        "model_hash": prediction.model_hash,
        "classes": list(prediction.classes),
        "members": prediction.members.tolist(),
        "thresholds": prediction.thresholds.tolist(),
        "windows": prediction.windows,
        "unlikeness": None if prediction.unlikeness is None else prediction.unlikeness.as_dict(),
    }


def unpack(values: dict[str, Any]) -> Prediction:
    """Return the prediction that :func:`pack` made the values of."""
    return Prediction(
        record_hash=values["record_hash"],
        model_hash=values["model_hash"],
        classes=tuple(values["classes"]),
        members=np.array(values["members"]),
        thresholds=np.array(values["thresholds"]),
        windows=values["windows"],
        unlikeness=None if values["unlikeness"] is None else Unlikeness.from_dict(values["unlikeness"]),
    )


class _Requests:
    """The last request, filled by a thread that reads the input."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._last: dict[str, Any] | None = None
        self.ended = False
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            request = json.loads(line)
            with self._changed:
                self._last = request
                self._changed.notify()
        with self._changed:
            self.ended = True
            self._changed.notify()

    def take(self) -> dict[str, Any] | None:
        """Wait for a request and take it; None when the input has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or self._last is not None)
            taken, self._last = self._last, None
            return None if self.ended else taken

    def overtaken(self) -> bool:
        """Whether what is worked on is no longer wanted."""
        return self.ended or self._last is not None


def serve(model: Path | None, requests: IO[str], answers: IO[str]) -> int:
    """Answer requests until the input ends; return the exit code."""

    def answer(**values: object) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    waiting = _Requests(requests)
    from ecgview.model.bundle import BundleError
    from ecgview.model.ensemble import Ensemble, cores

    try:
        ensemble = Ensemble.load(model, threads=max(1, cores() - 1))  # the window wants a core to itself
    except BundleError as error:
        answer(event="failed", reason=str(error))
        return 1
    answer(event="loaded", model=ensemble.bundle.model_hash, counts=ensemble.bundle.counts)
    while (request := waiting.take()) is not None:
        outcome = _judge(ensemble, Path(request["path"]), waiting.overtaken)
        if outcome is not None:
            answer(ticket=request["ticket"], **outcome)
    return 0


def _judge(ensemble: Any, path: Path, overtaken: Callable[[], bool]) -> dict[str, object] | None:
    from ecgview.model.ensemble import Cancelled
    from ecgview.model.preprocessing import Refusal
    from ecgview.record import ReadError, read

    digest = None
    try:
        record = read(path)
        digest = record.content_hash
        return {"event": "judged", "prediction": pack(ensemble.predict(record, overtaken))}
    except (ReadError, Refusal) as refusal:
        return {"event": "refused", "record": digest, "reason": str(refusal)}
    except Cancelled:
        return None


def main(arguments: list[str]) -> int:
    """Serve on this process's standard streams."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not get between the answers
    return serve(Path(arguments[0]) if arguments else None, sys.stdin, answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
