"""Explains many records one after another and sums up what each class rests on; goes on where it was broken off."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecgview.explain.attribution import WAVES, Attribution, Settings
from ecgview.explain.explaining import Explainer
from ecgview.explain.journal import Journal
from ecgview.explain.output import ExplanationError
from ecgview.explain.pieces import go_on
from ecgview.explain.population import Cells, PopulationTable
from ecgview.explain.spreading import spread_over
from ecgview.explain.summaries import agreement, shares_of
from ecgview.model.ensemble import Ensemble
from ecgview.model.preprocessing import Refusal
from ecgview.model.vocabulary import statement_codes
from ecgview.record import STANDARD_LEADS, ReadError, Record, read

SETTINGS = Settings(nodes=(3,), least_nodes=3)
"""Three points of each path: over many records what that misses averages out (docs/explanations.md)."""
AMONG = ("found", "labelled", "all")
UNREADABLE, REFUSED, KEPT_BACK = "unreadable", "refused", "kept back"
"""How the reasons begin for which a file is left out."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work has come.

    Attributes
    ----------
    done, total : int
        Files.
    rate : float
        Files a second since the work began, without those taken over from a run that was broken off.
    remaining : float or None
        Seconds, at this rate; None before the first file.
    """

    done: int
    total: int
    rate: float
    remaining: float | None


def journal_of(out: Path) -> Path:
    """Return where a run keeps what it has until `out` is whole."""
    return out.with_name(f".{out.name}.rows")


def gather(
    ensemble: Ensemble,
    paths: Sequence[Path],
    codes: Sequence[str] | None = None,
    among: str = "found",
    limit: int | None = None,
    journal: Path | None = None,
    settings: Settings = SETTINGS,
    skip: Callable[[Path, str], None] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PopulationTable:
    """Explain many records and sum up what each class rests on.

    Parameters
    ----------
    ensemble : Ensemble
    paths : sequence of Path
        Files. What cannot be read or judged is told to `skip` and left out.
    codes : sequence of str, optional
        Classes; all of the model by default.
    among : {"found", "labelled", "all"}
        Which records count for a class: those the ensemble finds it in, those labelled so, or all.
    limit : int, optional
        Files at most, evenly spread.
    journal : Path, optional
        Where to note what each file gave. A run with the same question takes over what is there.
    settings : Settings
    skip : callable, optional
        Given a path and the reason.
    progress : callable, optional
        Told after every file.
    cancelled : callable, optional
        Asked often; True ends the work. The journal stays.

    Returns
    -------
    PopulationTable
        Classes without a record are left out.

    Raises
    ------
    ExplanationError
        A class the model does not know, or the journal cannot be written.
    Cancelled
    """
    if among not in AMONG:
        raise ValueError(f"records count among {', '.join(AMONG)}, not {among!r}")
    explainer = Explainer(ensemble, settings)
    try:
        for code in codes or ():
            explainer.check(code)
    except ValueError as error:
        raise ExplanationError(str(error), wrong_usage=True) from error
    wanted = tuple(code for code in ensemble.bundle.classes if not codes or code in codes)
    files = list(paths) if limit is None else spread_over(paths, limit)
    work = gathering(explainer, files, wanted, among, Journal(journal), skip, cancelled)
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            table: PopulationTable = end.value
            return table
        if progress is not None:
            progress(step)


def gathering(
    explainer: Explainer,
    files: Sequence[Path],
    wanted: tuple[str, ...],
    among: str,
    journal: Journal,
    skip: Callable[[Path, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    kept_back: Collection[str] = frozenset(),
) -> Generator[Progress, None, PopulationTable]:
    """Do what :func:`gather` does, a file at a step.

    Parameters
    ----------
    explainer : Explainer
    files : sequence of Path
    wanted : tuple of str
        Classes of the model, in its order.
    among, skip, cancelled
        As :func:`gather` takes them.
    journal : Journal
    kept_back : collection of str
        Content hashes of records of which nothing may be told, nor the model asked.

    Yields
    ------
    Progress
        After every file.

    Returns
    -------
    PopulationTable

    Raises
    ------
    ExplanationError, Cancelled
    """
    journal.ask(_question(explainer, wanted, among))
    rows: list[dict[str, Any]] = []
    skipped, began, fresh = 0, time.monotonic(), 0
    for done, path in enumerate(files, 1):
        go_on(cancelled)
        found = journal.known(path, kept_back)
        if found is None:
            found = _explained(explainer, path, wanted, among, cancelled, kept_back)
            if not found.get("reason", "").startswith(KEPT_BACK):
                journal.add(path, found)
            fresh += 1
        if "reason" in found:
            skipped += 1
            if skip is not None:
                skip(path, found["reason"])
        else:
            rows.append(found)
        rate = fresh / max(time.monotonic() - began, 1e-9)
        yield Progress(done, len(files), rate, (len(files) - done) / rate if fresh else None)
    return _summed(explainer, wanted, among, rows, skipped)


def _explained(
    explainer: Explainer,
    path: Path,
    wanted: tuple[str, ...],
    among: str,
    cancelled: Callable[[], bool] | None,
    kept_back: Collection[str],
) -> dict[str, Any]:
    """Return what one file gives, as plain values for JSON."""
    try:
        record = read(path)
        if record.content_hash in kept_back:
            return {"reason": f"{KEPT_BACK}: it waits in a reading round"}
        codes = _counted(explainer.ensemble, record, wanted, among)
        found = {code: _row(explainer.attribute(record, code, cancelled), record) for code in codes}
        return {"record": record.content_hash, "classes": found}
    except ReadError as error:
        return {"reason": f"{UNREADABLE}: {error.format}: {error.reason}"}
    except Refusal as error:
        return {"reason": f"{REFUSED}: {error}"}


def _counted(ensemble: Ensemble, record: Record, wanted: tuple[str, ...], among: str) -> list[str]:
    if among == "labelled":
        carried = statement_codes(record.labels)
        return [code for code in wanted if code in carried]
    if among == "all":
        return list(wanted)
    prediction = ensemble.predict(record)
    found = dict(zip(prediction.classes, prediction.decision, strict=True))
    return [code for code in wanted if found[code]]


def _row(found: Attribution, record: Record) -> dict[str, Any]:
    sizes = np.concatenate([shares_of(found.values, found.waves)[None], found.member_sizes])
    parts = (
        float(found.values.sum(dtype=np.float64)),
        sum(found.measured.values()) + sum(found.measurable.values()),
        sum(found.patient.values()),
    )
    alike = agreement(found.member_shares)
    return {
        "leads": np.round(sizes.sum(axis=2), 6).tolist(),
        "waves": np.round(sizes.sum(axis=1), 6).tolist(),
        "recorded": [lead not in record.derived for lead in STANDARD_LEADS],
        "marked": [bool((found.waves == place).any()) for place in range(len(WAVES))],
        "parts": [round(part, 6) for part in parts],
        "agreement": None if np.isnan(alike) else round(alike, 4),
    }


def _summed(
    explainer: Explainer, wanted: tuple[str, ...], among: str, rows: list[dict[str, Any]], skipped: int
) -> PopulationTable:
    by_class = {code: [row["classes"][code] for row in rows if code in row["classes"]] for code in wanted}
    by_class = {code: found for code, found in by_class.items() if found}
    members = len(explainer.ensemble.members)
    medians = []
    for found in by_class.values():
        known = [one["agreement"] for one in found if one["agreement"] is not None]
        medians.append(float(np.median(known)) if known else np.nan)
    return PopulationTable(
        model_hash=explainer.ensemble.bundle.model_hash,
        background=explainer.background.name,
        among=among,
        nodes=explainer.settings.nodes,
        classes=tuple(by_class),
        records=np.array([len(found) for found in by_class.values()], np.int64),
        leads=_cells(by_class, members, "leads", "recorded", STANDARD_LEADS),
        waves=_cells(by_class, members, "waves", "marked", WAVES),
        parts=np.array([np.mean([one["parts"] for one in found], axis=0) for found in by_class.values()]).reshape(
            -1, 3
        ),
        agreement=np.array(medians),
        skipped=skipped,
    )


def _cells(
    by_class: dict[str, list[dict[str, Any]]], members: int, kind: str, counted: str, columns: tuple[str, ...]
) -> Cells:
    shape = len(by_class), len(columns)
    n = np.zeros(shape, np.int64)
    mean, spread = np.full(shape, np.nan), np.full(shape, np.nan)
    of_members = np.full((members, *shape), np.nan)
    for row, found in enumerate(by_class.values()):
        shares = np.array([one[kind] for one in found])  # (records, ensemble and members, columns)
        there = np.array([one[counted] for one in found])
        for column in range(len(columns)):
            own = shares[there[:, column], :, column]
            n[row, column] = len(own)
            if len(own):
                mean[row, column] = own[:, 0].mean()
                of_members[:, row, column] = own[:, 1:].mean(axis=0)
            if len(own) > 1:
                spread[row, column] = own[:, 0].std(ddof=1)
    return Cells(columns, n, mean, spread, of_members)


def _question(explainer: Explainer, wanted: tuple[str, ...], among: str) -> str:
    """Return what tells one run from another."""
    settled = (
        explainer.ensemble.bundle.model_hash,
        explainer.background.key,
        asdict(explainer.settings),
        wanted,
        among,
    )
    return hashlib.sha256(json.dumps(settled).encode()).hexdigest()
