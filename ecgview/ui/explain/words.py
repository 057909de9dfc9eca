"""How explanations are said in few words. No Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecgview.explain.messages import Explanation

WAVE_NAMES = {"P": "P wave", "QRS": "QRS complex", "ST": "ST segment", "T": "T wave", "other": "Between the waves"}
COMPARED_WITH = {
    "normal": "Generated ECGs",
    "isoelectric": "The isoelectric line",
    "folder": "Records of this folder",
}
"""What explanations can compare a record with, by the kind that :class:`~ecgview.explain.messages.ComparedWith` has.

These words stand in the menu while a blinded reading is open, so they name no class; what was taken is said with
each explanation.
"""


def background_kind(name: str) -> str:
    """Return a background's name without the records it is made of."""
    return name.partition(":")[0]


def agreement_figure(found: Explanation) -> str:
    """Return how far the members agree as a figure, with what counts as low."""
    if math.isnan(found.agreement):
        return "agreement cannot be said"
    return f"{found.agreement:.2f} of 1, low is below {found.low_below:.2f}".replace("-", "−")


def signed_logits(value: float, sign: bool = True) -> str:
    """Return logits with two significant figures and a true minus sign."""
    size = abs(value)
    if size == 0:
        return "0"
    decimals = max(0, min(5, 1 - math.floor(math.log10(size))))
    written = f"{size:.{decimals}f}"
    if float(written) == 0:
        return "0"
    return f"{'−' if value < 0 else '+'}{written}" if sign else written


def per_sample(hz: float) -> str:
    """Return what a value is for: ``"per 10 ms"``."""
    return f"per {1000 / hz:g} ms"
