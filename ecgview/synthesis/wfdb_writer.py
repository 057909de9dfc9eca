"""Writes records as WFDB files: one header and one signal file in format 16.

The format is described in the WFDB Applications Guide, header(5) and signal(5).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ecgview.record import Record

ADU_PER_MV = 1000
# The lowest value of 16 bits stands for an invalid sample.
_INVALID = -32768


def write_wfdb(record: Record, folder: Path, name: str, comments: tuple[str, ...] = ()) -> tuple[Path, Path]:
    """Write a record as ``NAME.hea`` and ``NAME.dat``.

    Parameters
    ----------
    record : Record
        In mV; NaN is written as an invalid sample.
    folder : Path
        An existing folder.
    name : str
        Letters, digits, hyphens and underscores.
    comments : tuple of str
        Lines for the end of the header, without the leading ``#``.

    Returns
    -------
    header, signal : Path

    Raises
    ------
    ValueError
        If the name or a comment does not fit the format, or a sample does not fit 16 bits at
        1000 units a mV (±32.767 mV).
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise ValueError(f"{name!r} is no WFDB record name: letters, digits, hyphens and underscores only")
    if any("\n" in comment or "\r" in comment for comment in comments):
        raise ValueError(f"a comment of {name} holds a line end")
    scaled = np.rint(record.signal.astype(np.float64) * ADU_PER_MV)
    beyond = np.abs(scaled) > 32767.0
    if beyond.any():
        lead = record.leads[int(np.flatnonzero(beyond.any(axis=1))[0])]
        raise ValueError(f"{name}: lead {lead} goes beyond ±32.767 mV and does not fit 16 bits")
    units = np.where(np.isnan(scaled), float(_INVALID), scaled).astype("<i2")

    rate = f"{record.hz:.10g}"
    lines = [f"{name} {len(record.leads)} {rate} {record.samples}"]
    for lead, row in zip(record.leads, units, strict=True):
        total = int(row.astype(np.int64).sum()) & 0xFFFF
        checksum = total - 0x10000 if total >= 0x8000 else total
        first = int(row[0]) if len(row) else 0
        lines.append(f"{name}.dat 16 {ADU_PER_MV}(0)/mV 16 0 {first} {checksum} 0 {lead}")
    lines += [f"#{comment}" for comment in comments]

    header, signal = folder / f"{name}.hea", folder / f"{name}.dat"
    # newline="\n": the same bytes on every system.
    header.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    signal.write_bytes(units.T.tobytes())
    return header, signal
