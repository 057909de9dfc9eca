"""The vocabulary on the labels of real recordings: what LUDB and the Challenge's sources state is understood."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ecgview.model.vocabulary import statement_codes
from ecgview.record import read
from ecgview.record.folder import find_records
from ecgview.training.external import source_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)")


def test_each_record_of_ludb_has_a_statement_and_counts_are_those_of_its_table() -> None:
    carried = [statement_codes(read(path).labels) for path in find_records(DATA / "ludb")]
    assert len(carried) == 150
    assert all(carried)
    counts = Counter(code for codes in carried for code in codes)
    # As ludb.csv has them.
    wanted = {"SR": 109, "SBRAD": 20, "AFIB": 10, "SARRH": 6, "STACH": 3, "AFLT": 2, "LVH": 79, "RVH": 3, "RAO/RAE": 11}
    wanted |= {"IRBBB": 21, "LAFB": 12, "1AVB": 8, "3AVB": 4, "ILBBB": 4, "IVCD": 4, "CRBBB": 2, "CLBBB": 2}
    assert {code: counts[code] for code in wanted} == wanted
    assert counts["SUPER.MI"] > 0
    assert counts["IMI"] == counts["AMI"] == 0  # walls one by one are not PTB-XL's statements


def test_the_challenge_records_are_of_five_sources() -> None:
    records = [read(path) for path in find_records(DATA / "challenge-2021")]
    assert Counter(source_of(record, "unknown") for record in records) == {
        "Chapman-Shaoxing and Ningbo": 44,
        "Georgia": 23,
        "CPSC 2018, records not used there": 10,
        "CPSC 2018": 5,
        "PTB": 4,
    }
    unlabelled = [record for record in records if not statement_codes(record.labels)]
    assert len(unlabelled) == 3
