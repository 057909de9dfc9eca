"""The subcommands that explain: one record, a folder of them, and whether explanations mean anything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from ecgview.cli_options import (
    SOME_FAILED,
    WRONG_USAGE,
    Device,
    DeviceOption,
    ModelOption,
    load_ensemble,
    messages,
    progress_bar,
)

if TYPE_CHECKING:
    from ecgview.ui.explain.overlay import Overlay


class Method(StrEnum):
    """How an explanation is computed."""

    EXPECTED_GRADIENTS = "expected-gradients"
    SHAP = "shap"


class Players(StrEnum):
    """How leads are grouped."""

    GROUPS = "groups"
    SINGLE = "single"


class Among(StrEnum):
    """Which records count for a class."""

    FOUND = "found"
    LABELLED = "labelled"
    ALL = "all"


@contextmanager
def _told() -> Iterator[None]:
    """Say what cannot be explained, and end with the exit code that goes with it."""
    from ecgview.explain.output import ExplanationError

    try:
        yield
    except ExplanationError as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(WRONG_USAGE if error.wrong_usage else SOME_FAILED) from error


def overlay(file: Path, code: str) -> Overlay:
    """Return what colours a page of a file's record by one class; end where there is none."""
    from ecgview.ui.explain.offline import overlay_of

    ensemble = load_ensemble(None, Device.AUTO)
    with _told(), messages.status("explaining"):
        return overlay_of(ensemble, file, code)


