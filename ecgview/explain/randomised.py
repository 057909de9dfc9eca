"""Does the picture depend on what the networks learned? The same attributions with their weights randomised.

J. Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: layers lose what they learned one
after another, from the last to the first, and the attributions are compared with those of the whole
model by Spearman's rank correlation. What stays alike shows the signal's own shape and not the model.

Weights are shuffled within each tensor, which keeps their sizes: a network whose numbers run out of
range would fail the comparison for that alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

import ecgview
from ecgview.explain.attribution import Attribution, Settings
from ecgview.explain.deletion import CELL_SECONDS
from ecgview.explain.explaining import Explainer
from ecgview.explain.pieces import go_on
from ecgview.explain.spreading import spread_over
from ecgview.explain.summaries import agreement, rank_correlation, shares_of
from ecgview.explain.trust import Check, Spread, Stage
from ecgview.model.ensemble import Ensemble
from ecgview.model.network import Member, SEResNet
from ecgview.model.preprocessing import Refusal
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import ReadError, Record, expand, read
from ecgview.synthesis import Settings as Generated
from ecgview.synthesis import generate
from ecgview.synthesis.abnormalities import NamedAbnormality

SETTINGS = Settings(nodes=(3,), least_nodes=3)
"""Coarse: what is compared is ranks, over many records."""

TREES = "and the trees over measured values"


@dataclass(frozen=True, slots=True)
class _Compared:
    """One record at one stage: rank correlations with the whole model, and the members' agreement."""

    cells: float
    sizes: float
    shares: float
    bars: float
    alike: float


