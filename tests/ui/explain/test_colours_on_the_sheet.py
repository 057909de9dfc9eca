"""Colours on the sheet: their sign, where there are none, and that they are the same each time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from ecgview.explain.attribution import WAVES, Attribution, Settings
from ecgview.explain.messages import Explanation
from ecgview.record import STANDARD_LEADS, Record
from ecgview.ui.explain.colours import colour
from ecgview.ui.explain.overlay import Overlay
from ecgview.ui.explain.scale import STEPS, Look, Scale
from ecgview.ui.sheet import Sheet
from ecgview.ui.sheet.format import Format
from ecgview.ui.theme import contrast, load_theme

HZ = 100.0


def explanation(record: Record, values: np.ndarray, last: bool = True) -> Explanation:
    attribution = Attribution(
        record_hash=record.content_hash,
        model_hash="model",
        code="CRBBB",
        method="expected gradients",
        background="8 generated normal ECGs",
        values=values.astype(np.float32),
        hz=HZ,
        starts=(0.0,),
        patient=MappingProxyType({"age": 0.0, "sex": 0.0}),
        measured=MappingProxyType({}),
        measurable=MappingProxyType({}),
        probability=0.9,
        logit=2.0,
        expected=-2.0,
        waves=np.zeros(values.shape[1], np.int64),
        member_shares=np.full((3, 12, len(WAVES)), 1 / 60),
        settings=Settings(),
        nodes=15,
        seconds=0.1,
    )
    return Explanation(attribution, dict.fromkeys(WAVES, 0.2), 0.9, 0.3, None, last)


@pytest.fixture
def flat() -> Record:
    """Twelve leads that never move, so that every pixel beside their traces is paper or colour."""
    return Record(Path("flat.hea"), "made", signal=np.zeros((12, 5000), np.float32), hz=500.0, leads=STANDARD_LEADS)


def halves(lead: str, samples: int = 1000) -> np.ndarray:
    """Above zero in the first half of each second of a lead, below in the second; nothing elsewhere."""
    values = np.zeros((12, samples))
    values[STANDARD_LEADS.index(lead)] = np.where(np.arange(samples) % 100 < 50, 0.02, -0.02)
    return values


def shown(qapp: QApplication, record: Record, values: np.ndarray, look: Look, **how: object) -> Sheet:
    sheet = Sheet(theme=load_theme("light"))
    sheet.resize(1280, 800)
    if "format" in how:
        sheet.set_format(how["format"])  # type: ignore[arg-type]
    sheet.show()
    sheet.show_record(record)
    sheet.show_explained(Overlay(explanation(record, values), "Complete right bundle branch block", look))
    qapp.processEvents()
    return sheet


def sign_at(sheet: Sheet, lead: str, seconds: float, image: QImage | None = None) -> int:
    """Return 1 for orange, -1 for purple, 0 for paper or grid, beside the trace of a lead at a time."""
    segment = next(one for one in sheet.page.segments if one.lead == lead and one.start <= seconds < one.end)
    at = sheet.viewportTransform().map(QPointF(segment.x_at(seconds), segment.y)).toPoint()
    image = sheet.grab().toImage() if image is None else image
    ink = QColor(image.pixel(at.x(), at.y() + 2))
    theme = sheet.theme
    blank = [theme.paper, theme.grid_fine, theme.grid_coarse]
    signs = {colour(step, theme): (step > 0) - (step < 0) for step in range(-STEPS, STEPS + 1)}
    signs |= dict.fromkeys(blank, 0)

    def away(other: str) -> int:
        named = QColor(other)
        return abs(ink.red() - named.red()) + abs(ink.green() - named.green()) + abs(ink.blue() - named.blue())

    return signs[min(signs, key=away)]


@pytest.mark.parametrize("style", ["trace", "band"])
def test_the_colour_has_the_sign_of_the_attribution(qapp: QApplication, flat: Record, style: str) -> None:
    sheet = shown(qapp, flat, halves("V1"), Look(style=style))
    segment = next(one for one in sheet.page.segments if one.lead == "V1")
    image = sheet.grab().toImage()
    whole = np.ceil(segment.start)
    for seconds in (whole + 0.25, whole + 1.25):
        assert sign_at(sheet, "V1", seconds, image) == 1
        assert sign_at(sheet, "V1", seconds + 0.5, image) == -1
        assert sign_at(sheet, "V2", seconds, image) == 0
    sheet.close()


@pytest.mark.parametrize("layout", ["3x4+1 cabrera", "6x2", "12x1", "single:aVR cabrera"])
def test_colours_stay_with_their_lead_in_every_layout(qapp: QApplication, flat: Record, layout: str) -> None:
    sheet = shown(qapp, flat, halves("aVR"), Look(), format=Format.parse(layout))
    image = sheet.grab().toImage()
    segment = next(one for one in sheet.page.segments if one.lead == "aVR")
    whole = np.ceil(segment.start)
    assert sign_at(sheet, "aVR", whole + 0.25, image) == 1
    assert sign_at(sheet, "aVR", whole + 0.75, image) == -1
    sheet.close()


def test_colours_stay_with_their_time_when_zoomed_and_moved(qapp: QApplication, flat: Record) -> None:
    longer = replace(flat, signal=np.zeros((12, 15000), np.float32))
    sheet = shown(qapp, longer, halves("I", 3000), Look())
    sheet.start = 7.3
    sheet.zoom_by(3.0, QPointF(250.0, 150.0))
    qapp.processEvents()
    assert sign_at(sheet, "I", 8.25) == 1
    assert sign_at(sheet, "I", 8.75) == -1
    sheet.close()


@pytest.mark.parametrize("style", ["trace", "band"])
def test_padding_gaps_and_computed_leads_have_no_colour_of_their_own(
    qapp: QApplication, flat: Record, style: str
) -> None:
    signal = flat.signal.copy()
    signal[STANDARD_LEADS.index("V4"), 4000:4500] = np.nan  # from 8 s to 9 s
    record = replace(flat, signal=signal, derived=frozenset({"III", "aVR", "aVL", "aVF"}))
    everywhere = np.full((12, 950), 0.02)  # the last half second was not attributed
    sheet = shown(qapp, record, everywhere, Look(style=style), format=Format.parse("12x1"))
    image = sheet.grab().toImage()
    for lead in ("III", "aVR", "aVL", "aVF"):
        assert [sign_at(sheet, lead, seconds, image) for seconds in (0.5, 4.5, 9.2)] == [0, 0, 0]
    assert [sign_at(sheet, "V4", seconds, image) for seconds in (7.5, 8.5, 9.2, 9.8)] == [1, 0, 1, 0]
    sheet.close()


def test_what_is_below_the_threshold_has_no_colour(qapp: QApplication, flat: Record) -> None:
    values = np.zeros((12, 1000))
    values[0, 100:120], values[0, 150:170] = 0.02, 0.001
    for threshold, sign in ((2, 1), (10, 0)):
        sheet = shown(qapp, flat, values, Look(threshold=threshold))
        assert sign_at(sheet, "I", 1.1) == 1
        assert sign_at(sheet, "I", 1.6) == sign
        sheet.close()


def test_the_same_explanation_gives_the_same_picture(qapp: QApplication, record: Record) -> None:
    values = np.random.default_rng(3).normal(0, 0.01, (12, 1000))
    pictures = []
    for _ in range(3):
        sheet = shown(qapp, record, values, Look())
        pictures.append(sheet.grab().toImage())
        sheet.close()
    # Not the first: where letters are first drawn in a process, their outlines differ by a shade.
    assert pictures[1] == pictures[2]


def test_what_is_for_another_record_is_not_painted(qapp: QApplication, flat: Record, record: Record) -> None:
    sheet = shown(qapp, record, np.zeros((12, 1000)), Look())
    sheet.show_explained(None)
    plain = sheet.grab().toImage()
    sheet.show_explained(Overlay(explanation(flat, halves("V1")), "Another", Look()))
    assert sheet.explained is None
    assert sheet.grab().toImage() == plain
    sheet.close()


def test_smoothing_keeps_the_sum_and_the_threshold_is_of_the_largest() -> None:
    values = np.zeros((12, 1000), np.float32)
    values[6, 500], values[6, 700] = 1.0, -0.06
    scale = Scale(values, HZ, Look(smoothing=50, threshold=5))
    assert scale.values.sum() == pytest.approx(values.sum(), abs=1e-5)
    assert scale.limit == pytest.approx(0.2)  # a fifth of it in each of five samples
    assert set(np.unique(scale.steps[6, 498:503])) == {STEPS}
    assert (scale.steps[6, 698:703] < 0).all()
    assert not Scale(values, HZ, Look(smoothing=50, threshold=10)).steps[6, 698:703].any()


@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_the_colours_can_be_told_from_paper_trace_and_each_other(name: str) -> None:
    theme = load_theme(name)
    for full in (theme.attribution_for, theme.attribution_against):
        assert contrast(full, theme.trace) >= 3.0
        assert contrast(full, theme.paper) >= 2.5
    # Orange and purple differ in blue, which the common forms of colour blindness leave.
    blue = [QColor(ink).blueF() for ink in (theme.attribution_for, theme.attribution_against)]
    assert blue[1] - blue[0] > 0.5
    for sign in (1, -1):
        assert contrast(colour(sign, theme), theme.paper) > 1.15
