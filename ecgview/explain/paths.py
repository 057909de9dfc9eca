"""All paths from the background to one record, followed more closely where their slope changes most.

Along a path the network's logit rises and falls as its units switch on and off. At every point both
the logit and its slope are known, so between two points it is known by how much the trapezoidal rule
misses the logit's true change. The stretches that miss most are halved first. Points are spread over all
paths together: some networks go straight from one background record to the record, others do not.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.explain.gradients import Slopes, Taken, slopes_at
from ecgview.explain.pieces import PATHS_AT_ONCE, go_on
from ecgview.explain.question import Question
from ecgview.model.ensemble import Ensemble

MOST_POINTS = 16_800
"""Points kept for one record: some 400 MB. Reached by records of many minutes alone."""
_HALVED_AT_ONCE = 80
_FIRST = 3
_FEW_WINDOWS = 6


@dataclass(frozen=True, slots=True)
class _Point:
    """What one point of one path gives; the part of each sample in the slope is kept as a share of the largest."""

    part: NDArray[np.floating]
    largest: float
    patient: NDArray[np.float64]
    slope: float
    logit: float

    @property
    def signal(self) -> NDArray[np.float32]:
        return self.part.astype(np.float32) * np.float32(self.largest)


class Paths:
    """The paths of one question through all networks.

    Parameters
    ----------
    ensemble : Ensemble
    question : Question
    compared : Taken
        The background.
    at_background : callable
        Given a member and how many samples hold signal, returns its slopes at the background records.
    cancelled : callable, optional

    Attributes
    ----------
    signal : ndarray of float32, shape (members, windows, 12, samples)
        What is attributed so far, in logits of the member; the mean over the background.
    patient : ndarray of float64, shape (members, 5)
    """

    def __init__(
        self,
        ensemble: Ensemble,
        question: Question,
        compared: Taken,
        at_background: Callable[[int, int], Slopes],
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._ensemble, self._question, self._compared = ensemble, question, compared
        self._at_background, self._cancelled = at_background, cancelled
        count = len(compared.signal)
        self._paths = [
            (window, member, whom)
            for window in range(len(question.windows))
            for member in range(len(ensemble.members))
            for whom in range(count)
        ]
        # What a path's attribution counts in its member's.
        self._weight = [ensemble.members[member].signal_share / count for _, member, _ in self._paths]
        self.signal = np.zeros((len(ensemble.members), *question.prepared.windows.shape), np.float32)
        self.patient = np.zeros((len(ensemble.members), question.prepared.patient.size))
        # A point serves to take back a little of what was added in full, so half of the digits do for many.
        self._precision = np.float32 if len(question.windows) <= _FEW_WINDOWS else np.float16
        self._points: list[dict[float, _Point]] = [{} for _ in self._paths]
        self._stretches: list[tuple[float, int, float, float]] = []
        self._inside = 0

    @property
    def room(self) -> bool:
        """Whether more points can be kept."""
        return self._inside < MOST_POINTS

    @property
    def nodes(self) -> int:
        """Points of each path between its ends, on average."""
        return round(self._inside / len(self._paths))

    def follow(self, nodes: int) -> None:
        """Follow the paths until they have so many points between their ends, on average.

        One point each is the midpoint rule, from three on it is the trapezoidal rule; the first three
        lie evenly.

        Raises
        ------
        Cancelled
        """
        if not self._inside:
            self._halve_all([(place, 0.0, 1.0) for place in range(len(self._paths))], ends=False)
        if nodes == 1:
            return
        if self._inside == len(self._paths):
            self._take_ends()
            halves = [(place, *ends) for place in range(len(self._paths)) for ends in ((0.0, 0.5), (0.5, 1.0))]
            self._halve_all(halves)
        wanted = min(max(nodes, _FIRST) * len(self._paths), MOST_POINTS)
        while self._inside < wanted and self._stretches:
            count = min(_HALVED_AT_ONCE, wanted - self._inside, len(self._stretches))
            self._halve_all([heapq.heappop(self._stretches)[1:] for _ in range(count)])

    def _take_ends(self) -> None:
        """Add both ends of every path, so that the midpoint rule becomes the trapezoidal one."""
        question = self._question
        at_record: dict[tuple[int, int], Slopes] = {}

        def ask(job: tuple[int, int]) -> tuple[tuple[int, int], Slopes, Slopes]:
            go_on(self._cancelled)
            window, member = job
            own, valid = question.windows[window], int(question.prepared.valid[window])
            network = self._ensemble.members[member].signal
            here = slopes_at(network, question.place, own.signal, own.patient, valid)
            return job, here, self._at_background(member, valid)

        at_whom: dict[tuple[int, int], Slopes] = {}
        jobs = list(dict.fromkeys((window, member) for window, member, _ in self._paths))
        for job, here, there in self._ensemble.side_by_side(ask, jobs):
            at_record[job], at_whom[job] = here, there
        for place, (window, member, whom) in enumerate(self._paths):
            own, part = question.windows[window], slice(whom, whom + 1)
            other = Taken(*(one[part] for one in vars(self._compared).values()))
            ends = (at_whom[window, member].only(part), at_record[window, member])
            for at, slopes in zip((0.0, 1.0), ends, strict=True):
                (signal,), (patient,), (logit,) = slopes.towards(own, other, question.fold)
                self._points[place][at] = self._kept(signal, patient, logit)
                self._add(place, 0.25, signal, patient)
            middle = self._points[place][0.5]
            self._add(place, -0.5, middle.signal, middle.patient)

    def _halve_all(self, stretches: list[tuple[int, float, float]], ends: bool = True) -> None:
        """Add a point in the middle of each stretch (path, start, end)."""
        size = PATHS_AT_ONCE[self._ensemble.device.type]
        groups: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
        for stretch in stretches:
            groups.setdefault(self._paths[stretch[0]][:2], []).append(stretch)
        jobs = [
            (group, chosen[first : first + size])
            for group, chosen in groups.items()
            for first in range(0, len(chosen), size)
        ]

        def ask(
            job: tuple[tuple[int, int], list[tuple[int, float, float]]],
        ) -> tuple[
            list[tuple[int, float, float]], tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]
        ]:
            go_on(self._cancelled)
            (window, member), chosen = job
            question, device = self._question, self._ensemble.device
            own = question.windows[window]
            whom = torch.as_tensor([self._paths[place][2] for place, _, _ in chosen], device=device)
            other = Taken(*(one[whom] for one in vars(self._compared).values()))
            step = torch.tensor([(start + end) / 2 for _, start, end in chosen], dtype=torch.float32, device=device)
            signal = other.signal + step[:, None, None] * (own.signal - other.signal)
            patient = other.patient + step[:, None] * (own.patient - other.patient)
            valid = int(question.prepared.valid[window])
            slopes = slopes_at(self._ensemble.members[member].signal, question.place, signal, patient, valid)
            return chosen, slopes.towards(own, other, question.fold)

        for chosen, found in self._ensemble.side_by_side(ask, jobs):
            for (place, start, end), signal, patient, logit in zip(chosen, *found, strict=True):
                middle, length = (start + end) / 2, end - start
                points = self._points[place]
                points[middle] = self._kept(signal, patient, logit)
                self._add(place, length / 2 if ends else length, signal, patient)
                self._inside += 1
                if ends:
                    for at in (start, end):
                        self._add(place, -length / 4, points[at].signal, points[at].patient)
                    self._look(place, start, middle)
                    self._look(place, middle, end)

    def _look(self, place: int, start: float, end: float) -> None:
        """Note by how much the trapezoidal rule misses the change of the logit over a stretch."""
        first, last = self._points[place][start], self._points[place][end]
        missed = last.logit - first.logit - (first.slope + last.slope) / 2 * (end - start)
        heapq.heappush(self._stretches, (-abs(missed) * self._weight[place], place, start, end))

    def _add(self, place: int, weight: float, signal: NDArray[np.float32], patient: NDArray[np.float64]) -> None:
        window, member, _ = self._paths[place]
        weight *= self._weight[place]
        self.signal[member, window] += np.float32(weight) * signal
        self.patient[member] += weight / len(self._question.windows) * patient

    def _kept(self, signal: NDArray[np.float32], patient: NDArray[np.float64], logit: float) -> _Point:
        largest = float(np.abs(signal).max()) or 1.0
        slope = float(signal.sum(dtype=np.float64) + patient.sum())
        return _Point((signal / np.float32(largest)).astype(self._precision), largest, patient, slope, float(logit))
