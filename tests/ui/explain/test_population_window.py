"""What classes rest on over a folder, as users of the window see it: asked for, stopped, gone on with, shown, saved."""

from __future__ import annotations

import csv
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from stand_in import stand_in_command
from test_accessibility import clipped, nameless, settled

from ecgview import RESEARCH_USE
from ecgview.explain import service
from ecgview.explain.attribution import WAVES
from ecgview.explain.population import Cells, PopulationTable
from ecgview.model.vocabulary import statements
from ecgview.record import STANDARD_LEADS
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.application import set_start_aside
from ecgview.ui.explain.heat_colours import HeatColours
from ecgview.ui.explain.population_dialog import PopulationDialog
from ecgview.ui.text import set_text_size
from ecgview.ui.theme import contrast, load_theme, palette
from ecgview.ui.window import MainWindow

PATIENCE = 30_000
GOOD, FILES = 11, 13
Open = Callable[..., PopulationDialog]


@pytest.fixture(autouse=True)
def usual_text_size() -> Iterator[None]:
    yield
    set_text_size(100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eleven records, of which one is labelled, one too short to judge, and one file that is no ECG."""
    place = tmp_path_factory.mktemp("ward")
    for seed in range(GOOD):
        made = generate(Settings(hz=100), seed).record
        write_wfdb(made, place, f"r{seed:02d}", ("Dx: 59118001",) if seed == 0 else ())
    write_wfdb(generate(Settings(seconds=3, hz=100), 1).record, place, "s-short")
    (place / "t-rubbish.dcm").write_bytes(b"DICM rubbish")
    return place


@pytest.fixture
def kept(settings, tmp_path: Path) -> Path:
    """Where what is found is kept."""
    place = tmp_path / "kept"
    settings.setValue("population/kept", str(place))
    return place


@pytest.fixture
def opened(qtbot: QtBot, make_window, folder: Path, kept: Path) -> Open:
    """Open the folder and the table, by its command."""

    def begin(
        *command: str, among: str = "all", window: MainWindow | None = None, judged: bool = False
    ) -> PopulationDialog:
        if window is None:
            window = make_window(list(command) or None)
            if not judged:  # the record on the sheet takes its time and is of no matter here
                window.judge.ask = window.measurer.ask = lambda *_: None
            window.open_paths([folder])
            qtbot.waitUntil(lambda: window.records.model.total == FILES, timeout=PATIENCE)
            if judged:
                qtbot.waitUntil(lambda: window.findings.model.rowCount() > 0, timeout=PATIENCE)
        window.commands["population.show"].trigger()
        dialog = window.control.population._dialog
        assert isinstance(dialog, PopulationDialog)
        dialog.among.setCurrentIndex(dialog.among.findData(among))
        return dialog

    return begin


@pytest.fixture
def alone(make_window) -> Iterator[PopulationDialog]:
    """The table over records that are only said to be there."""
    dialog = PopulationDialog(make_window())
    dialog.offer(40, "40 records in ward")
    dialog.show()
    yield dialog
    dialog.close()
    dialog.end()


def window_of(dialog: PopulationDialog) -> MainWindow:
    window = dialog.parent()
    assert isinstance(window, MainWindow)
    return window


def made(qtbot: QtBot, dialog: PopulationDialog) -> PopulationDialog:
    """Press the button and wait for what comes of it."""
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.busy
    qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
    return dialog


def cell(dialog: PopulationDialog, code: str, column: str) -> QModelIndex:
    model = dialog.table.heat
    names = [model.headerData(place, Qt.Orientation.Horizontal) for place in range(model.columnCount())]
    codes = [model.class_of(row)[1] for row in range(model.rowCount())]
    return model.index(codes.index(code), names.index(column))


def told(index: QModelIndex) -> str:
    return str(index.data(Qt.ItemDataRole.ToolTipRole))


def a_table(classes: tuple[str, ...], records: int, among: str = "all") -> PopulationTable:
    """A table as large as it gets."""
    generator = np.random.default_rng(1)

    def cells(columns: tuple[str, ...]) -> Cells:
        shape = len(classes), len(columns)
        mean = generator.dirichlet(np.ones(len(columns)), len(classes))
        members = np.stack([mean * factor for factor in (0.9, 1.0, 1.1)])
        return Cells(columns, np.full(shape, records), mean, np.full(shape, 0.03), members)

    count = len(classes)
    numbers = np.full(count, records)
    parts, agreement = np.ones((count, 3)), np.full(count, 0.5)
    return PopulationTable(
        "0" * 64, "8 generated normal ECGs", among, (3,), classes, numbers, cells(STANDARD_LEADS), cells(WAVES), parts,
        agreement, 0,
    )  # fmt: skip


def test_the_heat_map_says_what_each_class_rests_on(qtbot: QtBot, opened: Open) -> None:
    dialog = opened()
    assert dialog.scope.text().startswith("13 records in ward")
    made(qtbot, dialog)
    model = dialog.table.heat
    assert model.rowCount() == 5
    assert model.columnCount() == 12
    assert model.class_of(2) == ("Complete right bundle branch block", "CRBBB", GOOD)
    v1 = cell(dialog, "CRBBB", "V1")
    assert v1.data() == "48"  # the stand-in gives V1 1 of 2.1
    for words in (
        "Complete right bundle branch block (CRBBB), V1: 47.6 % of 11 records", "members differ by", "single members:",
    ):  # fmt: skip
        assert words in told(v1)
    assert "fewer than" not in told(v1)
    note = dialog.note.text()
    for words in ("5 classes, over 13 records in ward", "1 cannot be read, 1 refused by the model", "All records",
                  "8 generated normal ECGs", "model "):  # fmt: skip
        assert words in note
    picture = dialog.table.grab().toImage()
    dialog.tabs.setCurrentIndex(1)
    assert dialog.table.heat.columnCount() == 5
    assert cell(dialog, "CRBBB", "QRS complex").data() == "20"  # each wave as long as any other
    assert dialog.table.grab().toImage() != picture
    about = str(model.headerData(2, Qt.Orientation.Vertical, Qt.ItemDataRole.ToolTipRole))
    assert "Complete right bundle branch block (CRBBB), 11 records" in about
    assert "Logits from: signal" in about


def test_keys_alone_start_it_and_read_the_table(qtbot: QtBot, alone: PopulationDialog) -> None:
    dialog = alone
    qtbot.waitUntil(dialog.isActiveWindow)
    with qtbot.waitSignal(dialog.wanted) as asked:
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert asked.args == ["found", 0]
    dialog.show_table(a_table(("AFIB", "CRBBB"), 40), "40 records", {})
    dialog.table.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Right)
    assert dialog.reading.text() == told(dialog.table.currentIndex())
    assert "40 records, members differ" in dialog.reading.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_cells_on_few_records_are_grey_and_say_so(alone: PopulationDialog) -> None:
    pictures = []
    for records in (40, 9):
        alone.show_table(a_table(("AFIB", "CRBBB"), records), f"{records} records", {})
        largest = int(np.argmax(alone.table.heat.cells.mean[0]))
        index = alone.table.heat.index(0, largest)
        spot = alone.table.visualRect(index).topLeft() + alone.table.viewport().pos()
        pictures.append(alone.table.grab().toImage().pixelColor(spot.x() + 8, spot.y() + 8))
        said = told(index).endswith("fewer than 10 records, not to be compared")
        assert said == (records == 9)
    accent, ground = (alone.palette().color(role) for role in (QPalette.ColorRole.Accent, QPalette.ColorRole.Base))
    assert pictures == [accent, ground]
    assert "2 of them on fewer than 10 records" in alone.note.text()


def test_a_table_goes_when_something_else_is_asked(alone: PopulationDialog) -> None:
    alone.show_table(a_table(("AFIB",), 40), "40 records", {})
    assert alone.save_button.isEnabled()
    alone.among.setCurrentIndex(1)
    assert alone.message.title.text() == "Nothing is explained yet"
    assert not alone.save_button.isEnabled()


def test_what_the_search_leaves_is_explained_or_a_few_of_it(
    qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgview.ui.explain.population_dialog._MANY", (4, 20))
    dialog = opened()
    window = window_of(dialog)
    asked: list[list[str]] = []
    window.judge.gather = lambda listed, *_: asked.append([Path(path).stem for path in json.loads(listed)])
    assert [dialog.most.itemText(place) for place in range(dialog.most.count())] == ["All of them", "4, evenly spread"]
    dialog.most.setCurrentIndex(1)
    dialog.start.click()
    qtbot.waitUntil(lambda: asked == [["r01", "r04", "r08", "s-short"]])
    dialog.start.click()  # stopped
    assert dialog.message.title.text() == "Stopped"
    window.records.field.setText("r1")
    assert dialog.scope.text().startswith("1 record that fits the search “r1” in ward")
    dialog.start.click()
    qtbot.waitUntil(lambda: asked[1:] == [["r10"]])
    dialog.start.click()
    window.records.field.setText("nowhere")
    assert dialog.message.title.text() == "No records are listed"
    assert not dialog.start.isEnabled()
    window.records.field.setText("")
    assert dialog.start.isEnabled()
    assert dialog.message.title.text() == "Nothing is explained yet"
    dialog.close()
    window.records.field.setText("nowhere")
    assert not window.commands["population.show"].isEnabled()


def test_what_is_labelled_counts_and_nothing_to_show_is_said(qtbot: QtBot, opened: Open) -> None:
    dialog = made(qtbot, opened(among="labelled"))
    assert [dialog.table.heat.class_of(row)[1:] for row in range(2)] == [("CRBBB", 1), ("CD", 1)]
    assert "Records labelled with the class" in dialog.note.text()
    window_of(dialog).records.field.setText("r05")
    made(qtbot, dialog)
    assert dialog.message.title.text() == "No class has a record"
    assert not dialog.save_button.isEnabled()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """Holds records back by name."""
    place = tmp_path / "gate"
    place.mkdir()
    return place


def held(
    qtbot: QtBot, opened: Open, model_folder: Path, gate: Path, kept: Path, judged: bool = False
) -> tuple[PopulationDialog, Path]:
    """Begin, and be held at the fifth record; return where what was found is kept, too."""
    (gate / "hold r04").touch()
    dialog = opened(*stand_in_command(model_folder, "", gate), judged=judged)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    def four_done() -> bool:
        journals = list(kept.glob("*"))
        return bool(journals) and journals[0].read_text().count("\n") == 4 and "of 13 records" in progress(dialog)

    qtbot.waitUntil(four_done, timeout=PATIENCE)
    return dialog, next(kept.iterdir())


def progress(dialog: PopulationDialog) -> str:
    return dialog.message.detail.text()


def test_stopped_work_goes_on_where_it_was(
    qtbot: QtBot, opened: Open, model_folder: Path, gate: Path, kept: Path
) -> None:
    dialog, journal = held(qtbot, opened, model_folder, gate, kept, judged=True)
    window = window_of(dialog)
    assert dialog.message.title.text() == "Explaining records"
    assert "left" in progress(dialog)
    assert dialog.message.bar.maximum() == FILES
    assert dialog.start.text() == "Stop"
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.message.title.text().startswith("Stopped after")
    assert not window.judge.waits("population")
    # The process hears of it: it answers another question, and nothing more is found for the table.
    window.commands["explain.on"].trigger()
    qtbot.waitUntil(lambda: window.control.explain.found is not None, timeout=PATIENCE)
    (gate / "hold r04").unlink()
    (gate / window.control.explain.code).touch()
    qtbot.waitUntil(lambda: window.control.explain.found.last, timeout=PATIENCE)
    assert journal.read_text().count("\n") == 4
    assert dialog.start.text() == "Go on"
    made(qtbot, dialog)
    assert dialog.table.heat.class_of(0)[2] == GOOD
    assert journal.read_text().count("\n") == FILES  # each file once
    assert "ward" not in journal.read_text()  # nor any other path


def test_the_window_can_be_used_meanwhile_and_nothing_is_lost(
    qtbot: QtBot, opened: Open, model_folder: Path, gate: Path, kept: Path
) -> None:
    dialog, journal = held(qtbot, opened, model_folder, gate, kept, judged=True)
    window = window_of(dialog)
    with qtbot.waitSignal(window.settled, timeout=PATIENCE):
        window.commands["records.next_record"].trigger()
    assert window.findings.model.rowCount() > 0
    assert dialog.busy
    (gate / "hold r04").unlink()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
    assert dialog.table.heat.class_of(0)[2] == GOOD
    assert journal.read_text().count("\n") == FILES


def test_another_folder_or_model_takes_the_table_away(
    qtbot: QtBot, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened()
    window = window_of(dialog)
    monkeypatch.setattr(window.judge, "gather", lambda *_: None)
    table = a_table(("AFIB",), 40)
    window.judge._model = table.model_hash
    dialog.start.click()
    window.judge.gathered.emit(replace(table, model_hash="f" * 64), {})
    assert dialog.message.title.text() == "There is no table"
    window.judge.gathered.emit(table, {})
    assert dialog.stack.currentIndex() == 1
    window.judge._model = "f" * 64
    window.judge.loaded.emit({})
    assert dialog.message.title.text() == "Nothing is explained yet"
    write_wfdb(generate(Settings(hz=100), 99).record, tmp_path, "other")
    window.open_paths([tmp_path / "other.hea"])
    qtbot.waitUntil(lambda: window.records.model.total == 1, timeout=PATIENCE)
    assert window.control.population._dialog is None
    window.judge.gathered.emit(table, {})  # an answer that comes late
    assert not [top for top in QApplication.topLevelWidgets() if isinstance(top, PopulationDialog) and top.isVisible()]
    window.commands["population.show"].trigger()
    assert window.control.population._dialog.scope.text().startswith("1 record in other.hea")


def test_closing_it_stops_the_work_and_so_does_closing_the_window(
    qtbot: QtBot, opened: Open, model_folder: Path, gate: Path, kept: Path
) -> None:
    dialog, _ = held(qtbot, opened, model_folder, gate, kept)
    window = window_of(dialog)
    dialog.close()
    assert not window.judge.waits("population")
    dialog = opened(window=window)
    dialog.start.click()
    window.close()
    assert window.judge._process.state() == window.judge._process.ProcessState.NotRunning


def test_a_process_that_dies_is_said_and_begun_anew(
    qtbot: QtBot, opened: Open, model_folder: Path, gate: Path, kept: Path
) -> None:
    dialog, journal = held(qtbot, opened, model_folder, gate, kept)
    window_of(dialog).judge._process.kill()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
    assert dialog.message.title.text() == "There is no table"
    assert "ended unexpectedly. What was found before is kept." in dialog.message.detail.text()
    (gate / "hold r04").unlink()
    made(qtbot, dialog)
    assert dialog.stack.currentIndex() == 1
    assert journal.read_text().count("\n") == FILES


def test_a_place_that_cannot_be_written_is_said(qtbot: QtBot, opened: Open, kept: Path) -> None:
    kept.write_text("a file where a folder belongs")
    dialog = made(qtbot, opened())
    assert dialog.message.title.text() == "There is no table"
    assert str(kept) in dialog.message.detail.text()


def test_it_is_saved_as_table_arrays_and_picture(qtbot: QtBot, alone: PopulationDialog, tmp_path: Path) -> None:
    dialog = alone
    assert not dialog.save_button.isEnabled()
    table = a_table(("AFIB", "CRBBB"), 40)
    dialog.show_table(table, "40 records", {})
    for ending in ("csv", "npz", "svg"):
        dialog.save(tmp_path / f"shares.{ending}")
        qtbot.waitUntil(lambda ending=ending: dialog.said.text() == f"shares.{ending} saved in {tmp_path}")
    with (tmp_path / "shares.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[-1] == RESEARCH_USE
    (v1,) = [row for row in rows if (row["class"], row["of"], row["name"]) == ("CRBBB", "lead", "V1")]
    assert float(v1["mean"]) == pytest.approx(table.leads.mean[1, STANDARD_LEADS.index("V1")], abs=1e-6)
    assert PopulationTable.load(tmp_path / "shares.npz").records.tolist() == [40, 40]
    drawn = ElementTree.parse(tmp_path / "shares.svg").getroot()
    assert "Complete right bundle branch block" in " ".join(drawn.itertext())
    dialog.save(tmp_path / "missing" / "shares.csv")
    qtbot.waitUntil(lambda: dialog.said.text().startswith("Not saved: "))
    dialog.save(tmp_path / "shares.txt")
    qtbot.waitUntil(lambda: "ends in none of" in dialog.said.text())


@pytest.mark.parametrize("percent", ["100", "150", "200"])
def test_all_of_it_has_names_and_room(qtbot: QtBot, alone: PopulationDialog, percent: str) -> None:
    dialog, window = alone, window_of(alone)
    window.commands[f"appearance.text_size:{percent}"].trigger()
    settled()
    assert nameless(dialog) == []
    assert clipped(dialog) == []
    dialog.show_progress(3, 13, 100.0, {"unreadable": 1})
    settled()
    assert clipped(dialog) == []
    dialog.show_table(a_table(tuple(statements()), 40), "40 records in ward", {"refused": 2})
    settled()
    assert nameless(dialog) == []
    assert clipped(dialog) == []
    assert dialog.width() <= 1280
    assert dialog.table.columnWidth(0) >= dialog.table.fontMetrics().horizontalAdvance("100")


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_figures_can_be_read_on_every_colour(qapp: QApplication, name: str) -> None:
    colours = palette(load_theme(name))
    cells = [HeatColours(colours).at(step / 20) for step in range(21)]
    assert min(contrast(ground.name(), ink.name()) for ground, ink in cells) >= 4.5
    steps = [ground.lightness() for ground, _ in cells]
    assert abs(steps[-1] - steps[0]) > 60


@pytest.mark.alone
def test_a_table_of_all_classes_is_shown_without_a_stretch_of_50_ms(alone: PopulationDialog) -> None:
    dialog = alone
    table = a_table(tuple(statements()), 40).to_bytes()
    set_start_aside()
    times = [time.thread_time()]
    for step in (
        lambda: dialog.show_table(PopulationTable.from_bytes(table), "40 records", {}),
        lambda: dialog.table.viewport().repaint(),  # when the events until then are done
    ):
        step()
        times.append(time.thread_time())
    gc.unfreeze()
    assert max(np.diff(times)) < 0.05


def test_the_window_needs_no_torch_for_it() -> None:
    program = (
        "import sys, ecgview.ui.window, ecgview.ui.explain.population_dialog as d; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_networks_themselves_answer(qtbot: QtBot, opened: Open, model_folder: Path) -> None:
    dialog = opened(*service.command(model_folder))
    window_of(dialog).records.field.setText("r00")
    made(qtbot, dialog)
    assert dialog.stack.currentIndex() == 1
    shares = [float(cell(dialog, "AFIB", lead).data()) for lead in STANDARD_LEADS]
    assert sum(shares) == pytest.approx(100, abs=6)  # each is rounded
