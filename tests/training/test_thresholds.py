from __future__ import annotations

import json
import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgview.model.bundle import open_bundle
from ecgview.resources import bundled_model
from ecgview.training.challenge_metric import Rewards
from ecgview.training.scores import LOWEST_THRESHOLD, agreement, best_f1_threshold
from ecgview.training.thresholds import (
    FixedSensitivity,
    HighestChallengeScore,
    HighestF1,
    Objective,
    ThresholdError,
    ThresholdSet,
    read_thresholds,
    threshold_names,
    write_thresholds,
)

REWARDS = Rewards(
    (("426783006",), ("713427006",), ("164889003",)),
    np.array([[1.0, 0.4, 0.2], [0.3, 1.0, 0.5], [0.1, 0.5, 1.0]]),
    0,
)


def planted(seed: int, classes: int = 4, records: int = 120) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    targets = generator.random((records, classes)) < generator.uniform(0.15, 0.5, classes)
    targets[0], targets[1] = True, False
    noise = generator.normal(0, 1, (records, classes))
    return targets, 1 / (1 + np.exp(-(3 * targets - 2 + 1.3 * noise)))


def choose(objective: Objective, targets: np.ndarray, probability: np.ndarray) -> np.ndarray:
    classes = targets.shape[1]
    return objective.choose(targets, probability, np.full(classes, 0.5), np.ones(classes, bool))


@pytest.mark.parametrize("truth", [0.1, 0.35, 0.8])
@pytest.mark.parametrize("objective", [HighestF1(), FixedSensitivity(1.0)])
def test_the_planted_threshold_is_found(truth: float, objective: Objective) -> None:
    probability = np.random.default_rng(0).random((2000, 1))
    found = choose(objective, probability >= truth, probability)
    assert found[0] == pytest.approx(truth, abs=2e-3)
    assert np.array_equal(probability >= found, probability >= truth)


def test_the_planted_thresholds_of_the_challenge_are_found_together() -> None:
    probability = np.random.default_rng(1).random((3000, 3))
    truth = np.array([0.3, 0.6, 0.85])
    objective = HighestChallengeScore(REWARDS, np.array([0, 1, 2]))
    found = choose(objective, probability >= truth, probability)
    assert found == pytest.approx(truth, abs=2e-3)
    assert objective.score(probability >= truth, probability >= found) == pytest.approx(1.0)


@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.9, 0.95, 1.0]))
def test_the_sensitivity_is_kept_and_no_higher_threshold_keeps_it(seed: int, wanted: float) -> None:
    targets, probability = planted(seed)
    probability = np.round(probability, 2)  # ties
    found = choose(FixedSensitivity(wanted), targets, probability)
    for k, threshold in enumerate(found.tolist()):
        calls = probability[:, k] >= threshold
        assert agreement(targets[:, k], calls).sensitivity >= wanted
        higher = probability[:, k] > probability[calls, k].min()
        assert agreement(targets[:, k], higher).sensitivity < wanted


def test_a_sensitivity_is_a_share() -> None:
    for wrong in (0.0, 1.1, float("nan")):
        with pytest.raises(ThresholdError, match="above 0"):
            FixedSensitivity(wrong)


def test_classes_not_chosen_for_keep_theirs() -> None:
    targets, probability = planted(3)
    stored = np.array([0.11, 0.22, 0.33, 0.44])
    free = np.array([True, False, True, False])
    for objective in (HighestF1(), FixedSensitivity(0.8), HighestChallengeScore(REWARDS, np.array([0, 1, 2, -1]))):
        found = objective.choose(targets, probability, stored, free)
        assert found[~free].tolist() == [0.22, 0.44]
        assert not np.array_equal(found[free], stored[free])
    assert stored.tolist() == [0.11, 0.22, 0.33, 0.44]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([(0, 1, 2, -1), (0, 1, 1, 2), (2, 2, 0, -1)]), st.booleans())
def test_the_ascent_never_ends_below_its_start_and_no_single_change_helps(
    seed: int, columns: tuple[int, ...], tied: bool
) -> None:
    targets, probability = planted(seed)
    probability = np.round(probability, 1 if tied else 12)
    objective = HighestChallengeScore(REWARDS, np.array(columns))
    found = choose(objective, targets, probability)
    reached = objective.score(targets, probability >= found)
    bounds = objective._bounds(targets, probability)
    start = choose(HighestF1(), targets, probability)
    inside = np.array(columns) >= 0
    start[inside] = np.clip(start, bounds[:, 0], bounds[:, 1])[inside]
    assert reached >= objective.score(targets, probability >= start) - 1e-12
    assert ((found >= bounds[:, 0]) & (found <= bounds[:, 1]))[inside].all()
    assert (probability >= found)[targets[:, 0], 0].any()  # no class falls silent
    for k in np.flatnonzero(inside):
        for other in np.linspace(bounds[k, 0], bounds[k, 1], 25):
            tried = found.copy()
            tried[k] = other
            assert objective.score(targets, probability >= tried) <= reached + 1e-9
    for k in np.flatnonzero(~inside):
        assert found[k] == best_f1_threshold(targets[:, k], probability[:, k])
    assert np.array_equal(found, choose(objective, targets, probability))


def test_the_ascent_comes_near_the_best_of_a_whole_grid() -> None:
    grid = np.linspace(0.05, 0.9, 14)
    shortfall = []
    for seed in range(4):
        targets, probability = planted(seed, classes=3, records=80)
        bounds = np.tile([0.05, 0.9], (3, 1))
        objective = HighestChallengeScore(REWARDS, np.array([0, 1, 2]), bounds)
        best = max(objective.score(targets, probability >= np.array(trial)) for trial in product(grid, repeat=3))
        shortfall.append(best - objective.score(targets, probability >= choose(objective, targets, probability)))
    assert max(shortfall) < 0.005


