"""Kappas against tables worked out in the papers, and what is said where they are undefined."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from ecgview.review.agreement import (
    Table,
    cohen_kappa,
    compare,
    compare_all,
    fleiss,
    fleiss_kappa,
    kappa_interval,
    tabulate,
    write_table,
)
from ecgview.review.events import Decision


def said(text: str) -> dict[str, Decision]:
    words: dict[str, Decision] = {"+": "present", "-": "absent", "?": "uncertain"}
    return {f"r{number}": words[letter] for number, letter in enumerate(text)}


def test_kappa_is_scikit_learn_s_on_random_readings() -> None:
    chance = np.random.default_rng(3)
    for _ in range(50):
        first, second = chance.random((2, 60)) < chance.random((2, 1))
        if first.all() or second.all() or not first.any() or not second.any():
            continue
        assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)


def test_kappa_of_complements_is_negative_and_of_constant_readings_undefined() -> None:
    assert cohen_kappa([1, 0, 1, 0], [0, 1, 0, 1]) == -1
    assert math.isnan(cohen_kappa([1, 1], [1, 1]))
    assert math.isnan(cohen_kappa([], []))
    assert all(math.isnan(bound) for bound in kappa_interval(Table(5, 0, 0, 0)))
    with pytest.raises(ValueError, match="cannot be compared"):
        tabulate([1, 0], [1])


def test_the_interval_covers_as_often_as_it_says() -> None:
    # Kappa of this population is (0.85 - 0.58) / (1 - 0.58).
    cells, true = np.array([0.2, 0.05, 0.1, 0.65]), (0.85 - (0.25 * 0.3 + 0.75 * 0.7)) / (1 - (0.25 * 0.3 + 0.75 * 0.7))
    drawn = np.random.default_rng(5).multinomial(150, cells, size=300)
    covered = [low <= true <= high for low, high in (kappa_interval(Table(*map(int, row)), 500) for row in drawn)]
    assert 0.91 < np.mean(covered) < 0.98
    assert kappa_interval(Table(20, 5, 5, 70), seed=1) == kappa_interval(Table(20, 5, 5, 70), seed=1)


def test_fleiss_of_the_paper_s_kind_of_table() -> None:
    # The worked example that encyclopaedias give for Fleiss 1971: ten subjects, fourteen raters.
    rows = "0 0 0 0 14; 0 2 6 4 2; 0 0 3 5 6; 0 3 9 2 0; 2 2 8 1 1; 7 7 0 0 0; "
    rows += "3 2 6 3 0; 2 5 3 2 2; 6 5 2 1 0; 0 2 2 3 7"
    assert fleiss_kappa([[int(n) for n in row.split()] for row in rows.split(";")]) == pytest.approx(0.210, abs=5e-4)
    with pytest.raises(ValueError, match="same number of readers"):
        fleiss_kappa([[2, 1], [1, 1]])


def test_several_readers_are_compared_on_what_all_of_them_read() -> None:
    readings = {"A": {"AFIB": said("++--+-")}, "B": {"AFIB": said("++--")}, "C": {"AFIB": said("+---?")}}
    found = fleiss(readings, "AFIB", resamples=200)
    assert (found.readers, found.records) == (("A", "B", "C"), 4)
    assert found.low <= found.kappa <= found.high
    assert found.kappa == pytest.approx(fleiss_kappa([[3, 0], [2, 1], [0, 3], [0, 3]]))


def test_uncertain_is_left_out_and_counted_and_prevalence_stated() -> None:
    (found,) = compare(("A", {"AF": said("++-?-")}), ("B", {"AF": said("+-----")}), "reader and reader", resamples=50)
    assert found.table == Table(1, 1, 0, 2)
    assert found.left_out == 1
    assert (found.prevalence_first, found.prevalence_second, found.observed) == (0.5, 0.25, 0.75)
    assert (found.on_present, found.on_absent) == (2 / 3, 4 / 5)


def test_everybody_is_compared_with_everything_and_the_table_is_safe_to_open() -> None:
    readers = {"=cmd()": {"AF": said("++--")}, "B": {"AF": said("+---")}}
    found = compare_all(readers, {"AF": said("++--")}, {"AF": said("--++")}, {"B": {"AF": said("++--")}}, resamples=50)
    assert [(entry.comparison, entry.first, entry.second) for entry in found] == [
        ("reader and reader", "=cmd()", "B"),
        ("reader and label", "=cmd()", "label"),
        ("reader and model", "=cmd()", "model"),
        ("reader and label", "B", "label"),
        ("reader and model", "B", "model"),
        ("reader and the same reader again", "B", "B"),
    ]
    out = io.StringIO()
    write_table(found, out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 7
    assert lines[2].startswith("AF,reader and label,'=cmd(),label,4,0,2,0,0,2,0.5000")
