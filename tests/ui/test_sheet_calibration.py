"""True millimetres: measured with a card, kept for each screen, stated on the sheet."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.sheet.calibration import CARD_MM, Calibration
from ecgview.ui.sheet.calibration_dialog import CalibrationDialog
from ecgview.ui.theme import load_theme

RECORD = Record(Path("made.hea"), "made", np.zeros((12, 5000), np.float32), 500.0, STANDARD_LEADS)


@pytest.fixture
def calibration(tmp_path: Path) -> Calibration:
    return Calibration(QSettings(str(tmp_path / "screens.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1200, 800)
    it.show()
    it.show_record(RECORD)
    return it


def coarse_lines(sheet: Sheet) -> np.ndarray:
    """The x of the strong lines, pixels."""
    image = sheet.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    y = round(sheet.viewportTransform().map(0.0, 2.5)[1])
    row = np.array([QColor(image.pixel(x, y)).green() for x in range(image.width())])
    return np.flatnonzero(row == row.min())


def test_a_screen_keeps_its_measure(calibration: Calibration, sheet: Sheet, tmp_path: Path) -> None:
    screen = sheet.screen()
    assert calibration.pixels_per_mm(screen) is None
    calibration.keep(screen, 4.321)
    again = Calibration(QSettings(str(tmp_path / "screens.ini"), QSettings.Format.IniFormat))
    assert again.pixels_per_mm(screen) == pytest.approx(4.321)
    calibration.forget(screen)
    assert calibration.pixels_per_mm(screen) is None


@pytest.mark.parametrize("value", [0.0, -3.0, 1.0, 1e6, float("nan")])
def test_a_measure_that_no_screen_has_is_refused(calibration: Calibration, sheet: Sheet, value: float) -> None:
    with pytest.raises(ValueError, match="exist"):
        calibration.keep(sheet.screen(), value)


@pytest.mark.parametrize("kept", ["nonsense", "0", "1e9", "nan", ""])
def test_nonsense_that_was_kept_means_not_calibrated(tmp_path: Path, sheet: Sheet, kept: str) -> None:
    settings = QSettings(str(tmp_path / "screens.ini"), QSettings.Format.IniFormat)
    calibration = Calibration(settings)
    calibration.keep(sheet.screen(), 4.0)
    (key,) = settings.allKeys()
    settings.setValue(key, kept)
    assert calibration.pixels_per_mm(sheet.screen()) is None


def test_the_sheet_says_how_large_it_is(sheet: Sheet, calibration: Calibration) -> None:
    assert sheet.scale_words == "screen not calibrated"
    assert not sheet.true_size()
    assert sheet.fitted
    calibration.keep(sheet.screen(), 5.0)
    sheet.set_calibration(calibration)
    assert sheet.scale_words == f"fitted, {100 * sheet.scale_mm / 5.0:.0f} % of true size"
    assert sheet.true_size()
    assert sheet.scale_words == "true size"
    sheet.zoom_by(2.0)
    assert sheet.scale_words == f"zoomed, {100 * sheet.scale_mm / 5.0:.0f} % of true size"
    calibration.forget(sheet.screen())
    sheet.set_calibration(calibration)
    assert sheet.scale_words == "screen not calibrated"


def test_the_words_stand_in_the_footer(sheet: Sheet, calibration: Calibration) -> None:
    def footer() -> np.ndarray:
        image = sheet.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[-24:].copy()

    seen = [footer()]
    calibration.keep(sheet.screen(), 5.0)
    sheet.set_calibration(calibration)
    seen.append(footer())
    sheet.true_size()
    seen.append(footer())
    assert not np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[1], seen[2])
    sheet.fit()
    np.testing.assert_array_equal(footer(), seen[1])


@pytest.mark.parametrize("per_mm", [3.111, 3.78, 5.0, 6.4321])
def test_true_size_is_exact_over_the_whole_sheet(sheet: Sheet, calibration: Calibration, per_mm: float) -> None:
    calibration.keep(sheet.screen(), per_mm)
    sheet.set_calibration(calibration)
    sheet.true_size()
    lines = coarse_lines(sheet)
    assert len(lines) > 20
    millimetres = 5.0 * (len(lines) - 1)
    assert (lines[-1] - lines[0]) / millimetres == pytest.approx(per_mm, abs=1.01 / millimetres)
    assert np.diff(lines) == pytest.approx(5.0 * per_mm, abs=1.0)


def test_true_size_outlives_the_record_the_format_and_a_resize(sheet: Sheet, calibration: Calibration) -> None:
    calibration.keep(sheet.screen(), 4.2)
    sheet.set_calibration(calibration)
    sheet.true_size()
    assert sheet.viewportTransform().map(0.0, 0.0)[0] >= 0.0  # the pulse is in view
    sheet.show_record(Record(Path("next.hea"), "made", RECORD.signal, 500.0, STANDARD_LEADS))
    assert sheet.scale_words == "true size"
    sheet.set_format(Format.parse("6x2 50mm/s"))
    assert sheet.scale_mm == pytest.approx(4.2)
    sheet.resize(700, 500)
    assert sheet.scale_mm == pytest.approx(4.2)
    sheet.show_message("Reading")
    sheet.show_record(RECORD)
    assert sheet.scale_words == "true size"
    sheet.fit()
    sheet.show_record(Record(Path("third.hea"), "made", RECORD.signal, 500.0, STANDARD_LEADS))
    assert sheet.fitted


# The dialog


@pytest.fixture
def dialog(sheet: Sheet, calibration: Calibration) -> CalibrationDialog:
    calibration.keep(sheet.screen(), 4.0)
    asked = CalibrationDialog(calibration, load_theme("light"), sheet)
    asked.open()
    return asked


def test_the_frame_has_a_cards_size_and_shape(dialog: CalibrationDialog) -> None:
    frame = dialog.frame._frame()
    assert (frame.width(), frame.height()) == pytest.approx((4.0 * CARD_MM[0], 4.0 * CARD_MM[1]))
    assert dialog.frame.rect().contains(frame.toAlignedRect())
    image = dialog.frame.grab().toImage()
    accent = QColor(load_theme("light").accent)
    y = round(frame.center().y() + 40)
    blue = [x for x in range(image.width()) if abs(QColor(image.pixel(x, y)).red() - accent.red()) < 60]
    assert (blue[0], blue[-1]) == pytest.approx((frame.left(), frame.right()), abs=2)


@pytest.mark.parametrize(
    ("key", "shift", "pixels"),
    [
        (Qt.Key.Key_Right, False, 1),
        (Qt.Key.Key_Left, False, -1),
        (Qt.Key.Key_Up, True, 10),
        (Qt.Key.Key_Down, True, -10),
    ],
)
def test_arrows_change_the_frame_by_pixels(dialog: CalibrationDialog, key: Qt.Key, shift: bool, pixels: int) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(dialog.frame, key, modifier)
    assert dialog.frame._frame().width() == pytest.approx(4.0 * CARD_MM[0] + pixels)


def test_what_was_dragged_is_kept(dialog: CalibrationDialog, sheet: Sheet, calibration: Calibration) -> None:
    frame = dialog.frame._frame()
    edge = QPoint(round(frame.right()), round(frame.center().y()))
    QTest.mousePress(dialog.frame, Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(dialog.frame, edge + QPoint(30, 0))
    QTest.mouseRelease(dialog.frame, Qt.MouseButton.LeftButton, pos=edge + QPoint(30, 0))
    wanted = 4.0 + 30 / CARD_MM[0]
    assert dialog.frame.pixels_per_mm == pytest.approx(wanted)
    assert calibration.pixels_per_mm(sheet.screen()) == 4.0
    dialog.accept()
    assert calibration.pixels_per_mm(sheet.screen()) == pytest.approx(wanted, abs=1e-4)


def test_a_press_beside_the_edge_moves_nothing(dialog: CalibrationDialog) -> None:
    QTest.mousePress(dialog.frame, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    QTest.mouseMove(dialog.frame, QPoint(200, 60))
    assert dialog.frame.pixels_per_mm == 4.0


def test_the_frame_stays_within_what_screens_have(dialog: CalibrationDialog) -> None:
    for _ in range(200):
        QTest.keyClick(dialog.frame, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert dialog.frame.pixels_per_mm == 1.5


def test_cancel_and_forget(dialog: CalibrationDialog, sheet: Sheet, calibration: Calibration) -> None:
    QTest.keyClick(dialog.frame, Qt.Key.Key_Right)
    dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert calibration.pixels_per_mm(sheet.screen()) == 4.0
    again = CalibrationDialog(calibration, load_theme("light"), sheet)
    again.open()
    again.forget.click()
    assert calibration.pixels_per_mm(sheet.screen()) is None
