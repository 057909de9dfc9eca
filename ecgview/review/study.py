"""What came of a reading round, or of labels by several readers: one object for tables, plots and pages."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import IO, Final

import numpy as np

from ecgview.review.agreement import COLUMNS as PAIR_COLUMNS
from ecgview.review.agreement import (
    RESAMPLES,
    Agreement,
    FleissAgreement,
    Readings,
    compare_all,
    fleiss,
)
from ecgview.review.cells import guarded
from ecgview.review.events import Decision
from ecgview.review.rounds import Round, RoundError
from ecgview.review.store import Store

COLUMNS: Final = (*PAIR_COLUMNS, "prevalence_low", "prevalence_high")
ALL_READERS: Final = "all readers"
PREVALENCE: Final = "prevalence"


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How often somebody calls a class present.

    Attributes
    ----------
    code : str
    who : str
        A reader, ``"label"`` or ``"model"``.
    present, records : int
        Of the records about which they were certain.
    uncertain : int
    share, low, high : float
        Of `records` called present, with the 95 % interval; NaN without records.
    """

    code: str
    who: str
    present: int
    records: int
    uncertain: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Study:
    """Agreement and prevalence, for each class.

    Attributes
    ----------
    title : str
    codes : tuple of str
    readers : tuple of str
        Names, or numbers where they are not to be told.
    records : int
        Read by at least one of them.
    pairs : tuple of Agreement
        Readers with each other, with the label, with the model, and with themselves: two-by-two tables,
        Cohen's kappa with its interval.
    fleiss : tuple of FleissAgreement
        All readers together, where there are three or more.
    prevalence : tuple of Prevalence
        Of each reader, the label and the model.
    """

    title: str
    codes: tuple[str, ...]
    readers: tuple[str, ...]
    records: int
    pairs: tuple[Agreement, ...]
    fleiss: tuple[FleissAgreement, ...]
    prevalence: tuple[Prevalence, ...]

    def of_class(self, code: str) -> Study:
        """Return what concerns one class."""
        return replace(
            self,
            codes=(code,),
            pairs=tuple(entry for entry in self.pairs if entry.code == code),
            fleiss=tuple(entry for entry in self.fleiss if entry.code == code),
            prevalence=tuple(entry for entry in self.prevalence if entry.code == code),
        )


