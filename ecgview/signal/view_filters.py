"""Filters for looking: what is shown passes them, the record and all that is measured on it do not.

Each runs forwards and backwards over the samples, so that nothing moves in time. A named frequency
is where 71 % of the amplitude passes (−3 dB), as on ECG devices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, iirnotch, periodogram, sosfiltfilt, tf2sos

from ecgview.record import Record

BASELINE_HZ = 0.5
"""Kligfield et al., Circulation 2007;115:1306: up to 0.67 Hz where the filter moves nothing in time."""
MAINS_HZ = (50.0, 60.0)
LOW_PASS_HZ = (150.0, 100.0, 40.0)
ALTERING_HZ = 40.0
"""A low-pass here or below changes QRS and ST enough to be warned of."""
SEPARATOR = "  ·  "
"""Between two statements of :attr:`Filtered.words`."""

_ORDER = 2
_ONCE = (np.sqrt(2.0) - 1.0) ** (1.0 / (2 * _ORDER))
"""A Butterworth filter run twice passes 71 % at its named frequency times this."""
_NOTCH_WIDE_HZ = 2.0
_MARGIN_S, _MARGIN_BASELINE_S = 3.0, 8.0
"""What lies further away than this adds less than a thousandth of a per cent."""
_PADDING_S, _PADDING_BASELINE_S = 1.0, 4.0
_BRIDGED_S = 0.2
"""A straight line takes the place of a shorter gap; beyond a longer one a lead begins anew."""
_LEVEL_S, _LEVEL_MV, _LEVEL_ROUNDS = 1.0, 0.02, 8
"""The level's slope at an end is that of its last second; what is nearer to it than this counts alike."""
_HUM_FITTED_S = 1.0
_HUM_LOOKED_AT_S = 30.0
_HUM_LEAST_MV = 0.004
"""A fifth of the trace's width: what is weaker nobody sees."""
_HUM_STANDS_OUT = 8.0

Range = tuple[int, int]
"""First sample, and the one behind the last."""


@dataclass(frozen=True, slots=True)
class ViewFilters:
    """Which filters are wished for.

    Attributes
    ----------
    baseline : bool
        A high-pass of 0.5 Hz.
    mains : bool
        A notch at 50 or 60 Hz, whichever hum the record has.
    low_pass : float or None
        Hz, one of :data:`LOW_PASS_HZ`.

    Raises
    ------
    ValueError
        `low_pass` is another.
    """

    baseline: bool = False
    mains: bool = False
    low_pass: float | None = None

    def __post_init__(self) -> None:
        if self.low_pass is not None and self.low_pass not in LOW_PASS_HZ:
            raise ValueError(f"{self.low_pass:g} Hz is no low-pass: there are {_listed()} Hz")

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.baseline or self.mains or self.low_pass is not None

    @classmethod
    def parse(cls, text: str) -> ViewFilters:
        """Read filters from text: ``"baseline,mains,150"``, each part at most once; ``""`` is none.

        Raises
        ------
        ValueError
            A part is not understood or stands twice.
        """
        given: dict[str, bool | float] = {}
        for part in text.split(",") if text.strip() else ():
            word = part.strip().casefold()
            value: bool | float = True
            if word in ("baseline", "mains"):
                name = word
            elif word in [f"{hz:g}" for hz in LOW_PASS_HZ]:
                name, value = "low_pass", float(word)
            else:
                raise ValueError(f"{part.strip()!r} is no filter: there are baseline, mains and {_listed()}")
            if name in given:
                what = "low-pass" if name == "low_pass" else name
                raise ValueError(f"{text!r} names the filter {what} twice")
            given[name] = value
        return cls(**given)  # type: ignore[arg-type]  # each name with its kind of value


