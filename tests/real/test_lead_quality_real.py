"""On real recordings a badge is the exception, and stands where annotators saw the same."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ecgview.record import read
from ecgview.signal.lead_quality import lead_concerns

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings beside the checkout ({DATA})")


def test_on_ptb_xl_few_leads_are_doubted_and_wander_is_what_annotators_call_so() -> None:
    with (DATA / "ptb-xl" / "ptbxl_database.csv").open(encoding="utf-8") as table:
        drifting = {int(float(row["ecg_id"])) for row in csv.DictReader(table) if row["baseline_drift"].strip()}
    words: dict[int, set[str]] = {}
    doubted = 0
    for path in sorted((DATA / "ptb-xl" / "records500").glob("*/*.hea"))[::2]:
        found = lead_concerns(read(path))
        words[int(path.stem[:5])] = {concern.word for concerns in found.values() for concern in concerns}
        doubted += len(found)
    assert len(words) > 200
    assert doubted < 0.05 * 12 * len(words)
    assert sum(bool(said) for said in words.values()) < 0.25 * len(words)
    assert sum(bool(said & {"reversed?", "does not fit", "lead off", "saturated"}) for said in words.values()) <= 2
    wandering = {number for number, said in words.items() if "wander" in said}
    seen = drifting & words.keys()
    others = words.keys() - drifting
    assert len(wandering & seen) / len(seen) > 4 * len(wandering & others) / len(others)
