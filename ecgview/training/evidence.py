"""What is known of a model beyond what its training says: simple methods, other sources, rare classes alone.

``python -m ecgview.training.evidence MODEL DATA --source NAME=FOLDER …`` judges and writes
``evidence.json`` into the model's folder, from where the model card takes it. Sections it does not
make, such as what was tried by hand, are kept as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.model.bundle import EVIDENCE, Bundle, BundleError, open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.training.baselines import BASELINES, baseline_entries, baseline_logits
from ecgview.training.configuration import Configuration
from ecgview.training.coverage import challenge_coverage
from ecgview.training.dataset import Dataset, DatasetError, load_dataset, require_disjoint
from ecgview.training.external import judge_sources
from ecgview.training.fusion import nested
from ecgview.training.out_of_fold import OutOfFold, read_out_of_fold
from ecgview.training.single_task import rarest, single_task, single_task_entry


def gather(
    model: Path,
    data: Path,
    sources: Mapping[str, Path],
    single_task_parts: int = 0,
) -> dict[str, Any]:
    """Judge everything that can be judged by command.

    Parameters
    ----------
    model : Path
        The model's folder.
    data : Path
        The folder of the records it was trained with.
    sources : mapping of str to Path
        Folders of labelled records from elsewhere.
    single_task_parts : int
        In how many parts to train networks for one rare class only; hours of work for all.

    Returns
    -------
    dict
        Sections of the model card.

    Raises
    ------
    DatasetError
        The records are not those the model was trained with, or others are.
    BundleError
        The model cannot be used.
    """
    bundle = open_bundle(model)
    dataset = load_dataset(data, bundle.preprocessing)
    stored = read_out_of_fold(bundle)
    if dataset.hashes != stored.hashes:
        raise DatasetError(f"{data}: these are not the records {model} was trained with, in their order")
    require_disjoint(dataset, stored.parts)
    targets = dataset.targets[:, [dataset.classes.index(code) for code in bundle.classes]]
    found: dict[str, Any] = {
        "baselines": _baselines(bundle, dataset, stored, targets),
        "coverage": [entry.as_dict() for entry in challenge_coverage(bundle.classes)],
    }
    if sources:
        found["external"] = [report.as_dict() for report in judge_sources(Ensemble(bundle), sources)]
    if single_task_parts:
        found["single_task"] = _single_task(bundle, dataset, stored, targets, single_task_parts)
    return found


def _baselines(bundle: Bundle, dataset: Dataset, stored: OutOfFold, targets: NDArray[np.bool_]) -> list[dict[str, Any]]:
    _, first = np.unique(dataset.owner, return_index=True)
    inputs = (dataset.measured[first], dataset.patient[first], targets, stored.parts)
    predictions = {kind: baseline_logits(kind, *inputs) for kind in BASELINES}
    alone = {
        "the members' networks alone (signal, age and sex)": stored.opinions.signal,
        "the members' smooth trees alone (measurements, age and sex)": stored.opinions.measured,
    }
    ensemble = nested(targets, stored.opinions, stored.parts).logits
    return baseline_entries(bundle.classes, targets, ensemble, predictions | alone, dataset.patients)


def _single_task(
    bundle: Bundle, dataset: Dataset, stored: OutOfFold, targets: NDArray[np.bool_], parts: int
) -> list[dict[str, Any]]:
    configuration = Configuration.from_dict(bundle.card["training"]["configuration"])
    entries = []
    judged = stored.parts < parts
    for code in rarest(bundle.classes, targets):
        place = bundle.classes.index(code)
        alone = single_task(
            dataset,
            code,
            stored.parts,
            configuration,
            bundle.preprocessing,
            torch.device("cpu"),
            predicted=range(parts),
        )
        patients = tuple(name for name, kept in zip(dataset.patients, judged.tolist(), strict=True) if kept)
        entry = single_task_entry(
            code,
            targets[judged, place],
            alone[judged],
            stored.opinions.signal[judged, place],
            stored.parts[judged],
            patients,
        )
        entries.append(entry | {"parts": parts})
    return entries


def write_evidence(model: Path, found: Mapping[str, Any]) -> Path:
    """Write sections into the model's folder; those not given stay.

    Raises
    ------
    BundleError
        What is there already cannot be read.
    """
    path = model / EVIDENCE
    kept: dict[str, Any] = {}
    if path.is_file():
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise BundleError(f"{path}: not JSON: {error}") from error
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(kept | dict(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def main(arguments: Sequence[str]) -> int:
    """Gather evidence of a model."""
    parser = argparse.ArgumentParser(prog="python -m ecgview.training.evidence", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path, help="the records it was trained with")
    parser.add_argument("--source", action="append", default=[], metavar="NAME=FOLDER", help="records from elsewhere")
    parser.add_argument(
        "--single-task-parts", type=int, default=0, metavar="N", help="train rare classes alone in the first N parts"
    )
    given = parser.parse_args(arguments)
    sources = {}
    for source in given.source:
        name, separator, folder = source.partition("=")
        if not separator:
            parser.error(f"{source!r} is not NAME=FOLDER")
        sources[name] = Path(folder)
    torch.set_num_threads(1)
    try:
        found = gather(given.model, given.data, sources, given.single_task_parts)
        print(write_evidence(given.model, found))
    except (BundleError, DatasetError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
