"""Limb leads computed from leads I and II, and whether recorded ones fit them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ecgview.record.leads import LIMB_LEADS

DERIVABLE: tuple[str, ...] = LIMB_LEADS[2:]
"""III, aVR, aVL and aVF: what I and II determine."""

LARGEST_MISFIT = 0.05
"""Share of leads I and II together. Rounding and filtering stay below 0.02 in the recordings of six
devices and databases; leads that were each scaled to a height of their own lie around 0.17."""


def missing_limb_leads(names: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the limb leads that are missing and can be computed, in standard order."""
    if "I" not in names or "II" not in names:
        return ()
    return tuple(name for name in DERIVABLE if name not in names)


def limb_lead(name: str, stored: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Compute one limb lead.

    III = II - I is Einthoven's law (Einthoven, Fahr and de Waart 1913); the augmented leads
    aVR = -(I + II)/2, aVL = I - II/2 and aVF = II - I/2 are Goldberger's (1942), as written in
    Kligfield et al., Circulation 2007;115:1306.

    Parameters
    ----------
    name : str
        One of :data:`DERIVABLE`.
    stored : mapping of str to ndarray of float32, shape (samples,)
        Leads I and II in mV.

    Returns
    -------
    ndarray of float32, shape (samples,)
        The lead in mV; NaN where I or II is.
    """
    one, two = stored["I"], stored["II"]
    half = np.float32(0.5)
    match name:
        case "III":
            return two - one
        case "aVR":
            return -(one + two) * half
        case "aVL":
            return one - two * half
        case "aVF":
            return two - one * half
    raise ValueError(f"{name} does not follow from leads I and II")


def misfitting_limb_leads(stored: Mapping[str, NDArray[np.float32]]) -> tuple[str, ...]:
    """Return the recorded limb leads that are not what leads I and II say they must be.

    All six limb leads come from three electrodes, so two of them determine the others. Where
    they do not, the leads were scaled apart or are not what their names say.

    Parameters
    ----------
    stored : mapping of str to ndarray of float32, shape (samples,)
        The recorded leads in mV.

    Returns
    -------
    tuple of str
        Those whose difference varies by more than :data:`LARGEST_MISFIT` of what I and II vary
        together (standard deviations), in standard order; none where I or II is absent or silent.
    """
    if "I" not in stored or "II" not in stored:
        return ()
    scale = _variation(stored["I"]) + _variation(stored["II"])
    if not scale > 0:
        return ()
    return tuple(
        name
        for name in DERIVABLE
        if name in stored and _variation(stored[name] - limb_lead(name, stored)) > LARGEST_MISFIT * scale
    )


def _variation(lead: NDArray[np.float32]) -> float:
    valid = lead if np.isfinite(lead).all() else lead[np.isfinite(lead)]
    if not len(valid):
        return 0.0
    away = valid - valid.mean(dtype=np.float64)
    return math.sqrt(away @ away / len(away))
