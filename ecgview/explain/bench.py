"""How long explanations take on this machine, beside shap.GradientExplainer in the same run.

shap draws points at random, so its gap falls with the square root of what it draws. It is given about
ten times as long as our answer took; how long it would take to our gap follows from both gaps.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ecgview.explain.explaining import Explainer
from ecgview.explain.shap_method import ShapAbsentError, shap_attribute
from ecgview.model.ensemble import Ensemble, cores
from ecgview.model.preprocessing import Refusal
from ecgview.record import ReadError, Record, expand, read
from ecgview.resources import resource

RECORDS = 50
# shap is slow: every fifth record is enough for a median.
_SHAP_EVERY = 5
_SHAP_LONGER = 11.0
_SHAP_TRIALS = (20, 100)
IN_TIME = 1.5
"""Seconds after which the answer at hand is judged by its gap."""
# A logit this far from the background's is one there is something to say about.
_FAR = 1.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One record explained.

    Attributes
    ----------
    record, code : str
    difference : float
        Logit minus expected.
    first : float
        Seconds until the first answer.
    enough : float
        Seconds until the last answer: gap below what was asked for, or the finest stage.
    gap : float
        Of the last answer.
    nodes : int
    gap_in_time : float
        Of the answer at hand after :data:`IN_TIME` seconds; of the first where there was none yet.
    shap_seconds, shap_gap : float or None
        shap's time, and its gap by then; None where it was not asked.
    """

    record: str
    code: str
    difference: float
    first: float
    enough: float
    gap: float
    nodes: int
    gap_in_time: float
    shap_seconds: float | None = None
    shap_gap: float | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """All records of a run."""

    records: tuple[Timed, ...]
    shap: bool

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "all": self._medians(self.records),
            "far_from_background": self._medians(tuple(one for one in self.records if abs(one.difference) >= _FAR)),
            "records": [asdict(one) for one in self.records],
        }

    def as_words(self) -> str:
        """Return a few lines for a reader."""
        told = self.as_dict()
        lines = []
        for name, group in (("all", "all"), (f"logit {_FAR:g} or more from the background's", "far_from_background")):
            found = told[group]
            if not found["count"]:
                continue
            lines.append(
                f"{name}, {found['count']} records, medians: first picture {found['first_s']:.2f} s (budget 0.3 s), "
                f"gap after {IN_TIME:g} s {found['gap_in_time']:.2%} (budget 2 %), "
                f"last picture {found['enough_s']:.2f} s with a gap of {found['gap']:.2%}"
            )
            if found["shap_gap"] is not None:
                lines.append(
                    f"  shap.GradientExplainer on {found['shap_count']} of them: gap {found['shap_gap']:.2%} after "
                    f"{found['shap_ratio']:.1f} times as long, where ours is {found['gap_beside_shap']:.2%}; "
                    f"to the same gap it would take {found['times_faster']:.0f} times as long"
                )
        if not self.shap:
            lines.append("shap is not installed, so nothing stands beside it: pip install 'ecgview[explain]'")
        return "\n".join(lines)

    def _medians(self, records: tuple[Timed, ...]) -> dict[str, float | int | None]:
        def median(values: Iterable[float]) -> float | None:
            found = list(values)
            return statistics.median(found) if found else None

        # shap's error falls with the square root of its time.
        beside = [one for one in records if one.shap_gap is not None and one.shap_seconds is not None]
        gap = median(one.gap for one in beside)
        shap_gap = median(one.shap_gap for one in beside if one.shap_gap is not None)
        ratio = median((one.shap_seconds or 0.0) / one.enough for one in beside)
        times = ratio * (shap_gap / gap) ** 2 if gap and shap_gap is not None and ratio is not None else None
        return {
            "count": len(records),
            "first_s": median(one.first for one in records),
            "enough_s": median(one.enough for one in records),
            "gap": median(one.gap for one in records),
            "gap_in_time": median(one.gap_in_time for one in records),
            "below_2_percent": sum(one.gap < 0.02 for one in records),
            "shap_count": len(beside),
            "gap_beside_shap": gap,
            "shap_gap": shap_gap,
            "shap_ratio": ratio,
            "times_faster": times,
        }


def measure_folder(folder: Path | None, count: int = RECORDS, ensemble: Ensemble | None = None) -> Explained:
    """Explain the most probable class of records that lie evenly spread over a folder.

    Parameters
    ----------
    folder : Path or None
        The demo's records by default.
    count : int
        Records at most.
    ensemble : Ensemble, optional
        The bundled one by default.

    Returns
    -------
    Explained
    """
    paths = list(expand([resource("demo") if folder is None else folder]))
    step = max(1, len(paths) // count)
    return measure(_readable(paths[step // 2 :: step]), Ensemble.load() if ensemble is None else ensemble, count)


def measure(records: Iterable[Record], ensemble: Ensemble, count: int = RECORDS) -> Explained:
    """Explain the most probable class of each record; what cannot be judged is left out.

    Parameters
    ----------
    records : iterable of Record
    ensemble : Ensemble
    count : int
        Records at most.

    Returns
    -------
    Explained
    """
    explainer = Explainer(ensemble)
    found: list[Timed] = []
    shap = True
    for record in records:
        if len(found) == count:
            break
        try:
            prediction = ensemble.predict(record)
            code = prediction.classes[int(np.argmax(prediction.probability))]
            if not found:
                next(iter(explainer.refine(record, code)))  # the first time takes longer, as everything's does
            answers = list(explainer.refine(record, code))
        except Refusal:
            continue
        last = answers[-1]
        timed = Timed(
            record.name,
            code,
            last.logit - last.expected,
            answers[0].seconds,
            last.seconds,
            last.gap,
            last.nodes,
            [one for one in answers if one is answers[0] or one.seconds <= IN_TIME][-1].gap,
        )
        if shap and len(found) % _SHAP_EVERY == 0:
            try:
                timed = _beside_shap(explainer, record, timed)
            except ShapAbsentError:
                shap = False
        found.append(timed)
    return Explained(tuple(found), shap)


def _beside_shap(explainer: Explainer, record: Record, timed: Timed) -> Timed:
    """Let shap work for ten times as long and a little more, with all cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(cores())
    try:
        shap_attribute(explainer, record, timed.code, 2)
        few, more = (shap_attribute(explainer, record, timed.code, count).seconds for count in _SHAP_TRIALS)
        # It takes some time however few the samples are.
        each = max(more - few, 1e-6) / (_SHAP_TRIALS[1] - _SHAP_TRIALS[0])
        samples = max(_SHAP_TRIALS[1], round(_SHAP_TRIALS[0] + (_SHAP_LONGER * timed.enough - few) / each))
        found = shap_attribute(explainer, record, timed.code, samples)
    finally:
        torch.set_num_threads(before)
    return replace(timed, shap_seconds=found.seconds, shap_gap=found.gap)


def _readable(paths: Iterable[Path]) -> Iterable[Record]:
    for path in paths:
        try:
            yield read(path)
        except ReadError:
            continue
