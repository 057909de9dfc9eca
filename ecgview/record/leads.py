"""Names of the twelve standard leads and the spellings files use for them."""

from __future__ import annotations

import re

LIMB_LEADS: tuple[str, ...] = ("I", "II", "III", "aVR", "aVL", "aVF")
CHEST_LEADS: tuple[str, ...] = ("V1", "V2", "V3", "V4", "V5", "V6")
STANDARD_LEADS: tuple[str, ...] = LIMB_LEADS + CHEST_LEADS

_CANONICAL = {name.upper(): name for name in STANDARD_LEADS}
# Roman numerals written as digits ("L" and "D" for lead and dérivation), and C for the chest leads.
_CANONICAL |= {f"{letter}{number}": name for letter in "LD" for number, name in zip("123", LIMB_LEADS, strict=False)}
_CANONICAL |= {f"D{name}": name for name in ("I", "II", "III")}
_CANONICAL |= {f"C{number}": f"V{number}" for number in range(1, 7)}

# What surrounds the name itself: "MDC_ECG_LEAD_AVR", "Lead aVR (Einthoven)", "EKG aVR", "lead_ii", "ECG-V1".
_CODE = re.compile(r"^MDC[_ ]ECG[_ ]LEAD[_ ]", re.IGNORECASE)
_SIGNAL_WORD = re.compile(r"^(?:ECG|EKG)(?:[ _:]+|-|(?=LEAD|AV|V))", re.IGNORECASE)
_LEAD_WORD = re.compile(r"^(?:LEAD|DERIVATION)(?:[ _:]+|-|(?=[IV123]))|[ _]LEAD$", re.IGNORECASE)
_PARENTHESIS = re.compile(r"\s*[(\[].*[)\]]\s*$")


def standard_lead(name: str) -> str | None:
    """Return the standard spelling of a lead name.

    Parameters
    ----------
    name : str
        The name as a file gives it: ``"AVR"``, ``"avr"``, ``"MDC_ECG_LEAD_AVR"``,
        ``"Lead II"``, ``"EKG V1"``, ``"DIII"``, ``"-aVR"`` …

    Returns
    -------
    str or None
        One of :data:`STANDARD_LEADS`, or None where the name is not one of the twelve
        (Frank leads, right-sided and posterior leads, modified limb leads, inverted aVR).
        A bare number is None too: ``"1"`` and ``"ECG 1"`` count channels, they do not name
        lead I. ``"Lead 1"`` does.
    """
    bare = _PARENTHESIS.sub("", name[:80].strip())
    bare = _SIGNAL_WORD.sub("", _CODE.sub("", bare))
    spoken = _LEAD_WORD.sub("", bare)
    if spoken != bare and spoken in ("1", "2", "3"):
        return LIMB_LEADS[int(spoken) - 1]
    return _CANONICAL.get(spoken.upper().replace(" ", "").replace("_", "").rstrip("."))


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
