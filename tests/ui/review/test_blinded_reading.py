"""Blinded reading in the real window: nothing tells before the lock, all does after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from at_work import PATIENCE, press, shown, sit_down
from everything_said import classes_named, everything
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ecgview.record import read
from ecgview.review.events import Event
from ecgview.review.rounds import Round
from ecgview.review.sampling import Candidate
from ecgview.review.store import Store
from ecgview.ui.review.queue_panel import QueuePanel
from ecgview.ui.review.rounds_dialog import RoundsDialog
from ecgview.ui.window import MainWindow

MakeRound = Callable[..., str]


@pytest.fixture
def make_round(store_path: Path, ecgs: Path) -> MakeRound:
    """Lay down a round on the six records."""

    def make(
        codes: tuple[str, ...] = ("CLBBB",),
        readers: tuple[str, ...] = ("Anna", "Bertrand"),
        repeated: float = 0.0,
        adjudicator: str = "",
        turned: bool = False,
        seed: int = 1,
    ) -> str:
        candidates = []
        for number in range(6):
            digest = read(ecgs / f"ecg-{number}.hea").content_hash
            for code in codes:
                stated = (number % 2 == 0) != turned
                candidates.append(
                    Candidate(digest, f"ecg-{number}", code, stated, not stated, 0.77 if stated else 0.31)
                )
        first = {item.record_hash: item for item in candidates}
        with Store(store_path) as store:
            made = Round.create(
                store,
                "Bundle branch study",
                list(first.values()),
                readers,
                owner="Owner",
                seed=seed,
                readings=len(readers),
                repeated=repeated,
                adjudicator=adjudicator,
                known=candidates,
            )
            return made.identifier

    return make


@pytest.fixture
def begun(qtbot: QtBot, make_window, ecgs: Path, store_path: Path) -> Callable[..., MainWindow]:
    """Open the records, judged and with their labels shown; then sit down and open the readings of a round."""

    def begin(identifier: str, reader: str = "Anna", judged: bool = True) -> MainWindow:
        window: MainWindow = make_window()
        if judged:
            with qtbot.waitSignal(window.settled, timeout=PATIENCE):
                window.open_paths([ecgs])
        else:
            window.open_paths([ecgs])
        qtbot.waitUntil(lambda: window.records.model.rowCount() == 6 and window.sheet.record is not None)
        qtbot.waitUntil(lambda: window.control.beats.found is not None, timeout=PATIENCE)
        sit_down(qtbot, window, store_path, reader)
        qtbot.waitUntil(window.isActiveWindow)
        open_round(qtbot, window, identifier)
        return window

    return begin


def open_round(qtbot: QtBot, window: MainWindow, identifier: str) -> None:
    window.control.rounds.open(identifier, "Bundle branch study")
    qtbot.waitUntil(lambda: ready(window), timeout=PATIENCE)


def ready(window: MainWindow) -> bool:
    """Whether the record of the task is on the sheet and its question is shown."""
    task, record = window.control.rounds.task, window.sheet.record
    return (
        task is not None and record is not None and record.content_hash == task.record_hash and bool(window.labels.rows)
    )


def lock(qtbot: QtBot, window: MainWindow, key: str = "+") -> None:
    """Answer and lock."""
    task = window.control.rounds.task
    assert task is not None
    press(qtbot, window, key, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: task.stage != "open", timeout=PATIENCE)


def reads(store_path: Path, kind: str = "read") -> list[Event]:
    with Store(store_path, create=False) as store:
        return list(store.events(kind=kind))


def test_nothing_tells_before_the_lock_and_all_does_after(
    qtbot: QtBot, begun, make_round: MakeRound, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog
) -> None:
    identifier = make_round()
    with Store(tmp_path / "labels.sqlite") as store:
        other = Round(store, identifier)
        from ecgview.review.rounds import Answer

        for item in other.assignments("Bertrand"):
            other.lock("Bertrand", item.identifier, {"CLBBB": Answer("uncertain", note="Bertrand's own words")})
    window = begun(identifier)
    QGuiApplication.clipboard().setText("")
    names = {f"ecg-{number}" for number in range(6)}
    for place in range(window.tabs.count()):  # each tab is looked at, as a reader may
        window.tabs.setCurrentIndex(place)
        QApplication.processEvents()
        assert classes_named(everything(window), but=("CLBBB",)) == set()
        texts = list(everything(window))
        assert not [text for text in texts if "Bertrand" in text]
        assert not [text for text in everything(window, visible=True) if any(name in text for name in names)]
    assert window.title.text() == "Read 1 of 6"
    for panel in (window.findings, window.measurements):
        assert panel.model.rowCount() == 0
        assert panel.message.title.text() == "Hidden until you have locked this reading"
    assert window.findings.message.title.text() == "Hidden until you have locked this reading"
    assert classes_named(iter([*capfd.readouterr(), caplog.text])) == set()

    with qtbot.waitSignal(window.settled, timeout=PATIENCE):
        lock(qtbot, window)
    assert window.control.rounds.task.stage == "revealed"
    assert {"AFIB", "CRBBB"} <= classes_named(everything(window))  # the model's findings are there again
    window.tabs.setCurrentWidget(window.labels)
    QApplication.processEvents()
    told = window.labels.card.sources.text()
    assert "Label: " in told
    assert "Model: " in told
    assert "Bertrand: uncertain" in told


def test_label_and_model_change_nothing_of_what_is_shown_before_the_lock(
    qtbot: QtBot, begun, make_round: MakeRound
) -> None:
    said, read_first = [], []
    for turned in (False, True):
        window = begun(make_round(turned=turned), judged=False)
        window.tabs.setCurrentWidget(window.labels)
        qtbot.waitUntil(lambda w=window: w.control.beats.found is not None, timeout=PATIENCE)
        qtbot.waitUntil(lambda w=window: w.records.model.unknown(0, 5) == [], timeout=PATIENCE)
        window.state.setText("")
        said.append(set(everything(window)))
        read_first.append(window.sheet.record.content_hash)
        window.close()
    assert read_first[0] == read_first[1]
    assert said[0] ^ said[1] == set()


def test_commands_that_would_tell_are_off_with_the_reason(qtbot: QtBot, begun, make_round: MakeRound) -> None:
    window = begun(make_round())
    off = {entry.title for entry in window.commands.entries() if entry.why_not == "Hidden until this reading is locked"}
    assert {"Open folder", "Search the list", "Compare with", "Patient identity on pictures", "Worklist"} <= off
    assert {"Colour the sheet", "Give a class", "Save picture", "Copy picture", "Print", "Print preview"} <= off
    assert "What classes rest on in this folder" in off
    lock(qtbot, window)
    qtbot.waitUntil(lambda: window.control.rounds.task.stage == "revealed", timeout=PATIENCE)
    assert window.commands["compare.choose"].isEnabled()


def test_a_table_over_the_folder_is_closed_before_a_reading_opens_and_leaves_out_what_waits(
    qtbot: QtBot, begun, make_round: MakeRound
) -> None:
    identifier = make_round(readers=("Anna",))
    window = begun(identifier, judged=False)
    window.commands["rounds.leave"].trigger()
    window.commands["population.show"].trigger()
    dialog = window.control.population._dialog
    dialog.among.setCurrentIndex(dialog.among.findData("all"))
    dialog.start.click()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=PATIENCE)
    # All six wait in the round, and the model was asked about none of them.
    assert dialog.message.title.text() == "No class has a record"
    assert "6 kept back for your reading rounds" in dialog.message.detail.text()
    dialog.start.click()
    open_round(qtbot, window, identifier)
    assert window.control.population._dialog is None
    assert not window.judge.waits("population")
    assert classes_named(everything(window), but=("CLBBB",)) == set()


def test_the_answer_is_locked_by_keys_alone_and_both_looks_are_kept(
    qtbot: QtBot, begun, make_round: MakeRound, store_path: Path
) -> None:
    window = begun(make_round())
    press(qtbot, window, Qt.Key.Key_Return)
    assert window.state.text() == "Each class wants an answer: present, absent or uncertain"
    assert reads(store_path) == []
    press(qtbot, window, "B")  # the key of the class
    assert window.control.rounds.task.draft["CLBBB"].decision == "present"
    press(qtbot, window, "-", "2")
    first = window.control.rounds.task
    press(qtbot, window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: first.stage == "revealed", timeout=PATIENCE)
    qtbot.waitUntil(lambda: ready(window))
    press(qtbot, window, "+", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.control.rounds.task is not first, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ready(window), timeout=PATIENCE)
    (read_event,), (second,) = reads(store_path), reads(store_path, "second_look")
    assert (read_event.decision, read_event.confidence, read_event.reader) == ("absent", 0.75, "Anna")
    assert read_event.visible["blinded"] is True
    assert read_event.visible["model"] is False
    assert second.decision == "present"
    assert window.title.text() == "Read 2 of 6"
    assert window.control.rounds.blinded
    assert classes_named(everything(window), but=("CLBBB",)) == set()
    panel = window.records.guest
    assert isinstance(panel, QueuePanel)
    assert panel.count.text() == "1 of 6 locked"


def test_orders_differ_between_readers_and_one_seed_gives_one_round(
    qtbot: QtBot, begun, make_round: MakeRound, store_path: Path
) -> None:
    orders = {}
    first, second = make_round(seed=3), make_round(seed=3)
    for name, reader, identifier in (
        ("Anna", "Anna", first),
        ("Bertrand", "Bertrand", first),
        ("again", "Anna", second),
    ):
        window = begun(identifier, reader, judged=False)
        orders[name] = [task.record_hash for task in window.control.rounds._tasks]
        window.close()
    assert sorted(orders["Anna"]) == sorted(orders["Bertrand"])
    assert orders["Anna"] != orders["Bertrand"]
    assert orders["Anna"] == orders["again"]


def test_where_records_come_twice_nothing_is_told_before_the_last(
    qtbot: QtBot, begun, make_round: MakeRound, store_path: Path
) -> None:
    window = begun(make_round(readers=("Anna",), repeated=0.5), judged=False)
    tasks = window.control.rounds._tasks
    assert len(tasks) == 9
    for number, task in enumerate(tasks):
        qtbot.waitUntil(lambda task=task: window.control.rounds.task is task and ready(window), timeout=PATIENCE)
        assert window.control.rounds.blinded
        assert task.told == {}
        lock(qtbot, window, "-" if number % 2 else "+")
    qtbot.waitUntil(lambda: tasks[-1].stage == "revealed", timeout=PATIENCE)
    assert len(reads(store_path)) == 9
    panel = window.records.guest
    panel.go_to(0)
    qtbot.waitUntil(lambda: tasks[0].stage == "revealed", timeout=PATIENCE)


def test_a_record_that_waits_in_a_round_is_hidden_outside_of_it_too(qtbot: QtBot, begun, make_round: MakeRound) -> None:
    window = begun(make_round(), judged=False)
    window.commands["rounds.leave"].trigger()
    assert window.records.guest is None
    qtbot.waitUntil(lambda: window.title.text().startswith("ecg-"), timeout=PATIENCE)
    assert window.control.rounds.task is None
    window.tabs.setCurrentWidget(window.labels)
    QApplication.processEvents()
    assert window.labels.message.title.text() == "This record waits in one of your reading rounds"
    assert classes_named(everything(window), but=("CLBBB",)) == set()
    window.commands["review.relabel"].trigger()
    press(qtbot, window, "F")
    assert window.state.text() == "This record cannot be labelled here"


def test_leaving_shows_ordinary_records_again(qtbot: QtBot, begun, make_round: MakeRound) -> None:
    window = begun(make_round(readers=("Anna",)), judged=False)
    for _ in range(6):
        qtbot.waitUntil(lambda: ready(window) and window.control.rounds.blinded, timeout=PATIENCE)
        task = window.control.rounds.task
        lock(qtbot, window)
        qtbot.waitUntil(lambda task=task: task.stage == "revealed" and ready(window), timeout=PATIENCE)
        press(qtbot, window, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda task=task: task.stage == "finished", timeout=PATIENCE)
    assert window.state.text() == "All are locked"
    with qtbot.waitSignal(window.settled, timeout=PATIENCE):
        window.commands["rounds.leave"].trigger()
    assert shown(window) == window.title.text()
    assert window.findings.model.rowCount() > 0
    assert not window.legend.isVisible()


def test_the_adjudicator_sees_both_answers_and_no_name(
    qtbot: QtBot, make_window, ecgs: Path, make_round: MakeRound, store_path: Path
) -> None:
    from ecgview.review.rounds import Answer

    identifier = make_round(adjudicator="Carla")
    with Store(store_path) as store:
        known = Round(store, identifier)
        for reader, decision in (("Anna", "present"), ("Bertrand", "absent")):
            for item in known.assignments(reader)[:6]:
                known.lock(reader, item.identifier, {"CLBBB": Answer(decision, note=f"as {reader} has it")})
    window: MainWindow = make_window()
    window.open_paths([ecgs])
    qtbot.waitUntil(lambda: window.records.model.rowCount() == 6 and window.sheet.record is not None, timeout=PATIENCE)
    sit_down(qtbot, window, store_path, "Carla")
    qtbot.waitUntil(window.isActiveWindow)
    window.commands["rounds.choose"].trigger()
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), RoundsDialog), timeout=PATIENCE)
    dialog = QApplication.activeModalWidget()
    assert [button.text() for button in dialog.buttons] == ["Decide 6 disagreements"]
    dialog.buttons[0].click()
    qtbot.waitUntil(lambda: ready(window), timeout=PATIENCE)
    assert window.title.text() == "Disagreement 1 of 6"
    told = window.labels.card.sources.text()
    assert "Reading A: " in told
    assert "Reading B: " in told
    assert not [text for text in everything(window) if "Anna" in text or "Bertrand" in text]
    assert classes_named(everything(window), but=("CLBBB",)) == set()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.sheet.setFocus()
    press(qtbot, window, "U", Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.title.text() == "Disagreement 2 of 6", timeout=PATIENCE)
    (event,) = reads(store_path, "adjudication")
    assert (event.reader, event.decision) == ("Carla", "uncertain")
