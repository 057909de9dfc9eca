"""Pictures and prints of the record shown, as the window's users make them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pdf_pages import pdf_pages
from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from ecgview import RESEARCH_USE
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.ui.output.page import Choices, Printout
from ecgview.ui.output.paper_size import A4
from ecgview.ui.output.preview import PreviewDialog
from ecgview.ui.window import MainWindow

PATIENCE = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("doebele")
    write_wfdb(generate(Settings(hz=250.0, seconds=24.0), 1).record, place, "doebele-1958", ("Age: 61", "Sex: Female"))
    return place


@pytest.fixture
def window(qtbot: QtBot, make_window, folder: Path) -> MainWindow:
    made: MainWindow = make_window()
    made.open_paths([folder])
    qtbot.waitUntil(lambda: made.sheet.record is not None, timeout=PATIENCE)
    return made


def said(qtbot: QtBot, window: MainWindow, words: str) -> None:
    """Wait until the status bar says something."""
    qtbot.waitUntil(lambda: words in window.state.text(), timeout=PATIENCE)


def test_the_picture_of_the_shown_page_is_saved(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.move_to(12.0)
    window.commands["sharing.save_picture"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    record = window.sheet.record
    assert record is not None
    offered = Path(dialog.selectedFiles()[0]).name
    assert offered == f"ECG {record.content_hash[:8]}.pdf"
    dialog.fileSelected.emit(str(tmp_path / "page.pdf"))
    dialog.close()
    said(qtbot, window, f"page.pdf saved in {tmp_path}")
    (page,) = pdf_pages(tmp_path / "page.pdf")
    assert "12.0–22.0 s of 24.0 s" in page.text
    assert re.search(r"Rate \d+/min", page.text)
    assert "doebele" not in page.text


def test_identity_is_told_only_after_it_was_switched_on(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    action = window.commands["sharing.identity"]
    assert action.isCheckable()
    assert not action.isChecked()
    action.trigger()
    window.control.sharing.save_as(tmp_path / "told.pdf")
    said(qtbot, window, "told.pdf saved")
    assert "doebele-1958" in pdf_pages(tmp_path / "told.pdf")[0].text
    action.trigger()
    window.control.sharing.save_as(tmp_path / "untold.pdf")
    said(qtbot, window, "untold.pdf saved")
    assert "doebele" not in pdf_pages(tmp_path / "untold.pdf")[0].text


def test_identity_is_not_kept_for_the_next_start(qtbot: QtBot, make_window) -> None:
    first = make_window()
    first.commands["sharing.identity"].trigger()
    first.close()
    assert not make_window().commands["sharing.identity"].isChecked()


def test_a_picture_is_copied_at_twice_the_screen_s_resolution(qtbot: QtBot, window: MainWindow) -> None:
    window.commands["sharing.copy_picture"].trigger()
    said(qtbot, window, "Picture copied, without the patient's identity")
    image = QGuiApplication.clipboard().image()
    assert image.width() * 25.4 / 192.0 in (pytest.approx(297.0, abs=0.2), pytest.approx(279.4, abs=0.2))


def test_what_cannot_be_written_is_said_with_file_and_reason(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.control.sharing.save_as(tmp_path / "gone" / "page.png")
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None, timeout=PATIENCE)
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "Saving page.png did not succeed" in box.text()
    assert f"there is no folder {tmp_path / 'gone'}" in box.informativeText()
    box.close()
    window.control.sharing.save_as(tmp_path / "page.jpg")
    qtbot.waitUntil(
        lambda: any("neither in .pdf nor" in box.informativeText() for box in window.findChildren(QMessageBox)),
        timeout=PATIENCE,
    )


def test_a_picture_being_saved_is_whole_when_the_window_closes(window: MainWindow, tmp_path: Path) -> None:
    window.control.sharing.save_as(tmp_path / "page.pdf")
    window.close()
    assert len(pdf_pages(tmp_path / "page.pdf")) == 1
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_without_a_printer_the_pdf_is_pointed_to(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: []))
    window.commands["sharing.print_record"].trigger()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "no printer" in box.text()
    assert "PDF" in box.informativeText()


def test_what_is_printed_is_the_page_shown(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    record = window.sheet.record
    assert record is not None
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "print.pdf"))
    size = QPageSize(QPageSize.PageSizeId.A4)
    printer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Landscape, QMarginsF()))
    printer.setPrintRange(QPrinter.PrintRange.CurrentPage)
    window.control.sharing.print_on(printer, Printout(record, None, Choices(start=8.0, paper=A4)))
    assert window.state.text() == "1 page sent to the printer"
    (page,) = pdf_pages(tmp_path / "print.pdf")
    text = page.text.replace("\t", " ")  # Qt calls a space so in what it prints to a file
    assert "8.0–18.0 s of 24.0 s" in text
    assert RESEARCH_USE in text


def test_the_preview_shows_one_page_and_leads_on_to_printing(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: []))
    window.commands["sharing.preview"].trigger()
    qtbot.waitUntil(lambda: window.findChild(PreviewDialog) is not None, timeout=PATIENCE)
    dialog = window.findChild(PreviewDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.preview.pageCount() == 1, timeout=PATIENCE)
    fitted = dialog.preview.zoomFactor()
    buttons = {button.text(): button for button in dialog.findChildren(QPushButton)}
    buttons["Larger"].click()
    assert dialog.preview.zoomFactor() > fitted
    buttons["Print…"].click()
    assert not dialog.isVisible()
    assert "no printer" in window.findChild(QMessageBox).text()


def test_nothing_can_be_shared_without_a_record(qtbot: QtBot, make_window) -> None:
    window = make_window()
    for name in ("save_picture", "copy_picture", "print_record", "preview"):
        assert not window.commands[f"sharing.{name}"].isEnabled()
