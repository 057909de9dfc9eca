"""A record written as WFDB: samples in the units they were stored in, and nothing that was not asked for.

The layout is that of header(5) and signal(5) in the WFDB Applications Guide (Moody, Pollard and
Moody, https://physionet.org/physiotools/wag/header-5.htm).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.record.contents import RefusedError
from ecgview.record.device_reading import Scale, stored_scales
from ecgview.record.record import Record
from ecgview.record.units import millivolts_per
from ecgview.record.wfdb_reading import FORMAT, outline_wfdb

_UNITS = {1e3: "V", 1.0: "mV", 1e-3: "uV", 1e-6: "nV"}
# Bits of the formats written; the lowest number each can hold stands for an invalid sample.
_STORAGE = {16: "<i2", 32: "<i4"}
# A zero between two steps is a fraction; a converter of 16 bits has no finer ones, and 32 bits hold them.
_FINEST = 65535
_LARGEST_BASELINE = 10**9


@dataclass(frozen=True, slots=True)
class Converter:
    """How whole numbers stand for voltages: ``(number - baseline) / gain``, in `unit`.

    All numbers are multiples of `step`; it is not 1 where the file's own zero lies between two of its steps.
    """

    gain: float
    baseline: int
    unit: str
    step: int = 1


def converters(record: Record) -> dict[str, Converter]:
    """Say how the file a record came from stores each of its leads.

    Parameters
    ----------
    record : Record
        As it was read.

    Returns
    -------
    dict of str to Converter
        By lead, in the file's order; computed leads are not among them.

    Raises
    ------
    RefusedError
        If the file cannot be read any more, or its scale has no counterpart in WFDB.
    """
    if record.format == FORMAT:
        outline = outline_wfdb(record.path)
        signals = {name: outline.signals[position] for position, name in outline.plan.stored}
        return {name: Converter(signal.gain, signal.baseline, _unit(signal.unit)) for name, signal in signals.items()}
    return {name: _converter(scale) for name, scale in stored_scales(record.path, record.format).items()}


def write_wfdb(
    record: Record,
    converters: Mapping[str, Converter],
    header: Path,
    recorded_at: datetime | None,
    names: Mapping[str, str],
    comments: Sequence[str],
) -> list[Path]:
    """Write a record's stored leads.

    Parameters
    ----------
    record : Record
    converters : mapping of str to Converter
        From :func:`converters`.
    header : Path
        The header to write; the signal file lies beside it. Neither may exist.
    recorded_at : datetime or None
        What the header says, to the second.
    names : mapping of str to str
        What each lead is called.
    comments : sequence of str
        Without the ``#``.

    Returns
    -------
    list of Path
        What was written, the signal file first.

    Raises
    ------
    RefusedError
        If the samples are no whole numbers in these units.
    OSError
        If a file cannot be written.
    """
    columns = [_whole_numbers(record, name, converter) for name, converter in converters.items()]
    table = np.stack(columns, axis=1)
    bits = 16 if _fits(table, 16) else 32
    lowest = int(np.iinfo(_STORAGE[bits]).min)
    invalid = np.stack([np.isnan(record.signal[record.leads.index(name)]) for name in converters], axis=1)
    digital = np.where(invalid, lowest, table)
    data = header.with_suffix(".dat")
    when = f" {recorded_at:%H:%M:%S} {recorded_at:%d/%m}/{recorded_at.year:04d}" if recorded_at else ""
    lines = [f"{header.stem} {len(columns)} {_number(record.hz)} {record.samples}{when}"]
    for position, (name, converter) in enumerate(converters.items()):
        scale = f"{_number(converter.gain)}({converter.baseline})/{converter.unit}"
        samples = digital[:, position]
        checksum = int(samples.sum()) % 65536
        lines.append(f"{data.name} {bits} {scale} {bits} 0 {samples[0]} {checksum} 0 {names[name]}")
    lines += [f"#{comment}" for comment in comments]
    write_new(data, digital.astype(_STORAGE[bits]).tobytes())
    write_new(header, ("\n".join(lines) + "\n").encode("ascii"))
    return [data, header]


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist; what could not be finished is removed."""
    file = path.open("xb")
    try:
        with file:
            file.write(content)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _whole_numbers(record: Record, name: str, converter: Converter) -> NDArray[np.int64]:
    """Return the numbers the file stores for a lead, 0 where it is invalid.

    They are recovered from the float32 voltages, whose 24 bits tell the numbers of a converter
    of up to 24 bits apart. Whoever writes reads back and compares, so a mistake cannot pass.
    """
    millivolts = record.signal[record.leads.index(name)].astype(np.float64)
    scale = millivolts_per(converter.unit) or 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        exact = (millivolts / scale * converter.gain + converter.baseline) / converter.step
    exact = np.nan_to_num(exact, nan=0.0, posinf=np.inf, neginf=-np.inf)
    if not (np.abs(exact) * converter.step < 2**31 - 1).all():
        raise RefusedError(f"the samples of {name} are too large for a WFDB file")
    numbers: NDArray[np.int64] = np.rint(exact).astype(np.int64) * converter.step
    return numbers


def _fits(table: NDArray[np.int64], bits: int) -> bool:
    """Say whether numbers fit without the lowest, which means invalid."""
    limits = np.iinfo(_STORAGE[bits])
    return bool(table.min() > limits.min and table.max() <= limits.max)


def _converter(scale: Scale) -> Converter:
    """Return a device's scale as WFDB has it, where the zero must be a whole number."""
    if not (math.isfinite(scale.resolution) and math.isfinite(scale.offset)) or scale.resolution == 0:
        raise RefusedError("its scale has no counterpart in WFDB")
    zero = Fraction(-scale.offset / scale.resolution).limit_denominator(_FINEST)
    if abs(zero) > _LARGEST_BASELINE:
        raise RefusedError("its scale has no counterpart in WFDB")
    return Converter(zero.denominator / scale.resolution, zero.numerator, _unit(scale.unit), zero.denominator)


def _unit(text: str) -> str:
    return _UNITS[millivolts_per(text) or 1.0]


def _number(value: float) -> str:
    """Return a number with all its digits, whole ones without a point."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
