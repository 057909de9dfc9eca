"""The ensemble as a process of its own, asked over standard input and answering on standard output.

Importing torch holds Python's lock for a fifth of a second at a stretch, during which a window in
the same process would stand still; a crash in native code would take the window with it. So the
window talks to this program instead. One JSON object a line, both ways.

A request names its lane, a ticket, and the file: ``{"lane": "judge", "ticket": 7, "path": "/a/record.hea"}``.
Of a lane only the request that came last counts, and one without a path calls off the one before.
What lies further to the front in :data:`LANES` goes first: work in a lane behind it is broken off and
begun again later. The lanes ask for

* ``judge``: the reading of a record. ``{"event": "judged", "prediction": {…}}``;
* ``what if`` (with ``class`` and ``parts``): the probability with these parts replaced by the
  background. ``{"event": "replaced", "answer": {…}}``;
* ``explain`` and ``beside`` (with ``class``): why; several answers, ever finer.
  ``{"event": "explained", "answer": {…, "last": false}}``;
* ``trust`` (with ``class``): a trial by deletion. ``{"event": "tried", "answer": {…}}``;
* ``population``: what classes rest on over many files (:mod:`ecgview.explain.population_service`).

With ``compared`` (:class:`~ecgview.explain.messages.ComparedWith` as an object) what is asked about a record that
was judged compares it with something else than generated normal ECGs.

Every answer carries lane and ticket. Instead of an answer there may be
``{"event": "refused", "record": "<hash>" or null, "reason": "…"}``. Besides, ``{"event": "loaded",
"model": "<hash>", "counts": {"<code>": 916, …}}`` comes once, or ``{"event": "failed", "reason": "…"}``,
after which the process ends.

It ends when its input does, and so never outlives the window.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from ecgview.explain import population_service
from ecgview.explain.messages import (
    ComparedWith,
    Explanation,
    OverBeat,
    Part,
    Replaced,
    Trial,
    pack,
    pack_explanation,
)
from ecgview.record import ReadError, Record, read

LANES = ("judge", "what if", "explain", "beside", "trust", population_service.LANE)
"""What can be asked for, the most urgent first."""
_BEFORE_S, _AFTER_S = 0.4, 0.8
"""How much of a beat is averaged, around the onset of its QRS complex."""
_KEPT_EXPLAINERS = 2
"""Backgrounds kept besides the generated one, newest last."""
_BEHIND = 5
"""How far this process steps back: it works on all cores, and the window, which asks for little, still comes first."""

Cancelled = Callable[[], bool]


def command(model: Path | None) -> list[str]:
    """Return the command line that starts this program; the bundled model for None."""
    arguments = [] if model is None else [str(model)]
    if getattr(sys, "frozen", False):
        return [sys.executable, "serve", *arguments]
    # -P: a file named torch.py in the folder of somebody's ECGs must not be imported.
    return [sys.executable, "-P", "-m", "ecgview.explain.service", *arguments]


class _Requests:
    """The last request of each lane, filled by a thread that reads the input."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._changed = threading.Condition()
        self._waiting: dict[str, dict[str, Any]] = {}
        self._last: dict[str, int] = {}
        self.ended = False
        threading.Thread(target=self._read, name="requests", daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            request = json.loads(line)
            lane = request["lane"]
            with self._changed:
                self._last[lane] = request["ticket"]
                self._waiting.pop(lane, None)
                if request.get("path") is not None:
                    self._waiting[lane] = request
                self._changed.notify()
        with self._changed:
            self.ended = True
            self._changed.notify()

    def take(self) -> dict[str, Any] | None:
        """Wait for a request and take the most urgent; None when the input has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or bool(self._waiting))
            if self.ended:
                return None
            return self._waiting.pop(min(self._waiting, key=LANES.index))

    def overtaken(self, request: dict[str, Any]) -> bool:
        """Whether a request that is worked on is no longer wanted, or not now."""
        waiting = list(self._waiting)
        urgent = any(LANES.index(lane) < LANES.index(request["lane"]) for lane in waiting)
        return self.ended or urgent or self._last[request["lane"]] != request["ticket"]

    def put_back(self, request: dict[str, Any]) -> None:
        """Let a request wait that was broken off; not if it is no longer wanted."""
        with self._changed:
            if self._last[request["lane"]] == request["ticket"]:
                self._waiting.setdefault(request["lane"], request)


class _NothingToCompareWith(Exception):
    """Raised where there is no record to compare with."""


class _Answers:
    """Works out answers with one ensemble; keeps the last record, and what replaces parts of it."""

    def __init__(self, ensemble: Any) -> None:
        self.ensemble = ensemble
        self._explainers: dict[ComparedWith, Any] = {}
        self._stored: tuple[Any, str] | None = None
        self._record: tuple[str, Record] | None = None
        self._replacing: tuple[tuple[str, str, str], Any, Any] | None = None
        self._folders = population_service.Folders(ensemble, lambda: self._explain_with(ComparedWith()).background)

    def events(self, request: dict[str, Any], cancelled: Cancelled) -> Iterator[dict[str, object]]:
        """Work out what answers a request.

        Raises
        ------
        ecgview.model.ensemble.Cancelled
        """
        from ecgview.model.preprocessing import Refusal

        lane, digest = request["lane"], None
        if lane == population_service.LANE:
            yield from self._folders.events(request, cancelled)
            return
        try:
            # A reading looks at the file; what is asked afterwards is about the record that was read then.
            record = self._read(Path(request["path"]), None if lane == "judge" else request["record"])
            digest = record.content_hash
            if lane == "judge":
                yield {"event": "judged", "prediction": pack(self.ensemble.predict(record, cancelled))}
            elif digest != request["record"]:
                yield _refused(digest, "the file has changed since it was drawn; open it again")
            else:
                explainer = self._explain_with(_compared(request), cancelled)
                yield from self._asked(explainer, record, request, cancelled)
        except (ReadError, Refusal, _NothingToCompareWith) as refusal:
            yield _refused(digest, str(refusal))

    def make_ready(self) -> None:
        """Prepare what records are compared with, so that the first explanation need not wait for it."""
        self._explain_with(ComparedWith())

    def _asked(
        self, explainer: Any, record: Record, request: dict[str, Any], cancelled: Cancelled
    ) -> Iterator[dict[str, object]]:
        lane, code = request["lane"], request["class"]
        if lane in ("explain", "beside"):
            yield from self._explained(explainer, record, code, cancelled)
        elif lane == "what if":
            parts = [Part(tuple(leads), start, end) for leads, start, end in request["parts"]]
            yield {"event": "replaced", "answer": asdict(self._replaced(explainer, record, code, parts, cancelled))}
        else:
            yield {"event": "tried", "answer": asdict(self._tried(explainer, record, code, cancelled))}

    def _read(self, path: Path, digest: str | None) -> Record:
        if digest is not None and self._record is not None and self._record[0] == digest:
            return self._record[1]
        record = read(path)
        self._record = record.content_hash, record
        return record

    def _explain_with(self, compared: ComparedWith, cancelled: Cancelled | None = None) -> Any:
        if compared not in self._explainers:
            from ecgview.explain.explaining import Explainer

            background = self._background(compared, cancelled)
            others = [one for one in self._explainers if one.kind != "normal"]
            if len(others) == _KEPT_EXPLAINERS:
                del self._explainers[others[0]]
            self._explainers[compared] = Explainer(self.ensemble, background=background)
        return self._explainers[compared]

    def _background(self, compared: ComparedWith, cancelled: Cancelled | None) -> Any:
        """Return what is compared with; None for what an explainer takes unasked."""
        if compared.kind == "normal":
            return None
        from ecgview.explain.background import generated_normals, isoelectric
        from ecgview.explain.folder_background import labelled_normal

        preprocessing = self.ensemble.bundle.preprocessing
        if compared.kind == "isoelectric":
            return isoelectric(generated_normals(preprocessing))
        try:
            files = [Path(file) for file in compared.files]
            return labelled_normal(files, preprocessing, kept_back=set(compared.kept_back), cancelled=cancelled)
        except ValueError as error:
            raise _NothingToCompareWith(str(error)) from error

    def _explained(
        self, explainer: Any, record: Record, code: str, cancelled: Cancelled
    ) -> Iterator[dict[str, object]]:
        from ecgview.explain.summaries import wave_shares
        from ecgview.explain.trust import member_agreement

        found = None
        for found in explainer.refine(record, code, cancelled):
            alike = member_agreement(found, self._check()[0])
            summed = found, wave_shares(found), alike.value, alike.low_below
            yield {"event": "explained", "answer": pack_explanation(Explanation(*summed, None, False))}
        if found is not None:
            last = Explanation(*summed, _over_beat(record, found), True)
            yield {"event": "explained", "answer": pack_explanation(last)}

    def _replacing_of(self, explainer: Any, record: Record, code: str) -> tuple[Any, Any]:
        """What replaces parts of this record, and what the ensemble says of all of it."""
        from ecgview.explain.deletion import Replacing

        key = record.content_hash, code, explainer.background.key
        if self._replacing is None or self._replacing[0] != key:
            replacing = Replacing(self.ensemble, record, code, explainer.background)
            self._replacing = key, replacing, replacing.ask(replacing.stretch(()))
        return self._replacing[1:]

    def _replaced(self, explainer: Any, record: Record, code: str, parts: list[Part], cancelled: Cancelled) -> Replaced:
        replacing, whole = self._replacing_of(explainer, record, code)
        mask = replacing.stretch(())
        for part in parts:
            mask |= replacing.stretch(part.leads, part.start, part.end)
        found = replacing.ask(mask, cancelled) if mask.any() else whole
        return Replaced(
            record.content_hash,
            self.ensemble.bundle.model_hash,
            code,
            found.probability,
            found.logit,
            whole.probability,
            whole.logit,
        )

    def _tried(self, explainer: Any, record: Record, code: str, cancelled: Cancelled) -> Trial:
        from ecgview.explain.deletion import deletion_curve

        replacing, _ = self._replacing_of(explainer, record, code)
        found = deletion_curve(replacing, explainer.attribute(record, code, cancelled), cancelled=cancelled)
        model = self.ensemble.bundle.model_hash
        return Trial(record.content_hash, model, code, found.shares, found.named, found.random, self._check()[1])

    def _check(self) -> tuple[Any, str]:
        """The check that is stored with the model, and what it says; what is wrong with it where it cannot be used."""
        from ecgview.explain.trust import CheckError, stored_check

        if self._stored is None:
            try:
                check = stored_check(self.ensemble.bundle)
                self._stored = check, "" if check is None else check.as_words()
            except CheckError as error:
                self._stored = None, f"The stored check cannot be used: {error}."
        return self._stored


def _compared(request: dict[str, Any]) -> ComparedWith:
    told = request.get("compared", {})
    return ComparedWith(told.get("kind", "normal"), tuple(told.get("files", ())), tuple(told.get("kept_back", ())))


def _over_beat(record: Record, found: Any) -> OverBeat | None:
    from ecgview.explain.summaries import over_beat
    from ecgview.signal.delineation import delineate

    beat = over_beat(found, delineate(record), _BEFORE_S, _AFTER_S)
    return None if beat is None else OverBeat(float(beat.seconds[0]), found.hz, beat.values, beat.beats)


def _refused(digest: str | None, reason: str) -> dict[str, object]:
    return {"event": "refused", "record": digest, "reason": reason}


def serve(model: Path | None, requests: IO[str], answers: IO[str]) -> int:
    """Answer requests until the input ends; return the exit code."""

    def answer(**values: object) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    waiting = _Requests(requests)
    from ecgview.model.bundle import BundleError
    from ecgview.model.ensemble import Cancelled, Ensemble, cores

    try:
        ensemble = Ensemble.load(model, threads=cores())
    except BundleError as error:
        answer(event="failed", reason=str(error))
        return 1
    answer(event="loaded", model=ensemble.bundle.model_hash, counts=ensemble.bundle.counts)
    found = _Answers(ensemble)
    while (request := waiting.take()) is not None:
        about = {"lane": request["lane"], "ticket": request["ticket"]}
        try:
            for event in found.events(request, lambda request=request: waiting.overtaken(request)):  # type: ignore[misc]
                answer(**about, **event)
            if request["lane"] == "judge":
                found.make_ready()
        except Cancelled:
            waiting.put_back(request)
    return 0


def main(arguments: list[str]) -> int:
    """Serve on this process's standard streams."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not get between the answers
    if hasattr(os, "nice"):
        os.nice(_BEHIND)
    return serve(Path(arguments[0]) if arguments else None, sys.stdin, answers)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
