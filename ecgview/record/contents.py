"""What the readers of the single formats hand over before it becomes a Record."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ecgview.record.record import Label, Patient

MAX_SAMPLES = 40_000_000
"""Samples in all channels together; more is refused before memory is taken (160 MB as float32)."""

MAX_CHANNELS = 256
"""Channels a file may announce."""


class RefusedError(Exception):
    """Why a file is refused, in words; `read` turns it into a ReadError that names the file.

    Parameters
    ----------
    reason : str
        What is wrong, in words a reader of ECGs understands.
    """


@dataclass(frozen=True, slots=True)
class Channel:
    """What a file says about one channel.

    Attributes
    ----------
    name : str
        As in the file.
    unit : str
        Unit of the samples as in the file; empty where the file states none.
    hz : float
        Samples a second.
    length : int
        Samples.
    start : int
        First sample on the recording's own clock; leads recorded one after the other differ in it.
    """

    name: str
    unit: str
    hz: float
    length: int
    start: int = 0


@dataclass(slots=True)
class About:
    """Everything in a file that is not signal.

    Attributes
    ----------
    patient : Patient
    recorded_at : datetime or None
        By the clock on the recorder's wall, without a time zone.
    labels : tuple of Label
    warnings : list of str
        Whole sentences.
    """

    patient: Patient = field(default_factory=Patient)
    recorded_at: datetime | None = None
    labels: tuple[Label, ...] = ()
    warnings: list[str] = field(default_factory=list)


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Return names as a list in a sentence: ``"III, aVR and aVL"``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def verb(names: list[str] | tuple[str, ...], singular: str, plural: str) -> str:
    """Return the verb that fits the number of names."""
    return singular if len(names) == 1 else plural
