"""Filters as views: what the sheet draws and says, and what stays as it is recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pdf_pages import pdf_pages
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.view_filters import Filtered, ViewFilters
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.artefacts import BaselineWander, Mains
from ecgview.ui import filtering
from ecgview.ui.background import Latest
from ecgview.ui.filtering import FilteredTraces
from ecgview.ui.output.page import Choices, Printout
from ecgview.ui.output.paper_size import A4
from ecgview.ui.sheet import UNFILTERED, Sheet
from ecgview.ui.sheet.calipers import Caliper
from ecgview.ui.sheet.footer import Footer
from ecgview.ui.theme import load_theme
from ecgview.ui.window import MainWindow

PATIENCE = 20_000
HZ = 500.0
HUMMING = generate(Settings(hz=HZ, artefacts=(Mains(0.1), BaselineWander(0.8))), seed=3).record
LONG = generate(Settings(hz=HZ, seconds=120.0, artefacts=(BaselineWander(1.0),)), seed=6).record


def drawn(sheet: Sheet, lead: str = "II") -> np.ndarray:
    """The last place's samples of a lead as they are drawn, mV."""
    trace = next(trace for trace in reversed(sheet._traces.drawn) if trace.segment.lead == lead)
    return (trace.segment.y - trace.y) / trace.segment.gain


def seen(record: Record, filters: ViewFilters, first: int, last: int, lead: str = "II") -> np.ndarray:
    return Filtered(record, filters).stretch(lead, first, last)


@pytest.fixture
def window(make_window) -> MainWindow:
    made: MainWindow = make_window()
    made.sheet.show_record(HUMMING)
    made.commands.meet("record", True)
    return made


# ---------------------------------------------------------------- commands


def test_commands_change_what_is_drawn_and_say_so(window: MainWindow) -> None:
    sheet, commands = window.sheet, window.commands
    recorded = drawn(sheet)
    assert sheet.filter_words == UNFILTERED
    commands["filters.baseline"].trigger()
    assert "baseline filter 0.5 Hz" in sheet.filter_words
    np.testing.assert_allclose(drawn(sheet), seen(HUMMING, ViewFilters(True), 0, 5000), atol=1e-5)
    commands["filters.mains"].trigger()
    assert "mains filter: 50 Hz found" in sheet.filter_words
    commands["filters.low_pass:100"].trigger()
    expected = seen(HUMMING, ViewFilters(True, True, 100.0), 0, 5000)
    np.testing.assert_allclose(drawn(sheet), expected, atol=1e-5)
    assert "low-pass 100 Hz" in sheet.accessibleDescription()
    commands["filters.diagnostic"].trigger()
    np.testing.assert_allclose(drawn(sheet), recorded)
    assert sheet.filter_words == UNFILTERED
    assert not commands["filters.baseline"].isChecked()
    assert commands["filters.low_pass:0"].isChecked()


def test_40_hz_warns_on_the_sheet(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    window.commands["filters.low_pass:40"].trigger()
    assert "▲ low-pass 40 Hz: ST and QRS detail are altered" in window.sheet.filter_words
    assert "alters ST and QRS" in window.state.text()
    image = window.sheet.viewport().grab().toImage()
    warning = load_theme("light").warning
    height = window.sheet.paper_bottom * image.devicePixelRatio()
    footer = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(int(height), image.height())}
    assert warning in footer


def test_the_record_stays_as_it_is(window: MainWindow) -> None:
    digest = replace(HUMMING).content_hash
    window.sheet.calipers.book.place(Caliper("II", "amplitude", 1000, 1100))
    before = window.sheet.calipers.text
    window.commands["filters.low_pass:40"].trigger()
    window.commands["filters.baseline"].trigger()
    assert window.sheet.record is HUMMING
    assert replace(HUMMING).content_hash == digest
    assert window.sheet.calipers.text == before
    assert "values are measured unfiltered" in window.sheet.filter_words


def test_the_next_record_is_shown_as_recorded(window: MainWindow) -> None:
    window.commands["filters.low_pass:40"].trigger()
    window.commands["filters.mains"].trigger()
    other = generate(Settings(hz=HZ), seed=8).record
    window.sheet.show_record(other)
    np.testing.assert_allclose(drawn(window.sheet), other.lead("II"), atol=1e-5)
    assert window.sheet.filter_words == UNFILTERED
    assert not window.commands["filters.mains"].isChecked()
    assert window.commands["filters.low_pass:0"].isChecked()
    assert window.control.filters.chosen is None
    window.sheet.show_record(HUMMING)
    assert window.sheet.filter_words == UNFILTERED


def test_the_same_file_read_anew_is_shown_as_recorded(window: MainWindow) -> None:
    window.commands["filters.baseline"].trigger()
    changed = replace(HUMMING, signal=HUMMING.signal * np.float32(0.5))
    window.sheet.show_record(changed)
    np.testing.assert_allclose(drawn(window.sheet), changed.lead("II"), atol=1e-5)
    assert not window.commands["filters.baseline"].isChecked()


def test_filters_are_not_kept_for_the_next_start(make_window, window: MainWindow) -> None:
    window.commands["filters.baseline"].trigger()
    window.close()
    second: MainWindow = make_window()
    second.sheet.show_record(HUMMING)
    assert second.sheet.filter_words == UNFILTERED
    assert not second.commands["filters.baseline"].isChecked()


