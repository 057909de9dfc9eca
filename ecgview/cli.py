"""The command line: one thin function for each subcommand. Qt and torch are imported only where they are used."""

from __future__ import annotations

import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import ecgview
from ecgview import deidentify_cli, explain_cli, predict_cli, training_cli
from ecgview.cli_options import (
    SOME_FAILED,
    WRONG_USAGE,
    JsonOption,
    messages,
    progress_bar,
)
from ecgview.review_cli import app as review_app

# Products of matrices are small here. Threads that share one wait for each other longer than it takes,
# beside another busy process ten times as long; cores are used side by side instead, a record or network each.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(add_completion=False, no_args_is_help=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(review_app, name="review")


class Paper(StrEnum):
    """Paper a page is drawn for."""

    A4 = "a4"
    LETTER = "letter"


class Pages(StrEnum):
    """How much of a record is drawn."""

    ONE = "one"
    ALL = "all"


class BenchPart(StrEnum):
    """What to measure."""

    ALL = "all"
    EXPLAIN = "explain"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ecgview {ecgview.__version__}\n{ecgview.RESEARCH_USE}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Look at 12-lead ECGs as on paper, with an ensemble's reading beside them.

    `ecgview PATH…` opens the window on files or folders.
    Research use only. Not for use in diagnostic procedures.
    """
    if context.invoked_subcommand is None:
        open_window([])


@app.command("open")
def open_window(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH…]", help="Files or folders of ECGs.")] = None,
) -> None:
    """Open the window; `ecgview PATH…` does the same."""
    from ecgview.ui.display import has_display

    if not has_display():
        messages.print("There is no display to open a window on. `ecgview demo --headless` draws one into a picture,")
        messages.print("and `ecgview --help` lists what works without a window.")
        raise typer.Exit(WRONG_USAGE)
    from ecgview.ui.application import run

    raise typer.Exit(run(list(paths or [])))


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where to write to without a window.", file_okay=False)
    ] = Path("ecgview-demo"),
    headless: Annotated[
        bool, typer.Option("--headless", help="Show no window; write two pictures and predictions.json to DIR.")
    ] = False,
) -> None:
    """Open the demo folder: ECGs that the program's own generator made.

    Without a display the same window is drawn into a picture, as with --headless.
    """
    from ecgview.resources import resource
    from ecgview.ui.display import has_display

    if has_display() and not headless:
        from ecgview.ui.application import run

        raise typer.Exit(run([resource("demo")]))
    from ecgview.ui.headless import render_demo

    try:
        written = render_demo(folder)
    except OSError as error:
        messages.print(f"{folder}: {error.strerror or error}", markup=False)
        raise typer.Exit(WRONG_USAGE) from error
    for path in written:
        typer.echo(path)


@app.command()
def info(
    file: Annotated[Path, typer.Argument(help="An ECG in any format that is read.")],
    as_json: JsonOption = False,
) -> None:
    """Say what a file is: leads, rate, duration, patient, labels, warnings."""
    from ecgview.record import ReadError, describe, read

    try:
        description = describe(read(file))
    except ReadError as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(SOME_FAILED) from error
    if as_json:
        typer.echo(json.dumps(description, indent=1, ensure_ascii=False))
    else:
        _print_description(description)


@app.command()
def measure(
    file: Annotated[Path, typer.Argument(help="An ECG in any format that is read.")],
    as_json: JsonOption = False,
) -> None:
    """Measure an ECG: rate, intervals, QTc by four formulas, axes, amplitudes by lead, quality."""
    from ecgview import RESEARCH_USE
    from ecgview.record import ReadError, read
    from ecgview.signal.measurements import measure as measure_record
    from ecgview.signal.quality import lead_faults

    try:
        record = read(file)
    except ReadError as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(SOME_FAILED) from error
    found = measure_record(record)
    faults = lead_faults(record)
    if as_json:
        typer.echo(json.dumps({"research_use": RESEARCH_USE, **found.as_dict(), "lead_faults": faults}, indent=1))
    else:
        _print_measurements(found, faults)


@app.command()
def render(
    file: Annotated[Path, typer.Argument(help="An ECG in any format that is read.")],
    out: Annotated[Path, typer.Option(help="F.pdf, F.svg or F.png.")],
    layout: Annotated[
        str, typer.Option(help="3x4, 6x2 or 12x1, with rhythm strips as in 3x4+1; or single:V2.")
    ] = "3x4+1",
    order: Annotated[str, typer.Option(help="Order of the limb leads: standard or cabrera.")] = "standard",
    speed: Annotated[str, typer.Option(help="Paper speed, mm/s.")] = "25",
    gain: Annotated[str, typer.Option(help="mm/mV; of limb and chest leads as in 10/5.")] = "10",
    paper: Annotated[Paper | None, typer.Option(help="By default what is usual in this country.")] = None,
    start: Annotated[float, typer.Option("--from", help="Where the page begins, seconds.", min=0.0)] = 0.0,
    pages: Annotated[Pages, typer.Option(help="One page, or all that the record takes (PDF only).")] = Pages.ONE,
    dpi: Annotated[int, typer.Option(help="Of a PNG, 50 to 600.", min=50, max=600)] = 300,
    filters: Annotated[
        str,
        typer.Option(
            "--filter",
            metavar="LIST",
            help="baseline, mains and a low-pass of 150, 100 or 40, as in baseline,mains,150.",
        ),
    ] = "",
    identity: Annotated[
        bool, typer.Option("--identity", help="Tell the names of record and patient, age, sex, date.")
    ] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="CODE", help="Colour the traces by what speaks for and against this class.")
    ] = None,
) -> None:
    """Draw an ECG on a page, in true millimetres: PDF, SVG or PNG.

    The patient's identity stays out of it unless asked for. Times and heights are never scaled to
    the page: at 50 mm/s it holds 5 s.
    """
    if pages is Pages.ALL and (start or out.suffix.lower() != ".pdf"):
        raise typer.BadParameter("all pages go into a PDF, from the beginning of the record", param_hint="--pages")
    from ecgview.record import ReadError, read
    from ecgview.signal.view_filters import ViewFilters
    from ecgview.ui.output.files import check_path
    from ecgview.ui.output.page import Choices
    from ecgview.ui.output.paper_size import A4, LETTER, usual_paper
    from ecgview.ui.output.rendering import render as render_record
    from ecgview.ui.sheet.format import Format, FormatError

    size = {None: usual_paper(), Paper.A4: A4, Paper.LETTER: LETTER}[paper]
    try:
        check_path(out)
        format = Format.parse(f"{layout} {order} {speed}mm/s {gain}mm/mV")
        view = ViewFilters.parse(filters)
    except (FormatError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    colours = None if explain is None else explain_cli.overlay(file, explain)
    choices = Choices(
        start=start,
        whole=pages is Pages.ALL,
        identity=identity,
        filters=view,
        explained=colours,
        format=format,
        paper=size,
    )
    try:
        record = read(file)
        with progress_bar() as bar:
            task = bar.add_task("pages", total=None)
            render_record(record, out, choices, dpi, lambda done, all: bar.update(task, completed=done, total=all))
    except ReadError as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(SOME_FAILED) from error
    except (OSError, ValueError) as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(WRONG_USAGE) from error
    typer.echo(out)


app.command()(predict_cli.predict)
app.command()(explain_cli.explain)
app.command()(explain_cli.population)
app.command()(explain_cli.trust)
app.command()(deidentify_cli.deidentify)


app.command()(training_cli.train)
app.command()(training_cli.evaluate)


@app.command()
def doctor(
    as_json: JsonOption = False,
    store: Annotated[
        str | None, typer.Option(metavar="STORE", help="A label store; by default the one the window keeps.")
    ] = None,
) -> None:
    """Say what works on this machine, and what to do about what does not."""
    from ecgview import doctor as examination

    lines = examination.examine(store)
    if as_json:
        typer.echo(examination.as_json(lines))
    else:
        for line in lines:
            typer.echo(f"{line.name + ':':<18}{line.state}{f' – {line.found}' if line.found else ''}")
            if line.advice:
                typer.echo(f"{'':<18}→ {line.advice}")
    if not examination.all_work(lines):
        raise typer.Exit(SOME_FAILED)


@app.command("examine-window", hidden=True)
def examine_window() -> None:
    """Say what Qt can do here, as JSON; `doctor` asks in a process of its own."""
    from ecgview.ui.examining import examine

    typer.echo(examine())


@app.command()
def bench(
    what: Annotated[BenchPart, typer.Argument(help="All of it, or explanations alone.")] = BenchPart.ALL,
    records: Annotated[
        Path | None,
        typer.Option(help="Explain ECGs of this folder; the demo's by default.", file_okay=False, exists=True),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure this machine: opening, next record, frame, prediction, each beside its floor.

    `bench explain` measures explanations of up to 50 records beside shap.GradientExplainer; it takes minutes.
    """
    if what is BenchPart.EXPLAIN:
        from ecgview.explain.bench import measure_folder as measure_explanations

        with messages.status("measuring"):
            told = measure_explanations(records)
        typer.echo(json.dumps(told.as_dict(), indent=1) if as_json else told.as_words())
        return
    if records is not None:
        raise typer.BadParameter("goes with `bench explain`", param_hint="--records")
    from ecgview.ui.bench import measure

    with messages.status("measuring"):
        figures = measure()
    if as_json:
        typer.echo(json.dumps([figure.as_dict() for figure in figures], indent=1))
        return
    table = Table("what", "measured", "floor", "ratio", "budget", "held", title="This machine", title_justify="left")
    for figure in figures:
        table.add_row(*figure.as_words())
    Console().print(table)


