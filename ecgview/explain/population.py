"""What each class rests on over many records: tables of class by lead and class by wave. Needs no torch."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ecgview import RESEARCH_USE

FEW = 10
"""Records in a cell below which its mean is to be shown as uncertain."""
ENDINGS = (".npz", ".csv", ".svg")
_FORMAT = 1


class PopulationFileError(Exception):
    """A file that holds no such table; the message names it and the reason."""


@dataclass(frozen=True, eq=False)
class Cells:
    """One table: a row for each class, a column for each lead or wave.

    Attributes
    ----------
    columns : tuple of str
    n : ndarray of int64, shape (classes, columns)
        Records behind each cell: those in which the lead was recorded and not computed, or the wave
        was found.
    mean : ndarray of float64, shape (classes, columns)
        Mean over these records of the share in the sum of |attribution|; NaN where there are none.
    between_records : ndarray of float64, shape (classes, columns)
        Standard deviation of the share between records; NaN below two.
    members : ndarray of float64, shape (members, classes, columns)
        The mean of each member's own shares.
    """

    columns: tuple[str, ...]
    n: NDArray[np.int64]
    mean: NDArray[np.float64]
    between_records: NDArray[np.float64]
    members: NDArray[np.float64]

    @cached_property
    def few(self) -> NDArray[np.bool_]:
        """Cells of fewer than :data:`FEW` records."""
        found: NDArray[np.bool_] = self.n < FEW
        return found

    @property
    def between_members(self) -> NDArray[np.float64]:
        """Standard deviation of the mean between members; NaN below two members."""
        if len(self.members) < 2:
            return np.full(self.mean.shape, np.nan)
        spread: NDArray[np.float64] = self.members.std(axis=0, ddof=1)
        return spread


@dataclass(frozen=True, eq=False)
class PopulationTable:
    """What the classes rest on over many records.

    Attributes
    ----------
    model_hash : str
    background : str
        What the records are compared with, in words.
    among : {"found", "labelled", "all"}
        Which records count for a class.
    nodes : tuple of int
        Points of each path the attributions rest on.
    classes : tuple of str
        Codes, in the model's order.
    records : ndarray of int64, shape (classes,)
        Explained for each class.
    leads, waves : Cells
    parts : ndarray of float64, shape (classes, 3)
        Mean part of the logit from the signal, from measured values, and from age and sex: the shares
        of leads and waves are shares of the first alone.
    agreement : ndarray of float64, shape (classes,)
        Median of the members' agreement.
    skipped : int
        Files that could not be read or judged.
    """

    model_hash: str
    background: str
    among: str
    nodes: tuple[int, ...]
    classes: tuple[str, ...]
    records: NDArray[np.int64]
    leads: Cells
    waves: Cells
    parts: NDArray[np.float64]
    agreement: NDArray[np.float64]
    skipped: int

    def as_words(self) -> str:
        """Return a sentence of what it rests on."""
        left_out = f", {self.skipped} left out" if self.skipped else ""
        few = sum(int(count) < FEW for count in self.records)
        scarce = f", {few} of them on fewer than {FEW} records" if few else ""
        return f"{len(self.classes)} classes{scarce}{left_out}"

    def save(self, path: Path) -> None:
        """Write it as NPZ, which :meth:`load` reads back whole, as CSV, one row a cell, or as a heat map in SVG.

        Raises
        ------
        ValueError
            The name ends in none of them.
        OSError
        """
        if path.suffix.lower() not in ENDINGS:
            raise ValueError(f"{path} ends in none of {', '.join(ENDINGS)}")
        content = {".npz": self.to_bytes, ".csv": self._as_csv, ".svg": self._as_svg}[path.suffix.lower()]()
        unfinished = path.with_name(f".{path.name}.part")
        try:
            unfinished.write_bytes(content)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> PopulationTable:
        """Read what :meth:`save` wrote as NPZ.

        Raises
        ------
        PopulationFileError
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise PopulationFileError(f"{path}: {error.strerror or error}") from error
        return cls.from_bytes(content, str(path))

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "the table") -> PopulationTable:
        """Read what :meth:`to_bytes` gave.

        Parameters
        ----------
        content : bytes
        name : str
            What a message calls it.

        Raises
        ------
        PopulationFileError
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                told = json.loads(str(stored["summary"]))
                if told["format"] != _FORMAT:
                    raise ValueError(f"of format {told['format']}, not {_FORMAT}")
                count = len(told["classes"])
                found = cls(
                    model_hash=told["model"],
                    background=told["background"],
                    among=told["among"],
                    nodes=tuple(told["nodes"]),
                    classes=tuple(told["classes"]),
                    records=_shaped(stored["records"], (count,)),
                    leads=_cells(stored, "leads", told["leads"], count),
                    waves=_cells(stored, "waves", told["waves"], count),
                    parts=_shaped(stored["parts"], (count, len(PARTS))),
                    agreement=_shaped(stored["agreement"], (count,)),
                    skipped=int(told["skipped"]),
                )
        except (ValueError, KeyError, TypeError, BadZipFile, EOFError) as error:
            raise PopulationFileError(f"{name}: not a table of explanations: {error}") from error
        return found

    def to_bytes(self) -> bytes:
        """Return it as NPZ, for a pipe or a file."""
        told = {
            "format": _FORMAT,
            "research_use": RESEARCH_USE,
            "model": self.model_hash,
            "background": self.background,
            "among": self.among,
            "nodes": list(self.nodes),
            "classes": list(self.classes),
            "leads": list(self.leads.columns),
            "waves": list(self.waves.columns),
            "parts": list(PARTS),
            "skipped": self.skipped,
        }
        arrays: dict[str, Any] = {"records": self.records, "parts": self.parts, "agreement": self.agreement}
        for name, cells in (("leads", self.leads), ("waves", self.waves)):
            arrays |= {f"{name}_{part}": getattr(cells, part) for part in _ARRAYS}
        stream = io.BytesIO()
        np.savez_compressed(stream, summary=np.array(json.dumps(told)), **arrays)
        return stream.getvalue()

    def _as_svg(self) -> bytes:
        from ecgview.explain.heat_map import heat_map

        return heat_map(self).encode("utf-8")

    def _as_csv(self) -> bytes:
        stream = io.StringIO(newline="")
        table = csv.writer(stream)
        # The last heading has no cells; so the sentence travels with the table without standing in the way.
        figures = ("mean", "between_records_sd", "between_members_sd")
        table.writerow(["class", "of", "name", "n", *figures, "few", "model", RESEARCH_USE])

        def figure(value: float) -> str:
            return "" if np.isnan(value) else f"{value:.6f}"

        for row, code in enumerate(self.classes):
            for kind, cells in (("lead", self.leads), ("wave", self.waves)):
                spread = cells.between_members
                for column, name in enumerate(cells.columns):
                    at = row, column
                    found = (cells.mean[at], cells.between_records[at], spread[at])
                    cell = [code, kind, name, int(cells.n[at]), *(figure(float(one)) for one in found)]
                    table.writerow([*cell, int(cells.few[at]), self.model_hash, ""])
            for part, logits in zip(PARTS, self.parts[row], strict=True):
                few = int(self.records[row] < FEW)
                parts = [code, "logits from", part, int(self.records[row]), figure(float(logits)), "", ""]
                table.writerow([*parts, few, self.model_hash, ""])
        return stream.getvalue().encode("utf-8")


PARTS = ("signal", "measured values", "age and sex")
_ARRAYS = ("n", "mean", "between_records", "members")


def _cells(stored: Any, name: str, columns: list[str], classes: int) -> Cells:
    shape = classes, len(columns)
    members = stored[f"{name}_members"]
    return Cells(
        columns=tuple(columns),
        n=_shaped(stored[f"{name}_n"], shape),
        mean=_shaped(stored[f"{name}_mean"], shape),
        between_records=_shaped(stored[f"{name}_between_records"], shape),
        members=_shaped(members, (len(members), *shape)),
    )


def _shaped(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if values.shape != shape:
        raise ValueError(f"an array of shape {values.shape} where {shape} belongs")
    return values
