"""The cursor and what is told of the pointer."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.theme import load_theme

HZ = 500.0


def steps(seconds: float = 10.0) -> Record:
    """Each lead at a level of its own: 0.1 mV for I, 0.2 for II …; V6 has no valid samples."""
    signal = np.repeat(np.arange(1, 13)[:, None] / 10.0, round(seconds * HZ), axis=1)
    signal[11] = np.nan
    return Record(Path("made.hea"), "made", signal.astype(np.float32), HZ, STANDARD_LEADS)


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1280, 800)
    it.show()
    it.show_record(steps())
    return it


def place(sheet: Sheet, lead: str, seconds: float, millivolts: float) -> QPointF:
    assert sheet.page is not None
    segment = next(s for s in sheet.page.segments if s.lead == lead and s.start <= seconds < s.end)
    return sheet.viewportTransform().map(QPointF(segment.x_at(seconds), segment.y_at(millivolts)))


def told(sheet: Sheet) -> dict[str, str]:
    return dict(sheet.crosshair.strip._values)


def test_the_pointer_tells_lead_time_and_value(sheet: Sheet) -> None:
    heard: list[str] = []
    sheet.crosshair.pointed.connect(heard.append)
    at = place(sheet, "V2", 6.0, 0.8)
    QTest.mouseMove(sheet.viewport(), at.toPoint())
    lead, seconds, value = heard[-1].split("  ")
    assert (lead, value) == ("V2", "0.80 mV")
    assert float(seconds.removesuffix(" s")) == pytest.approx(6.0, abs=0.02)
    QTest.mouseMove(sheet.viewport(), place(sheet, "V6", 8.0, 0.0).toPoint())
    assert heard[-1].startswith("V6")
    assert heard[-1].endswith("– mV")
    QApplication.sendEvent(sheet.viewport(), QEvent(QEvent.Type.Leave))
    assert heard[-1] == ""


def test_the_strip_tells_all_leads_at_that_instant(sheet: Sheet) -> None:
    assert not sheet.crosshair.strip.isVisible()
    sheet.crosshair.switch(True)
    assert sheet.crosshair.strip.isVisible()
    assert sheet.crosshair.strip.geometry().bottom() < sheet.viewport().geometry().top()
    sheet.crosshair.hover(place(sheet, "V1", 6.0, 0.7))
    values = told(sheet)
    assert list(values) == list(STANDARD_LEADS)
    assert (values["I"], values["V5"], values["V6"]) == ("0.10", "1.10", "–")
    assert "V5 1.10" in sheet.crosshair.strip.accessibleDescription()
    sheet.set_format(Format(order="cabrera"))
    assert told(sheet)["−aVR"] == "−0.40"
    sheet.crosshair.switch(False)
    assert not sheet.crosshair.strip.isVisible()
    assert sheet.viewport().geometry().top() == 0


def test_the_strip_takes_as_many_lines_as_it_needs(sheet: Sheet) -> None:
    sheet.crosshair.switch(True)
    wide = sheet.crosshair.strip.height()
    sheet.resize(500, 800)
    assert sheet.crosshair.strip.height() > wide
    assert sheet.viewport().geometry().top() == sheet.crosshair.strip.height()


def test_the_line_stands_where_every_lead_shows_the_instant(sheet: Sheet) -> None:
    sheet.crosshair.switch(True)
    sheet.crosshair.hover(place(sheet, "V1", 6.0, 0.7))
    lines = [line for line in sheet.crosshair._lines if line.isVisible()]
    assert len(lines) == 1
    assert lines[0].x() == pytest.approx(place(sheet, "II", 6.0, 0.0).x(), abs=1.5)
    sheet.zoom_by(2.0)
    assert lines[0].x() == pytest.approx(place(sheet, "II", 6.0, 0.0).x(), abs=1.5)
    ratio = sheet.devicePixelRatioF()
    colour = sheet.grab().toImage().pixelColor(sheet.viewport().mapTo(sheet, lines[0].geometry().center()) * ratio)
    assert colour == load_theme("light").secondary


def test_keys_move_the_cursor(sheet: Sheet) -> None:
    heard: list[str] = []
    sheet.crosshair.spoken.connect(heard.append)
    sheet.crosshair.switch(True)
    assert sheet.crosshair.place == ("II", 2500)
    sheet.setFocus()
    QTest.keyClick(sheet, Qt.Key.Key_Right)
    QTest.keyClick(sheet, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert sheet.crosshair.place == ("II", 2491)
    assert heard[-1] == "II  4.982 s  0.20 mV"
    QTest.keyClick(sheet, Qt.Key.Key_Up)
    assert sheet.crosshair.place == ("aVF", 2491)
    for _ in range(2):
        QTest.keyClick(sheet, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert sheet.crosshair.place == ("V3", 2511)  # the row goes on with it
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.crosshair.on


def test_keys_lead_on_into_a_longer_record(sheet: Sheet) -> None:
    sheet.show_record(steps(40.0))
    sheet.crosshair.switch(True)
    for _ in range(260):
        sheet.crosshair._step(10)
    assert sheet.crosshair.place == ("II", 5100)
    assert sheet.page is not None
    assert sheet.page.start > 0.0


def test_another_record_forgets_where_the_cursor_was(sheet: Sheet) -> None:
    sheet.crosshair.switch(True)
    sheet.crosshair.hover(place(sheet, "V1", 6.0, 0.7))
    sheet.show_record(steps(4.0))
    assert sheet.crosshair.place is not None
    assert sheet.crosshair.place[1] < 2000
    sheet.show_message("nothing")
    assert sheet.crosshair.place is None
    assert not any(line.isVisible() for line in sheet.crosshair._lines)


class Watch(QObject):
    """Notes how much of a widget is painted at a time, pixels across."""

    def __init__(self) -> None:
        super().__init__()
        self.across: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.across.append(sum(rect.width() for rect in event.region()))
        return False


@pytest.mark.alone
def test_moving_paints_columns_and_not_the_sheet(sheet: Sheet, record: Record) -> None:
    sheet.show_record(record)
    sheet.crosshair.switch(True)
    QApplication.processEvents()
    watch = Watch()
    sheet.viewport().installEventFilter(watch)
    times = []
    for step in range(60):
        begin = time.perf_counter()
        sheet.crosshair.hover(QPointF(200.0 + 10 * step, 300.0))
        QApplication.processEvents()
        times.append(time.perf_counter() - begin)
    assert len(watch.across) > 30
    assert max(watch.across) < 60
    assert statistics.median(times) < 0.010  # 1 ms where nothing else runs
    sheet.zoom_by(1.5)
    QApplication.processEvents()
    assert watch.across[-1] >= sheet.viewport().width()  # that is what the watch sees of a whole sheet


def test_a_part_painted_alone_looks_as_in_the_whole(sheet: Sheet, record: Record) -> None:
    """Names and footer stand at the edges of the view, also where only a column of it is painted."""
    sheet.show_record(record)
    sheet.zoom_by(3.0)
    port = sheet.viewport()
    whole = pixels(port.grab().toImage())
    assert (whole.max(axis=2) < 130).sum() > 5000
    for x in (3, 200, 640, 1000):
        part = pixels(port.grab(QRect(x, 0, 40, port.height())).toImage())
        ratio = part.shape[1] // 40
        apart = np.abs(part - whole[:, x * ratio : (x + 40) * ratio]).max(axis=2)
        # Lines that are cut at the edge are smoothed a little otherwise there.
        assert (apart > 0).sum() < 40 * ratio
        assert not apart[:, 4 * ratio : -4 * ratio].any()


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), :3].astype(int)