def test_before_scipy_is_there_a_worker_filters(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "quick", lambda *_: False)
    monkeypatch.setattr("ecgview.ui.control.filters.quick", lambda *_: False)
    window.commands["filters.mains"].trigger()
    assert window.sheet.filter_words == f"{UNFILTERED}  ·  filtering…"
    np.testing.assert_allclose(drawn(window.sheet), HUMMING.lead("II"), atol=1e-5)
    qtbot.waitUntil(lambda: "50 Hz found" in window.sheet.filter_words, timeout=PATIENCE)


def test_filtering_that_fails_is_said_and_nothing_is_filtered(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Filtered:
        raise MemoryError("too little of it")

    monkeypatch.setattr("ecgview.ui.control.filters.quick", lambda *_: False)
    monkeypatch.setattr("ecgview.ui.control.filters.make", fail)
    window.commands["filters.baseline"].trigger()
    qtbot.waitUntil(lambda: "cannot be filtered" in window.state.text(), timeout=PATIENCE)
    assert "too little of it" in window.state.text()
    assert not window.commands["filters.baseline"].isChecked()


# ---------------------------------------------------------------- long records


@pytest.fixture
def long_sheet(qtbot: QtBot) -> Iterator[tuple[Sheet, FilteredTraces]]:
    sheet = Sheet()
    qtbot.addWidget(sheet)
    sheet.resize(1280, 800)
    sheet.show()
    sheet.show_record(LONG)
    owner = QObject()
    worker = Latest(lambda request, _: request(), "filtering", owner)
    traces = FilteredTraces(Filtered(LONG, ViewFilters(True)), worker, sheet.redraw_traces)
    sheet.show_filtered(traces)
    yield sheet, traces
    worker.close()


def test_a_moving_record_is_filtered_as_the_whole(long_sheet: tuple[Sheet, FilteredTraces], qtbot: QtBot) -> None:
    sheet, _ = long_sheet
    whole = seen(LONG, ViewFilters(True), 0, LONG.samples)
    for start in (0.0, 3.0, 42.0, 110.0):
        sheet.start = start
        assert sheet.page is not None
        first = round(sheet.page.start * HZ)
        np.testing.assert_allclose(drawn(sheet), whole[first : first + 5000], atol=1e-3)


def test_what_takes_long_is_shown_as_recorded_until_it_is_there(
    long_sheet: tuple[Sheet, FilteredTraces], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "AT_ONCE", 0)
    sheet, _ = long_sheet
    sheet.start = 80.0
    recorded = LONG.lead("II")
    assert recorded is not None
    np.testing.assert_allclose(drawn(sheet), recorded[40_000:45_000], atol=1e-5)
    assert f"{UNFILTERED}  ·  filtering…" in _footer(sheet)
    qtbot.waitUntil(lambda: "baseline filter 0.5 Hz" in _footer(sheet), timeout=PATIENCE)
    whole = seen(LONG, ViewFilters(True), 0, LONG.samples)
    np.testing.assert_allclose(drawn(sheet), whole[40_000:45_000], atol=1e-3)


def test_the_next_windows_are_filtered_ahead(
    long_sheet: tuple[Sheet, FilteredTraces], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, traces = long_sheet
    monkeypatch.setattr(filtering, "AT_ONCE", 0)
    filtered = traces._filtered
    qtbot.waitUntil(lambda: filtered.has({"II": (0, 14_000)}), timeout=PATIENCE)
    sheet.start = 12.0
    assert "baseline filter" in _footer(sheet)


def _footer(sheet: Sheet) -> str:
    assert isinstance(sheet._footer, Footer)
    return "  ·  ".join(words for _, _, words in sheet._footer._places)


# ---------------------------------------------------------------- pictures


def test_prints_show_the_filters_and_say_them(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.commands["filters.baseline"].trigger()
    window.commands["filters.low_pass:40"].trigger()
    window.control.sharing.save_as(tmp_path / "page.pdf")
    qtbot.waitUntil(lambda: "page.pdf saved" in window.state.text(), timeout=PATIENCE)
    (page,) = pdf_pages(tmp_path / "page.pdf")
    for words in ("baseline filter 0.5 Hz", "low-pass 40 Hz: ST and QRS detail are altered", "measured unfiltered"):
        assert words in page.text
    assert HUMMING.content_hash[:8] in page.text
    printed = Printout(HUMMING, None, Choices(paper=A4, filters=ViewFilters(True, False, 40.0)))[0]
    strip = printed.traces[-1]
    shown = (strip.segment.y - strip.y) / strip.segment.gain
    np.testing.assert_allclose(shown, seen(HUMMING, ViewFilters(True, False, 40.0), 0, 5000), atol=1e-5)


def test_an_unfiltered_spike_of_one_sample_is_drawn_at_every_zoom(qtbot: QtBot) -> None:
    signal = np.zeros((12, 5000), np.float32)
    signal[1, 3001] = 2.0
    sheet = Sheet()
    qtbot.addWidget(sheet)
    sheet.resize(1280, 800)
    sheet.show_record(Record(Path("spike.hea"), "made", signal, HZ, STANDARD_LEADS))
    trace = next(trace for trace in reversed(sheet._traces.drawn) if trace.segment.lead == "II")
    for zoom in (1.0, 1.5, 4.0, 20.0, 0.2):
        lines = trace.lines(sheet.scale_mm * zoom)
        assert lines[:, 1].min() == pytest.approx(trace.segment.y - 20.0)


def test_the_window_needs_no_scipy_to_start() -> None:
    import subprocess

    code = "import sys, ecgview.ui.window; sys.exit('scipy.signal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
