"""Leads in doubt: a badge beside the name, its reason on hover and for screen readers."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.lead_quality import Concern
from ecgview.ui.sheet import Format, Sheet
from ecgview.ui.theme import load_theme

NOISE = Concern("noise", "noise between the beats of 0.05 mV (root mean square)")
WANDER = Concern("wander", "the baseline wanders by 1.3 mV")


def made(name: str = "made.hea") -> Record:
    return Record(Path(name), "made", np.zeros((12, 5000), np.float32), 500.0, STANDARD_LEADS)


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    it = Sheet()
    qtbot.addWidget(it)
    it.resize(1200, 800)
    it.show()
    it.show_record(made())
    return it


def around_name(sheet: Sheet, lead: str, wide_mm: float = 45.0) -> NDArray[np.int16]:
    place = next(s for s in sheet.page.segments if s.lead == lead)
    left, top = sheet.viewportTransform().map(place.x, place.y - 20.0)
    right, bottom = sheet.viewportTransform().map(place.x + wide_mm, place.y - 5.0)
    image = sheet.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1]
    return raw[round(top) : round(bottom), round(left) : round(right)].astype(np.int16)


def amber(image: NDArray[np.int16]) -> int:
    """Pixels in the colour of what needs care."""
    colour = QColor(load_theme("light").warning)
    near = np.abs(image - [colour.red(), colour.green(), colour.blue()]).max(axis=-1)
    return int((near < 60).sum())


def hover(sheet: Sheet, point: QPointF, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a tooltip says there; Qt itself lets the last one stand for a while."""
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda *given: told.append(given[1]))
    at = point.toPoint()
    QApplication.sendEvent(sheet.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, sheet.viewport().mapToGlobal(at)))
    (words,) = told
    return words


def test_a_lead_in_doubt_carries_a_triangle_and_a_word(sheet: Sheet) -> None:
    clean = around_name(sheet, "V2")
    assert amber(clean) == 0
    sheet.set_concerns({"V2": (NOISE,), "V3": ()})
    marked = around_name(sheet, "V2")
    assert amber(marked) > 10
    assert (marked.max(axis=-1) < 140).sum() > (clean.max(axis=-1) < 140).sum() + 40  # the word
    assert amber(around_name(sheet, "V1")) == amber(around_name(sheet, "V3")) == 0


def test_the_reason_is_told_on_hover_and_to_screen_readers(sheet: Sheet, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet.set_concerns({"V2": (NOISE, WANDER)})
    sheet.viewport().grab()
    place = next(s for s in sheet.page.segments if s.lead == "V2")
    name = next(box for box, segment in sheet._names._seen if segment == place)
    told = hover(sheet, name.center(), monkeypatch)
    assert told == f"Noise: {NOISE.reason}\nWander: {WANDER.reason}"
    assert hover(sheet, QPointF(name.center().x(), name.bottom() + 40.0), monkeypatch) == ""
    other = next(box for box, segment in sheet._names._seen if segment.lead == "V1")
    assert hover(sheet, other.center(), monkeypatch) == ""
    assert f"V2: noise, {NOISE.reason}. V2: wander, {WANDER.reason}" in sheet.accessibleDescription()


def test_where_there_is_no_room_the_triangle_stands_alone(sheet: Sheet) -> None:
    sheet.resize(640, 560)
    sheet.set_format(Format.parse("3x4 12.5mm/s"))
    long = Concern("does not fit", "it is not what leads I and II say it must be")
    sheet.set_concerns(dict.fromkeys(STANDARD_LEADS, (long, NOISE)))
    sheet.viewport().grab()
    boxes = [box for box, _ in sheet._names._seen]
    assert not any(one.intersects(other) for n, one in enumerate(boxes) for other in boxes[:n])
    assert amber(around_name(sheet, "V2", 20.0)) > 10


def test_badges_go_with_the_next_record(sheet: Sheet) -> None:
    sheet.set_concerns({"I": (NOISE,)})
    sheet.show_record(made())  # the same one, say filtered
    assert sheet.concerns
    sheet.show_record(made("next.hea"))
    assert not sheet.concerns
    assert "noise" not in sheet.accessibleDescription()
    assert amber(around_name(sheet, "I")) == 0
