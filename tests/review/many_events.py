"""Fills a label store with very many events of a valid chain, past the API and far faster."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ecgview.review.events import row_hash
from ecgview.review.schema import events
from ecgview.review.store import Store

READERS = ("Ada", "Ben", "Cleo", "Dora", "Emil")
CODES = ("NORM", "SR", "AFIB", "IMI", "ASMI", "LVH", "LAFB", "IRBBB", "1AVB", "NDT")
DECISIONS = ("present", "absent", "uncertain")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
UNDONE = 50
"""One in so many events takes a label back."""


def record(number: int) -> str:
    """Return the content hash of a record of the store."""
    return hashlib.sha256(b"record %d" % number).hexdigest()


def rows(count: int, first_link: str, seed: int, records: int) -> Iterator[dict[str, Any]]:
    """Give the rows of events that follow on each other, a second apart."""
    chance = np.random.default_rng(seed)
    hashes = [record(number) for number in range(records)]
    of_record, of_code = chance.integers(records, size=count), chance.integers(len(CODES), size=count)
    of_reader, of_decision = chance.integers(len(READERS), size=count), chance.integers(3, size=count)
    previous = first_link
    last: dict[str, Any] | None = None
    for number in range(count):
        undo = last is not None and number % UNDONE == 0
        row = {
            "sequence": number + 1,
            "kind": "undo" if undo else "label",
            "written_at": (BEGIN + timedelta(seconds=number)).isoformat(timespec="microseconds"),
            "reader": READERS[of_reader[number]],
            "record_hash": hashes[of_record[number]],
            "record_name": f"records100/{of_record[number]:05d}_lr.hea",
            "code": CODES[of_code[number]],
            "decision": None if undo else DECISIONS[of_decision[number]],
            "confidence": None if undo else 0.5,
            "note": "",
            "region_lead": None,
            "region_from": None,
            "region_to": None,
            "visible": '{"labels":true}',
            "program": "ecgview 0.1.0",
            "model": "",
            "round_id": "",
            "assignment": "",
            "supersedes": "",
            "payload": "{}",
            "previous": previous,
        }
        if undo and last is not None:
            row |= {name: last[name] for name in ("reader", "record_hash", "record_name", "code")}
            row["supersedes"] = last["hash"]
        row["hash"] = previous = row_hash(row)
        last = None if undo else row
        yield row


def fill(store: Store, count: int, seed: int = 0, records: int = 20_000) -> None:
    """Write events into an empty store, as one transaction; its triggers look at each of them."""
    head = store.head()
    assert head.count == 0
    names = [column.name for column in events.columns]
    sqlite = store.engine.dialect.name == "sqlite"
    with store.engine.connect() as connection:
        connection.execution_options(ecgview_writing=True)
        with connection.begin():
            values = (tuple(row.values()) for row in rows(count, head.hash, seed, records))
            order = ", ".join(next(iter(rows(1, head.hash, seed, records))))
            cursor = connection.connection.cursor()
            if sqlite:
                cursor.executemany(
                    f"INSERT INTO review_events ({order}) VALUES ({', '.join('?' * len(names))})", values
                )
            else:
                with cursor.copy(f"COPY review_events ({order}) FROM STDIN") as copy:
                    for row in values:
                        copy.write_row(row)
                # A server does so by itself, minutes after very many rows came at once.
                cursor.execute("ANALYZE")
            cursor.close()
