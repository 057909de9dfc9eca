"""Limb leads computed from leads I and II."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ecgview.record.leads import LIMB_LEADS

DERIVABLE: tuple[str, ...] = LIMB_LEADS[2:]
"""III, aVR, aVL and aVF: what I and II determine."""


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
