from __future__ import annotations

import json

import numpy as np
import pytest

from ecgview.training.challenge_metric import Rewards
from ecgview.training.scores import agreement
from ecgview.training.thresholds import FixedSensitivity, HighestChallengeScore, HighestF1, ThresholdError
from ecgview.training.tuning import Tuned, halves, tune

CODES = ("SR", "CRBBB", "AFIB", "PACE")
REWARDS = Rewards((("426783006",), ("713427006",), ("164889003",)), 0.3 + 0.7 * np.eye(3), 0)


def records(seed: int = 0, count: int = 400) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Return labels, probabilities that are all too low, and patients with two records each."""
    generator = np.random.default_rng(seed)
    targets = generator.random((count, 4)) < np.array([0.6, 0.3, 0.2, 0.0])
    targets[:6, 3] = True
    probability = 1 / (1 + np.exp(-(3 * targets - 3.5 + generator.normal(0, 1, (count, 4)))))
    return targets, probability, tuple(f"patient {i // 2}" for i in range(count))


def tuned(seed: int = 0, **more: object) -> Tuned:
    targets, probability, patients = records()
    return tune(CODES, targets, probability, patients, np.full(4, 0.5), HighestF1(), seed, **more)  # type: ignore[arg-type]


def test_halves_are_by_patient_and_stay_when_records_are_added() -> None:
    patients = tuple(f"p{i % 200}" for i in range(600))
    parts = halves(patients, 3)
    assert all(len({part for part, name in zip(parts, patients, strict=True) if name == p}) == 1 for p in patients)
    assert 0.35 < parts.mean() < 0.65
    assert np.array_equal(halves((*patients, "new"), 3)[:-1], parts)
    assert not np.array_equal(halves(patients, 4), parts)


def test_thresholds_are_chosen_on_one_half_and_judged_on_the_other() -> None:
    targets, probability, patients = records()
    parts = halves(patients, 0)
    found = tuned()
    expected = HighestF1().choose(
        targets[parts == 0], probability[parts == 0], np.full(4, 0.5), np.array([True, True, True, False])
    )
    assert found.thresholds.thresholds.tolist() == expected.tolist()
    assert found.chosen_on.records == (parts == 0).sum()
    assert found.judged_on.records == (parts == 1).sum() == 2 * found.judged_on.patients
    for place, entry in enumerate(found.classes[:3]):
        judged = targets[parts == 1, place], probability[parts == 1, place]
        for used, said in ((0.5, entry.before), (expected[place], entry.after)):
            calls = agreement(judged[0], judged[1] >= used)
            assert said.f1.value == pytest.approx(calls.f1)
            assert said.sensitivity.value == pytest.approx(calls.sensitivity)
            assert said.specificity.value == pytest.approx(calls.specificity)
            assert said.f1.low <= said.f1.value <= said.f1.high
        assert entry.judged_on == judged[0].sum()
    assert found.f1.before.value == pytest.approx(np.mean([entry.before.f1.value for entry in found.classes]))
    assert found.f1.after.value == pytest.approx(np.mean([entry.after.f1.value for entry in found.classes]))
    # The probabilities are all too low for 0.5, so the new thresholds must win, beyond chance.
    assert found.f1.difference.low > 0
    assert found.f1.after.value - found.f1.before.value == pytest.approx(found.f1.difference.value)


def test_labels_of_the_judging_half_never_move_a_threshold() -> None:
    targets, probability, patients = records()
    turned = targets.copy()
    turned[halves(patients, 0) == 1] ^= True
    first, second = (
        tune(CODES, labels, probability, patients, np.full(4, 0.5), HighestF1()).thresholds.thresholds
        for labels in (targets, turned)
    )
    assert first.tolist() == second.tolist()


def test_classes_of_too_few_patients_keep_their_threshold_and_it_is_said() -> None:
    found = tuned()
    assert found.kept == ("PACE",)
    assert found.thresholds.in_order(("PACE",))[0] == 0.5
    assert [entry.tuned for entry in found.classes if entry.code == "PACE"] in ([False], [])
    said = "\n".join(found.statements)
    assert "PACE" in said
    assert f"{found.chosen_on.records} records of {found.chosen_on.patients} patients" in said
    assert "1 of 4 classes" in found.thresholds.objective
    # Ten records of one patient are one example.
    targets, probability, _ = records()
    one = tuple("same" if row[2] else f"p{i}" for i, row in enumerate(targets))
    assert "AFIB" in tune(CODES, targets, probability, one, np.full(4, 0.5), HighestF1()).kept


def test_what_the_judging_half_lacks_is_named_not_judged() -> None:
    targets, probability, patients = records()
    targets[halves(patients, 0) == 1, 1] = False
    found = tune(CODES, targets, probability, patients, np.full(4, 0.5), HighestF1())
    assert "CRBBB" in found.unjudged
    assert "CRBBB" not in [entry.code for entry in found.classes]
    assert "to judge by: CRBBB" in "\n".join(found.statements)


def test_the_aim_is_reached_on_the_choosing_half_and_the_challenge_score_is_compared() -> None:
    targets, probability, patients = records()
    objective = HighestChallengeScore(REWARDS, REWARDS.columns(CODES))
    found = tune(CODES, targets, probability, patients, np.full(4, 0.5), objective, seed=1)
    assert found.challenge is not None
    parts = halves(patients, 1)
    for used, said in ((np.full(4, 0.5), found.challenge.before), (found.thresholds.thresholds, found.challenge.after)):
        assert said.value == pytest.approx(objective.score(targets[parts == 1], (probability >= used)[parts == 1]))
    assert found.challenge.difference.low > 0
    assert any("Challenge score" in line for line in found.statements)
    fixed = tune(CODES, targets, probability, patients, np.full(4, 0.5), FixedSensitivity(0.9), seed=1)
    calls = probability[parts == 0] >= fixed.thresholds.thresholds
    assert all(agreement(targets[parts == 0, k], calls[:, k]).sensitivity >= 0.9 for k in range(3))
    assert fixed.challenge is None


def test_the_same_seed_gives_the_same_and_it_fits_into_json() -> None:
    first, second = tuned(2, date="2026-01-31"), tuned(2, date="2026-01-31")
    assert first.thresholds.to_json() == second.thresholds.to_json()
    text = json.dumps(first.as_dict(), allow_nan=False)
    assert text == json.dumps(second.as_dict())
    assert json.loads(text)["classes"]["CRBBB"]["threshold_before"] == 0.5
    assert tuned(5, date="2026-01-31").thresholds.to_json() != first.thresholds.to_json()


def test_it_is_said_when_the_stored_thresholds_knew_the_records() -> None:
    assert not any("too good" in line for line in tuned().statements)
    assert any("too good" in line for line in tuned(stored_knew=True).statements)
    assert tuned(stored_knew=True).as_dict()["stored_thresholds_knew_these_records"] is True


def test_too_little_is_refused_with_the_reason() -> None:
    targets, probability, _ = records()
    stored = np.full(4, 0.5)
    with pytest.raises(ThresholdError, match="more patients are needed"):
        tune(CODES, targets, probability, ("one",) * len(targets), stored, HighestF1())
    few = tuple(f"p{i % 12}" for i in range(len(targets)))
    with pytest.raises(ThresholdError, match="no class has 10 patients"):
        tune(CODES, targets, probability, few, stored, HighestF1())
    with pytest.raises(ValueError, match="not of these records"):
        tune(CODES, targets, probability, few[:-1], stored, HighestF1())
    probability[0, 0] = np.nan
    with pytest.raises(ValueError, match="not a number"):
        tune(CODES, targets, probability, few, stored, HighestF1())
