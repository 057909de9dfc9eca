"""What is doubtful about each lead: to be said beside it, not a reason to refuse it.

The thresholds were set on recordings of PTB-XL, those of noise and hum on the 434 at 500 Hz.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import periodogram

from ecgview.record import Record
from ecgview.record.limb_leads import misfitting_limb_leads
from ecgview.signal.filters import band_pass, high_pass
from ecgview.signal.quality import FLAT_MV, lead_faults

LONGEST_S = 300.0
"""Of a longer record the beginning is looked at."""
_SHORTEST_S = 2.0
_WINDOW_S = 10.0
"""Wander and noise are judged over this, wherever it is worst."""
_BLOCK_S = 0.5
_FLAT_BLOCKS = 4
# Of the 434 records, 66 are annotated with a baseline drift in some lead: half of those lie above
# 0.8 mV and one in eleven of the others.
WANDER_MV = 0.8
# A fiftieth of a millivolt is the width of the trace. Annotators call noise what is half of that;
# above lie 8 of 72 annotated records and 6 of 362 others, where a reader meets small waves with doubt.
NOISE_MV = 0.02
NOISE_ABOVE_HZ = 35.0
_NOISE_BLOCK_S = 0.1
MAINS_MV = 0.02
MAINS_HZ = (50.0, 60.0)
_MAINS_STANDS_OUT = 6.0
# Correlations with V6. Exchanging the arms of the 1 744 records at 100 Hz by calculation, lead I
# upside down and aVR and aVL for each other, gives 85 % of them away; of the records as they are, one.
_OPPOSITE, _AVR_LEAST = -0.5, -0.3
_LEAST_QRS_MV = 0.2
_NO_SIGNAL_MV = 0.1


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing that is doubtful about a lead.

    Attributes
    ----------
    word : str
        A word or two: ``"lead off"``, ``"saturated"``, ``"reversed?"``, ``"noise"`` …
    reason : str
        What was found, with its figure.
    """

    word: str
    reason: str


def lead_concerns(record: Record) -> dict[str, tuple[Concern, ...]]:
    """Find what is doubtful about the leads of a record.

    Parameters
    ----------
    record : Record
        Any leads, any length; of one longer than 5 min the first 5 min are looked at.

    Returns
    -------
    dict of str to tuple of Concern
        For each lead in doubt, the gravest first; in the record's order.
    """
    most = round(LONGEST_S * record.hz)
    looked_at = record if record.samples <= most else replace(record, signal=record.signal[:, :most])
    signal, faults = looked_at.signal, lead_faults(looked_at)
    found: dict[str, list[Concern]] = {lead: [] for lead in record.leads}
    for lead, reason in faults.items():
        found[lead].append(Concern(_word(reason), reason))
    sound = [lead for lead in record.leads if lead not in faults]
    if looked_at.duration >= _SHORTEST_S and sound:
        rows = signal[[record.leads.index(lead) for lead in sound]]
        for lead, row in zip(sound, rows, strict=True):
            found[lead] += _lead_off(row, record.hz)
        for lead, concern in _exchanged(dict(zip(sound, rows, strict=True)), record).items():
            found[lead].append(concern)
        for lead, row, noisy in zip(sound, rows, _noisy(rows, record.hz), strict=True):
            found[lead] += [*noisy, *_wander(row, record.hz)]
    return {lead: tuple(concerns) for lead, concerns in found.items() if concerns}


def _word(reason: str) -> str:
    for beginning, word in (("no signal", "lead off"), ("saturated", "saturated"), ("implausible", "implausible")):
        if reason.startswith(beginning):
            return word
    return "gaps"


def _lead_off(row: NDArray[np.float32], hz: float) -> list[Concern]:
    """A stretch of 2 s or more that is flat."""
    size = max(2, round(_BLOCK_S * hz))
    blocks = row[: len(row) // size * size].reshape(-1, size)
    flat = np.ptp(blocks, axis=1) < FLAT_MV
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8))).reshape(-1, 2)
    long = edges[edges[:, 1] - edges[:, 0] >= _FLAT_BLOCKS]
    if not len(long):
        return []
    start, end = long[0] * size / hz
    more = f" and in {len(long) - 1} more places" if len(long) > 1 else ""
    return [Concern("lead off", f"flat from {start:.1f} s to {end:.1f} s{more}")]


