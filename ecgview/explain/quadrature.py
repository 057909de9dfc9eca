"""Points along a path and their weights, in stages of which each takes up all points of the one before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STAGES: tuple[int, ...] = (1, 3, 7, 15, 31)
"""Points of each stage. The first two are Gauss-Legendre rules; the others extend them."""

# Positive halves over -1 to 1, from the middle outwards: T. N. L. Patterson, "The optimum addition of points to
# quadrature formulae", Math Comp 1968;22:847-856. Every second point of a stage is the stage before.
_PLACES = """
    0.0 0.11248894313318663 0.22338668642896688 0.33113539325797683 0.43424374934680256 0.53131974364437562
    0.6211029467372264 0.70249620649152708 0.77459666924148338 0.83672593816886874 0.888459232872257
    0.92965485742974006 0.96049126870802028 0.98153114955374011 0.99383196321275502 0.9990981249676676
"""
_WEIGHTS = {
    1: "2.0",
    3: "0.88888888888888889 0.55555555555555556",
    7: "0.45091653865847414 0.40139741477596222 0.26848808986833344 0.10465622602646727",
    15: """
        0.22551049979820669 0.2191568584015875 0.20062852937698902 0.17151190913639138 0.13441525524378422
        0.092927195315124538 0.05160328299707974 0.01700171962994026
    """,
    31: """
        0.11275525672076869 0.11195687302095346 0.10957842105592464 0.10566989358023481 0.10031427861179558
        0.093627109981264474 0.085755920049990351 0.076879620499003531 0.067207754295990704 0.056979509494123357
        0.046462893261757987 0.035957103307129322 0.025807598096176654 0.016446049854387811 0.0084345657393211062
        0.0025447807915618744
    """,
}


def points(count: int) -> NDArray[np.float64]:
    """Return the points of a stage, between 0 and 1, rising.

    Parameters
    ----------
    count : int
        One of :data:`STAGES`.

    Returns
    -------
    ndarray of float64, shape (count,)
    """
    half = np.array([float(word) for word in _PLACES.split()])[:: 32 // (count + 1)]
    return 0.5 + 0.5 * np.concatenate([-half[:0:-1], half])


def weights(count: int) -> NDArray[np.float64]:
    """Return the weights of a stage's points, shape (count,); they add up to 1.

    Parameters
    ----------
    count : int
        One of :data:`STAGES`.
    """
    half = np.array([float(word) for word in _WEIGHTS[count].split()])
    return 0.5 * np.concatenate([half[:0:-1], half])


def added(stages: tuple[int, ...]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return what each of several stages adds to those before it.

    Parameters
    ----------
    stages : tuple of int
        Rising, each one of :data:`STAGES`.

    Returns
    -------
    list of (places, shares)
        `places` are the new points of the stage, shape (n,); `shares` the weight each has in every
        one of `stages`, shape (len(stages), n): 0 in the earlier ones.

    Raises
    ------
    ValueError
        The stages are unknown or do not rise.
    """
    if list(stages) != sorted(set(stages)) or not set(stages) <= set(STAGES):
        raise ValueError(f"stages rise and are of {STAGES}, not {stages}")
    found = []
    seen: set[float] = set()
    for stage, count in enumerate(stages):
        new = [float(place) for place in points(count) if float(place) not in seen]
        shares = np.zeros((len(stages), len(new)))
        for later in range(stage, len(stages)):
            table = dict(zip(points(stages[later]).tolist(), weights(stages[later]).tolist(), strict=True))
            shares[later] = [table[place] for place in new]
        found.append((np.array(new), shares))
        seen.update(new)
    return found
