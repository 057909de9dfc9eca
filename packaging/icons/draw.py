"""Draws the icon in all the sizes that desktops ask for: `python packaging/icons/draw.py`.

The two drawings beside this file are the source. The simple one, without the grid and the small
waves, is for 32 pixels and below, where fine lines turn to mud.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).parent
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
_SMALL = 32


def draw(size: int) -> Path:
    """Draw one size, beside the drawings; return its path."""
    source = HERE / ("ecgview-small.svg" if size <= _SMALL else "ecgview.svg")
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(source)).render(painter)
    painter.end()
    path = HERE / f"ecgview-{size}.png"
    image.save(str(path))
    return path


def main() -> None:
    """Draw all sizes, the files of many sizes that Windows and macOS want, and the window's own."""
    application = QGuiApplication(["draw", "-platform", "offscreen"])
    pictures = {size: Image.open(draw(size)) for size in SIZES}
    pictures[256].save(
        HERE / "ecgview.ico",
        append_images=[pictures[size] for size in (16, 24, 32, 48, 64, 128)],
        sizes=[(size, size) for size in SIZES if size <= 256],
    )
    pictures[512].save(HERE / "ecgview.icns", append_images=[pictures[size] for size in (16, 32, 64, 128, 256)])
    (HERE.parents[1] / "resources" / "icon.png").write_bytes((HERE / "ecgview-256.png").read_bytes())
    application.quit()


if __name__ == "__main__":
    main()
