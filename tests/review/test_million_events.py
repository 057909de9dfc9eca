"""A store of a million events opens, filters and exports while a window goes on: the figures of docs/review.md.

``pytest -m slow -s tests/review/test_million_events.py`` prints them; ``ECGVIEW_EVENTS`` sets another number.
"""

from __future__ import annotations

import os
import threading
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from many_events import BEGIN, fill, record

from ecgview.review.events import Entry
from ecgview.review.export import labels_by_record, write_csv, write_json
from ecgview.review.listing import Filter, count, page, pages
from ecgview.review.store import Store
from ecgview.review.verification import verify

pytestmark = pytest.mark.slow
EVENTS = int(os.environ.get("ECGVIEW_EVENTS", "1000000"))
LONGEST_BLOCK = 0.05


def observed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Do work in a thread, as the window does; return seconds, and how long at most this thread could not run."""
    found: list[Any] = []
    worker = threading.Thread(target=lambda: found.append(work()))
    pause, gap = threading.Event(), 0.0
    begin = last = time.perf_counter()
    worker.start()
    while worker.is_alive():
        pause.wait(0.002)
        now = time.perf_counter()
        gap, last = max(gap, now - last), now
    return found[0], time.perf_counter() - begin, gap


def watched(name: str, work: Callable[[], Any], longest: float) -> Any:
    """Do work and say how long it took and how long the window waited, beside what other programs make it wait."""
    floor = observed(lambda: threading.Event().wait(0.5))[2]
    found, took, gap = observed(work)
    told = f"{name:<44}{took:>8.2f} s, window kept waiting at most {gap * 1000:.0f} ms"
    print(f"{told} (beside a thread that does nothing: {floor * 1000:.0f} ms)", flush=True)
    assert gap < LONGEST_BLOCK, name
    assert took < longest, name
    return found


def test_a_million_events_open_filter_and_export(place: Path | str, tmp_path: Path) -> None:
    with Store(place) as empty:
        begin = time.perf_counter()
        fill(empty, EVENTS, records=EVENTS // 50)
        print(f"\n{empty.engine.dialect.name}: {EVENTS} events made in {time.perf_counter() - begin:.0f} s")
    store = watched("open", lambda: Store(place), 1)
    with store:
        day = Filter(since=BEGIN + timedelta(seconds=EVENTS // 2), until=BEGIN + timedelta(seconds=EVENTS // 2 + 86400))
        for name, chosen in {
            "all": Filter(),
            "holding now": Filter(current=True),
            "one reader": Filter(readers=("Ada",)),
            "one class": Filter(codes=("AFIB",)),
            "one record": Filter(records=(record(17),)),
            "one day": day,
            "one reader and class, holding now": Filter(readers=("Ada",), codes=("AFIB",), current=True),
        }.items():
            watched(f"first 1000, {name}", lambda chosen=chosen: page(store, chosen), 2)
            watched(f"count, {name}", lambda chosen=chosen: count(store, chosen), 5)
        held = watched("labels of one record", lambda: list(store.current_labels(record_hash=record(17))), 0.2)
        assert held
        entry = Entry(kind="label", reader="Ada", record_hash=record(17), code="LVH", decision="present")
        written = watched("write a label", lambda: store.append([entry]), 0.5)
        watched("take it back", lambda: store.undo("Ada", written[0].hash), 0.5)
        one = Filter(codes=("AFIB",))
        # Objects as a window has them beside the store: Python's search for unreachable ones goes through all.
        window = [[number] for number in range(400_000)]
        listed = watched("page through one class", lambda: sum(len(part) for part in pages(store, one)), 60)
        assert listed == count(store, one)
        out = tmp_path / "out"
        with out.open("w", encoding="utf-8") as stream:
            rows = watched("CSV of what holds now", lambda: write_csv(store, stream), 60)
        assert rows == count(store, Filter(current=True))
        with out.open("w", encoding="utf-8") as stream:
            rows = watched("JSON of the full history", lambda: write_json(store, stream, history=True), 120)
        assert rows == EVENTS + 2
        tracemalloc.start()
        with out.open("w", encoding="utf-8") as stream:
            write_csv(store, stream, chosen=Filter(codes=("AFIB",)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"{'most memory of an export':<44}{most / 1e6:>8.1f} MB")
        assert most < 20e6
        begin = time.perf_counter()
        assert labels_by_record(store)[0]
        print(f"{'labels for training, in no window':<44}{time.perf_counter() - begin:>8.2f} s")
        assert len(window) == 400_000
        assert watched("verify", lambda: verify(store), 300).sound
