"""What the subcommands have in common: options, exit codes, messages, and the ensemble they ask."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

SOME_FAILED = 1
WRONG_USAGE = 2


class Messages(Console):
    """A console whose texts cannot command the terminal: names of files may try to."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as any console does, with what cannot be printed written out."""
        super().print(*(_harmless(one) if isinstance(one, str) else one for one in objects), **how)


def _harmless(text: str) -> str:
    from ecgview.record.printing import printable

    return "\n".join(printable(line) for line in text.split("\n"))


messages = Messages(stderr=True, highlight=False)


class Device(StrEnum):
    """Where to compute."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]
DeviceOption = Annotated[Device, typer.Option(help="Where to compute; auto takes CUDA when it is there.")]
ModelOption = Annotated[
    Path | None, typer.Option(help="A model's folder in place of the bundled ensemble.", file_okay=False, exists=True)
]


def load_ensemble(model: Path | None, device: Device, thresholds: str | None = None) -> Any:
    """Load a model; where that fails say why and end as wrong usage does."""
    from ecgview.model.bundle import BundleError
    from ecgview.model.ensemble import Ensemble

    try:
        return Ensemble.load(model, device, thresholds=thresholds)
    except (BundleError, ValueError) as error:
        messages.print(str(error), markup=False)
        raise typer.Exit(WRONG_USAGE) from error


def progress_bar() -> Progress:
    """Return a bar on standard error."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=messages,
    )
