from __future__ import annotations

import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from ecgview.training.baselines import BASELINES, Baseline, BaselineError, baseline_entries, baseline_logits
from ecgview.training.comparison import paired_difference

PARTS = np.arange(240) % 4
MODELS: tuple[Baseline, ...] = ("logistic regression", "gradient boosting")


@pytest.fixture(scope="module")
def table() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """Measurements of which the first tells class 0, age tells class 1, and being missing tells class 2."""
    generator = np.random.default_rng(5)
    features = generator.normal(size=(240, 6)).astype(np.float32)
    patient = np.zeros((240, 5), np.float32)
    patient[:, 0] = generator.random(240)
    targets = np.stack(
        [features[:, 0] > 0.8, patient[:, 0] > 0.7, generator.random(240) < 0.3],
        axis=1,
    )
    features[targets[:, 2], 3] = np.nan
    return features, patient, targets


@pytest.mark.parametrize("kind", MODELS)
def test_measurements_age_and_what_is_missing_are_all_used(kind: Baseline, table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    logits = baseline_logits(kind, features, patient, targets, PARTS)
    assert logits.shape == targets.shape
    assert np.isfinite(logits).all()
    for k in range(3):
        assert roc_auc_score(targets[:, k], logits[:, k]) > 0.9


@pytest.mark.parametrize("kind", BASELINES)
def test_what_is_said_of_a_part_does_not_hang_on_its_own_labels(kind: Baseline, table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    turned = targets.copy()
    turned[PARTS == 2] ^= True
    before = baseline_logits(kind, features, patient, targets[:, :1], PARTS)
    after = baseline_logits(kind, features, patient, turned[:, :1], PARTS)
    assert np.array_equal(before[PARTS == 2], after[PARTS == 2])
    assert not np.array_equal(before[PARTS != 2], after[PARTS != 2])


def test_measurements_of_the_held_out_part_do_not_shape_what_is_learned(table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    outlying = features.copy()
    row = int(np.flatnonzero(PARTS == 2)[0])
    outlying[row] = 1e6
    others = (PARTS == 2) & (np.arange(240) != row)
    before = baseline_logits("logistic regression", features, patient, targets[:, :1], PARTS)
    after = baseline_logits("logistic regression", outlying, patient, targets[:, :1], PARTS)
    assert np.array_equal(before[others], after[others])


def test_the_same_seed_says_the_same_and_another_does_not(table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    runs = [
        baseline_logits("gradient boosting", features, patient, targets[:, :1], PARTS, seed=seed) for seed in (1, 1, 2)
    ]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_the_prior_is_the_share_in_the_other_parts() -> None:
    parts = np.repeat([0, 1], 50)
    targets = np.zeros((100, 1), bool)
    targets[50:60] = True
    logits = baseline_logits(
        "naive prior", np.zeros((100, 0), np.float32), np.zeros((100, 5), np.float32), targets, parts
    )
    share = 1 / (1 + np.exp(-logits[:, 0]))
    assert share[:50] == pytest.approx(10.5 / 51)
    assert share[50:] == pytest.approx(0.5 / 51)


@pytest.mark.parametrize("kind", MODELS)
def test_a_class_that_only_one_part_carries_gets_the_prior_there(kind: Baseline, table: tuple[NDArray, ...]) -> None:
    features, patient, _ = table
    targets = (PARTS == 1)[:, None] & (features[:, :1] > 0)
    logits = baseline_logits(kind, features, patient, targets, PARTS)
    prior = baseline_logits("naive prior", features, patient, targets, PARTS)
    assert np.array_equal(logits[PARTS == 1], prior[PARTS == 1])
    assert np.isfinite(logits).all()


def test_a_measurement_missing_everywhere_does_no_harm(table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    empty = features.copy()
    empty[:, 5] = np.nan
    empty[PARTS != 0, 4] = np.nan  # known in one part alone, which then cannot use it
    empty[0, 2] = np.inf
    for kind in MODELS:
        logits = baseline_logits(kind, empty, patient, targets[:, :1], PARTS)
        assert roc_auc_score(targets[:, 0], logits[:, 0]) > 0.9


def test_progress_is_told_class_by_class(table: tuple[NDArray, ...]) -> None:
    features, patient, targets = table
    told: list[tuple[int, int]] = []
    baseline_logits("naive prior", features, patient, targets, PARTS, progress=lambda *step: told.append(step))
    assert told == [(done, 12) for done in range(1, 13)]


def test_what_cannot_be_done_is_said(table: tuple[NDArray, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    features, patient, targets = table
    with pytest.raises(ValueError, match="one part only"):
        baseline_logits("naive prior", features, patient, targets, np.zeros(240, int))
    with pytest.raises(ValueError, match="no baseline 'forest'"):
        baseline_logits("forest", features, patient, targets, PARTS)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(BaselineError, match="need scikit-learn, which is not installed"):
        baseline_logits("gradient boosting", features, patient, targets, PARTS)
    assert baseline_logits("naive prior", features, patient, targets, PARTS).shape == targets.shape


def test_entries_for_the_card_hold_the_difference_to_the_ensemble() -> None:
    generator = np.random.default_rng(0)
    codes = ("SR", "AFIB", "AMI", "SUPER.MI")
    targets = generator.random((200, 4)) < 0.4
    good = targets + generator.normal(0, 0.5, targets.shape)
    poor = targets + generator.normal(0, 3, targets.shape)
    patients = tuple(map(str, range(200)))
    (entry,) = baseline_entries(codes, targets, good, {"poor": poor}, patients)
    areas = [roc_auc_score(targets[:, k], poor[:, k]) for k in range(4)]
    best = [roc_auc_score(targets[:, k], good[:, k]) for k in range(4)]
    assert entry["name"] == "poor"
    assert entry["macro_auroc"][0] == pytest.approx(np.mean(areas[:2]), abs=1e-4)  # AMI is not of the reference
    assert entry["superclasses"][0] == pytest.approx(areas[3], abs=1e-4)
    assert entry["difference"][0] == pytest.approx(np.mean(areas[:2]) - np.mean(best[:2]), abs=1e-4)
    assert entry["difference"] == paired_difference(targets[:, :2], poor[:, :2], good[:, :2], patients).as_list()
    assert entry["difference"][2] < 0
    (without,) = baseline_entries(codes[2:3], targets[:, 2:3], good[:, 2:3], {"poor": poor[:, 2:3]}, patients)
    assert (without["macro_auroc"], without["superclasses"], without["difference"]) == (None, None, None)
