"""Many events: found by who, what, which record and when, in pages, and written out as they are read."""

from __future__ import annotations

import csv
import io
import itertools
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from many_events import BEGIN, fill, record

from ecgview.review.events import Event
from ecgview.review.export import Stopped, write_csv, write_json
from ecgview.review.listing import Filter, count, page, pages
from ecgview.review.store import Store
from ecgview.review.verification import verify

COUNT = 2500


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("many") / "labels.db") as store:
        fill(store, COUNT, records=40)
        yield store


def test_events_written_past_the_program_s_own_way_verify_and_hold_alike_in_both_engines(place: Path | str) -> None:
    with Store(place) as store:
        fill(store, 600, records=9)
        written = list(store.events())
        undone = {event.supersedes for event in written}
        last: dict[tuple[str, str, str], Event] = {}
        for event in written:
            if event.kind == "label" and event.hash not in undone:
                last[event.record_hash, event.code, event.reader] = event
        assert sorted(last.values(), key=lambda event: event.sequence) == list(store.current_labels())
        assert count(store, Filter(current=True)) == len(last) < 600
        assert verify(store).sound


@pytest.mark.parametrize(
    ("chosen", "fits"),
    [
        (Filter(), lambda _: True),
        (Filter(readers=("Ada", "Ben")), lambda event: event.reader in ("Ada", "Ben")),
        (Filter(codes=("AFIB",), kinds=("label",)), lambda event: event.code == "AFIB" and event.kind == "label"),
        (Filter(kinds=("undo",)), lambda event: event.kind == "undo"),
        (Filter(decisions=("uncertain",)), lambda event: event.decision == "uncertain"),
        (Filter(records=(record(3), record(5))), lambda event: event.record_hash in (record(3), record(5))),
        (
            Filter(since=BEGIN + timedelta(seconds=100), until=BEGIN + timedelta(seconds=110)),
            lambda event: 100 < event.sequence <= 110,
        ),
        (Filter(readers=("nobody",)), lambda _: False),
    ],
)
def test_a_filter_finds_what_fits_and_nothing_else(filled: Store, chosen: Filter, fits) -> None:  # type: ignore[no-untyped-def]
    wanted = [event for event in filled.events() if fits(event)]
    assert list(itertools.chain.from_iterable(pages(filled, chosen, size=300))) == wanted
    assert count(filled, chosen) == len(wanted)
    assert page(filled, chosen, after=50, size=7) == [event for event in wanted if event.sequence > 50][:7]


def test_a_filter_of_labels_that_hold_now_passes_over_the_others(filled: Store) -> None:
    chosen = Filter(readers=("Ada",), codes=("SR",), current=True)
    wanted = [event for event in filled.current_labels() if (event.reader, event.code) == ("Ada", "SR")]
    assert list(itertools.chain.from_iterable(pages(filled, chosen))) == wanted
    assert 0 < len(wanted) < count(filled, Filter(readers=("Ada",), codes=("SR",), kinds=("label",)))
    with pytest.raises(ValueError, match="time zone"):
        Filter(since=BEGIN.replace(tzinfo=None))


def test_going_through_pages_and_exporting_can_be_stopped(filled: Store) -> None:
    asked = itertools.count()
    assert len(list(pages(filled, Filter(), size=10, cancelled=lambda: next(asked) == 3))) == 3
    for write in (write_csv, write_json):
        with pytest.raises(Stopped):
            write(filled, io.StringIO(), history=True, cancelled=lambda: True)


def test_an_export_takes_what_was_filtered_and_tells_how_far_it_is(filled: Store) -> None:
    out, told = io.StringIO(), []
    chosen = Filter(readers=("Cleo",), codes=("LVH", "AFIB"))
    written = write_csv(filled, out, identified=True, chosen=chosen)
    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert len(found) == written > 0
    assert {row["reader"] for row in found} == {"Cleo"}
    assert {row["class"] for row in found} == {"LVH", "AFIB"}
    assert write_csv(filled, io.StringIO(), history=True, progress=told.append) == COUNT
    assert told == [1000, 2000]


class Sink(io.StringIO):
    """Takes text and keeps none."""

    def write(self, text: str) -> int:
        return len(text)


def test_an_export_keeps_no_more_in_memory_than_a_page(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecgview.review.listing.PAGE", 50)

    def peak(chosen: Filter) -> int:
        tracemalloc.start()
        write_csv(filled, Sink(), history=True, identified=True, chosen=chosen)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    write_csv(filled, Sink(), history=True)  # what is made once and kept
    some = peak(Filter(until=BEGIN + timedelta(seconds=500)))
    assert peak(Filter()) < 1.3 * some
