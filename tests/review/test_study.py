"""What came of a study: each pair, all readers together, prevalence; with names only where they are asked for."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest

from ecgview.review.agreement import fleiss_kappa
from ecgview.review.events import Decision, Entry
from ecgview.review.rounds import Answer, Round, RoundError
from ecgview.review.sampling import Candidate
from ecgview.review.store import Store
from ecgview.review.study import study, study_of, write_study


def said(text: str, skip: str = "") -> dict[str, Decision]:
    words: dict[str, Decision] = {"+": "present", "-": "absent", "?": "uncertain"}
    return {f"r{number}": words[letter] for number, letter in enumerate(text) if letter in words}


def test_three_readers_are_compared_in_pairs_and_together() -> None:
    readers = {"Ada": {"AF": said("++--+-")}, "=Ben()": {"AF": said("++---?")}, "Cleo": {"AF": said("+---+-")}}
    found = study_of("AF", readers, {"AF": said("+++---")}, {"AF": said("+-+-+-")}, {"Ada": {"AF": said("+-")}})
    assert [entry.comparison for entry in found.pairs].count("reader and reader") == 3
    assert {entry.comparison for entry in found.pairs} == {
        "reader and reader",
        "reader and label",
        "reader and model",
        "reader and the same reader again",
    }
    (all_of_them,) = found.fleiss
    assert all_of_them.records == 6
    assert all_of_them.kappa == pytest.approx(
        fleiss_kappa([[3, 0, 0], [2, 1, 0], [0, 3, 0], [0, 3, 0], [2, 1, 0], [0, 2, 1]])
    )
    assert all_of_them.low <= all_of_them.kappa <= all_of_them.high
    shares = {entry.who: (entry.present, entry.records, entry.uncertain) for entry in found.prevalence}
    assert shares == {"Ada": (3, 6, 0), "=Ben()": (2, 5, 1), "Cleo": (2, 6, 0), "label": (3, 6, 0), "model": (3, 6, 0)}
    assert all(entry.low < entry.share < entry.high for entry in found.prevalence)
    out = io.StringIO()
    write_study(found, out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(lines) == len(found.pairs) + 1 + 5
    assert "'=Ben()" in {line["second"] for line in lines}
    together = next(line for line in lines if line["comparison"] == "all readers")
    assert (together["records"], together["kappa"]) == ("6", f"{all_of_them.kappa:.4f}")
    assert found.of_class("none").pairs == ()


def test_readers_who_shared_the_records_out_have_a_fleiss_kappa_too() -> None:
    # Each record was read by two of three.
    readers = {"A": {"AF": said("+-  +-")}, "B": {"AF": said("+-+-  ")}, "C": {"AF": said("  +---")}}
    (found,) = study_of("AF", readers).fleiss
    assert found.records == 6
    assert found.kappa == pytest.approx(fleiss_kappa([[2, 0], [0, 2], [2, 0], [0, 2], [1, 1], [0, 2]]))
    apart = {"A": {"AF": said("+ ")}, "B": {"AF": said(" -")}, "C": {"AF": {}}}
    assert math.isnan(study_of("AF", apart).fleiss[0].kappa)


def test_a_round_of_several_classes_says_of_each_what_label_and_model_say(tmp_path: Path) -> None:
    rows = [
        Candidate(f"{number:064x}", f"r{number}", code, (number + place) % 3 == 0, number % 2 == 0, 0.5)
        for number in range(12)
        for place, code in enumerate(("LVH", "AFIB"))
    ]
    drawn = [item for item in rows if (item.code == "LVH") == (int(item.record_hash, 16) < 6)]
    with Store(tmp_path / "s.db") as store:
        round = Round.create(store, "two", drawn, ["Ada", "Ben"], owner="Olga", seed=1, known=rows)
        for reader in ("Ada", "Ben"):
            for item in round.assignments(reader):
                round.lock(reader, item.identifier, {"LVH": Answer("present"), "AFIB": Answer("absent")})
        told = round.reveal("Ada", round.assignments("Ada")[0].identifier)
        assert sorted(item.code for item in told) == ["AFIB", "LVH"]
        found = study(store, round.identifier, identified=False)
    assert found.readers == ("reader 1", "reader 2")
    assert not any(name in repr(found) for name in ("Ada", "Ben"))
    with_label = [entry for entry in found.pairs if entry.comparison == "reader and label"]
    assert [(entry.code, entry.table.records) for entry in with_label] == [("AFIB", 12), ("LVH", 12)] * 2
    assert with_label[1].table.both == sum(item.label for item in rows if item.code == "LVH")


def test_labels_of_several_readers_are_compared_without_a_round(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        for reader, words in (("Ada", said("++--")), ("Ben", said("+---"))):
            store.append(
                [
                    Entry(kind="label", reader=reader, record_hash=key, code="AF", decision=word)
                    for key, word in words.items()
                ]
            )
            if reader == "Ada":
                with pytest.raises(RoundError, match="two readers or more"):
                    study(store)
        (pair,) = study(store).pairs
    assert (pair.first, pair.second, pair.observed) == ("Ada", "Ben", 0.75)