def _wander(row: NDArray[np.float32], hz: float) -> list[Concern]:
    """How far the level of the blocks' medians rises and falls within 10 s."""
    size = max(2, round(_BLOCK_S * hz))
    level = np.median(row[: len(row) // size * size].reshape(-1, size), axis=1)
    reach = max(float(np.ptp(np.percentile(level[part], (5, 95)))) for part in _windows(len(level), _BLOCK_S))
    return [Concern("wander", f"the baseline wanders by {reach:.1f} mV")] if reach > WANDER_MV else []


def _windows(blocks: int, seconds: float) -> list[slice]:
    """Stretches of 10 s, each beginning in the middle of the one before, in blocks of so many seconds."""
    window = round(_WINDOW_S / seconds)
    return [slice(first, first + window) for first in range(0, max(1, blocks - window + 1), window // 2)]


def _noisy(rows: NDArray[np.float32], hz: float) -> list[list[Concern]]:
    """Hum of the mains, and what else is quick between the beats."""
    found: list[list[Concern]] = [[] for _ in rows]
    if hz < 2 * NOISE_ABOVE_HZ + 10.0:
        return found
    frequencies, power = periodogram(rows, hz, window="hann", scaling="spectrum", axis=-1)
    hums = np.zeros(len(rows))
    for mains in MAINS_HZ:
        if mains > frequencies[-1] - 5.0:
            continue
        near = np.abs(frequencies - mains)
        at = power[:, near <= 0.5].sum(axis=1)
        around = np.median(power[:, (near > 1.5) & (near <= 8.0)], axis=1) * (near <= 0.5).sum()
        # A sine of amplitude a has the power a²/2; the window spreads it over 1.5 times its bins.
        amplitude = np.sqrt(2.0 * at / 1.5)
        for number in np.flatnonzero((amplitude > MAINS_MV) & (at > _MAINS_STANDS_OUT * around)):
            hums[number] = max(hums[number], amplitude[number])
            found[number].append(Concern("mains", f"hum of the mains at {mains:g} Hz, {amplitude[number]:.2f} mV high"))
    quick = high_pass(rows, hz, NOISE_ABOVE_HZ)
    size = max(4, round(_NOISE_BLOCK_S * hz))
    blocks = quick[:, : quick.shape[1] // size * size].reshape(len(rows), -1, size)
    # The middle of the blocks within 10 s lies between the beats.
    spread = blocks.std(axis=2)
    noise = np.max([np.median(spread[:, part], axis=1) for part in _windows(spread.shape[1], _NOISE_BLOCK_S)], axis=0)
    rest = np.sqrt(np.maximum(0.0, noise**2 - hums**2 / 2.0))
    for number in np.flatnonzero(rest > NOISE_MV):
        found[number].append(Concern("noise", f"noise between the beats of {rest[number]:.2f} mV (root mean square)"))
    return found


def _exchanged(rows: dict[str, NDArray[np.float32]], record: Record) -> dict[str, Concern]:
    """Limb leads that contradict each other, or look as if electrodes were exchanged."""
    found: dict[str, Concern] = {}
    recorded = {lead: row for lead, row in rows.items() if lead not in record.derived}
    for lead in misfitting_limb_leads(recorded):
        found[lead] = Concern("does not fit", "it is not what leads I and II say it must be")
    steady = (
        {lead: band_pass(row[None], record.hz, 1.0, 20.0)[0] for lead, row in rows.items()} if record.hz >= 50 else {}
    )
    if found or not {"I", "II", "III"} <= steady.keys():
        return found
    size = {lead: float(np.ptp(np.percentile(row, (0.5, 99.5)))) for lead, row in steady.items()}
    if {"aVR", "V6"} <= steady.keys() and min(size["I"], size["V6"]) > _LEAST_QRS_MV:
        first, augmented = (float(np.corrcoef(steady[lead], steady["V6"])[0, 1]) for lead in ("I", "aVR"))
        if first < _OPPOSITE and augmented > _AVR_LEAST:
            reason = (
                "electrodes of the arms exchanged? Lead I runs opposite to V6, which looks at the heart from the "
                "same side, and aVR does not"
            )
            found["I"] = Concern("reversed?", reason)
    for lead, arm in (("II", "right"), ("III", "left")):
        others = [size[other] for other in ("I", "II", "III") if other != lead]
        if size[lead] < _NO_SIGNAL_MV and min(others) > 5 * size[lead] and min(others) > 3 * _LEAST_QRS_MV / 2:
            found[lead] = Concern("reversed?", f"nearly flat: electrodes of the {arm} arm and the right leg exchanged?")
    return found
