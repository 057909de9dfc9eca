"""What each member of a model said of the records kept from it, as training left it beside the weights.

Read without torch: a window that only wants these numbers need not wait for it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecgview.model.bundle import OUT_OF_FOLD, Bundle
from ecgview.training.dataset import DatasetError
from ecgview.training.fusion import Opinions


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What each network said of the records kept from it.

    Attributes
    ----------
    hashes : tuple of str
        Content hashes of all records the ensemble was trained with.
    parts : ndarray of int64, shape (records,)
        The part of each record, which is the member that did not learn from it.
    opinions : Opinions
    """

    hashes: tuple[str, ...]
    parts: NDArray[np.int64]
    opinions: Opinions


def read_out_of_fold(bundle: Bundle) -> OutOfFold:
    """Read a model's stored held-out predictions.

    Raises
    ------
    DatasetError
        The file is absent or is not what training writes.
    """
    path = bundle.folder / OUT_OF_FOLD
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = OutOfFold(
                tuple(stored["hashes"].tolist()),
                stored["parts"].astype(np.int64),
                Opinions(stored["signal"].astype(np.float64), stored["measured"].astype(np.float64)),
            )
            classes = tuple(stored["classes"].tolist())
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f"{path}: the predictions of held-out records cannot be read: {error}") from error
    shapes = {found.opinions.signal.shape, found.opinions.measured.shape, (len(found.parts), len(classes))}
    if classes != bundle.classes or shapes != {(len(found.hashes), len(classes))}:
        raise DatasetError(f"{path}: the predictions are not of this model's classes")
    return found
