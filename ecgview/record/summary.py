"""What a list shows of a record before it is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ecgview.record.contents import RefusedError
from ecgview.record.reading import identify, read
from ecgview.record.record import Label, Patient, ReadError
from ecgview.record.wfdb_reading import FORMAT as WFDB
from ecgview.record.wfdb_reading import outline_wfdb


@dataclass(frozen=True, slots=True)
class Summary:
    """A record as a list shows it.

    Attributes
    ----------
    path : Path
        As asked for.
    format : str
        ``"unknown"`` where the file is in none.
    hz : float or None
    duration : float or None
        Seconds.
    leads : tuple of str
        In standard order, computed ones included, as `read` gives them.
    patient : Patient
    recorded_at : datetime or None
    labels : tuple of Label
    problem : str or None
        Why the record cannot be read, in words; None where it can, as far as was looked.
    """

    path: Path
    format: str
    hz: float | None = None
    duration: float | None = None
    leads: tuple[str, ...] = ()
    patient: Patient = field(default_factory=Patient)
    recorded_at: datetime | None = None
    labels: tuple[Label, ...] = ()
    problem: str | None = None


def read_summary(path: Path | str) -> Summary:
    """Summarise a file; of a WFDB record only the header is read.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Summary
        Its `problem` says what is wrong with a file that cannot be read; nothing is raised.
    """
    asked = Path(path)
    format = "unknown"
    try:
        file, format = identify(asked)
        if format != WFDB:
            return _of_whole_file(asked)
        outline = outline_wfdb(file)
    except RefusedError as error:
        return Summary(asked, format, problem=str(error))
    except OSError as error:
        return Summary(asked, format, problem=f"it cannot be opened: {error.strerror or error}")
    plan, about = outline.plan, outline.about
    return Summary(
        path=asked,
        format=format,
        hz=plan.hz,
        duration=plan.length / plan.hz,
        leads=plan.leads,
        patient=about.patient,
        recorded_at=about.recorded_at,
        labels=about.labels,
    )


def _of_whole_file(path: Path) -> Summary:
    try:
        record = read(path)
    except ReadError as error:
        return Summary(path, error.format, problem=error.reason)
    return Summary(
        path=path,
        format=record.format,
        hz=record.hz,
        duration=record.duration,
        leads=record.leads,
        patient=record.patient,
        recorded_at=record.recorded_at,
        labels=record.labels,
    )
