"""A model on disk: weights as safetensors, a card and thresholds as JSON, nothing that can run code.

A bundle is a folder of ``member-1.safetensors`` … with ``card.json`` and ``thresholds.json``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.model.preprocessing import Preprocessing

CARD = "card.json"
THRESHOLDS = "thresholds.json"
OUT_OF_FOLD = "out-of-fold.npz"


class BundleError(Exception):
    """A folder that is not a usable model; the message names the file and the reason."""


@dataclass(frozen=True)
class Bundle:
    """A model's folder, opened and checked; weights are still on disk.

    Attributes
    ----------
    folder : Path
    card : dict
        What is known of the model: classes with counts and scores, architecture, preprocessing,
        how and on what it was trained.
    thresholds : ndarray of float64, shape (classes,)
    """

    folder: Path
    card: dict[str, Any]
    thresholds: NDArray[np.float64]

    @property
    def classes(self) -> tuple[str, ...]:
        """Codes in the order of the networks' outputs."""
        return tuple(entry["code"] for entry in self.card["classes"])

    @cached_property
    def counts(self) -> dict[str, int]:
        """Training records that carried each class."""
        return {entry["code"]: int(entry["records"]) for entry in self.card["classes"]}

    @property
    def preprocessing(self) -> Preprocessing:
        """How records are prepared for this model."""
        return Preprocessing(**self.card["preprocessing"])

    @property
    def weights(self) -> tuple[Path, ...]:
        """The members' files."""
        return tuple(self.folder / member["file"] for member in self.card["members"])

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 over the members' files, the classes, preprocessing and thresholds.

        Two bundles with one hash give the same numbers.
        """
        digest = hashlib.sha256()
        for weights in self.weights:
            digest.update(hashlib.sha256(weights.read_bytes()).digest())
        settled = [self.classes, self.card["architecture"], self.card["preprocessing"], self.thresholds.tolist()]
        digest.update(json.dumps(settled, sort_keys=True).encode())
        return digest.hexdigest()


def open_bundle(folder: Path) -> Bundle:
    """Open a model's folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Bundle

    Raises
    ------
    BundleError
        A file is absent, is not JSON, or the parts do not belong together.
    """
    card = _json(folder / CARD)
    stored = _json(folder / THRESHOLDS)
    try:
        codes = [entry["code"] for entry in card["classes"]]
        thresholds = np.array([float(stored["thresholds"][code]) for code in codes])
        bundle = Bundle(folder, card, thresholds)
        required = (card["architecture"], bundle.preprocessing, bundle.counts, bundle.weights)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: card and thresholds do not fit together: {error}") from error
    absent = [path.name for path in required[3] if not path.is_file()]
    if absent or not required[3]:
        raise BundleError(f"{folder}: weights are absent: {', '.join(absent) or 'the card names none'}")
    for member, path in zip(card["members"], bundle.weights, strict=True):
        if hashlib.sha256(path.read_bytes()).hexdigest() != member["sha256"]:
            raise BundleError(f"{path}: the weights are not those the card describes")
    return bundle


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise BundleError(f"{path}: not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BundleError(f"{path}: not a JSON object")
    return content