class Filtered:
    """A record as filters show it, a stretch at a time.

    A stretch is computed with so much before and behind it that it comes out as if the whole
    record had been filtered. It is kept until the next one of its lead.

    Parameters
    ----------
    record : Record
        Stays as it is.
    filters : ViewFilters

    Attributes
    ----------
    record, filters
    mains_hz : float or None
        Which hum was found; None also where none was looked for.
    """

    def __init__(self, record: Record, filters: ViewFilters) -> None:
        self.record, self.filters = record, filters
        self.mains_hz = find_mains(record.signal, record.hz) if filters.mains else None
        self._slow, self._quick = _sections(filters, self.mains_hz, record.hz)
        self._kept: dict[str, tuple[int, NDArray[np.float32]]] = {}

    @property
    def words(self) -> str:
        """What is said about the filters, with :data:`SEPARATOR` between statements."""
        said = []
        if self.filters.baseline:
            said.append(f"baseline filter {BASELINE_HZ:g} Hz")
        if self.filters.mains:
            found = "no hum found" if self.mains_hz is None else f"{self.mains_hz:g} Hz found"
            said.append(f"mains filter: {found}")
        cut = self.filters.low_pass
        if cut is not None:
            if not _exists(cut, self.record.hz):
                said.append(f"low-pass {cut:g} Hz: nothing above {self.record.hz / 2:g} Hz was recorded")
            elif cut <= ALTERING_HZ:
                said.append(f"▲ low-pass {cut:g} Hz: ST and QRS detail are altered")
            else:
                said.append(f"low-pass {cut:g} Hz")
        return SEPARATOR.join([*said, "values are measured unfiltered"])

    def has(self, ranges: Mapping[str, Range]) -> bool:
        """Return whether these stretches of these leads are at hand."""
        for lead, (first, last) in ranges.items():
            if lead not in self._kept:
                return False
            begins, samples = self._kept[lead]
            if not begins <= first <= last <= begins + len(samples):
                return False
        return True

    def effort(self, ranges: Mapping[str, Range]) -> int:
        """Return how many samples must be filtered for these stretches."""
        margin = self._margin
        return sum(min(self.record.samples, last - first + 2 * margin) for first, last in ranges.values())

    def compute(self, ranges: Mapping[str, Range]) -> dict[str, tuple[int, NDArray[np.float32]]]:
        """Filter stretches of leads that the record has; changes nothing here.

        Returns
        -------
        dict of str to (int, ndarray of float32)
            The first sample's number and the samples, mV; NaN where the record has no valid sample.
        """
        record, margin = self.record, self._margin
        together: dict[Range, list[str]] = {}
        for lead, (first, last) in ranges.items():
            together.setdefault((max(0, first), min(record.samples, last)), []).append(lead)
        made: dict[str, tuple[int, NDArray[np.float32]]] = {}
        for (first, last), leads in together.items():
            begin, end = max(0, first - margin), min(record.samples, last + margin)
            rows = record.signal[[record.leads.index(lead) for lead in leads], begin:end].astype(np.float64)
            shown = self._filter(rows)[:, first - begin : last - begin].astype(np.float32)
            made |= {lead: (first, row) for lead, row in zip(leads, shown, strict=True)}
        return made

    def keep(self, made: Mapping[str, tuple[int, NDArray[np.float32]]]) -> None:
        """Keep what :meth:`compute` returned, each lead in place of what was kept of it."""
        self._kept |= made

    def stretch(self, lead: str, first: int, last: int) -> NDArray[np.float32]:
        """Return a stretch of a lead, mV, computing it where it is not at hand."""
        ranges = {lead: (first, last)}
        if not self.has(ranges):
            self.keep(self.compute(ranges))
        begins, samples = self._kept[lead]
        return samples[first - begins : last - begins]

    @property
    def _margin(self) -> int:
        return round((_MARGIN_BASELINE_S if self.filters.baseline else _MARGIN_S) * self.record.hz)

    def _filter(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filter rows, each between its gaps."""
        if not (len(self._slow) or len(self._quick)) or not rows.size:
            return rows
        if np.isfinite(rows).all():
            return self._filter_whole(rows)
        out = np.full_like(rows, np.nan)
        for number, row in enumerate(rows):
            valid = np.isfinite(row)
            for begin, end in _runs(valid, round(_BRIDGED_S * self.record.hz)):
                inside = valid[begin:end]
                place = np.arange(end - begin)
                bridged = np.interp(place, place[inside], row[begin:end][inside])
                done = self._filter_whole(bridged[None])[0]
                out[number, begin:end][inside] = done[inside]
        return out

    def _filter_whole(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        hz, samples = self.record.hz, rows.shape[1]
        if len(self._slow):
            padding = min(round(_PADDING_BASELINE_S * hz), samples - 1)
            padded = _on_its_level(rows, padding, hz)
            rows = sosfiltfilt(self._slow, padded, axis=-1, padtype=None)[:, padding : padding + samples]
        if len(self._quick):
            padding = min(round(_PADDING_S * hz), samples - 1)
            padded = _continued(rows, padding, hz, self.mains_hz)
            rows = sosfiltfilt(self._quick, padded, axis=-1, padtype=None)[:, padding : padding + samples]
        return rows


def find_mains(signal: NDArray[np.floating], hz: float) -> float | None:
    """Find the hum of the mains in the first half minute.

    Parameters
    ----------
    signal : ndarray, shape (leads, samples)
        mV; what is not finite counts for nothing.
    hz : float
        Samples a second.

    Returns
    -------
    float or None
        50 or 60, the stronger where both stand out; None where neither does, or where the rate or
        the length of the record leaves them unseen.
    """
    rows = signal[:, : round(_HUM_LOOKED_AT_S * hz)].astype(np.float64)
    rows = rows[np.isfinite(rows).mean(axis=1) > 0.5] if rows.size else rows
    if not rows.size or rows.shape[1] < 2 * hz:
        return None
    level = np.nanmedian(np.where(np.isfinite(rows), rows, np.nan), axis=1, keepdims=True)
    rows = np.where(np.isfinite(rows), rows - level, 0.0)
    frequencies, power = periodogram(rows, hz, window="hann", scaling="spectrum", axis=-1)
    found: dict[float, float] = {}
    for mains in MAINS_HZ:
        near = np.abs(frequencies - mains)
        if not _exists(mains + 2.0, hz):
            continue
        peak = power[:, near <= 0.5].sum(axis=1)
        around = np.median(power[:, (near > 1.5) & (near <= 8.0)], axis=1) * (near <= 0.5).sum()
        # A sine of amplitude a has the power a²/2; the window spreads it over 1.5 times its bins.
        amplitude = np.sqrt(2.0 * peak / 1.5)
        clear = amplitude[(amplitude > _HUM_LEAST_MV) & (peak > _HUM_STANDS_OUT * around)]
        if len(clear):
            found[mains] = float(clear.max())
    return max(found, key=lambda mains: found[mains]) if found else None


def _sections(
    filters: ViewFilters, mains_hz: float | None, hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Second-order sections, shape (sections, 6), of the baseline filter and of the others one behind the other."""
    slow = np.empty((0, 6))
    if filters.baseline and _exists(BASELINE_HZ, hz):
        slow = butter(_ORDER, _warped(BASELINE_HZ, hz, _ONCE), "highpass", fs=hz, output="sos")
    parts = []
    if mains_hz is not None:
        parts.append(tf2sos(*iirnotch(mains_hz, mains_hz / _NOTCH_WIDE_HZ, fs=hz)))
    if filters.low_pass is not None and _exists(filters.low_pass, hz):
        parts.append(butter(_ORDER, _warped(filters.low_pass, hz, 1.0 / _ONCE), "lowpass", fs=hz, output="sos"))
    return slow, np.concatenate(parts) if parts else np.empty((0, 6))


def _exists(frequency: float, hz: float) -> bool:
    return frequency < hz / 2.0


def _warped(cut_hz: float, hz: float, times: float) -> float:
    """Return `times` the frequency on the scale of the analogue filter that the digital one is made from."""
    return float(np.arctan(times * np.tan(np.pi * cut_hz / hz)) * hz / np.pi)


def _on_its_level(rows: NDArray[np.float64], padding: int, hz: float) -> NDArray[np.float64]:
    """Continue rows at both ends by what they mirror there, on the line that their level follows.

    A record that ends in the middle of a wave would bend its baseline there if it were continued
    from its last sample: on generated records without wander, by 0.11 mV within the last second,
    this way by 0.02 mV.
    """
    last = rows[:, -2 : -padding - 2 : -1] + 2.0 * _slope(rows, hz)[:, None] * np.arange(1, padding + 1)
    turned = rows[:, ::-1]
    first = turned[:, -2 : -padding - 2 : -1] + 2.0 * _slope(turned, hz)[:, None] * np.arange(1, padding + 1)
    return np.concatenate([first[:, ::-1], rows, last], axis=1)


def _slope(rows: NDArray[np.float64], hz: float) -> NDArray[np.float64]:
    """Slope of the level at the end of rows, mV a sample: of the line with the least absolute deviations."""
    near = rows[:, -max(2, round(_LEVEL_S * hz)) :]
    place = np.arange(1 - near.shape[1], 1, dtype=np.float64)
    weight = np.ones_like(near)
    slope = np.zeros(len(near))
    for _ in range(_LEVEL_ROUNDS if near.shape[1] > 1 else 0):
        total = weight.sum(axis=1)
        middle, level = (weight * place).sum(axis=1) / total, (weight * near).sum(axis=1) / total
        away = place - middle[:, None]
        slope = (weight * away * near).sum(axis=1) / (weight * away * away).sum(axis=1)
        weight = 1.0 / np.maximum(np.abs(near - level[:, None] - slope[:, None] * away), _LEVEL_MV)
    return slope


def _continued(rows: NDArray[np.float64], padding: int, hz: float, mains_hz: float | None) -> NDArray[np.float64]:
    """Continue rows at both ends by point reflection; their hum goes on as it was, or it would ring there."""
    samples = rows.shape[1]
    place = np.arange(-padding, samples + padding)
    first = last = np.zeros((len(rows), len(place)))
    fitted = min(samples, round(_HUM_FITTED_S * hz))
    if mains_hz is not None and fitted > 8:
        waves = np.stack([np.cos(2 * np.pi * mains_hz * place / hz), np.sin(2 * np.pi * mains_hz * place / hz)])
        first = _hum(rows, waves, padding, slice(0, fitted))
        last = _hum(rows, waves, padding, slice(samples - fitted, samples))
    before, behind = rows - first[:, padding : padding + samples], rows - last[:, padding : padding + samples]
    head = 2.0 * before[:, :1] - before[:, padding:0:-1] + first[:, :padding]
    tail = 2.0 * behind[:, -1:] - behind[:, -2 : -padding - 2 : -1] + last[:, padding + samples :]
    return np.concatenate([head, rows, tail], axis=1)


def _hum(rows: NDArray[np.float64], waves: NDArray[np.float64], padding: int, at: slice) -> NDArray[np.float64]:
    """The hum as it is in one stretch of the rows, over the places of `waves`, shape (2, places)."""
    inside = waves[:, padding + at.start : padding + at.stop]
    # The level and its slope are no part of it.
    size = inside.shape[1]
    basis = np.concatenate([inside, np.ones((1, size)), np.linspace(-1.0, 1.0, size)[None]])
    shares, *_ = np.linalg.lstsq(basis.T, rows[:, at].T, rcond=None)
    return np.asarray(shares[:2].T @ waves)


def _runs(valid: NDArray[np.bool_], bridged: int) -> list[Range]:
    """Stretches that begin and end with a valid sample and hold no gap longer than `bridged` samples."""
    places = np.flatnonzero(valid)
    if not len(places):
        return []
    apart = np.flatnonzero(np.diff(places) > bridged + 1)
    begins = places[np.concatenate([[0], apart + 1])]
    ends = places[np.concatenate([apart, [len(places) - 1]])] + 1
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def _listed() -> str:
    return ", ".join(f"{hz:g}" for hz in LOW_PASS_HZ)
