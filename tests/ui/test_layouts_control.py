"""Layouts, speed, gain and true size as commands of the window, kept between runs."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.record import Record
from ecgview.ui.sheet import Format
from ecgview.ui.sheet.calibration_dialog import CalibrationDialog
from ecgview.ui.strips_dialog import StripsDialog
from ecgview.ui.window import MainWindow


@pytest.fixture
def window(make_window, record: Record) -> MainWindow:
    made: MainWindow = make_window()
    made.sheet.show_record(record)
    made.commands.meet("record", True)
    return made


def do(window: MainWindow, *names: str) -> str:
    for name in names:
        window.commands[f"layouts.{name}"].trigger()
    return str(window.sheet.format)


def test_commands_draw_in_another_format(window: MainWindow) -> None:
    assert do(window) == "3x4+1 standard 25mm/s 10mm/mV"
    assert do(window, "layout:6x2", "strips:0", "order:cabrera") == "6x2 cabrera 25mm/s 10mm/mV"
    assert do(window, "speed:50", "gain:20", "chest_gain:5") == "6x2 cabrera 50mm/s 20/5mm/mV"
    assert window.commands["layouts.gain:20"].isChecked()
    assert window.commands["layouts.chest_gain:5"].isChecked()
    assert (
        do(window, "gain:5", "speed:25", "order:standard", "layout:3x4", "strips:3") == "3x4+3 standard 25mm/s 5mm/mV"
    )
    assert len(window.sheet.page.baselines) == 6


def test_strips_are_remembered_over_layouts_that_take_none(window: MainWindow) -> None:
    do(window, "strips:3", "layout:12x1")
    assert window.sheet.format.strips == ()
    assert do(window, "layout:single") == "single:II standard 25mm/s 10mm/mV"
    do(window, "strips:2")
    assert "below the layouts in columns" in window.state.text()
    assert window.sheet.format.layout == "single"
    assert do(window, "layout:3x4") == "3x4+2 standard 25mm/s 10mm/mV"


def test_one_lead_is_chosen_from_those_the_record_has(window: MainWindow) -> None:
    assert [value for _, value in window.control.layouts.leads()] == list(window.sheet.record.leads)
    window.control.layouts.lead("V3")
    assert {segment.lead for segment in window.sheet.page.segments} == {"V3"}
    assert window.commands["layouts.layout:single"].isChecked()
    do(window, "layout:12x1", "layout:single")
    assert window.sheet.format.strips == ("V3",)


def test_any_leads_can_be_rhythm_strips(window: MainWindow, qtbot: QtBot) -> None:
    do(window, "choose_strips")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, StripsDialog)
    for field, lead in zip(dialog.fields, ("aVF", "V3", "aVF"), strict=True):
        field.setCurrentText(lead)
    dialog.accept()
    assert window.sheet.format.layout_words == "3x4+aVF,V3"


def test_true_size_asks_for_the_card_first(window: MainWindow) -> None:
    do(window, "true_size")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CalibrationDialog)
    dialog.frame.set_pixels_per_mm(4.5)
    dialog.accept()
    assert window.sheet.scale_mm == pytest.approx(4.5)
    assert window.sheet.scale_words == "true size"
    window.commands["sheet.fit"].trigger()
    do(window, "true_size")
    assert not any(asked.isVisible() for asked in window.findChildren(CalibrationDialog))
    assert window.sheet.scale_words == "true size"


def test_the_format_and_the_calibration_come_back(make_window, record: Record) -> None:
    first: MainWindow = make_window()
    first.commands.meet("record", True)
    first.sheet.show_record(record)
    do(first, "layout:6x2", "speed:50")
    do(first, "calibrate")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, CalibrationDialog)
    dialog.accept()
    first.close()
    second: MainWindow = make_window()
    assert second.sheet.format == Format.parse("6x2+1 50mm/s")
    assert second.commands["layouts.layout:6x2"].isChecked()
    assert second.commands["layouts.speed:50"].isChecked()
    assert second.sheet.calibrated


@pytest.mark.parametrize("kept", ["", "nonsense", "3x4 30mm/s", "single:"])
def test_a_kept_format_that_is_none_is_passed_over(make_window, settings: QSettings, kept: str) -> None:
    settings.setValue("session/layouts/format", kept)
    window: MainWindow = make_window()
    assert window.sheet.format == Format()
    assert window.commands["layouts.layout:3x4"].isChecked()


def test_steps_in_time_are_shares_of_what_the_sheet_shows(window: MainWindow, record: Record) -> None:
    do(window, "speed:50")  # 5 s of the 10 are on the sheet
    window.commands["sheet.little_later"].trigger()
    assert window.sheet.start == pytest.approx(0.2)
    window.commands["sheet.later"].trigger()
    assert window.sheet.start == pytest.approx(2.7)
    window.commands["sheet.record_end"].trigger()
    assert window.sheet.start == pytest.approx(5.0)
    window.commands["sheet.little_earlier"].trigger()
    window.commands["sheet.earlier"].trigger()
    assert window.sheet.start == pytest.approx(2.3)


def test_badges_come_from_the_measuring_worker(make_window, qtbot: QtBot, tmp_path: Path) -> None:
    from ecgview.synthesis import Settings, generate
    from ecgview.synthesis.artefacts import LeadOff

    window: MainWindow = make_window()
    faulty = generate(Settings(artefacts=(LeadOff("V4"),)), 5).record
    window.sheet.show_record(faulty)
    with qtbot.waitSignal(window.measurer.doubted, timeout=20_000):
        window.measurer.ask(faulty)
    assert window.sheet.concerns["V4"][0].word == "lead off"
    window.measurer.doubted.emit("another record", {"I": ()})
    assert "V4" in window.sheet.concerns
