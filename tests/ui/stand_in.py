"""The model's process with a stand-in for the networks, for tests of everything around them.

``stand_in.py MODEL [GATE]`` opens the bundle, reads and prepares records, refuses and answers just
as the program does, but needs no torch: each probability is the first digits of the record's
hash, so that findings tell whose they are. With the path of a named pipe GATE every prediction
waits until something is written to it, deaf to being called off, and is answered all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

from ecgview.model import service
from ecgview.model.bundle import open_bundle
from ecgview.model.prediction import Prediction
from ecgview.model.preprocessing import prepare
from ecgview.record import Record


def stand_in_command(model: Path, *gate: Path) -> list[str]:
    """Return what starts the model's process without networks in it."""
    return [sys.executable, __file__, str(model), *map(str, gate)]


def told_probability(content_hash: str) -> float:
    """Return the probability that gives a record away."""
    return int(content_hash[:4], 16) / 0xFFFF


class StandIn:
    """What the service takes for an ensemble."""

    def __init__(self, folder: Path) -> None:
        self.bundle = open_bundle(folder)

    @classmethod
    def load(cls, folder: Path, **_: object) -> StandIn:
        """Open a bundle and leave its weights alone."""
        return cls(folder)

    def predict(self, record: Record, cancelled: Callable[[], bool]) -> Prediction:
        """Answer with the record's own probability, at once or when the gate opens."""
        windows = len(prepare(record, self.bundle.preprocessing).windows)
        if len(sys.argv) > 2:
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
    """Never raised here."""


if __name__ == "__main__":
    networks = ModuleType("ecgview.model.ensemble")
    vars(networks).update(Ensemble=StandIn, Cancelled=Cancelled, cores=lambda: 1)
    sys.modules[networks.__name__] = networks
    sys.exit(service.main(sys.argv[1:2]))
