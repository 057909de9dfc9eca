"""WFDB records: header, signal files, segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.record import ptbxl
from ecgview.record.assembling import Plan, build_record, plan_leads
from ecgview.record.contents import MAX_SAMPLES, About, Channel, RefusedError, listed, verb
from ecgview.record.record import Patient, Record
from ecgview.record.units import millivolts_per
from ecgview.record.wfdb_comments import read_comments
from ecgview.record.wfdb_header import (
    LARGEST_HEADER,
    Header,
    SignalLine,
    check_file_name,
    parse_header,
)
from ecgview.record.wfdb_signal import (
    COMPRESSED,
    checksum_differs,
    frames_stored,
    read_compressed,
    read_digital,
    to_millivolts,
)

FORMAT = "WFDB"

_GAP = "~"


@dataclass(frozen=True, slots=True)
class Outline:
    """What is known of a record before its samples are read.

    Attributes
    ----------
    header : Header
    signals : tuple of SignalLine
        The signals of the record as a whole; of a multi-segment record those of its layout.
    channels : tuple of Channel
    plan : Plan
    about : About
    """

    header: Header
    signals: tuple[SignalLine, ...]
    channels: tuple[Channel, ...]
    plan: Plan
    about: About


def load_header(path: Path) -> Header:
    """Read and parse a header file.

    Raises
    ------
    RefusedError
        If it is missing, too large or no header.
    """
    if not path.is_file():
        raise RefusedError(f"the header {path.name} is missing")
    with path.open("rb") as file:
        data = file.read(LARGEST_HEADER + 1)
    if len(data) > LARGEST_HEADER:
        raise RefusedError(f"its header is larger than {LARGEST_HEADER:,} bytes")
    try:
        return parse_header(data.decode("utf-8"))
    except UnicodeDecodeError:
        return parse_header(data.decode("latin-1"))


def outline_wfdb(path: Path) -> Outline:
    """Find out from the headers alone what a record holds.

    Parameters
    ----------
    path : Path
        The header.

    Returns
    -------
    Outline

    Raises
    ------
    RefusedError
        If the record cannot be read.
    """
    header = load_header(path)
    if header.segments:
        signals, frames = _layout(path, header)
    else:
        signals, frames = header.signals, frames_stored(path.parent, header.signals, header.samples)
    channels = tuple(
        Channel(signal.name, signal.unit, header.hz * signal.frame, frames * signal.frame) for signal in signals
    )
    plan = plan_leads(channels)
    return Outline(header, signals, channels, plan, _about(path, header, signals, plan))


def read_wfdb(path: Path) -> Record:
    """Read a WFDB record.

    Parameters
    ----------
    path : Path
        The header.

    Returns
    -------
    Record

    Raises
    ------
    RefusedError
        If the record cannot be read.
    """
    outline = outline_wfdb(path)
    header, plan, about = outline.header, outline.plan, outline.about
    if header.segments:
        joined = _join(path, outline)
        return build_record(path, FORMAT, plan, lambda position: joined[position], about)
    frames = outline.channels[0].length // outline.signals[0].frame
    digital = _read(path, header.signals, frames)
    differing = [
        name for position, name in plan.stored if checksum_differs(digital[position], header.signals[position])
    ]
    if differing:
        about.warnings.append(
            f"The samples of {listed(differing)} do not add up to the {verb(differing, 'checksum', 'checksums')} "
            "in the header; they may have been changed or damaged."
        )
    return build_record(
        path,
        FORMAT,
        plan,
        lambda position: to_millivolts(digital[position], header.signals[position], _scale(header.signals[position])),
        about,
    )


def _read(path: Path, signals: Sequence[SignalLine], frames: int) -> list[NDArray[np.signedinteger]]:
    compressed = {signal.format in COMPRESSED for signal in signals}
    if compressed == {True, False}:
        raise RefusedError("its signals are partly compressed, which is not read")
    return read_compressed(path, signals, frames) if True in compressed else read_digital(path.parent, signals, frames)


def _scale(signal: SignalLine) -> float:
    return millivolts_per(signal.unit) or 1.0


def _about(path: Path, header: Header, signals: Sequence[SignalLine], plan: Plan) -> About:
    about = read_comments(header.comments)
    about.recorded_at = header.recorded_at
    unscaled = [name for position, name in plan.stored if not signals[position].gain_stated]
    if unscaled:
        about.warnings.append(
            f"The header states no gain for {listed(unscaled)}; the WFDB default of 200 units per mV was taken, "
            "amplitudes may be wrong."
        )
    entry = ptbxl.find_entry(path)
    if entry is not None:
        about.patient = Patient(
            identifier=entry.patient.identifier or about.patient.identifier,
            age=about.patient.age if entry.patient.age is None else entry.patient.age,
            sex=entry.patient.sex or about.patient.sex,
            name=about.patient.name,
        )
        about.recorded_at = entry.recorded_at or about.recorded_at
        about.labels = (*about.labels, *entry.labels)
        about.warnings.extend(entry.warnings)
    return about


def _layout(path: Path, header: Header) -> tuple[tuple[SignalLine, ...], int]:
    """Return the signals of a multi-segment record, and its frames.

    A first segment of length 0 is a layout header that lists the signals; without one all
    segments have the same signals (header(5)).
    """
    frames = sum(segment.samples for segment in header.segments)
    if frames * max(header.announced, 1) > MAX_SAMPLES:
        raise RefusedError(f"it announces {frames:,} samples in each of {header.announced} signals")
    named = next((segment.name for segment in header.segments if segment.name != _GAP), None)
    if named is None:
        raise RefusedError("all of its segments are gaps")
    return _segment(path, named).signals, frames


def _segment(path: Path, name: str) -> Header:
    header = load_header(path.with_name(f"{check_file_name(name)}.hea"))
    if header.segments:
        raise RefusedError(f"its segment {name} consists of segments itself")
    return header


def _join(path: Path, outline: Outline) -> dict[int, NDArray[np.float32]]:
    """Read the segments and put each signal's samples where they belong, NaN where none are."""
    header, warnings = outline.header, outline.about.warnings
    joined = {
        position: np.full(outline.channels[position].length, np.nan, dtype=np.float32)
        for position, _ in outline.plan.stored
    }
    place = {outline.signals[position].name: position for position in joined}
    start = gaps = stored = 0
    for segment in header.segments:
        begin, start = start, start + segment.samples
        if segment.samples == 0:
            continue
        if segment.name == _GAP:
            gaps += segment.samples
            continue
        part = _segment(path, segment.name)
        if part.hz != header.hz:
            raise RefusedError(f"its segment {segment.name} has {part.hz:g} Hz, the record {header.hz:g} Hz")
        if frames_stored(path.parent, part.signals, segment.samples) < segment.samples:
            raise RefusedError(f"its segment {segment.name} is shorter than the record's header says")
        # Segments may hold signals the layout does not name; they are read too before they are dropped.
        stored += segment.samples * sum(signal.frame for signal in part.signals)
        if stored > MAX_SAMPLES:
            raise RefusedError(f"its segments hold more than {MAX_SAMPLES:,} samples")
        part_path = path.with_name(f"{segment.name}.hea")
        for digital, signal in zip(_read(part_path, part.signals, segment.samples), part.signals, strict=True):
            position = place.get(signal.name)
            if position is None or millivolts_per(signal.unit) is None:
                continue
            width = outline.signals[position].frame
            if signal.frame != width:
                raise RefusedError(f"{signal.name} changes its sampling rate in segment {segment.name}")
            joined[position][begin * width : start * width] = to_millivolts(digital, signal, _scale(signal))
    if gaps:
        warnings.append(f"The recording has gaps of {gaps / header.hz:g} s together; they are left empty.")
    return joined
