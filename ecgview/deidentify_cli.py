"""`ecgview deidentify`: copies that can leave the hospital, and the search for what should not be in them."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ecgview.cli_options import SOME_FAILED, WRONG_USAGE, messages, progress_bar

if TYPE_CHECKING:
    from _csv import Writer

    from ecgview.record.deidentify import Outcome
    from ecgview.record.deidentify_key import Key

_TABLE = ("original", "patient identifier", "patient name", "patient", "written", "dates moved back by, s")
_LISTED = 20


def deidentify(
    source: Annotated[Path | None, typer.Argument(metavar="IN", help="A file or folder of ECGs.")] = None,
    out: Annotated[Path | None, typer.Argument(metavar="OUT", help="A new or empty folder.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="A key made before.", dir_okay=False)] = None,
    new_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Make a key, readable by you alone, and use it.", dir_okay=False)
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="F.csv", help="Write which pseudonym is whom; keep it with the key.", dir_okay=False),
    ] = None,
    wfdb: Annotated[bool, typer.Option("--wfdb", help="Write WFDB also where the input is DICOM.")] = False,
    folder_is_patient: Annotated[
        bool, typer.Option("--folder-is-patient", help="All records of one folder are one patient's.")
    ] = False,
    check: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Search a file or folder for identifiers instead.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Identifiers to search for, one a line.", dir_okay=False)
    ] = None,
) -> None:
    """Copy ECGs without names, identifiers, true dates and free text.

    DICOM stays DICOM, everything else becomes WFDB, with the samples as they are. The same key gives
    a patient the same pseudonym and the same shift of dates. --check searches what was written for
    identifiers you know, in all files, their names and what is compressed in them.
    """
    if check is not None or against is not None:
        if check is None or against is None or source is not None:
            raise typer.BadParameter("a search needs --check OUT and --against FILE, and nothing else")
        _search(check, against)
        return
    if source is None or out is None:
        raise typer.BadParameter("name the input and the output folder", param_hint="IN OUT")
    if (key is None) == (new_key is None):
        raise typer.BadParameter("name a key with --key, or make one with --new-key", param_hint="--key")
    from ecgview.record.deidentify import DeidentificationError, check_folders, inside_of
    from ecgview.record.deidentify import deidentify as run
    from ecgview.record.deidentify_key import KeyFileError

    for secret in (key, new_key, table):
        if secret is not None and inside_of(secret, out):
            raise typer.BadParameter(f"{secret} must not lie in the output folder")
    try:
        check_folders(source, out)
        secret_key = _key(key, new_key)
        outcomes = run(source, out, secret_key, only_wfdb=wfdb, folder_is_patient=folder_is_patient)
        counted = _copy(outcomes, out, table)
    except (DeidentificationError, KeyFileError) as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(WRONG_USAGE) from error
    except OSError as error:
        messages.print(f"{error.filename or out}: {error.strerror or error}", markup=False)
        raise typer.Exit(WRONG_USAGE) from error
    messages.print(
        f"{counted['written']} of {counted.total()} records written to {out}. Before they leave, "
        "search them with --check for names and numbers you know.",
        markup=False,
    )
    if counted["refused"] or not counted.total():
        raise typer.Exit(SOME_FAILED)


def _key(key: Path | None, new: Path | None) -> Key:
    from ecgview.record.deidentify_key import load_key, new_key

    if new is None:
        assert key is not None
        return load_key(key)
    made = new_key(new)
    messages.print(f"{new}: a new key. Keep it secret and apart from the output; without it nothing can be linked.")
    return made


def _copy(outcomes: Iterator[Outcome], out: Path, table: Path | None) -> Counter[str]:
    """Go through the records, tell of those refused, and keep the table if it is wanted."""
    counted: Counter[str] = Counter()
    with _table(table) as rows, progress_bar() as bar:
        task = bar.add_task("records", total=None)
        for outcome in outcomes:
            bar.advance(task)
            for text in (*outcome.notes, *([outcome.problem] if outcome.problem else [])):
                bar.console.print(f"{outcome.source}: {text}", markup=False)
            counted["refused" if outcome.written is None else "written"] += 1
            if rows is not None and outcome.written is not None:
                rows.append(outcome, out)
    return counted


class _Rows:
    """The table of who is whom, for those who hold the key."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        writer.writerow(_TABLE)

    def append(self, outcome: Outcome, out: Path) -> None:
        """Add one record; cells that a spreadsheet would compute are made text."""
        from ecgview.review.cells import guarded

        assert outcome.written is not None
        cells = [
            str(outcome.source),
            outcome.identifier or "",
            outcome.name or "",
            outcome.patient or "",
            str(outcome.written.relative_to(out)),
        ]
        self._writer.writerow([*(guarded(cell) for cell in cells), int(outcome.shift.total_seconds())])


@contextmanager
def _table(path: Path | None) -> Iterator[_Rows | None]:
    if path is None:
        yield None
        return
    # It names patients: readable by its owner alone, and never written over.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="", errors="backslashreplace") as stream:
        yield _Rows(csv.writer(stream))


def _search(place: Path, against: Path) -> None:
    from ecgview.record.deidentify_check import CheckError, find_identifiers, read_identifiers

    try:
        identifiers = read_identifiers(against)
        findings = find_identifiers(place, identifiers)
    except CheckError as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(WRONG_USAGE) from error
    for finding in findings[:_LISTED]:
        messages.print(f"{finding.file}: {finding.identifier!r} in its {finding.where}", markup=False)
    if len(findings) > _LISTED:
        messages.print(f"and {len(findings) - _LISTED} more")
    typer.echo(f"{len(findings)} found of {len(identifiers)} identifiers")
    if findings:
        raise typer.Exit(SOME_FAILED)
