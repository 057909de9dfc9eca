"""Predictions and explanations as plain values for a pipe, and back. Needs neither torch nor scipy."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.explain.attribution import Attribution, Settings
from ecgview.model.likeness import Unlikeness
from ecgview.model.prediction import Prediction


@dataclass(frozen=True, eq=False)
class OverBeat:
    """Attribution averaged over the beats of the prevailing kind.

    Attributes
    ----------
    start : float
        Seconds from the onset of the QRS complex to the first sample; negative.
    hz : float
    values : ndarray of float32, shape (12, samples)
        Logits a sample, leads in standard order.
    beats : int
        How many were averaged.
    """

    start: float
    hz: float
    values: NDArray[np.float32]
    beats: int


@dataclass(frozen=True, eq=False)
class Explanation:
    """An attribution with what is summed up from it.

    Attributes
    ----------
    attribution : Attribution
    waves : mapping of str to float
        Share of each wave.
    agreement : float
        How alike the members rank leads and waves, -1 to 1; NaN where that cannot be said.
    low_below : float
        What counts as low agreement of this model.
    beat : OverBeat or None
        None while the attribution is coarse, and where no beat lies wholly in the record.
    last : bool
        Whether no finer answer follows.
    """

    attribution: Attribution
    waves: Mapping[str, float]
    agreement: float
    low_below: float
    beat: OverBeat | None
    last: bool

    @property
    def doubtful(self) -> bool:
        """Whether the members agree too little, or it cannot be said that they do."""
        return not self.agreement >= self.low_below


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of time in some leads.

    Attributes
    ----------
    leads : tuple of str
    start, end : float
        Seconds from the beginning of the record.
    """

    leads: tuple[str, ...]
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class ComparedWith:
    """What a record is compared with when it is explained.

    Attributes
    ----------
    kind : {"normal", "isoelectric", "folder"}
        Generated normal ECGs, the isoelectric line, or records of a folder that are labelled normal.
    files : tuple of str
        Of the folder.
    kept_back : tuple of str
        Content hashes of records that must not be taken.
    """

    kind: str = "normal"
    files: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """What the ensemble says once parts of a record are replaced by the background.

    Attributes
    ----------
    record_hash, model_hash, code : str
    probability, logit : float
        With the parts replaced.
    whole_probability, whole_logit : float
        With nothing replaced.
    """

    record_hash: str
    model_hash: str
    code: str
    probability: float
    logit: float
    whole_probability: float
    whole_logit: float


@dataclass(frozen=True, slots=True)
class Trial:
    """How far the logit falls without the cells that an explanation names, beside as many at random.

    Attributes
    ----------
    record_hash, model_hash, code : str
    shares, named, random : tuple of float
        As :class:`ecgview.explain.deletion.Deletion` has them.
    check : str
        What became of the model's explanations with its weights randomised, in words; empty where that was not tried.
    """

    record_hash: str
    model_hash: str
    code: str
    shares: tuple[float, ...]
    named: tuple[float, ...]
    random: tuple[float, ...]
    check: str


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


_PLAIN = ("record_hash", "model_hash", "code", "method", "background", "hz", "probability", "logit", "expected")
_COUNTED = ("nodes", "seconds")
_BARS = ("patient", "measured", "measurable")


def pack_explanation(found: Explanation) -> dict[str, Any]:
    """Return an explanation as plain values that lose nothing."""
    one, beat = found.attribution, found.beat
    return {
        **{name: getattr(one, name) for name in (*_PLAIN, *_COUNTED)},
        **{name: dict(getattr(one, name)) for name in _BARS},
        "values": _packed(one.values),
        "starts": list(one.starts),
        "sample_waves": _packed(one.waves.astype(np.int8)),
        "member_shares": one.member_shares.tolist(),
        "settings": asdict(one.settings),
        "waves": dict(found.waves),
        "agreement": found.agreement if np.isfinite(found.agreement) else None,
        "low_below": found.low_below,
        "beat": None
        if beat is None
        else {"start": beat.start, "hz": beat.hz, "values": _packed(beat.values), "beats": beat.beats},
        "last": found.last,
    }


def unpack_explanation(values: dict[str, Any]) -> Explanation:
    """Return the explanation that :func:`pack_explanation` made the values of."""
    settings: dict[str, Any] = {**values["settings"], "nodes": tuple(values["settings"]["nodes"])}
    plain: dict[str, Any] = {name: values[name] for name in (*_PLAIN, *_COUNTED)}
    bars: dict[str, Any] = {name: MappingProxyType(values[name]) for name in _BARS}
    beat = values["beat"]
    return Explanation(
        Attribution(
            **plain,
            **bars,
            values=_unpacked(values["values"]),
            starts=tuple(values["starts"]),
            waves=_unpacked(values["sample_waves"]).astype(np.int64),
            member_shares=np.array(values["member_shares"]),
            settings=Settings(**settings),
        ),
        waves=MappingProxyType(values["waves"]),
        agreement=float("nan") if values["agreement"] is None else values["agreement"],
        low_below=values["low_below"],
        beat=None if beat is None else OverBeat(beat["start"], beat["hz"], _unpacked(beat["values"]), beat["beats"]),
        last=values["last"],
    )


def _packed(values: NDArray[Any]) -> dict[str, Any]:
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return {"type": little.dtype.str, "shape": list(values.shape), "bytes": base64.b64encode(little.tobytes()).decode()}


def _unpacked(values: dict[str, Any]) -> NDArray[Any]:
    flat = np.frombuffer(base64.b64decode(values["bytes"]), np.dtype(values["type"]))
    return flat.reshape(values["shape"])
