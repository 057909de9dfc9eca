"""Purple against a class, orange for it: two colours that no common colour blindness confuses."""

from __future__ import annotations

from ecgview.ui.explain.scale import STEPS
from ecgview.ui.theme import Theme, mixed

_FAINTEST = 0.3
"""Strength of the first step, which must still be seen on paper."""


def colour(step: int, theme: Theme) -> str:
    """Return the colour of a step, ``#rrggbb``; the paper's for 0.

    Parameters
    ----------
    step : int
        -STEPS to STEPS.
    theme : Theme
    """
    return shade(abs(step) / STEPS, step > 0, theme) if step else theme.paper


def shade(strength: float, speaks_for: bool, theme: Theme) -> str:
    """Return the colour of a strength, 0 to 1."""
    full = theme.attribution_for if speaks_for else theme.attribution_against
    return mixed(theme.paper, full, _FAINTEST + (1.0 - _FAINTEST) * strength)
