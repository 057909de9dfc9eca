"""Marks of beats on the sheet: in the right places, in every layout, quiet until asked for."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ecgview.record import Record
from ecgview.signal.analysis import analyse
from ecgview.signal.beat_summary import found_beats_of
from ecgview.signal.found_beats import FoundBeats
from ecgview.signal.measurements import measurements_of
from ecgview.synthesis import Generated, Settings, generate
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.sheet.beat_marks import WAVES, colour, place_marks
from ecgview.ui.theme import contrast, load_theme

LAYOUTS = ("3x4+1", "3x4+3 cabrera", "6x2", "12x1 cabrera 50mm/s", "single:V2", "3x4 12.5mm/s 20/5mm/mV")


def found_in(record: Record) -> FoundBeats:
    analysis = analyse(record)
    return found_beats_of(analysis, measurements_of(record, analysis))


@pytest.fixture(scope="module")
def made() -> Generated:
    return generate(Settings(rate=70, seconds=40.0), 3)


@pytest.fixture(scope="module")
def found(made: Generated) -> FoundBeats:
    return found_in(made.record)


@pytest.fixture
def sheet(qtbot: QtBot, made: Generated) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1200, 800)
    it.show()
    it.show_record(made.record)
    return it


def picture(sheet: Sheet) -> np.ndarray:
    image = sheet.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits(), copy=True).reshape(image.height(), image.bytesPerLine())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_marks_lie_on_the_traces_at_their_times(sheet: Sheet, made: Generated, found: FoundBeats, layout: str) -> None:
    sheet.set_format(Format.parse(layout))
    sheet.start = 7.3
    placed = place_marks(found, sheet._traces.drawn)
    segments = [segment for segment in sheet.page.segments if segment.recorded]
    truth = made.truth.beats
    for wave, name in (("QRS", "qrs_onset"), ("QRS", "qrs_offset"), ("P", "p_onset"), ("T", "t_offset")):
        marks = getattr(placed[wave], "onsets" if name.endswith("onset") else "offsets")
        assert len(marks) > 5
        for x, y in marks.tolist():
            # The mark lies on a segment's trace, and there within 60 ms of where the wave was generated.
            near = [s for s in segments if s.x - 0.1 <= x <= s.x + s.width + 0.1]
            seconds, off = min(
                (
                    (s.seconds_at(x), abs(s.y_at(float(made.record.lead(s.lead)[round(s.seconds_at(x) * 500)])) - y))
                    for s in near
                ),
                key=lambda one: one[1],
            )
            assert off < 1e-3
            assert min(abs(seconds - at) for beat in truth if (at := getattr(beat, name)) is not None) < 0.06


def test_every_beat_in_sight_has_its_peak_where_the_lead_is_farthest_out(sheet: Sheet, found: FoundBeats) -> None:
    sheet.set_format(Format.parse("single:V2"))
    sheet.start = 0.0
    peaks = place_marks(found, sheet._traces.drawn)["QRS"].peaks
    assert len(peaks) == len(found)
    samples = sheet.record.lead("V2")
    rows = sheet.page.segments
    for time in found.times:
        part = samples[round(time * 500) - 40 : round(time * 500) + 40]
        seconds = time + (int(np.argmax(np.abs(part - np.median(samples)))) - 40) / 500
        segment = next(s for s in rows if s.start <= seconds < s.end)
        assert np.abs(peaks[:, :2] - (segment.x_at(seconds), 0))[:, 0].min() < 0.15


def test_in_cabrera_order_the_sign_of_avr_stands_where_its_peak_points(sheet: Sheet, found: FoundBeats) -> None:
    for layout, way in (("12x1", 1.0), ("12x1 cabrera", -1.0)):  # aVR is negative, and upside down it is positive
        sheet.set_format(Format.parse(layout))
        traces = [trace for trace in sheet._traces.drawn if trace.segment.lead == "aVR"]
        peaks = place_marks(found, traces)["QRS"].peaks
        assert len(peaks) > 5
        assert set(peaks[:, 2]) == {way}


def test_marks_follow_what_is_drawn_and_not_what_was_recorded(sheet: Sheet, found: FoundBeats) -> None:
    traces = sheet._traces.drawn
    before = place_marks(found, traces)["QRS"].onsets
    for trace in traces:
        trace.y += 3.0
    after = place_marks(found, traces)["QRS"].onsets
    assert after - before == pytest.approx(np.tile([0.0, 3.0], (len(before), 1)))


def test_marks_are_hidden_until_asked_for_and_gone_again(sheet: Sheet, found: FoundBeats) -> None:
    plain = picture(sheet)
    sheet.set_beats(found)
    assert (picture(sheet) == plain).all()
    sheet.show_beats(True)
    assert sheet.beats_shown
    assert (picture(sheet) != plain).any()
    assert "P wave" in sheet.accessibleDescription()
    sheet.show_beats(False)
    assert (picture(sheet) == plain).all()
    assert "P wave" not in sheet.accessibleDescription()


def test_marks_go_with_the_record(sheet: Sheet, found: FoundBeats) -> None:
    sheet.show_beats(True)
    sheet.set_beats(found)
    height = sheet._below()
    other = generate(Settings(seconds=40.0), 9).record
    sheet.show_record(Record(other.path / "other", "made", other.signal, 500.0, other.leads))
    assert sheet._layers.beats.found is None
    assert sheet._below() < height  # no legend for marks that are not there


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_marks_have_colours_of_the_theme(sheet: Sheet, found: FoundBeats, theme: str) -> None:
    colours = load_theme(theme)
    sheet.set_theme(colours)
    sheet.set_beats(found)
    sheet.show_beats(True)
    seen = {tuple(pixel) for pixel in picture(sheet).reshape(-1, 4)[:, 2::-1].tolist()}
    for wave in WAVES:
        code = colour(wave, colours)
        assert contrast(code, colours.paper) >= 4.5, wave
        assert contrast(code, colours.trace) >= 1.4, wave
        wanted = np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)])
        assert min(int(np.abs(wanted - np.array(one)).sum()) for one in seen) < 40, wave


def test_gaps_carry_no_marks(qtbot: QtBot, made: Generated, found: FoundBeats) -> None:
    signal = made.record.signal.copy()
    signal[:, 500:2000] = np.nan
    sheet = Sheet()
    qtbot.addWidget(sheet)
    sheet.resize(1000, 700)
    sheet.show_record(Record(made.record.path, "made", signal, 500.0, made.record.leads))
    sheet.set_format(Format.parse("single:II"))
    row = sheet.page.segments[0]
    for marks in place_marks(found, sheet._traces.drawn).values():
        for places in (marks.onsets, marks.offsets, marks.peaks):
            first = places[np.isclose(places[:, 1], row.y, atol=30.0)]
            seconds = row.seconds_at(first[:, 0])
            assert not ((seconds > 1.01) & (seconds < 3.99) & (np.abs(first[:, 1] - row.y) < 1.0)).any()
            assert np.isfinite(places).all()
