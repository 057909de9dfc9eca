"""How unlike the recordings that were learned from a record is, and why.

Three questions, each answered in the logarithm of odds and joined as odds are: does the signal look
like an ECG of twelve good leads (:mod:`ecgview.model.signal_quantities`), are the limb electrodes in
their places (:mod:`ecgview.model.electrode_order`), do the durations fit the sampling rate
(:mod:`ecgview.model.time_scale`)? All of it is learned from training records alone; docs/unlikeness.md
shows what was compared and how well it does. Needs no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from ecgview.model.bundle import REFERENCE
from ecgview.model.compared import Measured, measured, prepare_anything
from ecgview.model.electrode_order import TERMS, ElectrodeOrder, taken_back
from ecgview.model.likeness import Suspicion, Unlikeness
from ecgview.model.preprocessing import Prepared, Preprocessing
from ecgview.model.signal_quantities import BOTH_WAYS, QUANTITIES
from ecgview.model.time_scale import DURATIONS, UNKNOWN, TimeScale
from ecgview.model.unlikeness_words import gain_words, rate_words, reversal_words, signal_reasons
from ecgview.record import Record

FALSE_ALARMS = 0.02
"""Share of recordings like the training records that are called unlike them."""

SUSPECTED_WRONGLY = 0.01
"""Share of them whose limb leads, and whose rate, are wrongly suspected."""

# The edge of the known is where one in a hundred training records lies beyond; quantities as narrow
# as this are not told apart.
_EDGE = 0.99
_NARROWEST = 0.01
# Several quantities off at once weigh more than one: the mean of the largest five is judged.
_LARGEST = 5
_WORTH_A_WORD = 1.0
# A gain is wrong by a power of ten. Amplitudes this far from the usual, and beyond all but one in a
# thousand training records, are nearer to such an error than to the usual.
_GAIN_FACTOR = np.sqrt(10.0)
_GAIN_TAIL = 0.001
_BOTH = np.array([quantity in BOTH_WAYS for quantity, _ in QUANTITIES])
_AMPLITUDE = QUANTITIES.index(("amplitude", ""))


_SHAPES: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("middle", "above", "below"), (len(QUANTITIES),)),
    **dict.fromkeys(("order_mean", "order_scale", "order_weights"), (TERMS,)),
    "duration_mean": (len(DURATIONS),),
    "duration_covariance": (len(DURATIONS), len(DURATIONS)),
    **dict.fromkeys(("signal_scale", "limits", "gain"), (3,)),
}


class ReferenceFileError(Exception):
    """A file that holds no usable reference; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The answers to the three questions, and the score they make.

    Attributes
    ----------
    signal, limb_leads, rate : float
        Log odds that the signal is no good ECG, limb electrodes are exchanged, the rate is wrong by
        a factor of two.
    exchange : int
        The likeliest of :data:`ecgview.model.electrode_order.EXCHANGES`.
    factor : float
        1 where durations look doubled, -1 where halved.
    """

    signal: float
    limb_leads: float
    rate: float
    exchange: int
    factor: float

    @property
    def score(self) -> float:
        """Log odds of any of the three."""
        return float(np.logaddexp.reduce([self.signal, self.limb_leads, self.rate]))


@dataclass(frozen=True, eq=False)
class Reference:
    """What is known of the training records.

    Attributes
    ----------
    middle, above, below : ndarray of float64, shape (quantities,)
        Median of each quantity, and how far the edges of the known lie above and below it.
    order_mean, order_scale, order_weights : ndarray of float64, shape (terms,)
        See :class:`ecgview.model.electrode_order.ElectrodeOrder`.
    duration_mean, duration_covariance : ndarray of float64
        See :class:`ecgview.model.time_scale.TimeScale`.
    signal_scale : ndarray of float64, shape (3,)
        Excess at which one in ten and one in a hundred held-out records lie, and the odds of the latter.
    limits : ndarray of float64, shape (3,)
        Score, limb leads' odds and rate's odds above which a record is unlike or suspected.
    gain : ndarray of float64, shape (3,)
        Usual amplitude, and those that one in a thousand lies below and above, mV.
    """

    middle: NDArray[np.float64]
    above: NDArray[np.float64]
    below: NDArray[np.float64]
    order_mean: NDArray[np.float64]
    order_scale: NDArray[np.float64]
    order_weights: NDArray[np.float64]
    duration_mean: NDArray[np.float64]
    duration_covariance: NDArray[np.float64]
    signal_scale: NDArray[np.float64]
    limits: NDArray[np.float64]
    gain: NDArray[np.float64]

    @classmethod
    def fit(cls, records: Sequence[Measured], parts: NDArray[np.int64]) -> Reference:
        """Learn from training records.

        Limits are set on records that were kept from what judges them: part by part.

        Parameters
        ----------
        records : sequence of Measured
            Of good recordings.
        parts : ndarray of int64, shape (records,)
            Groups that share no patient, two or more.

        Raises
        ------
        ValueError
            Fewer than two parts, or too few records with beats and durations.
        """
        groups = np.unique(parts)
        if len(groups) < 2 or len(parts) != len(records):
            raise ValueError("records come in two parts or more, and each has its part")
        excess = np.zeros(len(records))
        limb_leads, rate = np.full(len(records), UNKNOWN), np.full(len(records), UNKNOWN)
        for group in groups:
            inside = np.flatnonzero(parts == group)
            without = cls._statistics([record for record, part in zip(records, parts, strict=True) if part != group])
            for place in inside.tolist():
                excess[place] = without._excess(records[place])[0]
                limb_leads[place] = without._limb_leads(records[place])[0]
                rate[place] = without._rate(records[place])[0]
        signal_scale = np.array(
            [np.quantile(excess, 0.90), np.quantile(excess, 0.99), np.quantile(limb_leads, 1.0 - FALSE_ALARMS)]
        )
        scores = np.logaddexp(np.logaddexp(limb_leads, rate), _signal_odds(excess, signal_scale))
        limits = np.array(
            [
                np.quantile(scores, 1.0 - FALSE_ALARMS),
                np.quantile(limb_leads, 1.0 - SUSPECTED_WRONGLY),
                max(0.0, np.quantile(rate, 1.0 - SUSPECTED_WRONGLY)),
            ]
        )
        whole = cls._statistics(records)
        kept = {field.name: getattr(whole, field.name) for field in fields(cls)}
        return cls(**kept | {"signal_scale": signal_scale, "limits": limits})

    @classmethod
    def _statistics(cls, records: Sequence[Measured]) -> Reference:
        """Learn all but the limits."""
        looks = np.concatenate([record.looks for record in records])
        middle = np.median(looks, axis=0)
        with_beats = [record.terms for record in records if len(record.terms)]
        if not with_beats:
            raise ValueError("no record has beats in all leads")
        order = ElectrodeOrder.fit(np.concatenate(with_beats))
        scale = TimeScale.fit(np.stack([record.durations for record in records]))
        amplitudes = np.array([record.amplitude for record in records])
        return cls(
            middle=middle,
            above=np.maximum(np.quantile(looks, _EDGE, axis=0) - middle, _NARROWEST),
            below=np.maximum(middle - np.quantile(looks, 1.0 - _EDGE, axis=0), _NARROWEST),
            order_mean=order.mean,
            order_scale=order.scale,
            order_weights=order.weights,
            duration_mean=scale.mean,
            duration_covariance=scale.covariance,
            signal_scale=np.array([0.0, 1.0, 0.0]),
            limits=np.zeros(3),
            gain=np.quantile(amplitudes, [0.5, _GAIN_TAIL, 1.0 - _GAIN_TAIL]),
        )

    def save(self, folder: Path) -> Path:
        """Write the reference into a model's folder; return its file."""
        path = folder / REFERENCE
        save_file({field.name: np.ascontiguousarray(getattr(self, field.name)) for field in fields(self)}, path)
        return path

    @classmethod
    def load(cls, folder: Path) -> Reference:
        """Read the reference of a model's folder.

        Raises
        ------
        ReferenceFileError
            There is none, or it is not one.
        """
        path = folder / REFERENCE
        try:
            stored = load_file(path)
        except OSError as error:
            raise ReferenceFileError(f"{path}: {error.strerror or error}") from error
        except SafetensorError as error:
            raise ReferenceFileError(f"{path}: not a safetensors file: {error}") from error
        shapes = {name: tensor.shape for name, tensor in stored.items()}
        if shapes != _SHAPES or not all(np.isfinite(tensor).all() for tensor in stored.values()):
            raise ReferenceFileError(f"{path}: does not hold what this version compares")
        return cls(**stored)

    def parts(self, record: Measured) -> Parts:
        """Answer the three questions of one record."""
        excess, _ = self._excess(record)
        limb_leads, exchange = self._limb_leads(record)
        rate, factor = self._rate(record)
        return Parts(float(_signal_odds(excess, self.signal_scale)), limb_leads, rate, exchange, factor)

    def judge(
        self,
        record: Record,
        preprocessing: Preprocessing,
        prepared: Prepared | None = None,
    ) -> Unlikeness:
        """Say how unlike the training records a record is.

        Parameters
        ----------
        record : Record
        preprocessing : Preprocessing
            The model's.
        prepared : Prepared, optional
            The record prepared and measured for the model. Without it the record is prepared here, even
            one the model refuses: wrong gain and a lead that is off are worth naming there too. The
            sampling rate is then not judged.

        Raises
        ------
        Refusal
            The record is shorter than the model needs.
        """
        windows, valid = (
            prepare_anything(record, preprocessing) if prepared is None else (prepared.windows, prepared.valid)
        )
        values = measured(windows, valid, None if prepared is None else prepared.features)
        parts = self.parts(values)
        score, limit = parts.score, float(self.limits[0])
        size = values.amplitude
        if not self.gain[1] <= size <= self.gain[2] and prepared is not None:
            # What was cut to the model's limit is measured again as it is.
            size = measured(*prepare_anything(record, preprocessing)).amplitude
        ratio = max(size, 1e-6) / float(self.gain[0])
        reversed_ = parts.limb_leads > self.limits[1] and parts.limb_leads > parts.rate
        if reversed_ and parts.signal >= parts.limb_leads:
            # An exchange alters the limb leads' sizes too. Taken back, the signal must be good, else the
            # directions are those of noise.
            right = measured(taken_back(windows, parts.exchange), valid)
            reversed_ = self.parts(right).signal < parts.limb_leads
        suspicions = self._suspicions(parts, values, ratio, reversed_)
        reasons = self._reasons(values, parts, ratio, limit) if score > limit else ()
        return Unlikeness(score, limit, score > limit, reasons, suspicions)

    def _excess(self, record: Measured) -> tuple[float, int]:
        """Return the mean of the largest excesses of the worst window, and which window that is."""
        largest = np.sort(self._distances(record.looks), axis=1)[:, -_LARGEST:].mean(axis=1)
        worst = int(np.argmax(largest))
        return float(largest[worst]), worst

    def _distances(self, looks: NDArray[np.float64]) -> NDArray[np.float64]:
        away = looks - self.middle
        distances: NDArray[np.float64] = np.where(away > 0, away / self.above, np.where(_BOTH, -away / self.below, 0.0))
        return distances

    def _limb_leads(self, record: Measured) -> tuple[float, int]:
        if not len(record.terms):
            return UNKNOWN, 0
        order = ElectrodeOrder(self.order_mean, self.order_scale, self.order_weights)
        odds = order.odds(record.terms).mean(axis=0)
        return float(np.logaddexp.reduce(odds)), int(np.argmax(odds))

    def _rate(self, record: Measured) -> tuple[float, float]:
        return TimeScale(self.duration_mean, self.duration_covariance).odds(record.durations)

    def _suspicions(self, parts: Parts, values: Measured, ratio: float, reversed_: bool) -> tuple[Suspicion, ...]:
        out = []
        if reversed_:
            out.append(Suspicion("limb leads", reversal_words(parts.exchange)))
        usual, least, most = self.gain
        beyond = not least <= usual * ratio <= most
        if beyond and max(ratio, 1 / ratio) > _GAIN_FACTOR and values.beats:
            out.append(Suspicion("gain", gain_words(ratio)))
        if parts.rate > self.limits[2] and parts.rate > parts.signal:
            out.append(Suspicion("rate", rate_words(parts.factor)))
        return tuple(out)

    def _reasons(self, values: Measured, parts: Parts, ratio: float, limit: float) -> tuple[str, ...]:
        reasons: list[str] = []
        _, worst = self._excess(values)
        if parts.signal > limit or parts.signal >= max(parts.limb_leads, parts.rate):
            look = values.looks[worst]
            distances = self._distances(look[None])[0]
            # Something is said even where many quantities are only a little off.
            least = min(_WORTH_A_WORD, float(np.sort(distances)[-_LARGEST]))
            reasons += signal_reasons(distances, look > self.middle, least, ratio)
        if parts.limb_leads >= max(parts.signal, parts.rate) or parts.limb_leads > limit > parts.signal:
            reasons.append("the limb leads look reversed")
        if parts.rate >= max(parts.signal, parts.limb_leads) or parts.rate > limit > parts.signal:
            reasons.append("RR, QRS and QT together fit another sampling rate")
        if len(values.looks) > 1 and reasons and parts.signal > limit:
            reasons.append(f"worst in part {worst + 1} of {len(values.looks)} of the recording")
        return tuple(reasons)


def _signal_odds(excess: NDArray[np.float64] | float, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn the excess into log odds: each further step as from one in ten to one in a hundred is ten times the odds.

    At one in a hundred they are those at which limb leads are as rare, so the two are of one weight.
    """
    tenth, hundredth, odds = scale
    return np.asarray(np.log(10.0) * (excess - hundredth) / max(hundredth - tenth, 1e-9) + odds)
