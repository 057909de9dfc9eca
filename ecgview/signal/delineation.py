"""Marks P wave, QRS complex and T wave of every beat, in all leads together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ecgview.record import Record
from ecgview.signal.averaging import BEFORE, Kind, best_shift, sort_beats, windows
from ecgview.signal.beats import Beats, beats_of
from ecgview.signal.marks import P_BEFORE_WINDOW, Hump, end_of_t_before_p, find_p, find_qrs, find_t
from ecgview.signal.medians import median_of_few
from ecgview.signal.preparing import WORKING_HZ, Prepared, prepare
from ecgview.signal.straight import off_line

# The T wave has ended 0.56 s times the square root of RR in s after the beat, and 0.12 s before the next.
_T_LATEST = 0.56
_CLEAR_OF_NEXT_S = 0.12
# The P wave peaks at most 0.3 s before the QRS complex (PR up to about 0.38 s), and 40 ms after the T wave before it,
# which is over 0.1 s before the QRS complex whatever was found.
_P_EARLIEST_S = 0.34
_P_AFTER_T_S = 0.04
_P_LATEST_START_S = 0.10
# Atrial flutter: the same wave once more, 140 to 290 ms apart (207 to 430 a minute), and about as large.
_FLUTTER = (round(0.140 * WORKING_HZ), round(0.290 * WORKING_HZ))
_FLUTTER_LIKE = 0.80
_FLUTTER_SIZE = 0.60
_HALF_WAY = round(0.030 * WORKING_HZ)
# Every beat is compared with the mean of the others. What precedes the QRS complex agrees by 0.7 and more in most
# sinus rhythms and by less than 0.5 in most atrial fibrillation; in between the regularity of the rhythm decides.
_P_AGREEMENT_REGULAR, _P_AGREEMENT_IRREGULAR = 0.50, 0.70
_IRREGULAR = 0.05
_P_LIKE_PREVAILING = 0.60
_P_SINGLE = 0.50
# The shortest PR interval that is normal; a higher wave before a shorter one is the P wave.
_P_SHORT = round(0.120 * WORKING_HZ)
_P_MARGIN = round(0.020 * WORKING_HZ)
_P_SHIFT = round(0.040 * WORKING_HZ)
_T_SHIFT = round(0.030 * WORKING_HZ)
_T_MARGIN = round(0.020 * WORKING_HZ)
_T_LIKE = 0.80
# What begins later than this before the QRS complex is the foot of that.
_SHORTEST_PR = round(0.080 * WORKING_HZ)
# Lower than any P wave a reader would call one; without three beats to compare, a P wave must be a usual one.
_LEAST_P_MV = 0.025
_LONE_P_MV = 0.05


@dataclass(frozen=True, eq=False)
class KindMarks:
    """Marks on the averaged beat of one kind.

    Attributes
    ----------
    kind : Kind
    qrs : Hump
        Samples of the averaged beat, as are `p` and `t`.
    t, p : Hump or None
        None where there is none.
    p_agreement : float
        How well the single beats agree before the QRS complex, -1 to 1; NaN with fewer than three.
    """

    kind: Kind
    qrs: Hump
    t: Hump | None
    p: Hump | None
    p_agreement: float


@dataclass(frozen=True, eq=False)
class Delineation:
    """Marks of every beat, in seconds from the start; NaN where a wave is absent or cut off.

    Each array has shape (beats,). Onsets and offsets hold for all leads together: close to the
    median of what cardiologists mark in the single leads, see docs/measurements.md.

    Attributes
    ----------
    beats : Beats
    kind : ndarray of int64
        Beats with QRS complexes of one shape have the same number; 0 is the prevailing kind.
    p_onset, p_peak, p_offset, qrs_onset, qrs_offset, t_peak, t_offset : ndarray of float64
    kinds : tuple of KindMarks
        The averaged beats the marks come from.
    """

    beats: Beats
    kind: NDArray[np.int64]
    p_onset: NDArray[np.float64]
    p_peak: NDArray[np.float64]
    p_offset: NDArray[np.float64]
    qrs_onset: NDArray[np.float64]
    qrs_offset: NDArray[np.float64]
    t_peak: NDArray[np.float64]
    t_offset: NDArray[np.float64]
    kinds: tuple[KindMarks, ...]


def delineate(record: Record, beats: Beats | None = None) -> Delineation:
    """Mark the waves of every beat.

    Beats are sorted by the shape of their QRS complex; each kind is averaged and marked once,
    and the marks are carried over to its beats, P and T by where they fit best.

    Parameters
    ----------
    record : Record
        Any rate, any leads.
    beats : Beats, optional
        From :func:`ecgview.signal.beats.find_beats` of the same record; found anew where None.

    Returns
    -------
    Delineation
        Empty where the record has no beats.
    """
    prepared = prepare(record)
    return delineation_of(prepared, beats_of(prepared) if beats is None else beats)


def delineation_of(prepared: Prepared, beats: Beats) -> Delineation:
    """Mark the waves of every beat of a prepared record; see :func:`delineate`."""
    peaks = np.round(beats.times * WORKING_HZ).astype(np.int64)
    count = len(peaks)
    rows = {name: np.full(count, np.nan) for name in _ROWS}
    number = np.zeros(count, dtype=np.int64)
    kinds: list[KindMarks] = []
    sorted_kinds = sort_beats(prepared.steady, peaks) if count and prepared.leads else ()
    for position, kind in enumerate(sorted_kinds):
        marks = _mark(prepared.steady, kind, peaks, kinds[0] if kinds else None)
        kinds.append(marks)
        number[kind.members] = position
        _carry_over(prepared.steady, marks, rows)
    for row in rows.values():
        row[(row < 0.0) | (row >= prepared.samples)] = np.nan
        row /= WORKING_HZ
    return Delineation(beats=beats, kind=number, kinds=tuple(kinds), **rows)


_ROWS = ("p_onset", "p_peak", "p_offset", "qrs_onset", "qrs_offset", "t_peak", "t_offset")


def _mark(steady: NDArray[np.float32], kind: Kind, peaks: NDArray[np.int64], prevailing: KindMarks | None) -> KindMarks:
    qrs = find_qrs(kind.average, BEFORE)
    gaps = np.diff(peaks)
    usual = median_of_few(gaps) if len(gaps) else WORKING_HZ
    following, preceding = kind.members[kind.members < len(gaps)], kind.members[kind.members > 0] - 1
    next_gap = median_of_few(gaps[following]) if len(following) else usual
    last_gap = median_of_few(gaps[preceding]) if len(preceding) else usual
    root = np.sqrt(usual / WORKING_HZ) * WORKING_HZ
    latest = min(_T_LATEST * root, next_gap - _CLEAR_OF_NEXT_S * WORKING_HZ)
    t = find_t(kind.average, qrs, BEFORE + int(latest))

    t_before = prevailing.t if prevailing is not None else t
    irregular = _irregular(gaps)
    t_over = t_before.offset - last_gap + _P_AFTER_T_S * WORKING_HZ if t_before is not None else 0.0
    latest_start = qrs.onset - _P_LATEST_START_S * WORKING_HZ
    # Where RR changes, the T wave before lies at another place in every beat; what it reaches into is no P wave.
    covered = irregular and prevailing is None and t_over > latest_start
    start = max(qrs.onset - _P_EARLIEST_S * WORKING_HZ, min(t_over, latest_start), 1)
    p = find_p(kind.average, int(start), qrs.onset)
    t_end: int | None = None
    repeated = p is not None and _repeated(kind, p, int(t_over), qrs, round(last_gap))
    agreement = np.nan if p is None or repeated else _agreement(steady, kind, p, qrs)
    weak = p is None or agreement < _P_AGREEMENT_REGULAR or _height(kind.average, p) < _LEAST_P_MV
    cut = weak or (p is not None and p.onset <= start - P_BEFORE_WINDOW)
    short = p is not None and qrs.onset - p.onset < _P_SHORT
    if prevailing is None and not irregular and t is not None and not repeated and (cut or short):
        valley = end_of_t_before_p(kind.average, int(t.peak - last_gap), qrs.onset)
        earlier = None if valley is None else _earlier_p(kind, valley, p, qrs, cut)
        if valley is not None and earlier is not None:
            p = earlier
            t_end = min(t.offset, max(t.peak, int(valley + last_gap)))
            repeated = _repeated(kind, p, valley, qrs, round(last_gap))
            agreement = np.nan if repeated else _agreement(steady, kind, p, qrs)
    if repeated:
        p = None
    elif p is not None:
        if prevailing is not None:
            # The T wave before a premature beat is as constant as a P wave.
            present = _like_prevailing(kind, p, prevailing)
        elif np.isnan(agreement):
            present = _height(kind.average, p) >= _LONE_P_MV
        else:
            without_pattern = irregular and _irregular(gaps, 2)
            present = agreement >= (_P_AGREEMENT_IRREGULAR if without_pattern else _P_AGREEMENT_REGULAR)
        foot = qrs.onset - p.onset < _SHORTEST_PR
        if not present or foot or covered or _height(kind.average, p) < _LEAST_P_MV:
            p = None
    if p is not None and t is not None and t_end is not None:
        t = Hump(t.onset, t.peak, t_end)
    return KindMarks(kind, qrs, t, p, agreement)


def _irregular(gaps: NDArray[np.int64], lag: int = 1) -> bool:
    """Say whether most RR intervals differ from the one before (of `lag` 2 the one before that).

    Single premature beats do not count, and bigeminy is alike at a lag of 2.
    """
    if len(gaps) <= 2:
        return False
    return median_of_few(np.abs(gaps[lag:] - gaps[:-lag])) > _IRREGULAR * median_of_few(gaps)


def _earlier_p(kind: Kind, valley: int, p: Hump | None, qrs: Hump, cut: bool) -> Hump | None:
    """Find the P wave that begins before T is over, where what follows T is cut off, a small bump or noise."""
    first = max(valley + P_BEFORE_WINDOW, qrs.onset - round(_P_EARLIEST_S * WORKING_HZ))
    earlier = find_p(kind.average, first, qrs.onset)
    # Without a fall of its own it is the top of the T wave.
    if earlier is None or earlier.offset - earlier.peak < _P_MARGIN:
        return None
    if p is None:
        return earlier
    if cut:
        return earlier if earlier.onset < p.onset else None
    larger = _height(kind.average, earlier) > _height(kind.average, p)
    return earlier if larger and earlier.offset <= p.peak else None


def _repeated(kind: Kind, p: Hump, t_over: int, qrs: Hump, last_gap: int) -> bool:
    """Say whether the wave comes once more between T wave and QRS complex, or half-way to the beat before.

    The latter is what atrial flutter with two waves to each QRS complex does.
    """
    length = p.offset - p.onset
    if length < 2:
        return False
    wave = _levelled(kind.average[:, p.onset : p.offset])
    power = float(np.square(wave).sum())
    earlier = range(max(p.onset - _FLUTTER[1], t_over, 0), p.onset - _FLUTTER[0] + 1, 2)
    later = range(p.onset + _FLUTTER[0], min(p.onset + _FLUTTER[1], qrs.onset - length) + 1, 2)
    half = last_gap // 2
    midway: range | tuple[()] = ()
    if _FLUTTER[0] <= half <= _FLUTTER[1]:
        midway = range(p.onset + half - _HALF_WAY, p.onset + half + _HALF_WAY + 1, 2)
    starts = np.array(
        [start for start in (*earlier, *later, *midway) if start + length <= kind.average.shape[1]], dtype=np.int64
    )
    if not len(starts):
        return False
    others = _levelled(sliding_window_view(kind.average, length, axis=1)[:, starts])
    product = np.einsum("ls,lns->n", wave, others)
    size = np.einsum("lns,lns->n", others, others)
    alike = (product > _FLUTTER_LIKE * np.sqrt(power * size)) & (product > _FLUTTER_SIZE * power)
    # A T wave can be like the P wave, but is larger.
    alike &= (starts < qrs.onset) | (_FLUTTER_SIZE * product < power)
    return bool(alike.any())


def _p_window(p: Hump, qrs: Hump) -> tuple[int, int]:
    """First and past-the-last sample in which P waves are compared; nothing of the QRS complex."""
    return max(0, p.onset - _P_MARGIN), max(p.peak + _P_MARGIN // 2, min(p.offset + _P_MARGIN, qrs.onset - 2))


def _agreement(steady: NDArray[np.float32], kind: Kind, p: Hump, qrs: Hump) -> float:
    """Correlate each beat's P wave with the mean of the others; the median, as a few early P waves do not matter."""
    first, past = _p_window(p, qrs)
    inside = kind.centres[kind.centres + first >= BEFORE]
    if len(inside) < 3:
        return np.nan
    parts = _levelled(windows(steady, inside, BEFORE - first, past - BEFORE))
    others = parts.sum(axis=0) - parts
    power = np.square(parts).sum(axis=(1, 2)) * np.square(others).sum(axis=(1, 2))
    return median_of_few((parts * others).sum(axis=(1, 2)) / np.sqrt(np.maximum(power, 1e-18)))


