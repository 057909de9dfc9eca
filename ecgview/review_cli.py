"""`ecgview review …`: one thin function for each subcommand. The store is imported only where it is used."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

SOME_FAILED = 1

app = typer.Typer(help="Labels by readers: reading rounds, queue, export, agreement.", no_args_is_help=True)

StoreArgument = Annotated[str, typer.Argument(metavar="STORE", help="A file, or postgresql://user@host/database.")]
TableOption = Annotated[
    Path | None,
    typer.Option(
        help="CSV with the columns record (content hash), name, class, label, decision, probability.",
        dir_okay=False,
        exists=True,
    ),
]
RecordsOption = Annotated[Path | None, typer.Option(help="A folder of labelled records.", file_okay=False, exists=True)]
ModelOption = Annotated[
    Path | None, typer.Option(help="A model's folder in place of the bundled ensemble.", file_okay=False, exists=True)
]
ReadersOption = Annotated[
    str | None,
    typer.Option(metavar="STORE", help="A label store: its labels go before those of the records."),
]
ClassOption = Annotated[list[str] | None, typer.Option("--class", help="Only this class; once for each.")]
IdentifiedOption = Annotated[
    bool,
    typer.Option("--identified", help="With readers, dates of labelling, notes, names of files and patients."),
]


class Order(StrEnum):
    """What the queue is ordered by."""

    SUSPICION = "suspicion"
    CONFIDENT_LEARNING = "confident-learning"
    DISAGREEMENT = "disagreement"
    UNCERTAINTY = "uncertainty"
    RANDOM = "random"


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong instead of showing where in the program."""
    from ecgview.record.printing import printable
    from ecgview.review.rounds import RoundError
    from ecgview.review.store import StoreError

    try:
        yield
    except (StoreError, RoundError, ValueError, OSError) as error:
        # What a file or a store says may hold what would command the terminal.
        typer.echo("\n".join(printable(line) for line in str(error).splitlines()), err=True)
        raise typer.Exit(SOME_FAILED) from error


@app.command()
def new(
    store: StoreArgument,
    reader: Annotated[list[str], typer.Option(help="A reader's name; once for each.")],
    owner: Annotated[str, typer.Option(help="Who makes the round.")],
    table: TableOption = None,
    records: RecordsOption = None,
    model: ModelOption = None,
    readers: ReadersOption = None,
    template: Annotated[
        str, typer.Option(help="A study that is ready to be run: lad. It is what is made without --class.")
    ] = "",
    code: Annotated[list[str] | None, typer.Option("--class", help="A class to be read; once for each.")] = None,
    title: Annotated[str, typer.Option(help="What the round is called; readers see it.")] = "",
    false_positives: Annotated[int, typer.Option(help="Records by class that only the model states.", min=0)] = 20,
    false_negatives: Annotated[int, typer.Option(help="Records by class that only the label states.", min=0)] = 20,
    controls: Annotated[int, typer.Option(help="Correct records of each class.", min=0)] = 20,
    readings: Annotated[int, typer.Option(help="Readers of each record.", min=1)] = 2,
    repeated: Annotated[float, typer.Option(help="Share that a reader is given twice.", min=0, max=1)] = 0.1,
    adjudicator: Annotated[str, typer.Option(help="Who decides where readers differ.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same round.")] = 0,
) -> None:
    """Make a reading round: a sample of wrongly and rightly judged records, read blinded.

    What label and model say comes from a table, or from a folder of labelled records.
    """
    from ecgview.review.rounds import Round
    from ecgview.review.sampling import Sample, draw
    from ecgview.review.store import Store
    from ecgview.review.templates import TEMPLATES

    wanted = list(code or [])
    if template and wanted:
        raise typer.BadParameter("a template brings its class with it", param_hint="--class")
    study = None
    if not wanted:
        if (template or "lad") not in TEMPLATES:
            raise typer.BadParameter(f"known are: {', '.join(TEMPLATES)}", param_hint="--template")
        study = TEMPLATES[template or "lad"]
        wanted, readings, repeated = [study.code], min(study.readings, len(reader)), study.repeated
        title = title or study.title
    sample = study.sample if study is not None else Sample(false_positives, false_negatives, controls)
    with _told():
        found, model_hash = _candidates(table, records, model, readers, wanted, study is not None)
        for one in wanted:
            if not any(item.code == one for item in found):
                raise ValueError(f"{(table or records or Path()).name}: no row is of class {one}")
        with Store(store) as opened:
            made = Round.create(
                opened,
                title or ", ".join(wanted),
                draw(found, sample, seed),
                reader,
                owner=owner,
                seed=seed,
                readings=min(readings, len(reader)),
                repeated=repeated,
                adjudicator=adjudicator,
                model=model_hash,
                known=found,
            )
            typer.echo(f"round {made.identifier}: {made.title}")
            for name in made.readers:
                typer.echo(f"{name}: {len(made.assignments(name))} readings")


