"""Finds where the waves of one averaged beat begin and end, in all leads together.

All instants here are samples at the working rate. The constants were set on the odd records of LUDB
and on generated beats; docs/measurements.md says how well they do on the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from ecgview.signal.filters import low_pass
from ecgview.signal.medians import percentile_of_few
from ecgview.signal.preparing import WORKING_HZ
from ecgview.signal.straight import off_line

# Velocity is the difference over this many samples to either side.
_QRS_STEP, _P_STEP = 2, 4
# The complex begins and ends where the velocity stays under this share of its highest.
_QRS_SHARE_ON, _QRS_SHARE_OFF = 0.065, 0.06
_QRS_CORE = 0.25
_QRS_GAP = round(0.040 * WORKING_HZ)
_QRS_REACH = round(0.150 * WORKING_HZ)
_QRS_REST = round(0.008 * WORKING_HZ)
_QUIET_PERCENTILE = 15.0
# T: slower than this; not before, nor shorter than, these.
_T_HZ = 20.0
_T_AFTER_QRS = round(0.060 * WORKING_HZ)
_T_SHORTEST = round(0.100 * WORKING_HZ)
_T_STEEPEST_WITHIN = round(0.220 * WORKING_HZ)
_T_REFERENCE = round(0.080 * WORKING_HZ)
_T_NEAR = round(0.080 * WORKING_HZ)
# P: slower than this; a hump of about 120 ms.
_P_HZ = 25.0
_P_HALF_HUMP = round(0.060 * WORKING_HZ)
_P_SHARE_ON, _P_SHARE_OFF = 0.25, 0.40
_P_REST = round(0.010 * WORKING_HZ)
_P_REACH = round(0.120 * WORKING_HZ)
_P_STEEPEST_WITHIN = round(0.080 * WORKING_HZ)
P_BEFORE_WINDOW = round(0.036 * WORKING_HZ)
_P_CLEAR_OF_QRS = round(0.024 * WORKING_HZ)
# A P wave that begins before T is over: a rise and a fall, each a stretch where all leads together are faster than just
# before and after, this far apart, alike in steepness and opposite in direction; a rise is steepest within 40 ms.
_FLANK_STANDS_OUT = 0.10
_FLANKS_APART = (round(0.030 * WORKING_HZ), round(0.110 * WORKING_HZ))
_FLANKS_ALIKE = 0.4
_FLANKS_OPPOSITE = -0.5
_LONGEST_RISE = round(0.040 * WORKING_HZ)


@dataclass(frozen=True, slots=True)
class Hump:
    """A wave: first sample, peak, last sample."""

    onset: int
    peak: int
    offset: int


def velocity(beat: NDArray[np.float32], step: int, hz: float = WORKING_HZ) -> NDArray[np.float64]:
    """Return the root mean square over the leads of the slope, shape (samples,), mV/s."""
    slope = (beat[:, 2 * step :] - beat[:, : -2 * step]) * (hz / (2 * step))
    out = np.zeros(beat.shape[1])
    out[step:-step] = np.sqrt(np.square(slope, dtype=np.float64).mean(axis=0))
    return out


def find_qrs(beat: NDArray[np.float32], centre: int) -> Hump:
    """Find onset and offset of the QRS complex.

    From the fast part of the complex outwards to where the root mean square of all leads'
    slopes stays under a few per cent of its highest value, counted from its quiet level.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    centre : int
        A sample within the complex.

    Returns
    -------
    Hump
        Its peak is `centre`.
    """
    speed = velocity(beat, _QRS_STEP)
    start, end = max(0, centre - _QRS_REACH), min(len(speed), centre + _QRS_REACH)
    near = speed[start:end]
    quiet = percentile_of_few(speed[max(0, centre - 125) : centre + 200], _QUIET_PERCENTILE)
    top = float(near.max())
    core = np.flatnonzero(near > quiet + _QRS_CORE * (top - quiet)) + start
    first = _joined(core[core <= centre + _QRS_GAP // 4][::-1].tolist(), centre)
    last = _joined(core[core >= centre - _QRS_GAP // 4].tolist(), centre)
    speeds = speed.tolist()
    onset = _rest(speeds, first, -1, quiet + _QRS_SHARE_ON * (top - quiet), _QRS_REST, start)
    offset = _rest(speeds, last, 1, quiet + _QRS_SHARE_OFF * (top - quiet), _QRS_REST, end - 1)
    return Hump(min(onset, centre), centre, max(offset, centre))


def _joined(core: list[int], centre: int) -> int:
    """Follow samples outwards as long as no gap is longer than 40 ms; return the last one reached."""
    reached = centre
    for sample in core:
        if abs(sample - reached) > _QRS_GAP:
            break
        reached = sample
    return reached


def _rest(speed: list[float], start: int, step: int, limit: float, length: int, bound: int) -> int:
    """Go from `start` until the next `length` samples are all under `limit`; at most to `bound`."""
    at = start
    while at != bound:
        ahead = speed[at + 1 : at + 1 + length] if step > 0 else speed[max(0, at - length) : at]
        if not ahead or max(ahead) < limit:
            break
        at += step
    return at


def find_t(beat: NDArray[np.float32], qrs: Hump, limit: int) -> Hump | None:
    """Find peak and end of the T wave.

    The peak: along the direction in which the leads together vary most between the QRS
    complex and `limit`, the largest deviation from the straight line between those two. The
    end: in each lead the sample that makes the trapezium of Vázquez-Seisdedos largest; of
    these the median, each lead weighted by its T wave.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    qrs : Hump
    limit : int
        Sample at which the T wave has ended at the latest.

    Returns
    -------
    Hump or None
        Its onset is where it was searched from; the onset of a T wave cannot be told from ST.
        None where too little lies between QRS complex and `limit`.

    Notes
    -----
    C. R. Vázquez-Seisdedos et al., "New approach for T-wave end detection on electrocardiogram:
    performance in noisy conditions", BioMedical Engineering OnLine 2011;10:77.
    """
    first, last = qrs.offset + _T_AFTER_QRS // 2, min(limit, beat.shape[1] - 1)
    if last - first < _T_SHORTEST:
        return None
    slow = low_pass(beat, WORKING_HZ, _T_HZ).astype(np.float64)
    part = slow[:, first:last]
    away = part - part.mean(axis=1, keepdims=True)
    _, directions = np.linalg.eigh(away @ away.T)
    along = directions[:, -1] @ slow
    bent = _bent(along[first:last])
    # A wave at the border of the window is more likely the neighbour of the one searched for.
    peak = int(np.argmax(np.abs(bent) * _towards_border(len(bent))))
    up = (np.sign(bent[peak]) * along[first:last]).tolist()
    while peak + 1 < len(up) and up[peak + 1] > up[peak]:
        peak += 1
    while peak > 0 and up[peak - 1] > up[peak]:
        peak -= 1
    ends, sizes = _ends_and_heights(part, peak)
    order = np.argsort(ends, kind="stable")
    weight = np.cumsum(sizes[order])
    end = int(ends[int(order[int(np.searchsorted(weight, 0.5 * weight[-1]))])])
    return Hump(first, first + peak, first + max(end, peak))


def lead_t_ends(beat: NDArray[np.float32], t: Hump) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the end of the T wave in each lead, as :func:`find_t` does, near a T wave already found.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    t : Hump
        From :func:`find_t`.

    Returns
    -------
    ends : ndarray of int64, shape (leads,)
    heights : ndarray of float64, shape (leads,)
        How far the wave lies off the straight line between the two ends of what was searched, mV.
    """
    slow = low_pass(beat, WORKING_HZ, _T_HZ).astype(np.float64)
    part = slow[:, t.onset : min(t.offset + _T_NEAR, beat.shape[1])]
    ends, heights = _ends_and_heights(part, t.peak - t.onset)
    return t.onset + ends, heights


