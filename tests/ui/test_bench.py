"""`ecgview bench` runs to its end and says what it promises; the times themselves depend on the machine."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ecgview import cli
from ecgview.ui import bench
from ecgview.ui.bench import Figure


def test_every_figure_stands_beside_its_floor_and_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_STARTS", 1)
    monkeypatch.setattr(bench, "_FRAMES", 6)
    monkeypatch.setattr(bench, "_BATCH", 4)
    monkeypatch.setattr(bench, "_CHUNKS", 1)
    result = CliRunner().invoke(cli.app, ["bench", "--json"])
    assert result.exit_code == 0, result.exception
    figures = {figure["name"]: figure for figure in json.loads(result.stdout)}
    assert set(figures) == {
        "process start to first sheet",
        "memory before the model loads",
        "next record, read and drawn",
        "frame of pan and zoom, pixel ratio 1",
        "frame of pan and zoom, pixel ratio 2",
        "frame with an explanation, pixel ratio 1",
        "frame with an explanation, pixel ratio 2",
        "frame of a moving record, pixel ratio 1",
        "frame of a moving record, pixel ratio 2",
        "ensemble on one record",
        "ensemble over many files",
    }
    for name, figure in figures.items():
        assert figure["value"] > 0
        assert figure["budget"]
        if name != "memory before the model loads":
            assert figure["ratio"] == pytest.approx(figure["value"] / figure["floor"], rel=0.05, abs=0.02)
    assert figures["memory before the model loads"]["held"]


def test_a_figure_over_its_budget_says_so() -> None:
    words = Figure("frame", 50.0, 10.0, "ms", "under 16 ms", held=False).as_words()
    assert words == ("frame", "50.0 ms", "10.0 ms", "5.00", "under 16 ms", "NO")
