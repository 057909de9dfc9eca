"""Spectrum and spectrogram of a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from ecgview.ui.sheet.sheet import UNFILTERED

if TYPE_CHECKING:
    from ecgview.ui.spectrum.dialog import SpectrumDialog
    from ecgview.ui.window import MainWindow

_USUAL_LEADS = ("II", "V1", "I")


class Spectra:
    """The command that opens the spectrum."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._dialog: SpectrumDialog | None = None

    def show(self) -> None:
        """Show spectrum and spectrogram of a lead of the record shown."""
        from ecgview.ui.spectrum.dialog import SpectrumDialog

        sheet = self._window.sheet
        record, page = sheet.record, sheet.page
        if record is None or page is None or not record.leads:
            return
        wished = page.format.strips if page.format.layout == "single" else _USUAL_LEADS
        lead = next((name for name in wished if name in record.leads), record.leads[0])
        # Filters alter what is drawn, not the record.
        dialog = SpectrumDialog(record, lead, (page.start, page.end), UNFILTERED, sheet.theme, self._window)
        dialog.resize(self._window.size() * 0.85)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._ended)
        self._dialog = dialog
        dialog.open()

    def close(self) -> None:
        """End what still works."""
        if self._dialog is not None:
            self._dialog.end()

    def _ended(self) -> None:
        self._dialog = None
