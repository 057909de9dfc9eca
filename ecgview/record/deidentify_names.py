"""What may pass into a de-identified record: names and codes that are known, and nothing else.

A field that ought to hold a lead's name or a diagnosis can hold a person's name as well. So a text
is kept only where it is one of the words expected there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecgview.record.leads import standard_lead
from ecgview.record.record import Label, Patient

OLDEST_AGE = 90
"""Ages above 89 years are given as this, as the HIPAA Safe Harbor method has it (45 CFR 164.514(b)(2))."""

# Posterior and right-sided chest leads, Frank's, Nehb's, modified limb and chest leads, plain channels.
_KNOWN_LEAD = re.compile(
    r"-?aVR|V\d{1,2}R?|V[XYZ]|[XYZADJ]|ML(?:I{1,3}|[1-6])|MV[1-6]|MCL[1-6]|C[CM]5|E[SC]G?|A[SI]|ECG ?\d{0,2}"
    r"|channel \d{1,3}",
    re.IGNORECASE,
)
_SNOMED = re.compile(r"[1-9]\d{5,17}")
_CONCEPT_PARTITIONS = ("00", "10")

# Verhoeff's check digit (dihedral group of the pentagon), as SNOMED CT identifiers carry it.
_MULTIPLY = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 3, 4, 0, 6, 7, 8, 9, 5), (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7), (4, 0, 1, 2, 3, 9, 5, 6, 7, 8), (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2), (7, 6, 5, 9, 8, 2, 1, 0, 4, 3), (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)  # fmt: skip
_PERMUTE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def lead_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names leads get: their own where it is known, else ``"channel N"``.

    Parameters
    ----------
    names : sequence of str
        As in a Record.

    Returns
    -------
    tuple of str
        As many, all different.
    """
    kept = [name if is_lead_name(name) else None for name in names]
    free = (f"channel {number}" for number in range(1, 2 * len(names) + 1) if f"channel {number}" not in kept)
    return tuple(name if name is not None else next(free) for name in kept)


def is_lead_name(name: str) -> bool:
    """Say whether a name is that of a lead, and so tells nothing of who was recorded."""
    return standard_lead(name) == name or _KNOWN_LEAD.fullmatch(name) is not None


def kept_age(patient: Patient) -> float | None:
    """Return the age to write: whole years, tenths below two, :data:`OLDEST_AGE` for all above 89."""
    if patient.age is None:
        return None
    if patient.age >= OLDEST_AGE:
        return float(OLDEST_AGE)
    return float(int(patient.age)) if patient.age >= 2 else round(patient.age, 1)


def kept_codes(labels: Sequence[Label]) -> tuple[str, ...]:
    """Return the SNOMED CT codes among labels that are codes of concepts, each once."""
    codes = (label.code for label in labels if label.system == "snomed" and is_snomed_concept(label.code))
    return tuple(dict.fromkeys(codes))


def is_snomed_concept(code: str) -> bool:
    """Say whether digits are an identifier of a SNOMED CT concept, by its partition and check digit.

    Parameters
    ----------
    code : str

    Returns
    -------
    bool
        A number of a patient that stands where a code is expected passes in one of 500 cases.
    """
    if not _SNOMED.fullmatch(code) or code[-3:-1] not in _CONCEPT_PARTITIONS:
        return False
    check = 0
    for position, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(position % 8):
            value = _PERMUTE[value]
        check = _MULTIPLY[check][value]
    return check == 0
