"""From the channels of any file to a Record: which are ECG leads, in which order, what is computed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgview.record.contents import MAX_CHANNELS, MAX_SAMPLES, About, Channel, RefusedError, listed, verb
from ecgview.record.leads import in_standard_order, standard_lead
from ecgview.record.limb_leads import limb_lead, misfitting_limb_leads, missing_limb_leads
from ecgview.record.record import Record
from ecgview.record.units import millivolts_per

SLOWEST_HZ, FASTEST_HZ = 25.0, 100_000.0
"""Sampling rates outside are taken for a damaged or foreign file."""

LARGEST_MV = 1e6
"""A kilovolt: larger samples come from a gain near zero, not from an electrode."""

# Voltages that are measured beside an ECG but are not one.
_OTHER_SIGNAL = re.compile(
    r"\b(?:EEG|EMG|EOG|ERG|RESP\w*|PLETH\w*|PPG|SPO2|SAO2|ABP|ART|CVP|PAP|BP|ACC\w*|GSR|EDA|TEMP\w*|STATUS|MARKER)\b",
    re.IGNORECASE,
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Plan:
    """Which channels become which leads.

    Attributes
    ----------
    stored : tuple of (int, str)
        Position of the channel in the file and the lead it is, in the file's order.
    derived : tuple of str
        Leads to compute from I and II.
    leads : tuple of str
        All of them in standard order.
    hz : float
    length : int
        Samples in each lead.
    warnings : tuple of str
    """

    stored: tuple[tuple[int, str], ...]
    derived: tuple[str, ...]
    leads: tuple[str, ...]
    hz: float
    length: int
    warnings: tuple[str, ...]


def plan_leads(channels: Sequence[Channel]) -> Plan:
    """Decide which channels are ECG leads and what is computed from them.

    Channels that are not in a voltage, or that name another signal, are left out. Leads that
    differ from the others in sampling rate, length or start are left out too: padding or
    resampling them would show samples nobody recorded. The group kept is the one with most
    standard leads, then most leads, then the highest rate. Of two leads of one name the first
    stays. Every omission is stated in the plan's warnings.

    Parameters
    ----------
    channels : sequence of Channel
        What the file says about each of its channels, in its order.

    Returns
    -------
    Plan

    Raises
    ------
    RefusedError
        If no ECG lead remains, or the rate or the number of samples is impossible.
    """
    if len(channels) > MAX_CHANNELS:
        raise RefusedError(f"it announces {len(channels)} channels; at most {MAX_CHANNELS} are read")
    names = [_lead_name(channel.name, position) for position, channel in enumerate(channels)]
    usable, warnings = _usable(channels, names)
    if not usable:
        raise RefusedError(" ".join(["it holds no ECG lead.", *warnings]))
    kept, group_warnings = _largest_group(channels, names, usable)
    warnings += group_warnings
    unique: dict[str, int] = {}
    for position in kept:
        if unique.setdefault(names[position], position) != position:
            warnings.append(f"{names[position]} occurs more than once in the file; the first is shown.")
    chosen = channels[kept[0]]
    if chosen.length < 1:
        raise RefusedError("it holds no samples")
    if not SLOWEST_HZ <= chosen.hz <= FASTEST_HZ:
        raise RefusedError(f"its sampling rate of {chosen.hz:g} Hz is outside {SLOWEST_HZ:g} to {FASTEST_HZ:g} Hz")
    derived = missing_limb_leads(tuple(unique))
    if (total := chosen.length * (len(unique) + len(derived))) > MAX_SAMPLES:
        raise RefusedError(f"it announces {total:,} samples; at most {MAX_SAMPLES:,} are read")
    if derived:
        warnings.append(
            f"{listed(derived)} {verb(derived, 'is', 'are')} not in the file and {verb(derived, 'was', 'were')} "
            "computed from leads I and II (Einthoven, Goldberger)."
        )
    everything = (*unique, *derived)
    return Plan(
        stored=tuple((position, name) for name, position in unique.items()),
        derived=derived,
        leads=tuple(everything[position] for position in in_standard_order(everything)),
        hz=chosen.hz,
        length=chosen.length,
        warnings=tuple(warnings),
    )


def build_record(
    path: Path,
    format: str,
    plan: Plan,
    millivolts: Callable[[int], NDArray[np.float32]],
    about: About,
) -> Record:
    """Put the leads of a plan together.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        In words.
    plan : Plan
        From :func:`plan_leads`.
    millivolts : callable
        Returns the channel at a position as float32 mV of shape (samples,), NaN where invalid.
    about : About
        What else is in the file.

    Returns
    -------
    Record

    Raises
    ------
    RefusedError
        If not one sample is valid.
    """
    row = {name: position for position, name in enumerate(plan.leads)}
    signal = np.zeros((len(plan.leads), plan.length), dtype=np.float32)
    for position, name in plan.stored:
        signal[row[name]] = millivolts(position)
    impossible = np.abs(signal) > LARGEST_MV
    warnings = [*about.warnings, *plan.warnings]
    if impossible.any():
        signal[impossible] = np.nan
        warnings.append("Some samples are too large to be a voltage; they are marked as invalid.")
    silent = [name for _, name in plan.stored if np.isnan(signal[row[name]]).all()]
    if len(silent) == len(plan.stored):
        raise RefusedError("not one of its samples is valid")
    if silent:
        warnings.append(f"{listed(silent)} {verb(silent, 'holds', 'hold')} no valid sample.")
    stored = {name: signal[row[name]] for _, name in plan.stored}
    if misfit := misfitting_limb_leads(stored):
        warnings.append(
            f"The limb leads do not fit each other: {listed(misfit)} {verb(misfit, 'is', 'are')} not what leads I and "
            "II make of it. Each lead may have been scaled on its own; do not trust heights and axis."
        )
    for name in plan.derived:
        signal[row[name]] = limb_lead(name, stored)
    return Record(
        path=path,
        format=format,
        signal=signal,
        hz=plan.hz,
        leads=plan.leads,
        derived=frozenset(plan.derived),
        patient=about.patient,
        recorded_at=about.recorded_at,
        labels=about.labels,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _lead_name(name: str, position: int) -> str:
    """Return the standard spelling, or the file's own name made fit to be shown."""
    printable = " ".join(_UNPRINTABLE.sub(" ", name[:200]).split())[:_LONGEST_NAME]
    return standard_lead(printable) or printable or f"channel {position + 1}"


