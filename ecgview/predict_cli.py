"""`ecgview predict`: a table of what the ensemble says, of one record or of a hundred thousand."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

import ecgview
from ecgview.cli_options import (
    SOME_FAILED,
    WRONG_USAGE,
    Device,
    DeviceOption,
    ModelOption,
    load_ensemble,
    messages,
)

INTERRUPTED = 130
FEW = 200
"""Files that are judged in this process before starting others pays; measured, see docs/batch.md."""
_TOLD = 50
"""Bad files named on the screen; all of them are in the table."""
_SECONDS_A_LINE = 60.0


def predict(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files or folders of ECGs.")],
    out: Annotated[
        Path | None, typer.Option(help="F.csv, F.json or F.parquet; JSON to standard output without it.")
    ] = None,
    device: DeviceOption = Device.AUTO,
    model: ModelOption = None,
    thresholds: Annotated[
        str | None, typer.Option(metavar="NAME", help="A set of thresholds that `evaluate --tune NAME` made.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="local|ADDRESS",
            help="Processes on this machine (the default for many files), or a Dask cluster, as tcp://host:8786.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes on this machine; one a core by default.", min=1)
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was broken off.")] = False,
) -> None:
    """Judge records with the ensemble: one row for each, probability and decision of each class.

    A run that was broken off goes on with the same command and --resume. docs/batch.md says more.
    """
    from ecgview.batch.unfinished import ENDINGS

    if out is not None and out.suffix.lower() not in ENDINGS:
        raise typer.BadParameter(f"{out} ends in none of .csv, .json, .parquet", param_hint="--out")
    if resume and out is None:
        raise typer.BadParameter("needs --out: the table that was broken off", param_hint="--resume")
    if scheduler not in (None, "local") and not scheduler.startswith(("tcp://", "tls://")):
        raise typer.BadParameter(f"{scheduler} is neither local nor tcp://… nor tls://…", param_hint="--scheduler")
    if scheduler not in (None, "local") and workers is not None:
        raise typer.BadParameter("is for this machine; a cluster has the workers it has", param_hint="--workers")
    from ecgview.batch.job import BatchError
    from ecgview.model.bundle import BundleError, open_bundle
    from ecgview.resources import bundled_model

    try:
        bundle = open_bundle(bundled_model() if model is None else model, thresholds)
    except BundleError as error:
        _give_up(error)
    run = _Run(bundle, _job(bundle, model, thresholds, device), scheduler, workers)
    try:
        if out is None:
            run.to_standard_output(paths)
        else:
            run.to_file(paths, out, resume)
    except BatchError as error:
        _give_up(error)
    except OSError as error:
        _give_up(f"{error.filename or out}: {error.strerror or error}")
    except KeyboardInterrupt:
        if run.resumable:
            messages.print(f"\nstopped: {run.rows} rows are kept. The same command with --resume goes on", markup=False)
        else:
            messages.print("\nstopped", markup=False)
        raise typer.Exit(INTERRUPTED) from None
    if not run.total:
        messages.print("no ECG found", markup=False)
    messages.print(
        f"{run.total - run.failed} of {run.total} records judged" + (f", in {out}" if out else ""), markup=False
    )
    if run.failed or not run.total:
        raise typer.Exit(SOME_FAILED)


def _job(bundle: Any, model: Path | None, thresholds: str | None, device: Device) -> Any:
    from ecgview.batch.job import Job

    folder = None if model is None else str(model.absolute())
    return Job(folder, bundle.model_hash, thresholds, device.value, ecgview.__version__)


def _give_up(reason: object) -> Any:
    messages.print(str(reason), markup=False)
    raise typer.Exit(WRONG_USAGE)


class _Run:
    """One run: what is judged, where, and how far it has come."""

    def __init__(self, bundle: Any, job: Any, scheduler: str | None, workers: int | None) -> None:
        self._bundle, self._job, self._scheduler, self._workers = bundle, job, scheduler, workers
        self.total = self.rows = self.failed = 0
        self.resumable = False

    def to_standard_output(self, given: list[Path]) -> None:
        """Print JSON."""
        from ecgview.model.tables import table_writer
        from ecgview.record import expand

        files = [str(path) for path in expand(given)]
        self.total = len(files)
        with (
            _Display(self.total, 0) as display,
            table_writer(sys.stdout, self._bundle, as_json=True) as writer,
            self._judged(files, self.total, _witness(files), display.say) as chunks,
        ):
            for chunk in chunks:
                for row in chunk:
                    writer.write(row)
                    self._count(row, display)
                display.show(self.rows)

    def to_file(self, given: list[Path], out: Path, resume: bool) -> None:
        """Write a table; what is there of one that was broken off is kept."""
        from ecgview.batch.listing import read_listing
        from ecgview.batch.unfinished import Unfinished

        table = Unfinished.resume(out, self._bundle, self._job, given) if resume else None
        if resume and table is None:
            if out.exists():
                messages.print(f"{out} is whole: there is nothing to go on with", markup=False)
                raise typer.Exit
            messages.print("no run was broken off; this one begins", markup=False)
        if table is None:
            table = self._begin(given, out)
        try:
            self.total, self.rows, self.failed = table.total, table.rows, table.failed
            self.resumable = True
            if resume and self.rows:
                messages.print(f"{self.rows} of {self.total} rows are kept", markup=False)
            witness = _witness(read_listing(table.folder / "files"))
            if self.rows < self.total:
                with (
                    _Display(self.total, self.rows) as display,
                    self._judged(table.waiting(), self.total - self.rows, witness, display.say) as chunks,
                ):
                    table.write(display.following(chunks, lambda: self.rows), lambda row: self._count(row, display))
            table.finish()
            self.resumable = False
        finally:
            table.close()

    def _begin(self, given: list[Path], out: Path) -> Any:
        from ecgview.batch.unfinished import Unfinished
        from ecgview.record import expand

        with messages.status("listing") as status:
            return Unfinished.begin(
                out, self._bundle, self._job, given, expand(given), lambda count: status.update(f"listing: {count}")
            )

    def _count(self, row: Any, display: _Display) -> None:
        self.rows += 1
        if row.prediction is None:
            self.failed += 1
            display.bad(f"{row.path}: {row.status}")

    @contextmanager
    def _judged(
        self, paths: Iterable[str], count: int, witness: str | None, say: Callable[[str], None]
    ) -> Iterator[Iterator[list[Any]]]:
        """Give chunks of rows, from this process where that is sooner, else from others."""
        from ecgview.batch.job import BatchError

        settled = self._scheduler is not None or self._workers is not None
        with ExitStack() as stack:
            if settled or count >= FEW:
                from ecgview.batch import cluster

                try:
                    if self._scheduler in (None, "local"):
                        client = stack.enter_context(cluster.local_client(self._workers or cluster.workers_here()))
                    else:
                        client = stack.enter_context(cluster.client_at(self._scheduler))
                except BatchError as error:
                    if settled:
                        raise
                    say(f"{error}. Records are judged in this one")
                else:
                    try:
                        yield cluster.Judging(client, replace(self._job, witness=witness), say).rows(paths)
                    except KeyboardInterrupt:
                        say("stopping")
                        raise
                    return
            from ecgview.model.batch import chunks, judge_chunk

            folder = None if self._job.model is None else Path(self._job.model)
            ensemble = load_ensemble(folder, Device(self._job.device), self._job.thresholds)
            yield (judge_chunk(ensemble, [Path(path) for path in chunk]) for chunk in chunks(paths))


def _witness(paths: Iterable[str]) -> str | None:
    """Return a file that is there, among the first few."""
    for path in islice(paths, 100):
        if Path(path).exists():
            return str(Path(path).absolute())
    return None


class _Rate(ProgressColumn):
    """Records a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.0f}/s" if speed >= 10 else f"{speed:.1f}/s")


