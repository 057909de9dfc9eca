"""From a folder of labelled records and a model to what review works on, each record judged out of sample.

Of records that the model was trained with, the held-out predictions stored beside it speak: the one
member that did not learn from the record, found by the record's content hash. All other records are
judged by the whole ensemble. Only for those is torch imported.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.model.bundle import OUT_OF_FOLD, Bundle, open_bundle
from ecgview.model.vocabulary import statement_codes
from ecgview.record import ReadError, Record, read
from ecgview.record.folder import find_records
from ecgview.record.ptbxl import TABLE
from ecgview.resources import bundled_model
from ecgview.review.sampling import Candidate
from ecgview.review.templates import TEMPLATES
from ecgview.review.worklist import Judged
from ecgview.training.dataset import DatasetError
from ecgview.training.fusion import Opinions
from ecgview.training.out_of_fold import OutOfFold, read_out_of_fold
from ecgview.training.readers import Decisions, overruled


class SecondLookError(Exception):
    """A folder or model from which no work for readers can be made; the message says why."""


class Stopped(Exception):
    """The caller no longer wants the result."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes
    ----------
    step : {"reading", "judging"}
    done : int
        Records.
    of : int or None
        How many there will be, where that is known.
    """

    step: str
    done: int
    of: int | None


Tell = Callable[[Progress], None]
Cancelled = Callable[[], bool]


def look(
    folder: Path,
    model: Path | None = None,
    readers: Mapping[str, Decisions] | None = None,
    device: str = "auto",
    progress: Tell | None = None,
    cancelled: Cancelled | None = None,
) -> Judged:
    """Read the labelled records below a folder and judge each by what did not learn from it.

    One record's signal is in memory at a time while reading, a batch while judging. To be called in a
    worker: it takes some milliseconds a record.

    Parameters
    ----------
    folder : Path
    model : Path, optional
        A model's folder; the bundled ensemble by default.
    readers : mapping of str to mapping, optional
        What readers hold of records, by content hash (:func:`ecgview.training.readers.readers_labels`);
        it goes before the labels that came with the records.
    device : {"auto", "cpu", "cuda"}
        For records that the model was not trained with.
    progress : callable, optional
        Told after each record.
    cancelled : callable, optional
        Asked before each record.

    Returns
    -------
    Judged

    Raises
    ------
    SecondLookError
        There is no labelled record, or the model's held-out predictions cannot be read.
    Stopped
        `cancelled` returned True.
    ecgview.model.bundle.BundleError
        `model` is not a usable model.
    """
    bundle = open_bundle(bundled_model() if model is None else model)
    stored = _read_stored(bundle)
    rows_of = {digest: row for row, digest in enumerate(stored.hashes)}
    codes = bundle.classes
    hashes: list[str] = []
    names: list[str] = []
    labels: list[NDArray[np.bool_]] = []
    left_out: list[str] = []
    paths: list[Path] = []
    for path, record in _records(folder, left_out, progress, cancelled):
        digest = record.content_hash
        carried = statement_codes(record.labels)
        if readers is not None:
            carried = overruled(carried, readers.get(digest, {}))
        if not carried:
            left_out.append(f"{path.relative_to(folder).as_posix()}: carries no statement of the vocabulary")
            continue
        hashes.append(digest)
        names.append(path.relative_to(folder).as_posix())
        labels.append(np.array([code in carried for code in codes], bool))
        paths.append(path)
    if not hashes:
        raise SecondLookError(f"{folder}: {_none(left_out)}")
    shape = len(hashes), len(codes)
    probability, spread = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    held_out = np.array([digest in rows_of for digest in hashes], bool)
    known = np.flatnonzero(held_out)
    probability[known], spread[known] = _said(bundle, stored.opinions.rows([rows_of[hashes[row]] for row in known]))
    fresh = np.flatnonzero(~held_out)
    if len(fresh):
        _judge(bundle, device, [(int(row), paths[row]) for row in fresh], (probability, spread), progress, cancelled)
    judged: NDArray[np.bool_] = np.asarray(np.isfinite(probability).all(axis=1), bool)
    left_out += [f"{names[row]}: the model cannot judge it" for row in np.flatnonzero(~judged)]
    if not judged.any():
        raise SecondLookError(f"{folder}: {_none(left_out)}")
    return Judged(
        hashes=tuple(digest for digest, kept in zip(hashes, judged, strict=True) if kept),
        names=tuple(name for name, kept in zip(names, judged, strict=True) if kept),
        codes=codes,
        labels=np.array(labels)[judged],
        probability=probability[judged],
        called=probability[judged] >= bundle.thresholds.astype(np.float32),
        spread=spread[judged],
        held_out=held_out[judged],
        learned_from=tuple(bundle.counts[code] for code in codes),
        left_out=tuple(left_out),
    )


def axis_candidates(
    folder: Path,
    progress: Tell | None = None,
    cancelled: Cancelled | None = None,
) -> list[Candidate]:
    """Return candidates for the study of left axis deviation: what the label says, and the measured axis.

    The label is PTB-XL's ``heart_axis`` (LAD and ALAD, as the Challenge joined them; a record without
    an axis is no candidate), elsewhere whether the SNOMED CT labels state left axis deviation. The
    decision is the program's own QRS axis, from -30° to -90°; it stands as probability 1 or 0.

    Parameters
    ----------
    folder : Path
    progress, cancelled : callable, optional
        As for :func:`look`.

    Raises
    ------
    SecondLookError
        No record has both a label and a measurable axis.
    Stopped
        `cancelled` returned True.
    """
    from ecgview.signal.measurements import measure

    study = TEMPLATES["lad"]
    stated = _heart_axes(folder)
    left_out: list[str] = []
    found: dict[str, Candidate] = {}
    for path, record in _records(folder, left_out, progress, cancelled):
        axis = stated.get(path.stem)
        snomed = {label.code for label in record.labels if label.system == "snomed"}
        if axis:
            labelled = axis in study.heart_axes
        elif snomed and path.stem not in stated:
            labelled = bool(snomed & set(study.snomed))
        else:
            continue
        measured = measure(record).values["qrs_axis"].value
        if measured is None:
            continue
        decided = study.axis[0] <= measured < study.axis[1]
        name = path.relative_to(folder).as_posix()
        found[record.content_hash] = Candidate(record.content_hash, name, study.code, labelled, decided, float(decided))
    if not found:
        raise SecondLookError(f"{folder}: no record has an axis among its labels that can also be measured")
    return list(found.values())


def _records(
    folder: Path, left_out: list[str], progress: Tell | None, cancelled: Cancelled | None
) -> Iterator[tuple[Path, Record]]:
    for done, path in enumerate(sorted(find_records(folder)), start=1):
        if cancelled is not None and cancelled():
            raise Stopped
        try:
            yield path, read(path)
        except ReadError as error:
            left_out.append(f"{path.relative_to(folder).as_posix()}: {error.reason}")
        if progress is not None:
            progress(Progress("reading", done, None))


def _none(left_out: list[str]) -> str:
    return "no labelled record that can be judged" + (
        f"; the first of {len(left_out)} left out: {left_out[0]}" if left_out else ""
    )


def _read_stored(bundle: Bundle) -> OutOfFold:
    if not (bundle.folder / OUT_OF_FOLD).is_file():
        raise SecondLookError(
            f"{bundle.folder}: there are no predictions of held-out records, so it cannot be told what it learned from"
        )
    try:
        return read_out_of_fold(bundle)
    except DatasetError as error:
        raise SecondLookError(str(error)) from error


def _said(bundle: Bundle, opinions: Opinions) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return probabilities, and half the distance between what network and trees say: their standard deviation."""
    probability = bundle.calibration.apply(opinions.fused(bundle.signal_share))
    network, trees = bundle.calibration.apply(opinions.signal), bundle.calibration.apply(opinions.measured)
    return probability, np.abs(network - trees) / 2


