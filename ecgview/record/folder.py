"""Folders of recordings as lists that grow while they are walked."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ecgview.record.contents import RefusedError
from ecgview.record.sniffing import HEAD, sniff
from ecgview.record.wfdb_reading import load_header

# Listed even where their content is not recognised, so that they are seen to be refused.
_ECG_ENDINGS = frozenset(
    {".hea", ".dcm", ".dicom", ".scp", ".ecg", ".edf", ".bdf", ".xml", ".mwf", ".mfer", ".mfr", ".aecg"}
)
# Never looked into: signal files belong to their header, the rest is no recording.
_OTHER_ENDINGS = frozenset(
    {
        ".dat", ".mat", ".atr", ".csv", ".tsv", ".txt", ".md", ".rst", ".pdf", ".html", ".htm", ".py", ".ipynb", ".r",
        ".m", ".c", ".h", ".sh", ".log", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".zip", ".gz", ".tar", ".7z", ".npy",
        ".npz", ".h5", ".hdf5", ".pkl", ".parquet", ".feather", ".xlsx", ".xls", ".doc", ".docx", ".yml", ".yaml",
        ".toml", ".ini", ".cfg", ".sqlite", ".db", ".safetensors", ".pt", ".exe", ".dll", ".so",
    }
)  # fmt: skip
_DIGITS = re.compile(r"(\d+)")
_LOOK_UP = 512
"""Entries between two looks at whether the walk was cancelled."""


def find_records(folder: Path | str, cancelled: Callable[[], bool] | None = None) -> Iterator[Path]:
    """Walk a folder and yield its recordings as they are found.

    Each folder's own files come first, then its subfolders, both in natural order (2 before 10).
    Hidden files and folders are passed over, and no folder is entered twice, whatever links lead
    to it. Of a WFDB record the header is yielded; its signal and annotation files and the
    segments of a multi-segment record are not. Files in other formats are recognised by their
    first bytes; a file with an ending of ECG files that is not recognised is yielded as well,
    and so is a folder that cannot be opened, so that reading them says what is wrong.

    Parameters
    ----------
    folder : Path or str
        Where to begin.
    cancelled : callable, optional
        Asked now and then; the walk ends once it returns True.

    Yields
    ------
    Path
        Below `folder`, as `folder` was given.
    """
    stop = cancelled or (lambda: False)
    seen: set[tuple[int, int]] = set()
    waiting = [Path(folder)]
    while waiting and not stop():
        current = waiting.pop()
        try:
            stat = current.stat()
            # Windows has no inode numbers for some file systems; there links are not followed.
            if stat.st_ino and (stat.st_dev, stat.st_ino) in seen:
                continue
            seen.add((stat.st_dev, stat.st_ino))
            files, folders = _entries(current)
        except OSError:
            yield current
            continue
        for number, name in enumerate(_recordings(current, files)):
            if number % _LOOK_UP == 0 and stop():
                return
            yield current / name
        waiting.extend(current / name for name in sorted(folders, key=natural, reverse=True))


def expand(paths: Iterable[Path | str], cancelled: Callable[[], bool] | None = None) -> Iterator[Path]:
    """Yield the recordings that paths on a command line stand for.

    Parameters
    ----------
    paths : iterable of Path or str
        Folders are walked. Everything else is yielded as given, also where it does not exist:
        it may be a WFDB record's name without an ending, and if it is not, reading it says so.
    cancelled : callable, optional
        As for :func:`find_records`.

    Yields
    ------
    Path
    """
    for given in paths:
        path = Path(given)
        if path.is_dir():
            yield from find_records(path, cancelled)
        else:
            yield path


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts ``"rec2"`` before ``"rec10"``."""
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part.casefold()) for part in _DIGITS.split(name) if part
    )


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of a folder's visible files and subfolders."""
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            try:
                if entry.is_dir():
                    folders.append(entry.name)
                elif entry.is_file():
                    files.append(entry.name)
            except OSError:
                # A link that leads in a circle is no reason not to list what is beside it.
                continue
    return files, folders


def _recordings(folder: Path, files: list[str]) -> Iterator[str]:
    """Yield the names that are recordings, in natural order."""
    endings = {name: _split(name) for name in files}
    headers = {stem for stem, ending in endings.values() if ending == ".hea"}
    parts = _parts(folder, headers, {stem for stem, ending in endings.values() if ending.lower() in (".dat", ".mat")})
    for name in sorted(files, key=natural):
        stem, ending = endings[name]
        if ending == ".hea":
            if stem not in parts:
                yield name
        # Whatever else carries the name of a header is its signal or its annotations.
        elif stem not in headers and name not in parts and _is_recording(folder / name, ending.lower()):
            yield name


def _split(name: str) -> tuple[str, str]:
    """Return name and ending, as `Path` has them but a hundred times as fast."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem else (name, "")


def _parts(folder: Path, headers: set[str], signals: set[str]) -> set[str]:
    """Return names that only make sense as part of a WFDB record: segments and signal files.

    A header beside a signal file of its own name is taken for what it seems and not opened:
    opening each would take most of the time a large folder needs.
    """
    parts: set[str] = set()
    for stem in headers - signals:
        try:
            header = load_header(folder / f"{stem}.hea")
        except (RefusedError, OSError):
            continue
        parts.update(segment.name for segment in header.segments)
        parts.update(signal.file for signal in header.signals)
    return parts


def _is_recording(path: Path, ending: str) -> bool:
    if ending in _OTHER_ENDINGS:
        return False
    if ending in _ECG_ENDINGS:
        return True
    try:
        with path.open("rb") as file:
            return sniff(file.read(HEAD)) is not None
    except OSError:
        return False
