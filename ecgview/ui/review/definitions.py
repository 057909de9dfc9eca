"""What a class is called, what it means, and where to look for it. No Qt."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from ecgview.model.vocabulary import statements
from ecgview.resources import resource

_GROUP = "SUPER."


@dataclass(frozen=True, slots=True)
class Definition:
    """A class as a reader needs it.

    Attributes
    ----------
    code : str
    name : str
        In full; the code itself where nothing is known of it.
    criteria : str
        In words; empty where there are none.
    leads : tuple of str
        To look at first.
    snomed : tuple of str
        SNOMED CT codes that say the same.
    """

    code: str
    name: str
    criteria: str
    leads: tuple[str, ...]
    snomed: tuple[str, ...]

    @property
    def shown_code(self) -> str:
        """The code as it stands small beside the name; empty where the name is the code."""
        return "" if self.name == self.code else self.code.removeprefix(_GROUP)


@cache
def _criteria() -> dict[str, tuple[str, tuple[str, ...]]]:
    with resource("definitions.csv").open(encoding="utf-8", newline="") as table:
        return {row["code"]: (row["criteria"], tuple(row["leads"].split())) for row in csv.DictReader(table)}


@cache
def definition(code: str) -> Definition:
    """Return what is known of a class: of the vocabulary, or of a reading study's own."""
    from ecgview.review.templates import TEMPLATES

    if (statement := statements().get(code)) is not None:
        criteria, leads = _criteria().get(code, ("", ()))
        return Definition(code, statement.name, criteria, leads, statement.snomed)
    for template in TEMPLATES.values():
        if template.code == code:
            return Definition(code, template.title, template.definition, template.leads, template.snomed)
    return Definition(code, code, "", (), ())


def search(words: str, most: int = 8) -> list[Definition]:
    """Find classes by the beginnings of words of their names, by SCP code or by SNOMED CT code.

    Parameters
    ----------
    words : str
        What was typed.
    most : int
        How many are returned.

    Returns
    -------
    list of Definition
        Exact codes first, then beginnings of codes, then names.
    """
    from ecgview.ui.matching import rank

    asked = words.strip().casefold()
    if not asked:
        return []
    found: list[tuple[tuple[int, ...], Definition]] = []
    for code, statement in statements().items():
        codes = [code.removeprefix(_GROUP).casefold(), *statement.snomed]
        if asked in codes:
            found.append(((0, 0), definition(code)))
        elif any(each.startswith(asked) for each in codes):
            found.append(((1, 0), definition(code)))
        elif (fit := rank(words, statement.name)) is not None:
            found.append(((2, *fit), definition(code)))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])[:most]]
