"""A run's table while it grows: a folder beside the table it will be, from which a broken-off run goes on.

``F.csv.unfinished`` holds ``run.json`` (what the run is of), ``files`` (the list of files, made once)
and ``rows`` (the table so far, a row a line). What is written there is never rewritten: a run that
was killed is cut back to its last whole row and goes on behind it. A Parquet table cannot be broken
off between two rows, so its rows are kept as CSV until the end.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from ecgview.batch.job import BatchError, Job
from ecgview.batch.listing import read_listing, write_listing
from ecgview.model.batch import CHUNK, Row
from ecgview.model.bundle import Bundle
from ecgview.model.tables import CsvTable, JsonTable, Table

ENDINGS = (".csv", ".json", ".parquet")
_ANEW = "Remove that folder to begin anew"
_LONGEST_ROW = 1_000_000
"""Bytes; more than any row has."""


def unfinished_folder(out: Path) -> Path:
    """Return the folder a table grows in."""
    return out.with_name(f"{out.name}.unfinished")


@dataclass(frozen=True, slots=True)
class _Kept:
    """How far a table came: rows, those of them without a prediction, and where in the file they end."""

    rows: int
    failed: int
    end: int


class Unfinished:
    """A table that grows on disk; made by :meth:`begin` or :meth:`resume`, and to be closed.

    Attributes
    ----------
    total : int
        Files of the run.
    rows : int
        Rows that are written.
    failed : int
        Rows without a prediction among them.
    """

    def __init__(self, out: Path, bundle: Bundle) -> None:
        self._out = out
        self._bundle = bundle
        self.folder = unfinished_folder(out)
        self._rows_file = self.folder / "rows"
        self._table: Table = JsonTable(bundle) if out.suffix.lower() == ".json" else CsvTable(bundle)
        self._lock = FileLock(self.folder / "lock")
        self.total = self.rows = self.failed = 0

    @classmethod
    def begin(
        cls,
        out: Path,
        bundle: Bundle,
        job: Job,
        given: Sequence[Path],
        paths: Iterable[Path],
        told: Callable[[int], None] | None = None,
    ) -> Self:
        """List the files of a new run.

        Parameters
        ----------
        out : Path
            The table it is to become.
        bundle : Bundle
            The model.
        job : Job
        given : sequence of Path
            What the user named.
        paths : iterable of Path
            The files that come of it.
        told : callable, optional
            Given the number of files now and then.

        Raises
        ------
        BatchError
            A run for this table is unfinished already, or at work.
        OSError
        """
        made = cls(out, bundle)
        made.folder.mkdir(exist_ok=True)
        made._hold()
        try:
            if made._has_rows():
                raise BatchError(
                    f"{made.folder} holds a run that was not finished. Go on with it by --resume, "
                    "or remove that folder to begin anew"
                )
            (made.folder / "run.json").unlink(missing_ok=True)
            made.total = write_listing(made.folder / "files", paths, told)
            with made._rows_file.open("w", encoding="utf-8", newline="") as stream:
                stream.write(made._table.head())
            # Written last: without it nothing has begun.
            about = _about(job, given, made.total)
            (made.folder / "run.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        except BaseException:
            made.close()
            raise
        return made

    @classmethod
    def resume(cls, out: Path, bundle: Bundle, job: Job, given: Sequence[Path]) -> Self | None:
        """Go on with a run that was broken off.

        Returns
        -------
        Unfinished or None
            None where none is unfinished.

        Raises
        ------
        BatchError
            It is of another model, program, or other files; or its files are damaged; or it is at work.
        OSError
        """
        made = cls(out, bundle)
        if not (made.folder / "run.json").exists():
            return None
        made._hold()
        try:
            if not made._rows_file.exists():  # the last step of all was broken off
                made._remove()
                return None
            made._check(job, given)
            kept = made._count()
            with made._rows_file.open("r+b") as stream:
                stream.truncate(kept.end)
        except BaseException:
            made.close()
            raise
        made.rows, made.failed = kept.rows, kept.failed
        return made

    def waiting(self) -> Iterator[str]:
        """Yield the paths whose chunks are not whole yet: from the beginning of the chunk the table ends in."""
        return read_listing(self.folder / "files", self.rows // CHUNK * CHUNK)

    def write(self, rows: Iterable[Iterable[Row]], told: Callable[[Row], None]) -> None:
        """Add rows, chunk by chunk; what is there of the first chunk is not written again.

        Parameters
        ----------
        rows : iterable of iterable of Row
            Chunks for the paths of :meth:`waiting`, in their order.
        told : callable
            Given each row that was added.
        """
        there = self.rows % CHUNK
        with self._rows_file.open("a", encoding="utf-8", newline="") as stream:
            for chunk in rows:
                for row in islice(chunk, there, None):
                    stream.write(self._table.line(row, self.rows))
                    self.rows += 1
                    self.failed += row.prediction is None
                    told(row)
                there = 0
                stream.flush()

    def finish(self) -> None:
        """Put the whole table in its place, and remove the folder.

        Raises
        ------
        BatchError
            Rows are missing.
        OSError
        """
        if self.rows != self.total:
            raise BatchError(f"{self._out}: {self.rows} rows for {self.total} files")
        if self._out.suffix.lower() == ".parquet":
            from ecgview.batch.parquet import write_parquet

            made = self.folder / "table.parquet"
            write_parquet(self._rows_file, made, self._bundle)
            made.replace(self._out)
            self._rows_file.unlink()
        else:
            with self._rows_file.open("a", encoding="utf-8", newline="") as stream:
                stream.write(self._table.tail())
                stream.flush()
                os.fsync(stream.fileno())
            self._rows_file.replace(self._out)
        self._remove()

    def close(self) -> None:
        """Let other runs have the folder; one without rows holds nothing to go on with and is removed."""
        if self.folder.exists() and not self._has_rows():
            self._remove()
        self._lock.release()

    def _hold(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BatchError(f"{self.folder}: another run is writing this table") from None

    def _has_rows(self) -> bool:
        """Whether there is a run whose table is past its head."""
        if not (self.folder / "run.json").exists() or not self._rows_file.exists():
            return False
        return self._rows_file.stat().st_size > len(self._table.head().encode("utf-8"))

    def _remove(self) -> None:
        # First the file whose presence says that there is something to go on with.
        (self.folder / "run.json").unlink(missing_ok=True)
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _check(self, job: Job, given: Sequence[Path]) -> None:
        try:
            about = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            self.total = int(about["total"])
            before = {name: about[name] for name in ("model_hash", "version", "given")}
        except (ValueError, KeyError, TypeError) as error:
            raise BatchError(f"{self.folder / 'run.json'} is damaged ({error}). {_ANEW}") from error
        now = _about(job, given, self.total)
        for name, what in (("given", "other files"), ("model_hash", "another model"), ("version", "another version")):
            if before[name] != now[name]:
                raise BatchError(f"{self.folder} holds a run of {what} than this one. {_ANEW}")

    def _count(self) -> _Kept:
        """Count whole rows, and look whether the last is of the file it should be of."""
        head = self._table.head().encode("utf-8")
        kept = _Kept(0, 0, len(head))
        last = b""
        with self._rows_file.open("rb") as stream:
            if stream.read(len(head)) != head:
                raise BatchError(f"{self._rows_file} does not begin as this table does. {_ANEW}")
            text = b""
            for line in stream:
                text += line
                if kept.rows == self.total or len(text) > _LONGEST_ROW:
                    break  # only the end of the table follows, or what is no row at all
                if self._table.is_whole(text):
                    failed = kept.failed + (not self._table.judged(text))
                    kept, last, text = _Kept(kept.rows + 1, failed, kept.end + len(text)), text, b""
        if kept.rows:
            expected = self._table.name(next(read_listing(self.folder / "files", kept.rows - 1), ""))
            try:
                fits = self._table.path(last) == expected
            except ValueError:
                fits = False
            if not fits:
                raise BatchError(f"{self._rows_file}: row {kept.rows} is not of {expected}. {_ANEW}")
        return kept


def _about(job: Job, given: Sequence[Path], total: int) -> dict[str, object]:
    return asdict(job) | {"given": [str(path.absolute()) for path in given], "total": total}