def study(
    store: Store,
    round_id: str | None = None,
    identified: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Study:
    """Compare all who read.

    Parameters
    ----------
    store : Store
    round_id : str, optional
        A round, of which every reading is locked. Without it, the labels that hold now are compared,
        reader by reader.
    identified : bool
        With the readers' names; else they are numbered.
    resamples, seed : int
        Of the bootstrap over records.

    Raises
    ------
    ecgview.review.rounds.RoundError
        There is no such round, a reading is not locked, or fewer than two readers gave labels.
    """
    if round_id is not None:
        round = Round(store, round_id)
        return study_of(round.title, *round.readings(), identified=identified, resamples=resamples, seed=seed)
    held: dict[str, dict[str, dict[str, Decision]]] = {}
    for event in store.current_labels():
        if event.decision is not None:
            held.setdefault(event.reader, {}).setdefault(event.code, {})[event.record_hash] = event.decision
    if len(held) < 2:
        raise RoundError("labels of two readers or more can be compared; name a round to compare with label and model")
    return study_of("Labels that hold now", held, identified=identified, resamples=resamples, seed=seed)


def study_of(
    title: str,
    readers: Mapping[str, Readings],
    label: Readings | None = None,
    model: Readings | None = None,
    again: Mapping[str, Readings] | None = None,
    identified: bool = True,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Study:
    """Compare readings, wherever they are from.

    Parameters
    ----------
    title : str
    readers : mapping of reader to Readings
    label, model : Readings, optional
    again : mapping of reader to Readings, optional
        What the same readers said when they read the same records once more.
    identified, resamples, seed
        As for :func:`study`.
    """
    names = {name: name if identified else f"reader {number}" for number, name in enumerate(readers, start=1)}
    named = {names[name]: reading for name, reading in readers.items()}
    codes = tuple(sorted({code for reading in readers.values() for code in reading}))
    repeated = {names[name]: reading for name, reading in (again or {}).items() if name in names}
    others = [("label", label), ("model", model)]
    voices = [*named.items(), *((who, reading) for who, reading in others if reading is not None)]
    together = _together(named) if len(named) > 2 else None
    return Study(
        title=title,
        codes=codes,
        readers=tuple(named),
        records=len({key for reading in readers.values() for of_class in reading.values() for key in of_class}),
        pairs=tuple(compare_all(named, label, model, repeated or None, resamples, seed)),
        fleiss=tuple(replace(fleiss(together(code), code, resamples, seed), readers=tuple(named)) for code in codes)
        if together is not None
        else (),
        prevalence=tuple(
            _prevalence(code, who, reading[code], resamples, seed)
            for code in codes
            for who, reading in voices
            if code in reading
        ),
    )


def _together(named: Mapping[str, Readings]):  # type: ignore[no-untyped-def]
    """Return what gives the readings of a class for Fleiss' kappa.

    Where no record was read by all, records that were read by the same number count, whoever read
    them: Fleiss' kappa asks how many said so, and not who.
    """

    def of_class(code: str) -> dict[str, Readings]:
        readings = {name: reading.get(code, {}) for name, reading in named.items()}
        if set.intersection(*(set(said) for said in readings.values())):
            return {name: {code: said} for name, said in readings.items()}
        by_record: dict[str, list[Decision]] = {}
        for said in readings.values():
            for record, decision in said.items():
                by_record.setdefault(record, []).append(decision)
        counts = [len(decisions) for decisions in by_record.values() if len(decisions) > 1]
        usual = max(set(counts), key=lambda count: (counts.count(count), count)) if counts else 0
        kept = {record: decisions for record, decisions in by_record.items() if len(decisions) == usual}
        return {
            f"reading {place + 1}": {code: {record: decisions[place] for record, decisions in kept.items()}}
            for place in range(usual)
        }

    return of_class


def _prevalence(code: str, who: str, said: Mapping[str, Decision], resamples: int, seed: int) -> Prevalence:
    certain = [decision for decision in said.values() if decision != "uncertain"]
    present, records = certain.count("present"), len(certain)
    share = low = high = math.nan
    if records:
        share = present / records
        drawn = np.random.default_rng(seed).binomial(records, share, size=resamples) / records
        low, high = (float(bound) for bound in np.quantile(drawn, [0.025, 0.975]))
    return Prevalence(code, who, present, records, len(said) - records, share, low, high)


def write_study(found: Study, stream: IO[str]) -> None:
    """Write a study as one CSV: pairs, all readers together, and prevalence; empty where undefined."""
    lines = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
    lines.writeheader()

    def row(words: Sequence[str], counts: Mapping[str, int], figures: Mapping[str, float]) -> None:
        cells: dict[str, object] = {
            name: guarded(word) for name, word in zip(("class", "comparison", "first", "second"), words, strict=True)
        }
        shown = {name: "" if math.isnan(figure) else f"{figure:.4f}" for name, figure in figures.items()}
        lines.writerow(cells | dict(counts) | shown)

    for pair in found.pairs:
        table = pair.table
        row(
            (pair.code, pair.comparison, pair.first, pair.second),
            {
                "records": table.records,
                "uncertain": pair.left_out,
                "both": table.both,
                "first_only": table.first_only,
                "second_only": table.second_only,
                "neither": table.neither,
            },
            {
                name: getattr(pair, name)
                for name in ("prevalence_first prevalence_second observed on_present on_absent kappa low high".split())
            },
        )
    for entry in found.fleiss:
        row(
            (entry.code, ALL_READERS, ", ".join(entry.readers), ""),
            {"records": entry.records},
            {"kappa": entry.kappa, "low": entry.low, "high": entry.high},
        )
    for one in found.prevalence:
        row(
            (one.code, PREVALENCE, one.who, ""),
            {"records": one.records, "uncertain": one.uncertain, "both": one.present},
            {"prevalence_first": one.share, "prevalence_low": one.low, "prevalence_high": one.high},
        )
