"""What is known of a record's beats, for those who show them: instants, kinds, marks, average beats.

Plain values, apart from :mod:`ecgview.signal.beat_summary`, which finds them and needs scipy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDE_MS = 110.0
"""A QRS complex is called wide from here on, where it is also clearly wider than the prevailing one."""

INTERVALS: dict[str, tuple[str, str, str]] = {
    "p": ("P", "p_onset", "p_offset"),
    "pr": ("PR", "p_onset", "qrs_onset"),
    "qrs": ("QRS", "qrs_onset", "qrs_offset"),
    "qt": ("QT", "qrs_onset", "t_offset"),
}
"""What is read off an average beat: its name, and the marks it lies between."""


@dataclass(frozen=True, eq=False)
class AverageBeat:
    """The median of the beats of one kind, in all leads that could be judged.

    Attributes
    ----------
    leads : tuple of str
    signal : ndarray of float32, shape (leads, samples)
        mV as recorded, each lead counted from its level just before the QRS complex.
    hz : float
        Samples a second.
    onset : int
        Sample at which the QRS complex begins.
    members : ndarray of int64, shape (n,)
        Numbers of the beats of this kind.
    marks : dict of str to float
        ``"p_onset"``, ``"p_offset"``, ``"qrs_onset"``, ``"qrs_offset"``, ``"t_offset"``: s from
        `onset`, from the earliest onset to the latest end in any lead; only those that were found.
    lead_marks : dict of str to dict of str to float
        The same by lead.
    reason : str
        Why there are no marks; empty where there are.
    wide, early : bool
        Whether its QRS complex is wide, other than the prevailing one, and whether most of its
        beats come early.
    """

    leads: tuple[str, ...]
    signal: NDArray[np.float32]
    hz: float
    onset: int
    members: NDArray[np.int64]
    marks: dict[str, float]
    lead_marks: dict[str, dict[str, float]]
    reason: str = ""
    wide: bool = False
    early: bool = False

    def interval(self, key: str) -> float | None:
        """Return one of :data:`INTERVALS` in ms, None where an end of it was not found."""
        _, begin, end = INTERVALS[key]
        if begin not in self.marks or end not in self.marks:
            return None
        return 1000.0 * (self.marks[end] - self.marks[begin])

    @property
    def words(self) -> str:
        """What is special about its beats: ``"wide and early"``; empty where nothing is."""
        return " and ".join(word for word, there in (("wide", self.wide), ("early", self.early)) if there)


@dataclass(frozen=True, eq=False)
class FoundBeats:
    """The beats of one record.

    Attributes
    ----------
    record_hash : str
        :attr:`ecgview.record.Record.content_hash` of the record.
    times : ndarray of float64, shape (beats,)
        Instant of each beat, s from the start.
    kind : ndarray of int64, shape (beats,)
        Beats alike have the same number; 0 is the prevailing kind.
    premature : ndarray of bool, shape (beats,)
        Those that come early; none in a rhythm that is irregular throughout.
    irregular : bool
        Whether the rhythm is irregular throughout and without P waves, as in atrial fibrillation.
    p_peak, t_peak : ndarray of float64, shape (beats,)
        In all leads together, s; NaN where there is no such wave.
    lead_marks : dict of str to dict of str to ndarray of float64, shape (beats,)
        By lead, then ``"p_onset"``, ``"p_offset"``, ``"qrs_onset"``, ``"qrs_offset"``,
        ``"t_offset"``, s; NaN where the wave is absent or too small in the lead. Where a T wave
        begins cannot be told from the ST segment.
    averages : tuple of AverageBeat
        The prevailing kind first; of the other kinds the most frequent ones.
    kinds : tuple of int
        How many beats are of each kind, also of those without an average.
    """

    record_hash: str
    times: NDArray[np.float64]
    kind: NDArray[np.int64]
    premature: NDArray[np.bool_]
    irregular: bool
    p_peak: NDArray[np.float64]
    t_peak: NDArray[np.float64]
    lead_marks: dict[str, dict[str, NDArray[np.float64]]]
    averages: tuple[AverageBeat, ...]
    kinds: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.times)

    @property
    def rates(self) -> NDArray[np.float64]:
        """Beats a minute that each RR interval amounts to, shape (beats - 1,); it ends at beat ``i + 1``."""
        return 60.0 / np.diff(self.times)

    @property
    def unusual(self) -> NDArray[np.bool_]:
        """Which beats are premature or of another kind than the prevailing one, shape (beats,)."""
        return np.asarray(self.premature | (self.kind != 0))
