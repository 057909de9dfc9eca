"""Leads as the players of a game: Shapley values of whole leads, which a gradient cannot give.

L. S. Shapley, "A value for n-person games", Contributions to the Theory of Games II, 1953, 307-317: what
a player adds to those who play already, the mean over all orders in which they may join. A lead that
does not play is as it is in the background. Sampled values draw orders at random, each with its
reverse (R. Mitchell et al., "Sampling permutations for Shapley value estimation", JMLR 2022;23:1-46).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview import RESEARCH_USE
from ecgview.explain.explaining import Explainer
from ecgview.explain.gradients import Taken
from ecgview.explain.pieces import PATHS_AT_ONCE, go_on
from ecgview.explain.question import Question
from ecgview.model.network import inputs_of_trees
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import LIMB_LEADS, STANDARD_LEADS, Record
from ecgview.record.limb_leads import DERIVABLE, limb_lead

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"limb leads": LIMB_LEADS, "V1-V2": ("V1", "V2"), "V3-V4": ("V3", "V4"), "V5-V6": ("V5", "V6")}
)
SINGLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {lead: (lead,) for lead in STANDARD_LEADS if lead not in DERIVABLE}
)
PATIENT, MEASURED = "age and sex", "measured values"
ROUNDS = 4
"""Orders (each with its reverse) drawn for every background record."""

_LIMB = (
    "The six limb leads are two measurements: III, aVR, aVL and aVF are computed from I and II. "
    "No one of them can be as in another person while the others stay."
)
CAUTION = MappingProxyType(
    {
        "groups": f"{_LIMB} So they play as one.",
        "single": f"{_LIMB} So I and II play for all six, and how the two share is partly arbitrary.",
    }
)
"""What a reader of the values must know, for each way to group."""


@dataclass(frozen=True, eq=False)
class LeadsAsPlayers:
    """Shapley values of leads, of age and sex, and of all measured values together.

    Attributes
    ----------
    record_hash, model_hash : str
    code : str
        The class.
    grouping : {"groups", "single"}
    background : str
        In words.
    values : mapping of str to float
        Logits, above zero for the class. Measured values are a player of their own: they stay those
        of the whole record while leads are replaced.
    errors : mapping of str to float
        Standard error of each value from the drawing of orders; 0 where it is exact.
    exact : bool
        Whether all orders were counted.
    logit, expected : float
        Of the record, and the mean over the background; the values add up to their difference, in
        sampled values too.
    caution : str
        What follows from leads depending on each other.
    seconds : float
    """

    record_hash: str
    model_hash: str
    code: str
    grouping: str
    background: str
    values: Mapping[str, float]
    errors: Mapping[str, float]
    exact: bool
    logit: float
    expected: float
    caution: str
    seconds: float

    @property
    def sum(self) -> float:
        """All values together."""
        return float(sum(self.values.values()))

    def as_dict(self, record: str) -> dict[str, Any]:
        """Return plain values for JSON; `record` is the path as given."""
        return {
            "research_use": RESEARCH_USE,
            "record": record,
            "class": self.code,
            "model": self.model_hash,
            "method": f"Shapley values, {'exact' if self.exact else 'orders drawn at random'}",
            "grouping": self.grouping,
            "background": self.background,
            "logit": round(self.logit, 6),
            "expected": round(self.expected, 6),
            "sum": round(self.sum, 6),
            "values": {name: round(value, 6) for name, value in self.values.items()},
            "standard_errors": {name: round(value, 6) for name, value in self.errors.items()},
            "caution": self.caution,
            "seconds": round(self.seconds, 3),
        }


def leads_as_players(
    explainer: Explainer,
    record: Record,
    code: str,
    grouping: str = "groups",
    exact: bool | None = None,
    rounds: int = ROUNDS,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LeadsAsPlayers:
    """Tell what whole leads add to a class's logit.

    Parameters
    ----------
    explainer : Explainer
        Its ensemble and background are used.
    record : Record
    code : str
        A class of the model.
    grouping : {"groups", "single"}
        Limb leads, V1-V2, V3-V4 and V5-V6; or I, II and V1 to V6 one by one, with the other limb
        leads computed from I and II.
    exact : bool, optional
        Count all orders: 32 combinations of groups (the default there), 512 of single leads. Or draw
        orders at random, the default for single leads.
    rounds : int
        Orders drawn for each background record, each counted with its reverse; from 2 on.
    seed : int
        Of the orders.
    cancelled : callable, optional
        Asked often; True ends the work.
    progress : callable, optional
        Told how many pieces of the work are done, and of how many.

    Returns
    -------
    LeadsAsPlayers

    Raises
    ------
    ValueError
        No such grouping, or fewer than two rounds.
    UnknownClassError, Refusal, Cancelled
    """
    if grouping not in CAUTION:
        raise ValueError(f"leads play in groups or single, not as {grouping!r}")
    if rounds < 2:
        raise ValueError("fewer than two rounds have no standard error")
    began = time.perf_counter()
    exact = grouping == "groups" if exact is None else exact
    explainer.check(code)
    question = explainer.ask(record, code, cancelled)
    groups = GROUPS if grouping == "groups" else SINGLE
    names = (*groups, PATIENT)
    game = _Game(explainer, question, groups, cancelled, progress)
    found, errors = _exact(game, len(names)) if exact else _sampled(game, len(names), rounds, seed)
    values = dict(zip(names, found.tolist(), strict=True))
    of_patient, of_measured = _through_trees(explainer, question)
    values[PATIENT] += of_patient
    values[MEASURED] = of_measured
    return LeadsAsPlayers(
        record_hash=record.content_hash,
        model_hash=explainer.ensemble.bundle.model_hash,
        code=code,
        grouping=grouping,
        background=explainer.background.name,
        values=MappingProxyType(values),
        errors=MappingProxyType(dict(zip(names, errors.tolist(), strict=True)) | {MEASURED: 0.0}),
        exact=exact,
        logit=float(question.logits.mean()),
        expected=float(question.expected.mean()),
        caution=CAUTION[grouping],
        seconds=time.perf_counter() - began,
    )


class _Game:
    """What the networks say when some players are the record's and the others the background's."""

    def __init__(
        self,
        explainer: Explainer,
        question: Question,
        groups: Mapping[str, tuple[str, ...]],
        cancelled: Callable[[], bool] | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._explainer, self._question = explainer, question
        self._cancelled, self._progress = cancelled, progress
        # Which leads each player brings along, shape (players, 12); those computed follow I and II.
        self._brings = np.array([[lead in leads for lead in STANDARD_LEADS] for leads in groups.values()])
        self.backgrounds = len(explainer.background)

    def ask(self, playing: NDArray[np.bool_], backgrounds: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the networks' part of the logit, the mean over members and windows.

        Parameters
        ----------
        playing : ndarray of bool, shape (n, players)
            Leads' players, then age and sex.
        backgrounds : ndarray of int64, shape (n,)
            Whom each is compared with.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        ensemble, question, compared = self._explainer.ensemble, self._question, self._explainer.compared
        leads = torch.from_numpy(playing[:, :-1] @ self._brings).to(ensemble.device)
        patient = torch.from_numpy(playing[:, -1:].copy()).to(ensemble.device)
        whom = torch.from_numpy(backgrounds).to(ensemble.device)
        size = PATHS_AT_ONCE[ensemble.device.type]
        jobs = [
            (window, slice(first, first + size))
            for window in range(len(question.windows))
            for first in range(0, len(playing), size)
        ]

        def judge(job: tuple[int, slice]) -> tuple[slice, NDArray[np.float64]]:
            window, part = job
            own, valid = question.windows[window], int(question.prepared.valid[window])
            with torch.inference_mode():
                signal = mixed(own.signal, compared.signal[whom[part]], leads[part])
                asked = torch.where(patient[part], own.patient, compared.patient[whom[part]])
                counted = torch.full((len(signal),), valid, dtype=torch.int64, device=ensemble.device)
                total = np.zeros(len(signal))
                for member in ensemble.members:
                    go_on(self._cancelled)
                    seen = member.signal(signal, asked, counted)[:, question.place]
                    total += member.signal_share * seen.double().cpu().numpy()
            return part, total

        found = np.zeros(len(playing))
        for done, (part, total) in enumerate(ensemble.side_by_side(judge, jobs), 1):
            found[part] += total
            if self._progress is not None:
                self._progress(done, len(jobs))
        return found / (len(ensemble.members) * len(question.windows))


def mixed(own: torch.Tensor, other: torch.Tensor, leads: torch.Tensor) -> torch.Tensor:
    """Put twelve leads together from two records, so that they are still what one heart could show.

    Parameters
    ----------
    own : Tensor, shape (1, 12, samples)
    other : Tensor, shape (n, 12, samples)
    leads : Tensor of bool, shape (n, 12)
        Which are `own`. Asked of the limb leads are only I and II: the others stay as they were
        recorded where both are of one record, and are computed from the two where they are not.

    Returns
    -------
    Tensor, shape (n, 12, samples)
    """
    one, two = leads[:, 0], leads[:, 1]
    leads = leads.clone()
    leads[:, 2:6] = (one & two)[:, None]
    signal = torch.where(leads[:, :, None], own, other)
    apart = one != two
    if apart.any():
        both: Any = {"I": signal[apart, 0].cpu().numpy(), "II": signal[apart, 1].cpu().numpy()}
        for name in DERIVABLE:
            computed = torch.from_numpy(limb_lead(name, both)).to(signal.device)
            signal[apart, STANDARD_LEADS.index(name)] = computed
    return signal


def _exact(game: _Game, players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weigh what each player adds to every combination of the others."""
    combinations = (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1
    playing = np.repeat(combinations, game.backgrounds, axis=0)
    whom = np.tile(np.arange(game.backgrounds), len(combinations))
    said = game.ask(playing, whom).reshape(len(combinations), -1).mean(axis=1)
    sizes = combinations.sum(axis=1)
    found = np.zeros(players)
    for player in range(players):
        without = np.flatnonzero(~combinations[:, player])
        weight = [1 / (players * math.comb(players - 1, size)) for size in sizes[without].tolist()]
        found[player] = weight @ (said[without + 2**player] - said[without])
    return found, np.zeros(players)


def _sampled(game: _Game, players: int, rounds: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw orders in which players join, as many for each background record, each with its reverse."""
    chance = np.random.default_rng(seed)
    orders = [
        order
        for _ in range(rounds * game.backgrounds)
        for drawn in [chance.permutation(players)]
        for order in (drawn, drawn[::-1])
    ]
    playing = np.concatenate([list(_joining(order)) for order in orders])
    whom = np.repeat(np.arange(rounds * game.backgrounds) % game.backgrounds, 2 * (players + 1))
    # Nobody and everybody are asked only once for each background record.
    asked, back = np.unique(np.column_stack([playing, whom]), axis=0, return_inverse=True)
    said = game.ask(asked[:, :-1].astype(bool), asked[:, -1])[back].reshape(len(orders), players + 1)
    added = np.empty((len(orders), players))
    for place, order in enumerate(orders):
        added[place, order] = np.diff(said[place])
    pairs = added.reshape(rounds, game.backgrounds, 2, players).mean(axis=2)
    variance = pairs.var(axis=0, ddof=1).sum(axis=0) / (rounds * game.backgrounds**2)
    return pairs.mean(axis=(0, 1)), np.sqrt(variance)


def _joining(order: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    """Give who plays before anyone joins, and after each has."""
    playing = np.zeros(len(order), bool)
    yield playing.copy()
    for player in order:
        playing[player] = True
        yield playing.copy()


def _through_trees(explainer: Explainer, question: Question) -> tuple[float, float]:
    """Return what age and sex, and what measured values add in the trees: a game of two, exact."""
    members, other = explainer.ensemble.members, explainer.compared
    of_patient = of_measured = 0.0
    for member, trees in zip(members, explainer.trees_of(question.code, question.place), strict=True):
        for window in question.windows:
            nobody = _said(trees, other, other)
            everybody = _said(trees, window, window)
            patient_first = _said(trees, other, window) - nobody
            measured_first = _said(trees, window, other) - nobody
            share = (1 - member.signal_share) / (len(members) * len(question.windows))
            of_patient += share * (patient_first + everybody - nobody - measured_first) / 2
            of_measured += share * (measured_first + everybody - nobody - patient_first) / 2
    return of_patient, of_measured


def _said(trees: SmoothTrees, measured: Taken, patient: Taken) -> float:
    """Return the mean logit where measured values are of the one, age and sex of the other."""
    count = max(len(measured.values), len(patient.patient))
    parts = (measured.values, measured.known, patient.patient)
    with torch.inference_mode():
        return float(trees(*inputs_of_trees(*(part.expand(count, -1) for part in parts))).double().mean())
