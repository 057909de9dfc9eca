"""Abnormalities of the beat that can be planted, each a change of the pattern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ecgview.record import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS
from ecgview.synthesis.pattern import Pattern
from ecgview.synthesis.vector import LEAD_MATRIX, project
from ecgview.synthesis.waves import Wave, heart_vector

NamedAbnormality = Literal[
    "complete right bundle branch block",
    "complete left bundle branch block",
    "left anterior fascicular block",
    "left ventricular hypertrophy",
    "inferior infarction",
    "anteroseptal infarction",
    "low T",
    "inverted T",
    "low voltage",
]


@dataclass(frozen=True, slots=True)
class STShift:
    """ST elevation or depression towards named leads.

    Attributes
    ----------
    leads : tuple of str
        Names of standard leads that look in about the same direction.
    millivolts : float
        Mean shift in those leads at the J point; negative for depression.
    """

    leads: tuple[str, ...]
    millivolts: float


Abnormality = NamedAbnormality | STShift

# None of these can be seen beside the other, or they contradict each other.
_EXCLUDING: tuple[tuple[NamedAbnormality, NamedAbnormality], ...] = (
    ("complete right bundle branch block", "complete left bundle branch block"),
    ("left anterior fascicular block", "complete left bundle branch block"),
    ("inferior infarction", "complete left bundle branch block"),
    ("anteroseptal infarction", "complete left bundle branch block"),
    ("inferior infarction", "left anterior fascicular block"),
    ("anteroseptal infarction", "left anterior fascicular block"),
    ("inferior infarction", "anteroseptal infarction"),
    ("left ventricular hypertrophy", "low voltage"),
)


def plant(pattern: Pattern, abnormalities: tuple[Abnormality, ...]) -> Pattern:
    """Plant abnormalities in a pattern.

    Parameters
    ----------
    pattern : Pattern
        The normal one.
    abnormalities : tuple of Abnormality
        In any order.

    Returns
    -------
    Pattern

    Raises
    ------
    ValueError
        If a name is not known, stands there twice, or two cannot be planted together.
    """
    named = [one for one in abnormalities if isinstance(one, str)]
    unknown = [one for one in named if one not in _PLANTERS]
    if unknown:
        raise ValueError(f"unknown abnormality {unknown[0]!r}; known are: {', '.join(_PLANTERS)}")
    if len(set(named)) != len(named):
        raise ValueError(f"an abnormality stands twice in {named}")
    for one, other in _EXCLUDING:
        if one in named and other in named:
            raise ValueError(f"{one} and {other} cannot be planted together")
    for name, planter in _PLANTERS.items():  # the order of the table, whatever the order asked for
        if name in named:
            pattern = planter(pattern)
    for shift in abnormalities:
        if isinstance(shift, STShift):
            pattern = _shift_st(pattern, shift)
    return pattern


def _left_anterior_fascicular_block(pattern: Pattern) -> Pattern:
    # First down and to the right (q in aVL, r in II III aVF), then up and to the left.
    qrs = (
        Wave((-0.08, 0.16, -0.26), centre=0.18, before=0.20, after=0.20),
        Wave((0.45, -0.10, -0.12), centre=0.38, before=0.22, after=0.26),
        Wave((0.62, -0.78, 0.45), centre=0.56, before=0.26, after=0.28),
        Wave((0.10, -0.50, 0.40), centre=0.74, before=0.24, after=0.26),
    )
    return replace(pattern, qrs=qrs, qrs_ms=105.0)


def _inferior_infarction(pattern: Pattern) -> Pattern:
    # The forces of the first 40 ms and more point away from the dead inferior wall.
    septum, apex, wall, base = pattern.qrs
    qrs = (
        septum.scaled((1.0, 0.0, 1.0)),
        Wave((0.05, -0.60, -0.02), centre=0.25, before=0.27, after=0.33),
        apex.scaled((1.0, 0.0, 1.0)),
        wall.scaled((1.0, 1.1, 1.0)),
        base.scaled((1.0, 0.0, 1.0)),
    )
    repolarisation = tuple(wave.scaled((1.0, -0.75, 1.3)) for wave in pattern.repolarisation)
    return replace(pattern, qrs=qrs, repolarisation=repolarisation, qrs_ms=104.0)


def _anteroseptal_infarction(pattern: Pattern) -> Pattern:
    # Nothing points forwards any more: QS in V1 to V3.
    _, apex, wall, base = pattern.qrs
    qrs = (
        Wave((0.02, -0.03, 0.34), centre=0.20, before=0.22, after=0.24),
        replace(apex, vector=(0.60, 0.44, 0.68)),
        wall.scaled((1.1, 1.0, 0.95)),
        base,
    )
    repolarisation = (
        Wave((0.02, 0.0, -0.07), centre=0.02, before=0.14, after=0.60),
        Wave((0.16, 0.20, 0.22), centre=0.70, before=0.45, after=0.30),
    )
    return replace(pattern, qrs=qrs, repolarisation=repolarisation, qrs_ms=100.0)


def _complete_right_bundle_branch_block(pattern: Pattern) -> Pattern:
    # The left ventricle as before; then, slowly and alone, the right one, to the right and forwards.
    first = tuple(wave.squeezed(0.60) for wave in pattern.qrs)
    late = Wave((-0.42, -0.14, -0.80), centre=0.66, before=0.38, after=0.40)
    repolarisation = (
        *(wave.scaled((1.0, 1.0, 0.7)) for wave in pattern.repolarisation),
        Wave((0.12, 0.0, 0.26), centre=0.66, before=0.60, after=0.34),
    )
    return replace(pattern, qrs=(*first, late), repolarisation=repolarisation, qrs_ms=145.0)


def _complete_left_bundle_branch_block(pattern: Pattern) -> Pattern:
    # No septal force to the right; slowly from right to left and back, with a notch on top.
    qrs = (
        Wave((0.20, 0.10, 0.05), centre=0.18, before=0.20, after=0.26),
        Wave((0.62, 0.22, 0.15), centre=0.36, before=0.30, after=0.32),
        Wave((0.10, 0.06, 1.00), centre=0.52, before=0.42, after=0.46),
        Wave((0.72, 0.12, 0.25), centre=0.64, before=0.32, after=0.34),
    )
    repolarisation = (
        Wave((-0.10, -0.01, -0.20), centre=0.02, before=0.16, after=0.80),
        Wave((-0.26, -0.04, -0.38), centre=0.68, before=0.55, after=0.34),
    )
    return replace(pattern, qrs=qrs, repolarisation=repolarisation, qrs_ms=150.0)


def _left_ventricular_hypertrophy(pattern: Pattern) -> Pattern:
    # Sokolow-Lyon voltage (S in V1 + R in V5 or V6 of 3.5 mV or more) and strain: ST and T turn away from QRS.
    septum, *rest = pattern.qrs
    larger = (septum, *(wave.scaled((1.65, 1.25, 1.75)) for wave in rest))
    repolarisation = (
        Wave((-0.14, -0.01, -0.12), centre=0.05, before=0.16, after=0.75),
        Wave((-0.30, -0.02, -0.30), centre=0.72, before=0.45, after=0.28),
    )
    return replace(pattern, qrs=larger, repolarisation=repolarisation, qrs_ms=pattern.qrs_ms + 8.0)


def _low_t(pattern: Pattern) -> Pattern:
    return replace(pattern, repolarisation=tuple(wave.scaled(0.15) for wave in pattern.repolarisation))


def _inverted_t(pattern: Pattern) -> Pattern:
    return replace(pattern, repolarisation=tuple(wave.scaled(-0.9) for wave in pattern.repolarisation))


def _low_voltage(pattern: Pattern) -> Pattern:
    # By definition under 0.5 mV from peak to trough in every limb lead and under 1 mV in every chest lead.
    leads = project(heart_vector(pattern.qrs, np.linspace(-0.5, 1.5, 2001)))
    span = dict(zip(STANDARD_LEADS, np.ptp(leads, axis=1), strict=True))
    factor = min(0.4 / max(span[name] for name in LIMB_LEADS), 0.8 / max(span[name] for name in CHEST_LEADS))
    return replace(
        pattern,
        qrs=tuple(wave.scaled(factor) for wave in pattern.qrs),
        repolarisation=tuple(wave.scaled(0.4) for wave in pattern.repolarisation),
    )


_PLANTERS: dict[NamedAbnormality, Callable[[Pattern], Pattern]] = {
    "left anterior fascicular block": _left_anterior_fascicular_block,
    "inferior infarction": _inferior_infarction,
    "anteroseptal infarction": _anteroseptal_infarction,
    "complete left bundle branch block": _complete_left_bundle_branch_block,
    "left ventricular hypertrophy": _left_ventricular_hypertrophy,
    "complete right bundle branch block": _complete_right_bundle_branch_block,
    "low T": _low_t,
    "inverted T": _inverted_t,
    "low voltage": _low_voltage,
}


def _shift_st(pattern: Pattern, shift: STShift) -> Pattern:
    foreign = [name for name in shift.leads if name not in STANDARD_LEADS]
    if foreign or not shift.leads:
        raise ValueError(f"an ST shift needs names of standard leads, not {shift.leads}")
    rows = LEAD_MATRIX[[STANDARD_LEADS.index(name) for name in shift.leads]]
    direction = rows.sum(axis=0)
    seen = rows @ direction
    if not float(seen.min()) > 0.2 * float(seen.mean()):
        names = ", ".join(shift.leads)
        raise ValueError(f"the leads {names} look in different directions; no ST vector shifts them all")
    x, y, z = (float(part) for part in direction * shift.millivolts / seen.mean())
    wave = Wave((x, y, z), centre=0.0, before=0.10, hold=0.25, after=0.55)
    return replace(pattern, repolarisation=(*pattern.repolarisation, wave))
