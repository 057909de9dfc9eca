"""A CSV table as one Parquet file with typed columns, a bounded number of rows in memory at a time.

By fastparquet: it takes a twelfth of the disk that pyarrow does, and pandas, which it stands on, is
there already. Any reader of Parquet reads the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ecgview
from ecgview import RESEARCH_USE
from ecgview.model.batch import chunks
from ecgview.model.bundle import Bundle

ROWS_A_GROUP = 8192
"""Rows that lie together in the file; some 20 MB while they are written."""


def write_parquet(rows: Path, out: Path, bundle: Bundle) -> None:
    """Write a CSV table as Parquet.

    Probabilities become floating-point numbers, decisions and `unlike` true or false, all null where
    there is no prediction; record, status and warnings are text. The sentence on research use, the
    model's hash and the program's version stand in the file's metadata.

    Parameters
    ----------
    rows : Path
        As :class:`ecgview.model.tables.CsvTable` writes it.
    out : Path
        Written anew.
    bundle : Bundle
        The model.

    Raises
    ------
    OSError
    """
    import fastparquet

    with rows.open(encoding="utf-8", newline="") as stream:
        table = csv.reader(stream)
        names = next(table)[:-1]
        appending = False
        for frame in _frames(table, names):
            about = {"research_use": RESEARCH_USE, "model": bundle.model_hash, "ecgview": ecgview.__version__}
            fastparquet.write(
                str(out),
                frame,
                row_group_offsets=[0],
                compression="SNAPPY",
                write_index=False,
                object_encoding="utf8",
                append=appending,
                custom_metadata=None if appending else about,
            )
            appending = True


def _frames(table: Iterator[list[str]], names: list[str]) -> Iterator[Any]:
    """Yield tables of pandas; one without rows where there are none at all."""
    import numpy as np
    import pandas as pd

    flags = {name for name in names if name.endswith(".decision")} | {"unlike"}
    words = {"record", "status", "warnings"}

    def frame(rows: list[list[str]]) -> Any:
        columns: dict[str, Any] = {}
        for place, name in enumerate(names):
            cells = [row[place] for row in rows]
            if name in words:
                columns[name] = pd.Series(cells, dtype=object)
            elif name in flags:
                columns[name] = pd.array([cell == "1" if cell else None for cell in cells], dtype="boolean")
            else:
                columns[name] = np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
        return pd.DataFrame(columns)

    empty = True
    for rows in chunks(table, ROWS_A_GROUP):
        yield frame(rows)
        empty = False
    if empty:
        yield frame([])
