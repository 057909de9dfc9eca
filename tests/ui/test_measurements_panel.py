"""Measurements in the window: what is listed, what cannot be measured, and where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.measurements import Value, measure
from ecgview.synthesis import LeadOff, Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.measurements import LeadRow, MeasurementsPanel, figure, rows, signed
from ecgview.ui.sheet import Sheet, lay_out
from ecgview.ui.sheet.highlight import places


def texts(panel: MeasurementsPanel) -> list[str]:
    return [str(panel.model.index(row).data()) for row in range(panel.model.rowCount())]


def test_values_of_a_normal_record_are_listed_with_units(qtbot: QtBot) -> None:
    panel = MeasurementsPanel()
    qtbot.addWidget(panel)
    made = generate(Settings(rate=72, pr=160, qrs=92), 4)
    panel.show_measurements(measure(made.record))
    listed = texts(panel)
    assert "Heart rate: 72 /min" in listed
    assert {"Rhythm", "Intervals", "Frontal axis", "Amplitudes by lead, mV"} <= set(listed)
    for name in ("PR interval", "QRS duration", "QT interval", "QTc (Fridericia)"):
        assert any(text.startswith(f"{name}: ") and text.endswith(" ms") for text in listed)
    assert [text.split()[0] for text in listed[-12:]] == list(STANDARD_LEADS)


def test_no_pr_interval_in_atrial_fibrillation_and_the_reason_why(qtbot: QtBot) -> None:
    panel = MeasurementsPanel()
    qtbot.addWidget(panel)
    panel.show_measurements(measure(generate(Settings(rhythm="atrial fibrillation"), 2).record))
    assert "PR interval: not measurable" in texts(panel)
    place = texts(panel).index("PR interval: not measurable")
    assert "no P wave" in panel.model.index(place).data(3)  # the tooltip


def test_a_lead_that_was_not_used_is_said(qtbot: QtBot) -> None:
    panel = MeasurementsPanel()
    qtbot.addWidget(panel)
    panel.show_measurements(measure(generate(Settings(artefacts=(LeadOff("V3"),)), 2).record))
    assert "Without V3: no signal" in panel.note.text()


@pytest.mark.parametrize(
    ("number", "decimals", "written"), [(-0.004, 2, "0.00"), (-0.4, 0, "0"), (-12.6, 0, "−13"), (1.005, 1, "1.0")]
)
def test_numbers_are_written_without_a_minus_zero(number: float, decimals: int, written: str) -> None:
    assert signed(number, decimals) == written


def test_absent_waves_and_values_are_dashes() -> None:
    values = (Value("Q", 0.0, "mV"), Value("R", 1.234, "mV"), Value("T", None, "mV", reason="cut off"))
    assert LeadRow("V1", values).cells == ("–", "1.23", "–")
    assert figure(Value("PR interval", None, "ms", reason="no P wave")) == "–"


def test_nothing_is_listed_by_lead_without_beats() -> None:
    flat = Record(Path("flat.hea"), "made", np.zeros((12, 5000), np.float32), 500.0, STANDARD_LEADS)
    listed = rows(measure(flat))
    assert not [row for row in listed if isinstance(row, LeadRow)]
    assert all(row.reason for row in listed if isinstance(row, Value))


def test_a_stretch_is_marked_in_its_leads_and_else_in_all_that_show_it() -> None:
    page = lay_out(STANDARD_LEADS, 10.0)
    (one,) = places(page, ("V1",), 5.1, 5.3)
    v1 = next(segment for segment in page.segments if segment.lead == "V1")
    assert one.left() == pytest.approx(v1.x + 0.1 * 25)
    assert one.width() == pytest.approx(0.2 * 25)
    assert one.center().y() == pytest.approx(v1.y)
    # aVL is not drawn at that time; the column that is, and the strip, show the same beat.
    assert len(places(page, ("aVL",), 5.1, 5.3)) == 4
    assert len(places(page, ("II",), 5.1, 5.3)) == 1
    assert places(page, ("V1",), 11.0, 11.2) == []


def test_choosing_a_row_marks_the_beat_on_the_sheet(qtbot: QtBot, make_window, tmp_path: Path) -> None:
    write_wfdb(generate(Settings(seconds=30), 1).record, tmp_path, "long")
    window = make_window()
    with qtbot.waitSignal(window.measurer.measured, timeout=30_000):
        window.open_paths([tmp_path])
    panel = window.measurements
    window.tabs.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.model.rowCount() > 20)
    place = next(row for row, text in enumerate(texts(panel)) if text.startswith("QRS duration"))
    value = panel.model.index(place).data(0x0100)  # the row itself

    def colour() -> QColor:
        strip = marked[-1]
        spot = window.sheet.viewportTransform().map(QPointF(strip.center().x(), strip.center().y() + 12.3)).toPoint()
        return window.sheet.grab().toImage().pixelColor(spot)

    panel.list.setCurrentIndex(panel.model.index(place))
    assert window.sheet.start <= value.window[0] < value.window[1] <= window.sheet.start + 10
    marked = places(window.sheet.page, value.leads, *value.window)
    assert colour().blue() > colour().red()  # the accent's tint on warm paper
    panel.list.setCurrentIndex(panel.model.index(0))  # a heading rests on nothing
    assert colour().blue() <= colour().red()


def test_marks_go_with_the_next_record(qtbot: QtBot) -> None:
    sheet = Sheet()
    qtbot.addWidget(sheet)
    sheet.resize(900, 700)
    sheet.show_record(generate(Settings(), 1).record)
    plain = sheet.grab().toImage()
    sheet.highlight(("V1",), (5.1, 5.3))
    assert sheet.grab().toImage() != plain
    sheet.show_record(generate(Settings(), 2).record)
    sheet.show_record(generate(Settings(), 1).record)
    assert sheet.grab().toImage() == plain
