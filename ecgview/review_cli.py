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
    Path,
    typer.Option(
        help="CSV with the columns record (content hash), name, class, label, decision, probability.",
        dir_okay=False,
        exists=True,
    ),
]


class Order(StrEnum):
    """What the queue is ordered by."""

    SUSPICION = "suspicion"
    CONFIDENT_LEARNING = "confident-learning"
    DISAGREEMENT = "disagreement"
    RANDOM = "random"


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong instead of showing where in the program."""
    from ecgview.review.rounds import RoundError
    from ecgview.review.store import StoreError

    try:
        yield
    except (StoreError, RoundError, ValueError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(SOME_FAILED) from error


@app.command()
def new(
    store: StoreArgument,
    table: TableOption,
    reader: Annotated[list[str], typer.Option(help="A reader's name; once for each.")],
    owner: Annotated[str, typer.Option(help="Who makes the round.")],
    template: Annotated[str, typer.Option(help="A study that is ready to be run: lad.")] = "lad",
    adjudicator: Annotated[str, typer.Option(help="Who decides where readers differ.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same round.")] = 0,
) -> None:
    """Make a reading round: a sample of wrongly and rightly judged records, read blinded."""
    from ecgview.review.candidates import read_candidates
    from ecgview.review.rounds import Round
    from ecgview.review.sampling import draw
    from ecgview.review.store import Store
    from ecgview.review.templates import TEMPLATES

    if template not in TEMPLATES:
        raise typer.BadParameter(f"known are: {', '.join(TEMPLATES)}", param_hint="--template")
    study = TEMPLATES[template]
    with _told(), table.open(encoding="utf-8", newline="") as stream:
        candidates = [item for item in read_candidates(stream, table.name) if item.code == study.code]
        if not candidates:
            raise ValueError(f"{table.name}: no row is of class {study.code}")
        with Store(store) as opened:
            made = Round.create(
                opened,
                study.title,
                draw(candidates, study.sample, seed),
                reader,
                owner=owner,
                seed=seed,
                readings=min(study.readings, len(reader)),
                repeated=study.repeated,
                adjudicator=adjudicator,
            )
            typer.echo(f"round {made.identifier}: {made.title}")
            for name in made.readers:
                typer.echo(f"{name}: {len(made.assignments(name))} readings")


@app.command()
def queue(
    table: TableOption,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.SUSPICION,
    code: Annotated[str | None, typer.Option("--class", help="Only this class.")] = None,
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Of what is random.")] = 0,
) -> None:
    """List the labels most worth a second look, as JSON, each with the reason why."""
    from ecgview.review.candidates import as_arrays, read_candidates
    from ecgview.review.suspicion import queue as queue_of

    with _told(), table.open(encoding="utf-8", newline="") as stream:
        rows = [item for item in read_candidates(stream, table.name) if code in (None, item.code)]
        if not rows:
            raise ValueError(f"{table.name}: no row is of class {code}")
        names = {item.record_hash: item.record_name for item in rows}
        records, codes, labels, decisions, probabilities = as_arrays(rows)
        wanted: Any = order.value.replace("-", " ")
        found = queue_of(codes, labels, probabilities, wanted, decisions=decisions, limit=limit, seed=seed)
        listed = [
            {
                "record": records[item.record],
                "name": names[records[item.record]],
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
    out: Annotated[Path, typer.Option(help="F.csv or F.json; a file that is there is not written over.")],
    history: Annotated[
        bool, typer.Option("--history", help="All events in place of the labels that hold now.")
    ] = False,
    identified: Annotated[bool, typer.Option("--identified", help="With readers, names of files, and notes.")] = False,
) -> None:
    """Write labels to a file, de-identified unless asked otherwise."""
    from ecgview.review.export import write_csv, write_json
    from ecgview.review.store import Store

    writers = {".csv": write_csv, ".json": write_json}
    if out.suffix.lower() not in writers:
        raise typer.BadParameter(f"{out} ends neither in .csv nor in .json", param_hint="--out")
    with _told(), Store(store, create=False) as opened, out.open("x", encoding="utf-8", newline="") as stream:
        count = writers[out.suffix.lower()](opened, stream, history, identified)
    typer.echo(f"{count} rows in {out}", err=True)


@app.command("import")
def import_labels(
    store: StoreArgument,
    file: Annotated[Path, typer.Argument(help="CSV with record, class, decision.", dir_okay=False, exists=True)],
    reader: Annotated[str, typer.Option(help="Who, for rows that do not say.")] = "",
) -> None:
    """Take labels over from a CSV: all of it, or nothing when a row is at fault."""
    from ecgview.review.export import read_csv
    from ecgview.review.store import Store

    with _told(), file.open(encoding="utf-8-sig", newline="") as stream:
        entries = read_csv(stream, file.name, reader)
        with Store(store) as opened:
            typer.echo(f"{len(opened.append(entries))} labels taken over", err=True)


@app.command()
def agreement(
    store: StoreArgument,
    round_id: Annotated[str, typer.Option("--round", help="The round, as `status` names it.")],
) -> None:
    """Compare readers with each other, label, model and themselves, as CSV on standard output."""
    from ecgview.review.agreement import compare_all, write_table
    from ecgview.review.rounds import Round
    from ecgview.review.store import Store

    with _told(), Store(store, create=False) as opened:
        found = compare_all(*Round(opened, round_id).readings())
    write_table(found, sys.stdout)