def test_bounds_hold_even_where_the_best_lies_outside() -> None:
    probability = np.random.default_rng(2).random((500, 3))
    targets = probability >= 0.2
    bounds = np.array([[0.4, 0.6], [0.3, 0.3], [0.05, 0.9]])
    found = choose(HighestChallengeScore(REWARDS, np.array([0, 1, 2]), bounds), targets, probability)
    assert found[0] == pytest.approx(0.4, abs=0.01)
    assert found[0] >= 0.4
    assert found[1] == 0.3
    assert found[2] == pytest.approx(0.2, abs=0.01)


def test_what_cannot_be_scored_is_said() -> None:
    with pytest.raises(ThresholdError, match="none of the classes is scored"):
        HighestChallengeScore(REWARDS, np.array([-1, -1]))
    with pytest.raises(ThresholdError, match="does not exist"):
        HighestChallengeScore(REWARDS, np.array([3]))
    with pytest.raises(ThresholdError, match="bounds"):
        HighestChallengeScore(REWARDS, np.array([1]), np.array([[0.7, 0.2]]))
    healthy = np.tile([True, False], (30, 1))
    objective = HighestChallengeScore(REWARDS, np.array([0, 1]))
    with pytest.raises(ThresholdError, match="nothing can be scored"):
        objective.choose(healthy, np.full((30, 2), 0.4), np.full(2, 0.5), np.array([True, False]))
    with pytest.raises(ThresholdError, match="no record carries"):
        choose(FixedSensitivity(), np.zeros((5, 1), bool), np.full((5, 1), 0.4))
    assert "2 of its 3 classes" in objective.words
    assert f"{LOWEST_THRESHOLD:g}" in HighestF1().words


def example(codes: tuple[str, ...] = ("NORM", "LAO/LAE")) -> ThresholdSet:
    return ThresholdSet("highest F1", "2026-01-31", np.linspace(1 / 7, 0.8, len(codes)), codes)


def test_a_set_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    path = write_thresholds(tmp_path, "clinic-2", example())
    assert path.name == "thresholds-clinic-2.json"
    again = read_thresholds(tmp_path, "clinic-2")
    assert (again.objective, again.date, again.codes) == ("highest F1", "2026-01-31", ("NORM", "LAO/LAE"))
    assert again.thresholds.tolist() == example().thresholds.tolist()
    assert again.in_order(("LAO/LAE",)).tolist() == [0.8]
    with pytest.raises(ThresholdError, match="no threshold for AFIB"):
        again.in_order(("NORM", "AFIB"))


def test_a_set_is_laid_out_as_the_model_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bundled_model(), folder, ignore=shutil.ignore_patterns("out-of-fold.npz", "thresholds*.json"))
    codes = tuple(entry["code"] for entry in json.loads((folder / "card.json").read_text(encoding="utf-8"))["classes"])
    chosen = example(codes)
    write_thresholds(folder, None, chosen)
    assert open_bundle(folder).thresholds.tolist() == chosen.thresholds.tolist()
    own = read_thresholds(bundled_model())
    assert own.in_order(codes).tolist() == open_bundle(bundled_model()).thresholds.tolist()


@pytest.mark.parametrize("name", [None, "mine"])
def test_a_set_that_is_there_is_never_overwritten(tmp_path: Path, name: str | None) -> None:
    path = write_thresholds(tmp_path, name, example())
    before = path.read_bytes()
    with pytest.raises(ThresholdError, match=r"there already is such a set.*another name"):
        write_thresholds(tmp_path, name, ThresholdSet("another", "2026-02-01", np.array([0.5]), ("NORM",)))
    assert path.read_bytes() == before


def test_sets_are_listed_by_name(tmp_path: Path) -> None:
    for name in ("b", None, "a-1"):
        write_thresholds(tmp_path, name, example())
    (tmp_path / "thresholds-Odd Name.json").write_text("{}", encoding="utf-8")
    assert threshold_names(tmp_path) == ("a-1", "b")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "a--b", "-a", "a" * 41, "ä", "a\n"])
def test_names_that_are_no_part_of_a_file_name_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ThresholdError, match="cannot name a set"):
        write_thresholds(tmp_path, name, example())
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ThresholdError, match=r"absent.*No such file"):
        write_thresholds(tmp_path / "absent", "mine", example())
    with pytest.raises(ThresholdError, match=r"thresholds-mine\.json.*No such file"):
        read_thresholds(tmp_path, "mine")


GOOD = {"objective": "highest F1", "date": "2026-01-31", "thresholds": {"NORM": 0.5}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not an object"),
        ("3", "not an object"),
        (json.dumps(GOOD | {"thresholds": [0.5]}), "not an object"),
        (json.dumps(GOOD | {"thresholds": {"NORM": None}}), "not an object"),
        (json.dumps(GOOD | {"thresholds": {"NORM": "high"}}), "not a number"),
        (json.dumps(GOOD | {"thresholds": {"NORM": 1.5}}), "from 0 to 1"),
        (json.dumps(GOOD | {"thresholds": {"NORM": float("nan")}}), "from 0 to 1"),
        (json.dumps(GOOD | {"date": "yesterday"}), "not a date"),
        (json.dumps({"date": "2026-01-31"}), "not an object"),
    ],
)
def test_what_is_no_set_is_refused_by_name(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "thresholds.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ThresholdError, match=reason) as refusal:
        read_thresholds(tmp_path)
    assert str(path) in str(refusal.value)


def test_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thresholds.json").write_bytes(b"\xff\xfe\x81")
    with pytest.raises(ThresholdError, match=r"thresholds\.json"):
        read_thresholds(tmp_path)
