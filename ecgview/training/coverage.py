"""Which classes of the PhysioNet/CinC Challenges a model has an answer to, and which not."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from ecgview.model.vocabulary import statements
from ecgview.resources import resource


@dataclass(frozen=True, slots=True)
class Coverage:
    """One class scored in a Challenge.

    Attributes
    ----------
    name : str
    snomed : tuple of str
        SNOMED CT codes that are scored as one class.
    scored : tuple of str
        The years in which it was scored.
    code : str or None
        The model's class that says the same; None where it has none.
    """

    name: str
    snomed: tuple[str, ...]
    scored: tuple[str, ...]
    code: str | None

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {"name": self.name, "snomed": list(self.snomed), "scored": list(self.scored), "code": self.code}


def challenge_coverage(classes: Sequence[str]) -> tuple[Coverage, ...]:
    """Set the Challenges' scored classes against a model's.

    Codes that the Challenges score as one diagnosis are one class: complete and plain bundle
    branch block of either side, premature atrial and supraventricular beats, premature
    ventricular contractions and ventricular premature beats. That makes 24 classes in 2020 and 26
    in 2021. (In 2020 complete left bundle branch block had no code of its own among those scored.)

    Parameters
    ----------
    classes : sequence of str
        The model's classes. A superclass covers nothing: it says less than any class of the
        Challenges.

    Returns
    -------
    tuple of Coverage
    """
    same = {
        snomed: code
        for code, statement in statements().items()
        if code in classes and statement.kind != "superclass"
        for snomed in statement.snomed
    }
    with resource("challenge_classes.csv").open(encoding="utf-8", newline="") as table:
        return tuple(
            Coverage(
                name=row["name"],
                snomed=tuple(row["snomed"].split()),
                scored=tuple(row["scored"].split()),
                code=next((same[code] for code in row["snomed"].split() if code in same), None),
            )
            for row in csv.DictReader(table)
        )
