"""A reader of PDF pages as Qt writes them: strokes in millimetres, and text. Nothing of the program is used."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MM_PER_POINT = 25.4 / 72.0
_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_PATH = re.compile(rb"(?:[-+.\d]+ [-+.\d]+ [ml]\s+)+")
_TOKEN = re.compile(_PATH.pattern + rb"|<[0-9A-Fa-f]*>|\[[^\]]*\]|/?[^\s<\[]+")


@dataclass(frozen=True)
class Stroke:
    """A stroked line: its points in mm from the upper left corner, its colour and its width in mm."""

    points: NDArray[np.float64]
    colour: tuple[int, int, int]
    width: float


@dataclass
class PdfPage:
    """What is on a page; `width` and `height` in mm."""

    width: float
    height: float
    strokes: list[Stroke] = field(default_factory=list)
    text: str = ""

    def stroked(self, colour: str) -> list[Stroke]:
        """The strokes of a colour, ``#rrggbb``, in the order they are painted."""
        wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return [stroke for stroke in self.strokes if stroke.colour == wanted]


def pdf_pages(path: Path) -> list[PdfPage]:
    """Read the pages of a PDF."""
    objects = {int(number): body for number, body in _OBJECT.findall(path.read_bytes())}
    pages = []
    for body in objects.values():
        if b"/Type /Page\n" not in body:
            continue
        box = [float(part) for part in re.search(rb"/MediaBox \[(.*?)\]", body)[1].split()]  # type: ignore[index]
        content = _stream(objects[int(re.search(rb"/Contents (\d+)", body)[1])])  # type: ignore[index]
        resources = objects[int(re.search(rb"/Resources (\d+)", body)[1])]  # type: ignore[index]
        fonts = {name: _letters(objects, int(number)) for name, number in re.findall(rb"(/F\d+) (\d+) 0 R", resources)}
        page = PdfPage(box[2] * MM_PER_POINT, box[3] * MM_PER_POINT)
        _read(content, page, fonts)
        pages.append(page)
    return pages


def everything_in(path: Path) -> bytes:
    """All that a file holds, its compressed parts inflated: to look for what must not be there."""
    raw = path.read_bytes()
    parts = [raw]
    for stream in _STREAM.findall(raw):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            parts.append(stream)
    # Titles are written in UTF-16.
    return b"\n".join([*parts, *(part.replace(b"\0", b"") for part in parts)])


def _stream(body: bytes) -> bytes:
    data: bytes = _STREAM.search(body)[1]  # type: ignore[index]
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """The letter of each glyph, from the font's own table."""
    table = _stream(objects[int(re.search(rb"/ToUnicode (\d+)", objects[font])[1])])  # type: ignore[index]
    letters: dict[int, str] = {}
    for first, _, codes in re.findall(rb"<(\w+)> <(\w+)> \[(.*?)\]", table):
        for offset, code in enumerate(re.findall(rb"<(\w+)>", codes)):
            letters[int(first, 16) + offset] = chr(int(code, 16))
    return letters


def _read(content: bytes, page: PdfPage, fonts: dict[bytes, dict[int, str]]) -> None:
    matrix, saved = np.eye(3), []
    colour, width = (0, 0, 0), 1.0
    letters: dict[int, str] = {}
    operands: list[bytes] = []
    runs: list[NDArray[np.float64]] = []
    for token in _TOKEN.findall(content):
        if _PATH.fullmatch(token):
            steps = token.split()
            places = np.array([steps[0::3], steps[1::3]]).astype(float).T
            begins = [at for at, step in enumerate(steps[2::3]) if step == b"m"]
            runs += np.split(places, begins[1:])
            continue
        if token[:1] in b"</[" or re.fullmatch(rb"[-+.\d]+", token):
            operands.append(token)
            continue
        if token == b"q":
            saved.append((matrix, colour, width))
        elif token == b"Q":
            matrix, colour, width = saved.pop()
        elif token == b"cm":
            a, b, c, d, e, f = map(float, operands[-6:])
            matrix = np.array([[a, b, 0], [c, d, 0], [e, f, 1]]) @ matrix
        elif token == b"SCN":
            colour = tuple(round(255 * float(part)) for part in operands[-3:])  # type: ignore[assignment]
        elif token == b"w":
            width = float(operands[-1])
        elif token == b"S":
            scale = MM_PER_POINT * np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
            for run in runs:
                points = np.column_stack([run, np.ones(len(run))]) @ matrix
                across, down = points[:, 0] * MM_PER_POINT, page.height - points[:, 1] * MM_PER_POINT
                page.strokes.append(Stroke(np.column_stack([across, down]), colour, width * scale))
            runs = []
        elif token in (b"f", b"f*", b"n", b"B", b"B*", b"W"):
            runs = []
        elif token == b"Tf":
            letters = fonts[operands[-2]]
        elif token == b"Tj":
            page.text += letters[int(operands[-1][1:-1], 16)]
        elif token == b"ET":
            page.text += "\n"
        operands = []
