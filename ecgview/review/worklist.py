"""What label and model say of many records, and what is made of it: the queue, and candidates for rounds.

Plain arrays: whoever has probabilities of records that the model did not learn from can fill them
(:func:`ecgview.training.second_look.look` does, from a folder and a model).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ecgview.review.candidates import COLUMNS, as_arrays
from ecgview.review.cells import guarded
from ecgview.review.sampling import Candidate
from ecgview.review.suspicion import Order, queue


@dataclass(frozen=True, eq=False)
class Judged:
    """Labelled records that a model judged without having learned from them.

    Attributes
    ----------
    hashes : tuple of str
        Content hashes.
    names : tuple of str
        What the program finds the files by.
    codes : tuple of str
        Classes.
    labels : ndarray of bool, shape (records, classes)
    probability : ndarray of float32, shape (records, classes)
    called : ndarray of bool, shape (records, classes)
        The model's decisions.
    spread : ndarray of float32, shape (records, classes)
        Standard deviation between those who may speak: all members for a record that none learned
        from, else the two halves of the one member that did not. NaN where there is one voice only.
    held_out : ndarray of bool, shape (records,)
        Whether the record is one that other members learned from.
    learned_from : tuple of int
        Records with each class that the model learned from; empty where that is not known.
    left_out : tuple of str
        Files that stand in no row, with the reason.
    """

    hashes: tuple[str, ...]
    names: tuple[str, ...]
    codes: tuple[str, ...]
    labels: NDArray[np.bool_]
    probability: NDArray[np.float32]
    called: NDArray[np.bool_]
    spread: NDArray[np.float32]
    held_out: NDArray[np.bool_]
    learned_from: tuple[int, ...] = ()
    left_out: tuple[str, ...] = ()

    @classmethod
    def of_candidates(cls, candidates: Sequence[Candidate]) -> Judged:
        """Take over what a table of candidates says; between members it says nothing.

        Raises
        ------
        ecgview.review.candidates.TableError
            A record has no row for one of the classes.
        """
        hashes, codes, labels, called, probability = as_arrays(candidates)
        names = {item.record_hash: item.record_name for item in candidates}
        return cls(
            hashes=tuple(hashes),
            names=tuple(names[digest] for digest in hashes),
            codes=codes,
            labels=labels,
            probability=probability.astype(np.float32),
            called=called,
            spread=np.full(labels.shape, np.nan, np.float32),
            held_out=np.ones(len(hashes), bool),
        )

    def of_classes(self, codes: Sequence[str]) -> Judged:
        """Return the same for some classes.

        Raises
        ------
        ValueError
            A class is not among them.
        """
        unknown = [code for code in codes if code not in self.codes]
        if unknown:
            raise ValueError(f"the model knows no class {unknown[0]!r}; known are {', '.join(self.codes)}")
        columns = [self.codes.index(code) for code in codes]
        return Judged(
            hashes=self.hashes,
            names=self.names,
            codes=tuple(codes),
            labels=self.labels[:, columns],
            probability=self.probability[:, columns],
            called=self.called[:, columns],
            spread=self.spread[:, columns],
            held_out=self.held_out,
            learned_from=tuple(self.learned_from[column] for column in columns) if self.learned_from else (),
            left_out=self.left_out,
        )

    def candidates(self) -> Iterator[Candidate]:
        """Go through all records and classes as candidates for a round."""
        for row, (digest, name) in enumerate(zip(self.hashes, self.names, strict=True)):
            for column, code in enumerate(self.codes):
                yield Candidate(
                    digest,
                    name,
                    code,
                    bool(self.labels[row, column]),
                    bool(self.called[row, column]),
                    float(self.probability[row, column]),
                )


@dataclass(frozen=True, slots=True)
class Item:
    """One class of one record, to be looked at.

    Attributes
    ----------
    record_hash, record_name : str
    code : str
    score : float
        What the order goes by; higher comes first.
    labelled : bool
        Whether the label states the class.
    probability : float
    called : bool
        The model's decision.
    why : str
        In words, for the reader.
    """

    record_hash: str
    record_name: str
    code: str
    score: float
    labelled: bool
    probability: float
    called: bool
    why: str


def worklist(
    judged: Judged,
    order: Order = "suspicion",
    codes: Sequence[str] | None = None,
    limit: int = 100,
    seed: int = 0,
    without: Collection[tuple[str, str]] = frozenset(),
) -> list[Item]:
    """Put what deserves a second look in order; each entry says why it is there.

    Parameters
    ----------
    judged : Judged
    order : str
        As for :func:`ecgview.review.suspicion.queue`.
    codes : sequence of str, optional
        Only these classes.
    limit : int
        How many are given back.
    seed : int
        Of what is random.
    without : collection of (record hash, class)
        Pairs that readers have decided already.

    Raises
    ------
    ValueError
        A class is unknown, or the order needs what is not there.
    """
    of = judged if codes is None else judged.of_classes(codes)
    if order == "uncertainty" and np.isnan(of.spread).all():
        raise ValueError("the uncertainty between members needs each member's probabilities; the table has none")
    rows = {digest: row for row, digest in enumerate(of.hashes)}
    columns = {code: column for column, code in enumerate(of.codes)}
    passed = {(rows[digest], columns[code]) for digest, code in without if digest in rows and code in columns}
    found = queue(
        of.codes,
        of.labels,
        of.probability,
        order,
        decisions=of.called,
        limit=limit,
        seed=seed,
        spread=of.spread,
        without=passed,
        guard_rare=codes is None,
    )
    items = []
    for suspect in found:
        column = of.codes.index(suspect.code)
        why = suspect.why
        if order == "uncertainty" and of.held_out[suspect.record]:
            why = why.replace(
                "members differ by", "network and trees of the member that did not learn from it differ by"
            )
        if of.learned_from:
            why += f"; learned from {of.learned_from[column]} records with it"
        items.append(
            Item(
                record_hash=of.hashes[suspect.record],
                record_name=of.names[suspect.record],
                code=suspect.code,
                score=suspect.score,
                labelled=suspect.labelled,
                probability=suspect.probability,
                called=bool(of.called[suspect.record, column]),
                why=why,
            )
        )
    return items


def write_candidates(candidates: Iterator[Candidate] | Sequence[Candidate], stream: IO[str]) -> int:
    """Write the table that :func:`ecgview.review.candidates.read_candidates` reads. Return the number of rows."""
    lines = csv.writer(stream, lineterminator="\n")
    lines.writerow(COLUMNS)
    count = 0
    for count, item in enumerate(candidates, start=1):  # noqa: B007
        texts = (guarded(text) for text in (item.record_hash, item.record_name, item.code))
        lines.writerow([*texts, int(item.label), int(item.decision), f"{item.probability:.6f}"])
    return count
