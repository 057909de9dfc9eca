"""What if parts of the record are replaced, and two classes side by side, in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot
from stand_in import told_probability
from test_why_in_the_window import PATIENCE, explained, finished, folder, opened, said_below  # noqa: F401

from ecgview.explain.messages import Part
from ecgview.ui.explain.overlay import Overlay
from ecgview.ui.window import MainWindow
from ecgview.ui.words import percent


def drag(
    qtbot: QtBot,
    window: MainWindow,
    lead: str,
    times: tuple[float, float],
    how: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    page = window.sheet.page
    assert page is not None
    segment = next(one for one in page.segments if one.lead == lead and one.start <= times[0] < one.end)
    view, port = window.sheet.viewportTransform(), window.sheet.viewport()
    spots = [view.map(QPointF(segment.x_at(one), segment.y)).toPoint() for one in times]
    qtbot.mousePress(port, Qt.MouseButton.LeftButton, how, spots[0])
    qtbot.mouseMove(port, spots[1])
    qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, how, spots[1])


def test_stretches_are_replaced_by_drags_and_the_probability_moves(qtbot: QtBot, make_window, folder: Path) -> None:  # noqa: F811
    window = opened(qtbot, make_window(), folder)
    assert not window.commands["what_if.choose"].isEnabled()
    explained(qtbot, window, "CRBBB")
    qtbot.mouseClick(window.why.replace, Qt.MouseButton.LeftButton)
    assert window.commands["what_if.choose"].isChecked()
    record, page = window.sheet.record, window.sheet.page
    assert record is not None
    assert page is not None
    begins = next(one for one in page.segments if one.lead == "V1").start
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        drag(qtbot, window, "V1", (begins + 0.5, begins + 1.5))
    (part,) = window.control.what_if.parts
    assert part.leads == ("V1",)
    assert (part.start, part.end) == pytest.approx((begins + 0.5, begins + 1.5), abs=0.02)
    whole = told_probability(record.content_hash)
    assert percent(whole) in window.why.moved.text()
    assert percent(whole * (1 - 1 / 120)) in window.why.moved.text()
    became = f"dashed: replaced in a what-if, {percent(whole)} becomes {percent(whole * (1 - 1 / 120))}"
    assert became in said_below(window)
    assert "V1" in window.why.parts.text()

    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        drag(qtbot, window, "V1", (begins + 0.5, begins + 1.5), Qt.KeyboardModifier.ShiftModifier)
    assert len(window.control.what_if.parts[1].leads) == 12
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        drag(qtbot, window, "I", (0.5, 0.5))  # a click: all of it
    assert window.control.what_if.parts[2] == Part(("I",), 0.0, record.duration)

    qtbot.keyClick(window.sheet, Qt.Key.Key_Escape)
    assert not window.commands["what_if.choose"].isChecked()
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        window.commands["what_if.undo"].trigger()
    assert len(window.control.what_if.parts) == 2
    window.commands["what_if.clear"].trigger()
    assert window.control.what_if.parts == ()
    assert window.why.moved.isHidden()
    assert "dashed" not in said_below(window)
    assert not window.commands["what_if.undo"].isEnabled()


def test_leads_and_what_a_caliper_spans_are_replaced_without_a_mouse(qtbot: QtBot, make_window, folder: Path) -> None:  # noqa: F811
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    assert ("Without V1", "V1") in window.control.what_if.leads()
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        window.control.what_if.without_lead("V1")
    window.commands["calipers.add"].trigger()
    with qtbot.waitSignal(window.judge.replaced, timeout=PATIENCE):
        window.commands["what_if.without_stretch"].trigger()
    assert len(window.control.what_if.parts) == 2


def test_what_was_replaced_goes_with_the_class(qtbot: QtBot, make_window, folder: Path) -> None:  # noqa: F811
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    window.control.what_if.without_lead("V1")
    explained(qtbot, window, "NORM")
    assert window.control.what_if.parts == ()
    assert window.why.moved.isHidden()
    assert "dashed" not in said_below(window)


def test_two_classes_stand_side_by_side_on_one_scale_or_each_on_its_own(
    qtbot: QtBot,
    make_window,
    folder: Path,  # noqa: F811
) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    assert "CRBBB" not in [code for _, code in window.control.beside.classes()]
    window.control.beside.with_class("SR")
    pane = window.control.beside._pane
    assert pane is not None

    def both() -> bool:
        other = pane.sheet.explained
        return isinstance(other, Overlay) and other.explanation.last

    qtbot.waitUntil(both, timeout=PATIENCE)
    one, other = window.sheet.explained, pane.sheet.explained
    assert isinstance(one, Overlay)
    assert isinstance(other, Overlay)
    assert (one.explanation.attribution.code, other.explanation.attribution.code) == ("CRBBB", "SR")
    assert one.scale.limit == other.scale.limit == max(one.scale.largest, other.scale.largest)
    assert "on both sheets" in said_below(window)
    pane.one_scale.click()
    one, other = window.sheet.explained, pane.sheet.explained
    assert isinstance(one, Overlay)
    assert isinstance(other, Overlay)
    assert one.scale.limit > other.scale.limit
    assert "on both sheets" not in said_below(window)
    with qtbot.waitSignal(window.settled, timeout=PATIENCE):
        window.commands["records.next_record"].trigger()
    assert window.control.beside._pane is None  # it goes with the record
    assert not window.commands["beside.end"].isEnabled()


def test_a_blinded_reading_closes_the_second_class_as_well(qtbot: QtBot, make_window, folder: Path) -> None:  # noqa: F811
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    window.control.beside.with_class("SR")
    window.control.what_if.without_lead("V1")
    window.control.explain.conceal(True)
    assert window.control.beside._pane is None
    assert window.control.what_if.parts == ()
    assert not window.judge.waits("beside")
    assert not window.judge.waits("what if")


def test_closing_the_window_while_stretches_are_chosen_leaves_the_sheet_its_events(
    qtbot: QtBot,
    make_window,
    folder: Path,  # noqa: F811
) -> None:
    window = opened(qtbot, make_window(), folder)
    explained(qtbot, window, "CRBBB")
    window.commands["what_if.choose"].trigger()
    tool = window.control.what_if._tool
    assert tool.on
    window.close()
    assert not tool.on