@app.command()
def candidates(
    records: Annotated[Path, typer.Argument(help="A folder of labelled records.", file_okay=False, exists=True)],
    out: Annotated[Path, typer.Option(help="F.csv; a file that is there is not written over.", dir_okay=False)],
    model: ModelOption = None,
    readers: ReadersOption = None,
    code: ClassOption = None,
    template: Annotated[str, typer.Option(help="Candidates of a study: lad takes the measured axis.")] = "",
) -> None:
    """Write the table that `new --table` and `queue --table` read: label and model, by record and class."""
    from ecgview.review.templates import TEMPLATES
    from ecgview.review.worklist import write_candidates

    if template and template not in TEMPLATES:
        raise typer.BadParameter(f"known are: {', '.join(TEMPLATES)}", param_hint="--template")
    with _told():
        found, _ = _candidates(None, records, model, readers, list(code or []), bool(template))
        with out.open("x", encoding="utf-8", newline="") as stream:
            count = write_candidates(found, stream)
    typer.echo(f"{count} rows in {out}", err=True)


@app.command()
def queue(
    table: TableOption = None,
    records: RecordsOption = None,
    model: ModelOption = None,
    readers: ReadersOption = None,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.SUSPICION,
    code: ClassOption = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Of what is random.")] = 0,
) -> None:
    """List the labels most worth a second look, as JSON, each with the reason why.

    From a table, or from a folder of labelled records: those that the model was trained with are judged
    by the predictions stored for records held out, all others by the whole ensemble. With --readers,
    what readers have decided already is passed over.
    """
    from ecgview.review.candidates import read_candidates
    from ecgview.review.worklist import Judged, worklist

    _one_of(table, records)
    with _told():
        decided: set[tuple[str, str]] = set()
        if readers is not None:
            from ecgview.training.readers import readers_labels

            decided = {(digest, one) for digest, held in readers_labels(readers).items() for one in held}
        if table is not None:
            with table.open(encoding="utf-8", newline="") as stream:
                rows = [item for item in read_candidates(stream, table.name) if not code or item.code in code]
            if not rows:
                raise ValueError(f"{table.name}: no row is of class {', '.join(code or [])}")
            judged = Judged.of_candidates(rows)
        else:
            assert records is not None
            judged = _judged(records, model, readers)
        wanted: Any = order.value.replace("-", " ")
        found = worklist(judged, wanted, code or None, limit, seed, decided)
        listed = [
            {
                "record": item.record_hash,
                "name": item.record_name,
                "class": item.code,
                "score": round(item.score, 6),
                "why": item.why,
            }
            for item in found
        ]
    typer.echo(json.dumps(listed, indent=1, ensure_ascii=False))


@app.command()
def status(store: StoreArgument) -> None:
    """Say what a store holds, and how far its rounds have come. Nothing that was read is told."""
    from ecgview.review.rounds import rounds
    from ecgview.review.store import Store

    with _told(), Store(store, create=False) as opened:
        readers = Counter(event.reader for event in opened.current_labels())
        typer.echo(f"end of the store: {opened.head()}")
        for name, count in sorted(readers.items()):
            typer.echo(f"{name}: {count} labels")
        for known in rounds(opened):
            for name in known.readers:
                own = known.assignments(name)
                done = sum(item.locked for item in own)
                typer.echo(f"round {known.identifier} ({known.title}), {name}: {done} of {len(own)} readings locked")


@app.command()
def verify(
    store: StoreArgument,
    end: Annotated[
        str | None, typer.Option(help="The end that `status` or an export told earlier: finds what was cut off.")
    ] = None,
) -> None:
    """Check that no label was changed, removed or put in since it was written."""
    from ecgview.review.store import Head, Store
    from ecgview.review.verification import verify as verify_store

    with _told(), Store(store, create=False) as opened:
        found = verify_store(opened, Head.parse(end) if end else None)
    for fault in found.faults:
        typer.echo(fault, err=True)
    if not found.sound:
        raise typer.Exit(SOME_FAILED)
    typer.echo(f"all {found.head.count} events are as they were written; end: {found.head}")


