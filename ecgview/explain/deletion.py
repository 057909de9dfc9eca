"""What if: replace a part of a record by the background, and see what the ensemble says of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.explain.attribution import Attribution
from ecgview.explain.background import Background
from ecgview.model.calibration import Calibration
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.model.network import inputs_of_trees
from ecgview.model.preprocessing import Prepared, prepare
from ecgview.record import STANDARD_LEADS, Record
from ecgview.signal.features import FEATURES

CELL_SECONDS = 0.1
SHARES: tuple[float, ...] = (0.05, 0.10, 0.20)
RANDOM_DRAWS = 3


@dataclass(frozen=True, slots=True)
class Deletion:
    """How far the logit falls when cells of lead and time are replaced by the background.

    Attributes
    ----------
    shares : tuple of float
        Of all cells.
    named : tuple of float
        Fall of the mean logit without the cells whose attribution speaks most for the class.
    random : tuple of float
        Mean fall without as many cells drawn at random.
    """

    shares: tuple[float, ...]
    named: tuple[float, ...]
    random: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What the ensemble says once a part of the record is replaced by the background.

    Attributes
    ----------
    logit : float
        Mean over members, windows and background records.
    probability : float
        Calibrated, the same mean.
    """

    logit: float
    probability: float


class Replacing:
    """Replaces parts of one record's prepared signal by a background and asks the ensemble anew.

    Age, sex and measured values stay those of the whole record: only the networks see the change.

    Parameters
    ----------
    ensemble : Ensemble
    record : Record
    code : str
        A class of the model.
    background : Background

    Raises
    ------
    ValueError
        The model does not know the class, or (as Refusal) does not judge the record.
    """

    def __init__(self, ensemble: Ensemble, record: Record, code: str, background: Background) -> None:
        self.ensemble, self.background = ensemble, background
        self._place = ensemble.bundle.classes.index(code)
        self.prepared: Prepared = prepare(record, ensemble.preprocessing)
        starts, valid = self.prepared.starts, self.prepared.valid
        self.samples = round(starts[-1] * ensemble.preprocessing.hz) + int(valid[-1])
        measured = self.prepared.measured[:, [FEATURES.index(name) for name in ensemble.bundle.measured]]
        known = torch.from_numpy(np.isfinite(measured).astype(np.float32))
        values = torch.from_numpy(np.nan_to_num(measured))
        self._patient = torch.from_numpy(self.prepared.patient)[None]
        inputs = inputs_of_trees(values, known, self._patient.expand(len(values), -1))
        with torch.inference_mode():
            self._counted = [
                member.trees.only([self._place])(*(one.to(ensemble.device) for one in inputs))[:, 0].double().tolist()
                for member in ensemble.members
            ]

    def ask(self, replaced: NDArray[np.bool_], cancelled: Callable[[], bool] | None = None) -> WhatIf:
        """Ask with a part replaced.

        Parameters
        ----------
        replaced : ndarray of bool, shape (12, samples)
            On the record's time axis at the model's rate. See :func:`stretch`.
        cancelled : callable, optional
            Asked between members and windows.

        Returns
        -------
        WhatIf

        Raises
        ------
        Cancelled
        """
        ensemble, device = self.ensemble, self.ensemble.device
        # With nothing replaced, one row says what all would.
        compared = self.background.windows if replaced.any() else self.background.windows[:1]
        logits = np.empty((len(ensemble.members), len(self.prepared.windows), len(compared)))
        for window, (start, valid) in enumerate(zip(self.prepared.starts, self.prepared.valid.tolist(), strict=True)):
            first = round(start * ensemble.preprocessing.hz)
            mask = np.zeros(self.prepared.windows.shape[1:], bool)
            mask[:, :valid] = replaced[:, first : first + valid]
            signal = torch.from_numpy(np.where(mask, compared, self.prepared.windows[window])).to(device)
            patient = self._patient.to(device).expand(len(compared), -1)
            counted = torch.full((len(compared),), valid, dtype=torch.int64, device=device)
            for place, member in enumerate(ensemble.members):
                if cancelled is not None and cancelled():
                    raise Cancelled
                with torch.inference_mode():
                    seen = member.signal(signal, patient, counted)[:, self._place].double().cpu().numpy()
                share = member.signal_share
                logits[place, window] = share * seen + (1 - share) * self._counted[place][window]
        of_class = slice(self._place, self._place + 1)
        calibration = ensemble.bundle.calibration
        calibrated = Calibration(calibration.slope[of_class], calibration.offset[of_class])
        return WhatIf(float(logits.mean()), float(calibrated.apply(logits[..., None]).mean()))

    def stretch(
        self, leads: Sequence[str] = STANDARD_LEADS, start: float = 0.0, end: float = float("inf")
    ) -> NDArray[np.bool_]:
        """Return what :meth:`ask` takes to replace some leads over a stretch of time (seconds)."""
        time = np.arange(self.samples) / self.ensemble.preprocessing.hz
        within = (time >= start) & (time < end)
        return np.array([lead in leads for lead in STANDARD_LEADS])[:, None] & within


def deletion_curve(
    replacing: Replacing,
    attribution: Attribution,
    shares: tuple[float, ...] = SHARES,
    seed: int = 0,
    cancelled: Callable[[], bool] | None = None,
) -> Deletion:
    """Replace the cells of lead and time that speak most for a class, beside as many drawn at random.

    Parameters
    ----------
    replacing : Replacing
        Of the same record and class as `attribution`.
    attribution : Attribution
    shares : tuple of float
        Of all cells of 100 ms in one lead.
    seed : int
        Of the random cells.
    cancelled : callable, optional

    Returns
    -------
    Deletion

    Raises
    ------
    Cancelled
    """
    length = round(CELL_SECONDS * attribution.hz)
    cell_of = np.arange(attribution.values.shape[1]) // length
    edges = np.arange(0, attribution.values.shape[1], length)
    cells = np.add.reduceat(attribution.values.astype(np.float64), edges, axis=1)
    order = np.argsort(-cells, axis=None, kind="stable")
    chance = np.random.default_rng(seed)
    whole = replacing.ask(replacing.stretch(()), cancelled).logit

    def fall(chosen: NDArray[np.int64]) -> float:
        mask = np.zeros(cells.size, bool)
        mask[chosen] = True
        return whole - replacing.ask(mask.reshape(cells.shape)[:, cell_of], cancelled).logit

    counts = [max(1, round(share * cells.size)) for share in shares]
    return Deletion(
        shares,
        tuple(fall(order[:count]) for count in counts),
        tuple(
            float(np.mean([fall(chance.choice(cells.size, count, replace=False)) for _ in range(RANDOM_DRAWS)]))
            for count in counts
        ),
    )
