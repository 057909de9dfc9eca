"""The queue over records that a model judged: rare classes last, what is decided passed over, memory of one class."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgview.review.candidates import read_candidates
from ecgview.review.suspicion import Order, queue
from ecgview.review.worklist import Judged, worklist, write_candidates


def judged(records: int = 60, seed: int = 2) -> Judged:
    chance = np.random.default_rng(seed)
    labels = chance.random((records, 3)) < (0.5, 0.4, 0.0)
    labels[:3, 2] = True
    probability = np.where(labels, 0.8, 0.1).astype(np.float32)
    probability[:3, 2] = 0.01  # a class so rare that the model never finds it
    probability[7, 0] = 1 - probability[7, 0]
    return Judged(
        hashes=tuple(f"{number:064x}" for number in range(records)),
        names=tuple(f"=r{number}.hea" for number in range(records)),
        codes=("NORM", "LVH", "PACE"),
        labels=labels,
        probability=probability,
        called=probability >= 0.5,
        spread=chance.random((records, 3)).astype(np.float32),
        held_out=np.arange(records) % 2 == 0,
        learned_from=(900, 120, 11),
    )


def test_rare_classes_come_last_unless_they_are_asked_for() -> None:
    given = judged()
    first = worklist(given, limit=200)
    assert (first[0].record_hash, first[0].code) == (given.hashes[7], "NORM")
    assert [item.code for item in first[-60:]] == ["PACE"] * 60
    assert all("put after the others" in item.why for item in first[-60:])
    asked = worklist(given, codes=["PACE"], limit=3)
    assert {item.record_hash for item in asked} == set(given.hashes[:3])
    assert "learned from 11 records with it" in asked[0].why
    with pytest.raises(ValueError, match="no class 'AFIB'"):
        worklist(given, codes=["AFIB"])


def test_what_readers_have_decided_is_passed_over() -> None:
    given = judged()
    without = {(given.hashes[7], "NORM"), ("f" * 64, "NORM"), (given.hashes[8], "AFIB")}
    assert len(worklist(given, limit=1000)) == 180
    left = worklist(given, limit=1000, without=without)
    assert len(left) == 179
    assert not {(item.record_hash, item.code) for item in left} & without


def test_each_order_says_in_words_why() -> None:
    given = judged()
    (differing,) = worklist(given, "disagreement", codes=["NORM"])
    stated = "present" if differing.labelled else "absent"
    assert differing.why.startswith(
        f"labelled {stated}, the model says {'absent' if differing.labelled else 'present'} ("
    )
    unsure = worklist(given, "uncertainty", limit=180)
    assert [item.score for item in unsure] == sorted((item.score for item in unsure), reverse=True)
    for item in unsure:
        alone = int(item.record_hash, 16) % 2 == 0
        assert item.why.startswith("network and trees of the member" if alone else "members differ by ±")
    table = replace(given, spread=np.full(given.labels.shape, np.nan, np.float32))
    with pytest.raises(ValueError, match="the table has none"):
        worklist(table, "uncertainty")


@pytest.mark.parametrize("order", ["suspicion", "disagreement", "uncertainty", "random"])
def test_the_queue_is_that_of_sorting_everything(order: Order) -> None:
    given = judged(300)
    arguments = {"decisions": given.called, "spread": given.spread, "seed": 3}
    few = queue(given.codes, given.labels, given.probability, order, limit=40, **arguments)  # type: ignore[arg-type]
    all_of_them = queue(given.codes, given.labels, given.probability, order, limit=10_000, **arguments)  # type: ignore[arg-type]
    assert few == all_of_them[:40]
    assert [item.score for item in all_of_them] == sorted((item.score for item in all_of_them), reverse=True)


def test_very_many_records_take_the_memory_of_one_class(tmp_path: Path) -> None:
    records, classes = 50_000, 40
    labels = np.memmap(tmp_path / "labels", bool, "w+", shape=(records, classes))
    probability = np.memmap(tmp_path / "probability", np.float32, "w+", shape=(records, classes))
    probability[41_234, 17] = 0.75
    codes = tuple(f"C{column}" for column in range(classes))
    tracemalloc.start()
    found = queue(codes, labels, probability, limit=50, guard_rare=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (found[0].record, found[0].code) == (41_234, "C17")
    assert most < 0.25 * records * classes * 8


def test_the_table_of_candidates_comes_back_as_it_was_and_is_safe_to_open() -> None:
    given, out = judged(), io.StringIO()
    assert write_candidates(given.candidates(), out) == 180
    assert next(csv.DictReader(io.StringIO(out.getvalue())))["name"] == "'=r0.hea"
    back = Judged.of_candidates(read_candidates(io.StringIO(out.getvalue()), "c.csv"))
    assert (back.hashes, back.names, back.codes) == (given.hashes, given.names, given.codes)
    assert (back.labels == given.labels).all()
    assert (back.called == given.called).all()
    assert np.allclose(back.probability, given.probability)
