"""Every layout as it is seen: the traces against stored pictures, the grid, the pulses, a spike, nothing cut off."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scipy.ndimage import minimum_filter
from trace_layer import FOLDER, PICTURES, SIZE, as_array, draw, record

from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.theme import load_theme

Pixels = NDArray[np.int16]
FORMATS = (
    "3x4",
    "3x4+1",
    "3x4+3",
    "6x2",
    "6x2+1 cabrera",
    "12x1",
    "single:V2",
    "3x4+1 12.5mm/s 5mm/mV",
    "6x2+1 50mm/s 20mm/mV",
    "12x1 50mm/s",
    "3x4+1 20/5mm/mV",
)
HZ = 500.0
AT_1280 = (720, 690)
"""What is left for the sheet in a window of 1280 x 800."""


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(*AT_1280)
    it.show()
    return it


def made(signal: NDArray[np.floating] | float = 0.0) -> Record:
    whole = np.zeros((12, 5000), np.float32) + np.asarray(signal, np.float32)
    return Record(Path("made.hea"), "made", whole, HZ, STANDARD_LEADS)


def pixels(sheet: Sheet) -> Pixels:
    image = sheet.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return raw[:, : image.width(), 2::-1].astype(np.int16)


def at(sheet: Sheet, x_mm: float, y_mm: float) -> tuple[float, float]:
    point = sheet.viewportTransform().map(QPointF(x_mm, y_mm))
    return point.x(), point.y()


def like(image: Pixels, colour: str) -> NDArray[np.bool_]:
    wanted = QColor(colour)
    return np.asarray((image == [wanted.red(), wanted.green(), wanted.blue()]).all(axis=-1))


# The traces against pictures


def near(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """The share of the one's ink that lies within a pixel of ink of the other."""
    ink = one < 110
    return float((minimum_filter(other, 3)[ink] < 170).mean())


@pytest.mark.parametrize("name", PICTURES)
def test_traces_are_drawn_as_in_the_stored_pictures(qapp: QApplication, name: str) -> None:
    stored, drawn = as_array(QImage(str(FOLDER / f"{name}.png"))), draw(name)
    assert stored.shape == drawn.shape == SIZE[::-1]
    assert (stored < 110).sum() > 500
    assert near(drawn, stored) > 0.995
    assert near(stored, drawn) > 0.995
    assert abs(float(stored.mean()) - float(drawn.mean())) < 1.0


@pytest.mark.parametrize("change", ["later", "taller", "exchanged"])
def test_the_pictures_tell_a_wrong_trace(qapp: QApplication, change: str) -> None:
    signal = record("normal").signal
    wrong = {
        "later": np.roll(signal, 20, axis=1),
        "taller": signal * np.float32(1.25),
        "exchanged": signal[[1, 0, *range(2, 12)]],
    }[change]
    stored, drawn = as_array(QImage(str(FOLDER / "normal.png"))), draw("normal", wrong)
    assert min(near(drawn, stored), near(stored, drawn)) < 0.97


# Grid and pulses


@pytest.mark.parametrize("text", FORMATS)
def test_grid_and_pulses_have_the_scale_that_is_stated(sheet: Sheet, text: str) -> None:
    format, colours = Format.parse(text), load_theme("light")
    sheet.resize(1100, 900)
    sheet.set_format(format)
    sheet.show_record(made())
    image = pixels(sheet)
    page = sheet.page
    assert page is not None
    row = image[round(at(sheet, 0.0, 2.5)[1])]
    coarse = np.flatnonzero(like(row, colours.grid_coarse))
    np.testing.assert_allclose(np.diff(coarse), 5 * sheet.scale_mm, atol=1e-6)
    for pulse, baseline in zip(page.pulses, page.baselines, strict=True):
        top = min(y for _, y in pulse)
        (x0, y0), (x1, y1) = at(sheet, 4.0, top - 1.0), at(sheet, 18.5, baseline + 1.0)
        ink = like(image[round(y0) : round(y1), round(x0) : round(x1)], colours.calibration)
        rows = np.flatnonzero(ink.any(axis=1))
        gain = max(s.gain for s in page.segments if s.y == baseline)
        assert rows[-1] - rows[0] == pytest.approx(gain * sheet.scale_mm, abs=1.0)  # 1 mV
        if "/5mm" not in text:
            plateau = np.flatnonzero(ink[rows[0]])
            assert plateau[-1] - plateau[0] == pytest.approx(0.2 * format.speed * sheet.scale_mm, abs=1.0)  # 200 ms


