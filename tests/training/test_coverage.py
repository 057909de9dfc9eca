from __future__ import annotations

from ecgview.model.vocabulary import statements
from ecgview.training.coverage import challenge_coverage


def test_the_challenges_scored_24_and_26_classes() -> None:
    found = challenge_coverage(())
    assert sum("2020" in entry.scored for entry in found) == 24
    assert sum("2021" in entry.scored for entry in found) == 26
    codes = [code for entry in found for code in entry.snomed]
    assert len(codes) == len(set(codes)) == 30


def test_codes_scored_as_one_diagnosis_are_one_class() -> None:
    together = {frozenset(entry.snomed) for entry in challenge_coverage(()) if len(entry.snomed) > 1}
    assert together == {
        frozenset({"713427006", "59118001"}),
        frozenset({"733534002", "164909002"}),
        frozenset({"284470004", "63593006"}),
        frozenset({"427172004", "17338001"}),
    }


def test_a_class_is_covered_only_by_one_that_says_the_same() -> None:
    covered = {entry.name: entry.code for entry in challenge_coverage(("CRBBB", "PVC", "SUPER.CD", "IMI"))}
    assert {name: code for name, code in covered.items() if code} == {
        "Right bundle branch block": "CRBBB",
        "Premature ventricular contractions or ventricular premature beats": "PVC",
    }


def test_of_all_statements_axis_r_progression_and_unnamed_blocks_are_never_covered() -> None:
    missing = {entry.name for entry in challenge_coverage(tuple(statements())) if entry.code is None}
    assert missing == {
        "Bradycardia",
        "Bundle branch block",
        "Left axis deviation",
        "Right axis deviation",
        "Poor R-wave progression",
    }
