"""What differs between the measurements of two records. No scipy: the window only shows it."""

from __future__ import annotations

from dataclasses import dataclass

from ecgview.signal.values import Measurements

COMPARED = ("rate", "pr", "qrs", "qt", "qtc_fridericia", "p_axis", "qrs_axis", "t_axis")
"""Keys of what is compared, in the order it is listed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measured quantity in two records.

    Attributes
    ----------
    name, unit : str
    this, other : float or None
        None where it could not be measured.
    """

    name: str
    unit: str
    this: float | None
    other: float | None

    @property
    def change(self) -> float | None:
        """This less other; of angles the short way round, in (-180, 180]; None where one is missing."""
        if self.this is None or self.other is None:
            return None
        change = self.this - self.other
        return -((180.0 - change) % 360.0 - 180.0) if self.unit == "°" else change


def differences(this: Measurements, other: Measurements) -> tuple[Difference, ...]:
    """Return what is compared of two records, in the order it is listed."""
    return tuple(
        Difference(this[key].name, this[key].unit, this[key].value, other[key].value)
        for key in COMPARED
        if key in this.values and key in other.values
    )
