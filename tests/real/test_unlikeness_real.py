"""Recordings of other devices, made bad, are told from held-out PTB-XL; good ones of other devices seldom alarm.

A part of what `python -m ecgview.training.unlikeness_study` does with all recordings.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from ecgview.model.compared import Measured, measured
from ecgview.model.likeness import Unlikeness
from ecgview.model.preprocessing import Preprocessing, prepare
from ecgview.model.unlikeness import Reference
from ecgview.record import read
from ecgview.training.corruption import CLEAN, CORRUPTIONS
from ecgview.training.unlikeness_study import area, made_bad, whole_records

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)")

HELD_OUT = (8, 9)
EVERY_OTHER_RECORDING = 4
READ_EVERY = 2


@pytest.fixture(scope="module")
def ptbxl() -> tuple[list[Measured], np.ndarray]:
    with (DATA / "ptb-xl" / "ptbxl_database.csv").open(encoding="utf-8", newline="") as table:
        rows = [(row["filename_lr"], int(float(row["strat_fold"]))) for row in csv.DictReader(table)]
    values, folds = [], []
    for name, fold in rows[::READ_EVERY]:
        path = (DATA / "ptb-xl" / name).with_suffix(".hea")
        if not path.is_file():
            continue
        record = read(path)
        prepared = prepare(record, Preprocessing())
        values.append(measured(prepared.windows, prepared.valid, prepared.features))
        folds.append(fold)
    return values, np.array(folds)


@pytest.fixture(scope="module")
def reference(ptbxl: tuple[list[Measured], np.ndarray]) -> Reference:
    values, folds = ptbxl
    kept = np.flatnonzero(~np.isin(folds, HELD_OUT))
    return Reference.fit([values[place] for place in kept], folds[kept] % 3)


@pytest.fixture(scope="module")
def held_out(ptbxl: tuple[list[Measured], np.ndarray], reference: Reference) -> np.ndarray:
    values, folds = ptbxl
    return np.array([reference.parts(one).score for one, fold in zip(values, folds, strict=True) if fold in HELD_OUT])


@pytest.fixture(scope="module")
def others(reference: Reference) -> dict[str, list[Unlikeness]]:
    records = whole_records(DATA / "challenge-2021")[::EVERY_OTHER_RECORDING]
    kinds = (CLEAN, *(kind for kind in CORRUPTIONS if kind.required))
    out = defaultdict(list)
    for subject in made_bad(records, kinds, seed=1):
        out[subject.kind.name].append(subject.judged_by(reference))
    return out


def test_few_held_out_records_are_called_unlike(reference: Reference, held_out: np.ndarray) -> None:
    assert len(held_out) > 150
    assert (held_out > reference.limits[0]).mean() < 0.05


@pytest.mark.parametrize("name", [kind.name for kind in CORRUPTIONS if kind.required])
def test_each_kind_of_bad_recording_is_told_apart(
    others: dict[str, list[Unlikeness]], held_out: np.ndarray, name: str
) -> None:
    assert area(np.array([found.score for found in others[name]]), held_out) >= 0.95


def test_recordings_of_other_devices_are_not_called_unlike_for_that(
    others: dict[str, list[Unlikeness]], held_out: np.ndarray
) -> None:
    clean = others[CLEAN.name]
    assert sum(found.unlike for found in clean) <= 3
    assert area(np.array([found.score for found in clean]), held_out) < 0.7


@pytest.mark.parametrize(
    ("name", "kind", "words", "least"),
    [
        ("right arm and left arm", "limb leads", "right arm and left arm", 0.75),
        ("right arm and left leg", "limb leads", "right arm and left leg", 0.75),
        ("left arm and left leg", "limb leads", "left arm and left leg", 0.4),
        ("gain x 10", "gain", "10 times too large", 0.85),
        ("gain / 10", "gain", "10 times too small", 0.85),
        ("rate stated double", "rate", "half as long", 0.8),
        ("rate stated half", "rate", "twice as long", 0.8),
    ],
)
def test_what_is_wrong_is_named(
    others: dict[str, list[Unlikeness]], name: str, kind: str, words: str, least: float
) -> None:
    named = [any(s.kind == kind and words in s.text for s in found.suspicions) for found in others[name]]
    assert np.mean(named) >= least
    assert sum(s.kind == kind for found in others[CLEAN.name] for s in found.suspicions) <= 2
