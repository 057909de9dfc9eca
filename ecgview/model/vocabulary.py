"""The statements an ECG can be given: codes, names, kinds, and how other code systems map to them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from ecgview.record import Label
from ecgview.resources import resource

Kind = Literal["diagnostic", "form", "rhythm", "superclass"]
_LUDB_PROVENANCE = "WFDB header, diagnoses"


@dataclass(frozen=True, slots=True)
class Statement:
    """One entry of the vocabulary.

    Attributes
    ----------
    code : str
        SCP-ECG statement code as PTB-XL writes it, or ``SUPER.`` and a superclass.
    name : str
        In full, for people.
    kind : {"diagnostic", "form", "rhythm", "superclass"}
    superclass : str or None
        Code of the superclass a diagnostic statement belongs to.
    snomed : tuple of str
        SNOMED CT codes that say the same.
    narrower : tuple of str
        SNOMED CT codes that say something narrower: who has the one has the statement. Codes that
        are wider, or leave open which of two it is, stand nowhere.
    ludb : tuple of str
        Beginnings of LUDB's diagnoses that say the same or something narrower. LUDB names the
        walls of an infarction or ischaemia one by one where PTB-XL joins them into one statement,
        so these stand for their superclass alone.
    """

    code: str
    name: str
    kind: Kind
    superclass: str | None
    snomed: tuple[str, ...]
    narrower: tuple[str, ...]
    ludb: tuple[str, ...]


@cache
def statements() -> dict[str, Statement]:
    """Return the whole vocabulary by code, in the order of ``resources/vocabulary.csv``."""
    with resource("vocabulary.csv").open(encoding="utf-8", newline="") as table:
        return {
            row["code"]: Statement(
                code=row["code"],
                name=row["name"],
                kind=cast(Kind, row["kind"]),
                superclass=f"SUPER.{row['superclass']}" if row["superclass"] else None,
                snomed=tuple(row["snomed"].split()),
                narrower=tuple(row["narrower"].split()),
                ludb=tuple(filter(None, row["ludb"].split("; "))),
            )
            for row in csv.DictReader(table)
        }


@cache
def _by_snomed() -> dict[str, str]:
    return {code: statement.code for statement in statements().values() for code in statement.snomed}


@cache
def _by_ludb() -> dict[str, str]:
    return {words.casefold(): statement.code for statement in statements().values() for words in statement.ludb}


def _of_ludb(text: str) -> str | None:
    """Return the statement of a LUDB diagnosis; what follows a comma or colon may narrow it down."""
    words = text.casefold()
    while words not in _by_ludb():
        cut = max(words.rfind(","), words.rfind(":"))
        if cut < 0:
            return None
        words = words[:cut].strip()
    return _by_ludb()[words]


@cache
def _by_narrower() -> dict[str, str]:
    return {code: statement.code for statement in statements().values() for code in statement.narrower}


def _code_of(label: Label) -> str | None:
    if label.system == "snomed":
        return _by_snomed().get(label.code) or _by_narrower().get(label.code)
    if label.system == "text":
        # Other free text may quote a device, or doubt or deny what it names.
        return _of_ludb(label.code) if label.provenance == _LUDB_PROVENANCE else None
    return label.code


def statement_codes(labels: Iterable[Label]) -> frozenset[str]:
    """Return the statements a record's labels amount to.

    A PTB-XL statement counts as present when its key is present: a likelihood of 0 there means
    that none was stated. Each diagnostic statement brings its superclass along.

    Parameters
    ----------
    labels : iterable of Label
        As they came with the record. SNOMED CT codes and the listed diagnoses of LUDB's headers
        are mapped by the vocabulary; what it does not know and other free text are passed over.

    Returns
    -------
    frozenset of str
        Codes of the vocabulary, superclasses among them.
    """
    found: set[str] = set()
    for label in labels:
        statement = statements().get(_code_of(label) or "")
        if statement is not None:
            found.add(statement.code)
            if statement.superclass is not None:
                found.add(statement.superclass)
    return frozenset(found)


def label_name(label: Label) -> str:
    """Return the words a reader sees for a label: the statement's name, or the text itself."""
    code = _by_snomed().get(label.code) if label.system == "snomed" else label.code
    statement = statements().get(code) if code is not None and label.system != "text" else None
    if statement is not None:
        return statement.name
    return f"SNOMED CT {label.code}" if label.system == "snomed" else label.code
