"""What work on many files has found so far, on disk, so that it can be broken off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ecgview.explain.output import ExplanationError


class Journal:
    """What each file gave, one line a file, so that a run that was broken off need not begin anew.

    A line counts for a file of the same path, size and time of change. Lines of another question, and
    one cut short by a crash, are passed over. Files are told apart by a hash: no path stands in it.

    Parameters
    ----------
    path : Path or None
        Where it is kept; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._question = path, ""
        self._known: dict[str, dict[str, Any]] = {}
        self._cut_short = False

    def ask(self, question: str) -> None:
        """Read what is known for a question, unless it is the one asked last."""
        if question == self._question:
            return
        self._question, self._known = question, {}
        if self._path is None or not self._path.is_file():
            return
        text = self._path.read_text(encoding="utf-8", errors="replace")
        self._cut_short = bool(text) and not text.endswith("\n")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
                if entry["question"] == question:
                    self._known[entry["file"]] = entry["found"]
            except (ValueError, KeyError, TypeError):
                continue

    def known(self, path: Path, kept_back: Collection[str] = frozenset()) -> dict[str, Any] | None:
        """Return what a file gave; None also where that is of a record kept back, or might be."""
        found = self._known.get(_state(path))
        if found is None or not kept_back:
            return found
        of = found.get("record")
        return None if of is None or of in kept_back else found

    def add(self, path: Path, found: dict[str, Any]) -> None:
        """Note what a file gave.

        Raises
        ------
        ExplanationError
        """
        if self._path is None:
            return
        state = _state(path)
        line = json.dumps({"question": self._question, "file": state, "found": found})
        try:
            with self._path.open("a", encoding="utf-8") as stream:
                # What was cut short must not swallow the line after it.
                stream.write(("\n" if self._cut_short else "") + line + "\n")
        except OSError as error:
            raise ExplanationError(f"{self._path}: {error.strerror or error}", wrong_usage=True) from error
        self._cut_short = False
        self._known[state] = found


def _state(path: Path) -> str:
    try:
        stat = path.stat()
    except OSError:
        told = f"{path} is gone"
    else:
        told = f"{path.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    return hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()