def _judge(
    bundle: Bundle,
    device: str,
    paths: list[tuple[int, Path]],
    into: tuple[NDArray[np.float32], NDArray[np.float32]],
    progress: Tell | None,
    cancelled: Cancelled | None,
) -> None:
    """Fill in mean and standard deviation over all members; what cannot be judged stays NaN."""
    from ecgview.model.ensemble import Ensemble
    from ecgview.model.prediction import Prediction

    probability, spread = into
    places: list[int] = []

    def records() -> Iterator[Record]:
        for place, path in paths:
            if cancelled is not None and cancelled():
                raise Stopped
            try:
                record = read(path)
            except ReadError:  # it could be read a moment ago
                continue
            places.append(place)
            yield record

    for done, outcome in enumerate(Ensemble(bundle, device).predict_many(records()), start=1):
        place = places[done - 1]
        if isinstance(outcome, Prediction):
            probability[place] = outcome.probability
            spread[place] = outcome.members.std(axis=0)
        if progress is not None:
            progress(Progress("judging", done, len(paths)))


def _heart_axes(folder: Path) -> dict[str, str]:
    """Return PTB-XL's ``heart_axis`` by record name, from the table in the folder or above it; empty without one."""
    for place in (folder, *folder.resolve().parents[:2]):
        table = place / TABLE
        if table.is_file():
            with table.open(encoding="utf-8", errors="replace", newline="") as lines:
                return {
                    Path(row[column] or "").name: (row.get("heart_axis") or "").strip()
                    for row in csv.DictReader(lines)
                    for column in ("filename_lr", "filename_hr")
                    if column in row
                }
    return {}
