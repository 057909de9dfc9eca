"""Writes a small folder of generated, labelled records in which something can be learned."""

from __future__ import annotations

from pathlib import Path

from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


def write_records(folder: Path, count: int = 40) -> Path:
    """Write records, half of them with right bundle branch block, at 100 Hz."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        blocked = number % 2 == 1
        abnormalities = ("complete right bundle branch block",) if blocked else ()
        settings = Settings(hz=100, rate=60 + number, abnormalities=abnormalities, age=40 + number)
        codes = "59118001,426783006" if blocked else "426783006"
        write_wfdb(
            generate(settings, seed=number).record, folder, f"r{number:02d}", (f"Age: {40 + number}", f"Dx: {codes}")
        )
    return folder