def _levelled(parts: NDArray[np.float32]) -> NDArray[np.float64]:
    """Take the straight line between the ends of each part away, and its mean."""
    level = off_line(parts)
    level -= level.mean(axis=-1, keepdims=True)
    return level


def _height(beat: NDArray[np.float32], p: Hump) -> float:
    """Largest span of the P wave in any lead, mV."""
    return float(np.ptp(_levelled(beat[:, p.onset : p.offset + 1]), axis=1).max())


def _like_prevailing(kind: Kind, p: Hump, prevailing: KindMarks) -> bool:
    """Say whether the wave of another kind of beat is like the P wave of the prevailing beats."""
    model = prevailing.p
    if model is None:
        return False
    half = max(model.peak - model.onset, model.offset - model.peak)
    if p.peak < half:
        return False
    one = _levelled(kind.average[:, p.peak - half : p.peak + half])
    other = _levelled(prevailing.kind.average[:, model.peak - half : model.peak + half])
    power = np.square(one).sum() * np.square(other).sum()
    return bool((one * other).sum() >= _P_LIKE_PREVAILING * np.sqrt(max(power, 1e-18)))


def _carry_over(steady: NDArray[np.float32], marks: KindMarks, rows: dict[str, NDArray[np.float64]]) -> None:
    """Write the marks of one kind to each of its beats, in samples."""
    kind, qrs, p, t = marks.kind, marks.qrs, marks.p, marks.t
    members, origin = kind.members, kind.centres - BEFORE
    rows["qrs_onset"][members] = origin + qrs.onset
    rows["qrs_offset"][members] = origin + qrs.offset
    if t is not None:
        pattern = _centred(kind.average[:, qrs.offset + _T_MARGIN : t.offset + _T_MARGIN])
        wide = windows(
            steady,
            kind.centres,
            BEFORE - (qrs.offset + _T_MARGIN - _T_SHIFT),
            t.offset + _T_MARGIN + _T_SHIFT - BEFORE,
        )
        likeness, shift = best_shift(wide.astype(np.float64), pattern)
        shift = np.where(likeness >= _T_LIKE, shift, 0)
        rows["t_peak"][members] = origin + shift + t.peak
        rows["t_offset"][members] = origin + shift + t.offset
    if p is not None:
        first, past = _p_window(p, qrs)
        reach = max(0, min(_P_SHIFT, first))
        wide = windows(steady, kind.centres, BEFORE - first + reach, past - BEFORE + reach)
        likeness, shift = best_shift(
            _after_qrs_held(wide, qrs.onset - first + reach), _centred(kind.average[:, first:past])
        )
        shift = np.where(likeness >= _P_SINGLE, shift, 0).astype(np.float64)
        if len(members) >= 3:
            shift[likeness < _P_SINGLE] = np.nan
        shift = np.where(origin + first < 0, np.nan, shift)
        rows["p_onset"][members] = origin + shift + p.onset
        rows["p_peak"][members] = origin + shift + p.peak
        rows["p_offset"][members] = np.minimum(origin + shift + p.offset, rows["qrs_onset"][members])


def _centred(part: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(part - part.mean(axis=1, keepdims=True), dtype=np.float64)


def _after_qrs_held(wide: NDArray[np.float32], onset: int) -> NDArray[np.float64]:
    """Let nothing of the QRS complex into the comparison of P waves."""
    held = wide.astype(np.float64)
    if onset < held.shape[2]:
        held[:, :, onset:] = held[:, :, onset - 1 : onset]
    return held
