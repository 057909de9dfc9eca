"""The papers a page is made for."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLocale


@dataclass(frozen=True, slots=True)
class PaperSize:
    """A sheet of paper lying on its long side.

    Attributes
    ----------
    name : str
    width, height : float
        mm.
    """

    name: str
    width: float
    height: float


A4 = PaperSize("A4", 297.0, 210.0)
LETTER = PaperSize("Letter", 279.4, 215.9)


def usual_paper() -> PaperSize:
    """Return the paper that is usual where the program runs: Letter in the United States, A4 elsewhere."""
    american = QLocale.system().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
    return LETTER if american else A4
