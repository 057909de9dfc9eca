"""What turns logits into probabilities that mean what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Calibration:
    """What turns each class's logit into a probability: ``1 / (1 + exp(-(slope * logit + offset)))``.

    The slope is above zero, so records keep their order within a class.

    Attributes
    ----------
    slope : ndarray of float64, shape (classes,)
    offset : ndarray of float64, shape (classes,)
    """

    slope: NDArray[np.float64]
    offset: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.slope.ndim != 1 or self.slope.shape != self.offset.shape:
            raise ValueError("a calibration needs one slope and one offset for each class")
        if not (np.isfinite(self.slope).all() and np.isfinite(self.offset).all() and (self.slope > 0).all()):
            raise ValueError("a calibration's slopes must be above zero, and slopes and offsets finite")

    def apply(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return probabilities for logits, shape (…, classes) both."""
        scaled = logits * self.slope + self.offset
        probability: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -scaled))
        return probability

    def as_dict(self, codes: Sequence[str]) -> dict[str, list[float]]:
        """Return slope and offset of each class, for JSON."""
        return {
            code: [slope, offset]
            for code, slope, offset in zip(codes, self.slope.tolist(), self.offset.tolist(), strict=True)
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any], codes: Sequence[str]) -> Calibration:
        """Take up what :meth:`as_dict` gave, in the order of `codes`.

        Raises
        ------
        ValueError
            A class is absent or is not a slope and an offset.
        """
        try:
            pairs = np.array([[float(value) for value in stored[code]] for code in codes])
            return cls(pairs[:, 0], pairs[:, 1])
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"not a slope and an offset for each class: {error}") from error
