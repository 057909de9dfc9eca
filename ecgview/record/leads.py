"""Names of the twelve standard leads and the spellings files use for them."""

from __future__ import annotations

import re

LIMB_LEADS: tuple[str, ...] = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST_LEADS: tuple[str, ...] = ("V1", "V2", "V3", "V4", "V5", "V6")
STANDARD_LEADS: tuple[str, ...] = LIMB_LEADS + CHEST_LEADS

_CANONICAL = {name.upper(): name for name in STANDARD_LEADS}
# Roman numerals written as digits, and the Fontaine-free spellings of some carts.
_CANONICAL |= {"1": "I", "2": "II", "3": "III", "L1": "I", "L2": "II", "L3": "III"}
_CANONICAL |= {"DI": "I", "DII": "II", "DIII": "III", "D1": "I", "D2": "II", "D3": "III"}
_CANONICAL |= {f"C{number}": f"V{number}" for number in range(1, 7)}

# "MDC_ECG_LEAD_AVR", "Lead aVR (Einthoven)", "ECG aVR", "lead_ii": what surrounds the name itself.
_SURROUNDINGS = re.compile(r"^(?:MDC[_ ]ECG[_ ]LEAD[_ ]|ECG[_ ]LEAD[_ ]|LEAD[_ ]?|ECG[_ ])|\s*\(.*\)\s*$", re.IGNORECASE)


def standard_lead(name: str) -> str | None:
    """Return the standard spelling of a lead name.

    Parameters
    ----------
    name : str
        The name as a file gives it: ``"AVR"``, ``"avr"``, ``"MDC_ECG_LEAD_AVR"``,
        ``"Lead II"``, ``"-aVR"`` …

    Returns
    -------
    str or None
        One of :data:`STANDARD_LEADS`, or None where the name is not one of the twelve
        (Frank leads, right-sided and posterior leads, inverted aVR).
    """
    bare = _SURROUNDINGS.sub("", name.strip()).strip()
    return _CANONICAL.get(bare.upper().replace(" ", ""))


def in_standard_order(names: list[str] | tuple[str, ...]) -> list[int]:
    """Return the positions that put leads in the order I II III aVR aVL aVF V1-V6.

    Leads that are not among the twelve follow in the order they came in.

    Parameters
    ----------
    names : sequence of str
        Lead names, standard spelling where they are standard.

    Returns
    -------
    list of int
        Positions into `names`.
    """
    rank = {name: position for position, name in enumerate(STANDARD_LEADS)}
    return sorted(range(len(names)), key=lambda position: (rank.get(names[position], len(rank)), position))
