"""Why, as users of the window see it: choosing a finding, colours on the sheet, and nothing stale at any moment."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from stand_in import stand_in_command, told_values

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.explain.overlay import Notice, Overlay
from ecgview.ui.list_panel import ROW
from ecgview.ui.window import MainWindow

PATIENCE = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two records that can be explained, and one that is too long."""
    place = tmp_path_factory.mktemp("folder")
    write_wfdb(generate(Settings(age=44, sex="male"), 1).record, place, "a-first")
    write_wfdb(generate(Settings(age=61), 2).record, place, "b-second")
    write_wfdb(generate(Settings(seconds=45, hz=100), 3).record, place, "c-long")
    return place


def opened(qtbot: QtBot, window: MainWindow, folder: Path) -> MainWindow:
    with qtbot.waitSignal(window.settled, timeout=PATIENCE):
        window.open_paths([folder])
    return window


def click_on(qtbot: QtBot, window: MainWindow, code: str) -> None:
    place = window.findings.model.place(code)
    assert place is not None
    index = window.findings.model.index(place)
    window.findings.list.scrollTo(index)
    spot = window.findings.list.visualRect(index).center()
    qtbot.mouseClick(window.findings.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def explained(qtbot: QtBot, window: MainWindow, code: str) -> Overlay:
    """Click on a finding and wait for the last answer."""
    click_on(qtbot, window, code)
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    overlay = window.sheet.explained
    assert isinstance(overlay, Overlay)
    return overlay


def finished(window: MainWindow) -> bool:
    found = window.control.explain.found
    return found is not None and found.last


def next_record(qtbot: QtBot, window: MainWindow, settles: bool = True) -> None:
    if settles:
        with qtbot.waitSignal(window.settled, timeout=PATIENCE):
            window.commands["records.next_record"].trigger()
    else:
        window.commands["records.next_record"].trigger()


def said_below(window: MainWindow) -> str:
    footer = window.sheet._footer
    assert footer is not None
    return " | ".join(item.words for legend in footer.above for _, _, item in legend._places)


def test_a_click_on_a_finding_colours_the_sheet_and_says_what_the_colours_mean(
    qtbot: QtBot, make_window, folder: Path
) -> None:
    window = opened(qtbot, make_window(), folder)
    assert window.sheet.explained is None
    overlay = explained(qtbot, window, "CRBBB")
    record = window.sheet.record
    assert record is not None
    assert overlay.record_hash == record.content_hash
    said = said_below(window)
    for words in ("Complete right bundle branch block", "logit per 10 ms", "gap", "compared with 8 generated normal",
                  "smoothed over 50 ms", "below 5 % of the largest not coloured"):  # fmt: skip
        assert words in said
    assert "refining" not in said
    assert window.commands["explain.on"].isChecked()
    assert window.findings.list.currentIndex().row() == window.findings.model.place("CRBBB")
    assert "explanation of Complete right bundle branch block" in window.sheet.accessibleDescription()


def test_the_arrow_keys_in_the_findings_explain_as_well(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, window.findings.model.shown[0].code)
    window.findings.list.setFocus()
    for _ in range(2):  # there may be a heading between
        qtbot.keyClick(window.findings.list, Qt.Key.Key_Down)
    gone_to = window.findings.list.currentIndex().data(ROW)
    assert gone_to.code == window.control.explain.code != window.findings.model.shown[0].code
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)


