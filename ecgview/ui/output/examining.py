"""What is said of a record on a page beside how it is drawn."""

from __future__ import annotations

from ecgview.record import Record
from ecgview.signal.lead_quality import lead_concerns
from ecgview.signal.measurements import measure
from ecgview.signal.values import Measurements
from ecgview.ui.sheet.spoken import badges


def examine(record: Record) -> tuple[Measurements, dict[str, str]]:
    """Return what is measured in a record, and a word or two for each lead in doubt."""
    return measure(record), badges(lead_concerns(record))
