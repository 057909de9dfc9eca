"""The heart vector and how the twelve leads see it.

The body frame is that of the vectorcardiogram: x to the patient's left, y downwards
(to the feet), z to the back; all in mV.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS

# What each of the eight independent leads sees of a unit heart vector (x, y, z).
# Source: G. E. Dower, H. Bastos Machado, J. A. Osborne, "On deriving the electrocardiogram
# from vectorcardiographic leads", Clinical Cardiology 1980;3(2):87-95, doi 10.1002/clc.1980.3.2.87.
DOWER: dict[str, tuple[float, float, float]] = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}

ELECTRODES: tuple[str, ...] = ("RA", "LA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


def leads_from_electrodes(potentials: NDArray[np.float64]) -> NDArray[np.float64]:
    """Form the twelve leads from the electrodes, as an electrocardiograph does.

    Einthoven's limb leads, Goldberger's augmented leads, and the chest leads against
    Wilson's central terminal.

    Parameters
    ----------
    potentials : ndarray, shape (9, samples)
        Potential of each electrode in the order of :data:`ELECTRODES`, mV.

    Returns
    -------
    ndarray, shape (12, samples)
        Leads in the order of :data:`ecgview.record.STANDARD_LEADS`, mV.
    """
    right, left, foot = potentials[:3]
    one, two = left - right, foot - right
    terminal = (right + left + foot) / 3.0
    limb = np.stack([one, two, two - one, -(one + two) / 2.0, one - two / 2.0, two - one / 2.0])
    return np.concatenate([limb, potentials[3:] - terminal])


def _electrode_matrix() -> NDArray[np.float64]:
    """Return what each electrode sees of the heart vector, with Wilson's terminal at zero."""
    one, two = np.array(DOWER["I"]), np.array(DOWER["II"])
    right = -(one + two) / 3.0
    chest = [DOWER[name] for name in ELECTRODES[3:]]
    return np.array([right, right + one, right + two, *chest], dtype=np.float64)


ELECTRODE_MATRIX: NDArray[np.float64] = _electrode_matrix()
LEAD_MATRIX: NDArray[np.float64] = leads_from_electrodes(ELECTRODE_MATRIX)


def project(heart: NDArray[np.float64]) -> NDArray[np.float64]:
    """Project the heart vector on the twelve leads.

    Parameters
    ----------
    heart : ndarray, shape (3, samples)
        The heart vector in the body frame, mV.

    Returns
    -------
    ndarray, shape (12, samples)
        mV.
    """
    return LEAD_MATRIX @ heart


def frontal_axis(heart: NDArray[np.float64]) -> float:
    """Return the frontal axis of a heart vector or of a sum of heart vectors.

    aVF is a unipolar lead and smaller by √3/2 than the bipolar lead I in Einthoven's
    triangle; the axis is ``atan2(2 aVF, √3 I)``, so that the hexaxial angles come out right.

    Parameters
    ----------
    heart : ndarray, shape (3,)
        mV, or the net area of the QRS complex in mV·s.

    Returns
    -------
    float
        Degrees, in (-180, 180]; 0 is to the left, +90 to the feet.
    """
    leads = LEAD_MATRIX @ heart
    one, foot = leads[STANDARD_LEADS.index("I")], leads[STANDARD_LEADS.index("aVF")]
    return float(np.degrees(np.arctan2(2.0 * foot, np.sqrt(3.0) * one)))


def turn_frontal(heart: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    """Turn heart vectors about the front-to-back axis, clockwise as seen from the front.

    Parameters
    ----------
    heart : ndarray, shape (3, ...)
        mV.
    degrees : float
        Positive turns from the left towards the feet, as the frontal axis counts.

    Returns
    -------
    ndarray
        Of the same shape.
    """
    angle = np.radians(degrees)
    x, y, z = heart
    return np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle), z])
