"""What is unusual about a recording, in words for a reader of ECGs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecgview.model.electrode_order import EXCHANGES
from ecgview.model.signal_quantities import QUANTITIES
from ecgview.record import STANDARD_LEADS

_LEADS_NAMED = 4
_REASONS = 4
# Beside a gross fault in one lead, those that are off by less than this share of it are not named.
_TRIFLE = 0.2

# Of several for one lead the first that applies is said: the plainest first.
_LEAD_WORDS: tuple[tuple[str, bool, str], ...] = (
    ("noise", True, "noise"),
    ("fast", True, "noise"),
    ("size", False, "hardly any signal"),
    ("span", False, "hardly any signal"),
    ("noise_beside_others", True, "more noise than in the other leads"),
    ("burst", True, "a burst of noise"),
    ("drift", True, "the baseline drifts or jumps"),
    ("slow", True, "the baseline drifts or jumps"),
    ("unrepeated", True, "its beats are not alike"),
    ("unrepeated_beside_others", True, "its beats are not alike, those of the other leads are"),
    ("unexplained", True, "does not go with the other leads"),
    ("worst_unexplained", True, "does not go with the other leads in places"),
    ("size_beside_others", True, "much larger than the other leads"),
    ("peaked", True, "spikes"),
    ("size", True, "unusually large"),
    ("span", True, "unusually large"),
)
_FOLLOWS_FROM_AMPLITUDE = frozenset(("noise", "hardly any signal", "unusually large", "the baseline drifts or jumps"))
_WHOLE_WORDS: dict[tuple[str, bool], str] = {
    ("beats", True): "more beats than any known, or none that can be told from noise",
    ("beats", False): "fewer beats than any known",
    ("qrs_width", True): "QRS complexes far wider than known",
    ("qrs_width", False): "QRS complexes far narrower than known",
    ("frequency", True): "faster deflections than an ECG has",
    ("frequency", False): "slower deflections than an ECG has",
    ("unrepeated_median", True): "the beats are not alike in any lead",
    ("unexplained_median", True): "the leads do not go together",
    ("sizes_spread", True): "the leads are of very different size",
}
_EXCHANGED = (
    "lead I is upside down, II and III, aVR and aVL are exchanged",
    "leads I and III are exchanged and upside down, II is upside down, aVR and aVF are exchanged",
    "leads I and II, aVL and aVF are exchanged, III is upside down",
)


def reversal_words(exchange: int) -> str:
    """Return the warning for one of :data:`ecgview.model.electrode_order.EXCHANGES`."""
    return f"The limb leads may be reversed: {EXCHANGES[exchange]} (if so, {_EXCHANGED[exchange]})."


def gain_words(ratio: float) -> str:
    """Return the warning for amplitudes that are `ratio` times the usual ones."""
    factor = 10 ** max(1, round(abs(np.log10(ratio))))
    return (
        f"The gain may be wrong: amplitudes are about {factor:,} times too {'large' if ratio > 1 else 'small'} "
        f"({times(ratio)} the usual)."
    )


def rate_words(factor: float) -> str:
    """Return the warning for durations that look doubled (`factor` > 0) or halved."""
    if factor > 0:
        return "The sampling rate may be wrong: RR, QRS and QT all look twice as long as they should be."
    return "The sampling rate may be wrong: RR, QRS and QT all look half as long as they should be."


def times(ratio: float) -> str:
    """Return ``"9 times"`` for 9.2, ``"0.11 times"`` for 0.11."""
    return f"{ratio:.0f} times" if ratio >= 3 else f"{ratio:.2g} times"


def signal_reasons(excess: NDArray[np.float64], above: NDArray[np.bool_], limit: float, ratio: float) -> list[str]:
    """Say which quantities are far from known ones, the worst lead first.

    Parameters
    ----------
    excess : ndarray, shape (len(QUANTITIES),)
        Distance from the usual; 1 is at the edge of the known.
    above : ndarray of bool
        Whether the quantity is too large rather than too small.
    limit : float
        Distance from which on a quantity is worth a word.
    ratio : float
        Amplitude over the usual.
    """
    found = {
        (quantity, lead): bool(above[place])
        for place, (quantity, lead) in enumerate(QUANTITIES)
        if excess[place] > limit
    }
    worst = {
        lead: max(value for value, (_, of) in zip(excess, QUANTITIES, strict=True) if of == lead)
        for lead in STANDARD_LEADS
    }
    leads: dict[str, list[str]] = {}
    for lead in sorted(STANDARD_LEADS, key=lambda name: -worst[name]):
        if worst[lead] < _TRIFLE * max(worst.values()):
            continue
        for quantity, high, words in _LEAD_WORDS:
            if found.get((quantity, lead)) is high:
                leads.setdefault(words, []).append(lead)
                break
    out = []
    if ("amplitude", "") in found:
        out.append(f"amplitudes {times(ratio)} the usual")
        # It is said already, and noise grows with the rest.
        leads = {words: names for words, names in leads.items() if words not in _FOLLOWS_FROM_AMPLITUDE}
    out += [f"{_named(names)}: {words}" for words, names in leads.items()]
    out += [words for (name, high), words in _WHOLE_WORDS.items() if found.get((name, "")) is high]
    return out[:_REASONS]


def _named(leads: Sequence[str]) -> str:
    if len(leads) > _LEADS_NAMED:
        return f"{len(leads)} of 12 leads"
    ordered = [name for name in STANDARD_LEADS if name in leads]
    return f"lead{'s' if len(leads) > 1 else ''} {', '.join(ordered)}"
