"""Writes a spectrum to a file: a picture of both plots, or their numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from PySide6.QtCore import QByteArray, QRectF, QSaveFile, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QImageWriter, QPainter

from ecgview import RESEARCH_USE
from ecgview.signal.spectrum import Spectrum
from ecgview.ui.spectrum.painting import Shown, paint_spectrogram, paint_spectrum, words
from ecgview.ui.theme import Theme

KINDS = {
    "picture": "Picture (*.png)",
    "spectrum": "Spectrum, numbers (*.csv)",
    "spectrogram": "Spectrogram, numbers (*.csv)",
}
"""What can be saved, each with its words for a file dialog."""
_SIZE, _RATIO = (1200, 900), 2.0
_MARGIN = 16.0


def picture(spectrum: Spectrum, shown: Shown, theme: Theme, font: QFont, filter_words: str) -> QImage:
    """Return a picture of both plots with what they rest on; nothing in it tells who the patient is."""
    image = QImage(round(_SIZE[0] * _RATIO), round(_SIZE[1] * _RATIO), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_RATIO)
    image.fill(QColor(theme.paper))
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor(theme.text))
    said = f"{words(spectrum, filter_words)}\n{RESEARCH_USE}"
    room = QRectF(_MARGIN, _MARGIN, _SIZE[0] - 2 * _MARGIN, 8 * QFontMetricsF(font).height())
    flags = int(Qt.TextFlag.TextWordWrap)
    taken = painter.boundingRect(room, flags, said)
    painter.drawText(room, flags, said)
    top = taken.bottom() + _MARGIN
    tall = (_SIZE[1] - top) / 2
    paint_spectrum(painter, QRectF(0.0, top, _SIZE[0], tall), spectrum, shown, theme, font)
    paint_spectrogram(painter, QRectF(0.0, top + tall, _SIZE[0], tall), spectrum, shown, theme, font)
    painter.end()
    return image


def save(path: Path, kind: str, spectrum: Spectrum, shown: Shown, theme: Theme, font: QFont, filter_words: str) -> None:
    """Write one of :data:`KINDS`; a file of the same name is replaced only when all is written.

    Raises
    ------
    OSError
        It cannot be written; the message names file and reason.
    """
    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        raise OSError(f"{path}: {file.errorString()}")
    if kind == "picture":
        written = QImageWriter(file, QByteArray(b"png")).write(picture(spectrum, shown, theme, font, filter_words))
    else:
        text = _numbers(kind, spectrum, filter_words).encode()
        written = file.write(text) == len(text)
    if not written:
        reason = file.errorString()
        file.cancelWriting()
        raise OSError(f"{path}: {reason}")
    if not file.commit():
        raise OSError(f"{path}: {file.errorString()}")


def _numbers(kind: str, spectrum: Spectrum, filter_words: str) -> str:
    out = io.StringIO()
    out.write(f"# {words(spectrum, filter_words)}\n# {RESEARCH_USE}\n")
    rows = csv.writer(out, lineterminator="\n")
    if kind == "spectrum":
        rows.writerow(("frequency_hz", "density_mv2_per_hz", "level_db_re_1_mv2_per_hz"))
        columns = zip(spectrum.frequencies, spectrum.density, spectrum.decibels, strict=True)
        rows.writerows((f"{hz:.6g}", f"{density:.6g}", f"{level:.2f}") for hz, density, level in columns)
    else:
        rows.writerow(("time_s", *(f"{hz:.6g} Hz" for hz in spectrum.frequencies)))
        for seconds, levels in zip(spectrum.times, spectrum.over_time.T, strict=True):
            rows.writerow((f"{seconds:.4f}", *("" if np.isnan(level) else f"{level:.2f}" for level in levels)))
    return out.getvalue()