def _usable(channels: Sequence[Channel], names: list[str]) -> tuple[list[int], list[str]]:
    """Return the positions of the channels that can be ECG leads, and words about the others."""
    usable, warnings = [], []
    for position, channel in enumerate(channels):
        if millivolts_per(channel.unit) is None:
            unit = " ".join(_UNPRINTABLE.sub(" ", channel.unit[:200]).split())[:_LONGEST_NAME]
            why = f"its unit is {unit!r}, not a voltage" if unit else "the file does not state its unit"
        elif standard_lead(names[position]) is None and _OTHER_SIGNAL.search(names[position].replace("_", " ")):
            why = "it is not an ECG lead"
        else:
            usable.append(position)
            continue
        warnings.append(f"{names[position]} is left out: {why}.")
    return usable, warnings


def _largest_group(channels: Sequence[Channel], names: list[str], usable: list[int]) -> tuple[list[int], list[str]]:
    """Return the positions of the leads that share rate, length and start, and words about the others."""

    def clock(position: int) -> tuple[float, int, int]:
        channel = channels[position]
        return round(channel.hz, 6), channel.length, channel.start

    members = Counter(clock(position) for position in usable)
    standard = Counter(clock(position) for position in usable if standard_lead(names[position]))
    best = max(members, key=lambda group: (standard[group], members[group], group))
    others = [position for position in usable if clock(position) != best]
    warnings = []
    for group in dict.fromkeys(clock(position) for position in others):
        left = [names[position] for position in others if clock(position) == group]
        hz, length, start = group
        differs = [
            text
            for text, here, there in (
                (f"{hz:g} Hz instead of {best[0]:g} Hz", hz, best[0]),
                (f"{length} samples instead of {best[1]}", length, best[1]),
                (f"a start at sample {start} instead of {best[2]}", start, best[2]),
            )
            if here != there
        ]
        warnings.append(
            f"{listed(left)} {verb(left, 'is', 'are')} left out: recorded unlike the others ({', '.join(differs)})."
        )
    return [position for position in usable if clock(position) == best], warnings
