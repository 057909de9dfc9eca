"""The sheet as it is seen: pixels of what the widget paints."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QThread, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ecgview.record.leads import STANDARD_LEADS
from ecgview.record.record import Record
from ecgview.ui.sheet import UNFILTERED, Sheet
from ecgview.ui.sheet.layout import Segment
from ecgview.ui.sheet.timing import time_floor, time_frames
from ecgview.ui.theme import load_theme

Pixels = NDArray[np.int16]
HZ = 500.0


def make_record(
    signal: NDArray[np.floating] | None = None,
    leads: tuple[str, ...] = STANDARD_LEADS,
    hz: float = HZ,
    derived: frozenset[str] = frozenset(),
    name: str = "made.hea",
) -> Record:
    if signal is None:
        signal = np.zeros((len(leads), int(10 * hz)))
    return Record(Path(name), "made", np.asarray(signal, np.float32), hz, leads, derived)


@pytest.fixture
def sheet(qtbot: QtBot) -> Iterator[Sheet]:
    threads = threading.active_count()
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1600, 1000)
    it.show()
    yield it
    assert it.findChildren(QTimer) == []
    assert it.findChildren(QThread) == []
    assert threading.active_count() == threads


def pixels(sheet: Sheet) -> Pixels:
    image = sheet.grab().toImage().convertToFormat(sheet.grab().toImage().Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 2::-1].astype(np.int16)


def at(sheet: Sheet, x_mm: float, y_mm: float) -> tuple[float, float]:
    point = sheet.viewportTransform().map(QPointF(x_mm, y_mm))
    return point.x(), point.y()


def part(sheet: Sheet, left: float, top: float, right: float, bottom: float) -> Pixels:
    """The pixels of a piece of the sheet, given in mm."""
    (x0, y0), (x1, y1) = at(sheet, left, top), at(sheet, right, bottom)
    return pixels(sheet)[max(0, round(y0)) : round(y1), max(0, round(x0)) : round(x1)]


def dark(image: Pixels) -> NDArray[np.bool_]:
    return np.asarray(image.max(axis=-1) < 130)


def like(image: Pixels, colour: str) -> NDArray[np.bool_]:
    wanted = QColor(colour)
    return np.asarray((image == [wanted.red(), wanted.green(), wanted.blue()]).all(axis=-1))


def strip_y(sheet: Sheet) -> float:
    """Where the rhythm strip's 0 mV lies, mm."""
    assert sheet.page is not None
    return sheet.page.baselines[3]


def segment(sheet: Sheet, lead: str) -> Segment:
    assert sheet.page is not None
    return next(s for s in sheet.page.segments if s.lead == lead)


