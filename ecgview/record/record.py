"""What an ECG is to this program: the plain, frozen values every other part works on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ecgview.record.printing import printable

Sex = Literal["female", "male"]
CodeSystem = Literal["scp", "snomed", "text"]


class ReadError(Exception):
    """A file that could not be read as an ECG.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        The format that was tried, in words (``"WFDB"``, ``"SCP-ECG"``, ``"unknown"``).
    reason : str
        What is wrong, in words a reader of ECGs understands.
    """

    def __init__(self, path: Path | str, format: str, reason: str) -> None:
        self.path = Path(path)
        self.format = format
        self.reason = reason
        super().__init__(self.path, format, reason)

    def __str__(self) -> str:
        tried = "not a known ECG format" if self.format == "unknown" else f"read as {self.format}"
        return f"{printable(str(self.path))}: {tried}: {printable(self.reason)}"


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was recorded, as far as the file says; None is unknown and stays unknown.

    Attributes
    ----------
    identifier : str or None
        The file's own identifier of the patient.
    age : float or None
        Years at the time of the recording.
    sex : {"female", "male"} or None
    name : str or None
        Shown to nobody unless asked for; kept so that de-identification can find it.
    """

    identifier: str | None = None
    age: float | None = None
    sex: Sex | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One statement that came with the record.

    Attributes
    ----------
    code : str
        The code in `system`; for free statements the text itself.
    system : {"scp", "snomed", "text"}
        SCP statement codes as PTB-XL uses them, SNOMED CT, or free text of a device or reader.
    provenance : str
        Where it stands and who said so, in words: ``"WFDB header, Dx"``,
        ``"ptbxl_database.csv, validated by a human"``, ``"machine statement in the XML"``.
    likelihood : float or None
        Per cent, where the source gives one (PTB-XL's diagnostic statements; 0 there means
        "not stated", never "absent").
    """

    code: str
    system: CodeSystem
    provenance: str
    likelihood: float | None = None


@dataclass(frozen=True, eq=False)
class Record:
    """One ECG recording.

    Attributes
    ----------
    path : Path
        The file it was read from (for WFDB the header).
    format : str
        The format in words: ``"WFDB"``, ``"DICOM"``, ``"SCP-ECG"``, ``"HL7 aECG"``,
        ``"GE MUSE XML"``, ``"Philips Sierra XML"``, ``"EDF"`` …
    signal : ndarray of float32, shape (leads, samples)
        Millivolts. NaN where the file marks a sample as invalid. Read-only.
    hz : float
        Samples a second.
    leads : tuple of str
        Lead names, standard spelling, in the order I II III aVR aVL aVF V1-V6 and then the others.
    derived : frozenset of str
        Leads not in the file but computed from I and II.
    patient : Patient
    recorded_at : datetime or None
    labels : tuple of Label
    warnings : tuple of str
        What a reader should know about how the file was read.
    """

    path: Path
    format: str
    signal: NDArray[np.float32]
    hz: float
    leads: tuple[str, ...]
    derived: frozenset[str] = frozenset()
    patient: Patient = field(default_factory=Patient)
    recorded_at: datetime | None = None
    labels: tuple[Label, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        signal = np.ascontiguousarray(self.signal, dtype=np.float32)
        if signal.ndim != 2 or len(signal) != len(self.leads):
            raise ValueError(f"signal of shape {signal.shape} does not fit {len(self.leads)} leads")
        if len(set(self.leads)) != len(self.leads):
            raise ValueError(f"a lead name occurs twice in {self.leads}")
        if not self.hz > 0:
            raise ValueError(f"sampling rate {self.hz} is not positive")
        if signal is self.signal:
            signal = signal.view()
        signal.flags.writeable = False
        object.__setattr__(self, "signal", signal)

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem

    @property
    def samples(self) -> int:
        """Samples in each lead."""
        return int(self.signal.shape[1])

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / self.hz

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what was measured: rate, lead names and samples.

        Names, dates and labels do not enter, so the same recording has the same hash in
        every file that holds it, de-identified or not.
        """
        digest = hashlib.sha256()
        digest.update(f"{self.hz:.6g} {' '.join(self.leads)}\n".encode())
        digest.update(self.signal.tobytes())
        return digest.hexdigest()

    def lead(self, name: str) -> NDArray[np.float32] | None:
        """Return one lead's samples in mV, or None where the record lacks it."""
        return self.signal[self.leads.index(name)] if name in self.leads else None
