"""Files of electrocardiographs and archives, decoded by ecgdatakit behind our own checks."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.record import guards
from ecgview.record.assembling import Plan, build_record, plan_leads
from ecgview.record.contents import About, Channel, RefusedError
from ecgview.record.demographics import age_between, plausible_age, sex_of
from ecgview.record.philips import calibration_start
from ecgview.record.printing import cleaned
from ecgview.record.record import Label, Patient, Record
from ecgview.record.units import millivolts_per

_PARSERS = {
    "DICOM": ("dicom_waveform", "DICOMWaveformParser"),
    "SCP-ECG": ("scp_ecg", "SCPECGParser"),
    "HL7 aECG": ("hl7_aecg", "HL7aECGParser"),
    "GE MUSE XML": ("ge_muse_xml", "GEMuseXMLParser"),
    "Philips Sierra XML": ("sierra_xml", "SierraXMLParser"),
    "Mortara ELI XML": ("mortara_el250", "MortaraEL250Parser"),
    "EDF": ("edf", "EDFParser"),
    "ISHNE": ("ishne_holter", "ISHNEHolterParser"),
    "MFER": ("mfer", "MFERParser"),
    "AliveCor Kardia JSON": ("alivecor_kardia", "AliveCorKardiaParser"),
}

# The library marks repeated names with a number; the leads have the same name all the same.
_REPEATED = re.compile(r"(.+)_\d+")
_COUNTED = re.compile(r"(?:Lead|Ch|CH|Channel)[ _]?(\d+)")
_ISHNE_FAULT = -32768
_MOST_LABELS = 200
_LONGEST_LABEL = 300

# What the library warns of, in our words; the rest is about matters no reader of a trace sees.
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"CRC|checksum", re.IGNORECASE), "The checksum in the file does not fit; it may be damaged or edited."),
    (re.compile(r"not an integer; rounded"), ""),
    (
        re.compile(r"additional multiplex group|rhythm series found|sequence sets|Additional rhythm waveform"),
        "The file holds further recordings; the first is shown.",
    ),
    (
        re.compile(r"truncated|not closed|shorter than the frame|incomplete final frame|no waveform data, they"),
        "The file is cut off; what is complete is shown.",
    ),
    (
        re.compile(r"gaps between data records|without a gap"),
        "The recording has gaps; its parts are joined end to end.",
    ),
    (re.compile(r"are not loaded|not loaded$"), "Part of the file is recorded differently and is not shown."),
    (
        re.compile(r"is non-zero for"),
        "The file states an offset of some leads whose meaning is not documented; it is not applied.",
    ),
    (re.compile(r"default of 1000 Hz"), "The file does not state its sampling rate; 1000 Hz, the default, was taken."),
    (
        re.compile(r"invalid range|length is \d+ in its header|wrong tag length|expected \d+ \(522"),
        "The file contradicts itself in places; check the trace against the original.",
    ),
)

# Python's warning filters are one for all threads.
_warnings_lock = Lock()


@dataclass(frozen=True, slots=True)
class Scale:
    """How stored samples become voltages: ``stored * resolution + offset``, in `unit`."""

    resolution: float
    offset: float
    unit: str


def read_device(path: Path, format: str) -> Record:
    """Read a file of an electrocardiograph or archive.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        From `sniff`.

    Returns
    -------
    Record

    Raises
    ------
    RefusedError
        If the file cannot be read.
    """
    leads, plan, about = _open(path, format)
    signals = {position: _millivolts(leads[position], format) for position, _ in plan.stored}
    if format == "Philips Sierra XML" and (keep := calibration_start(list(signals.values()), plan.hz)):
        about.warnings.append(
            f"The last {plan.length / plan.hz - keep / plan.hz:g} s were cut off: "
            "the device ends the recording with its calibration pulse of 1 mV there."
        )
        plan = replace(plan, length=keep)
        signals = {position: signal[:keep] for position, signal in signals.items()}
    return build_record(path, format, plan, signals.__getitem__, about)


def stored_scales(path: Path, format: str) -> dict[str, Scale]:
    """Say how a device's file scales the samples it stores.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        From `sniff`.

    Returns
    -------
    dict of str to Scale
        By lead, for those that are stored.

    Raises
    ------
    RefusedError
        If the file cannot be read.
    """
    leads, plan, _ = _open(path, format)
    return {name: _scale(leads[position]) for position, name in plan.stored}


def _open(path: Path, format: str) -> tuple[list[Any], Plan, About]:
    """Let the library read a file that passed our checks; return its leads, which to take, and what else is there."""
    if format not in _PARSERS:
        raise RefusedError("this format is known but not read")
    guards.check_size(format, path.stat().st_size)
    guards.check(format, path.read_bytes())
    parsed, notes = _parse(path, format)
    leads = list(parsed.leads)
    if not leads:
        raise RefusedError("it holds an averaged beat only" if parsed.median_beats else "it holds no ECG lead")
    about = _about(parsed, format, notes)
    rates = _exact_rates(parsed, format)
    channels = [
        Channel(
            name=_name(lead.label, format, leads[:position]),
            unit=_scale(lead).unit,
            hz=float(rates.get(position, lead.sampling_rate)),
            length=len(lead.samples),
            start=int(lead.annotations.get("start_sample", 1)),
        )
        for position, lead in enumerate(leads)
    ]
    return leads, plan_leads(channels), about


def _parse(path: Path, format: str) -> tuple[Any, list[str]]:
    """Let the library read the file; return its record and what it warned of."""
    module, name = _PARSERS[format]
    parser = getattr(importlib.import_module(f"ecgdatakit.parsing.parsers.{module}"), name)()
    with _warnings_lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            record = parser.parse(path)
        except Exception as error:
            # Any mistake in a file can surface as any exception of a parser not written for
            # damaged files; the reader of ECGs is told about the file in every case.
            raise RefusedError(_reason(error, path)) from error
    # Warnings of pydicom are about the spelling of values that play no part here.
    return record, [str(note.message) for note in caught if "pydicom" not in note.filename]


def _reason(error: Exception, path: Path) -> str:
    """Return what a library said, without our own path in it and not as a name of a class."""
    from ecgdatakit.exceptions import ECGDataKitError

    text = " ".join(str(error).replace(str(path), path.name).split())[:300]
    if isinstance(error, ECGDataKitError) and text:
        return text.removeprefix("SCP-ECG: ").removeprefix("MFER: ")
    if isinstance(error, MemoryError):
        return "it needs more memory than there is"
    return f"it is damaged ({type(error).__name__}{': ' if text else ''}{text})"


def _name(label: str, format: str, before: Sequence[Any]) -> str:
    repeated = _REPEATED.fullmatch(label)
    if repeated and any(lead.label == repeated[1] for lead in before):
        return repeated[1]
    # Numbers the library gives to leads without a name must not be taken for limb leads.
    counted = _COUNTED.fullmatch(label)
    if counted and (format != "EDF" or not label.startswith("Lead")):
        return f"channel {counted[1]}"
    return label


def _exact_rates(parsed: Any, format: str) -> dict[int, float]:
    """Return rates by position where the file states them more exactly than in whole Hz."""
    meta = parsed.raw_metadata
    count = len(parsed.leads)
    if format == "HL7 aECG":
        exact = meta.get("rhythm_time", {}).get("sampling_rate_exact")
    elif format == "SCP-ECG":
        interval_us = meta.get("rhythm_sample_interval_us")
        exact = 1e6 / interval_us if interval_us else None
    elif format == "DICOM":
        groups = [group for group in meta.get("multiplex_groups", []) if group["channels"] == count]
        rate = parsed.leads[0].sampling_rate
        exact = next((g["sampling_frequency"] for g in groups if round(g["sampling_frequency"]) == rate), None)
    elif format == "MFER":
        return dict(enumerate(meta.get("sampling_rates", [])))
    else:
        return {}
    # Steps of 1/500 s written with few digits are 500 Hz.
    rounded = [lead.sampling_rate for lead in parsed.leads]
    if not exact or any(abs(exact - rate) < 1e-4 * rate for rate in rounded):
        return {}
    return dict.fromkeys(range(count), exact)


def _scale(lead: Any) -> Scale:
    return Scale(lead.resolution, lead.offset, lead.resolution_unit) if lead.is_raw else Scale(1.0, 0.0, lead.units)


def _millivolts(lead: Any, format: str) -> NDArray[np.float32]:
    stored = np.asarray(lead.samples, dtype=np.float64)
    scale = _scale(lead)
    # Absurd scales overflow here; `build_record` marks what they make as invalid.
    with np.errstate(over="ignore", invalid="ignore"):
        physical = (stored * scale.resolution + scale.offset) * (millivolts_per(scale.unit) or 1.0)
        if format == "ISHNE":
            physical[stored == _ISHNE_FAULT] = np.nan
        return physical.astype(np.float32)


def _about(parsed: Any, format: str, notes: list[str]) -> About:
    info, recorded = parsed.patient, parsed.recording.date
    spoken = [next((words for pattern, words in _WORDS if pattern.search(note)), "") for note in notes]
    found = [words for words in spoken if words]
    if format == "DICOM" and parsed.median_beats:
        found.append("The file also holds an averaged beat; the rhythm recording is shown.")
    day: date | None = recorded.date() if recorded else _date(parsed.raw_metadata.get("acquisition_date"))
    age = float(info.age) if info.age is not None else None
    # A stated 0 may be weeks or months that were cut to whole years.
    age = age or age_between(info.birth_date.date() if info.birth_date else None, day) or age
    warning = None
    if age is not None:
        age, warning = plausible_age(age)
    return About(
        patient=Patient(
            identifier=_text(info.patient_id),
            age=age,
            sex=sex_of(info.sex or ""),
            name=_text(f"{info.first_name} {info.last_name}"),
        ),
        recorded_at=recorded.replace(tzinfo=None) if recorded else None,
        labels=_labels(parsed, format),
        warnings=[*found, *([warning] if warning else [])],
    )


def _text(value: str) -> str | None:
    return " ".join(cleaned(value).split())[:_LONGEST_LABEL] or None


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _labels(parsed: Any, format: str) -> tuple[Label, ...]:
    """Return the statements in the file, each with who made it."""
    made_by = {
        "overread": "overread by a physician",
        "confirmed": "confirmed by a physician",
    }.get(parsed.interpretation.source, "machine statement")
    labels = []
    for statement, reason in parsed.interpretation.statements:
        if text := _text(f"{statement} ({reason})" if statement and reason else statement or reason):
            labels.append(Label(text, "text", f"{format} file, {made_by}"))
    for line in parsed.annotations.get("machine_interpretation", "").splitlines():
        if text := _text(line):
            labels.append(Label(text, "text", f"{format} file, machine statement"))
    return tuple(dict.fromkeys(labels))[:_MOST_LABELS]
