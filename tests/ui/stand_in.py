"""The model's process with a stand-in for the networks, for tests of everything around them.

``stand_in.py MODEL [GATE [REFINING [deaf]]]`` opens the bundle, reads and prepares records, refuses and answers just
as the program does, but needs no torch: each probability is the first digits of the record's
hash, so that findings tell whose they are. With the path of a named pipe GATE every prediction
waits until something is written to it, deaf to being called off, and is answered all the same.

Explanations are made up as well (:func:`told_values`): a coarse answer at once, and a finer one. With a
folder REFINING the finer one waits until a file named as the class stands in it; with ``deaf`` behind
it, it is sent even though it was called off. There, too, a file named ``hold`` and a record's name holds back what is
made up for a table over many records when it comes to that one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType, ModuleType, SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from ecgview.explain import service
from ecgview.explain.attribution import WAVES, Attribution, Settings
from ecgview.model.bundle import open_bundle
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import prepare
from ecgview.record import STANDARD_LEADS, Record

HZ = 100.0
LONGEST, SHORTEST = 40.0, 5.0


def stand_in_command(model: Path, *gate: Path | str) -> list[str]:
    """Return what starts the model's process without networks in it."""
    return [sys.executable, __file__, str(model), *map(str, gate)]


def told_probability(content_hash: str) -> float:
    """Return the probability that gives a record away."""
    return int(content_hash[:4], 16) / 0xFFFF


class StandIn:
    """What the service takes for an ensemble."""

    def __init__(self, folder: Path) -> None:
        self.bundle = open_bundle(folder)
        self.members = range(3)

    @classmethod
    def load(cls, folder: Path, **_: object) -> StandIn:
        """Open a bundle and leave its weights alone."""
        return cls(folder)

    def predict(self, record: Record, cancelled: Callable[[], bool] | None = None) -> Prediction:
        """Answer with the record's own probability, at once or when the gate opens."""
        windows = len(prepare(record, self.bundle.preprocessing).windows)
        if len(sys.argv) > 2 and sys.argv[2]:
            gate = Path(sys.argv[2])
            gate.with_suffix(".running").write_text(record.content_hash)
            gate.open().read()
        classes = self.bundle.classes
        members = np.full((3, len(classes)), told_probability(record.content_hash))
        members += np.array([[-0.01], [0.0], [0.01]]) * np.arange(1, len(classes) + 1)
        members = members.clip(0, 1)
        return Prediction(
            record.content_hash, self.bundle.model_hash, classes, members, self.bundle.thresholds, windows
        )


class Cancelled(Exception):
    """Raised where an explanation is called off."""


def told_values(record: Record, code: str, fine: bool) -> NDArray[np.float32]:
    """Return attributions that tell whose they are.

    V1 has the most, every other lead a tenth of it, computed leads none; above zero in the first half
    of every second and below in the second. The sum over V1's size gives record and class away; the
    coarse answer is half the fine one.
    """
    samples = round(record.duration * HZ)
    size = 0.01 * (1 + told_probability(record.content_hash)) * (1 + len(code)) * (1.0 if fine else 0.5)
    sign = np.where(np.arange(samples) % 100 < 50, 1.0, -1.0)
    share = np.array([0.0 if lead in record.derived else 1.0 if lead == "V1" else 0.1 for lead in STANDARD_LEADS])
    return (size * share[:, None] * sign).astype(np.float32)


