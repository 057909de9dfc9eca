"""An explanation for a page without a window: worked out in this process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecgview.explain.messages import Explanation
from ecgview.ui.explain.overlay import Overlay
from ecgview.ui.explain.scale import Look
from ecgview.ui.findings import class_name

if TYPE_CHECKING:
    from ecgview.model.ensemble import Ensemble


def overlay_of(ensemble: Ensemble, file: Path, code: str, look: Look | None = None) -> Overlay:
    """Explain one class of a file's record.

    Parameters
    ----------
    ensemble : Ensemble
    file : Path
    code : str
    look : Look, optional

    Returns
    -------
    Overlay

    Raises
    ------
    ecgview.explain.output.ExplanationError
        There is no such class, or the record cannot be explained.
    """
    from ecgview.explain.output import explain_file
    from ecgview.explain.summaries import wave_shares
    from ecgview.explain.trust import CheckError, member_agreement, stored_check

    found = explain_file(ensemble, file, code)
    try:
        check = stored_check(ensemble.bundle)
    except CheckError:
        check = None  # a broken check must not keep a page from being drawn: what is usual counts then
    alike = member_agreement(found, check)
    explanation = Explanation(found, wave_shares(found), alike.value, alike.low_below, None, True)
    return Overlay(explanation, class_name(code), Look() if look is None else look)
