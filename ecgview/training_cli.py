"""Training and judging ensembles from the command line."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ecgview.cli_options import (
    SOME_FAILED,
    Device,
    DeviceOption,
    JsonOption,
    messages,
    progress_bar,
)


class Aim(StrEnum):
    """What thresholds are to achieve."""

    F1 = "f1"
    SENSITIVITY = "sensitivity"
    CHALLENGE = "challenge"


ReadersOption = Annotated[
    str | None,
    typer.Option(metavar="STORE", help="A label store (`ecgview review`): its labels go before those of the records."),
]


def train(
    data: Annotated[Path, typer.Argument(help="A folder of labelled records.", file_okay=False, exists=True)],
    out: Annotated[Path, typer.Option(help="Folder for the model; a broken-off training there goes on.")],
    configuration: Annotated[
        Path | None, typer.Option(help="Settings as JSON; by default those of the bundled ensemble.")
    ] = None,
    device: DeviceOption = Device.AUTO,
    threads: Annotated[int, typer.Option(help="Processor threads.", min=1)] = 1,
    readers: ReadersOption = None,
) -> None:
    """Train an ensemble: members, predictions of held-out parts, thresholds and a card."""
    import torch

    from ecgview.model.ensemble import choose_device
    from ecgview.model.preprocessing import Preprocessing
    from ecgview.training.configuration import ConfigurationError, read_configuration
    from ecgview.training.dataset import DatasetError, load_dataset
    from ecgview.training.readers import readers_labels
    from ecgview.training.training import train as train_ensemble

    torch.set_num_threads(threads)
    try:
        settings = read_configuration(configuration)
        with progress_bar() as bar:
            reading = bar.add_task("reading", total=None)
            held = readers_labels(readers) if readers is not None else None
            dataset = load_dataset(data, Preprocessing(), lambda count: bar.update(reading, completed=count), held)
            bar.remove_task(reading)
            for line in dataset.left_out:
                bar.console.print(f"left out: {line}", markup=False)
            task = bar.add_task("training", total=settings.members * settings.epochs)
            report = train_ensemble(
                dataset=dataset,
                out=out,
                configuration=settings,
                preprocessing=Preprocessing(),
                device=choose_device(device),
                command=f"ecgview train {data.name} --out {out.name}",
                progress=lambda step: bar.update(
                    task,
                    completed=(step.member - 1) * step.epochs + step.epoch,
                    description=f"network {step.member} of {step.members}, epoch {step.epoch} of {step.epochs}: "
                    f"loss {step.loss:.4f}, held-out AUROC {step.held_out:.3f}",
                ),
            )
    except (ConfigurationError, DatasetError, ValueError, OSError) as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(SOME_FAILED) from error
    _print_report(report)


def evaluate(
    model: Annotated[Path, typer.Argument(help="A model's folder.", file_okay=False, exists=True)],
    data: Annotated[Path, typer.Argument(help="A folder of labelled records.", file_okay=False, exists=True)],
    device: DeviceOption = Device.AUTO,
    tune: Annotated[
        str | None, typer.Option(metavar="NAME", help="Choose thresholds from these labels and keep them as NAME.")
    ] = None,
    objective: Annotated[Aim, typer.Option(help="What --tune aims at.")] = Aim.F1,
    sensitivity: Annotated[float, typer.Option(help="Least sensitivity for --objective sensitivity.")] = 0.9,
    rewards: Annotated[
        Path | None,
        typer.Option(help="The Challenge's table of weights, for --objective challenge.", dir_okay=False, exists=True),
    ] = None,
    readers: ReadersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge an ensemble by labelled records.

    On the records it was trained with, the stored predictions of held-out parts are judged; on
    records it never saw, the whole ensemble. A mixture of both is refused.

    With --tune, thresholds are chosen on half of the patients and judged, beside the model's own,
    on the other half. They are written into the model's folder as thresholds-NAME.json, for
    `ecgview predict --thresholds NAME`; a set that exists is never overwritten.
    """
    from ecgview.model.bundle import BundleError, open_bundle
    from ecgview.training.dataset import DatasetError
    from ecgview.training.evaluation import evaluate as evaluate_model
    from ecgview.training.evaluation import every_threshold, objective_of
    from ecgview.training.readers import readers_labels
    from ecgview.training.thresholds import require_unused, write_thresholds

    try:
        if tune is not None:
            require_unused(model, tune)
        aim = objective_of(objective.value, sensitivity, rewards) if tune is not None else None
        held = readers_labels(readers) if readers is not None else None
        evaluation = evaluate_model(model, data, device, aim, held)
        written = None
        if evaluation.tuned is not None:
            written = write_thresholds(model, tune, every_threshold(open_bundle(model), evaluation.tuned))
    except (BundleError, DatasetError, ValueError, OSError) as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(SOME_FAILED) from error
    if as_json:
        typer.echo(json.dumps(evaluation.as_dict(), indent=1, ensure_ascii=False))
    else:
        for line in evaluation.statements:
            messages.print(line, markup=False)
        _print_report(evaluation.report)
        errors = ", ".join(f"{entry.code} {entry.error}" for entry in evaluation.calibration)
        Console().print(f"expected calibration error: {errors}", markup=False)
        if evaluation.tuned is not None:
            Console().print("\n".join(evaluation.tuned.statements), markup=False)
    if written is not None:
        messages.print(f"thresholds written to {written}", markup=False)


def _print_report(report: Any) -> None:
    from ecgview.model.vocabulary import statements

    console = Console()
    named = console.width >= 110  # where there is room for names in full beside the codes
    table = Table(box=None, pad_edge=False)
    for heading in (*(("class",) if named else ()), "code", "n", "AUROC (95 %)", "AP", "F1", "sens.", "spec."):
        right = heading not in ("class", "code")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for entry in report.classes:
        figures = (entry.average_precision, entry.calls.f1, entry.calls.sensitivity, entry.calls.specificity)
        table.add_row(
            *((statements()[entry.code].name,) if named else ()),
            entry.code,
            str(entry.records),
            str(entry.auroc),
            *(f"{figure:.2f}" for figure in figures),
        )
    console.print(table)
    console.print("AUROC with 95 % interval; AP average precision; sensitivity, specificity and F1 of the decisions")
    console.print(f"macro AUROC over {report.statements} common statements: {report.macro_statements}")
    if report.macro_superclasses is not None:
        console.print(f"macro AUROC over the five superclasses: {report.macro_superclasses}")
    console.print(f"macro AUROC over all {len(report.classes)} classes: {report.macro_all}")
