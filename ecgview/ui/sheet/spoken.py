"""What the sheet says in words: how large it is, what is wrong with a lead, and all of it to a screen reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ecgview.record.record import Record
from ecgview.ui.sheet.footer import BETWEEN, statements
from ecgview.ui.sheet.format import shown_name
from ecgview.ui.sheet.layout import Page

if TYPE_CHECKING:
    from ecgview.signal.lead_quality import Concern

NOT_CALIBRATED = "screen not calibrated"
_EXACT = 0.005
"""A scale this near to the true one is called it."""


def scale_words(share: float | None, fitted: bool) -> str:
    """Return how large the sheet is.

    Parameters
    ----------
    share : float or None
        Of true size; None where the screen was not calibrated.
    fitted : bool
        Whether the whole sheet is in view.
    """
    if share is None:
        return NOT_CALIBRATED
    if abs(share - 1.0) < _EXACT:
        return "true size"
    return f"{'fitted' if fitted else 'zoomed'}, {100.0 * share:.0f} % of true size"


def longest_scale_words(calibrated: bool) -> str:
    """Return the widest words that :func:`scale_words` can return."""
    return "zoomed, 2000 % of true size" if calibrated else NOT_CALIBRATED


def badges(concerns: Mapping[str, Sequence[Concern]]) -> dict[str, str]:
    """Return a word or two for each lead in doubt: the gravest concern, and how many there are besides."""
    return {
        lead: found[0].word + (f" +{len(found) - 1}" if len(found) > 1 else "")
        for lead, found in concerns.items()
        if found
    }


def reasons(concerns: Sequence[Concern]) -> str:
    """Return what is wrong with a lead, one line each."""
    return "\n".join(f"{concern.word.capitalize()}: {concern.reason}" for concern in concerns)


def description(record: Record, page: Page, filter_words: str, concerns: Mapping[str, Sequence[Concern]]) -> str:
    """Return what a screen reader says about the sheet."""
    leads = record.leads
    absent = [segment.title for segment in page.segments if not segment.recorded]
    parts = [
        f"{len(leads)} {'lead' if len(leads) == 1 else 'leads'}: {', '.join(leads)}",
        f"{page.start:.1f} to {page.end:.1f} s of {page.duration:.1f} s",
        ", ".join(statements(record, page, filter_words)[: 3 + len(filter_words.split(BETWEEN))]),
    ]
    if absent:
        parts.append(f"not recorded: {', '.join(absent)}")
    if record.derived:
        parts.append(f"derived: {', '.join(lead for lead in leads if lead in record.derived)}")
    inverted = [lead for lead in leads if page.format.inverts(lead)]
    if inverted:
        parts.append(f"drawn upside down: {', '.join(shown_name(lead, True) for lead in inverted)}")
    for lead, found in concerns.items():
        parts += [f"{lead}: {concern.word}, {concern.reason}" for concern in found]
    return ". ".join(parts)
