"""What explaining a record gives: plain values that know what they rest on. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ecgview.record import STANDARD_LEADS

WAVES: tuple[str, ...] = ("P", "QRS", "ST", "T", "other")
"""Stretches of time that attribution is shared among; `other` is what no beat's wave covers."""

LEAST_DIFFERENCE = 0.25
"""Logits. Where the record's logit differs from the background's by less, the gap is counted against
this, since a share of next to nothing says nothing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an attribution is computed. The same settings give the same numbers.

    Attributes
    ----------
    backgrounds : int
        Records of the background.
    seed : int
        Of the generated background.
    nodes : tuple of int
        Points of each path through the networks between its ends, on average, stage by stage, rising;
        see :meth:`ecgview.explain.paths.Paths.follow`.
    gap : float
        Refinement ends when the gap is below this.
    least_nodes : int
        Points below which refinement does not end: a coarse picture can add up by chance.
    tree_nodes : int
        Points of each path through the trees over measured values (Gauss-Legendre), at first; doubled
        where these do not suffice.
    """

    backgrounds: int = 8
    seed: int = 1
    nodes: tuple[int, ...] = (1, 3, 7, 11, 15, 23, 31)
    gap: float = 0.02
    least_nodes: int = 7
    tree_nodes: int = 32

    def __post_init__(self) -> None:
        if self.backgrounds < 1 or self.tree_nodes < 1 or not self.nodes or not self.gap >= 0:
            raise ValueError("an attribution needs at least one background record, one stage and one node")
        if list(self.nodes) != sorted(set(self.nodes)) or not set(self.nodes).isdisjoint((0, 2)) or self.nodes[0] < 0:
            raise ValueError(f"stages rise, from 1 or from 3 on, not {self.nodes}")


@dataclass(frozen=True, eq=False)
class Attribution:
    """Why the ensemble's logit for one class of one record differs from that of the background.

    The logit is the mean over members and windows, before calibration. All parts are in logits and
    signed: above zero speaks for the class.

    Attributes
    ----------
    record_hash, model_hash : str
        What it is for and of.
    code : str
        The class.
    method : str
        ``"expected gradients"`` or ``"shap.GradientExplainer"``.
    background : str
        What the record is compared with, in words.
    values : ndarray of float32, shape (12, samples)
        Of each prepared sample, leads in standard order, on the record's time axis from its start.
        Zero in leads that were not recorded but computed from I and II: their part lies there.
    hz : float
        Rate of `values`.
    starts : tuple of float
        Where the windows begin that the ensemble judged, seconds.
    patient : mapping of str to float
        ``"age"`` and ``"sex"``.
    measured : mapping of str to float
        Of each measured value by name, because it is as large as it is.
    measurable : mapping of str to float
        Of each measured value by name, because it can be measured here and not in the background, or
        the reverse.
    probability : float
        The ensemble's calibrated probability of the class.
    logit : float
        Of the record.
    expected : float
        Mean over the background.
    waves : ndarray of int64, shape (samples,)
        Which of :data:`WAVES` each sample belongs to.
    member_shares : ndarray of float64, shape (members, 12, len(WAVES))
        What each member attributes to each lead and wave, with its sign, as a share of the member's
        sum of |attribution|.
    settings : Settings
    nodes : int
        Points of each path through the networks that this attribution rests on, on average.
    seconds : float
        Since the work began.
    leads : tuple of str
    member_sizes : ndarray of float64, shape (members, 12, len(WAVES))
        Share of each lead and wave in the sum of |attribution| of each member; no members where it
        was handed on without them.
    """

    record_hash: str
    model_hash: str
    code: str
    method: str
    background: str
    values: NDArray[np.float32]
    hz: float
    starts: tuple[float, ...]
    patient: MappingProxyType[str, float]
    measured: MappingProxyType[str, float]
    measurable: MappingProxyType[str, float]
    probability: float
    logit: float
    expected: float
    waves: NDArray[np.int64]
    member_shares: NDArray[np.float64]
    settings: Settings
    nodes: int
    seconds: float
    leads: tuple[str, ...] = field(default=STANDARD_LEADS)
    member_sizes: NDArray[np.float64] = field(
        default_factory=lambda: np.zeros((0, len(STANDARD_LEADS), len(WAVES))), repr=False
    )

    def __post_init__(self) -> None:
        self.values.flags.writeable = False
        self.waves.flags.writeable = False
        self.member_shares.flags.writeable = False
        self.member_sizes.flags.writeable = False

    @cached_property
    def sum(self) -> float:
        """All parts together: samples, patient, measured values."""
        rest = (*self.patient.values(), *self.measured.values(), *self.measurable.values())
        return float(self.values.sum(dtype=np.float64)) + float(np.sum(rest))

    @property
    def gap(self) -> float:
        """How far the parts miss what they should add up to, as a share of it.

        ``|sum - (logit - expected)| / max(|logit - expected|, LEAST_DIFFERENCE)``
        """
        difference = self.logit - self.expected
        return abs(self.sum - difference) / max(abs(difference), LEAST_DIFFERENCE)

    @property
    def lead_shares(self) -> dict[str, float]:
        """Share of each lead in the sum of |attribution| over all samples; all zero where that is zero."""
        sizes = np.abs(self.values).sum(axis=1, dtype=np.float64)
        return dict(zip(self.leads, (sizes / (sizes.sum() or 1.0)).tolist(), strict=True))

    @property
    def ranking(self) -> tuple[str, ...]:
        """Leads, the largest share first."""
        shares = self.lead_shares
        return tuple(sorted(shares, key=lambda lead: -shares[lead]))

    @property
    def bars(self) -> dict[str, float]:
        """Age, sex and every measured value with both its parts, the largest first."""
        names = dict.fromkeys((*self.measured, *self.measurable))
        found = dict(self.patient)
        found |= {name: self.measured.get(name, 0.0) + self.measurable.get(name, 0.0) for name in names}
        return dict(sorted(found.items(), key=lambda item: -abs(item[1])))
