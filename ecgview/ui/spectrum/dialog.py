"""Spectrum and spectrogram of a lead in a window of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ecgview.record import Record
from ecgview.signal.spectrum import WINDOWS_S, Spectrum, TooShortError, spectrum
from ecgview.ui.background import Cancelled, Latest
from ecgview.ui.button_box import button_box
from ecgview.ui.choices import choices_beside
from ecgview.ui.message import Message
from ecgview.ui.spectrum.painting import Shown, mains_words, words
from ecgview.ui.spectrum.plots import SpectrogramPlot, SpectrumPlot
from ecgview.ui.spectrum.saving import KINDS, save
from ecgview.ui.text import UNIT, label, small
from ecgview.ui.theme import Theme

_USUAL_WINDOW_S = 2.0
_HIGHEST = (40.0, 150.0, None)
_READ = "Click on the spectrum, or use the arrow keys on it, to read it off."


class SpectrumDialog(QDialog):
    """Choices above, what was done in words, and the two plots.

    Parameters
    ----------
    record : Record
        As it was recorded.
    lead : str
        Shown first.
    seen : tuple of float
        The stretch on the sheet, s.
    filter_words : str
        What is said about filters of the record.
    theme : Theme
    parent : QWidget, optional
    """

    def __init__(
        self,
        record: Record,
        lead: str,
        seen: tuple[float, float],
        filter_words: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._record, self._seen, self._filter, self._theme = record, seen, filter_words, theme
        self._spectrum: Spectrum | None = None
        self._worker = Latest(self._work, "spectrum", self)
        self._worker.answered.connect(self._take)
        self._worker.failed.connect(self._fail)
        self._writer = Latest(self._work, "writing the spectrum", self)
        self._writer.answered.connect(lambda _, path: self._saved(path))
        self._writer.failed.connect(self._not_saved)
        self.setWindowTitle(f"Spectrum of {record.name}")
        self._build(lead)
        self.finished.connect(lambda *_: self.end())
        self._compute()

    def _build(self, lead: str) -> None:
        self.leads, self.windows, self.stretch, self.axis, self.highest = (QComboBox() for _ in range(5))
        for name in self._record.leads:
            self.leads.addItem(name, name)
        self.leads.setCurrentText(lead)
        for seconds in WINDOWS_S:
            if seconds <= self._record.duration:
                self.windows.addItem(f"{seconds:g} s", seconds)
        if not self.windows.count():
            self.windows.addItem(f"{WINDOWS_S[0]:g} s", WINDOWS_S[0])
        self.windows.setCurrentIndex(max(0, self.windows.findData(_USUAL_WINDOW_S)))
        self.stretch.addItem("Whole record", None)
        if self._seen[1] - self._seen[0] < self._record.duration - 1e-6:
            self.stretch.addItem("What the sheet shows", self._seen)
        self.axis.addItem("Linear", False)
        self.axis.addItem("Logarithmic", True)
        for most in _HIGHEST:
            if most is None or most < self._record.hz / 2:
                self.highest.addItem(f"to {self._record.hz / 2 if most is None else most:g} Hz", most)
        self.highest.setCurrentIndex(max(0, self.highest.findData(150.0)) if self.highest.count() > 1 else 0)
        fields = {
            "Lead": self.leads,
            "Window": self.windows,
            "Stretch": self.stretch,
            "Frequency axis": self.axis,
            "Frequencies": self.highest,
        }
        choices = choices_beside(fields)
        choices.setColumnStretch(len(fields), 1)
        self.done_words: QLabel = label(font=small(), secondary=True)
        self.reading = label(_READ, small(), secondary=True)
        self.plot, self.over_time = SpectrumPlot(self._theme), SpectrogramPlot(self._theme)
        self.plot.read_off.connect(self.reading.setText)
        plots = QWidget()
        column_layout = QVBoxLayout(plots)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(UNIT)
        column_layout.addWidget(self.plot, 1)
        column_layout.addWidget(self.over_time, 1)
        self.message = Message()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.message)
        self.stack.addWidget(plots)
        buttons = button_box(QDialogButtonBox.StandardButton.Close)
        self.save_button = buttons.addButton("Save…", QDialogButtonBox.ButtonRole.ActionRole)
        self.save_button.clicked.connect(lambda *_: self._ask_file())
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        whole.setSpacing(UNIT)
        whole.addLayout(choices)
        whole.addWidget(self.done_words)
        whole.addWidget(self.stack, 1)
        whole.addWidget(self.reading)
        whole.addWidget(buttons)
        for field in (self.leads, self.windows, self.stretch):
            field.currentIndexChanged.connect(lambda _: self._compute())
        for field in (self.axis, self.highest):
            field.currentIndexChanged.connect(lambda _: self._show())

    # ---------------------------------------------------------------- work

    @property
    def shown(self) -> Shown:
        """What of the spectrum is shown."""
        return Shown(bool(self.axis.currentData()), self.highest.currentData())

    @property
    def spectrum(self) -> Spectrum | None:
        """What is shown; None while it is worked out, or where it cannot be."""
        return self._spectrum

    def _compute(self) -> None:
        lead, window = str(self.leads.currentData()), float(self.windows.currentData())
        samples = self._record.lead(lead)
        if samples is None:
            return
        start, end = self.stretch.currentData() or (0.0, self._record.duration)
        hz = self._record.hz
        part: NDArray[np.float32] = samples[round(start * hz) : round(end * hz)]
        self._spectrum = None
        self.save_button.setEnabled(False)
        self.done_words.setText("")
        self.message.say("Working out the spectrum", busy=True)
        self.stack.setCurrentIndex(0)
        self._worker.ask(lambda cancelled: spectrum(part, hz, window, lead, start, cancelled))

    @staticmethod
    def _work(request: Callable[[Cancelled], Any], cancelled: Cancelled) -> Any:
        return request(cancelled)

    def _take(self, ticket: int, found: Spectrum) -> None:
        if ticket == self._worker.ticket:
            self._spectrum = found
            self.save_button.setEnabled(True)
            said = mains_words(found)
            self.done_words.setText(f"{words(found, self._filter)} {said[:1].upper()}{said[1:]}.")
            self._show()

    def _fail(self, ticket: int, error: Exception) -> None:
        if ticket == self._worker.ticket:
            reason = str(error) if isinstance(error, TooShortError) else f"{type(error).__name__}: {error}"
            self.message.say("No spectrum of this", f"{reason[:1].upper()}{reason[1:]}.")

    def _show(self) -> None:
        if self._spectrum is not None:
            self.plot.show_spectrum(self._spectrum, self.shown)
            self.over_time.show_spectrum(self._spectrum, self.shown)
            self.reading.setText(_READ)
            self.stack.setCurrentIndex(1)

    # ---------------------------------------------------------------- saving

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, "Save spectrum")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(list(KINDS.values()))
        dialog.setDefaultSuffix("png")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix("png" if "png" in chosen else "csv"))
        dialog.fileSelected.connect(lambda chosen: self.save_as(Path(chosen), dialog.selectedNameFilter()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def save_as(self, path: Path, words_of_kind: str) -> None:
        """Write what is shown to a file, as the words of one of :data:`KINDS` say."""
        found = self._spectrum
        if found is None:
            return
        kind = next(kind for kind, said in KINDS.items() if said == words_of_kind)
        shown, theme, font, filter_words = self.shown, self._theme, small(), self._filter
        self.reading.setText(f"Saving {path.name}")
        self.save_button.setEnabled(False)

        def work(_: Cancelled) -> Path:
            save(path, kind, found, shown, theme, font, filter_words)
            return path

        self._writer.ask(work)

    def _saved(self, path: Path) -> None:
        self.save_button.setEnabled(True)
        self.reading.setText(f"{path.name} saved in {path.parent}")

    def _not_saved(self, _: int, error: Exception) -> None:
        self.save_button.setEnabled(True)
        self.reading.setText("The spectrum was not saved")
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "The spectrum was not saved",
            "The spectrum was not saved",
            QMessageBox.StandardButton.Ok,
            self,
        )
        box.setInformativeText(str(error))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    def end(self) -> None:
        """End the threads; what is being written is brought to its end."""
        self._worker.close()
        self._writer.close()
