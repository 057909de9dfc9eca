"""The picture of many explanations: a cell for each share, empty where too few records stand behind it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from ecgview import RESEARCH_USE
from ecgview.explain.heat_map import heat_map
from ecgview.explain.population import FEW, Cells, PopulationTable

SVG = "{http://www.w3.org/2000/svg}"
MEAN = np.array([[0.5, 0.1], [0.3, np.nan]])
N = np.array([[40, 40], [FEW - 1, 0]])


@pytest.fixture
def table() -> PopulationTable:
    cells = Cells(("V1", "<V2>"), N, MEAN, np.full((2, 2), 0.02), np.stack([MEAN, MEAN + 0.01]))
    waves = Cells(("QRS",), N[:, :1], MEAN[:, :1] / 2, np.full((2, 1), 0.02), np.stack([MEAN[:, :1]] * 2))
    counts = np.array([40, FEW - 1])
    return PopulationTable(
        "0123456789", "8 generated normal ECGs", "labelled", (3,), ("CRBBB", "OWN & OTHER"), counts, cells, waves,
        np.zeros((2, 3)), np.full(2, 0.5), 0,
    )  # fmt: skip


def test_dark_cells_are_large_shares_and_empty_ones_rest_on_few_records(table: PopulationTable, tmp_path: Path) -> None:
    table.save(tmp_path / "t.svg")
    drawn = ElementTree.parse(tmp_path / "t.svg").getroot()
    cells = {}
    for rectangle in drawn.iter(f"{SVG}rect"):
        title = rectangle.find(f"{SVG}title")
        if title is not None:
            cells[str(title.text)] = str(rectangle.get("fill"))
    assert len(cells) == 6

    def fill(start: str) -> str:
        (found,) = [colour for words, colour in cells.items() if words.startswith(start)]
        return found

    def light(colour: str) -> int:
        return sum(int(colour[at : at + 2], 16) for at in (1, 3, 5))

    most, less = fill("V1: 50.0% of 40"), fill("<V2>: 10.0% of 40")
    assert light(most) < light(fill("QRS: 25.0% of 40")) < light(less)
    # The third as large, but of nine records: empty like the cell of none, and so not to be compared.
    assert fill("V1: 30.0% of 9") == fill("0 records")
    assert fill("V1: 30.0% of 9") not in (most, less)


def test_it_says_what_it_shows(table: PopulationTable) -> None:
    words = " ".join(str(text.text) for text in ElementTree.fromstring(heat_map(table)).iter(f"{SVG}text"))
    for said in (
        RESEARCH_USE, "Complete right bundle branch block", "OWN & OTHER", "n = 40", "Records labelled with the class",
        "8 generated normal ECGs", "0 to 50%", f"fewer than {FEW} records",
    ):  # fmt: skip
        assert said in words


def test_every_word_lies_inside(table: PopulationTable) -> None:
    drawn = ElementTree.fromstring(heat_map(table))
    width, height = float(str(drawn.get("width"))), float(str(drawn.get("height")))
    for text in drawn.iter(f"{SVG}text"):
        assert 0 < float(str(text.get("x"))) < width
        assert 0 < float(str(text.get("y"))) < height
