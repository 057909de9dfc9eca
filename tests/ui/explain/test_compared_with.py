"""What explanations compare with, as users of the window choose it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from test_why_in_the_window import PATIENCE, explained, finished, opened, said_below

from ecgview.explain import service
from ecgview.record import read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.explain.overlay import Overlay
from ecgview.ui.window import MainWindow

SINUS, RBBB = "426783006", "59118001"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that is not normal, and two labelled normal."""
    place = tmp_path_factory.mktemp("ward")
    write_wfdb(generate(Settings(hz=100), 1).record, place, "a-block", (f"Dx: {RBBB}",))
    write_wfdb(generate(Settings(hz=100), 2).record, place, "b-usual", (f"Dx: {SINUS}",))
    write_wfdb(generate(Settings(hz=100), 3).record, place, "c-usual", (f"Dx: {SINUS}",))
    return place


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("unlabelled")
    write_wfdb(generate(Settings(hz=100), 1).record, place, "a-first")
    return place


def compare_with(qtbot: QtBot, window: MainWindow, kind: str) -> None:
    """Choose in the tab Why as a user does: the list opened, a line of it pressed by keys."""
    box = window.why.compared
    there = box.findData(kind)
    box.setFocus()
    while box.currentIndex() != there:
        qtbot.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < there else Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: not window.judge.waits("explain"), timeout=PATIENCE)


def test_it_is_chosen_beside_the_class_and_said_on_the_sheet(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    assert "compared with 8 generated normal ECGs" in said_below(window)
    compare_with(qtbot, window, "folder")
    assert "compared with 2 records labelled normal |" in said_below(window)
    assert "Compared with 2 records labelled normal: " in window.why.sums.text()
    assert "b-usual" in window.why.sums.text()
    assert "c-usual" in window.why.sums.text()
    assert window.commands["compared.choose:folder"].isChecked()
    window.commands["compared.choose:isoelectric"].trigger()
    assert window.sheet.explained is None or not isinstance(window.sheet.explained, Overlay)
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    assert "compared with the isoelectric line" in said_below(window)
    assert window.why.compared.currentData() == "isoelectric"


def test_a_folder_without_normal_records_is_said_and_another_choice_helps(
    qtbot: QtBot, make_window, unlabelled: Path
) -> None:
    window = opened(qtbot, make_window(), unlabelled)
    explained(qtbot, window, "CRBBB")
    compare_with(qtbot, window, "folder")
    qtbot.waitUntil(lambda: "labelled normal among 1 file." in window.why.waiting.text(), timeout=PATIENCE)
    assert window.control.explain.found is None
    compare_with(qtbot, window, "normal")
    assert "compared with 8 generated normal ECGs" in said_below(window)


def test_both_classes_side_by_side_compare_with_the_same(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    window.control.beside.with_class("SR")
    pane = window.control.beside._pane
    assert pane is not None

    def compared() -> set[str]:
        shown = [window.sheet.explained, pane.sheet.explained]
        last = [one.explanation for one in shown if isinstance(one, Overlay) and one.explanation.last]
        return {found.attribution.background for found in last} if len(last) == 2 else set()

    qtbot.waitUntil(lambda: len(compared()) == 1, timeout=PATIENCE)
    before = compared()
    window.commands["compared.choose:folder"].trigger()
    qtbot.waitUntil(lambda: len(compared()) == 1, timeout=PATIENCE)
    assert compared() != before
    assert "labelled normal" in compared().pop()


def test_what_is_replaced_goes_when_it_is_compared_with_something_else(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        window.control.what_if.without_lead("V1")
    window.commands["compared.choose:isoelectric"].trigger()
    assert window.control.what_if.parts == ()
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        window.control.what_if.without_lead("V1")


def test_a_record_that_waits_in_a_reading_round_is_not_named(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    window.control.review.desk.waiting = {read(folder / "b-usual.hea").content_hash}
    explained(qtbot, window, "CRBBB")
    compare_with(qtbot, window, "folder")
    assert "compared with 1 record labelled normal |" in said_below(window)
    assert "c-usual" in window.why.sums.text()
    assert "b-usual" not in window.why.sums.text()


def test_the_choice_is_kept(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    window.commands["compared.choose:folder"].trigger()
    window.close()
    again = make_window()
    assert again.why.compared.currentData() == "folder"
    assert again.commands["compared.choose:folder"].isChecked()


def test_the_networks_themselves_compare_with_the_folder(
    qtbot: QtBot, make_window, folder: Path, model_folder: Path
) -> None:
    window = opened(qtbot, make_window(service.command(model_folder)), folder)
    explained(qtbot, window, "CRBBB")
    against = window.control.explain.found
    compare_with(qtbot, window, "folder")
    found = window.control.explain.found
    assert against is not None
    assert found is not None
    assert found.attribution.background.startswith("2 records labelled normal")
    assert found.attribution.logit == pytest.approx(against.attribution.logit, abs=1e-4)
    assert found.attribution.expected != pytest.approx(against.attribution.expected, abs=1e-3)
    assert abs(found.attribution.sum - (found.attribution.logit - found.attribution.expected)) < 0.1
