"""Figures and tables as text: Markdown that also reads well as it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

NOTHING = "–"
_LINE = 120

_WORDS = {
    "auroc": "AUROC",
    "macro_auroc": "mean AUROC",
    "ece": "ECE",
    "ece_before": "ECE before",
    "ece_after": "ECE after",
    "predicted": "mean probability",
    "observed": "share with the class",
    "count": "records",
    "f1": "F1",
}


def whole(value: float) -> str:
    """Return a count with thousands set apart."""
    return f"{value:,.0f}".replace(",", " ")


def figure(value: Any, signed: bool = False) -> str:
    """Return a figure of a JSON file as a reader wants to see it.

    Parameters
    ----------
    value : None, bool, int, float, str or list
        A list of three numbers is a value with the ends of its interval; other lists are joined.
    signed : bool
        Whether the sign is always shown, as for differences.

    Returns
    -------
    str
    """
    sign = "+" if signed else ""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:+d}" if signed else whole(value)
    if isinstance(value, float):
        return f"{value:{sign}.3f}"
    if isinstance(value, list):
        if len(value) == 3 and all(isinstance(part, int | float) for part in value):
            middle, low, high = (f"{float(part):{sign}.3f}" if part == part else "?" for part in value)
            return f"{middle} ({low} to {high})" if signed else f"{middle} ({low}–{high})"
        return ", ".join(figure(part) for part in value) or NOTHING
    return str(value)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Return a Markdown table whose columns stand under each other.

    Parameters
    ----------
    headings : sequence of str
    rows : sequence of sequence of str
        Cells, as many in each row as there are headings.
    left : sequence of int
        Columns of words; all others hold figures and stand to the right.

    Raises
    ------
    ValueError
        A row has more or fewer cells.
    """
    cells = [[_cell(text) for text in row] for row in (headings, *rows)]
    if any(len(row) != len(headings) for row in cells):
        raise ValueError("a row does not have as many cells as there are headings")
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(headings))]

    def line(row: Sequence[str]) -> str:
        placed = (
            text.ljust(width) if place in left else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(placed)} |"

    rule = ["-" * width if place in left else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join([line(cells[0]), line(rule), *(line(row) for row in cells[1:])])


def table_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of JSON objects; the keys of all, as they come, are its columns."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    words = [place for place, key in enumerate(keys) if any(isinstance(row.get(key), str | bool) for row in rows)]
    headings = [_WORDS.get(key, key.replace("_", " ")) for key in keys]
    return table(headings, [[figure(row.get(key)) for key in keys] for row in rows], left=words)


def prose(text: str, indent: str = "") -> str:
    """Return a paragraph broken into lines; those after the first are indented."""
    return fill(text, _LINE, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
