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
    """

    code: str
    name: str
    kind: Kind
    superclass: str | None
    snomed: tuple[str, ...]


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
            )
            for row in csv.DictReader(table)
        }


@cache
def _by_snomed() -> dict[str, str]:
    return {code: statement.code for statement in statements().values() for code in statement.snomed}


def statement_codes(labels: Iterable[Label]) -> frozenset[str]:
    """Return the statements a record's labels amount to.

    A PTB-XL statement counts as present when its key is present: a likelihood of 0 there means
    that none was stated. Each diagnostic statement brings its superclass along.

    Parameters
    ----------
    labels : iterable of Label
        As they came with the record. SNOMED CT codes are mapped by the vocabulary; codes it does
        not know and free text are passed over.

    Returns
    -------
    frozenset of str
        Codes of the vocabulary, superclasses among them.
    """
    found: set[str] = set()
    for label in labels:
        code = _by_snomed().get(label.code) if label.system == "snomed" else label.code
        statement = statements().get(code) if code is not None and label.system != "text" else None
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
