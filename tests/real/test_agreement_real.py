"""The kappas of Ribeiro et al. (Nature Communications 2020) come out of the program's own function."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ecgview.review.agreement import compare
from ecgview.review.events import Decision

READERS = Path(__file__).resolve().parents[3] / "shared" / "references" / "readers_827"
pytestmark = pytest.mark.skipif(not READERS.is_dir(), reason="no readings beside the checkout (../shared/references)")
CLASSES = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")


def readings(name: str) -> dict[str, dict[str, Decision]]:
    with (READERS / f"{name}.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 827
    return {
        code: {str(number): "present" if row[code] == "1" else "absent" for number, row in enumerate(rows)}
        for code in CLASSES
    }


@pytest.mark.parametrize(
    ("first", "second", "kappas"),
    [
        ("cardiologist1", "cardiologist2", (0.741, 0.955, 0.964, 0.844, 0.831, 0.902)),
        ("dnn", "cardiologist1", (0.758, 0.928, 0.964, 0.770, 0.696, 0.847)),
        ("dnn", "cardiologist2", (0.852, 0.942, 1.000, 0.770, 0.746, 0.884)),
        ("dnn", "cardiology_residents", (0.656, 0.917, 0.945, 0.830, 0.780, 0.864)),
    ],
)
def test_published_kappas_to_three_decimals(first: str, second: str, kappas: tuple[float, ...]) -> None:
    found = compare((first, readings(first)), (second, readings(second)), "reader and reader", CLASSES)
    assert tuple(round(entry.kappa, 3) for entry in found) == kappas
    assert all(entry.low <= entry.kappa <= entry.high for entry in found)
    assert all(entry.table.records == 827 for entry in found)
