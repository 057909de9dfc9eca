"""The tab with the average beat, by mouse and by keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from test_beat_marks import found_in

from ecgview.signal.found_beats import AverageBeat, FoundBeats
from ecgview.synthesis import Settings, generate
from ecgview.ui.beat.page import BEFORE_S, lay_out_beat, samples_of
from ecgview.ui.beat.panel import BeatPanel, counted, kind_titles
from ecgview.ui.sheet import Format


@pytest.fixture(scope="module")
def premature() -> FoundBeats:
    return found_in(generate(Settings(rhythm="ventricular premature beats", rate=74), 19).record)


@pytest.fixture
def panel(qtbot: QtBot, premature: FoundBeats) -> BeatPanel:
    it = BeatPanel()
    qtbot.addWidget(it)
    it.resize(360, 700)
    it.show()
    it.show_beats(premature, Format())
    return it


def read(panel: BeatPanel) -> list[str]:
    return [panel.values[key].text() for key in ("p", "pr", "qrs", "qt")]


def test_beats_are_counted_in_words(premature: FoundBeats) -> None:
    total, usual, others = len(premature), premature.kinds[0], premature.kinds[1]
    assert kind_titles(premature) == [f"{usual} of {total} beats", f"{others} others, wide and early"]
    assert counted(premature) == f"{usual} of {total} beats; {others} others, wide and early."


def test_beats_all_alike_are_said_to_be() -> None:
    found = found_in(generate(Settings(), 1).record)
    assert counted(found) == f"All {len(found)} beats are alike."
    assert len(kind_titles(found)) == 1


def test_another_kind_of_beat_can_be_chosen(panel: BeatPanel, premature: FoundBeats) -> None:
    usual = read(panel)
    assert usual[2] == f"{premature.averages[0].interval('qrs'):.0f}"
    panel.kinds.setCurrentIndex(1)
    assert read(panel) == ["–", "–", f"{premature.averages[1].interval('qrs'):.0f}", read(panel)[3]]


def test_leads_are_aligned_in_time_and_keep_clear_of_each_other(premature: FoundBeats) -> None:
    beat = premature.averages[0]
    for columns in (1, 2, 4):
        page = lay_out_beat([beat], columns, 25.0, Format())
        assert len(page.segments) == 12
        assert page.columns == columns
        for column in range(columns):
            column_of = [s for s in page.segments if s.x == page.column_edges(column)[0]]
            assert len(column_of) == 12 // columns
            edges = []
            for segment in column_of:
                assert segment.width == pytest.approx(30.0)
                samples = samples_of(beat, segment.lead)
                edges += [segment.y_at(float(samples.max())), segment.y_at(float(samples.min()))]
                # What is at the QRS onset is the level that all is counted from.
                assert abs(float(samples[round((BEFORE_S - 0.01) * 500)])) < 0.06
            assert edges == sorted(edges)
            assert edges[0] > 0.0
            assert edges[-1] < page.height


def test_cabrera_order_and_gain_come_from_the_sheet(panel: BeatPanel) -> None:
    panel.set_format(Format.parse("12x1 cabrera 20mm/mV"))
    segments = panel.view.page.segments
    assert [s.title for s in segments][:3] == ["aVL", "I", "−aVR"]
    assert {s.gain for s in segments} == {20.0}


def test_dragging_reads_milliseconds_and_millivolts(qtbot: QtBot, panel: BeatPanel) -> None:
    view, per_mm = panel.view, panel.view.per_mm
    segment = view.page.segments[1]
    begin = QPoint(round(segment.x_at(0.4) * per_mm), round(segment.y_at(0.0) * per_mm))
    end = begin + QPoint(round(5.0 * per_mm), -round(10.0 * per_mm))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(view, begin + QPoint(5, -5))
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    if view.span.seconds < 0.1:  # the platform sends no moves with a button held
        view._spans.pull(end.x() / per_mm, end.y() / per_mm)
    assert view.span.seconds == pytest.approx(0.2, abs=0.5 / per_mm / 25 + 0.002)
    assert view.span.millivolts == pytest.approx(1.0, abs=0.5 / per_mm / 10 + 0.01)


def test_calipers_work_without_a_mouse(qtbot: QtBot, panel: BeatPanel, premature: FoundBeats) -> None:
    view = panel.view
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qrs = premature.averages[0].interval("qrs")
    assert panel.note.text() == f"I: {qrs:.0f} ms, 0.00 mV"
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert panel.note.text() == f"I: {qrs + 20:.0f} ms, −0.01 mV"
    assert panel.note.text() in view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.span is None
    assert panel.note.text().startswith("Drag")


def test_a_click_leaves_no_calipers(qtbot: QtBot, panel: BeatPanel) -> None:
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert panel.view.span is None


def test_the_trace_and_the_marks_are_drawn(panel: BeatPanel) -> None:
    shown = panel.view.grab().toImage()
    panel.view._traces = []
    assert panel.view.grab().toImage() != shown


def test_a_faulty_record_says_what_is_missing(qtbot: QtBot) -> None:
    panel = BeatPanel()
    qtbot.addWidget(panel)
    panel.show()
    silent = found_in(
        type(r := generate(Settings(), 1).record)(r.path, "made", np.zeros((12, 5000), np.float32), 500.0, r.leads)
    )
    panel.show_beats(silent, Format())
    said = [entry.text() for entry in panel.findChildren(QLabel) if entry.isVisible()]
    assert "No beat was found" in said


def test_why_there_are_no_marks_is_said(qtbot: QtBot) -> None:
    found = found_in(generate(Settings(hz=60.0), 1).record)
    panel = BeatPanel()
    qtbot.addWidget(panel)
    panel.show_beats(found, Format())
    assert read(panel) == ["–"] * 4
    assert "too slow" in panel.count.text()


def test_a_beat_at_the_very_start_is_drawn_with_a_gap_before_it(premature: FoundBeats) -> None:
    beat = premature.averages[0]
    early = AverageBeat(beat.leads, beat.signal, beat.hz, 100, beat.members, {}, {})
    samples = samples_of(early, "II")
    assert len(samples) == 600
    assert np.isnan(samples[:100]).all()
    assert np.isfinite(samples[100:]).all()
