"""What an ECG is, and how one comes in."""

from ecgview.record.describing import describe
from ecgview.record.folder import expand, find_records
from ecgview.record.leads import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS, standard_lead
from ecgview.record.reading import read
from ecgview.record.record import Label, Patient, ReadError, Record
from ecgview.record.summary import Summary, read_summary

__all__ = [
    "CHEST_LEADS",
    "LIMB_LEADS",
    "STANDARD_LEADS",
    "Label",
    "Patient",
    "ReadError",
    "Record",
    "Summary",
    "describe",
    "expand",
    "find_records",
    "read",
    "read_summary",
    "standard_lead",
]
