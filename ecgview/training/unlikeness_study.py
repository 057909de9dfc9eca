"""How well unlike recordings are told from recordings like those learned from.

``python -m ecgview.training.unlikeness_study PTB-XL-FOLDER OTHER-FOLDER [CLEAN-FOLDER …]`` prints the
tables of docs/unlikeness.md: reference and limits are learned from the first folder alone and judged
on folds kept from them; recordings of the second are made bad in known ways; all are judged as they are.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.model.compared import Measured, measured, measured_all, prepare_anything
from ecgview.model.electrode_order import EXCHANGES
from ecgview.model.likeness import Unlikeness
from ecgview.model.preprocessing import Prepared, Preprocessing, Refusal, prepare
from ecgview.model.unlikeness import Reference
from ecgview.record import STANDARD_LEADS, Record, read
from ecgview.record.folder import find_records
from ecgview.signal.features import FEATURES
from ecgview.signal.quality import lead_faults, missing_leads
from ecgview.training.corruption import CLEAN, CORRUPTIONS, Corruption, corrupted
from ecgview.training.dataset import Dataset, divide, load_dataset
from ecgview.training.scores import auroc
from ecgview.training.unlikeness_candidates import CANDIDATES, filled

PARTS = 5
_PREPROCESSING = Preprocessing()


@dataclass(frozen=True, eq=False)
class Subject:
    """One recording under study.

    Attributes
    ----------
    name, source : str
        Its file, and the letters the file's name begins with.
    record : Record
    prepared : Prepared or None
        None where the model refuses it.
    kind : Corruption
    """

    name: str
    source: str
    record: Record
    prepared: Prepared | None
    kind: Corruption

    @classmethod
    def of(cls, record: Record, kind: Corruption = CLEAN) -> Subject:
        """Measure and prepare a recording."""
        try:
            prepared = prepare(record, _PREPROCESSING)
        except Refusal:
            prepared = None
        return cls(record.name, record.name.rstrip("0123456789"), record, prepared, kind)

    def judged_by(self, reference: Reference) -> Unlikeness:
        """Ask the reference, as the program does."""
        return reference.judge(self.record, _PREPROCESSING, self.prepared)


def whole_records(folder: Path) -> list[Record]:
    """Return the recordings below a folder whose twelve leads can all be judged, by name."""
    records = (read(path) for path in sorted(find_records(folder)))
    return [
        record for record in records if not missing_leads(record) and not set(STANDARD_LEADS) & set(lead_faults(record))
    ]


def made_bad(records: Iterable[Record], kinds: Sequence[Corruption], seed: int = 0) -> list[Subject]:
    """Make each recording bad in each of the ways."""
    out = []
    for record in records:
        for kind in kinds:
            chance = np.random.default_rng([seed, zlib.crc32(f"{record.name} {kind.name}".encode())])
            out.append(Subject.of(corrupted(record, kind, chance), kind))
    return out


def area(bad: NDArray[np.float64], good: NDArray[np.float64]) -> float:
    """Return the share of pairs in which the bad recording scores higher."""
    targets = np.arange(len(bad) + len(good)) < len(bad)
    return float(auroc(targets, np.concatenate([bad, good]), np.ones((1, len(targets))))[0])


@dataclass(frozen=True, eq=False)
class Training:
    """The training records, measured.

    Attributes
    ----------
    folds, parts : ndarray of int64, shape (records,)
    measured : tuple of Measured
    features : ndarray of float64, shape (records, features)
    dataset : Dataset
    """

    folds: NDArray[np.int64]
    parts: NDArray[np.int64]
    measured: tuple[Measured, ...]
    features: NDArray[np.float64]
    dataset: Dataset

    @classmethod
    def read(cls, folder: Path) -> Training:
        """Read and measure all labelled records below a folder."""
        dataset = load_dataset(folder, _PREPROCESSING)
        values = measured_all(dataset.windows, dataset.valid, dataset.owner, dataset.measured)
        first = [int(np.argmax(dataset.owner == number)) for number in range(len(values))]
        features = dataset.measured[first].astype(np.float64)
        return cls(dataset.folds, divide(dataset.folds, PARTS), tuple(values), features, dataset)

    def changed(self, kind: Corruption) -> list[Measured]:
        """Return the records with their prepared windows changed, for changes that need no raw signal."""
        chance = np.random.default_rng(0)
        hz = _PREPROCESSING.hz
        out = []
        for number in range(len(self.measured)):
            own = self.dataset.owner == number
            windows = [kind.change(window.astype(np.float64), hz, chance) for window in self.dataset.windows[own]]
            out.append(measured(np.stack(windows).astype(np.float32), self.dataset.valid[own]))
        return out

    def references(self) -> list[Reference]:
        """Return one reference for each part, which knows nothing of that part: neither statistics nor limits."""
        out = []
        for part in range(PARTS):
            kept = np.flatnonzero(self.parts != part)
            out.append(Reference.fit([self.measured[place] for place in kept], self.parts[kept]))
        return out

    def reference(self) -> Reference:
        """Return the reference of all records."""
        return Reference.fit(self.measured, self.parts)


def _rates(training: Training, held_out: Sequence[Reference]) -> list[str]:
    parts = [held_out[part].parts(record) for part, record in zip(training.parts, training.measured, strict=True)]
    limits = np.stack([held_out[part].limits for part in training.parts])
    alarm = np.array([part.score for part in parts]) > limits[:, 0]
    lines = ["| fold | records | called unlike |", "|--|--|--|"]
    for fold in np.unique(training.folds):
        inside = training.folds == fold
        lines.append(f"| {fold} | {inside.sum()} | {alarm[inside].mean():.1%} |")
    lines.append(f"| all | {len(alarm)} | {alarm.mean():.1%} |")
    return lines


def _kinds(
    bad: Sequence[Subject], bad_scores: NDArray[np.float64], good: NDArray[np.float64], limit: float
) -> list[str]:
    clean = np.array([subject.kind is CLEAN for subject in bad])
    order = {name: number for number, name in enumerate(sorted({subject.name for subject in bad}))}
    unseen = np.array([order[subject.name] % 2 == 1 for subject in bad])
    lines = [
        "| kind | refused by the model | AUROC | second half only | against the same unharmed | called unlike |",
        "|--|--|--|--|--|--|",
    ]

    def line(name: str, chosen: NDArray[np.bool_]) -> str:
        scores = bad_scores[chosen]
        refused = np.mean([subject.prepared is None for subject, one in zip(bad, chosen, strict=True) if one])
        return (
            f"| {name} | {refused:.0%} | {area(scores, good):.3f} | {area(bad_scores[chosen & unseen], good):.3f} "
            f"| {area(scores, bad_scores[clean]):.3f} | {(scores > limit).mean():.0%} |"
        )

    for kind in (CLEAN, *CORRUPTIONS):
        lines.append(line(kind.name, np.array([subject.kind is kind for subject in bad])))
    lines.append(line("all required kinds", np.array([subject.kind.required for subject in bad])))
    return lines


def _candidates(training: Training, bad: Sequence[Subject], reference: Reference) -> list[str]:
    groups = [*sorted({subject.kind.group for subject in bad if subject.kind.required}), "clean"]
    lines = ["| score | " + " | ".join(groups) + " |", "|--|" + "--|" * len(groups)]
    inside = np.array([subject.kind.required or subject.kind is CLEAN for subject in bad])
    subjects = [subject for subject, one in zip(bad, inside, strict=True) if one]
    values = [_measured(subject) for subject in subjects]
    looks = np.stack([value.looks[0] for value in values])
    unknown = np.full(len(FEATURES), np.nan)
    features = np.array([unknown if s.prepared is None else s.prepared.measured[0] for s in subjects], np.float64)
    known_looks = np.stack([value.looks[0] for value in training.measured])

    def line(name: str, scores: NDArray[np.float64], good: NDArray[np.float64]) -> str:
        areas = []
        for group in groups:
            kinds = sorted({subject.kind.name for subject in subjects if subject.kind.group == group})
            each = [area(scores[[s.kind.name == kind for s in subjects]], good) for kind in kinds]
            areas.append(f"{min(each):.3f}")
        return f"| {name} | " + " | ".join(areas) + " |"

    for name, score in CANDIDATES.items():
        for what, known, rows in (("quantities", known_looks, looks), ("features", training.features, features)):
            good, found = np.zeros(len(known)), np.zeros(len(rows))
            for part in range(PARTS):
                own = training.parts == part
                if what == "features":
                    base, judged = filled(known[~own], np.concatenate([known[own], rows]))
                else:
                    base, judged = known[~own], np.concatenate([known[own], rows])
                both = score(base, judged)
                good[own] = both[: own.sum()]
                found += both[own.sum() :] / PARTS
            lines.append(line(f"{name}, {what}", found, good))
    held_out = training.references()
    good_parts = [held_out[part].parts(record) for part, record in zip(training.parts, training.measured, strict=True)]
    bad_parts = [reference.parts(value) for value in values]
    for name, attribute in (
        ("limb leads' part", "limb_leads"),
        ("rate's part", "rate"),
        ("signal's part", "signal"),
        ("**all three (chosen)**", "score"),
    ):
        lines.append(
            line(
                name,
                np.array([getattr(part, attribute) for part in bad_parts]),
                np.array([getattr(part, attribute) for part in good_parts]),
            )
        )
    return lines


def _measured(subject: Subject) -> Measured:
    if subject.prepared is not None:
        return measured(subject.prepared.windows, subject.prepared.valid, subject.prepared.features)
    return measured(*prepare_anything(subject.record, _PREPROCESSING))


def _suspicions(bad: Sequence[Subject], judged: Sequence[Unlikeness]) -> list[str]:
    lines = ["| recordings | limb leads (right pair) | gain | rate |", "|--|--|--|--|"]
    for kind in (CLEAN, *CORRUPTIONS):
        found = [u for subject, u in zip(bad, judged, strict=True) if subject.kind is kind]
        shares = []
        for what in ("limb leads", "gain", "rate"):
            texts = [[s.text for s in u.suspicions if s.kind == what] for u in found]
            words = f"{np.mean([bool(text) for text in texts]):.0%}"
            if what == "limb leads" and kind.name in EXCHANGES:
                words += f" ({np.mean([any(kind.name in one for one in text) for text in texts]):.0%})"
            shares.append(words)
        lines.append(f"| {kind.name} | " + " | ".join(shares) + " |")
    return lines


def _held_out_limbs(training: Training, held_out: Sequence[Reference]) -> list[str]:
    """Judge held-out training records with their limb leads exchanged."""
    lines = ["| exchanged in held-out training records | AUROC of limb leads' part | called reversed |", "|--|--|--|"]
    limits = np.array([held_out[part].limits[1] for part in training.parts])
    good = np.zeros(0)
    for kind in (CLEAN, *(kind for kind in CORRUPTIONS if kind.group == "limb leads")):
        records = training.measured if kind is CLEAN else training.changed(kind)
        odds = np.array(
            [held_out[part].parts(one).limb_leads for part, one in zip(training.parts, records, strict=True)]
        )
        good = odds if kind is CLEAN else good
        lines.append(f"| {kind.name} | {area(odds, good):.3f} | {(odds > limits).mean():.1%} |")
    return lines


def _clean(name: str, judged: Sequence[Unlikeness]) -> str:
    share = np.mean([u.unlike for u in judged])
    counts = [
        np.mean([any(s.kind == what for s in u.suspicions) for u in judged]) for what in ("limb leads", "gain", "rate")
    ]
    return f"| {name} | {len(judged)} | {share:.1%} | " + " | ".join(f"{count:.1%}" for count in counts) + " |"


def study(training_folder: Path, other_folder: Path, clean_folders: Sequence[Path]) -> str:
    """Return the tables as Markdown."""
    training = Training.read(training_folder)
    held_out, reference = training.references(), training.reference()
    good = np.array([held_out[p].parts(r).score for p, r in zip(training.parts, training.measured, strict=True)])
    records = whole_records(other_folder)
    bad = made_bad(records, (CLEAN, *CORRUPTIONS))
    judged = [subject.judged_by(reference) for subject in bad]
    scores = np.array([u.score for u in judged])
    out = ["## Kinds", "", *_kinds(bad, scores, good, float(reference.limits[0]))]
    out += ["", "## Candidates (lowest AUROC of any kind in the group)", "", *_candidates(training, bad, reference)]
    out += ["", "## False alarms, held-out folds", "", *_rates(training, held_out)]
    out += ["", "## Named warnings", "", *_suspicions(bad, judged)]
    out += ["", *_held_out_limbs(training, held_out)]
    out += ["", "## Recordings as they are, at full length", ""]
    out += ["| source | recordings | called unlike | limb leads | gain | rate |", "|--|--|--|--|--|--|"]
    for folder in (other_folder, *clean_folders):
        subjects = [Subject.of(record) for record in whole_records(folder)]
        for source in sorted({subject.source for subject in subjects}):
            own = [subject.judged_by(reference) for subject in subjects if subject.source == source]
            out.append(_clean(f"{folder.name} {source}".strip(), own))
    return "\n".join(out) + "\n"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m ecgview.training.unlikeness_study", description=__doc__)
    parser.add_argument("training", type=Path, help="folder of labelled records the reference is learned from")
    parser.add_argument("other", type=Path, help="folder of recordings to make bad")
    parser.add_argument("clean", type=Path, nargs="*", help="more folders to judge as they are")
    chosen = parser.parse_args()
    print(study(chosen.training, chosen.other, chosen.clean), end="")


if __name__ == "__main__":
    main()
