"""A patient's other records are found in a real collection, and the earlier one is the earlier one."""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from pathlib import Path

import pytest

from ecgview.record import expand, read_summary
from ecgview.ui.compare.same_patient import SamePatient, Wanted

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings beside the checkout ({DATA})")


def test_other_records_of_a_patient_are_found_in_ptb_xl() -> None:
    folder = DATA / "ptb-xl" / "records100"
    listed = list(expand([folder]))
    there = {int(path.stem[:5]): path for path in listed}
    of: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    with (DATA / "ptb-xl" / "ptbxl_database.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if int(float(row["ecg_id"])) in there:
                patient = str(int(float(row["patient_id"])))
                of[patient].append((row["recording_date"], there[int(float(row["ecg_id"]))]))
    several = {patient: sorted(records) for patient, records in of.items() if len(records) > 1}
    assert len(several) > 20
    finder = SamePatient()
    began = time.monotonic()
    for patient, records in several.items():
        for date, path in records:
            others = finder._look(Wanted(patient, path, listed), lambda: False)
            assert {other.path for other in others.found} == {other for _, other in records if other != path}
            assert others.looked_at == len(listed)
            earlier = others.earlier(read_summary(path).recorded_at)
            # Some recordings of one patient bear the same second: neither is earlier.
            before = [when for when, _ in records if when < date]
            assert (earlier is None) == (not before)
            assert earlier is None or (max(before), earlier.path) in records
    # Each file is looked into once, however many patients are asked for.
    assert time.monotonic() - began < 20.0
