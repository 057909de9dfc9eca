"""What an ECG is, and how one comes in."""

from ecgview.record.leads import CHEST_LEADS, LIMB_LEADS, STANDARD_LEADS, standard_lead
from ecgview.record.record import Label, Patient, ReadError, Record

__all__ = ["CHEST_LEADS", "LIMB_LEADS", "STANDARD_LEADS", "Label", "Patient", "ReadError", "Record", "standard_lead"]
