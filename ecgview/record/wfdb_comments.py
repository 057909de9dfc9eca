"""Patient and labels in the comments of WFDB headers.

The standard leaves comments free; read are the habits of the PhysioNet/CinC Challenges
(``#Age: 74``, ``#Dx: 59118001,164889003``), PTB (``# age: 81``), LUDB (``<age>: 51`` and the
lines after ``<diagnoses>:``) and MIT-BIH (``# 69 M 1085 1629 x1``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecgview.record.contents import About
from ecgview.record.demographics import age_of, sex_of
from ecgview.record.record import Label, Patient

_FIELD = re.compile(r"<?(?P<key>[A-Za-z][\w ]{0,40}?)>?\s*:\s*(?P<value>[^<]*)")
_SEVERAL = re.compile(r"<[\w ]+>\s*:")
_MIT = re.compile(r"(?P<age>\d{1,3}) (?P<sex>[MF])\b")
_CODE = re.compile(r"\d{6,18}")
_MOST_LABELS = 100
_LONGEST_LABEL = 300
_NOTHING = frozenset({"", "unknown", "n/a", "na", "nan", "none", "no"})
_REASON = "reason for admission"


def read_comments(comments: Sequence[str]) -> About:
    """Find patient and labels in the comments of a header.

    Parameters
    ----------
    comments : sequence of str
        Without the ``#``.

    Returns
    -------
    About
        Patient, labels and warnings; `recorded_at` is left unknown.
    """
    fields: dict[str, str] = {}
    diagnoses: list[str] = []
    listing = False
    for comment in comments:
        # LUDB's older headers have several fields in one line.
        matches = list(_FIELD.finditer(comment)) if _SEVERAL.search(comment) else [_FIELD.match(comment)]
        if listing and not comment.startswith("<"):
            diagnoses.append(comment)
            continue
        for match in matches:
            if match is None:
                continue
            key, value = match["key"].strip().lower(), match["value"].strip()
            listing = key == "diagnoses"
            if listing:
                diagnoses.append(value)
            fields.setdefault(key, value)
    mit = next((match for comment in comments[:1] if (match := _MIT.match(comment))), None)
    age, age_warning = age_of(fields.get("age") or (mit["age"] if mit else ""))
    return About(
        patient=Patient(
            identifier=_known(fields.get("patient id") or fields.get("subject id")),
            age=age,
            sex=sex_of(fields.get("sex") or fields.get("gender") or (mit["sex"] if mit else "")),
        ),
        labels=_labels(fields, diagnoses),
        warnings=[age_warning] if age_warning else [],
    )


def _known(value: str | None) -> str | None:
    return value[:_LONGEST_LABEL] if value and value.lower() not in _NOTHING else None


def _labels(fields: dict[str, str], diagnoses: list[str]) -> tuple[Label, ...]:
    labels = []
    for code in re.split(r"[,;\s]+", fields.get("dx", "")[:5000]) if _CODE.search(fields.get("dx", "")) else []:
        if _CODE.fullmatch(code):
            labels.append(Label(code, "snomed", "WFDB header, Dx"))
    if not labels and (text := _known(fields.get("dx"))):
        labels.append(Label(text, "text", "WFDB header, Dx"))
    for line in diagnoses:
        if text := _known(line.strip().rstrip(".").strip()):
            labels.append(Label(text, "text", "WFDB header, diagnoses"))
    if reason := _known(fields.get(_REASON)):
        labels.append(Label(reason, "text", "WFDB header, reason for admission"))
    return tuple(dict.fromkeys(labels))[:_MOST_LABELS]
