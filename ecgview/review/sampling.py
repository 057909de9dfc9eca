"""Which records a reading round takes, who reads them, and in which order: all from one seed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Group = Literal["false positive", "false negative", "correct, present", "correct, absent"]
GROUPS: Final[tuple[Group, ...]] = ("false positive", "false negative", "correct, present", "correct, absent")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a round could take for one class.

    Attributes
    ----------
    record_hash : str
    record_name : str
        What the program finds the file by.
    code : str
    label, decision : bool
        What the record's label and the model say.
    probability : float
        Of the model.
    """

    record_hash: str
    record_name: str
    code: str
    label: bool
    decision: bool
    probability: float

    @property
    def group(self) -> Group:
        """How label and model stand to each other, the label taken as the truth."""
        if self.label == self.decision:
            return "correct, present" if self.label else "correct, absent"
        return "false negative" if self.label else "false positive"


@dataclass(frozen=True, slots=True)
class Sample:
    """How many records of each group a round takes for each class.

    Attributes
    ----------
    false_positives, false_negatives : int
    controls : int
        Correct ones, half of them with the class as far as there are.
    """

    false_positives: int
    false_negatives: int
    controls: int


def draw(candidates: Sequence[Candidate], sample: Sample, seed: int) -> list[Candidate]:
    """Draw records; where a group has too few, all of it.

    A record is taken once, for the class that draws it first. The same candidates, in whatever
    order, and the same seed give the same sample.
    """
    half = sample.controls // 2
    wanted = dict(
        zip(GROUPS, (sample.false_positives, sample.false_negatives, half, sample.controls - half), strict=True)
    )
    taken: dict[str, Candidate] = {}
    for code in sorted({candidate.code for candidate in candidates}):
        for group in GROUPS:
            pool = sorted(
                (c for c in candidates if c.code == code and c.group == group and c.record_hash not in taken),
                key=lambda candidate: candidate.record_hash,
            )
            order = _chance(seed, code, group).permutation(len(pool))
            unique: dict[str, Candidate] = {}
            for place in order:
                unique.setdefault(pool[place].record_hash, pool[place])
            taken |= dict(list(unique.items())[: wanted[group]])
    return list(taken.values())


def assign(
    records: Sequence[str], readers: Sequence[str], readings: int, repeated: float, seed: int
) -> dict[str, list[str]]:
    """Deal records out to readers, each in their own random order.

    Parameters
    ----------
    records : sequence of str
        Content hashes.
    readers : sequence of str
    readings : int
        How many readers read each record.
    repeated : float
        Share of a reader's records that the reader is given a second time, 0 to 1.
    seed : int

    Returns
    -------
    dict of str to list of str
        Each reader's records in order. A repeated record stands in it twice, the second time
        after all others were read once.
    """
    dealt: dict[str, list[str]] = {reader: [] for reader in readers}
    shuffled = [sorted(records)[place] for place in _chance(seed, "deal").permutation(len(records))]
    for number, record in enumerate(shuffled):
        for step in range(readings):
            dealt[readers[(number + step) % len(readers)]].append(record)
    for reader, own in dealt.items():
        chance = _chance(seed, "order", reader)
        first = [sorted(own)[place] for place in chance.permutation(len(own))]
        again = chance.permutation(len(own))[: round(repeated * len(own))]
        dealt[reader] = first + [first[place] for place in again]
    return dealt


def _chance(seed: int, *names: str) -> np.random.Generator:
    # From names instead of from one stream: what one reader gets does not hang on the others.
    digest = hashlib.sha256("\0".join((str(seed), *names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
