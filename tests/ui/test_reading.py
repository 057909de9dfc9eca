"""Reading for the window: the neighbours are there at once, and memory stays bounded."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui import reading
from ecgview.ui.reading import Reader


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [write_wfdb(generate(Settings(hz=100), seed).record, tmp_path, f"r{seed}")[0] for seed in range(10)]


def test_a_neighbour_read_ahead_is_given_at_once(qtbot: QtBot, paths: list[Path]) -> None:
    reader = Reader()
    with qtbot.waitSignal(reader.read):
        reader.want(paths[0], (paths[1], paths[2]))
    qtbot.waitUntil(lambda: paths[2] in reader._kept)
    got: list[Path] = []
    reader.read.connect(lambda path, _: got.append(path))
    reader.want(paths[1])
    assert got == [paths[1]]  # before want returned, so without any waiting
    reader.close()


@pytest.mark.parametrize(("most_bytes", "expected"), [(1 << 30, reading.KEPT), (1, 1)])
def test_what_is_held_is_bounded_in_number_and_in_bytes(
    qtbot: QtBot, paths: list[Path], monkeypatch: pytest.MonkeyPatch, most_bytes: int, expected: int
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", most_bytes)
    reader = Reader()
    for path in paths:
        with qtbot.waitSignal(reader.read):
            reader.want(path)
    assert len(reader._kept) == expected
    assert paths[-1] in reader._kept
    reader.close()


def test_only_the_last_of_many_wishes_is_answered(qtbot: QtBot, paths: list[Path]) -> None:
    reader = Reader()
    got: list[Path] = []
    reader.read.connect(lambda path, _: got.append(path))
    for path in paths:
        reader.want(path)
    qtbot.waitUntil(lambda: bool(got))
    reader.close()
    assert got == [paths[-1]]