class StandInExplainer:
    """What the service takes for an explainer."""

    def __init__(self, ensemble: StandIn, settings: Settings | None = None, background: object = None) -> None:
        self.ensemble = ensemble
        self.settings = settings or Settings()
        self.background = background or SimpleNamespace(
            name="8 generated normal ECGs (sinus rhythm, seed 1)", key="generated"
        )

    def refine(self, record: Record, code: str, cancelled: Callable[[], bool]) -> Iterator[Attribution]:
        """Answer coarsely, wait, and answer more finely."""
        from ecgview.model.preprocessing import Refusal

        if record.duration > LONGEST:
            raise Refusal(f"{record.duration / 60:.1f} minutes are too long to explain")
        prepare(record, self.ensemble.bundle.preprocessing)
        yield self._told(record, code, fine=False)
        if len(sys.argv) > 3:
            gate, deaf = Path(sys.argv[3]), sys.argv[4:] == ["deaf"]
            (gate / "refining").write_text(f"{record.content_hash} {code}")
            while not (gate / code.replace("/", " ")).exists():
                time.sleep(0.002)
                if cancelled() and not deaf:
                    raise Cancelled
        yield self._told(record, code, fine=True)

    def attribute(self, record: Record, code: str, cancelled: Callable[[], bool]) -> Attribution:
        """Answer finely, once nothing holds the record back."""
        while len(sys.argv) > 3 and (Path(sys.argv[3]) / f"hold {record.name}").exists():
            time.sleep(0.002)
            if cancelled():
                raise Cancelled
        if record.duration < SHORTEST:
            from ecgview.model.preprocessing import Refusal

            raise Refusal(f"{record.duration:.1f} s are too short")
        return self._told(record, code, fine=True)

    def _told(self, record: Record, code: str, fine: bool) -> Attribution:
        values = told_values(record, code, fine)
        shares = np.abs(values).sum(axis=1)[:, None] * np.array([1.0, 4.0, 2.0, 2.0, 1.0])
        swapped = shares[:, [0, 1, 3, 2, 4]] + np.array([0.0, 0.0, 0.0, 0.1, 0.0])
        members = np.stack([shares, swapped / swapped.sum() * shares.sum(), shares]) / shares.sum()
        return Attribution(
            record_hash=record.content_hash,
            model_hash=self.ensemble.bundle.model_hash,
            code=code,
            method="expected gradients",
            background=self.background.name,
            values=values,
            hz=HZ,
            starts=(0.0,),
            patient=MappingProxyType({"age": 0.3, "sex": -0.1}),
            measured=MappingProxyType({name: 0.5 / (n + 1) for n, name in enumerate(_MEASURED)}),
            measurable=MappingProxyType(dict.fromkeys(_MEASURED, 0.0)),
            probability=told_probability(record.content_hash),
            logit=1.5,
            expected=-2.0,
            waves=np.arange(values.shape[1]) // 20 % len(WAVES),
            member_shares=members,
            member_sizes=members.copy(),
            settings=Settings(),
            nodes=15 if fine else 1,
            seconds=0.2,
        )


_MEASURED = "qrs_ms qrs_axis rate pr_ms qtc_ms limb_span chest_span noise p_ms qt_ms t_vector qrs_vector".split()


class StandInReplacing:
    """What the service takes for what replaces parts of a record."""

    def __init__(self, ensemble: StandIn, record: Record, code: str, background: object) -> None:
        self._size = len(STANDARD_LEADS), round(record.duration * HZ)
        self._probability = told_probability(record.content_hash)

    def stretch(self, leads: object = STANDARD_LEADS, start: float = 0.0, end: float = np.inf) -> NDArray[np.bool_]:
        """Return the samples of some leads over a stretch of time."""
        time = np.arange(self._size[1]) / HZ
        return np.array([lead in leads for lead in STANDARD_LEADS])[:, None] & (time >= start) & (time < end)

    def ask(self, replaced: NDArray[np.bool_], _: object = None) -> SimpleNamespace:
        """Answer with a probability that falls with the share of samples replaced."""
        kept = 1.0 - float(replaced.mean())
        return SimpleNamespace(probability=self._probability * kept, logit=3.0 * kept)


class StandInExplanationError(Exception):
    """What the service takes for something that cannot be explained."""

    def __init__(self, words: str, wrong_usage: bool = False) -> None:
        super().__init__(words)
        self.wrong_usage = wrong_usage


def _go_on(cancelled: Callable[[], bool] | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled


def _deletion_curve(*_: object, **__: object) -> SimpleNamespace:
    return SimpleNamespace(shares=(0.05, 0.10, 0.20), named=(1.2, 2.0, 2.6), random=(0.1, 0.2, 0.4))


def _stand_in_for(name: str, **content: object) -> None:
    made = ModuleType(name)
    vars(made).update(content)
    sys.modules[name] = made


if __name__ == "__main__":
    _stand_in_for("ecgview.model.ensemble", Ensemble=StandIn, Cancelled=Cancelled, cores=lambda: 1)
    _stand_in_for("ecgview.explain.explaining", Explainer=StandInExplainer)
    _stand_in_for("ecgview.explain.output", ExplanationError=StandInExplanationError)
    _stand_in_for("ecgview.explain.pieces", go_on=_go_on)
    _stand_in_for("ecgview.explain.deletion", Replacing=StandInReplacing, deletion_curve=_deletion_curve)
    sys.exit(service.main(sys.argv[1:2]))
