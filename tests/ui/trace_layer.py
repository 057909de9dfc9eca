"""The traces alone of generated records, small, as the references show them.

``python tests/ui/trace_layer.py`` writes the references anew, where the drawing was changed on purpose: look
at them before they are kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from ecgview.record.record import Record
from ecgview.synthesis import Settings, generate
from ecgview.ui.sheet import Format, Sheet

FOLDER = Path(__file__).parent / "references"
SIZE = (480, 300)
PICTURES = {
    "normal": (11, "3x4+1"),
    "cabrera": (12, "6x2 cabrera 50mm/s 20/10mm/mV"),
    "strips": (13, "3x4+3 12.5mm/s 5mm/mV"),
}
"""Seed of the record, and the format."""


def record(name: str) -> Record:
    """Return the generated record of a picture."""
    return generate(Settings(age=50, sex="female"), PICTURES[name][0]).record


def draw(name: str, signal: NDArray[np.float32] | None = None) -> NDArray[np.uint8]:
    """Return the traces of a picture, dark on white, 0 to 255; of another signal where one is given."""
    shown = record(name)
    if signal is not None:
        shown = Record(shown.path, shown.format, signal, shown.hz, shown.leads)
    sheet = Sheet()
    sheet.resize(960, 600)
    sheet.set_format(Format.parse(PICTURES[name][1]))
    sheet.show_record(shown)
    assert sheet.page is not None
    image = QImage(*SIZE, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    source = QRectF(0.0, -5.0, sheet.page.width, sheet.page.width * SIZE[1] / SIZE[0])
    sheet.scene().render(painter, QRectF(0.0, 0.0, *SIZE), source)
    painter.end()
    sheet.deleteLater()
    return as_array(image)


def as_array(image: QImage) -> NDArray[np.uint8]:
    """Return a grey image's pixels."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    raw = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return raw[:, : grey.width()].copy()


if __name__ == "__main__":
    app = QApplication([])
    for picture in PICTURES:
        pixels = draw(picture)
        QImage(pixels.data, *SIZE, SIZE[0], QImage.Format.Format_Grayscale8).save(str(FOLDER / f"{picture}.png"))
