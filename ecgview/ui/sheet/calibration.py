"""How many pixels of each screen are a real millimetre, as somebody measured it there."""

from __future__ import annotations

import math

from PySide6.QtCore import QSettings
from PySide6.QtGui import QScreen

CARD_MM = (85.60, 53.98)
"""Width and height of a bank or identity card: ISO/IEC 7810, format ID-1."""
LEAST, MOST = 1.5, 40.0
"""Device pixels in a millimetre: 38 and 1016 dots an inch; no screen lies outside."""


class Calibration:
    """The measured screens, kept between runs.

    Parameters
    ----------
    settings : QSettings
    """

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def pixels_per_mm(self, screen: QScreen) -> float | None:
        """Return the device pixels in a millimetre of a screen; None where it was not measured."""
        kept = self._settings.value(_key(screen))
        try:
            value = float(str(kept)) if kept is not None else math.nan
        except ValueError:
            return None
        return value if LEAST <= value <= MOST else None

    def keep(self, screen: QScreen, pixels_per_mm: float) -> None:
        """Keep what was measured.

        Raises
        ------
        ValueError
            `pixels_per_mm` is none that a screen has.
        """
        if not LEAST <= pixels_per_mm <= MOST:
            raise ValueError(f"{pixels_per_mm:g} device pixels in a millimetre: between {LEAST:g} and {MOST:g} exist")
        self._settings.setValue(_key(screen), f"{pixels_per_mm:.5f}")

    def forget(self, screen: QScreen) -> None:
        """Take a screen's measure back."""
        self._settings.remove(_key(screen))


def guess(screen: QScreen) -> float:
    """Return what the screen itself says, device pixels in a millimetre; often wrong, and never more than a start."""
    said = screen.physicalDotsPerInch() * screen.devicePixelRatio() / 25.4
    return min(max(said if math.isfinite(said) else 96.0 / 25.4, LEAST), MOST)


def _key(screen: QScreen) -> str:
    """A screen is the same one when name, serial number and device pixels are; its scaling may change."""
    size = screen.size() * screen.devicePixelRatio()
    words = (screen.name(), screen.manufacturer(), screen.model(), screen.serialNumber())
    plain = ["".join(c if c.isalnum() else "_" for c in word) for word in words]
    return f"calibration/{'-'.join(plain)}-{size.width()}x{size.height()}"
