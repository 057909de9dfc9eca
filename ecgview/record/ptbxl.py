"""What PTB-XL keeps in ``ptbxl_database.csv`` instead of the headers: age, sex, statements."""

from __future__ import annotations

import csv
import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from threading import Lock

from ecgview.record.demographics import age_of
from ecgview.record.record import Label, Patient, Sex

TABLE = "ptbxl_database.csv"

_LEVELS_UP = 4
"""The record's own folder and three above it: ``records500/00000/00001_hr`` needs two."""

_LARGEST_TABLE = 64 << 20
_MOST_TABLES = 4
_COLUMNS = ("patient_id", "age", "sex", "recording_date", "scp_codes", "validated_by_human")
_FILES = ("filename_lr", "filename_hr")
# The statements are a Python dictionary literal: {'NORM': 100.0, 'SR': 0.0}
_STATEMENT = re.compile(r"\s*(?:'([^'\\]{1,40})'|\"([^\"\\]{1,40})\")\s*:\s*(\d{1,3}(?:\.\d{1,6})?)\s*(?:,|$)")
# In PTB-XL 0 is male and 1 female (Wagner et al., Scientific Data 2020, table 2).
_SEXES: dict[str, Sex] = {"0": "male", "1": "female"}

_Rows = dict[str, tuple[str, ...]]
_tables: OrderedDict[tuple[str, int, int], _Rows] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Entry:
    """A record's line in the table."""

    patient: Patient
    recorded_at: datetime | None
    labels: tuple[Label, ...]
    warnings: tuple[str, ...]


def find_entry(header: Path) -> Entry | None:
    """Look a record up in the PTB-XL table beside or above it.

    The table is read once and kept until the file changes; at most four are kept.

    Parameters
    ----------
    header : Path
        The record's header.

    Returns
    -------
    Entry or None
        None where there is no table, or it does not list the record. An entry with nothing
        but a warning where the table cannot be read.
    """
    folder = header.absolute().parent
    for candidate in (folder, *folder.parents)[:_LEVELS_UP]:
        table = candidate / TABLE
        try:
            stat = table.stat()
        except OSError:
            continue
        try:
            row = _rows(table, (str(table), stat.st_mtime_ns, stat.st_size)).get(header.stem)
        except (OSError, csv.Error, ValueError) as error:
            return Entry(Patient(), None, (), (f"{TABLE} cannot be read ({error}); age, sex and labels are missing.",))
        return None if row is None else _entry(row)
    return None


def _rows(table: Path, key: tuple[str, int, int]) -> _Rows:
    with _lock:
        if key in _tables:
            _tables.move_to_end(key)
            return _tables[key]
        if key[2] > _LARGEST_TABLE:
            raise ValueError(f"it has {key[2]:,} bytes, at most {_LARGEST_TABLE:,} are read")
        rows: _Rows = {}
        with table.open(encoding="utf-8", errors="replace", newline="") as file:
            lines = csv.reader(file)
            titles = next(lines, [])
            if missing := [title for title in (*_COLUMNS, *_FILES) if title not in titles]:
                raise ValueError(f"it has no column {missing[0]}")
            columns = [titles.index(title) for title in _COLUMNS]
            files = [titles.index(title) for title in _FILES]
            for line in lines:
                if len(line) != len(titles):
                    continue
                kept = tuple(line[column] for column in columns)
                for column in files:
                    rows[PurePosixPath(line[column]).name] = kept
        _tables[key] = rows
        while len(_tables) > _MOST_TABLES:
            _tables.popitem(last=False)
        return rows


def _entry(row: tuple[str, ...]) -> Entry:
    identifier, age_text, sex, recorded, codes, validated = row
    age, warning = age_of(age_text)
    warnings = [warning] if warning else []
    human = {"true": "validated by a human", "false": "not validated by a human"}.get(validated.strip().lower())
    provenance = f"{TABLE}, {human or 'validation unknown'}"
    statements = _statements(codes)
    if statements is None:
        warnings.append(f"The statements {codes[:60]!r} in {TABLE} cannot be understood.")
    try:
        recorded_at = datetime.fromisoformat(recorded.strip()).replace(tzinfo=None)
    except ValueError:
        recorded_at = None
    return Entry(
        patient=Patient(
            # The table holds the number as a decimal because some are missing.
            identifier=identifier.strip().removesuffix(".0") or None,
            age=age,
            sex=_SEXES.get(sex.strip().removesuffix(".0")),
        ),
        recorded_at=recorded_at,
        labels=tuple(Label(code, "scp", provenance, likelihood) for code, likelihood in (statements or {}).items()),
        warnings=tuple(warnings),
    )


def _statements(literal: str) -> dict[str, float] | None:
    """Return statement codes and likelihoods, or None where the literal is none.

    A pattern instead of `ast.literal_eval`: it takes only what the table may hold, and a
    damaged table cannot make the compiler speak up.
    """
    text = literal.strip()
    if len(text) > 5000 or not (text.startswith("{") and text.endswith("}")):
        return None
    body, position = text[1:-1].strip(), 0
    found: dict[str, float] = {}
    while position < len(body):
        match = _STATEMENT.match(body, position)
        if match is None:
            return None
        found[match[1] or match[2]] = float(match[3])
        position = match.end()
    return found
