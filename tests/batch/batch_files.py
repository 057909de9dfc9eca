"""Folders of many files for the tests of batches: a few generated records under many names."""

from __future__ import annotations

from pathlib import Path

from ecgview.synthesis import LeadOff, Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


def write_folder(folder: Path, count: int) -> Path:
    """Write `count` files: good records, among them one with a silent lead and one that is no ECG.

    All but a few are links; each reads as the file it leads to.
    """
    kept = folder.parent / f"{folder.name}-kept"
    kept.mkdir(parents=True)
    folder.mkdir()
    made = [write_wfdb(generate(Settings(), seed).record, kept, f"good-{seed}")[0] for seed in (1, 2, 3)]
    made.append(write_wfdb(generate(Settings(artefacts=(LeadOff("V2"),)), 4).record, kept, "silent")[0])
    for number in range(count):
        place = number % 7
        if place == 5:
            (folder / f"r{number:05d}.scp").write_bytes(b"no ECG at all")
            continue
        header = made[3 if place == 3 else place % 3]
        # A header names its signal file, which must lie beside it.
        text = header.read_text(encoding="utf-8")
        signal = next(kept.glob(f"{header.stem}.dat"))
        if not (folder / signal.name).exists():
            (folder / signal.name).symlink_to(signal)
        (folder / f"r{number:05d}.hea").write_text(text.replace(header.stem, f"r{number:05d}", 1), encoding="utf-8")
    return folder