def explain(
    file: Annotated[Path, typer.Argument(help="An ECG in any format that is read.")],
    code: Annotated[str, typer.Option("--class", metavar="CODE", help="The class to explain: NORM, IMI, 1AVB …")],
    out: Annotated[Path | None, typer.Option(help="F.npz or F.json; JSON to standard output without it.")] = None,
    background: Annotated[
        str, typer.Option(help="What to compare with: normal, isoelectric, or a folder of normal ECGs.")
    ] = "normal",
    method: Annotated[Method, typer.Option(help="shap takes far longer; it needs the extra 'explain'.")] = (
        Method.EXPECTED_GRADIENTS
    ),
    players: Annotated[
        Players | None,
        typer.Option(
            "--leads-as-players", help="Shapley values of whole leads in place of samples: groups, or single leads."
        ),
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="With single leads: all 512 combinations, eight times the work.")
    ] = False,
    device: DeviceOption = Device.AUTO,
    model: ModelOption = None,
) -> None:
    """Say why the ensemble gives a class: shares of leads and waves, age, sex, measured values, and the gap."""
    from ecgview.explain.output import ENDINGS, as_dict, explain_file, explain_leads, write, write_json

    if out is not None and out.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"{out} ends neither in .npz nor in .json", param_hint="--out")
    if players is not None and (method is Method.SHAP or (out is not None and out.suffix.lower() != ".json")):
        raise typer.BadParameter("goes with F.json and without --method shap", param_hint="--leads-as-players")
    if exact and players is not Players.SINGLE:
        raise typer.BadParameter("goes with --leads-as-players single", param_hint="--exact")
    ensemble = load_ensemble(model, device)
    if players is not None:
        with _told(), progress_bar() as bar:
            task = bar.add_task("combinations of leads", total=None)
            played = explain_leads(
                ensemble,
                file,
                code,
                background,
                players.value,
                exact or players is Players.GROUPS,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
            told = played.as_dict(str(file))
            if out is not None:
                write_json(told, out)
    else:
        with _told():
            with messages.status("explaining"):
                found = explain_file(ensemble, file, code, background, method.value)
            if out is not None:
                write(found, str(file), out)
            told = as_dict(found, str(file))
    if out is None:
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    elif players is None:
        messages.print(f"{code}: gap {told['gap']:.1%}, in {out}", markup=False)
    else:
        messages.print(f"{code}: {told['caution']} In {out}", markup=False)


def population(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files or folders of ECGs.")],
    out: Annotated[list[Path], typer.Option(help="F.npz, F.csv, or F.svg for a heat map; may be given for each.")],
    codes: Annotated[
        list[str] | None,
        typer.Option("--class", metavar="CODE", help="Only this class; may be given again. By default all found."),
    ] = None,
    among: Annotated[
        Among,
        typer.Option(help="Which records count for a class: those it is found in, those labelled so, or all."),
    ] = Among.FOUND,
    limit: Annotated[int | None, typer.Option(help="Records at most, evenly spread over what there is.", min=1)] = None,
    device: DeviceOption = Device.AUTO,
    model: ModelOption = None,
) -> None:
    """Explain many records: which leads and which waves each class rests on, on average.

    Tables of class by lead and class by wave with the number of records in every cell. What was
    broken off goes on where it was when the same command is given again.
    """
    from ecgview.explain.output import ExplanationError
    from ecgview.explain.population import ENDINGS
    from ecgview.explain.population_run import Progress, gather, journal_of
    from ecgview.record import expand

    for path in out:
        if path.suffix.lower() not in ENDINGS:
            raise typer.BadParameter(f"{path} ends in none of {', '.join(ENDINGS)}", param_hint="--out")
    ensemble = load_ensemble(model, device)
    files = list(expand(paths))
    skipped = 0

    def skip(path: Path, reason: str) -> None:
        nonlocal skipped
        skipped += 1
        bar.console.print(f"{path}: {reason}", markup=False)

    def advance(step: Progress) -> None:
        bar.update(task, completed=step.done, total=step.total, description=f"records, {step.rate:.1f} a second")

    with _told():
        with progress_bar() as bar:
            task = bar.add_task("records", total=None)
            table = gather(
                ensemble,
                files,
                codes=codes,
                among=among.value,
                limit=limit,
                journal=journal_of(out[0]),
                skip=skip,
                progress=advance,
            )
        try:
            for path in out:
                table.save(path)
            journal_of(out[0]).unlink(missing_ok=True)
        except OSError as error:
            raise ExplanationError(f"{error.filename}: {error.strerror or error}", wrong_usage=True) from error
    messages.print(table.as_words() + f"; in {', '.join(str(path) for path in out)}", markup=False)
    if skipped or not table.classes:
        raise typer.Exit(SOME_FAILED)


def trust(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH…]", help="ECGs to make the check with; none only shows it.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Records at most, evenly spread over what there is.", min=1)] = 50,
    device: DeviceOption = Device.AUTO,
    model: ModelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")] = False,
) -> None:
    """Check whether explanations depend on what the model learned, by randomising its weights.

    With records, the check is made, with generated ones beside them, and kept in the model's folder.
    Without, the one that is kept is shown.
    """
    from ecgview.explain.output import ExplanationError
    from ecgview.explain.trust import CheckError, stored_check, write_check

    ensemble = load_ensemble(model, device)
    with _told():
        try:
            if paths:
                from ecgview.explain.randomised import check_files

                began = time.monotonic()
                with progress_bar() as bar:
                    task = bar.add_task("explanations compared", total=None)
                    found = check_files(
                        ensemble, paths, limit, lambda done, total: bar.update(task, completed=done, total=total)
                    )
                written = write_check(ensemble.bundle, found)
                messages.print(f"written to {written} after {time.monotonic() - began:.0f} s", markup=False)
            else:
                stored = stored_check(ensemble.bundle)
                if stored is None:
                    raise ExplanationError(f"{ensemble.bundle.folder}: no check has been made of this model")
                found = stored
        except CheckError as error:
            raise ExplanationError(str(error)) from error
        except (ValueError, OSError) as error:
            raise ExplanationError(str(error), wrong_usage=True) from error
    if as_json:
        typer.echo(json.dumps(found.as_dict(), indent=1, ensure_ascii=False))
        return
    table = Table(title="Rank correlation with the explanations of the model as it is", title_justify="left")
    for heading in ("randomised", "signed, lead and 100 ms", "size alone", "leads and waves, size alone"):
        table.add_column(heading, justify="left" if heading == "randomised" else "right")
    for stage in found.stages:
        table.add_row(stage.randomised, *(one.as_words() for one in (stage.cells, stage.sizes, stage.shares)))
    console = Console(highlight=False)
    console.print(table)
    console.print(found.as_words(), markup=False)
