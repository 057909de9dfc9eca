"""The spectrum in its window: what is stated, drawn, read off and saved."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from test_accessibility import clipped, nameless, settled
from test_beats_control import wait

from ecgview import RESEARCH_USE
from ecgview.record import STANDARD_LEADS, Record
from ecgview.synthesis import Mains, Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.spectrum.axes import Axis
from ecgview.ui.spectrum.dialog import SpectrumDialog
from ecgview.ui.spectrum.painting import Shown, colour_axis, ramp, spectrogram_image
from ecgview.ui.spectrum.saving import KINDS
from ecgview.ui.text import set_text_size
from ecgview.ui.theme import load_theme, luminance

PATIENCE = 30_000
Make = Callable[..., SpectrumDialog]


@pytest.fixture(autouse=True)
def usual_text_size() -> Iterator[None]:
    yield
    set_text_size(100)


@pytest.fixture(scope="module")
def humming() -> Record:
    return generate(Settings(artefacts=(Mains(0.10),), seconds=20.0), 21).record


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Make]:
    made: list[SpectrumDialog] = []

    def dialog(record: Record, lead: str = "II", seen: tuple[float, float] = (0.0, 10.0)) -> SpectrumDialog:
        it = SpectrumDialog(record, lead, seen, "unfiltered as recorded", load_theme("light"))
        qtbot.addWidget(it)
        it.resize(1000, 680)
        it.show()
        made.append(it)
        return it

    yield dialog
    for it in made:
        it.close()


def done(qtbot: QtBot, dialog: SpectrumDialog) -> SpectrumDialog:
    qtbot.waitUntil(lambda: dialog.spectrum is not None, timeout=PATIENCE)
    return dialog


def test_lead_rate_window_resolution_and_mains_are_stated(qtbot: QtBot, make: Make, humming: Record) -> None:
    words = done(qtbot, make(humming)).done_words.text()
    for stated in (
        "Lead II, 500 Hz, unfiltered as recorded, 0.0 to 20.0 s",
        "19 Hann windows of 2 s",
        "bins 0.5 Hz apart, resolution 0.75 Hz",
        "Mains 50 Hz",
        "a window every 0.25 s",
    ):
        assert stated in words


def test_choices_change_what_is_worked_out(qtbot: QtBot, make: Make, humming: Record) -> None:
    dialog = done(qtbot, make(humming))
    dialog.leads.setCurrentText("V3")
    assert dialog.spectrum is None  # nothing stale while it is worked out
    assert not dialog.save_button.isEnabled()
    done(qtbot, dialog)
    assert dialog.spectrum.lead == "V3"
    dialog.windows.setCurrentIndex(dialog.windows.findData(4.0))
    assert done(qtbot, dialog).spectrum.step_hz == pytest.approx(0.25)
    dialog.stretch.setCurrentIndex(1)
    assert (done(qtbot, dialog).spectrum.start, dialog.spectrum.end) == (0.0, 10.0)


def test_a_logarithmic_axis_is_drawn_anew(qtbot: QtBot, make: Make, humming: Record) -> None:
    dialog = done(qtbot, make(humming))
    before = dialog.plot.grab().toImage(), dialog.over_time.grab().toImage()
    spectrum = dialog.spectrum
    dialog.axis.setCurrentIndex(1)
    assert dialog.spectrum is spectrum  # not worked out again
    assert dialog.plot.grab().toImage() != before[0]
    assert dialog.over_time.grab().toImage() != before[1]


def test_keys_read_the_spectrum_off(qtbot: QtBot, make: Make, humming: Record) -> None:
    dialog = done(qtbot, make(humming))
    dialog.plot.setFocus()
    dialog.plot._go_to(99)
    qtbot.keyClick(dialog.plot, Qt.Key.Key_Right)
    level = f"{dialog.spectrum.decibels[100]:.1f}".replace("-", "−")
    assert dialog.reading.text() == f"50 Hz: {level} dB re 1 mV²/Hz"
    qtbot.mouseClick(dialog.plot, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert dialog.reading.text().startswith("0 Hz")


def test_the_spectrogram_has_its_levels_in_the_colours_of_its_scale(humming: Record) -> None:
    from ecgview.signal.spectrum import spectrum

    found = spectrum(humming.lead("II"), 500.0, 2.0, "II")
    shown, theme = Shown(highest=100.0), load_theme("light")
    up = shown.axis(found)
    levels = colour_axis(found, up)
    image = spectrogram_image(found, up, levels, theme)
    assert image.width() == len(found.times)
    colours = ramp(theme)
    for hz in (10.0, 50.0, 80.0):
        y = round((1.0 - hz / 100.0) * image.height() - 0.5)
        row = round(float(up.value((image.height() - 1 - y + 0.5) / image.height())) / found.step_hz)
        expected = round(float(levels.share(float(found.over_time[row, 7]))) * 254)
        assert image.pixel(7, y) == colours[expected]


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_the_colours_go_one_way_from_paper_to_ink(name: str) -> None:
    steps = [luminance(QColor.fromRgb(colour).name()) for colour in ramp(load_theme(name))[:255]]
    rising = np.diff(steps)
    assert (rising >= -1e-3).all() or (rising <= 1e-3).all()
    assert abs(steps[-1] - steps[0]) > 0.7


def test_gaps_are_told_from_low_levels() -> None:
    from ecgview.signal.spectrum import spectrum

    samples = np.random.default_rng(1).normal(0, 0.1, 5000).astype(np.float32)
    samples[2000:2500] = np.nan
    found = spectrum(samples, 500.0, 1.0)
    theme = load_theme("light")
    up = Shown().axis(found)
    image = spectrogram_image(found, up, colour_axis(found, up), theme)
    gap = int(np.flatnonzero(np.isnan(found.over_time[3]))[0])
    assert image.pixel(gap, 100) == QColor(theme.border).rgb()
    assert image.pixel(0, 100) != QColor(theme.border).rgb()


def test_what_cannot_be_worked_out_says_why(qtbot: QtBot, make: Make) -> None:
    silent = Record(Path("made.hea"), "made", np.full((12, 5000), np.nan, np.float32), 500.0, STANDARD_LEADS)
    dialog = make(silent)
    qtbot.waitUntil(lambda: dialog.message.title.text() == "No spectrum of this", timeout=PATIENCE)
    assert "not valid" in dialog.message.detail.text()
    assert not dialog.save_button.isEnabled()


def test_numbers_are_saved_with_what_they_rest_on(qtbot: QtBot, make: Make, humming: Record, tmp_path: Path) -> None:
    dialog = done(qtbot, make(humming))
    for kind in ("spectrum", "spectrogram"):
        path = tmp_path / f"{kind}.csv"
        dialog.save_as(path, KINDS[kind])
        qtbot.waitUntil(lambda path=path: dialog.reading.text() == f"{path.name} saved in {tmp_path}", timeout=PATIENCE)
        lines = path.read_text(encoding="utf-8").splitlines()
        assert "Lead II, 500 Hz" in lines[0]
        assert RESEARCH_USE in lines[1]
        rows = list(csv.reader(lines[2:]))
        if kind == "spectrum":
            assert rows[0] == ["frequency_hz", "density_mv2_per_hz", "level_db_re_1_mv2_per_hz"]
            assert [float(row[1]) for row in rows[1:]] == pytest.approx(dialog.spectrum.density, rel=1e-5)
        else:
            assert len(rows) == 1 + len(dialog.spectrum.times)
            assert float(rows[3][51]) == pytest.approx(dialog.spectrum.over_time[50, 2], abs=0.01)


def test_a_picture_is_saved_without_the_patients_identity(
    qtbot: QtBot, make: Make, humming: Record, tmp_path: Path
) -> None:
    dialog = done(qtbot, make(humming))
    dialog.save_as(tmp_path / "picture.png", KINDS["picture"])
    assert not dialog.save_button.isEnabled()  # one at a time: a second would take the first one's place
    qtbot.waitUntil(lambda: "saved in" in dialog.reading.text(), timeout=PATIENCE)
    image = QImage(str(tmp_path / "picture.png"))
    assert image.size() == QSize(2400, 1800)
    assert len({image.pixel(x, 1200) for x in range(0, 2400, 7)}) > 20
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.png"]


def test_a_folder_that_is_not_there_is_said(qtbot: QtBot, make: Make, humming: Record, tmp_path: Path) -> None:
    dialog = done(qtbot, make(humming))
    dialog.save_as(tmp_path / "missing" / "picture.png", KINDS["picture"])
    qtbot.waitUntil(lambda: bool(dialog.findChildren(QMessageBox)), timeout=PATIENCE)
    box = dialog.findChildren(QMessageBox)[0]
    assert str(tmp_path / "missing" / "picture.png") in box.informativeText()
    box.close()


@pytest.mark.parametrize(
    ("axis", "most", "ticks"),
    [
        (Axis(0.0, 150.0), 8, [0, 20, 40, 60, 80, 100, 120, 140]),
        (Axis(-80.0, -20.0), 4, [-80, -60, -40, -20]),
        (Axis(0.5, 150.0, True), 9, [0.5, 1, 2, 5, 10, 20, 50, 100]),
    ],
)
def test_round_values_are_named(axis: Axis, most: int, ticks: list[float]) -> None:
    assert axis.ticks(most) == pytest.approx(ticks)


def test_a_place_on_an_axis_and_back() -> None:
    for axis in (Axis(0.0, 150.0), Axis(0.5, 150.0, True)):
        values = np.array([0.5, 3.0, 47.0, 150.0])
        assert axis.value(axis.share(values)) == pytest.approx(values)


@pytest.mark.parametrize("percent", ["100", "150"])
def test_the_command_opens_it_with_names_and_room(
    qtbot: QtBot, make_window, humming: Record, tmp_path: Path, percent: str
) -> None:
    write_wfdb(humming, tmp_path, "hum")
    window = make_window()
    assert not window.commands["spectra.show"].isEnabled()
    window.open_paths([tmp_path])
    wait(qtbot, window, "hum")
    window.commands[f"appearance.text_size:{percent}"].trigger()
    qtbot.keyClick(window.records.list, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, SpectrumDialog)
    done(qtbot, dialog)
    settled()
    assert nameless(dialog) == []
    assert clipped(dialog) == []
    assert dialog.width() <= window.width()
    assert dialog.height() <= window.height()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert QApplication.activeModalWidget() is None
