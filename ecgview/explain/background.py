"""What a record is compared with: normal ECGs that the program's own generator makes, or a folder's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ecgview.model.preprocessing import Preprocessing, Refusal, prepare
from ecgview.record import Record
from ecgview.record.record import Sex
from ecgview.synthesis import Settings, generate

# What is usual in adults with a normal ECG; docs/explanations.md compares them with PTB-XL's.
_RATE, _AXIS, _AGE = (55.0, 92.0), (0.0, 75.0), (22.0, 75.0)
_PR, _QRS, _QTC = (132.0, 185.0), (70.0, 91.0), (370.0, 420.0)
_AMPLITUDE, _NOISE, _INDIVIDUALITY = (0.8, 1.4), 0.003, 0.12


@dataclass(frozen=True, eq=False)
class Background:
    """Records as the networks take them, to compare with.

    Attributes
    ----------
    name : str
        What they are, in words.
    windows : ndarray of float32, shape (records, 12, samples)
        Prepared signal, mV.
    patient : ndarray of float32, shape (records, 5)
    measured : ndarray of float32, shape (records, features)
        :data:`ecgview.signal.features.FEATURES`, NaN where not measurable.
    key : str
        SHA-256 of all of it: two with one key give the same attributions.
    """

    name: str
    windows: NDArray[np.float32]
    patient: NDArray[np.float32]
    measured: NDArray[np.float32]
    key: str

    @classmethod
    def of(
        cls, name: str, windows: NDArray[np.float32], patient: NDArray[np.float32], measured: NDArray[np.float32]
    ) -> Background:
        """Put one together."""
        digest = hashlib.sha256(name.encode())
        for part in (windows, patient, measured):
            digest.update(np.ascontiguousarray(part).tobytes())
        return cls(name, windows, patient, measured, digest.hexdigest())

    def __len__(self) -> int:
        return len(self.windows)


@lru_cache(maxsize=8)
def generated_normals(preprocessing: Preprocessing, count: int = 8, seed: int = 1) -> Background:
    """Make normal ECGs: sinus rhythm of 55 to 95 beats a minute, QRS axes from 0 to 75 degrees, adults of both sexes.

    Rates, axes and ages are spread evenly over their ranges and put together at random, so that few
    records cover them.

    Parameters
    ----------
    preprocessing : Preprocessing
        Of the model.
    count : int
    seed : int

    Returns
    -------
    Background
        The same for the same arguments.
    """
    return _of_records(
        f"{count} generated normal ECGs (sinus rhythm, seed {seed})",
        normal_records(count, seed),
        preprocessing,
    )


def normal_records(count: int, seed: int) -> list[Record]:
    """Return the records that :func:`generated_normals` prepares."""
    chance = np.random.default_rng([seed, 20])

    def spread(span: tuple[float, float]) -> list[float]:
        low, high = span
        places = (chance.permutation(count) + chance.uniform(size=count)) / count
        return [round(value, 2) for value in (low + (high - low) * places).tolist()]

    rates, axes, ages, delays = (spread(one) for one in (_RATE, _AXIS, _AGE, _PR))
    widths, corrected, sizes = (spread(one) for one in (_QRS, _QTC, _AMPLITUDE))
    sexes: tuple[Sex, Sex] = ("female", "male")
    return [
        generate(
            Settings(
                rate=rates[place],
                axis=axes[place],
                age=round(ages[place]),
                pr=delays[place],
                qrs=widths[place],
                qt=corrected[place] * float(np.cbrt(60.0 / rates[place])),  # Fridericia's formula
                amplitude=sizes[place],
                sex=sexes[place % 2],
                individuality=_INDIVIDUALITY,
                noise=_NOISE,
            ),
            seed=1000 * seed + place,
        ).record
        for place in range(count)
    ]


def isoelectric(normals: Background) -> Background:
    """Return a background whose signal is the isoelectric line: nothing in any lead.

    Patient and measured values stay those of `normals`: a line has none.
    """
    name = f"the isoelectric line; age, sex and measured values of {normals.name}"
    return Background.of(name, np.zeros_like(normals.windows), normals.patient, normals.measured)


def background_of(
    records: Iterable[Record], preprocessing: Preprocessing, count: int = 8, said: str = ""
) -> Background:
    """Take given records, the first window of each.

    Parameters
    ----------
    records : iterable of Record
        Read until `count` are found that the model takes and that fill a window.
    preprocessing : Preprocessing
    count : int
    said : str
        What they have in common, in words that follow "records" in the name.

    Returns
    -------
    Background

    Raises
    ------
    ValueError
        None of them can be taken.
    """
    taken: list[Record] = []
    for record in records:
        if len(taken) == count:
            break
        if record.duration < preprocessing.seconds - 0.5 / record.hz:
            continue
        try:
            prepare(record, preprocessing)
        except Refusal:
            continue
        taken.append(record)
    if not taken:
        raise ValueError(f"none of the records can be compared with: all twelve leads for {preprocessing.seconds:g} s")
    kind = f"{len(taken)} record{'s' if len(taken) > 1 else ''}{' ' if said else ''}{said}"
    return _of_records(f"{kind}: {', '.join(record.name for record in taken)}", taken, preprocessing)


def _of_records(name: str, records: list[Record], preprocessing: Preprocessing) -> Background:
    whole = round(preprocessing.seconds)
    cut = [
        replace(one, signal=one.signal[:, : round(whole * one.hz)]) if one.duration > whole else one for one in records
    ]
    prepared = [prepare(one, preprocessing) for one in cut]
    return Background.of(
        name,
        np.concatenate([one.windows[:1] for one in prepared]),
        np.stack([one.patient for one in prepared]),
        np.concatenate([one.measured[:1] for one in prepared]),
    )
