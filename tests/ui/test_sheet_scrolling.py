"""Records longer than the sheet: moving on in time by hand, and the strip that shows them whole."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.sheet.envelope import MOST_BLOCKS, PIECE_SAMPLES, Envelope
from ecgview.ui.sheet.timing import time_scrolling
from ecgview.ui.theme import load_theme


def made(seconds: float = 60.0, hz: float = 100.0, leads: tuple[str, ...] = STANDARD_LEADS) -> Record:
    steps = np.floor(np.arange(round(seconds * hz)) / hz) % 2  # a second at 0, a second at 1 mV
    signal = np.tile(steps.astype(np.float32), (len(leads), 1))
    return Record(Path("long.hea"), "made", signal, hz, leads)


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1000, 760)
    it.show()
    it.show_record(made())
    return it


def shift_wheel(sheet: Sheet, turned: int) -> None:
    at = QPointF(400.0, 300.0)
    event = QWheelEvent(
        at, sheet.viewport().mapToGlobal(at), QPoint(), QPoint(0, turned), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ShiftModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(sheet.viewport(), event)


def test_dragging_a_fitted_sheet_moves_the_record_with_the_pointer(sheet: Sheet) -> None:
    port = sheet.viewport()
    assert port.cursor().shape() == Qt.CursorShape.OpenHandCursor
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(600, 300))
    QTest.mouseMove(port, QPoint(500, 300))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(500, 300))
    assert sheet.start == pytest.approx(100 / sheet.scale_mm / 25.0, abs=0.02)
    assert sheet.fitted
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(port, QPoint(900, 300))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(900, 300))
    assert sheet.start == 0.0


def test_a_zoomed_sheet_is_panned_first_and_then_the_record_moves_on(sheet: Sheet) -> None:
    sheet.zoom_by(3.0)
    sheet.pan_by(10.0, 0.0)
    assert sheet.start == 0.0
    for _ in range(60):
        sheet.pan_by(10.0, 0.0)
    assert 5.0 < sheet.start < 24.0
    for _ in range(300):
        sheet.pan_by(10.0, 0.0)
    assert sheet.start == 50.0


def test_shift_and_wheel_move_in_time_by_small_steps(sheet: Sheet) -> None:
    scale = sheet.scale_mm
    shift_wheel(sheet, -120)
    first = sheet.start
    assert 0.2 < first < 4.0
    shift_wheel(sheet, -120)
    assert sheet.start == pytest.approx(2 * first)
    shift_wheel(sheet, 240)
    assert sheet.start == pytest.approx(0.0, abs=1e-9)
    assert sheet.scale_mm == scale


def test_what_is_drawn_follows_the_time(sheet: Sheet) -> None:
    strip = sheet.page.baselines[3]

    def level(x_mm: float) -> float:
        image = sheet.viewport().grab().toImage()
        x, top = sheet.viewportTransform().map(QPointF(x_mm, strip - 14.0)).toTuple()
        bottom = sheet.viewportTransform().map(QPointF(x_mm, strip + 4.0)).y()
        dark = [y for y in range(round(top), round(bottom)) if QColor(image.pixel(round(x), y)).lightness() < 110]
        return strip - sheet.viewportTransform().inverted()[0].map(QPointF(x, float(np.mean(dark)))).y()

    for start in (0.0, 21.0, 48.0):
        sheet.start = start
        for second in (0.5, 3.5, 6.5):
            assert level(20.0 + 25.0 * second) == pytest.approx(10.0 * ((start + second) % 2 >= 1), abs=0.6)
    assert "48.0 to 58.0 s of 60.0 s" in sheet.accessibleDescription()


def test_names_stay_where_they_are_while_the_record_moves(sheet: Sheet) -> None:
    sheet.viewport().grab()
    before = [name.top for name in sheet._names._names]
    for start in (0.3, 0.9, 1.7, 30.0):
        sheet.start = start
        sheet.viewport().grab()
        assert [name.top for name in sheet._names._names] == before
    assert [name.segment for name in sheet._names._names] == list(sheet.page.segments)


def test_a_frame_of_scrolling_holds_the_budget(sheet: Sheet) -> None:
    assert np.median(time_scrolling(sheet, 12)) < 40.0  # 6 ms where nothing else runs
    assert sheet.start == 0.0
    sheet.show_record(made(8.0))
    with pytest.raises(ValueError, match="longer"):
        time_scrolling(sheet, 3)


# The strip


def test_the_strip_stands_below_long_records_only(sheet: Sheet) -> None:
    assert sheet.overview.isVisible()
    assert sheet.overview.geometry().bottom() == sheet.rect().bottom()
    assert sheet.viewport().geometry().bottom() < sheet.overview.geometry().top()
    assert "0.0 to 10.0 s of 60.0 s" in sheet.overview.accessibleDescription()
    for record in (made(10.0), made(3.0)):
        sheet.show_record(record)
        assert not sheet.overview.isVisible()
        assert sheet.viewport().height() == sheet.height()
    sheet.set_format(Format.parse("6x2 50mm/s"))
    sheet.show_record(made(10.0))
    assert sheet.overview.isVisible()  # 5 s fit on the paper
    sheet.show_message("Nothing")
    assert not sheet.overview.isVisible()


def test_a_click_in_the_strip_brings_that_time(sheet: Sheet, qtbot: QtBot) -> None:
    strip = sheet.overview
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip._band().center().x()), 15))
    assert sheet.start == pytest.approx(25.0, abs=0.1)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 2, 15))
    assert sheet.start == 50.0


def test_the_bracket_is_dragged_by_where_it_was_taken(sheet: Sheet) -> None:
    sheet.start = 20.0
    strip = sheet.overview
    taken = round(strip._bracket().left() + 5)
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(taken, 15))
    assert sheet.start == pytest.approx(20.0, abs=0.1)
    per_second = strip._band().width() / 60.0
    QTest.mouseMove(strip, QPoint(taken + round(8 * per_second), 15))
    assert sheet.start == pytest.approx(28.0, abs=0.2)


@pytest.mark.parametrize(
    ("key", "start"),
    [
        (Qt.Key.Key_Right, 21.0),
        (Qt.Key.Key_Left, 19.0),
        (Qt.Key.Key_PageDown, 29.0),
        (Qt.Key.Key_PageUp, 11.0),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 50.0),
        (Qt.Key.Key_A, 20.0),
    ],
)
def test_keys_move_the_record_while_the_strip_has_the_focus(sheet: Sheet, key: Qt.Key, start: float) -> None:
    sheet.start = 20.0
    QTest.keyClick(sheet.overview, key)
    assert sheet.start == pytest.approx(start)


def test_the_strip_shows_the_record_and_the_window(sheet: Sheet) -> None:
    theme = load_theme("light")
    sheet.start = 40.0
    image = sheet.overview.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1]
    accent = QColor(theme.accent)
    blue = (np.abs(raw.astype(int) - [accent.red(), accent.green(), accent.blue()]).max(axis=-1) < 40).any(axis=0)
    columns = np.flatnonzero(blue)
    bracket = sheet.overview._bracket()
    assert columns[0] == pytest.approx(bracket.left(), abs=2)
    assert columns[-1] == pytest.approx(bracket.right(), abs=2)
    band = sheet.overview._band()
    ink = (raw.max(axis=-1) < 110)[:, round(band.left()) : round(band.right())]
    # Half of the time is at 1 mV, half at 0: the steps stand at the band's edges.
    assert ink[:10].any(axis=0).mean() == pytest.approx(0.5, abs=0.08)
    assert ink[-10:].any(axis=0).mean() == pytest.approx(0.5, abs=0.08)


def test_a_day_is_shown_at_once_and_blocks_nothing(sheet: Sheet, qtbot: QtBot) -> None:
    day = made(24 * 3600.0, 125.0, ("I", "II"))
    sheet.show_record(day)
    assert not sheet.overview._envelope.done
    qtbot.waitUntil(lambda: sheet.overview._envelope.done)
    pieces = day.samples / PIECE_SAMPLES
    assert pieces > 5
    sheet.start = 80_000.0
    assert sheet.page.start == 80_000.0
    assert sheet.overview._bracket().width() >= 8.0
    QApplication.sendEvent(sheet.overview, QEvent(QEvent.Type.FontChange))


# The envelope


@given(
    count=st.integers(0, 20_000),
    columns=st.integers(1, 3000),
    spikes=st.lists(st.integers(0, 19_999), max_size=3),
    gap=st.booleans(),
)
def test_the_envelope_misses_nothing(count: int, columns: int, spikes: list[int], gap: bool) -> None:
    samples = np.sin(np.arange(count) / 7).astype(np.float32)
    for spike in spikes:
        if spike < count:
            samples[spike] = 5.0
    if gap:
        samples[count // 3 : count // 2] = np.nan
    envelope = Envelope(samples)
    while not envelope.done:
        envelope.step()
    low, high = envelope.columns(columns)
    assert len(low) == len(high) == columns
    valid = samples[np.isfinite(samples)]
    if len(valid):
        assert np.nanmin(low) == valid.min()
        assert np.nanmax(high) == valid.max()
        for spike in spikes:
            if spike < count and np.isfinite(samples[spike]):
                around = min(columns - 1, spike * columns // count)
                block = columns / max(1, len(envelope.low))
                width = int(block + 2)
                assert np.nanmax(high[max(0, around - width) : around + width + 1]) == 5.0
    else:
        assert np.isnan(low).all()


@pytest.mark.alone
def test_the_envelope_is_found_in_pieces_of_a_few_milliseconds() -> None:
    samples = np.random.default_rng(0).normal(size=4_000_000).astype(np.float32)
    envelope = Envelope(samples)
    steps, longest = 0, 0.0
    while not envelope.done:
        began = time.perf_counter()
        envelope.step()
        longest = max(longest, time.perf_counter() - began)
        steps += 1
    assert steps >= 2
    assert longest < 0.05  # 2 ms where nothing else runs
    assert len(envelope.low) <= MOST_BLOCKS


def test_one_loose_electrode_does_not_flatten_the_rest() -> None:
    samples = np.sin(np.arange(100_000) / 50).astype(np.float32)
    samples[5000:5100] = 300.0
    envelope = Envelope(samples)
    while not envelope.done:
        envelope.step()
    low, high = envelope.reach
    assert (low, high) == pytest.approx((-1.0, 1.0), abs=0.05)