@app.command()
def export(
    store: StoreArgument,
    out: Annotated[Path, typer.Option(help="F.csv, F.json, or a folder with --records; nothing is written over.")],
    history: Annotated[
        bool, typer.Option("--history", help="All events in place of the labels that hold now.")
    ] = False,
    identified: IdentifiedOption = False,
    records: Annotated[
        Path | None,
        typer.Option(
            help="Copy these records with what readers hold of them: a PTB-XL-shaped table, Dx in headers, .atr marks.",
            file_okay=False,
            exists=True,
        ),
    ] = None,
    dates: Annotated[bool, typer.Option("--dates", help="With --records: with the dates of recording.")] = False,
    relabelled: Annotated[
        bool, typer.Option("--relabelled", help="With --records: only those of which readers decided something.")
    ] = False,
) -> None:
    """Write labels to a file or a folder of copies, de-identified unless asked otherwise.

    The folder is input of `ecgview train` and `ecgview evaluate`; the records themselves are only read.
    """
    from ecgview.review.store import Store

    if records is not None:
        from ecgview.training.relabelled_folder import FolderError, write_folder

        if history:
            raise typer.BadParameter("goes without --records", param_hint="--history")
        with _told(), Store(store, create=False) as opened:
            try:
                made = write_folder(opened, records, out, identified, dates, relabelled)
            except FolderError as error:
                raise ValueError(str(error)) from error
        for line in made.left_out:
            typer.echo(f"left out: {line}", err=True)
        typer.echo(
            f"{made.records} records in {out}, {made.relabelled} of them relabelled, {made.marks} marks; "
            f"{made.ties} classes of records left as they came because readers are divided",
            err=True,
        )
        return
    if dates or relabelled:
        raise typer.BadParameter("goes with --records", param_hint="--dates" if dates else "--relabelled")
    from ecgview.review.export import write_csv, write_json

    writers = {".csv": write_csv, ".json": write_json}
    if out.suffix.lower() not in writers:
        raise typer.BadParameter(f"{out} ends neither in .csv nor in .json", param_hint="--out")
    with _told(), Store(store, create=False) as opened:
        unfinished = out.with_name(f".{out.name}.part")
        if out.exists():
            raise FileExistsError(17, "File exists", str(out))
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                count = writers[out.suffix.lower()](opened, stream, history, identified)
            unfinished.rename(out)
        finally:
            unfinished.unlink(missing_ok=True)
    typer.echo(f"{count} rows in {out}", err=True)


@app.command("import")
def import_labels(
    store: StoreArgument,
    file: Annotated[Path, typer.Argument(help="CSV with record, class, decision.", dir_okay=False, exists=True)],
    reader: Annotated[str, typer.Option(help="Who, for rows that do not say.")] = "",
    round_id: Annotated[
        str | None, typer.Option("--round", help="Take the rows for readings of this round, and lock them.")
    ] = None,
) -> None:
    """Take labels, or readings of a round, over from a CSV: all of it, or nothing when a row is at fault."""
    from ecgview.review.importing import import_readings, read_csv
    from ecgview.review.rounds import Round
    from ecgview.review.store import Store

    with _told(), file.open(encoding="utf-8-sig", newline="") as stream:
        if round_id is not None:
            with Store(store, create=False) as opened:
                count = import_readings(Round(opened, round_id), stream, file.name)
            typer.echo(f"{count} readings locked", err=True)
            return
        entries = read_csv(stream, file.name, reader)
        with Store(store) as opened:
            typer.echo(f"{len(opened.append(entries))} labels taken over", err=True)


@app.command()
def agreement(
    store: StoreArgument,
    round_id: Annotated[
        str | None, typer.Option("--round", help="The round, as `status` names it; else the labels that hold now.")
    ] = None,
    identified: Annotated[bool, typer.Option("--identified", help="With the readers' names.")] = False,
) -> None:
    """Compare readers with each other, label, model and themselves, as CSV on standard output.

    Cohen's kappa and the two-by-two table of each pair, Fleiss' kappa of three and more readers, and
    prevalence, by class and with 95 % intervals.
    """
    from ecgview.review.store import Store
    from ecgview.review.study import study, write_study

    with _told(), Store(store, create=False) as opened:
        found = study(opened, round_id, identified)
    write_study(found, sys.stdout)


def _one_of(table: Path | None, records: Path | None) -> None:
    if (table is None) == (records is None):
        raise typer.BadParameter("either a table or a folder of records", param_hint="--table, --records")


def _judged(records: Path, model: Path | None, readers: str | None) -> Any:
    """Judge a folder's records out of sample, telling on standard error how far it is."""
    from ecgview.training.readers import readers_labels
    from ecgview.training.second_look import look

    with _second_look() as progress:
        judged = look(records, model, readers_labels(readers) if readers is not None else None, progress=progress)
    if judged.left_out:
        typer.echo(f"{len(judged.left_out)} files left out, the first: {judged.left_out[0]}", err=True)
    return judged


@contextmanager
def _second_look() -> Iterator[Any]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from ecgview.model.bundle import BundleError
    from ecgview.training.second_look import SecondLookError

    try:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=Console(stderr=True)) as bar:
            task = bar.add_task("reading")
            yield lambda step: bar.update(
                task, description=f"{step.step}: {step.done}" + (f" of {step.of}" if step.of is not None else "")
            )
    except (BundleError, SecondLookError) as error:
        raise ValueError(str(error)) from error


def _candidates(
    table: Path | None, records: Path | None, model: Path | None, readers: str | None, codes: list[str], axis: bool
) -> tuple[list[Any], str]:
    """Return candidates of some classes, or all, and the hash of the model that they are from."""
    from ecgview.review.candidates import read_candidates

    _one_of(table, records)
    if table is not None:
        with table.open(encoding="utf-8", newline="") as stream:
            return [item for item in read_candidates(stream, table.name) if not codes or item.code in codes], ""
    assert records is not None
    if axis:
        from ecgview.training.second_look import axis_candidates

        with _second_look() as progress:
            return axis_candidates(records, progress), ""
    from ecgview.model.bundle import open_bundle
    from ecgview.resources import bundled_model

    judged = _judged(records, model, readers)
    chosen = judged.of_classes(codes) if codes else judged
    return list(chosen.candidates()), open_bundle(model or bundled_model()).model_hash
