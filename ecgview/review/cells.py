"""Cells of a CSV that a spreadsheet opens without taking them for formulas."""

from __future__ import annotations

from typing import Final

# OWASP, "CSV Injection": what a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet calculates: an apostrophe before what looks like a formula."""
    # What begins with an apostrophe gets one more, so that `unguarded` gives back what was there.
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def unguarded(cell: str) -> str:
    """Return what :func:`guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell
