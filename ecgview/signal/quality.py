"""Which leads cannot be judged, and why.

The thresholds are set so that only leads nobody could read are refused; a noisy lead is not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from ecgview.record import STANDARD_LEADS, Record

# A fifth of a millimetre on paper, the width of the trace. The flattest of 20 928 leads of
# PTB-XL spans ten times as much.
FLAT_MV = 0.02
# A pause between two beats may be flat too; it seldom lasts 2 s, and pauses do not make up half of a recording.
FLAT_STRETCH_S = 2.0
FLAT_SHARE = 0.5
# Electrodes that come off reach 11 mV in PTB-XL, hypertrophied hearts 8 mV.
PLAUSIBLE_MV = 20.0
# An amplifier at its limit draws plateaus far from the baseline; no wave of the heart stays on one
# value for 30 ms there. Some devices hold one value for the first or last 0.1 s of 10 s, which is no fault.
RAIL_RUN_S = 0.030
RAIL_DISTANCE_MV = 1.0
RAIL_SHARE = 0.02
_STRETCHES_NAMED = 3


def missing_leads(record: Record) -> tuple[str, ...]:
    """Return which of the twelve standard leads the record lacks.

    Parameters
    ----------
    record : Record
        Leads computed from others count as present.

    Returns
    -------
    tuple of str
        In standard order.
    """
    return tuple(name for name in STANDARD_LEADS if name not in record.leads)


def lead_faults(record: Record) -> dict[str, str]:
    """Find the leads that cannot be judged.

    Parameters
    ----------
    record : Record
        Any leads, any length.

    Returns
    -------
    dict of str to str
        For each such lead the reason in words, in the record's order; empty where every lead
        can be judged.
    """
    found: dict[str, str] = {}
    for number in np.flatnonzero(_doubtful(record.signal, record.hz)).tolist():
        reason = _fault(record.signal[number], record.hz)
        if reason is not None:
            found[record.leads[number]] = reason
    return found


def _doubtful(signal: NDArray[np.float32], hz: float) -> NDArray[np.bool_]:
    """Say which leads need a closer look: what rules out every fault is quickly seen in all leads together."""
    samples = signal.shape[1]
    if not signal.size:
        return np.ones(len(signal), dtype=bool)
    window = max(2, round(FLAT_STRETCH_S * hz))
    block = window // 2 if window <= samples else samples
    # Whole blocks, then what is left of another.
    parts = signal[:, : samples // block * block].reshape(len(signal), -1, block)
    highs, lows = parts.max(axis=2), parts.min(axis=2)
    rest = signal[:, parts.shape[1] * block :]
    high = np.maximum(highs.max(axis=1), rest.max(axis=1, initial=-np.inf))
    low = np.minimum(lows.min(axis=1), rest.min(axis=1, initial=np.inf))
    # Invalid samples are invalid in the extremes and no comparison with them holds.
    with np.errstate(invalid="ignore"):
        sound = (high - low >= FLAT_MV) & (high <= PLAUSIBLE_MV) & (low >= -PLAUSIBLE_MV)
        sound &= (highs - lows >= FLAT_MV).all(axis=1)
    for rail in (high, low):
        sound &= np.count_nonzero(signal == rail[:, None], axis=1) < RAIL_SHARE * samples
    return np.asarray(~sound)


def _fault(row: NDArray[np.float32], hz: float) -> str | None:
    if not len(row):
        return "holds no samples"
    invalid = ~np.isfinite(row)
    if invalid.all():
        return "holds no valid sample"
    if invalid.any():
        return f"holds invalid samples (NaN) {_stretches(invalid, hz)}"
    if np.ptp(row) < FLAT_MV:
        return "no signal: flat for the whole recording"
    peak = float(row[np.argmax(np.abs(row))])
    if abs(peak) > PLAUSIBLE_MV:
        return f"implausible: reaches {_mv(peak)}, beyond ±{PLAUSIBLE_MV:g} mV"
    flat = _flat(row, hz)
    if flat.mean() > FLAT_SHARE:
        return f"no signal for more than half of the recording: flat {_stretches(flat, hz)}"
    for rail in (float(row.max()), float(row.min())):
        at_rail = row == np.float32(rail)
        # Most leads touch their extremes for too short to need a closer look.
        if at_rail.mean() <= RAIL_SHARE or abs(rail - float(np.median(row))) < RAIL_DISTANCE_MV:
            continue
        plateau = _long_runs(at_rail, max(3, round(RAIL_RUN_S * hz)))
        if plateau.mean() > RAIL_SHARE:
            return f"saturated: cut off at {_mv(rail)} for {plateau.sum() / hz:.2f} s in all"
    return None


def _flat(row: NDArray[np.float32], hz: float) -> NDArray[np.bool_]:
    """Mark samples that lie in a stretch of FLAT_STRETCH_S or longer which spans less than FLAT_MV."""
    window = max(2, round(FLAT_STRETCH_S * hz))
    if window > len(row):
        return np.zeros(len(row), dtype=bool)
    # A flat stretch contains at least one whole block of half its length.
    block = window // 2
    blocks = row[: len(row) // block * block].reshape(-1, block)
    if not (np.ptp(blocks, axis=1) < FLAT_MV).any():
        return np.zeros(len(row), dtype=bool)
    centre = window // 2
    # Entry k of these belongs to the window from k to k + window.
    last = len(row) - window + 1
    span = (maximum_filter1d(row, window) - minimum_filter1d(row, window))[centre : centre + last]
    starts = span < FLAT_MV
    edges = np.zeros(len(row) + 1, dtype=np.int64)
    edges[:last] += starts
    edges[window : window + last] -= starts
    covered: NDArray[np.bool_] = np.cumsum(edges)[:-1] > 0
    return covered


def _runs(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the first and the past-the-last position of each run of True, shape (runs, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    return edges.reshape(-1, 2)


def _long_runs(marked: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    out = np.zeros(len(marked), dtype=bool)
    for start, end in _runs(marked):
        out[start:end] = end - start >= shortest
    return out


def _stretches(marked: NDArray[np.bool_], hz: float) -> str:
    runs = _runs(marked)
    words = [f"from {start / hz:.1f} s to {end / hz:.1f} s" for start, end in runs[:_STRETCHES_NAMED]]
    more = len(runs) - len(words)
    return ", ".join(words) + (f" and in {more} more places" if more > 0 else "")


def _mv(value: float) -> str:
    return f"{value:.1f} mV".replace("-", "−")