def _ends_and_heights(part: NDArray[np.float64], peak: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    near = max(0, peak - _T_NEAR)
    away = off_line(part)[:, near : peak + _T_NEAR]
    highest = np.abs(away).argmax(axis=1)
    heights = away[np.arange(len(part)), highest]
    return _trapezium(np.copysign(1.0, heights)[:, None] * part, near + highest), np.abs(heights)


@lru_cache(maxsize=64)
def _towards_border(samples: int) -> NDArray[np.float64]:
    """How much a wave counts, less and less towards the ends."""
    result: NDArray[np.float64] = np.hanning(samples + 2)[1:-1] ** 0.3
    result.flags.writeable = False
    return result


def _bent(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the deviation from the straight line between the two ends."""
    return row - np.linspace(row[0], row[-1], len(row))


def _trapezium(rows: NDArray[np.float64], peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the end of the T wave that peaks upwards at `peaks` in each row."""
    samples, each = rows.shape[1], np.arange(len(rows))[:, None]
    ahead = peaks[:, None] + np.arange(_T_STEEPEST_WITHIN - 1)
    falls = rows[each, np.minimum(ahead + 1, samples - 1)] - rows[each, np.minimum(ahead, samples - 1)]
    falls[ahead >= samples - 1] = np.inf
    steepest = (peaks + falls.argmin(axis=1))[:, None]
    reference = np.minimum(samples, steepest + _T_REFERENCE)
    at = steepest + np.arange(_T_REFERENCE)
    area = (rows[each, steepest] - rows[each, np.minimum(at, samples - 1)]) * (2 * reference - at - steepest)
    area[at >= reference] = -np.inf
    return np.asarray(steepest[:, 0] + area.argmax(axis=1))


def without_qrs(beat: NDArray[np.float32], onset: int) -> NDArray[np.float32]:
    """Return the beat before the QRS complex, its last level held, slower than 25 Hz."""
    held = beat[:, : onset + 2 * _P_REACH].copy()
    held[:, onset - 1 :] = held[:, onset - 4 : onset].mean(axis=1, keepdims=True)
    return low_pass(held, WORKING_HZ, _P_HZ)


def end_of_t_before_p(beat: NDArray[np.float32], t_peak: int, qrs_onset: int) -> int | None:
    """Find the valley between a T wave and a P wave that follows it without a pause.

    The fall of T and the rise of P go opposite ways too, so the last two flanks that do are those of the P wave.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    t_peak : int
        Peak of the T wave before the QRS complex, may lie before the first sample.
    qrs_onset : int

    Returns
    -------
    int or None
        The slowest sample between the two; None where no such P wave is seen.
    """
    first, last = max(t_peak, _P_STEP), qrs_onset - _P_STEP
    if last - first < _P_HALF_HUMP:
        return None
    slow = without_qrs(beat, qrs_onset)
    speed = velocity(slow, _P_STEP)
    flanks, found = find_peaks(speed[first:last], prominence=0.0)
    flanks = flanks[found["prominences"] >= _FLANK_STANDS_OUT * speed[first + flanks]] + first
    if len(flanks) < 2:
        return None
    # The first is the fall of the T wave, or the rise of the P wave.
    steep = flanks[speed[flanks] >= _FLANKS_ALIKE * float(speed[flanks[1:]].max())].tolist()
    slopes = {at: slow[:, at + _P_STEP] - slow[:, at - _P_STEP] for at in steep}
    size = {at: float(np.linalg.norm(slope)) for at, slope in slopes.items()}
    for fall in steep[:0:-1]:
        # The earliest, as a notched P wave rises twice.
        for rise in (at for at in steep if _FLANKS_APART[0] <= fall - at <= _FLANKS_APART[1]):
            if float(slopes[rise] @ slopes[fall]) < _FLANKS_OPPOSITE * size[rise] * size[fall]:
                before = max([at for at in flanks.tolist() if at < rise] + [rise - _LONGEST_RISE, first])
                return int(before + np.argmin(speed[before : rise + 1]))
    return None


def find_p(beat: NDArray[np.float32], start: int, qrs_onset: int) -> Hump | None:
    """Find the wave most like a P wave between two instants; whether it is one is another question.

    Its peak: where the leads together lie farthest from the middle between 60 ms before and
    after. Onset and offset: from its steepest flanks outwards to where the root mean square of
    all leads' slopes stays under a share of the highest.

    Parameters
    ----------
    beat : ndarray, shape (leads, samples)
        0.4-40 Hz.
    start : int
        First sample at which the peak may lie.
    qrs_onset : int

    Returns
    -------
    Hump or None
        None where there is no room for one.
    """
    if start < 0 or qrs_onset - _P_CLEAR_OF_QRS - start < _P_REST or qrs_onset <= 2 * _P_HALF_HUMP:
        return None
    slow = without_qrs(beat, qrs_onset)
    half = _P_HALF_HUMP
    hump = np.zeros(slow.shape[1])
    hump[half:-half] = np.square(slow[:, half:-half] - 0.5 * (slow[:, 2 * half :] + slow[:, : -2 * half])).sum(axis=0)
    peak = start + _highest_peak(hump[start : qrs_onset - _P_CLEAR_OF_QRS])
    speed = velocity(slow, _P_STEP)
    first = max(2 * _P_STEP, start - P_BEFORE_WINDOW, peak - _P_REACH)
    last = min(qrs_onset, peak + _P_REACH)
    if first >= peak or last <= peak:
        return None
    top = percentile_of_few(speed[first:last], 90.0)
    quiet = float(speed[max(_P_STEP, start - 20) : qrs_onset].min())
    left = max(first, peak - _P_STEEPEST_WITHIN)
    rising = left + int(np.argmax(speed[left:peak]))
    falling = peak + int(np.argmax(speed[peak : min(last, peak + _P_STEEPEST_WITHIN)]))
    speeds = speed.tolist()
    onset = _rest(speeds, rising, -1, quiet + _P_SHARE_ON * (top - quiet), _P_REST, first)
    offset = _rest(speeds, falling, 1, quiet + _P_SHARE_OFF * (top - quiet), _P_REST, last)
    return Hump(onset, peak, offset)


def _highest_peak(hump: NDArray[np.float64]) -> int:
    """Find the highest point that falls off to both sides; what is highest at an end belongs to the wave beyond it."""
    inner = np.flatnonzero((hump[1:-1] > hump[:-2]) & (hump[1:-1] >= hump[2:])) + 1
    return int(inner[np.argmax(hump[inner])]) if len(inner) else int(np.argmax(hump))
