"""Calipers: what they measure, how they are placed and moved, and where they are seen."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pdf_pages import pdf_pages
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.output.files import write
from ecgview.ui.output.page import Choices, Printout
from ecgview.ui.output.paper_size import A4
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.sheet.caliper_book import CaliperBook
from ecgview.ui.sheet.caliper_marks import CaliperPainter
from ecgview.ui.sheet.calipers import Caliper, nearest_turn, read_off
from ecgview.ui.theme import load_theme

HZ = 500.0
PEAKS = (500, 900, 1300, 1700, 2100)
"""Samples of the R peaks of every lead of `beats`, 0.8 s apart: 75 a minute."""


def made(signal: np.ndarray, name: str = "made.hea") -> Record:
    return Record(Path(name), "made", np.asarray(signal, np.float32), HZ, STANDARD_LEADS)


def beats(name: str = "made.hea", height: float = 1.0, seconds: float = 10.0) -> Record:
    signal = np.zeros((12, round(seconds * HZ)))
    bump = np.exp(-0.5 * (np.arange(-30, 31) / 8.0) ** 2)
    for peak in range(500, signal.shape[1] - 100, 400):
        signal[:, peak - 30 : peak + 31] += height * bump
    return made(signal, name)


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1600, 1000)
    it.show()
    it.show_record(beats())
    it.calipers.switch(True)
    return it


def pixel(sheet: Sheet, lead: str, sample: int, millivolts: float = 0.0, row: int | None = None) -> QPoint:
    """Where a sample of a lead is drawn: in the first place that shows it, or in one row."""
    assert sheet.page is not None
    seconds = sample / HZ
    segment = next(
        s
        for s in sheet.page.segments
        if s.lead == lead and s.start <= seconds < s.end and (row is None or s.row == row)
    )
    at = sheet.viewportTransform().map(QPointF(segment.x_at(seconds), segment.y_at(millivolts)))
    return QPoint(round(at.x()), round(at.y()))


NONE = Qt.KeyboardModifier.NoModifier


def drag(sheet: Sheet, start: QPoint, end: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    port = sheet.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, held, start)
    for part in (0.3, 0.7, 1.0):
        QTest.mouseMove(port, start + (end - start) * part)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, held, end)
    sheet.grab()  # what is held must be drawn before it can be taken hold of


# ---------------------------------------------------------------- measuring


def test_a_reading_is_of_the_raw_samples() -> None:
    record = beats()
    reading = read_off(Caliper("II", "time", 900, 500), record)
    assert (reading.start, reading.end) == (1.0, 1.8)
    assert reading.milliseconds == pytest.approx(800.0)
    assert reading.rate == pytest.approx(75.0)
    signal = record.signal.copy()
    signal[1, 500], signal[1, 900] = 0.25, -1.125
    reading = read_off(Caliper("II", "amplitude", 500, 900), replace(record, signal=signal))
    assert reading.millivolts == pytest.approx(-1.375)
    assert reading.line == "II\t1.000 s\t1.800 s\t800 ms\t−1.375 mV\t75.0 /min"


def test_the_rate_is_that_of_all_the_beats_between_the_legs() -> None:
    reading = read_off(Caliper("II", "time", 500, 2100, beats=4), beats())
    assert reading.rate == pytest.approx(75.0)
    assert reading.rate_words.startswith("4 × 800 ms")


def test_what_cannot_be_measured_is_a_dash() -> None:
    signal = beats().signal.copy()
    signal[1, 900] = np.nan
    reading = read_off(Caliper("II", "time", 900, 900), made(signal))
    assert reading.rate is None
    assert reading.millivolts is None
    assert reading.line.split("\t")[3:] == ["0 ms", "– mV", "– /min"]


def test_an_inverted_lead_is_measured_as_it_is_drawn(sheet: Sheet) -> None:
    sheet.calipers.book.place(Caliper("aVR", "amplitude", 1560, 1700))
    assert sheet.calipers.text.startswith("aVR\t")
    assert sheet.calipers.readings[0].millivolts == pytest.approx(1.0, abs=0.01)
    sheet.set_format(Format(order="cabrera"))
    assert sheet.calipers.text.startswith("−aVR\t")
    assert sheet.calipers.readings[0].millivolts == pytest.approx(-1.0, abs=0.01)


# ---------------------------------------------------------------- placing


@pytest.mark.parametrize(
    "format",
    ["3x4+1", "6x2", "12x1", "single:II", "3x4+1 50mm/s 20mm/mV", "6x2 cabrera 12.5mm/s 5mm/mV", "3x4+1 cabrera"],
)
def test_a_drag_measures_the_same_in_every_format(sheet: Sheet, format: str) -> None:
    sheet.set_format(Format.parse(format))
    assert sheet.page is not None
    row = max((s for s in sheet.page.segments if s.lead == "II"), key=lambda s: s.width).row
    row = 0 if "single" in format else row
    drag(sheet, pixel(sheet, "II", PEAKS[1], 1.0, row), pixel(sheet, "II", PEAKS[2], 1.0, row))
    (caliper,) = sheet.calipers.calipers
    assert (caliper.lead, caliper.kind, caliper.legs) == ("II", "time", (PEAKS[1], PEAKS[2]))
    drag(sheet, pixel(sheet, "II", PEAKS[0] - 40, 0.0, row), pixel(sheet, "II", PEAKS[0], 1.0, row))
    caliper = sheet.calipers.calipers[-1]
    assert (caliper.lead, caliper.legs[1]) == ("II", PEAKS[0])
    # At 12.5 mm/s and 5 mm/mV the onset of a wave and its peak are nearer in height than in time.
    steep = sheet.format.speed * 0.08 < sheet.format.limb_gain
    assert caliper.kind == ("amplitude" if steep else "time")
    assert sheet.calipers.readings[-1].millivolts == pytest.approx(1.0, abs=0.02)


def test_a_tall_wave_belongs_to_its_own_lead(sheet: Sheet) -> None:
    """Rows of 12x1 lie closer together than a tall wave is high."""
    sheet.set_format(Format.parse("12x1 20mm/mV"))
    drag(sheet, pixel(sheet, "V3", PEAKS[1], 1.0), pixel(sheet, "V3", PEAKS[2], 1.0))
    assert sheet.calipers.calipers == (Caliper("V3", "time", PEAKS[1], PEAKS[2]),)


def test_a_leg_takes_the_peak_near_the_pointer_or_the_nearest_sample(sheet: Sheet) -> None:
    beside = QPoint(3, 2)
    drag(sheet, pixel(sheet, "II", PEAKS[1], 1.0) + beside, pixel(sheet, "II", PEAKS[2], 1.0) - beside)
    assert sheet.calipers.calipers[-1].legs == (PEAKS[1], PEAKS[2])
    sheet.calipers.snaps_to_waves = False
    start, end = pixel(sheet, "V1", 2600, 0.5) + beside, pixel(sheet, "V1", 3300, 0.5) - beside
    drag(sheet, start, end)
    back, _ = sheet.viewportTransform().inverted()
    assert sheet.page is not None
    segment = next(s for s in sheet.page.segments if s.lead == "V1")
    expected = [round(segment.seconds_at(back.map(QPointF(at)).x()) * HZ) for at in (start, end)]
    assert list(sheet.calipers.calipers[-1].legs) == expected


def test_noise_is_no_peak(sheet: Sheet) -> None:
    quiet = made(np.random.default_rng(1).normal(0.0, 0.005, (12, 5000)))
    sheet.show_record(quiet)
    assert sheet.page is not None
    segment = sheet.page.segments[0]
    assert nearest_turn(quiet, segment, segment.x + 10.0, segment.y, 5.0) is None


def test_a_short_press_places_nothing_and_the_paper_does_not_move(sheet: Sheet) -> None:
    at = pixel(sheet, "II", 700)
    drag(sheet, at, at + QPoint(2, 0))
    assert sheet.calipers.calipers == ()
    assert not sheet.calipers.book.undoable


def test_ctrl_places_one_while_calipers_are_not_in_hand(sheet: Sheet) -> None:
    sheet.calipers.switch(False)
    sheet.zoom_by(2.0)
    x = sheet.viewportTransform().dx()
    start = QPoint(500, 500)
    drag(sheet, start, start + QPoint(80, 0), Qt.KeyboardModifier.ControlModifier)
    assert len(sheet.calipers.calipers) == 1
    assert sheet.viewportTransform().dx() == x
    drag(sheet, start, start + QPoint(80, 0))
    assert len(sheet.calipers.calipers) == 1
    assert sheet.viewportTransform().dx() != x


def test_a_drag_beyond_the_end_of_a_lead_ends_there(sheet: Sheet) -> None:
    drag(sheet, pixel(sheet, "I", 600), QPoint(1590, pixel(sheet, "I", 600).y()))
    assert sheet.calipers.calipers[0].legs[1] == 1249


def test_legs_and_bars_can_be_taken_and_dragged(sheet: Sheet) -> None:
    drag(sheet, pixel(sheet, "II", PEAKS[0], 1.0), pixel(sheet, "II", PEAKS[1], 1.0))
    drag(sheet, pixel(sheet, "II", PEAKS[1], -0.8), pixel(sheet, "II", PEAKS[2], 1.0, row=3))
    (caliper,) = sheet.calipers.calipers
    assert caliper.legs == (PEAKS[0], PEAKS[2])
    bar = next(bar for placed, bar in sheet.calipers._drawn if bar is not None and placed.said)
    at = sheet.viewportTransform().map(QPointF((bar[0] + bar[2]) / 2, bar[1])).toPoint()
    drag(sheet, at, at + QPoint(40, 0))
    (moved,) = sheet.calipers.calipers
    assert moved.legs[1] - moved.legs[0] == 800
    assert moved.legs[0] > PEAKS[0]
    sheet.calipers.book.undo()
    assert sheet.calipers.calipers == (caliper,)


def test_a_marched_mark_dragged_onto_a_later_beat_measures_all_beats_between(sheet: Sheet) -> None:
    sheet.calipers.book.place(Caliper("II", "time", PEAKS[0], PEAKS[1] - 20, marched=True))
    sheet.grab()
    third = PEAKS[0] + 3 * 380
    drag(sheet, pixel(sheet, "II", third, -1.0, row=3), pixel(sheet, "II", PEAKS[3], 1.0, row=3))
    (caliper,) = sheet.calipers.calipers
    assert (caliper.legs, caliper.beats, caliper.marched) == ((PEAKS[0], PEAKS[3]), 3, True)
    assert sheet.calipers.readings[0].rate == pytest.approx(75.0)


# ---------------------------------------------------------------- keys


def test_keys_choose_move_and_lay_down(sheet: Sheet) -> None:
    book = sheet.calipers.book
    book.place(Caliper("II", "time", 500, 900))
    book.place(Caliper("V1", "time", 3000, 3100), "whole")
    book.choose(None)
    sheet.setFocus()
    QTest.keyClick(sheet, Qt.Key.Key_Tab)
    assert book.chosen == 0
    QTest.keyClick(sheet, Qt.Key.Key_Right)
    QTest.keyClick(sheet, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert sheet.calipers.calipers[0].legs == (491, 891)
    QTest.keyClick(sheet, Qt.Key.Key_Space)
    QTest.keyClick(sheet, Qt.Key.Key_Space)
    QTest.keyClick(sheet, Qt.Key.Key_Right)
    assert sheet.calipers.calipers[0].legs == (491, 892)
    QTest.keyClick(sheet, Qt.Key.Key_Tab)
    assert book.chosen == 1
    QTest.keyClick(sheet, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert book.chosen == 0
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert book.chosen is None
    assert sheet.calipers.on
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.calipers.on


def test_nothing_moves_beyond_the_record() -> None:
    book = CaliperBook()
    book.turn_to(beats())
    book.place(Caliper("II", "time", 5, 4990), "whole")
    book.move(-10)
    assert book.calipers[0].legs == (0, 4985)
    book.move(100)
    assert book.calipers[0].legs == (14, 4999)
    book.choose(0, "first")
    book.move(-100)
    assert book.calipers[0].legs == (0, 4999)


def test_every_change_is_undone_in_turn() -> None:
    book = CaliperBook()
    book.turn_to(beats())
    book.place(Caliper("II", "time", 500, 900))
    book.move(7)
    book.switch_kind()
    book.march(True)
    book.divide(3)
    assert book.calipers == (Caliper("II", "time", 500, 907, beats=3, marched=True),)
    book.remove()
    book.undo()
    assert len(book.calipers) == 1
    book.clear()
    for _ in range(20):
        book.undo()
    assert book.calipers == ()
    assert not book.undoable


def test_a_caliper_comes_by_a_key_alone(sheet: Sheet) -> None:
    sheet.calipers.add()
    (caliper,) = sheet.calipers.calipers
    assert caliper == Caliper("II", "time", 2500, 2900)
    assert sheet.calipers.book.part == "whole"


def test_moving_out_of_view_brings_the_record_along(sheet: Sheet) -> None:
    sheet.show_record(beats("long.hea", seconds=60.0))
    sheet.calipers.book.place(Caliper("II", "time", 15_000, 15_400), "whole")
    sheet.calipers.do(lambda: sheet.calipers.book.move(1))
    assert sheet.page is not None
    assert sheet.page.start <= 30.0 < sheet.page.end


# ---------------------------------------------------------------- remembered


def test_calipers_stay_with_the_recording_and_with_no_other(sheet: Sheet) -> None:
    sheet.calipers.book.place(Caliper("II", "time", 500, 900))
    placed = sheet.calipers.calipers
    sheet.show_record(beats("other.hea", height=0.5))
    assert sheet.calipers.calipers == ()
    sheet.calipers.book.place(Caliper("I", "time", 1, 2))
    sheet.show_record(beats("the same under another name.hea"))
    assert sheet.calipers.calipers == placed
    sheet.show_message("nothing")
    assert sheet.calipers.calipers == ()
    sheet.calipers.book.clear()
    sheet.show_record(beats())
    assert sheet.calipers.calipers == placed
    sheet.calipers.book.clear()
    sheet.show_message("nothing")
    sheet.show_record(beats())
    assert sheet.calipers.calipers == ()


# ---------------------------------------------------------------- seen and heard


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_legs_are_drawn_on_their_samples_one_pixel_wide(sheet: Sheet, theme: str) -> None:
    sheet.set_theme(load_theme(theme))
    sheet.calipers.book.place(Caliper("V1", "time", 2700, 3000))
    sheet.calipers.book.choose(None)
    image = sheet.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    accent = QColor(load_theme(theme).accent)
    assert sheet.page is not None
    segment = next(s for s in sheet.page.segments if s.lead == "V1")
    view = sheet.viewportTransform()
    y = round(view.map(QPointF(0.0, segment.y - 0.4 * sheet.page.row_height)).y() * ratio)
    row = [x for x in range(image.width()) if image.pixelColor(x, y) == accent]
    expected = [int(view.map(QPointF(segment.x_at(sample / HZ), 0.0)).x() * ratio) for sample in (2700, 3000)]
    assert row == [at + more for at in expected for more in range(round(ratio))]


def test_marched_intervals_run_over_all_of_the_strip(sheet: Sheet) -> None:
    sheet.calipers.book.place(Caliper("II", "time", PEAKS[1], PEAKS[2], marched=True))
    sheet.grab()
    strip = next(placed for placed, _ in sheet.calipers._drawn if placed.segment.row == 3)
    seconds = [strip.segment.seconds_at(x) for _, x in strip.marks]
    assert seconds == pytest.approx([0.2, 1.0, *np.arange(3.4, 10.0, 0.8)])


def test_a_screen_reader_hears_the_values(sheet: Sheet) -> None:
    heard: list[str] = []
    sheet.calipers.spoken.connect(heard.append)
    sheet.calipers.book.place(Caliper("II", "time", 500, 900), "whole")
    sheet.calipers.do(lambda: sheet.calipers.book.move(0))
    assert "caliper 1: II, 1.000 to 1.800 s, 800 ms, 0.00 mV, 75/min" in sheet.accessibleDescription()
    assert heard == ["Caliper 1: II, 1.000 to 1.800 s, 800 ms, 0.00 mV, 75/min"]


def test_the_words_of_two_calipers_do_not_cover_each_other(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    for first in (500, 520, 540):
        sheet.calipers.book.place(Caliper("II", "time", first, first + 60))
    told: list[QRectF] = []
    before = CaliperPainter._paint_words

    def watch(self: CaliperPainter, box, said, is_chosen) -> None:  # type: ignore[no-untyped-def]
        told.append(QRectF(box))
        before(self, box, said, is_chosen)

    monkeypatch.setattr(CaliperPainter, "_paint_words", watch)
    sheet.grab()
    assert len(told) == 3
    assert not any(one.intersects(other) for one, other in itertools.combinations(told, 2))


def test_pictures_hold_the_calipers_that_are_on_the_sheet(tmp_path: Path) -> None:
    record = beats()
    calipers = (Caliper("II", "time", 500, 900, marched=True), Caliper("V1", "amplitude", 2860, 2900))
    choices = Choices(paper=A4, calipers=calipers)
    write(Printout(record, None, choices), tmp_path / "page.pdf")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    for words in ("800 ms", "75/min", "1.00 mV"):
        assert words in page.text
    write(Printout(record, None, choices), tmp_path / "page.png")
    accent = QColor(load_theme("light").accent)
    image = QImage(str(tmp_path / "page.png"))
    printed = Printout(record, None, choices)[0]
    strip = next(s for s in printed.page.segments if s.row == 3)
    scale = 300 / 25.4
    y = round((printed.top + strip.y + 0.1 * printed.page.row_height) * scale)
    xs = [x for x in range(image.width()) if image.pixelColor(x, y) == accent]
    for leg in (500, 900):
        assert min(abs(x - (printed.left + strip.x_at(leg / HZ)) * scale) for x in xs) < 4
    write(Printout(record, None, Choices(paper=A4)), tmp_path / "bare.pdf")
    assert "800 ms" not in pdf_pages(tmp_path / "bare.pdf")[0].text


def test_where_there_is_no_room_only_the_chosen_one_says_all(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet.resize(700, 500)
    sheet.set_format(Format.parse("12x1 20mm/mV"))
    sheet.calipers.book.place(Caliper("V3", "time", 500, 900))
    sheet.calipers.book.place(Caliper("V3", "time", 2500, 2900))
    told: list[int] = []
    before = CaliperPainter._paint_words

    def watch(self: CaliperPainter, box, said, is_chosen) -> None:  # type: ignore[no-untyped-def]
        told.append(len(said))
        before(self, box, said, is_chosen)

    monkeypatch.setattr(CaliperPainter, "_paint_words", watch)
    sheet.grab()
    assert told == [1, 2]
