"""Explains what the whole ensemble says of one class of one record, coarse at first and ever finer."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from ecgview.explain.attribution import LEAST_DIFFERENCE, Attribution, Settings
from ecgview.explain.background import Background, generated_normals
from ecgview.explain.gradients import Slopes, Taken, folding, slopes_at, through_trees
from ecgview.explain.paths import Paths
from ecgview.explain.pieces import PATHS_AT_ONCE, go_on
from ecgview.explain.question import Question, answer_of
from ecgview.explain.waves import wave_of_samples
from ecgview.model.ensemble import Ensemble
from ecgview.model.network import Member, inputs_of_trees
from ecgview.model.preprocessing import Refusal, prepare
from ecgview.model.smooth_trees import SmoothTrees
from ecgview.record import Record
from ecgview.signal.delineation import delineate
from ecgview.signal.features import FEATURES

LONGEST_WINDOWS = 60
"""Windows of a record that are explained at most: ten minutes."""

MOST_TREE_NODES = 512
# Trees are quick, so they take up only this share of the gap allowed.
_OF_GAP = 0.1
_KEPT = 16


class UnknownClassError(ValueError):
    """A class the model does not know; the message names those it does."""


class Explainer:
    """Explains records with one ensemble against one background.

    Keeps the last sixteen answers. May be used from several threads.

    Parameters
    ----------
    ensemble : Ensemble
    settings : Settings, optional
    background : Background, optional
        Generated normal ECGs by default.

    Attributes
    ----------
    compared : Taken
        The background as tensors.
    """

    def __init__(
        self, ensemble: Ensemble, settings: Settings | None = None, background: Background | None = None
    ) -> None:
        self.ensemble = ensemble
        self.settings = Settings() if settings is None else settings
        if background is None:
            background = generated_normals(ensemble.preprocessing, self.settings.backgrounds, self.settings.seed)
        self.background = background
        self._columns = [FEATURES.index(name) for name in ensemble.bundle.measured]
        self.compared = self._taken(background.windows, background.patient, background.measured)
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, str, str], Attribution] = OrderedDict()
        self._expected: OrderedDict[int, NDArray[np.float64]] = OrderedDict()
        self._slopes: OrderedDict[tuple[int, int, int], Slopes] = OrderedDict()
        self._trees: dict[str, list[SmoothTrees]] = {}

    def refine(self, record: Record, code: str, cancelled: Callable[[], bool] | None = None) -> Iterator[Attribution]:
        """Explain a record, ever finer.

        Parameters
        ----------
        record : Record
            One the ensemble would judge, of at most :data:`LONGEST_WINDOWS` windows.
        code : str
            A class of the model.
        cancelled : callable, optional
            Asked often; True ends the work.

        Yields
        ------
        Attribution
            Until the gap is below what the settings ask for, or the last stage is reached. An answer
            already known comes at once and alone.

        Raises
        ------
        UnknownClassError
        Refusal
            The ensemble does not judge this record, or it is too long.
        Cancelled
        """
        began = time.perf_counter()
        self.check(code)
        # The content's hash does not cover the patient, whose age and sex the model takes.
        besides = repr((record.patient.age, record.patient.sex, sorted(record.derived)))
        key = (record.content_hash, besides, code)
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
        if answer is not None:
            yield answer
            return
        question = self.ask(record, code, cancelled)
        paths = Paths(
            self.ensemble,
            question,
            self.compared,
            lambda member, valid: self._at_background(question.place, member, valid),
            cancelled,
        )
        for nodes in self.settings.nodes:
            paths.follow(nodes)
            answer = self._answer(question, paths.signal, paths.patient, paths.nodes, began)
            last = nodes == self.settings.nodes[-1] or not paths.room
            enough = nodes >= min(self.settings.least_nodes, self.settings.nodes[-1])
            if last or (enough and answer.gap < self.settings.gap):
                with self._lock:
                    self._answers[key] = answer
                    while len(self._answers) > _KEPT:
                        self._answers.popitem(last=False)
                yield answer
                return
            yield answer

    def attribute(
        self,
        record: Record,
        code: str,
        cancelled: Callable[[], bool] | None = None,
        progress: Callable[[Attribution], None] | None = None,
    ) -> Attribution:
        """Explain a record as finely as the settings ask for; see :meth:`refine`.

        Parameters
        ----------
        record, code, cancelled
            As :meth:`refine` takes them.
        progress : callable, optional
            Given every coarser answer on the way, and the last.

        Returns
        -------
        Attribution
        """
        answer: Attribution | None = None
        for answer in self.refine(record, code, cancelled):
            if progress is not None:
                progress(answer)
        assert answer is not None
        return answer

    def by(
        self,
        of_member: Callable[[Member, SmoothTrees, int, int, Taken, Taken], Sequence[NDArray[np.float64]]],
        method: str,
        record: Record,
        code: str,
        samples: int,
        cancelled: Callable[[], bool] | None = None,
    ) -> Attribution:
        """Explain a record by another method, one member and window at a time.

        Parameters
        ----------
        of_member : callable
            Given a member, its trees of the class, the number of the class, the samples that hold
            signal, the window and the background, returns attributions to the signal, shape (12,
            samples), patient (5,), measured values and how far they are known, shape (features,) each.
        method : str
            Its name.
        record, code, cancelled
            As :meth:`refine` takes them.
        samples : int
            Points it takes for each window.

        Returns
        -------
        Attribution
        """
        began = time.perf_counter()
        self.check(code)
        question = self.ask(record, code, cancelled)
        members, count = self.ensemble.members, len(question.windows)
        sums = np.zeros((len(members), *question.prepared.windows.shape), np.float32)
        patients, values, known = (np.zeros_like(one) for one in (question.patient, question.values, question.known))
        for place, (member, trees) in enumerate(zip(members, self.trees_of(code, question.place), strict=True)):
            for window, valid in enumerate(question.prepared.valid.tolist()):
                go_on(cancelled)
                found = of_member(member, trees, question.place, valid, question.windows[window], self.compared)
                signal, patient, value, certain = found
                sums[place, window] = signal
                patients[place] += patient / count
                values[place] += value / count
                known[place] += certain / count
        question = replace(question, values=values, known=known, patient=np.zeros_like(patients))
        answer = self._answer(question, sums, patients, samples, began)
        return replace(answer, method=method)

    def _taken(
        self, windows: NDArray[np.float32], patient: NDArray[np.float32], measured: NDArray[np.float32]
    ) -> Taken:
        values = measured[:, self._columns]
        known = np.isfinite(values)
        parts = (windows, patient, np.where(known, values, 0).astype(np.float32), known.astype(np.float32))
        return Taken(*(torch.from_numpy(part).to(self.ensemble.device) for part in parts))

    def check(self, code: str) -> None:
        """Raise :class:`UnknownClassError` where the model does not know a class."""
        if code not in self.ensemble.bundle.classes:
            known = ", ".join(self.ensemble.bundle.classes)
            raise UnknownClassError(f"the model knows no class {code!r}; it knows {known}")

    def ask(self, record: Record, code: str, cancelled: Callable[[], bool] | None) -> Question:
        """Work out everything but what the networks make of each lead and sample.

        Raises
        ------
        Refusal, Cancelled
        """
        go_on(cancelled)
        # Before preparing, which takes its time for a day's recording.
        longest = LONGEST_WINDOWS * self.ensemble.preprocessing.seconds
        if record.duration > longest:
            raise Refusal(f"{record.duration / 60:.1f} minutes are too long to explain; at most {longest / 60:g}")
        prepared = prepare(record, self.ensemble.preprocessing)
        ensemble, place = self.ensemble, self.ensemble.bundle.classes.index(code)
        patient = np.repeat(prepared.patient[None], len(prepared.windows), axis=0)
        whole = self._taken(prepared.windows, patient, prepared.measured)
        windows = [
            Taken(whole.signal[i : i + 1], whole.patient[i : i + 1], whole.values[i : i + 1], whole.known[i : i + 1])
            for i in range(len(prepared.windows))
        ]
        trees = self.trees_of(code, place)
        compared = [self._expected_of(int(valid), cancelled)[:, place] for valid in prepared.valid]
        shape = (len(ensemble.members), len(windows))
        logits, expected = np.empty(shape), np.empty(shape)
        values = np.zeros((len(ensemble.members), len(self._columns)))
        known, patients = np.zeros_like(values), np.zeros((len(ensemble.members), prepared.patient.size))

        def judge(job: tuple[int, int]) -> tuple[int, int, float, tuple[NDArray[np.float64], ...], float]:
            go_on(cancelled)
            member, window = job
            own, one = ensemble.members[member], windows[window]
            with torch.inference_mode():
                valid = torch.as_tensor(prepared.valid[window : window + 1], device=ensemble.device)
                seen = own.signal(one.signal, one.patient, valid)[0, place]
                counted = _through(trees[member], one)[0, 0]
                of_compared = _through(trees[member], self.compared).double().mean()
            logit = own.signal_share * float(seen) + (1 - own.signal_share) * float(counted)
            found = self._through_trees(trees[member], one, float(counted) - float(of_compared))
            return member, window, logit, found, float(of_compared)

        jobs = [(member, window) for window in range(len(windows)) for member in range(len(ensemble.members))]
        for member, window, logit, found, of_compared in self.ensemble.side_by_side(judge, jobs):
            share = ensemble.members[member].signal_share
            logits[member, window] = logit
            expected[member, window] = share * compared[window][member] + (1 - share) * of_compared
            for total, part in zip((values, known, patients), found, strict=True):
                total[member] += (1 - share) * part / len(windows)
        hz = ensemble.preprocessing.hz
        samples = round(prepared.starts[-1] * hz) + int(prepared.valid[-1])
        return Question(
            record,
            prepared,
            code,
            place,
            windows,
            folding(record.derived),
            logits,
            expected,
            values,
            known,
            patients,
            wave_of_samples(delineate(record), hz, samples),
            samples,
        )

    def _through_trees(self, trees: SmoothTrees, window: Taken, difference: float) -> tuple[NDArray[np.float64], ...]:
        """Follow the paths through the trees more closely until what is attributed adds up.

        A value far from the background's passes all thresholds in a small part of its path.
        """
        allowed = _OF_GAP * self.settings.gap * max(abs(difference), LEAST_DIFFERENCE)
        nodes = self.settings.tree_nodes
        while True:
            found = through_trees(trees, window, self.compared, nodes)
            missed = abs(float(sum(part.sum() for part in found)) - difference)
            if missed <= allowed or nodes >= MOST_TREE_NODES:
                return found
            nodes *= 2

    def _answer(
        self,
        question: Question,
        sums: NDArray[np.float32],
        patients: NDArray[np.float64],
        nodes: int,
        began: float,
    ) -> Attribution:
        seconds = time.perf_counter() - began
        bundle = self.ensemble.bundle
        return answer_of(question, bundle, self.background.name, self.settings, sums, patients, nodes, seconds)

    def _expected_of(self, valid: int, cancelled: Callable[[], bool] | None) -> NDArray[np.float64]:
        """Return each network's mean logits over the background, shape (members, classes)."""
        with self._lock:
            known = self._expected.get(valid)
        if known is not None:
            return known
        device = self.ensemble.device

        def judge(job: tuple[int, int]) -> tuple[int, NDArray[np.float64]]:
            go_on(cancelled)
            member, first = job
            part = slice(first, first + PATHS_AT_ONCE[device.type])
            with torch.inference_mode():
                signal, patient = self.compared.signal[part], self.compared.patient[part]
                counted = torch.full((len(signal),), valid, dtype=torch.int64, device=device)
                logits = self.ensemble.members[member].signal(signal, patient, counted)
                return member, logits.double().sum(0).cpu().numpy()

        found = np.zeros((len(self.ensemble.members), len(self.ensemble.bundle.classes)))
        starts = range(0, len(self.background), PATHS_AT_ONCE[device.type])
        jobs = [(member, first) for first in starts for member in range(len(found))]
        for member, total in self.ensemble.side_by_side(judge, jobs):
            found[member] += total / len(self.background)
        with self._lock:
            self._expected[valid] = found
            while len(self._expected) > _KEPT:
                self._expected.popitem(last=False)
        return found

    def _at_background(self, place: int, member: int, valid: int) -> Slopes:
        """Return one network's slopes at the background records: the same for every record."""
        key = (place, member, valid)
        with self._lock:
            known = self._slopes.get(key)
        if known is None:
            size = PATHS_AT_ONCE[self.ensemble.device.type]
            network = self.ensemble.members[member].signal
            parts = [
                slopes_at(network, place, self.compared.signal[part], self.compared.patient[part], valid)
                for part in (slice(first, first + size) for first in range(0, len(self.background), size))
            ]
            known = Slopes(*(torch.cat([getattr(part, name) for part in parts]) for name in vars(parts[0])))
            with self._lock:
                self._slopes[key] = known
                while len(self._slopes) > _KEPT * len(self.ensemble.members):
                    self._slopes.popitem(last=False)
        return known

    def trees_of(self, code: str, place: int) -> list[SmoothTrees]:
        """Return each member's trees of one class alone."""
        with self._lock:
            if code not in self._trees:
                self._trees[code] = [member.trees.only([place]) for member in self.ensemble.members]
            return self._trees[code]


def _through(trees: SmoothTrees, taken: Taken) -> torch.Tensor:
    values, known = inputs_of_trees(taken.values, taken.known, taken.patient)
    logits: torch.Tensor = trees(values, known)
    return logits