def test_going_to_the_findings_by_keys_explains_nothing_yet(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    window.findings.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.control.explain.code == ""
    assert not window.commands["explain.on"].isChecked()


def test_one_key_takes_the_colours_away_and_brings_them_back(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    qtbot.keyClick(window.records.list, Qt.Key.Key_O)  # nothing was chosen: the first finding
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    assert window.control.explain.code == next(
        one.code for one in window.findings.model.shown if not one.code.startswith("SUPER.")
    )
    assert isinstance(window.sheet.explained, Overlay)
    plain_area = window.sheet.paper_bottom
    qtbot.keyClick(window.records.list, Qt.Key.Key_O)
    assert window.sheet.explained is None
    assert window.sheet.paper_bottom > plain_area  # the legend went, too
    qtbot.keyClick(window.records.list, Qt.Key.Key_O)
    assert isinstance(window.sheet.explained, Overlay)  # known already: at once


def test_a_class_stays_chosen_from_record_to_record(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "AFIB")
    next_record(qtbot, window)
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    record, overlay = window.sheet.record, window.sheet.explained
    assert record is not None
    assert isinstance(overlay, Overlay)
    assert record.name == "b-second"
    np.testing.assert_array_equal(overlay.explanation.attribution.values, told_values(record, "AFIB", fine=True))


def test_a_record_too_long_is_refused_in_words(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    for _ in range(2):
        next_record(qtbot, window)
    click_on(qtbot, window, "NORM")
    qtbot.waitUntil(lambda: "too long to explain" in said_below(window), timeout=PATIENCE)
    assert isinstance(window.sheet.explained, Notice)
    assert "too long to explain" in window.why.waiting.text()


class Refining:
    """The other end of a model that refines when told to."""

    def __init__(self, model: Path, folder: Path, *more: str) -> None:
        self._folder = folder
        self.command = stand_in_command(model, "", folder, *more)

    def running(self) -> tuple[str, str]:
        """Hash and class of what is refined now or was last."""
        said = self._folder / "refining"
        digest, _, code = (said.read_text() if said.exists() else " ").partition(" ")
        return digest, code

    def go_on(self, code: str) -> None:
        """Let the refinement of a class end."""
        (self._folder / code).touch()


def watch(window: MainWindow) -> list[str]:
    """Note whatever is shown that is not for what is shown."""
    stale: list[str] = []

    def look() -> None:
        record, overlay, code = window.sheet.record, window.sheet.explained, window.control.explain.code
        if isinstance(overlay, Overlay):
            one = overlay.explanation.attribution
            if record is None or one.record_hash != record.content_hash or one.code != code:
                stale.append(f"sheet: {one.code} on {record and record.name} while {code} is chosen")
        panel = window.why._found
        if panel is not None and (record is None or panel.attribution.record_hash != record.content_hash):
            stale.append("panel")
        if panel is not None and panel.attribution.code != window.why.classes.currentData():
            stale.append(f"panel: {panel.attribution.code} beside {window.why.classes.currentText()}")

    for signal in (window.judge.explained, window.sheet.view_changed, window.judge.judged, window.sheet.record_changed):
        signal.connect(look)
    timer = QTimer(window, interval=0)
    timer.timeout.connect(look)
    timer.start()
    window.destroyed.connect(timer.stop)
    return stale


@pytest.mark.parametrize("deaf", [True, False])
def test_nothing_stale_is_ever_shown_while_records_and_classes_change(
    qtbot: QtBot, make_window, folder: Path, model_folder: Path, tmp_path: Path, deaf: bool
) -> None:
    """Change class, then record, while a refinement runs that ends all the same and is sent."""
    refining = Refining(model_folder, tmp_path, *(["deaf"] if deaf else []))
    window = opened(qtbot, make_window(refining.command), folder)
    stale = watch(window)
    first = window.sheet.record
    assert first is not None
    click_on(qtbot, window, "CRBBB")
    qtbot.waitUntil(lambda: refining.running() == (first.content_hash, "CRBBB"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.control.explain.found is not None, timeout=PATIENCE)
    assert "refining" in said_below(window)  # the coarse answer is seen, with a quiet word
    assert window.why.progress.isVisibleTo(window.why)

    click_on(qtbot, window, "NORM")
    assert not isinstance(window.sheet.explained, Overlay)
    refining.go_on("CRBBB")
    qtbot.waitUntil(lambda: refining.running() == (first.content_hash, "NORM"), timeout=PATIENCE)
    next_record(qtbot, window, settles=False)
    qtbot.waitUntil(lambda: window.sheet.record not in (None, first), timeout=PATIENCE)
    assert not isinstance(window.sheet.explained, Overlay)
    refining.go_on("NORM")
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    second, overlay = window.sheet.record, window.sheet.explained
    assert second is not None
    assert isinstance(overlay, Overlay)
    np.testing.assert_array_equal(overlay.explanation.attribution.values, told_values(second, "NORM", fine=True))
    assert stale == []
    for timer in window.findChildren(QTimer):
        timer.stop()


@pytest.mark.alone
def test_the_window_is_never_kept_waiting_while_it_is_explained(qtbot: QtBot, make_window, folder: Path) -> None:
    """Between two beats of a timer the window's thread works less than 50 ms.

    Its own time counts, so that a test machine that is busy with other things changes nothing; how
    long it may be kept waiting by others has a loose bound.
    """
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")  # what is imported with the first
    worked: list[float] = []
    waited: list[float] = []
    last = [time.thread_time(), time.perf_counter()]

    def beat() -> None:
        now = [time.thread_time(), time.perf_counter()]
        worked.append(now[0] - last[0])
        waited.append(now[1] - last[1])
        last[:] = now

    heart = QTimer(interval=0)
    heart.timeout.connect(beat)
    heart.start()
    for code in ("NORM", "AFIB", "SR", "CRBBB"):
        explained(qtbot, window, code)
    heart.stop()
    assert len(worked) > 30
    assert max(worked) < 0.05
    assert max(waited) < 0.5


def test_answers_for_another_record_or_model_are_dropped_even_if_they_arrive(
    qtbot: QtBot, make_window, folder: Path
) -> None:
    window = opened(qtbot, make_window(), folder)
    overlay = explained(qtbot, window, "CRBBB")
    good = overlay.explanation
    for change in ({"record_hash": "0" * 64}, {"model_hash": "0" * 64}, {"code": "NORM"}):
        window.judge.explained.emit("explain", replace(good, attribution=replace(good.attribution, **change)))
        shown = window.sheet.explained
        assert isinstance(shown, Overlay)
        assert shown.explanation is good


def test_a_blinded_reading_hides_all_of_it_and_asks_nothing(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    window.control.explain.conceal(True)
    assert window.sheet.explained is None
    assert window.control.explain.found is None
    assert window.control.explain.classes() == []
    assert "right bundle" not in window.sheet.accessibleDescription()
    assert window.why.classes.count() == 0
    assert not window.commands["explain.try_out"].isEnabled()
    window.commands["explain.on"].trigger()
    window.commands["explain.on"].trigger()
    window.control.explain.choose("NORM")
    assert window.sheet.explained is None
    assert not window.judge.waits("explain")
    window.control.explain.conceal(False)
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    assert isinstance(window.sheet.explained, Overlay)


def test_the_pointer_tells_the_value_at_a_sample(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    overlay = explained(qtbot, window, "CRBBB")
    segment = next(one for one in window.sheet.page.segments if one.lead == "V1")
    seconds = segment.start + 0.75
    at = window.sheet.viewportTransform().map(QPointF(segment.x_at(seconds), segment.y))
    window.sheet.crosshair.hover(at)
    said = window.pointer.words
    value = overlay.scale.at("V1", seconds)
    assert value is not None
    assert said.startswith("V1")
    assert "mV" in said
    assert said.endswith(overlay.value_words("V1", seconds))
    assert ("−" if value < 0 else "+") in said.split("mV")[1]


def test_shares_stand_beside_the_leads_names_and_can_be_taken_away(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    overlay = explained(qtbot, window, "CRBBB")
    assert overlay.notes["V1"].strip() == "48 %"  # 1 of 2.1
    before = picture(window)
    window.commands["explain.shares"].trigger()
    assert isinstance(window.sheet.explained, Overlay)
    assert not window.sheet.explained.notes
    assert picture(window) != before


def test_the_average_beat_is_coloured_as_long_as_the_sheet_is(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    qtbot.waitUntil(lambda: window.control.beats.found is not None, timeout=PATIENCE)
    window.tabs.setCurrentWidget(window.beat)
    plain = window.beat.view.grab().toImage()
    window.control.explain.choose("CRBBB")
    qtbot.waitUntil(lambda: finished(window), timeout=PATIENCE)
    assert window.beat.view.grab().toImage() != plain
    assert "orange speaks for the class" in window.beat.why.text().casefold()
    window.commands["explain.on"].trigger()
    assert window.beat.why.isHidden()


def test_the_panel_ranks_leads_waves_and_inputs_and_adds_them_up(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    found = explained(qtbot, window, "CRBBB").explanation.attribution
    leads = [bar.value for bar in window.why.leads.rows]
    assert window.why.leads.rows[0].name == "V1"
    assert leads == sorted(leads, reverse=True)
    assert sum(leads) == pytest.approx(1)
    assert sum(bar.value for bar in window.why.waves.rows) == pytest.approx(1)
    inputs = window.why.inputs.rows
    assert len(inputs) == 1 + 10 + 1  # the signal, the largest ten, the rest
    assert inputs[1].name == "QRS duration"
    assert inputs[-1].name == "4 others together"
    assert sum(bar.value for bar in inputs) == pytest.approx(found.sum)
    assert "a gap of" in window.why.sums.text()


def test_little_agreement_is_said_on_the_sheet(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    good = explained(qtbot, window, "CRBBB").explanation
    assert "members disagree" not in said_below(window)
    window.judge.explained.emit("explain", replace(good, agreement=0.21))
    assert "members disagree, 0.21 of 1" in said_below(window)
    assert "care" in window.why.agreement.text()


def test_looks_are_chosen_by_commands_and_kept(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    pictures = [picture(window)]
    for command in ("explain.style:band", "explain.smoothing:70", "explain.threshold:40"):
        window.commands[command].trigger()
        pictures.append(picture(window))
    assert all(one != other for one, other in pairwise(pictures))
    assert "smoothed over 70 ms" in said_below(window)
    assert "below 40 %" in said_below(window)
    window.why.threshold.setValue(13)
    assert "below 13 %" in said_below(window)
    window.close()
    again = make_window()
    assert (again.control.explain.look.style, again.control.explain.look.smoothing) == ("band", 70)
    assert again.control.explain.look.threshold == 13


def test_a_trial_shows_named_cells_beside_random_ones(qtbot: QtBot, make_window, folder: Path) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    with qtbot.waitSignal(window.judge.tried, timeout=PATIENCE):
        qtbot.mouseClick(window.why.check, Qt.MouseButton.LeftButton)
    cells = [window.why.trial_table.itemAt(place).widget().text() for place in range(window.why.trial_table.count())]
    assert cells[:6] == ["Replaced", "Named", "Random", "5 % of the cells", "−1.2", "−0.10"]
    explained(qtbot, window, "NORM")
    assert window.why.trial_table.count() == 0  # it was of another class


def picture(window: MainWindow) -> QImage:
    return window.sheet.grab().toImage()
