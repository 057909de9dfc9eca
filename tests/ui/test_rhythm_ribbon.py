"""The rhythm ribbon: rates in their places, unusual beats by shape, clicks that move the sheet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot
from test_beat_marks import found_in

from ecgview.signal.found_beats import FoundBeats
from ecgview.synthesis import Settings, generate
from ecgview.ui.rhythm_ribbon import RhythmRibbon, columns, next_unusual, summary


@pytest.fixture(scope="module")
def premature() -> FoundBeats:
    return found_in(generate(Settings(rhythm="ventricular premature beats", rate=74, seconds=30.0), 19).record)


@pytest.fixture
def ribbon(qtbot: QtBot, premature: FoundBeats) -> RhythmRibbon:
    it = RhythmRibbon()
    qtbot.addWidget(it)
    it.resize(800, it.sizeHint().height())
    it.show()
    it.show_beats(premature, 30.0)
    it.resize(800, it.sizeHint().height())
    return it


def first(found: FoundBeats, count: int) -> FoundBeats:
    return replace(found, times=found.times[:count], kind=found.kind[:count], premature=found.premature[:count])


def test_mean_and_range_are_said(premature: FoundBeats) -> None:
    words = summary(premature)
    rates = 60.0 / np.diff(premature.times)
    mean = 60.0 * (len(premature) - 1) / (premature.times[-1] - premature.times[0])
    assert f"mean {mean:.0f}/min, {rates.min():.0f} to {rates.max():.0f}" in words
    assert f"{premature.premature.sum()} of {len(premature)} beats premature" in words


def test_a_steady_rhythm_and_fibrillation_are_said() -> None:
    assert "no beat premature" in summary(found_in(generate(Settings(), 1).record))
    fibrillation = summary(found_in(generate(Settings(rhythm="atrial fibrillation"), 13).record))
    assert "irregular throughout" in fibrillation
    assert "premature" not in fibrillation


@pytest.mark.parametrize(("count", "words"), [(0, "no beat"), (1, "one beat"), (2, "two beats")])
def test_fewer_than_three_beats_are_said_and_take_one_line(
    ribbon: RhythmRibbon, premature: FoundBeats, count: int, words: str
) -> None:
    tall = ribbon.sizeHint().height()
    ribbon.show_beats(first(premature, count), 30.0)
    assert not ribbon.drawn
    assert words in ribbon.accessibleDescription()
    assert ribbon.sizeHint().height() < tall / 2
    ribbon.show_beats(first(premature, 3), 30.0)
    assert ribbon.drawn


def test_a_click_points_at_its_time(qtbot: QtBot, ribbon: RhythmRibbon) -> None:
    band = ribbon._band()
    with qtbot.waitSignal(ribbon.moved) as asked:
        qtbot.mouseClick(
            ribbon,
            Qt.MouseButton.LeftButton,
            pos=QPoint(round(band.left() + band.width() / 3), round(band.center().y())),
        )
    assert asked.args[0] == pytest.approx(10.0, abs=0.1)


def test_arrow_keys_go_from_one_unusual_beat_to_the_next(
    qtbot: QtBot, ribbon: RhythmRibbon, premature: FoundBeats
) -> None:
    unusual = premature.times[premature.unusual]
    ribbon.show_seen(-5.0, 5.0)
    seen: list[float] = []
    ribbon.moved.connect(seen.append)
    ribbon.moved.connect(lambda at: ribbon.show_seen(at - 5.0, at + 5.0))
    for _ in range(len(unusual) + 1):
        qtbot.keyClick(ribbon, Qt.Key.Key_Right)
    assert seen == pytest.approx(unusual.tolist())
    qtbot.keyClick(ribbon, Qt.Key.Key_Left)
    assert seen[-1] == pytest.approx(unusual[-2])


def test_there_is_nothing_unusual_beyond_the_last(premature: FoundBeats) -> None:
    assert next_unusual(premature, 30.0, forward=True) is None
    assert next_unusual(premature, 0.0, forward=False) is None


def test_premature_beats_are_drawn_by_shape(ribbon: RhythmRibbon, premature: FoundBeats) -> None:
    shown = ribbon.grab().toImage()
    ribbon.show_beats(replace(premature, premature=np.zeros(len(premature), bool)), 30.0)
    squares = ribbon.grab().toImage()
    ribbon.show_beats(replace(premature, premature=np.zeros(len(premature), bool), kind=premature.kind * 0), 30.0)
    nothing = ribbon.grab().toImage()
    assert shown != squares
    assert squares != nothing


def test_a_day_keeps_its_extremes_in_a_thousand_columns() -> None:
    times = np.cumsum(np.full(100_000, 0.85))
    rates = np.full(100_000, 70.0)
    rates[54_321] = 190.0
    shown = columns(times, rates, 10.0, 1000.0 / 86_400)
    assert len(shown.x) < 1001
    assert shown.high.max() == 190.0
    assert shown.x[int(np.argmax(shown.high))] == pytest.approx(10.0 + times[54_321] * 1000 / 86_400, abs=0.51)
    assert (np.diff(shown.x) > 0).all()


def test_few_beats_stay_single() -> None:
    times, rates = np.arange(1.0, 11.0), np.arange(60.0, 70.0)
    shown = columns(times, rates, 0.0, 50.0)
    assert shown.x.tolist() == (times * 50.0).tolist()
    assert shown.low.tolist() == rates.tolist()


def test_words_wider_than_the_ribbon_go_to_a_further_line(ribbon: RhythmRibbon, premature: FoundBeats) -> None:
    assert len(ribbon._lines()) == 1
    wide = ribbon.sizeHint().height()
    ribbon.resize(260, wide)
    lines = ribbon._lines()
    assert len(lines) == 2
    assert "  ·  ".join(lines) == summary(premature)
    assert ribbon.sizeHint().height() > wide
