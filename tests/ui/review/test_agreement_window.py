"""Agreement in the window: plot, table, CSV and a page; and what is said where there is none yet."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from at_work import PATIENCE, sit_down
from pdf_pages import pdf_pages
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.review.events import Decision
from ecgview.review.rounds import Answer, Round
from ecgview.review.sampling import Candidate
from ecgview.review.store import Store
from ecgview.ui.review.agreement_dialog import AgreementDialog
from ecgview.ui.window import MainWindow

SAID: dict[str, str] = {"Anna": "ppppaaaap?", "Bert": "pppaaaaapp"}
"""Present, absent, or uncertain of ten records: three of four and five of five agree, and one is left out."""


@pytest.fixture
def shown(qtbot: QtBot, make_window, store_path: Path) -> Callable[..., tuple[MainWindow, AgreementDialog]]:
    """Read a round, all of it or only what the first reader has, and open the agreement."""

    def show(finished: bool = True) -> tuple[MainWindow, AgreementDialog]:
        candidates = [Candidate(f"{n:064d}", f"record {n}", "LAFB", n < 5, n % 2 == 0, 0.5) for n in range(10)]
        words: dict[str, Decision] = {"p": "present", "a": "absent", "?": "uncertain"}
        with Store(store_path) as store:
            known = Round.create(store, "Left fascicle", candidates, list(SAID), owner="Owner", seed=1)
            for reader, said in list(SAID.items())[: 2 if finished else 1]:
                for item in known.assignments(reader):
                    known.lock(reader, item.identifier, {"LAFB": Answer(words[said[int(item.record_hash)]])})
        window: MainWindow = make_window()
        sit_down(qtbot, window, store_path, "Owner")
        window.commands["agreement.show"].trigger()
        qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), AgreementDialog), timeout=PATIENCE)
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AgreementDialog)
        qtbot.waitUntil(lambda: not dialog.message.bar.isVisible(), timeout=PATIENCE)
        return window, dialog

    return show


def test_kappas_stand_with_intervals_and_tables(shown) -> None:
    _, dialog = shown()
    row = [dialog.pairs.index(0, column).data() for column in range(dialog.pairs.columnCount())]
    header = [
        dialog.pairs.headerData(column, Qt.Orientation.Horizontal) for column in range(dialog.pairs.columnCount())
    ]
    found = dict(zip(header, row, strict=True))
    # 9 records: 4 both present, 1 only the first, 0 only the second, 4 neither; kappa = (8/9 - 41/81) / (1 - 41/81).
    assert (found["Class"], found["Compared"]) == ("Left anterior fascicular block", "Anna and Bert")
    assert [found[name] for name in ("both", "1st only", "2nd only", "neither")] == ["4", "1", "0", "4"]
    assert (found["Records"], found["Unsure"], found["Kappa"]) == ("9", "1", "0.780")
    assert float(found["from"]) < 0.78 <= float(found["to"])
    compared = {dialog.pairs.index(row, 1).data() for row in range(dialog.pairs.rowCount())}
    assert {"Anna and label", "Anna and model", "Bert and label", "Bert and model"} <= compared
    assert "Anna and Bert: kappa 0.78 (" in dialog.plot.accessibleDescription()
    picture = dialog.plot.grab().toImage()
    assert picture.height() > 100


def test_table_and_page_are_saved_and_hold_the_same(shown, tmp_path: Path) -> None:
    _, dialog = shown()
    table, page = tmp_path / "agreement.csv", tmp_path / "agreement.pdf"
    dialog.save_table(table)
    dialog.save_page(page)
    with table.open(newline="") as stream:
        first = next(csv.DictReader(stream))
    assert (first["first"], first["second"], first["kappa"]) == ("Anna", "Bert", "0.7805")
    (only,) = pdf_pages(page)
    said = only.text
    for words in ("Agreement: Left fascicle", "Anna and Bert", "0.78", "Research use only"):
        assert words in said


def test_readers_can_stay_unnamed(qtbot: QtBot, shown) -> None:
    _, dialog = shown()
    dialog.named.setChecked(False)
    qtbot.waitUntil(lambda: dialog.pairs.index(0, 1).data() == "reader 1 and reader 2", timeout=PATIENCE)
    assert "Anna" not in dialog.plot.accessibleDescription()


def test_a_round_that_is_not_finished_tells_no_figure(shown) -> None:
    _, dialog = shown(finished=False)
    assert dialog.message.title.text() == "No figures yet"
    assert "every reading is locked" in dialog.message.detail.text()
    assert not dialog.csv.isEnabled()
    assert dialog.pairs.rowCount() == 0
