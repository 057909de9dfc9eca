"""What every process that judges records of a run must agree on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done with the records of a run.

    Attributes
    ----------
    model : str or None
        The model's folder, absolute; None is the one that comes with the program.
    model_hash : str
        What the model must hash to, wherever it is loaded.
    thresholds : str or None
        A set of thresholds beside the model's own.
    device : str
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    version : str
        Of the program: another one may measure differently.
    witness : str or None
        A file that must be seen under this path wherever records are read.
    """

    model: str | None
    model_hash: str
    thresholds: str | None
    device: str
    version: str
    witness: str | None = None


class BatchError(Exception):
    """A run cannot go on; the message says why."""
