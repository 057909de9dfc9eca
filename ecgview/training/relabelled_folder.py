"""Recordings with what readers hold of them, as a folder of copies: for training, and for other programs.

Beside the copies stands a table as PTB-XL has it; the copies' headers carry SNOMED CT codes (``Dx``)
where there are such, and marked stretches of leads stand in ``.atr`` files. The originals are read
and never written.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ecgview.model.vocabulary import statement_codes, statements
from ecgview.record import ReadError, Record, read
from ecgview.record.demographics import OVER_EIGHTY_NINE
from ecgview.record.folder import find_records
from ecgview.record.leads import standard_lead
from ecgview.record.ptbxl import TABLE
from ecgview.record.wfdb_header import Header, check_file_name
from ecgview.record.wfdb_reading import FORMAT, load_header
from ecgview.review.annotation_file import Mark, annotation_bytes
from ecgview.review.cells import guarded
from ecgview.review.events import Event
from ecgview.review.export import labels_by_record
from ecgview.review.store import Store
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.training.readers import Decisions, overruled

COLUMNS: Final = (
    "ecg_id patient_id age sex height weight nurse site device recording_date report scp_codes heart_axis "
    "validated_by validated_by_human strat_fold filename_lr filename_hr"
).split()
_RECORDS: Final = "records"
_STATED: Final = 100.0
_WITHHELD_FROM: Final = 89
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_KEPT: Final = ("heart_axis", "strat_fold")


class FolderError(Exception):
    """A folder that cannot be written; the message says why, and nothing is left behind."""


class Stopped(Exception):
    """The caller no longer wants the folder; nothing is left behind."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an export.

    Attributes
    ----------
    records : int
        Copies.
    relabelled : int
        Records among them of which readers have decided something.
    marks : int
        Marked stretches.
    ties : int
        Classes of records on which readers are divided; there the label is left as it came.
    left_out : tuple of str
        Files without a copy, with the reason.
    """

    records: int
    relabelled: int
    marks: int
    ties: int
    left_out: tuple[str, ...]


def write_folder(
    store: Store,
    source: Path,
    out: Path,
    identified: bool = False,
    dates: bool = False,
    relabelled_only: bool = False,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Written:
    """Write copies of recordings with the labels that hold now.

    `ecgview train` and `ecgview evaluate` take the folder as it is.

    Parameters
    ----------
    store : Store
    source : Path
        Where the recordings lie, found by content hash.
    out : Path
        A folder that is not there yet, outside of `source`.
    identified : bool
        With the files' names and the patients' identifiers; else both are numbered, and ages above 89
        are withheld as PTB-XL does.
    dates : bool
        With the dates of recording.
    relabelled_only : bool
        Only records of which readers have decided something.
    progress : callable, optional
        Told after each file how many were looked at.
    cancelled : callable, optional
        Asked before each file.

    Returns
    -------
    Written

    Raises
    ------
    FolderError
        `out` is there already, or lies in `source` or around it, or no record could be copied.
    Stopped
        `cancelled` returned True.
    """
    _require_apart(source, out)
    held, ties = labels_by_record(store)
    work = out.with_name(f".{out.name}.part")
    if work.exists():
        raise FolderError(f"{work}: left over from an export that was broken off; remove it first")
    try:
        (work / _RECORDS).mkdir(parents=True)
        copies = _Copies(work / _RECORDS, identified, dates, _table(source))
        with (work / TABLE).open("w", encoding="utf-8", newline="") as stream:
            lines = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
            lines.writeheader()
            for looked_at, path in enumerate(find_records(source), start=1):
                if cancelled is not None and cancelled():
                    raise Stopped
                try:
                    record = read(path)
                    marked = list(store.current_labels(record_hash=record.content_hash))
                    if marked or not relabelled_only:
                        decisions = held.get(record.content_hash, {})
                        row = copies.add(path, record, decisions, [event for event in marked if event.region])
                        lines.writerow({name: guarded(cell) if name in _TEXTS else cell for name, cell in row.items()})
                except ReadError as error:
                    copies.left_out.append(f"{path.relative_to(source).as_posix()}: {error.reason}")
                except ValueError as error:  # it does not fit into a WFDB file
                    copies.left_out.append(f"{path.relative_to(source).as_posix()}: {error}")
                if progress is not None:
                    progress(looked_at)
        if not copies.count:
            raise FolderError(f"{source}: no recording that could be copied")
        work.rename(out)
    except OSError as error:
        raise FolderError(f"{out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Written(copies.count, copies.relabelled, copies.marks, ties, tuple(copies.left_out))


# What the files say in their own words; the rest is numbers and this program's codes.
_TEXTS: Final = frozenset({"patient_id", "heart_axis", "recording_date"})


class _Copies:
    """Writes one record after another."""

    def __init__(self, folder: Path, identified: bool, dates: bool, known: Mapping[str, dict[str, str]]) -> None:
        self._folder = folder
        self._identified = identified
        self._dates = dates
        self._known = known
        self._patients: dict[str, str] = {}
        self._names: set[str] = set()
        self.count = self.relabelled = self.marks = 0
        self.left_out: list[str] = []

    def add(self, path: Path, record: Record, decisions: Decisions, marked: list[Event]) -> dict[str, Any]:
        """Copy a record and return its row."""
        name = self._name(path)
        codes = scp_codes(record, decisions)
        age = record.patient.age
        if age is not None and age > _WITHHELD_FROM and not self._identified:
            age = OVER_EIGHTY_NINE
        comments = [] if age is None else [f"Age: {age:g}"]
        comments += [f"Sex: {record.patient.sex.capitalize()}"] if record.patient.sex else []
        snomed = [statements()[code].snomed[0] for code in codes if code in statements() and statements()[code].snomed]
        comments += [f"Dx: {','.join(dict.fromkeys(snomed))}"] if snomed else []
        header = load_header(path) if record.format == FORMAT else None
        if header is not None and not header.segments:
            _copy(path, header, self._folder, name, comments, self._dates)
            hz, leads = header.hz, [standard_lead(signal.name) or signal.name for signal in header.signals]
        else:
            write_wfdb(record, self._folder, name, tuple(comments))
            hz, leads = record.hz, list(record.leads)
        marks = [mark for event in marked for mark in _marks(event, hz, leads)]
        if marks:
            (self._folder / f"{name}.atr").write_bytes(annotation_bytes(marks))
            self.marks += len(marks) // 2
        self.count += 1
        self.relabelled += bool(decisions)
        return self._row(path, record, decisions, codes, age, name)

    def _row(
        self, path: Path, record: Record, decisions: Decisions, codes: dict[str, float], age: float | None, name: str
    ) -> dict[str, Any]:
        known = self._known.get(path.stem, {})
        # Who has no identifier is a patient of their own.
        patient = record.patient.identifier or f"record {record.content_hash}"
        number = self._patients.setdefault(patient, str(len(self._patients) + 1))
        before = any(label.provenance.endswith(", validated by a human") for label in record.labels)
        place = f"{_RECORDS}/{name}"
        return {
            "ecg_id": self.count,
            "patient_id": record.patient.identifier or "" if self._identified else number,
            "age": "" if age is None else f"{age:.1f}",
            "sex": {"male": 0, "female": 1, None: ""}[record.patient.sex],
            "recording_date": record.recorded_at.isoformat(" ") if self._dates and record.recorded_at else "",
            "scp_codes": repr(codes),
            "validated_by_human": bool(decisions) or before,
            "filename_lr": place if record.hz <= 100 else "",
            "filename_hr": "" if record.hz <= 100 else place,
            **{column: known.get(column, "") for column in _KEPT},
        }

    def _name(self, path: Path) -> str:
        name = path.stem if self._identified and _NAME.fullmatch(path.stem) else f"{self.count + 1:05d}"
        while name in self._names:
            name += "_2"
        self._names.add(name)
        return name


def scp_codes(record: Record, decisions: Decisions) -> dict[str, float]:
    """Return a record's statements after readers have spoken, as PTB-XL writes them.

    Likelihoods that came with the record stay; what readers hold present has 100. Superclasses follow
    from their statements, so one stands here only where none of these does.

    Parameters
    ----------
    record : Record
    decisions : mapping of str to str
        "present", "absent" or "uncertain" by code.
    """
    carried = overruled(statement_codes(record.labels), decisions)
    stated = {label.code: label.likelihood for label in record.labels if label.system == "scp"}
    implied = {statements()[code].superclass for code in carried}
    found: dict[str, float] = {}
    for code in statements():
        if code in carried and code not in implied:
            likelihood = None if decisions.get(code) == "present" else stated.get(code)
            found[code] = _STATED if likelihood is None else float(likelihood)
    return found


def _marks(event: Event, hz: float, leads: list[str]) -> Iterator[Mark]:
    region = event.region
    assert region is not None
    # A derived lead is no signal of the file; its name stands in the text.
    channel = leads.index(region.lead) if region.lead in leads else 0
    said = f"{event.code} {region.lead} {event.decision}"
    yield Mark(round(region.start * hz), channel, f"({said}")
    yield Mark(round(region.end * hz), channel, f"{said})")


def _copy(path: Path, header: Header, folder: Path, name: str, comments: list[str], dates: bool) -> None:
    """Copy the signal files as they are, under a new name, with a header without the old comments."""
    places: dict[str, str] = {}
    for signal in header.signals:
        check_file_name(signal.file)
        if signal.file not in places:
            further = f"_{len(places) + 1}" if places else ""
            places[signal.file] = f"{name}{further}{Path(signal.file).suffix}"
            shutil.copyfile(path.with_name(signal.file), folder / places[signal.file])
    text = path.read_bytes().decode("utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    words = lines[0].split()
    # After name, signals, rate and samples come time and date.
    first = [name, *(words[1:] if dates else words[1:4])]
    described = []
    for line, signal in zip(lines[1 : len(header.signals) + 1], header.signals, strict=True):
        described.append(places[signal.file] + line[len(line.split()[0]) :])
    whole = [" ".join(first), *described, *(f"#{comment}" for comment in comments)]
    (folder / f"{name}.hea").write_text("\n".join(whole) + "\n", encoding="utf-8", newline="\n")


def _require_apart(source: Path, out: Path) -> None:
    if not source.is_dir():
        raise FolderError(f"{source}: there is no such folder")
    inside, outside = source.resolve(), out.resolve()
    if outside == inside or inside in outside.parents:
        raise FolderError(f"{out}: lies in the folder of the originals, which are not to be written to")
    if outside in inside.parents:
        raise FolderError(f"{out}: holds the originals")
    if out.exists():
        raise FolderError(f"{out}: is there already; name a folder that is not")


def _table(source: Path) -> dict[str, dict[str, str]]:
    """Return what is kept of PTB-XL's table, by record name; empty where there is none."""
    for place in (source, *source.resolve().parents[:2]):
        if (place / TABLE).is_file():
            with (place / TABLE).open(encoding="utf-8", errors="replace", newline="") as stream:
                return {
                    Path(row.get(column) or "").name: {name: (row.get(name) or "").strip() for name in _KEPT}
                    for row in csv.DictReader(stream)
                    for column in ("filename_lr", "filename_hr")
                }
    return {}
