"""What is said about tables of what classes rest on. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ecgview.explain.heat_map import cell_words, rests_on
from ecgview.explain.population import FEW, PARTS, Cells, PopulationTable
from ecgview.ui.explain.words import WAVE_NAMES, signed_logits
from ecgview.ui.review.definitions import definition
from ecgview.ui.words import duration_words

_REASONS = {
    "unreadable": "{} cannot be read",
    "refused": "{} refused by the model",
    "kept back": "{} kept back for your reading rounds",
}


def counted(count: int, one: str = "record", more: str = "records") -> str:
    """Return a number with its noun: ``"1 record"``, ``"1,744 records"``."""
    return f"{count:,} {one if count == 1 else more}"


def title_of(code: str) -> str:
    """Return a class's name in full with its code."""
    known = definition(code)
    return f"{known.name} ({known.shown_code})" if known.shown_code else known.name


def column_words(name: str) -> str:
    """Return a lead or wave as a heading."""
    return WAVE_NAMES.get(name, name)


def left_out_words(left_out: Mapping[str, int]) -> str:
    """Return how many files were left out and why; empty where none was."""
    parts = [_REASONS[kind].format(f"{left_out[kind]:,}") for kind in _REASONS if left_out.get(kind)]
    return ", ".join(parts)


def remaining_words(seconds: float) -> str:
    """Return how long something will take, no more exactly than anybody can know."""
    if seconds < 60:
        return "less than a minute left"
    return f"about {duration_words(60 * math.ceil(seconds / 60))} left"


def cell_told(table: PopulationTable, cells: Cells, row: int, column: int) -> str:
    """Return all there is to say about a cell, for the tooltip, the line below and a screen reader."""
    title, name = title_of(table.classes[row]), column_words(cells.columns[column])
    if not cells.n[row, column]:
        return f"{title}, {name}: in no record"
    told = [f"{title}, {cell_words(cells, row, column)}".replace("%", " %").replace(" 1 records", " 1 record")]
    between = float(cells.between_records[row, column])
    if not math.isnan(between):
        told.append(f"between records it varies by {between:.1%} (SD)".replace("%", " %"))
    members = " ".join(f"{100 * one:.0f}" for one in cells.members[:, row, column])
    told.append(f"single members: {members} %")
    if cells.few[row, column]:
        told.append(f"fewer than {FEW} records, not to be compared")
    return "; ".join(told)


def class_told(table: PopulationTable, row: int) -> str:
    """Return what is known of a class besides its shares."""
    logits = ", ".join(
        f"{part} {signed_logits(float(value))}" for part, value in zip(PARTS, table.parts[row], strict=True)
    )
    alike = float(table.agreement[row])
    agreement = "" if math.isnan(alike) else f"\nMembers' agreement, median: {alike:.2f} of 1"
    return f"{title_of(table.classes[row])}, {counted(int(table.records[row]))}\nLogits from: {logits}{agreement}"


def table_words(table: PopulationTable, scope: str, left_out: Mapping[str, int]) -> str:
    """Return what a table shows and what it rests on.

    Parameters
    ----------
    table : PopulationTable
    scope : str
        The records it was asked about.
    left_out : mapping of str to int
        How many files were left out for which reason.
    """
    scarce = sum(int(count) < FEW for count in table.records)
    few = f", {scarce} of them on fewer than {FEW} records" if scarce else ""
    without = f" Left out: {left_out_words(left_out)}." if left_out else ""
    return (
        f"{counted(len(table.classes), 'class', 'classes')}{few}, over {scope}.{without} "
        f"Mean share in the attribution to the signal, per cent. {rests_on(table)}"
    )