def wheel(sheet: Sheet, at: QPointF, angle: QPoint = QPoint(), fingers: QPoint = QPoint()) -> None:  # noqa: B008
    event = QWheelEvent(
        at,
        sheet.viewport().mapToGlobal(at),
        fingers,
        angle,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.ScrollUpdate if not fingers.isNull() else Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(sheet.viewport(), event)


# Paper


@pytest.mark.parametrize("zoom", [1.0, 1.3, 2.9, 7.0, 18.0])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_grid_has_the_spacing_of_the_scale(sheet: Sheet, zoom: float, theme: str) -> None:
    colours = load_theme(theme)
    sheet.set_theme(colours)
    sheet.show_record(make_record())
    if zoom > 1:
        sheet.zoom_by(zoom, QPointF(*at(sheet, 190.0, 81.5)))
    image = pixels(sheet)
    # A line of pixels between two horizontal lines and clear of the traces.
    y = round(at(sheet, 0.0, 81.5)[1])
    coarse = np.flatnonzero(like(image[y], colours.grid_coarse))
    assert len(coarse) >= 2
    np.testing.assert_allclose(np.diff(coarse), 5 * sheet.scale_mm, atol=1e-6)
    origin = at(sheet, 0.0, 0.0)[0]
    np.testing.assert_allclose((coarse - origin) / (5 * sheet.scale_mm) % 1.0, 0.0, atol=1e-6)
    fine = np.flatnonzero(like(image[y], colours.grid_fine))
    between = fine[(fine > coarse[0]) & (fine < coarse[1])]
    np.testing.assert_allclose(between - coarse[0], sheet.scale_mm * np.arange(1, 5), atol=1.0)
    # Everything else is bare paper: the lines are one pixel wide.
    assert like(image[y], colours.paper).sum() == image.shape[1] - len(coarse) - len(fine)


def test_lines_across_stand_as_lines_down(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    x = round(at(sheet, 276.5, 0.0)[0])
    column = pixels(sheet)[:-60, x]
    coarse = np.flatnonzero(like(column, load_theme("light").grid_coarse))
    np.testing.assert_allclose(np.diff(coarse), 5 * sheet.scale_mm)
    assert at(sheet, 0.0, 95.0)[1] in coarse  # a baseline


def test_the_fine_grid_fades_out_when_it_gets_too_dense(sheet: Sheet) -> None:
    colours = load_theme("light")
    strengths = []
    for width in (1400, 1100, 900, 700, 560):
        sheet.resize(width, 900)
        sheet.show_record(make_record())
        y = round(at(sheet, 0.0, 81.5)[1])
        line = pixels(sheet)[y]
        paper = QColor(colours.paper).blue()
        start = round(at(sheet, 30.0, 0.0)[0])
        within = line[start + 1 : start + round(5 * sheet.scale_mm), 2]
        strengths.append(paper - int(within.min()))
    assert strengths[0] > 15
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[-1] == 0
    assert len(set(strengths)) >= 4


def test_paper_lies_over_the_whole_widget(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    image = pixels(sheet)
    for corner in (image[:12, :12], image[:12, -12:], image[-80:-60, :12]):
        assert like(corner, load_theme("light").paper).any()
        assert like(corner, load_theme("light").grid_coarse).any() or like(corner, load_theme("light").grid_fine).any()


def test_a_theme_changes_paper_and_trace(sheet: Sheet) -> None:
    sheet.show_record(make_record(np.full((12, 5000), 0.25)))
    for name in ("dark", "light"):
        theme = load_theme(name)
        sheet.set_theme(theme)
        image = pixels(sheet)
        assert like(image, theme.paper).mean() > 0.3
        x, y = at(sheet, 100.0, segment(sheet, "aVR").y - 2.5)
        around = image[int(y) - 2 : int(y) + 3, int(x)]
        assert np.abs(around - [QColor(theme.trace).red()]).min() < 40
        assert sheet.theme == theme


# Traces


def test_a_millivolt_is_ten_millimetres_high(sheet: Sheet) -> None:
    signal = np.zeros((12, 5000))
    signal[:, 2500:] = 1.0
    sheet.show_record(make_record(signal))
    for zoom in (1.0, 2.0, 4.0):
        if zoom > 1:
            sheet.zoom_by(2.0, QPointF(*at(sheet, 145.0, strip_y(sheet) - 5.0)))
        strip = strip_y(sheet)
        heights = []
        for x_mm in (140.0, 150.0):
            column = dark(part(sheet, x_mm, strip - 15.0, x_mm + 0.5, strip + 5.0))
            heights.append(float(np.flatnonzero(column.any(axis=1)).mean()))
        assert heights[0] - heights[1] == pytest.approx(10.0 * sheet.scale_mm, abs=1.0)


@pytest.mark.parametrize("zoom", [1.0, 3.0])
def test_a_sine_runs_where_it_should(sheet: Sheet, zoom: float) -> None:
    time = np.arange(5000) / HZ
    sheet.show_record(make_record(np.tile(np.sin(2 * np.pi * time), (12, 1))))
    if zoom > 1:
        sheet.zoom_by(zoom, QPointF(*at(sheet, 110.0, 60.0)))
    image = dark(pixels(sheet))
    lead = segment(sheet, "aVL")
    for second in np.arange(2.6, 4.9, 0.05):
        x, y = at(sheet, lead.x + (second - lead.start) * 25.0, lead.y - 10.0 * np.sin(2 * np.pi * second))
        assert image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any()
        away = np.cos(2 * np.pi * second)  # steep parts are broad on a pixel column
        if abs(away) < 0.3:
            assert not image[round(y) + 8 : round(y) + 14, round(x)].any()


@pytest.mark.parametrize("width", [500, 740, 1000, 1600])
@pytest.mark.parametrize("hz", [500.0, 1000.0])
def test_a_spike_of_one_sample_is_seen_at_every_size(sheet: Sheet, width: int, hz: float) -> None:
    signal = np.zeros((12, int(10 * hz)))
    spikes = [int(second * hz) for second in (3.1234, 4.017, 6.503, 9.2001)]
    signal[:, spikes] = 2.0
    sheet.resize(width, 700)
    sheet.show_record(make_record(signal, hz=hz))
    baseline = strip_y(sheet)
    for zoom in (1.0, 1.7, 3.1, 6.0):
        sheet.fit()
        sheet.zoom_by(zoom, QPointF(*at(sheet, 100.0, baseline)))
        for spike in spikes:
            x = 20.0 + spike / hz * 25.0
            if 0 < at(sheet, x, 0)[0] < width - 5 and at(sheet, 0, baseline - 19.0)[1] > 0:
                tip = part(sheet, x - 0.8, baseline - 19.0, x + 0.8, baseline - 12.0)
                paper = QColor(load_theme("light").grid_coarse).green()
                assert (tip[..., 1].min(axis=1) < paper - 60).mean() > 0.9


def test_a_gap_stays_a_gap(sheet: Sheet) -> None:
    signal = np.full((12, 5000), 0.25)
    signal[:, 2000:2500] = np.nan
    sheet.show_record(make_record(signal))
    y = strip_y(sheet) - 2.5
    assert not dark(part(sheet, 120.5, y - 2.0, 144.5, y + 2.0)).any()
    assert dark(part(sheet, 110.0, y - 2.0, 119.5, y + 2.0)).any(axis=0).all()
    assert dark(part(sheet, 145.5, y - 2.0, 155.0, y + 2.0)).any(axis=0).all()


def test_tall_waves_leave_their_row_and_the_view_makes_room(sheet: Sheet) -> None:
    signal = np.zeros((12, 5000))
    signal[1, 600:620] = -5.0  # lead II, over row III
    signal[0, 600:620] = 4.5  # lead I, beyond the top of the sheet
    sheet.show_record(make_record(signal))
    second, first = segment(sheet, "II"), segment(sheet, "I")
    assert dark(part(sheet, 50.0, second.y + 45.0, 51.0, second.y + 49.5)).any(axis=1).all()
    assert at(sheet, 50.0, first.y - 45.0)[1] > 0
    assert dark(part(sheet, 50.0, first.y - 45.5, 51.0, first.y - 44.0)).any()


def test_the_calibration_pulse_is_1_mv_and_200_ms(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    pulse = dark(part(sheet, 7.0, segment(sheet, "I").y - 12.0, 18.0, segment(sheet, "I").y + 1.0))
    rows, columns = np.flatnonzero(pulse.any(axis=1)), np.flatnonzero(pulse.any(axis=0))
    assert rows[-1] - rows[0] == pytest.approx(10.0 * sheet.scale_mm, abs=1.0)
    top = np.flatnonzero(pulse[rows[0]])
    assert top[-1] - top[0] == pytest.approx(5.0 * sheet.scale_mm, abs=1.0)
    assert columns[-1] - columns[0] == pytest.approx(10.0 * sheet.scale_mm, abs=1.0)


# Words


def test_names_stand_at_the_upper_left_and_are_legible(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    for lead in STANDARD_LEADS:
        place = segment(sheet, lead)
        name = dark(part(sheet, place.x - 0.2, place.y - 20.0, place.x + 12.0, place.y - 5.5))
        assert name.sum() > 12
        rows = np.flatnonzero(name.any(axis=1))
        assert 7 <= rows[-1] - rows[0] + 1 <= 16


def test_a_name_moves_out_of_the_way_of_a_trace(sheet: Sheet) -> None:
    signal = np.zeros((12, 5000))
    signal[2, :200] = 1.0  # lead III runs where its name would stand
    plain = make_record()
    sheet.show_record(plain)
    place = segment(sheet, "III")
    usual = dark(part(sheet, place.x + 0.2, place.y - 17.4, place.x + 9.0, place.y - 5.0))
    sheet.show_record(make_record(signal, name="other.hea"))
    image = dark(part(sheet, place.x + 0.2, place.y - 17.4, place.x + 9.0, place.y - 5.0))
    line = np.flatnonzero(image.mean(axis=1) > 0.95)
    assert len(line) > 0
    letters = np.flatnonzero((image.mean(axis=1) > 0) & (image.mean(axis=1) < 0.95))
    assert np.abs(letters[:, None] - line[None, :]).min() >= 2
    assert not np.array_equal(np.flatnonzero(usual.any(axis=1)), letters)


def test_a_name_never_hides_a_wave(sheet: Sheet) -> None:
    signal = np.zeros((12, 5000))
    signal[2, 20:40] = 2.5  # wherever lead III's name stands, this crosses it
    signal[2, 40:60] = -1.5
    sheet.show_record(make_record(signal))
    place = segment(sheet, "III")
    wave = part(sheet, place.x + 0.5, place.y - 24.5, place.x + 3.5, place.y + 14.5)
    ink = wave.max(axis=-1) < 130
    assert ink.any(axis=1).all()


def test_a_missing_lead_leaves_its_place_empty_and_says_so(sheet: Sheet) -> None:
    leads = tuple(lead for lead in STANDARD_LEADS if lead != "V2")
    sheet.show_record(make_record(leads=leads))
    place = segment(sheet, "V2")
    assert not dark(part(sheet, place.x + 1.0, place.y - 4.0, place.x + 61.0, place.y + 4.0)).any()
    words = part(sheet, place.x, place.y - 20.0, place.x + 40.0, place.y - 5.5)
    assert like(words, load_theme("light").secondary).any()
    assert not like(words, load_theme("light").label).any()
    assert "not recorded: V2" in sheet.accessibleDescription()


@pytest.mark.parametrize("kind", ["derived", "no valid samples"])
def test_what_is_special_about_a_lead_stands_beside_its_name(sheet: Sheet, kind: str) -> None:
    signal = np.zeros((12, 5000))
    if kind != "derived":
        signal[3] = np.nan
    sheet.show_record(make_record(signal))
    place = segment(sheet, "aVR")

    def width() -> int:
        words = part(sheet, place.x, place.y - 20.0, place.x + 60.0, place.y - 5.5)
        return int(np.flatnonzero((words.max(axis=-1) < 170).any(axis=0))[-1])

    usual = width()
    sheet.show_record(make_record(signal, derived=frozenset({"aVR"} if kind == "derived" else ())))
    if kind == "derived":
        assert width() > usual + 30
        assert "derived: aVR" in sheet.accessibleDescription()
    else:
        assert usual > 100


def test_names_keep_their_size_when_zoomed_and_stay_in_view(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    sheet.zoom_by(6.0, QPointF(*at(sheet, 60.0, 25.0)))
    assert at(sheet, 20.0, 0.0)[0] < 0  # the segment begins outside the view
    name = dark(pixels(sheet)[:, :25])
    rows = np.flatnonzero(name[: round(at(sheet, 0.0, 24.0)[1])].any(axis=1))
    assert 7 <= rows[-1] - rows[0] + 1 <= 16


def test_scale_rate_and_filter_are_always_stated(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    words = "25 mm/s, 10 mm/mV, 500 Hz, unfiltered as recorded"
    assert words in sheet.accessibleDescription()
    before = pixels(sheet)[-24:]
    assert (before.max(axis=-1) < 140)[:, :500].sum() > 200  # the statements, left
    assert (before.max(axis=-1) < 140)[:, -380:].sum() > 200  # the research sentence, right
    assert not (before.max(axis=-1) < 140)[:, 700:1100].any()
    sheet.set_filter_words("low-pass 40 Hz")
    assert "low-pass 40 Hz" in sheet.accessibleDescription()
    assert not np.array_equal(pixels(sheet)[-24:], before)
    sheet.set_filter_words(UNFILTERED)
    np.testing.assert_array_equal(pixels(sheet)[-24:], before)


@pytest.mark.parametrize(("width", "points"), [(300, 9.0), (420, 13.5), (700, 9.0), (1280, 13.5)])
def test_the_footer_is_never_cut_off(sheet: Sheet, width: int, points: float) -> None:
    font = sheet.font()
    font.setPointSizeF(points)
    sheet.setFont(font)
    sheet.resize(width, 700)
    sheet.show_record(make_record(np.zeros((12, 20_000))), start=10.0)
    image = pixels(sheet)
    ink = image.max(axis=-1) < 160
    assert not ink[-3:].any()
    assert not ink[-20:, :6].any()
    assert not ink[-20:, -6:].any()
    assert ink[-30:].any()


def test_a_window_further_on_states_its_time(sheet: Sheet) -> None:
    signal = np.zeros((12, 15_000))
    signal[:, 10_000:] = 0.5
    sheet.show_record(make_record(signal), start=12.0)
    assert sheet.start == 12.0
    assert "12.0 to 22.0 s of 30.0 s" in sheet.accessibleDescription()
    strip = strip_y(sheet)
    assert dark(part(sheet, 225.0, strip - 6.0, 260.0, strip - 4.0)).any(axis=0).all()
    assert dark(part(sheet, 180.0, strip - 1.0, 215.0, strip + 1.0)).any(axis=0).all()
    sheet.start = 100.0
    assert sheet.start == 20.0


# Messages


def test_a_message_stands_in_the_middle_of_empty_paper(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    sheet.show_message("No ECG is open", "Open a file or a folder.")
    assert sheet.record is None
    image = pixels(sheet)
    ink = np.argwhere(image.max(axis=-1) < 150)
    assert len(ink) > 300
    middle = (ink.min(axis=0) + ink.max(axis=0)) / 2
    assert middle == pytest.approx([500.0, 800.0], abs=12.0)
    assert sheet.accessibleDescription() == "No ECG is open. Open a file or a folder."
    sheet.show_record(make_record())
    assert sheet.record is not None
    assert not dark(pixels(sheet)[480:500, 760:780]).any()


@pytest.mark.parametrize("size", [(240, 160), (360, 300), (1000, 640)])
def test_a_long_message_is_wrapped_and_never_cut_off(sheet: Sheet, size: tuple[int, int]) -> None:
    sheet.resize(*size)
    path = "/home/" + "a-very-long-folder-name/" * 12 + "record_00005_hr.hea"
    sheet.show_message("This file could not be read", f"{path}: read as WFDB: " + "the reason is long. " * 12)
    image = pixels(sheet)
    ink = np.argwhere(image.max(axis=-1) < 150)
    assert len(ink) > 300
    assert ink.min() >= 8
    assert ink[:, 0].max() < size[1] - 8
    assert ink[:, 1].max() < size[0] - 8


def test_an_empty_sheet_is_paper(sheet: Sheet) -> None:
    image = pixels(sheet)
    assert like(image, load_theme("light").paper).mean() > 0.5
    assert sheet.accessibleName() == "ECG sheet"
    assert sheet.record is None
    sheet.zoom_by(2.0)
    assert sheet.fitted


# Hands


def test_a_record_is_fitted_and_stays_so_until_zoomed(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    seen = sheet.mapToScene(sheet.viewport().rect()).boundingRect()
    assert sheet.page is not None
    assert seen.contains(QRectF(0.0, 0.0, sheet.page.width, sheet.page.height))
    sheet.resize(900, 700)
    assert sheet.fitted
    small = sheet.scale_mm
    assert small < 3.3
    sheet.zoom_by(2.0)
    sheet.resize(1600, 1000)
    assert not sheet.fitted
    assert sheet.scale_mm == pytest.approx(2 * small, rel=0.02)


def test_zoom_and_pan_have_bounds(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    least = sheet.scale_mm
    sheet.zoom_by(0.01)
    assert sheet.scale_mm == least
    sheet.zoom_by(1000.0)
    assert sheet.scale_mm == pytest.approx(20 * least, rel=0.02)
    for dx, dy in ((1e6, 0.0), (0.0, 1e6), (-1e6, -1e6)):
        sheet.pan_by(dx, dy)
        seen = sheet.mapToScene(sheet.viewport().rect()).boundingRect()
        assert sheet.page is not None
        assert seen.intersects(QRectF(0.0, 0.0, sheet.page.width, sheet.page.height))
    with pytest.raises(ValueError, match="zoom"):
        sheet.zoom_by(0.0)


def test_another_record_is_shown_whole_and_the_same_one_keeps_the_view(sheet: Sheet) -> None:
    record = make_record()
    sheet.show_record(record)
    fit = sheet.scale_mm
    sheet.zoom_by(3.0)
    zoomed = sheet.viewportTransform()
    sheet.show_record(replace(record, signal=record.signal * 0.5))
    assert sheet.viewportTransform() == zoomed
    sheet.show_record(make_record(name="next.hea"))
    assert sheet.scale_mm == fit


def test_the_wheel_zooms_about_the_pointer(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    wheel(sheet, QPointF(900.0, 500.0), angle=QPoint(0, 480))
    pointer = QPointF(700.0, 400.0)
    before, scale = sheet.mapToScene(pointer.toPoint()), sheet.scale_mm
    wheel(sheet, pointer, angle=QPoint(0, 120))
    after = sheet.mapToScene(pointer.toPoint())
    assert sheet.scale_mm == pytest.approx(1.26 * scale, rel=0.02)
    assert (after - before).manhattanLength() < 1.5 / sheet.scale_mm
    wheel(sheet, pointer, angle=QPoint(0, -120))
    assert sheet.scale_mm == pytest.approx(scale, rel=0.02)


def test_fingers_zoom_and_move_in_small_steps(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    least = sheet.scale_mm
    for _ in range(60):
        wheel(sheet, QPointF(800.0, 480.0), fingers=QPoint(0, 6))
    assert sheet.scale_mm == pytest.approx(2 * least, rel=0.03)
    left = sheet.mapToScene(0, 0).x()
    wheel(sheet, QPointF(800.0, 480.0), fingers=QPoint(-56, 3))
    assert sheet.mapToScene(0, 0).x() - left == pytest.approx(56 / sheet.scale_mm, abs=1 / sheet.scale_mm)


def test_dragging_moves_the_sheet_and_a_double_click_fits(sheet: Sheet) -> None:
    sheet.show_record(make_record())
    fit = sheet.viewportTransform()
    port = sheet.viewport()
    sheet.zoom_by(3.0)
    before = sheet.mapToScene(0, 0)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(800, 500))
    assert port.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(port, QPoint(700, 450))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(700, 450))
    moved = sheet.mapToScene(0, 0) - before
    assert moved.x() == pytest.approx(100 / sheet.scale_mm, abs=1.5 / sheet.scale_mm)
    assert moved.y() == pytest.approx(50 / sheet.scale_mm, abs=1.5 / sheet.scale_mm)
    QTest.mouseMove(port, QPoint(600, 400))
    assert sheet.mapToScene(0, 0) - before == moved
    assert port.cursor().shape() == Qt.CursorShape.OpenHandCursor
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(600, 400))
    assert sheet.viewportTransform() == fit
    assert port.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_keys_are_left_to_the_window(sheet: Sheet, qtbot: QtBot) -> None:
    pressed: list[int] = []

    class Window(QWidget):
        def keyPressEvent(self, event: QKeyEvent) -> None:
            pressed.append(event.key())

    window = Window()
    qtbot.addWidget(window)
    sheet.setParent(window)
    window.show()
    sheet.show_record(make_record())
    sheet.zoom_by(3.0)
    before = sheet.viewportTransform()
    keys = [Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_PageDown]
    for key in keys:
        qtbot.keyClick(sheet, key)
    assert sheet.viewportTransform() == before
    assert pressed == keys
    sheet.setParent(None)


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet.zoom_by(2.0),
        lambda sheet: sheet.pan_by(5.0, 0.0),
        lambda sheet: sheet.fit(),
        lambda sheet: setattr(sheet, "start", 5.0),
        lambda sheet: sheet.show_record(make_record(name="next.hea")),
        lambda sheet: sheet.show_message("Loading"),
    ],
)
def test_a_changed_view_is_told_once(sheet: Sheet, qtbot: QtBot, change: Callable[[Sheet], None]) -> None:
    sheet.show_record(make_record(np.zeros((12, 10_000))))
    sheet.zoom_by(3.0)
    told: list[None] = []
    sheet.view_changed.connect(lambda: told.append(None))
    change(sheet)
    assert len(told) == 1
    if change.__code__.co_names[0] == "fit":
        told.clear()
        change(sheet)  # nothing is left to change
        assert told == []


# Odd records


@pytest.mark.parametrize(
    ("leads", "samples"),
    [
        (STANDARD_LEADS, 1),
        (STANDARD_LEADS, 0),
        (("X", "Y", "Z"), 5000),
        (("MLII",), 13),
        ((), 100),
        ((*STANDARD_LEADS, "V7", "V8", "V9"), 5000),
        (("I", "II"), 2),
    ],
)
def test_any_record_can_be_shown(sheet: Sheet, leads: tuple[str, ...], samples: int) -> None:
    sheet.show_record(make_record(np.full((len(leads), samples), 0.25), leads))
    image = pixels(sheet)
    assert dark(image[:-40]).any()
    assert sheet.page is not None
    for lead in leads:
        place = segment(sheet, lead)
        if samples:
            assert dark(part(sheet, place.x - 0.5, place.y - 4.0, place.x + 1.0, place.y - 1.5)).any()
    sheet.zoom_by(8.0)
    pixels(sheet)


def test_monstrous_and_invalid_samples_are_borne(sheet: Sheet) -> None:
    signal = np.zeros((12, 5000))
    signal[:, ::7] = 3e38
    signal[:, 3::7] = -np.inf
    signal[0] = np.nan
    sheet.show_record(make_record(signal))
    pixels(sheet)
    sheet.zoom_by(20.0)
    sheet.pan_by(0.0, -1e6)
    pixels(sheet)


# Times


def test_a_frame_costs_no_more_than_a_few_bare_plots(sheet: Sheet) -> None:
    noise = np.random.default_rng(1).normal(scale=0.1, size=(12, 5000))
    record = make_record(noise)
    sheet.show_record(record)
    times, floor = time_frames(sheet, 12), time_floor(record, 12)
    assert len(times) == len(floor) == 12
    assert np.median(times) < max(16.0, 4 * float(np.median(floor)))
    assert sheet.fitted


def test_frames_are_timed_with_a_record_only(sheet: Sheet) -> None:
    sheet.show_message("Nothing")
    with pytest.raises(ValueError, match="record"):
        time_frames(sheet, 3)


def test_a_taller_window_moves_the_rows_apart_but_not_while_zoomed(sheet: Sheet) -> None:
    sheet.resize(1000, 560)
    sheet.show_record(make_record(np.zeros((12, 5000))))
    assert sheet.page is not None
    flat = sheet.page.row_height
    sheet.resize(1000, 900)
    assert sheet.page.row_height > flat
    tall = sheet.page.row_height
    sheet.zoom_by(3.0)
    sheet.resize(1000, 560)
    assert sheet.page.row_height == tall
    sheet.fit()
    assert sheet.page.row_height == flat
