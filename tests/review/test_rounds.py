"""Reading rounds: drawn by a seed, blinded until locked, both looks kept, disagreements decided unnamed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecgview.review.agreement import compare_all
from ecgview.review.rounds import Answer, Round, RoundError, rounds
from ecgview.review.sampling import Candidate, Sample, assign, draw
from ecgview.review.store import Store
from ecgview.review.templates import TEMPLATES
from ecgview.review.verification import verify

CANDIDATES = [
    Candidate(f"{number:064x}", f"r{number}.hea", "LAD", label, decision, 0.8125 if decision else 0.1875)
    for number, (label, decision) in enumerate(
        [(False, True)] * 20 + [(True, False)] * 15 + [(True, True)] * 30 + [(False, False)] * 40
    )
]
SAMPLE = Sample(false_positives=6, false_negatives=4, controls=6)
YES, NO = {"LAD": Answer("present", 0.9)}, {"LAD": Answer("absent", 0.4, "about −20°")}


def make(store: Store, **settings: object) -> Round:
    values: dict[str, object] = {"owner": "Olga", "seed": 11, "adjudicator": "Zoe"} | settings
    return Round.create(store, "Left axis", draw(CANDIDATES, SAMPLE, 11), ["Ada", "Ben"], **values)  # type: ignore[arg-type]


def test_the_sample_has_what_was_asked_for_and_hangs_on_the_seed_alone() -> None:
    drawn = draw(CANDIDATES, SAMPLE, 11)
    assert Counter(item.group for item in drawn) == {
        "false positive": 6,
        "false negative": 4,
        "correct, present": 3,
        "correct, absent": 3,
    }
    assert draw(CANDIDATES[::-1], SAMPLE, 11) == drawn
    assert draw(CANDIDATES, SAMPLE, 12) != drawn
    assert len(draw(CANDIDATES, Sample(500, 0, 0), 1)) == 20


def test_each_reader_has_an_order_of_their_own_and_the_same_seed_gives_the_same() -> None:
    records = [item.record_hash for item in CANDIDATES[:40]]
    dealt = assign(records, ["Ada", "Ben"], 2, 0.25, 5)
    assert dealt["Ada"] != dealt["Ben"]
    assert dealt == assign(records[::-1], ["Ada", "Ben"], 2, 0.25, 5)
    for own in dealt.values():
        assert sorted(own[:40]) == sorted(records)
        assert len(own) == 50
        assert len(set(own[40:])) == 10
    single = assign(records, ["Ada", "Ben", "Cleo"], 1, 0, 5)
    assert sorted(record for own in single.values() for record in own) == sorted(records)
    assert {len(own) for own in single.values()} == {13, 14}


def test_before_the_lock_nothing_is_told_and_after_it_all_is(store: Store) -> None:
    round = make(store)
    first = round.next("Ada")
    assert first is not None
    other = next(item for item in round.assignments("Ben") if item.record_hash == first.record_hash)
    round.lock("Ben", other.identifier, NO)
    handed_out = repr((vars(round), round.assignments("Ada"), first, first.title))
    for word in ("0.8125", "0.1875", "false positive", "false negative", "correct", "absent", "−20°"):
        assert word not in handed_out
    assert not any(item.locked for item in round.assignments("Ada"))
    for call in (
        lambda: round.reveal("Ada", first.identifier),
        lambda: round.reveal("Ada", other.identifier),
        lambda: round.second_look("Ada", first.identifier, NO),
        lambda: round.disagreements("Ada"),
        lambda: round.readings(),
        lambda: round.assignments("Eve"),
    ):
        with pytest.raises(RoundError) as refused:
            call()
        assert "absent" not in str(refused.value)
        assert "Ben" not in str(refused.value)
    assert round.disagreements("Zoe") == []
    round.lock("Ada", first.identifier, YES)
    (told,) = round.reveal("Ada", first.identifier)
    truth = next(item for item in CANDIDATES if item.record_hash == first.record_hash)
    assert (told.label, told.decision, told.probability) == (truth.label, truth.decision, truth.probability)
    assert (told.own, told.others) == ("present", (("Ben", "absent"),))


def test_a_locked_reading_stays_and_the_second_look_stands_beside_it(store: Store) -> None:
    round = make(store)
    first = round.assignments("Ada")[0].identifier
    with pytest.raises(RoundError, match="each class wants an answer"):
        round.lock("Ada", first, {})
    round.lock("Ada", first, YES)
    with pytest.raises(RoundError, match="cannot be changed"):
        round.lock("Ada", first, NO)
    with pytest.raises(RoundError, match="after the reveal"):
        round.second_look("Ada", first, NO)
    round.reveal("Ada", first)
    round.second_look("Ada", first, NO)
    kept = [(event.kind, event.decision) for event in store.events(reader="Ada")]
    assert kept == [("read", "present"), ("reveal", None), ("second_look", "absent")]
    assert [event.visible["blinded"] for event in store.events(kind=["read", "second_look"])] == [True, False]
    assert verify(store).sound


def test_with_repeated_records_nothing_is_told_before_the_last_reading(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        round = make(store, repeated=0.25)
        mine = round.assignments("Ada")
        assert len(mine) == 20
        for item in mine:
            with pytest.raises(RoundError, match="before all of your readings"):
                round.reveal("Ada", mine[0].identifier)
            round.lock("Ada", item.identifier, NO if item.number > 16 else YES)
        assert len(round.reveal("Ada", mine[0].identifier)) == 1
        for item in round.assignments("Ben"):
            round.lock("Ben", item.identifier, YES)
        found = compare_all(*round.readings(), resamples=20)
        again = [entry for entry in found if entry.comparison == "reader and the same reader again"]
        assert [(entry.first, entry.table.records, entry.observed) for entry in again] == [("Ada", 4, 0), ("Ben", 4, 1)]
        # Of the sample: 7 labelled present, 9 that the model calls present.
        shares = {entry.second: entry.observed for entry in found if entry.first == "Ben" and entry.second != "Ben"}
        assert shares == {"label": 7 / 16, "model": 9 / 16}


def test_the_adjudicator_decides_without_knowing_who_said_what(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        round = make(store)
        for item in round.assignments("Ada"):
            round.lock("Ada", item.identifier, YES)
        differing = {item.record_hash for item in round.assignments("Ben")[:3]}
        for item in round.assignments("Ben"):
            round.lock("Ben", item.identifier, NO if item.record_hash in differing else YES)
        pending = round.disagreements("Zoe")
        assert {item.record_hash for item in pending} == differing
        assert all({answer.decision for answer in item.answers} == {"present", "absent"} for item in pending)
        assert not any(name in repr(pending) for name in ("Ada", "Ben", "−20°", "0.8125", "0.1875"))
        round.adjudicate("Zoe", pending[0].record_hash, "LAD", Answer("absent"))
        assert round.disagreements("Zoe") == pending[1:]
        with pytest.raises(RoundError, match="no disagreement"):
            round.adjudicate("Zoe", pending[0].record_hash, "LAD", Answer("present"))
        assert [known.identifier for known in rounds(store)] == [round.identifier]


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"readings": 3}, "as many readers"), ({"repeated": 2.0}, "share"), ({"adjudicator": "Ada"}, "cannot be one")],
)
def test_a_round_that_cannot_be_read_is_refused(tmp_path: Path, settings: dict[str, object], said: str) -> None:
    with Store(tmp_path / "s.db") as store:
        with pytest.raises(RoundError, match=said):
            make(store, **settings)
        assert store.head().count == 0


def test_the_study_of_left_axis_deviation_mixes_correct_records_in() -> None:
    study = TEMPLATES["lad"]
    assert (study.sample.false_positives + study.sample.false_negatives, study.readings) == (100, 2)
    assert study.sample.controls > 0
    assert "−30°" in study.definition