class _Display:
    """How far a run has come, on standard error: a bar in a terminal, a line a minute in a log."""

    def __init__(self, total: int, done: int) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        rest = (_Rate(), TimeRemainingColumn(elapsed_when_finished=True))
        # Chunks come some seconds apart where workers are slow; the rate is one over a minute or so.
        self._bar = Progress(
            *columns, *rest, console=messages, disable=not messages.is_terminal, speed_estimate_period=60
        )
        self._task = self._bar.add_task("records", total=total, completed=done)
        self._total, self._done, self._bad = total, done, 0
        self._began = self._said = time.monotonic()

    def __enter__(self) -> _Display:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
        if self._bad > _TOLD:
            messages.print(f"{self._bad - _TOLD} more without a prediction; the table has all of them", markup=False)

    def following(self, chunks: Iterable[list[Any]], rows: Callable[[], int]) -> Iterator[list[Any]]:
        """Pass chunks on, and show how many rows there are after each."""
        for chunk in chunks:
            yield chunk
            self.show(rows())

    def show(self, rows: int) -> None:
        """Show how many rows there are."""
        self._bar.update(self._task, completed=rows)
        now = time.monotonic()
        if not messages.is_terminal and now - self._said >= _SECONDS_A_LINE:
            self._said = now
            rate = (rows - self._done) / (now - self._began)
            left = (self._total - rows) / rate / 60
            self.say(f"{rows} of {self._total} records, {rate:.1f} a second, about {left:.0f} min left")

    def bad(self, line: str) -> None:
        """Name a record without a prediction."""
        self._bad += 1
        if self._bad <= _TOLD:
            self.say(line)

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._bar.console.print(line, markup=False)
