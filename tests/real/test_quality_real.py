"""On real recordings nothing readable is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ecgview.record import Record, read
from ecgview.signal.quality import lead_faults, missing_leads

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings beside the checkout ({DATA})")


def records(folder: str, pattern: str) -> Iterator[Record]:
    found = sorted((DATA / folder).glob(pattern))
    assert found, f"no records in {DATA / folder}"
    for path in found:
        yield read(path)


def refused(folder: str, pattern: str) -> dict[str, dict[str, str]]:
    return {record.name: faults for record in records(folder, pattern) if (faults := lead_faults(record))}


@pytest.mark.parametrize(
    ("folder", "pattern"),
    [("ptb-xl/records100", "*/*.hea"), ("ptb-xl/records500", "*/*.hea"), ("ludb/data", "*.hea")],
)
def test_every_lead_that_people_labelled_or_delineated_is_kept(folder: str, pattern: str) -> None:
    assert refused(folder, pattern) == {}


def test_in_the_challenge_records_only_leads_that_are_all_one_value_are_refused() -> None:
    """Three of the 86 have chest leads in which every sample is 0."""
    found = refused("challenge-2021", "*.hea")
    assert {name: tuple(faults) for name, faults in found.items()} == {
        "JS20004": ("V2", "V4", "V6"),
        "JS45542": ("V1", "V2", "V3", "V4", "V5", "V6"),
        "JS45551": ("V4", "V5", "V6"),
    }
    assert {reason for faults in found.values() for reason in faults.values()} == {
        "no signal: flat for the whole recording"
    }
    for name, faults in found.items():
        record = read(DATA / "challenge-2021" / f"{name}.hea")
        for lead in faults:
            row = record.lead(lead)
            assert row is not None
            assert (row == row[0]).all()


def test_challenge_records_have_all_twelve_leads() -> None:
    assert all(missing_leads(record) == () for record in records("challenge-2021", "*.hea"))
