"""What is said of how unlike the training records a record is: plain values, quick to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One thing that may have gone wrong in recording, named.

    Attributes
    ----------
    kind : {"limb leads", "gain", "rate"}
    text : str
        For a reader.
    """

    kind: Literal["limb leads", "gain", "rate"]
    text: str


@dataclass(frozen=True, slots=True)
class Unlikeness:
    """How unlike the training records a record is.

    Attributes
    ----------
    score : float
        Logarithm of odds; larger is less like them.
    threshold : float
        Score that one in fifty of held-out training records exceed.
    unlike : bool
        Whether the score is above the threshold: findings should not be relied on.
    reasons : tuple of str
        What is unusual, in words; empty unless the record is unlike.
    suspicions : tuple of Suspicion
        Named warnings, also where the score stays under the threshold.
    """

    score: float
    threshold: float
    unlike: bool
    reasons: tuple[str, ...]
    suspicions: tuple[Suspicion, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "score": round(self.score, 4),
            "threshold": round(self.threshold, 4),
            "unlike": self.unlike,
            "reasons": list(self.reasons),
            "suspicions": [{"kind": one.kind, "text": one.text} for one in self.suspicions],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Unlikeness:
        """Return what :meth:`as_dict` made the values of."""
        suspicions = tuple(Suspicion(one["kind"], one["text"]) for one in values["suspicions"])
        return cls(values["score"], values["threshold"], values["unlike"], tuple(values["reasons"]), suspicions)
