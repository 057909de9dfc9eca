"""Records copied without the identity of those recorded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from ecgview import __version__
from ecgview.record.contents import RefusedError
from ecgview.record.deidentify_dicom import deidentified_dicom
from ecgview.record.deidentify_key import Key
from ecgview.record.deidentify_names import kept_age, kept_codes, lead_names
from ecgview.record.deidentify_wfdb import converters, write_new, write_wfdb
from ecgview.record.folder import find_records
from ecgview.record.reading import read
from ecgview.record.record import ReadError, Record

_DICOM = "DICOM"
# What devices write where they know no patient; taken for an identifier, strangers would become one patient.
_NO_IDENTIFIER = frozenset({"", "0", "-", "none", "n/a", "na", "unknown", "anonymous", "anonymized", "anonymised"})
_MOST_COPIES = 10_000


class DeidentificationError(Exception):
    """Why a de-identification is not begun, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one recording.

    Attributes
    ----------
    source : Path
        The file.
    written : Path or None
        The file made of it, below the output folder; None where it was refused.
    patient : str or None
        The patient's pseudonym.
    identifier, name : str or None
        The patient's own, as the file has them: for the table that stays with the key.
    shift : timedelta
        How far its dates were moved into the past.
    notes : tuple of str
        What was altered beyond what always is.
    problem : str or None
        Why it was refused.
    """

    source: Path
    written: Path | None = None
    patient: str | None = None
    identifier: str | None = None
    name: str | None = None
    shift: timedelta = timedelta()
    notes: tuple[str, ...] = ()
    problem: str | None = None


def deidentify(
    source: Path, out: Path, key: Key, *, only_wfdb: bool = False, folder_is_patient: bool = False
) -> Iterator[Outcome]:
    """Copy recordings without names, identifiers, dates and free text.

    DICOM waveforms stay DICOM; every other format becomes WFDB. The samples are those of the
    source: each file is read back, and removed again if they differ. Files are called by
    pseudonyms, ``PATIENT/RECORD.hea``; nothing of the source's path is taken over. A bad file
    gives an outcome with the reason and stops nothing.

    Parameters
    ----------
    source : Path
        A file or a folder.
    out : Path
        A folder that does not exist or is empty, neither in `source` nor around it.
    key : Key
        Same key, same pseudonyms and same shifts.
    only_wfdb : bool
        Write WFDB also where the source is DICOM.
    folder_is_patient : bool
        Take all recordings of one folder for one patient's, whatever the files say.

    Returns
    -------
    iterator of Outcome
        One for each recording, as they are done.

    Raises
    ------
    DeidentificationError
        At once, if `source` is missing or `out` is not such a folder.
    """
    check_folders(source, out)
    files = find_records(source) if source.is_dir() else iter([source])
    return (_one(file, source, out, key, only_wfdb, folder_is_patient) for file in files)


def check_folders(source: Path, out: Path) -> None:
    """Refuse an output folder that holds something, or lies in the input or around it.

    Raises
    ------
    DeidentificationError
    """
    if not source.exists() and not source.with_name(f"{source.name}.hea").exists():
        raise DeidentificationError(f"{source}: there is no such file or folder")
    if source.is_dir() and inside_of(out, source):
        raise DeidentificationError(f"{out}: the output must not lie in the input")
    if inside_of(source, out):
        raise DeidentificationError(f"{out}: the input must not lie in the output")
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise DeidentificationError(f"{out}: it exists and is not an empty folder; nothing is written over")
    except OSError as error:
        raise DeidentificationError(f"{out}: {error.strerror or error}") from error


def inside_of(path: Path, folder: Path) -> bool:
    """Say whether a path is a folder or lies in it, whatever links lead there."""
    return path.resolve().is_relative_to(folder.resolve())


def _one(file: Path, source: Path, out: Path, key: Key, only_wfdb: bool, folder_is_patient: bool) -> Outcome:
    try:
        record = read(file)
    except ReadError as error:
        return Outcome(file, problem=f"{error.format}: {error.reason}")
    identity = _identity(record, source if folder_is_patient else None)
    patient, shift = key.pseudonym("patient", identity), key.shift(identity)
    made = {"patient": patient, "identifier": record.patient.identifier, "name": record.patient.name, "shift": shift}
    folder = out / patient
    name = _free_name(folder, key.pseudonym("record", f"{identity} {record.content_hash}"))
    written: list[Path] = []
    # A copy gets sound checksums, so what was wrong with the file is said here.
    notes = [warning for warning in record.warnings if "damaged" in warning]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if record.format == _DICOM and not only_wfdb:
            try:
                content = deidentified_dicom(record.path, patient, _characteristics(record), shift, key.uid)
            except RefusedError as error:
                notes.append(f"written as WFDB, because {error}")
            else:
                write_new(folder / f"{name}.dcm", content)
                written = [folder / f"{name}.dcm"]
        if not written:
            written = _write_wfdb(record, folder / f"{name}.hea", patient, shift, notes)
        _compare(record, written[-1])
    except (RefusedError, ReadError, OSError, MemoryError) as error:
        for path in written:
            path.unlink(missing_ok=True)
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error) or "it is too large"
        return Outcome(file, problem=f"not written: {reason}")
    return Outcome(file, written=written[-1], notes=tuple(notes), **made)  # type: ignore[arg-type]


def _identity(record: Record, source: Path | None) -> str:
    """Return what stands for the patient; of a file that names none, the recording itself."""
    if source is not None:
        base = source if source.is_dir() else source.parent
        return f"folder {record.path.resolve().parent.relative_to(base.resolve())}"
    for kind, text in (("identifier", record.patient.identifier), ("name", record.patient.name)):
        if text is not None and text.strip().casefold() not in _NO_IDENTIFIER:
            return f"{kind} {text}"
    return f"recording {record.content_hash}"


def _free_name(folder: Path, name: str) -> str:
    """Return a name no file of the folder has; the same recording may be there in two formats."""
    candidates = itertools.chain([name], (f"{name}-{number}" for number in range(2, _MOST_COPIES)))
    endings = (".hea", ".dat", ".dcm")
    return next(one for one in candidates if not any((folder / f"{one}{ending}").exists() for ending in endings))


def _characteristics(record: Record) -> dict[str, str]:
    found: dict[str, str] = {}
    if record.patient.sex is not None:
        found["PatientSex"] = record.patient.sex[0].upper()
    age = kept_age(record.patient)
    if age is not None:
        found["PatientAge"] = f"{int(age):03d}Y" if age >= 2 else f"{int(age * 12):03d}M"
    return found


def _write_wfdb(record: Record, header: Path, patient: str, shift: timedelta, notes: list[str]) -> list[Path]:
    stored = converters(record)
    names = dict(zip(stored, lead_names(tuple(stored)), strict=True))
    renamed = [new for old, new in names.items() if old != new]
    if renamed:
        notes.append(f"leads with names of their own are now called {', '.join(renamed)}")
    return write_wfdb(record, stored, header, _moved(record.recorded_at, shift), names, _comments(record, patient))


def _comments(record: Record, patient: str) -> list[str]:
    age = kept_age(record.patient)
    comments = [f"Patient ID: {patient}"]
    if age is not None:
        comments.append(f"Age: {age:g}")
    if record.patient.sex is not None:
        comments.append(f"Sex: {record.patient.sex.capitalize()}")
    if codes := kept_codes(record.labels):
        comments.append(f"Dx: {','.join(codes)}")
    return [*comments, f"De-identified by ecgview {__version__}; dates are shifted"]


def _moved(moment: datetime | None, shift: timedelta) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.replace(microsecond=0) - shift
    except OverflowError:
        return None


def _compare(record: Record, path: Path) -> None:
    """Refuse a copy that does not hold the samples of its source, bit for bit."""
    copy = read(path)
    if f"{copy.hz:.6g}" != f"{record.hz:.6g}" or not np.array_equal(copy.signal, record.signal, equal_nan=True):
        raise RefusedError("its samples cannot be stored exactly")
