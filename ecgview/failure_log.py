"""A note of what went wrong in the program, without anything of a patient in it.

Kept are the kind of the error and the places in the program it passed through. The error's own
words, arguments, values and paths of the user are not: any of them may hold a name.
"""

from __future__ import annotations

import os
import platform
import sys
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType

import ecgview

MOST_KEPT = 20
"""Older notes are removed."""

_BEGIN, _END = "failure-", ".txt"
_LONGEST_CHAIN = 10
_LONGEST_TRACE = 60


def log_folder() -> Path:
    """Return where notes are kept: the place the system has for such files."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Logs" / "ecgview"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ecgview" / "Logs"
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if Path(state).is_absolute() else home / ".local" / "state") / "ecgview"


def write_failure(error: BaseException, doing: str, folder: Path | None = None) -> Path:
    """Write a note of an error.

    Parameters
    ----------
    error : BaseException
        With its traceback, and what it came from.
    doing : str
        What the program was doing, in our own words: the name of a command, never its arguments.
    folder : Path, optional
        By default :func:`log_folder`; made if need be, readable by its owner alone.

    Returns
    -------
    Path
        The note.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    place = folder or log_folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    now = datetime.now()
    file = place / f"{_BEGIN}{now:%Y%m%d-%H%M%S-%f}-{os.getpid()}{_END}"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(described(error, doing))
    for old in failures(place)[MOST_KEPT:]:
        old.unlink(missing_ok=True)
    return file


def failures(folder: Path | None = None) -> list[Path]:
    """Return the notes there are, the newest first."""
    return sorted((folder or log_folder()).glob(f"{_BEGIN}*{_END}"), reverse=True)


def described(error: BaseException, doing: str) -> str:
    """Return what a note says of an error: kinds and places, no words and no values."""
    lines = [
        f"ecgview {ecgview.__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}",
        f"while: {doing}",
        "The words of the error are left out; they may hold names.",
    ]
    current: BaseException | None = error
    for _ in range(_LONGEST_CHAIN):
        if current is None:
            break
        kind = type(current)
        lines += ["", f"{kind.__module__}.{kind.__qualname__}", *_places(current.__traceback__)]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines) + "\n"


def _places(trace: TracebackType | None) -> list[str]:
    """Return the lines of the program an error passed through; of other files only that there were some."""
    found = []
    for frame, line in traceback.walk_tb(trace):
        code = frame.f_code
        found.append(f"  {_file(code.co_filename)}:{line} {code.co_qualname}")
    return found[-_LONGEST_TRACE:]


def _file(name: str) -> str:
    """Return a file of the program or of a library without the folders above it, which may be a user's."""
    parts = Path(name).parts
    for root in ("site-packages", "ecgview"):
        if root in parts:
            start = len(parts) - 1 - parts[::-1].index(root)
            return "/".join(parts[start:] if root == "ecgview" else parts[start + 1 :])
    return parts[-1] if parts else "?"