@app.command(hidden=True)
def serve(model: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Judge and explain records for the window, asked over standard input; see ecgview.explain.service."""
    from ecgview.explain.service import main as serve_model

    raise typer.Exit(serve_model([] if model is None else [str(model)]))


@app.command(hidden=True)
def look() -> None:
    """Make worklists and rounds for the window, asked over standard input; see ecgview.ui.review.looker."""
    from ecgview.ui.review.looker import main as look_through

    raise typer.Exit(look_through())


def _print_description(description: dict[str, Any]) -> None:
    from ecgview.record.printing import printable

    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in description.items():
        if isinstance(value, dict):
            value = "\n".join(f"{key}: {_words(part)}" for key, part in value.items())
        elif isinstance(value, list):
            value = "\n".join(_words(part) for part in value) if value and isinstance(value[0], dict) else _words(value)
        table.add_row(name.replace("_", " "), "\n".join(printable(line) for line in _words(value).split("\n")))
    Console(highlight=False, markup=False).print(table)


def _print_measurements(found: Any, faults: dict[str, str]) -> None:
    console = Console(highlight=False, markup=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for value in found.values.values():
        number = "–" if value.value is None else f"{value.value:.2f}" if value.unit == "mV" else f"{value.value:.0f}"
        table.add_row(value.name, number, value.unit, "" if value.reason is None else f"not measurable: {value.reason}")
    console.print(table)
    if found.leads:
        first = next(iter(found.leads.values()))
        by_lead = Table("lead", box=None, pad_edge=False)
        for value in first.values():
            by_lead.add_column(f"{value.name}, {value.unit}", justify="right")
        for lead, values in found.leads.items():
            cells = ("–" if value.value is None else f"{value.value:.2f}" for value in values.values())
            by_lead.add_row(lead, *cells)
        console.print(by_lead)
    for lead, fault in (found.skipped | faults).items():
        console.print(f"lead {lead}: {fault}")


def _words(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(part)}" for key, part in value.items() if part is not None)
    return str(value)


def main() -> None:
    """Run the program; a first argument that is no subcommand is a path to open."""
    if getattr(sys, "frozen", False):
        # A bundled program is its own Python: the processes that `predict` starts come in here too.
        from multiprocessing import freeze_support

        freeze_support()
    arguments = sys.argv[1:]
    commands = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups if group.name}
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        arguments = ["open", *arguments]
    try:
        app(arguments, prog_name="ecgview")
    except Exception as error:
        _note_failure(error, arguments[0] if arguments and arguments[0] in commands else "ecgview")
        raise


def _note_failure(error: Exception, command: str) -> None:
    """Keep a note of a mistake in the program, without patient data, and say where it lies."""
    from ecgview.failure_log import write_failure

    try:
        note = write_failure(error, command)
    except OSError:
        return
    typer.echo(f"This is a mistake in ecgview. A note of it without patient data is in {note}", err=True)
