"""Tables of many explanations as a picture: a heat map in SVG, which any browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

import numpy as np

from ecgview import RESEARCH_USE
from ecgview.explain.population import FEW, Cells, PopulationTable
from ecgview.model.vocabulary import statements

_CELL, _ROW, _GAP, _EDGE = 44, 28, 24, 24
_NAMES = 300
_HEAD, _FOOT = 72, 88
# From paper to a deep blue, equal steps of lightness.
_LIGHT, _DEEP = (247, 244, 238), (23, 68, 117)
_SCARCE = 'fill="none" stroke="#b9b5ae" stroke-dasharray="3 2"'
AMONG_WORDS = {
    "found": "Records in which the model finds the class",
    "labelled": "Records labelled with the class",
    "all": "All records",
}
"""Which records count for a class."""
_TURNS = 0.55
"""Darkness from which on figures are written in white."""


def heat_map(table: PopulationTable) -> str:
    """Draw which leads and waves each class rests on.

    Parameters
    ----------
    table : PopulationTable

    Returns
    -------
    str
        An SVG document. Darkness is the mean share, from nothing to the largest of all cells with
        enough records; a cell on fewer than :data:`~ecgview.explain.population.FEW` is empty, its figure grey.
    """
    width = 2 * _EDGE + _NAMES + sum(len(cells.columns) * _CELL + _GAP for cells in (table.leads, table.waves))
    height = _HEAD + len(table.classes) * _ROW + _FOOT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fffdf9"/>',
        _text(_EDGE, 28, "What each class rests on: mean share of the signal's attribution, per cent", bold=True),
    ]
    for row, code in enumerate(table.classes):
        middle = _HEAD + row * _ROW + _ROW / 2 + 4
        name = statements()[code].name if code in statements() else code
        lines.append(_text(_EDGE, middle, _shortened(name)))
        lines.append(_text(_EDGE + _NAMES - 8, middle, f"n = {int(table.records[row])}", anchor="end", quiet=True))
    left = _EDGE + _NAMES
    largest = largest_share(table.leads, table.waves)
    for cells in (table.leads, table.waves):
        lines += _panel(cells, left, largest)
        left += len(cells.columns) * _CELL + _GAP
    lines += _foot(table, height, largest)
    lines.append("</svg>\n")
    return "\n".join(lines)


def largest_share(*tables: Cells) -> float:
    """Return what gets full colour: the largest share of all cells with enough records."""
    known = [cells.mean[~cells.few & np.isfinite(cells.mean)] for cells in tables]
    return max((float(values.max()) for values in known if values.size), default=1.0)


def darkness(cells: Cells, row: int, column: int, largest: float) -> float:
    """Return how dark a cell is, 0 to 1; one on few records has no colour, so that nobody compares it."""
    share = float(cells.mean[row, column])
    return 0.0 if cells.few[row, column] or not np.isfinite(share) else min(share / largest, 1.0)


def cell_words(cells: Cells, row: int, column: int) -> str:
    """Return what a cell says: its share, of how many records, and how far members differ."""
    share, count = float(cells.mean[row, column]), int(cells.n[row, column])
    spread = float(cells.between_members[row, column])
    known = np.isfinite(share)
    told = f"{cells.columns[column]}: {share:.1%} of {count} records" if known else f"{count} records"
    return told + (f", members differ by {spread:.1%}" if np.isfinite(spread) else "")


def rests_on(table: PopulationTable) -> str:
    """Return which records count, what they are compared with, and by which model."""
    return f"{AMONG_WORDS[table.among]}, compared with {table.background}; model {table.model_hash[:8]}."


def _panel(cells: Cells, left: int, largest: float) -> Iterator[str]:
    for column, name in enumerate(cells.columns):
        yield _text(left + (column + 0.5) * _CELL, _HEAD - 10, name, anchor="middle", bold=True)
    for (row, column), share in np.ndenumerate(cells.mean):
        x, y = left + column * _CELL, _HEAD + row * _ROW
        few, dark = bool(cells.few[row, column]), darkness(cells, row, column, largest)
        fill = _SCARCE if few else f'fill="{_mixed(dark)}"'
        yield (
            f'<rect x="{x}" y="{y}" width="{_CELL - 2}" height="{_ROW - 2}" rx="3" {fill}>'
            f"<title>{escape(cell_words(cells, row, column))}</title></rect>"
        )
        if np.isfinite(share):
            yield _text(
                x + (_CELL - 2) / 2, y + _ROW / 2 + 3, f"{100 * share:.0f}", "middle", white=dark > _TURNS, quiet=few
            )


def _foot(table: PopulationTable, height: int, largest: float) -> Iterator[str]:
    y = height - _FOOT + 20
    for step in range(11):
        yield f'<rect x="{_EDGE + 14 * step}" y="{y}" width="14" height="12" fill="{_mixed(step / 10)}"/>'
    yield _text(_EDGE + 164, y + 11, f"0 to {largest:.0%}")
    yield f'<rect x="{_EDGE + 250}" y="{y}" width="14" height="12" {_SCARCE}/>'
    yield _text(_EDGE + 270, y + 11, f"fewer than {FEW} records")
    yield _text(_EDGE, y + 34, rests_on(table), quiet=True)
    yield _text(_EDGE, y + 52, RESEARCH_USE, quiet=True)


def _mixed(dark: float) -> str:
    parts = (round(light + dark * (deep - light)) for light, deep in zip(_LIGHT, _DEEP, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _shortened(name: str, most: int = 36) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _text(
    x: float, y: float, words: str, anchor: str = "start", bold: bool = False, quiet: bool = False, white: bool = False
) -> str:
    colour = "#ffffff" if white else "#6b6864" if quiet else "#26282c"
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(words)}</text>'
