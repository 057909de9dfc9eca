"""Units of voltage, in the spellings files use."""

from __future__ import annotations

_MILLIVOLTS = {"v": 1e3, "mv": 1.0, "uv": 1e-3, "nv": 1e-6}
_WORDS = {"nanovolt": "nv", "microvolt": "uv", "millivolt": "mv", "volt": "v"}
# The micro sign and the Greek letter mu look alike and both occur.
_MICRO = str.maketrans({"\N{MICRO SIGN}": "u", "\N{GREEK SMALL LETTER MU}": "u"})


def millivolts_per(unit: str) -> float | None:
    """Return how many millivolts one of a unit is.

    Parameters
    ----------
    unit : str
        ``"mV"``, ``"mv"``, ``"uV"``, ``"µV"``, ``"Millivolts"``, ``"MICROVOLTS"`` …
        Case does not count: no file of body-surface potentials is in megavolts.

    Returns
    -------
    float or None
        None where the unit is not a voltage.
    """
    plain = unit.strip().translate(_MICRO).lower()
    return _MILLIVOLTS.get(_WORDS.get(plain.removesuffix("s"), plain))
