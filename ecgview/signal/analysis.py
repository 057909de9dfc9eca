"""Everything that measurements are taken from, worked out once for a record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from ecgview.record import Record
from ecgview.signal.averaging import average
from ecgview.signal.beats import Beats, beats_of
from ecgview.signal.delineation import Delineation, KindMarks, delineation_of
from ecgview.signal.preparing import WORKING_HZ, Prepared, prepare

# The level before the QRS complex that all amplitudes are counted from.
_LEVEL_FROM = round(0.020 * WORKING_HZ)
_LEVEL_LONGEST = round(0.040 * WORKING_HZ)
_LEVEL_TO = round(0.004 * WORKING_HZ)
# Wander is so slow that straight lines of 10 ms follow it.
_SPLINE_STEP = 5


@dataclass(frozen=True, eq=False)
class Analysis:
    """A record with its beats and marks.

    Attributes
    ----------
    prepared : Prepared
    beats : Beats
    delineation : Delineation
    prevailing : KindMarks or None
        The most frequent kind of beat; None without beats.
    beat : ndarray of float32, shape (leads, samples)
        Average of the prevailing beats as recorded (not filtered), each lead counted from its
        level just before the QRS complex; mV at the working rate.
    """

    prepared: Prepared
    beats: Beats
    delineation: Delineation
    prevailing: KindMarks | None
    beat: NDArray[np.float32]

    def row(self, lead: str) -> NDArray[np.float32] | None:
        """Return one lead of the average beat, or None where the lead is absent or faulty."""
        leads = self.prepared.leads
        return self.beat[leads.index(lead)] if self.prevailing is not None and lead in leads else None


def analyse(record: Record) -> Analysis:
    """Find beats, mark them and average the prevailing ones.

    Parameters
    ----------
    record : Record
        Any rate, any leads.

    Returns
    -------
    Analysis
        Without a prevailing beat where the record has no beats.
    """
    prepared = prepare(record)
    beats = beats_of(prepared)
    delineation = delineation_of(prepared, beats)
    if not delineation.kinds:
        return Analysis(prepared, beats, delineation, None, np.zeros((len(prepared.leads), 0), dtype=np.float32))
    prevailing = delineation.kinds[0]
    onsets = np.round(delineation.qrs_onset * WORKING_HZ)
    beat = average(_levelled(prepared.signal, onsets[np.isfinite(onsets)].astype(np.int64)), prevailing.kind.centres)
    beat -= beat[:, _between_p_and_qrs(prevailing)].mean(axis=1, keepdims=True)
    return Analysis(prepared, beats, delineation, prevailing, beat)


def _between_p_and_qrs(marks: KindMarks) -> slice:
    last = max(1, marks.qrs.onset - _LEVEL_TO)
    first = marks.qrs.onset - _LEVEL_LONGEST
    if marks.p is not None:
        first = max(first, marks.p.offset)
    return slice(max(0, min(first, marks.qrs.onset - _LEVEL_FROM)), last)


def _levelled(signal: NDArray[np.float32], onsets: NDArray[np.int64]) -> NDArray[np.float32]:
    """Take the wander away: a cubic spline through the levels just before the QRS complexes.

    C. R. Meyer, H. N. Keiser, "Electrocardiogram baseline noise estimation and removal using
    cubic splines and state-space computation techniques", Comput Biomed Res 1977;10:459-470.
    """
    knots = np.unique(onsets[onsets >= _LEVEL_FROM])
    if not len(knots):
        return signal - np.median(signal, axis=1, keepdims=True)
    at = knots[:, None] + np.arange(-_LEVEL_FROM, -_LEVEL_TO)
    levels = signal[:, at].mean(axis=2)
    if len(knots) == 1:
        return np.asarray(signal - levels, dtype=np.float32)
    # Beyond the first and the last level nothing is known.
    instants = np.clip(np.arange(0, signal.shape[1] + _SPLINE_STEP, _SPLINE_STEP), knots[0], knots[-1])
    coarse = _spline(knots, levels, instants).astype(np.float32)
    between = np.linspace(0.0, 1.0, _SPLINE_STEP, endpoint=False, dtype=np.float32)
    wander = coarse[:, :-1, None] + (coarse[:, 1:] - coarse[:, :-1])[:, :, None] * between
    return np.asarray(signal - wander.reshape(len(signal), -1)[:, : signal.shape[1]], dtype=np.float32)


def _spline(knots: NDArray[np.int64], levels: NDArray[np.float32], instants: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the natural cubic spline through levels, shape (leads, knots), at instants between the knots.

    Written in the curvatures at the knots: C. de Boor, A Practical Guide to Splines, chapter IV.
    """
    gaps = np.diff(knots).astype(np.float64)
    values = levels.astype(np.float64)
    rises = np.diff(values, axis=1) / gaps
    curvature = np.zeros(levels.shape)
    if len(knots) > 2:
        bands = np.zeros((3, len(knots) - 2))
        bands[0, 1:] = bands[2, :-1] = gaps[1:-1]
        bands[1] = 2.0 * (gaps[:-1] + gaps[1:])
        curvature[:, 1:-1] = solve_banded((1, 1), bands, 6.0 * np.diff(rises, axis=1).T, check_finite=False).T
    at = np.clip(np.searchsorted(knots, instants, side="right") - 1, 0, len(gaps) - 1)
    beyond = instants - knots[at]
    # Derivatives at the knot before, the highest first, each over its factorial.
    slope = rises - gaps * (2.0 * curvature[:, :-1] + curvature[:, 1:]) / 6.0
    bend, last = curvature[:, :-1] / 2.0, np.diff(curvature, axis=1) / (6.0 * gaps)
    out: NDArray[np.float64] = last.take(at, axis=1)
    for term in (bend, slope, values[:, :-1]):
        out = out * beyond + term.take(at, axis=1)
    return out
