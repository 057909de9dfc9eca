"""DICOM waveforms without identity, by the standard's Basic Application Level Confidentiality Profile.

PS3.15, annex E lists the attributes to remove or replace. Here only attributes known to be harmless
are taken over, so that private elements, pixels, overlays, curves and whatever a later edition adds stay
out. Two options of the annex are applied: dates are modified and kept (E.3.6), and age and sex stay
(E.3.7); age is capped, which the standard leaves open.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ecgview.record.contents import MAX_CHANNELS, RefusedError
from ecgview.record.deidentify_names import is_lead_name
from ecgview.record.leads import standard_lead

_WAVEFORM_CLASSES = frozenset(
    f"1.2.840.10008.5.1.4.1.1.9.{tail}" for tail in ("1.1", "1.2", "1.3", "1.4", "2.1", "3.1")
)
_LITTLE_ENDIAN = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
_METHOD = "Basic Application Level Confidentiality Profile by ecgview"
# PS3.16, context group 7050.
_METHOD_CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)
_DATES = (
    ("StudyDate", "StudyTime"),
    ("SeriesDate", "SeriesTime"),
    ("AcquisitionDate", "AcquisitionTime"),
    ("ContentDate", "ContentTime"),
)
_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
# Type 2 in the modules of a waveform: they must be there and may be empty.
_EMPTY = ("PatientBirthDate", "ReferringPhysicianName", "AccessionNumber", "StudyID", "Manufacturer", "PatientSex")

_NUMBER = re.compile(r"[-+]?(?:\d{1,15}\.?\d{0,15}|\.\d{1,15})(?:[eE][-+]?\d{1,3})?")
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d{1,6})?)?)?(?:[-+]\d{4})?")
_LEAD_CODE = re.compile(r"2:\d{1,5}|\d{1,3}|5\.6\.3-9-\d{1,3}(?:-\d{1,3})?|MDC_ECG_LEAD_([A-Z0-9]{1,4})")
_SCHEMES = frozenset({"MDC", "SCPECG", "UCUM", "DCM", "SRT", "SCT"})
_UNIT_NAMES = {"uV": "microvolt", "mV": "millivolt", "V": "volt", "nV": "nanovolt"}
_WORDS = {
    "MultiplexGroupLabel": frozenset({"RHYTHM", "MEDIAN BEAT", "MEDIAN", "REPRESENTATIVE BEAT", "AVERAGE BEAT"}),
    "WaveformOriginality": frozenset({"ORIGINAL", "DERIVED"}),
    "WaveformSampleInterpretation": frozenset({"SB", "UB", "MB", "AB", "SS", "US", "SL", "UL", "SV", "UV"}),
    "ChannelStatus": frozenset(
        {"OK", "TEST DATA", "DISCONNECTED", "QUESTIONABLE", "INVALID", "UNCALIBRATED", "UNZEROED"}
    ),
}  # fmt: skip
_GROUP_NUMBERS = (
    "MultiplexGroupTimeOffset", "TriggerTimeOffset", "TriggerSamplePosition", "NumberOfWaveformChannels",
    "NumberOfWaveformSamples", "SamplingFrequency", "WaveformBitsAllocated",
)  # fmt: skip
_CHANNEL_NUMBERS = (
    "WaveformChannelNumber", "ChannelSensitivity", "ChannelSensitivityCorrectionFactor", "ChannelBaseline",
    "ChannelTimeSkew", "ChannelSampleSkew", "ChannelOffset", "WaveformBitsStored", "FilterLowFrequency",
    "FilterHighFrequency", "NotchFilterFrequency", "NotchFilterBandwidth",
)  # fmt: skip


def deidentified_dicom(
    path: Path, patient: str, characteristics: Mapping[str, str], shift: timedelta, uid: Callable[[str], str]
) -> bytes:
    """Return a DICOM waveform file without identity.

    Parameters
    ----------
    path : Path
        The file.
    patient : str
        Pseudonym, in place of name and ID.
    characteristics : mapping of str to str
        ``PatientAge`` and ``PatientSex`` as DICOM writes them, where they are known.
    shift : timedelta
        How far dates are moved into the past.
    uid : callable
        Returns a unique identifier in place of another.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    RefusedError
        If it is no waveform of a known class, or stored in a way that is not written here.
    """
    try:
        # What pydicom warns of is the spelling of values that are not taken over.
        with warnings.catch_warnings(action="ignore"):
            return _rewritten(path, patient, characteristics, shift, uid)
    except (RefusedError, OSError, MemoryError):
        raise
    except Exception as error:
        # pydicom decodes late and reports a damaged element by whatever exception that leads to.
        raise RefusedError(f"it cannot be rewritten as DICOM ({type(error).__name__})") from error


def _rewritten(
    path: Path, patient: str, characteristics: Mapping[str, str], shift: timedelta, uid: Callable[[str], str]
) -> bytes:
    from pydicom import Dataset, Sequence, dcmread, dcmwrite
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    source = dcmread(path)
    kind, syntax = str(source.get("SOPClassUID", "")), str(source.file_meta.get("TransferSyntaxUID", ""))
    if kind not in _WAVEFORM_CLASSES or syntax not in _LITTLE_ENDIAN:
        raise RefusedError("it is of a DICOM class or transfer syntax that is not written")
    result = Dataset()
    result.SOPClassUID = kind
    result.Modality = "ECG"
    for keyword in _EMPTY:
        setattr(result, keyword, "")
    for keyword in _UIDS:
        setattr(result, keyword, uid(str(source.get(keyword, "")) or f"{keyword} of {patient}"))
    result.PatientName = result.PatientID = patient
    for keyword, value in characteristics.items():
        setattr(result, keyword, value)
    _shift_dates(source, result, shift)
    result.SeriesNumber = result.InstanceNumber = 1
    result.AcquisitionContextSequence = Sequence()
    result.WaveformSequence = Sequence([_group(group) for group in source.get("WaveformSequence") or ()])
    result.PatientIdentityRemoved = "YES"
    result.LongitudinalTemporalInformationModified = "MODIFIED"
    result.DeidentificationMethod = _METHOD
    result.DeidentificationMethodCodeSequence = Sequence(
        [_coded(value, "DCM", meaning) for value, meaning in _METHOD_CODES]
    )
    result.file_meta = FileMetaDataset()
    result.file_meta.MediaStorageSOPClassUID = UID(kind)
    result.file_meta.MediaStorageSOPInstanceUID = UID(result.SOPInstanceUID)
    result.file_meta.TransferSyntaxUID = UID(syntax)
    buffer = io.BytesIO()
    dcmwrite(buffer, result, enforce_file_format=True)
    return buffer.getvalue()


def _shift_dates(source: Any, result: Any, shift: timedelta) -> None:
    """Move the moments of study, series, acquisition and content; what is no whole moment stays out."""
    for day, clock in _DATES:
        moment = _shifted(str(source.get(day) or "") + str(source.get(clock) or ""), shift)
        if moment is not None:
            setattr(result, day, f"{moment.year:04d}{moment:%m%d}")
            setattr(result, clock, f"{moment:%H%M%S}")
    moment = _shifted(str(source.get("AcquisitionDateTime") or ""), shift)
    if moment is not None:
        result.AcquisitionDateTime = f"{moment.year:04d}{moment:%m%d%H%M%S}"
    for keyword in ("StudyDate", "StudyTime"):
        if keyword not in result:
            setattr(result, keyword, "")


def _shifted(text: str, shift: timedelta) -> datetime | None:
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        return datetime(year, month, day, hour, minute, second) - shift
    except (ValueError, OverflowError):
        return None


def _group(source: Any) -> Any:
    """Return a multiplex group with its samples, cut to the length it announces."""
    from pydicom import Dataset, Sequence

    result = Dataset()
    _copy_numbers(source, result, _GROUP_NUMBERS)
    _copy_words(source, result)
    channels = source.get("ChannelDefinitionSequence") or ()
    if len(channels) > MAX_CHANNELS:
        raise RefusedError(f"it announces more than {MAX_CHANNELS} channels")
    result.ChannelDefinitionSequence = Sequence([_channel(channel) for channel in channels])
    bits = int(result.WaveformBitsAllocated)
    wide = "OB" if bits == 8 else "OW"
    if padding := source.get("WaveformPaddingValue"):
        result.add_new("WaveformPaddingValue", wide, _even(bytes(padding)[: bits // 8]))
    length = int(result.NumberOfWaveformChannels) * int(result.NumberOfWaveformSamples) * bits // 8
    result.add_new("WaveformData", wide, _even(bytes(source.WaveformData)[:length]))
    return result


def _channel(source: Any) -> Any:
    from pydicom import Dataset, Sequence

    result = Dataset()
    _copy_numbers(source, result, _CHANNEL_NUMBERS)
    _copy_words(source, result)
    label = str(source.get("ChannelLabel") or "").strip()
    if label and is_lead_name(standard_lead(label) or label):
        result.ChannelLabel = label if is_lead_name(label) else standard_lead(label)
    result.ChannelSourceSequence = Sequence([_lead(code) for code in source.get("ChannelSourceSequence") or ()])
    if units := source.get("ChannelSensitivityUnitsSequence"):
        value = str(units[0].get("CodeValue") or "")
        if value in _UNIT_NAMES:
            result.ChannelSensitivityUnitsSequence = Sequence([_coded(value, "UCUM", _UNIT_NAMES[value])])
    return result


def _lead(source: Any) -> Any:
    """Return which lead a channel is; a code or a meaning that names none is left out."""
    value, scheme = (str(source.get(key) or "").strip() for key in ("CodeValue", "CodingSchemeDesignator"))
    meaning = str(source.get("CodeMeaning") or "").split(",")[0].split("(")[0].strip()
    code = _LEAD_CODE.fullmatch(value)
    if code is None or (code[1] and not is_lead_name(standard_lead(code[1]) or code[1])):
        value = ""
    name = standard_lead(meaning) or (meaning if is_lead_name(meaning) else "")
    return _coded(value, scheme if scheme in _SCHEMES else "", f"Lead {name}" if name else "Lead")


def _coded(value: str, scheme: str, meaning: str) -> Any:
    from pydicom import Dataset

    result = Dataset()
    result.CodeValue, result.CodingSchemeDesignator, result.CodeMeaning = value, scheme, meaning
    return result


def _copy_numbers(source: Any, result: Any, keywords: tuple[str, ...]) -> None:
    for keyword in keywords:
        value = source.get(keyword)
        if value is not None and _NUMBER.fullmatch(text := str(value).strip()):
            # Decimal strings are taken over as written, so that no digit of a sensitivity is lost.
            setattr(result, keyword, value if isinstance(value, int) else text)


def _copy_words(source: Any, result: Any) -> None:
    for keyword, allowed in _WORDS.items():
        value = str(source.get(keyword) or "").strip()
        if value in allowed:
            setattr(result, keyword, value)


def _even(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)
