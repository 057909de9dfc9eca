"""What the ensemble says of one record: plain values that know what they rest on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.model.likeness import Unlikeness


@dataclass(frozen=True, eq=False)
class Prediction:
    """The ensemble's reading of one record.

    Attributes
    ----------
    record_hash : str
        :attr:`ecgview.record.Record.content_hash` of the record it is for.
    model_hash : str
        Of the ensemble it is from.
    classes : tuple of str
        Codes.
    members : ndarray of float64, shape (members, classes)
        Each member's probability, averaged over the windows of the record.
    thresholds : ndarray of float64, shape (classes,)
        Probability from which a class counts as found.
    windows : int
        Windows of ten seconds the record was cut into.
    unlikeness : Unlikeness or None
        How unlike the training records the record is; None where the model keeps nothing to compare with.
    """

    record_hash: str
    model_hash: str
    classes: tuple[str, ...]
    members: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    windows: int
    unlikeness: Unlikeness | None = None

    @property
    def probability(self) -> NDArray[np.float64]:
        """Mean probability over the members, shape (classes,)."""
        mean: NDArray[np.float64] = self.members.mean(axis=0)
        return mean

    @property
    def decision(self) -> NDArray[np.bool_]:
        """Whether the mean probability reaches the threshold, shape (classes,)."""
        return self.probability >= self.thresholds

    @property
    def votes(self) -> NDArray[np.int64]:
        """Members whose own probability reaches the threshold, shape (classes,)."""
        counted: NDArray[np.int64] = (self.members >= self.thresholds).sum(axis=0)
        return counted

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON, one entry a class."""
        return {
            "record_hash": self.record_hash,
            "model": self.model_hash,
            "windows": self.windows,
            "unlikeness": None if self.unlikeness is None else self.unlikeness.as_dict(),
            "classes": {
                code: {
                    "probability": round(float(self.probability[place]), 6),
                    "members": [round(float(value), 6) for value in self.members[:, place]],
                    "threshold": round(float(self.thresholds[place]), 6),
                    "decision": int(self.decision[place]),
                }
                for place, code in enumerate(self.classes)
            },
        }
