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
_AMONG = {
    "found": "Records in which the model finds the class",
    "labelled": "Records labelled with the class",
    "all": "All records",
}
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
    largest = _largest(table)
    for cells in (table.leads, table.waves):
        lines += _panel(cells, left, largest)
        left += len(cells.columns) * _CELL + _GAP
    lines += _foot(table, height, largest)
    lines.append("</svg>\n")
    return "\n".join(lines)


def _largest(table: PopulationTable) -> float:
    known = [cells.mean[~cells.few & np.isfinite(cells.mean)] for cells in (table.leads, table.waves)]
    return max((float(values.max()) for values in known if values.size), default=1.0)


def _panel(cells: Cells, left: int, largest: float) -> Iterator[str]:
    for column, name in enumerate(cells.columns):
        yield _text(left + (column + 0.5) * _CELL, _HEAD - 10, name, anchor="middle", bold=True)
    spread = cells.between_members
    for (row, column), share in np.ndenumerate(cells.mean):
        x, y = left + column * _CELL, _HEAD + row * _ROW
        few, count = bool(cells.few[row, column]), int(cells.n[row, column])
        known = bool(np.isfinite(share))
        dark = 0.0 if few or not known else min(float(share) / largest, 1.0)
        fill = _SCARCE if few else f'fill="{_mixed(dark)}"'
        told = f"{cells.columns[column]}: {share:.1%} of {count} records" if known else f"{count} records"
        if np.isfinite(spread[row, column]):
            told += f", members differ by {spread[row, column]:.1%}"
        yield (
            f'<rect x="{x}" y="{y}" width="{_CELL - 2}" height="{_ROW - 2}" rx="3" {fill}>'
            f"<title>{escape(told)}</title></rect>"
        )
        if known:
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
    rests = f"{_AMONG[table.among]}, compared with {table.background}; model {table.model_hash[:8]}."
    yield _text(_EDGE, y + 34, rests, quiet=True)
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
