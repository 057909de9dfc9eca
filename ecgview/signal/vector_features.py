"""Direction and size of the heart's vector in space, and how simple its loops are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgview.signal.analysis import Analysis
from ecgview.signal.marks import Hump

_LEADS = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
# X to the left, Y to the feet, Z to the back, from the leads above by regression: J. A. Kors et al.,
# "Reconstruction of the Frank vectorcardiogram from standard electrocardiographic leads: diagnostic comparison of
# different methods", Eur Heart J 1990;11:1083-1092.
_TO_SPACE = np.array(
    [
        [0.38, -0.07, -0.13, 0.05, -0.01, 0.14, 0.06, 0.54],
        [-0.07, 0.93, 0.06, -0.02, -0.05, 0.06, -0.17, 0.13],
        [0.11, -0.23, -0.43, -0.06, -0.14, -0.20, -0.11, 0.31],
    ]
)


def vector_features(analysis: Analysis, t: Hump | None) -> dict[str, float]:
    """Measure QRS complex and T wave in space.

    Parameters
    ----------
    analysis : Analysis
        With a prevailing kind of beat.
    t : Hump or None
        The T wave where one can be seen.

    Returns
    -------
    dict of str to float
        Empty where one of the leads I, II and V1-V6 is missing.
    """
    marks, leads = analysis.prevailing, analysis.prepared.leads
    assert marks is not None
    if any(lead not in leads for lead in _LEADS):
        return {}
    eight = analysis.beat[[leads.index(lead) for lead in _LEADS]].astype(np.float64)
    complexes = eight[:, marks.qrs.onset : marks.qrs.offset + 1]
    space = _TO_SPACE @ complexes
    mean = space.mean(axis=1)
    out = {
        "qrs_azimuth": _azimuth(mean),
        "qrs_elevation": _elevation(mean),
        "qrs_vector": float(np.sqrt(np.square(space).sum(axis=0)).max()),
        "qrs_complexity": _complexity(complexes),
    }
    if t is None or t.offset - marks.qrs.offset < 40:
        return out
    repolarisation = eight[:, max(2 * t.peak - t.offset, marks.qrs.offset) : t.offset + 1]
    space = _TO_SPACE @ repolarisation
    late = space.mean(axis=1)
    product = float(np.linalg.norm(mean) * np.linalg.norm(late))
    return out | {
        "t_azimuth": _azimuth(late),
        "t_elevation": _elevation(late),
        "t_vector": float(np.sqrt(np.square(space).sum(axis=0)).max()),
        "t_complexity": _complexity(repolarisation),
        "space_angle": float(np.degrees(np.arccos(np.clip((mean @ late) / max(product, 1e-12), -1.0, 1.0)))),
    }


def _azimuth(vector: NDArray[np.float64]) -> float:
    """Degrees in the horizontal plane, 0 to the left, 90 to the front."""
    return float(np.degrees(np.arctan2(-vector[2], vector[0])))


def _elevation(vector: NDArray[np.float64]) -> float:
    """Degrees below the horizontal plane."""
    return float(np.degrees(np.arctan2(vector[1], np.hypot(vector[0], vector[2]))))


def _complexity(part: NDArray[np.float64]) -> float:
    """Second over first singular value: 0 where all leads see one and the same curve."""
    sizes = np.sqrt(np.maximum(np.linalg.eigvalsh(part @ part.T), 0.0))
    return float(sizes[-2] / max(sizes[-1], 1e-9))