def check(
    ensemble: Ensemble,
    records: Sequence[Record],
    generated: int = 0,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Check:
    """Compare explanations with those of the same ensemble whose weights are randomised.

    Of each record the class is explained whose logit is farthest above the background's: there is
    most to explain.

    Parameters
    ----------
    ensemble : Ensemble
    records : sequence of Record
        What the ensemble does not judge is left out.
    generated : int
        How many of the first records were generated, for the report.
    seed : int
        Of the randomised weights.
    cancelled : callable, optional
        Asked often; True ends the work.
    progress : callable, optional
        Told how many pieces of the work are done, and of how many.

    Returns
    -------
    Check

    Raises
    ------
    ValueError
        None of the records can be explained.
    Cancelled
    """
    whole = Explainer(ensemble, SETTINGS)
    usual = _usual(whole)
    stages = [(words, Explainer(one, SETTINGS)) for words, one in randomised(ensemble, seed)]
    alike: list[float] = []
    found: list[list[_Compared]] = []
    counts = [0, 0]
    steps, done = len(records) * (len(stages) + 1), 0
    for place, record in enumerate(records):
        go_on(cancelled)
        try:
            code = _standing_out(whole, usual, record)
            truth = whole.attribute(record, code, cancelled)
        except Refusal:
            steps -= len(stages) + 1
            continue
        done += 1
        row = []
        for _, other in stages:
            row.append(_compare(truth, other.attribute(record, code, cancelled)))
            done += 1
            if progress is not None:
                progress(done, steps)
        alike.append(agreement(truth.member_shares))
        found.append(row)
        counts[place >= generated] += 1
    if not found:
        raise ValueError("none of the records can be explained")
    columns = [[row[place] for row in found] for place in range(len(stages))]
    return Check(
        model_hash=ensemble.bundle.model_hash,
        ecgview=ecgview.__version__,
        date=date.today().isoformat(),
        generated=counts[0],
        given=counts[1],
        background=whole.background.name,
        seed=seed,
        stages=tuple(
            Stage(
                words,
                Spread.of([one.cells for one in column]),
                Spread.of([one.sizes for one in column]),
                Spread.of([one.shares for one in column]),
            )
            for (words, _), column in zip(stages, columns, strict=True)
        ),
        bars=Spread.of([one.bars for one in columns[-1]]),
        agreement=Spread.of(alike),
        agreement_randomised=Spread.of([one.alike for one in columns[-1]]),
    )


def _usual(explainer: Explainer) -> NDArray[np.float64]:
    """Return the mean probability of each class over the background."""
    compared, ensemble = explainer.background, explainer.ensemble
    valid = np.full(len(compared), ensemble.preprocessing.samples, np.int64)
    found = ensemble.probabilities(compared.windows, valid, compared.patient, compared.measured)
    usual: NDArray[np.float64] = found.mean(axis=(0, 1))
    return usual


def _standing_out(explainer: Explainer, usual: NDArray[np.float64], record: Record) -> str:
    """Return the class whose logit is farthest above the background's."""
    probability = explainer.ensemble.predict(record).probability
    away = [np.log(part / (1 - part)) for part in (np.clip(one, 1e-9, 1 - 1e-9) for one in (probability, usual))]
    return explainer.ensemble.bundle.classes[int(np.argmax(away[0] - away[1]))]


def randomised(ensemble: Ensemble, seed: int = 0) -> Iterator[tuple[str, Ensemble]]:
    """Give copies of an ensemble in which ever more has lost what it learned.

    Parameters
    ----------
    ensemble : Ensemble
    seed : int

    Yields
    ------
    (str, Ensemble)
        What is randomised, in words, and the copy: the networks' last layer, then with it their
        stages from the last to the first, then the first layer, then the trees as well.
    """
    generator = torch.Generator().manual_seed(seed)
    members = [copy.deepcopy(member) for member in ensemble.members]
    for words, parts in _parts(members[0].signal):
        for member in members:
            for name in parts:
                _shuffle(member.signal.get_submodule(name), generator)
        yield words, _with(ensemble, [copy.deepcopy(member) for member in members])
    for member in members:
        member.trees = _shuffled_trees(member.trees, generator)
    yield TREES, _with(ensemble, members)


def _parts(network: SEResNet) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "last layer", ("head",)
    above = len(network.blocks)
    for stage, count in reversed(list(enumerate(network.architecture.blocks, start=1))):
        yield f"and stage {stage}", tuple(f"blocks.{place}" for place in range(above - count, above))
        above -= count
    yield "and the first layer", ("stem", "stem_norm", "patient")


def _shuffle(module: nn.Module, generator: torch.Generator) -> None:
    """Shuffle every tensor of weights, and what normalises a channel together, within itself."""
    for part in module.modules():
        own = [*part.parameters(recurse=False), *part.buffers(recurse=False)]
        if isinstance(part, nn.BatchNorm1d):
            order = torch.randperm(part.num_features, generator=generator)
            for tensor in own:
                if tensor.ndim:
                    tensor.data.copy_(tensor.data[order.to(tensor.device)])
            continue
        for tensor in own:
            order = torch.randperm(tensor.numel(), generator=generator)
            tensor.data.copy_(tensor.data.flatten()[order.to(tensor.device)].view_as(tensor))


def _shuffled_trees(trees: SmoothTrees, generator: torch.Generator) -> SmoothTrees:
    """Return trees with every split given the question of another, and every leaf the value of another of its class."""
    tensors = dict(trees.state_dict())
    order = torch.randperm(len(trees.feature), generator=generator).to(trees.feature.device)
    for name in ("feature", "threshold", "missing_left"):
        tensors[name] = tensors[name][order]
    order = torch.randperm(trees.leaf_value.shape[1], generator=generator).to(trees.feature.device)
    tensors["leaf_value"] = tensors["leaf_value"][:, order]
    return SmoothTrees(tensors)


def _with(ensemble: Ensemble, members: list[Member]) -> Ensemble:
    other = copy.copy(ensemble)
    other.members = members
    return other


def _compare(truth: Attribution, other: Attribution) -> _Compared:
    ours, theirs = _cells(truth), _cells(other)
    shares = [shares_of(one.values, one.waves) for one in (truth, other)]
    names = list(truth.bars)
    bars = [np.array([one.bars[name] for name in names]) for one in (truth, other)]
    return _Compared(
        cells=rank_correlation(ours, theirs),
        sizes=rank_correlation(np.abs(ours), np.abs(theirs)),
        shares=rank_correlation(shares[0], shares[1]),
        bars=rank_correlation(bars[0], bars[1]),
        alike=agreement(other.member_shares),
    )


def _cells(attribution: Attribution) -> NDArray[np.float64]:
    """Sums of attribution over 100 ms of one lead."""
    length = round(CELL_SECONDS * attribution.hz)
    edges = np.arange(0, attribution.values.shape[1], length)
    return np.add.reduceat(attribution.values.astype(np.float64), edges, axis=1)


def check_files(
    ensemble: Ensemble,
    paths: Sequence[Path],
    limit: int,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Check:
    """Make the check with records of files, evenly spread over what there is, and generated ones.

    Parameters
    ----------
    ensemble : Ensemble
    paths : sequence of Path
        Files or folders. What cannot be read is passed over.
    limit : int
        Records at most, a fifth of them generated.
    progress, cancelled
        As :func:`check` takes them.

    Returns
    -------
    Check

    Raises
    ------
    ValueError
        None of the records can be explained.
    Cancelled
    """
    made = abnormal_records(-(-limit // 5))
    files = spread_over(list(expand(paths)), limit - len(made))
    given = []
    for path in files:
        try:
            given.append(read(path))
        except ReadError:
            continue
    return check(ensemble, [*made, *given], len(made), cancelled=cancelled, progress=progress)


def abnormal_records(count: int, seed: int = 40) -> list[Record]:
    """Return generated records that show something, each abnormality in turn."""
    kinds: tuple[NamedAbnormality, ...] = get_args(NamedAbnormality)
    chance = np.random.default_rng(seed)
    return [
        generate(
            Generated(
                rate=float(chance.uniform(55, 100)), age=60, sex="female", abnormalities=(kinds[place % len(kinds)],)
            ),
            seed=seed + place,
        ).record
        for place in range(count)
    ]
