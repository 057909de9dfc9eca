"""The pattern of a beat, and the beat that comes of it once its intervals are set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ecgview.synthesis.vector import frontal_axis, turn_frontal
from ecgview.synthesis.waves import Wave, heart_vector, net_area, visible

P_MS = 104.0
# A pacing pulse lasts 0.5 ms; a recorder's band makes about 4 ms of it. Time in ms before the QRS onset.
_PACING_PULSE = Wave((0.5, -0.9, 0.6), centre=-6.0, before=2.0, after=2.0)


@dataclass(frozen=True, slots=True)
class Pattern:
    """The waves of one kind of beat, each part in its own time from 0 to about 1.

    Attributes
    ----------
    p : tuple of Wave
        Empty where no P wave precedes the QRS complex.
    qrs : tuple of Wave
    repolarisation : tuple of Wave
        ST and T: 0 is the J point and 1 the T offset.
    qrs_ms : float
        The QRS duration usual with this pattern.
    paced : bool
        A pacing pulse precedes the QRS complex.
    """

    p: tuple[Wave, ...]
    qrs: tuple[Wave, ...]
    repolarisation: tuple[Wave, ...]
    qrs_ms: float
    paced: bool = False


NORMAL_P = (
    # The right atrium first, forwards and down; then the left, to the left and back.
    Wave((0.050, 0.080, -0.050), centre=0.38, before=0.40, after=0.42),
    Wave((0.080, 0.045, 0.040), centre=0.62, before=0.42, after=0.40),
)

NORMAL = Pattern(
    p=NORMAL_P,
    qrs=(
        # Septum: to the right and forwards. Free walls by way of the apex. Base: to the back.
        Wave((-0.15, -0.07, -0.19), centre=0.18, before=0.20, after=0.22),
        Wave((0.95, 0.48, -0.02), centre=0.41, before=0.26, after=0.27),
        Wave((0.38, 0.34, 0.76), centre=0.56, before=0.26, after=0.30),
        Wave((-0.14, -0.08, 0.20), centre=0.76, before=0.26, after=0.26),
    ),
    repolarisation=(Wave((0.28, 0.19, -0.15), centre=0.68, before=0.56, after=0.36),),
    qrs_ms=90.0,
)

VENTRICULAR_PREMATURE = Pattern(
    # From the outflow tract of the right ventricle: like left bundle branch block, pointing down.
    p=(),
    qrs=(
        Wave((0.25, 0.75, 0.25), centre=0.30, before=0.32, after=0.30),
        Wave((0.55, 1.25, 0.75), centre=0.52, before=0.34, after=0.44),
    ),
    repolarisation=(
        Wave((-0.12, -0.22, -0.22), centre=0.02, before=0.20, after=0.75),
        Wave((-0.25, -0.48, -0.38), centre=0.58, before=0.52, after=0.42),
    ),
    qrs_ms=150.0,
)

RIGHT_VENTRICULAR_PACED = Pattern(
    # From the apex of the right ventricle: to the left, upwards and back.
    p=(),
    qrs=(
        Wave((0.25, -0.40, 0.25), centre=0.24, before=0.26, after=0.30),
        Wave((0.55, -0.80, 0.75), centre=0.52, before=0.34, after=0.46),
    ),
    repolarisation=(
        Wave((-0.12, 0.14, -0.20), centre=0.02, before=0.20, after=0.75),
        Wave((-0.20, 0.38, -0.38), centre=0.60, before=0.52, after=0.40),
    ),
    qrs_ms=160.0,
    paced=True,
)


def ectopic_atrial(pattern: Pattern) -> Pattern:
    """Return the pattern with the P wave of another place in the atria: smaller, turned upwards."""
    return replace(pattern, p=tuple(wave.scaled((1.0, -0.25, 1.0)) for wave in pattern.p))


def with_axis(pattern: Pattern, axis: float) -> Pattern:
    """Turn the QRS complex in the frontal plane until its axis is the one asked for.

    The T wave follows halfway, as it does in people.

    Parameters
    ----------
    pattern : Pattern
        With any axis.
    axis : float
        Degrees.

    Returns
    -------
    Pattern

    Raises
    ------
    ValueError
        If the QRS complex has no turn with that axis (its frontal part is too small).
    """
    area = net_area(pattern.qrs)

    def miss(degrees: float) -> float:
        return (frontal_axis(turn_frontal(area, degrees)) - axis + 180.0) % 360.0 - 180.0

    first = -miss(0.0)
    if abs(miss(first - 60.0)) > 150.0 or miss(first - 60.0) * miss(first + 60.0) >= 0.0:
        raise ValueError(f"no turn of this QRS complex gives it an axis of {axis:g} degrees")
    turn = float(brentq(miss, first - 60.0, first + 60.0, xtol=1e-9))
    return replace(
        pattern,
        qrs=tuple(_turned(wave, turn) for wave in pattern.qrs),
        repolarisation=tuple(_turned(wave, turn / 2.0) for wave in pattern.repolarisation),
    )


def _turned(wave: Wave, degrees: float) -> Wave:
    x, y, z = (float(part) for part in turn_frontal(np.array(wave.vector), degrees))
    return replace(wave, vector=(x, y, z))


@dataclass(frozen=True)
class TimedBeat:
    """A pattern with its intervals set; time 0 is the QRS onset, in seconds.

    Attributes
    ----------
    pattern : Pattern
    pr, qrs, qt : float
        Seconds, exact by the definition in :mod:`ecgview.synthesis.waves`. `pr` counts only
        where the pattern has a P wave.
    """

    pattern: Pattern
    pr: float
    qrs: float
    qt: float

    @cached_property
    def _p(self) -> tuple[float, float]:
        """Origin of the P wave's own time, in seconds, and the length of its unit."""
        onset, _, offset = visible(self.pattern.p)
        unit = P_MS / 1000.0 / (offset - onset)
        return -self.pr - onset * unit, unit

    @cached_property
    def _qrs(self) -> tuple[float, float]:
        onset, _, offset = visible(self.pattern.qrs)
        unit = self.qrs / (offset - onset)
        return -onset * unit, unit

    @cached_property
    def _repolarisation(self) -> tuple[float, float]:
        _, _, offset = visible(self.pattern.repolarisation)
        return self.qrs, (self.qt - self.qrs) / offset

    @property
    def p_onset(self) -> float | None:
        """Seconds before the QRS onset (negative), or None without a P wave."""
        return -self.pr if self.pattern.p else None

    @property
    def p_offset(self) -> float | None:
        """Seconds, or None without a P wave."""
        return P_MS / 1000.0 - self.pr if self.pattern.p else None

    @cached_property
    def r(self) -> float:
        """Instant of the longest heart vector of the QRS complex, seconds."""
        origin, unit = self._qrs
        return origin + visible(self.pattern.qrs)[1] * unit

    def heart(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the heart vector of the beat.

        Parameters
        ----------
        time : ndarray, shape (samples,)
            Seconds from the QRS onset.

        Returns
        -------
        ndarray, shape (3, samples)
            mV.
        """
        total = np.zeros((3, len(time)))
        parts = [(self.pattern.qrs, self._qrs), (self.pattern.repolarisation, self._repolarisation)]
        if self.pattern.p:
            parts.append((self.pattern.p, self._p))
        if self.pattern.paced:
            parts.append(((_PACING_PULSE,), (0.0, 0.001)))
        for waves, (origin, unit) in parts:
            total += heart_vector(waves, (time - origin) / unit)
        return total
