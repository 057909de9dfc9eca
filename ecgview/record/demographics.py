"""Ages and sexes as files write them; what is unknown or implausible stays unknown."""

from __future__ import annotations

import math
import re
from datetime import date, datetime

from ecgview.record.record import Sex

OLDEST = 125.0
"""Years; above it an age is taken for a mistake."""

OVER_EIGHTY_NINE = 300.0
"""PTB-XL writes this where an age above 89 is withheld."""

_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_SEXES: dict[str, Sex] = {"f": "female", "female": "female", "w": "female", "m": "male", "male": "male"}
_DAYS_A_YEAR = 365.2425


def sex_of(text: str) -> Sex | None:
    """Return the sex a word stands for, or None where it stands for none."""
    return _SEXES.get(text.strip().lower())


def age_of(text: str) -> tuple[float | None, str | None]:
    """Read an age in years.

    Parameters
    ----------
    text : str
        ``"53"``, ``"53.0"``, ``"0.5"``, ``"NaN"``, ``"unknown"``, ``"n/a"`` …

    Returns
    -------
    age : float or None
        Years, or None where the text gives no plausible age.
    warning : str or None
        What a reader should know about it.
    """
    found = _NUMBER.match(text.strip()[:20])
    return plausible_age(float(found.group().replace(",", "."))) if found else (None, None)


def plausible_age(years: float) -> tuple[float | None, str | None]:
    """Return the age, and a warning where it had to be altered or dropped.

    Parameters
    ----------
    years : float
        The age as stated.

    Returns
    -------
    age : float or None
    warning : str or None
    """
    if math.isnan(years):
        return None, None
    if years == OVER_EIGHTY_NINE:
        return 90.0, "The age is withheld because it is above 89 years; it is given as 90."
    if not 0 <= years <= OLDEST:
        return None, f"The stated age of {years:g} years is not plausible; it is taken as unknown."
    return years, None


def age_between(born: date | None, recorded: date | None) -> float | None:
    """Return the years from birth to the recording, or None where either day is unknown.

    Whole years from the second birthday on; below that with decimals, because weeks count then.
    """
    if born is None or recorded is None:
        return None
    born, recorded = (day.date() if isinstance(day, datetime) else day for day in (born, recorded))
    years = recorded.year - born.year - ((recorded.month, recorded.day) < (born.month, born.day))
    return float(years) if years >= 2 or years < 0 else round((recorded - born).days / _DAYS_A_YEAR, 2)