@pytest.mark.parametrize("text", FORMATS)
def test_no_name_touches_a_calibration_pulse(sheet: Sheet, text: str) -> None:
    colours = load_theme("light")
    sheet.set_format(Format.parse(text))
    time = np.arange(5000) / HZ
    sheet.show_record(made(1.5 * np.sin(2 * np.pi * time)[None, :] ** 9))
    image = pixels(sheet)
    (left, _), (right, _) = at(sheet, 4.0, 0.0), at(sheet, 19.0, 0.0)
    height = round(at(sheet, 0.0, sheet.page.height)[1])
    margin = image[:height, round(left) : round(right)]
    assert like(margin, colours.calibration).any()
    assert not like(margin, colours.label).any()
    assert not like(margin, colours.trace).any()


# A spike of one sample


@pytest.mark.parametrize("zoom", [1.0, 1.6, 4.0])
@pytest.mark.parametrize("text", FORMATS)
def test_a_spike_of_one_sample_is_seen_in_every_format(sheet: Sheet, text: str, zoom: float) -> None:
    sheet.set_format(Format.parse(text))
    sheet.show_record(made())
    page = sheet.page
    assert page is not None
    segment = page.segments[-1]
    sample = round((segment.start + 0.6 * min(segment.end - segment.start, 10.0 - segment.start)) * HZ) + 1
    signal = np.zeros((12, 5000))
    signal[STANDARD_LEADS.index(segment.lead), sample] = 2.0
    sheet.show_record(made(signal))
    x, tip, foot = segment.x_at(sample / HZ), segment.y_at(1.8), segment.y_at(0.3)
    if zoom > 1:
        sheet.zoom_by(zoom, QPointF(*at(sheet, x, (tip + foot) / 2)))
    (x0, y0), (x1, y1) = at(sheet, x - 0.8, tip), at(sheet, x + 0.8, foot)
    image = pixels(sheet)[max(0, round(y0)) : round(y1), max(0, round(x0)) : round(x1)]
    # Darker than the strongest line of the grid in nearly every row of pixels.
    grid = QColor(load_theme("light").grid_coarse).green()
    assert len(image) >= 8
    assert (image[..., 1].min(axis=1) < grid - 50).mean() > 0.9


# Room


@pytest.mark.parametrize("points", [9.0, 13.5])
@pytest.mark.parametrize("text", FORMATS)
def test_nothing_is_cut_off_in_a_small_window(sheet: Sheet, text: str, points: float) -> None:
    font = sheet.font()
    font.setPointSizeF(points)
    sheet.setFont(font)
    sheet.set_format(Format.parse(text))
    sheet.show_record(record("normal"))
    page = sheet.page
    assert page is not None
    left, top = at(sheet, 0.0, 0.0)
    right, bottom = at(sheet, page.width, page.height)
    image = pixels(sheet)
    line = np.flatnonzero(like(image, load_theme("light").grid_coarse).mean(axis=1) > 0.99)[-1]  # above the footer
    assert 0.0 <= left < right <= image.shape[1]
    assert 0.0 <= top < bottom <= line + 1.0
    assert not (image[:, -3:].max(axis=-1) < 130).any()
    assert not (image[-3:].max(axis=-1) < 130).any()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_avr_turns_over_in_cabreras_order(sheet: Sheet, theme: str) -> None:
    sheet.set_theme(load_theme(theme))
    trace = load_theme(theme).trace
    for text, level in (("12x1", 5.0), ("12x1 cabrera", -5.0)):
        sheet.set_format(Format.parse(text))
        sheet.show_record(made(-0.5))
        segment = next(s for s in sheet.page.segments if s.lead == "aVR")
        x, y = at(sheet, 150.0, segment.y + level)
        around = pixels(sheet)[round(y) - 2 : round(y) + 3, round(x)]
        assert (
            np.abs(around - [QColor(trace).red(), QColor(trace).green(), QColor(trace).blue()]).max(axis=1).min() < 60
        )
    assert "drawn upside down: −aVR" in sheet.accessibleDescription()
