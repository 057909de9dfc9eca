"""A model on disk: weights as safetensors, a card and thresholds as JSON, nothing that can run code.

A bundle is a folder of ``member-1.safetensors`` … with ``card.json`` and ``thresholds.json``.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgview.model.calibration import Calibration
from ecgview.model.preprocessing import Preprocessing
from ecgview.signal.features import FEATURES

CARD = "card.json"
THRESHOLDS = "thresholds.json"
OUT_OF_FOLD = "out-of-fold.npz"
EVIDENCE = "evidence.json"
REFERENCE = "reference.safetensors"
EXPLANATION_CHECK = "explanation-check.json"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


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
    def measured(self) -> tuple[str, ...]:
        """Names of the measured values the members take, in their order."""
        return tuple(self.card["measured"])

    @property
    def signal_share(self) -> float:
        """Weight of the networks that see the signal; the rest is that of the trees over measured values."""
        return float(self.card["signal_share"])

    @cached_property
    def calibration(self) -> Calibration:
        """What turns a member's logits into probabilities."""
        return Calibration.from_dict(self.card["slope_and_offset"], self.classes)

    @property
    def weights(self) -> tuple[Path, ...]:
        """The members' files."""
        return tuple(self.folder / member["file"] for member in self.card["members"])

    @property
    def reference(self) -> Path:
        """What records are compared with, to tell how unlike the training records they are; may be absent."""
        return self.folder / REFERENCE

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 over the members' files, what they take and how they are read.

        Two bundles with one hash give the same numbers.
        """
        digest = hashlib.sha256()
        for weights in self.weights:
            digest.update(hashlib.sha256(weights.read_bytes()).digest())
        settled = [
            self.classes,
            self.card["architecture"],
            self.card["preprocessing"],
            self.measured,
            self.signal_share,
            self.calibration.as_dict(self.classes),
            self.thresholds.tolist(),
            hashlib.sha256(self.reference.read_bytes()).hexdigest() if self.reference.is_file() else None,
        ]
        digest.update(json.dumps(settled, sort_keys=True).encode())
        return digest.hexdigest()


def is_name(name: str) -> bool:
    """Whether a set of thresholds can be called so on every system."""
    return len(name) <= 40 and _NAME.fullmatch(name) is not None


def thresholds_file(name: str | None) -> str:
    """Return the file name of a set of thresholds; the set without a name is the model's own.

    Raises
    ------
    BundleError
        The name has anything but small letters, digits and single hyphens between them, or more
        than 40 characters.
    """
    if name is None:
        return THRESHOLDS
    if not is_name(name):
        raise BundleError(
            f"{name!r} cannot name a set of thresholds: up to 40 small letters and digits, hyphens between them"
        )
    stem, _, ending = THRESHOLDS.rpartition(".")
    return f"{stem}-{name}.{ending}"


def open_bundle(folder: Path, thresholds_name: str | None = None) -> Bundle:
    """Open a model's folder.

    Parameters
    ----------
    folder : Path
    thresholds_name : str, optional
        A set of thresholds made from the user's own labels; the model's own by default.

    Returns
    -------
    Bundle

    Raises
    ------
    BundleError
        A file is absent, is not JSON, or the parts do not belong together.
    """
    card = _json(folder / CARD)
    stored = _json(folder / thresholds_file(thresholds_name))
    try:
        codes = [entry["code"] for entry in card["classes"]]
        thresholds = np.array([float(stored["thresholds"][code]) for code in codes])
        bundle = Bundle(folder, card, thresholds)
        # Looked up here so that what is absent is said now and not at the first record.
        _ = (card["architecture"], bundle.preprocessing, bundle.counts, bundle.calibration, bundle.signal_share)
        unknown = sorted(set(bundle.measured) - set(FEATURES))
        weights = bundle.weights
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(f"{folder}: card and thresholds do not fit together: {error}") from error
    if unknown:
        raise BundleError(f"{folder / CARD}: takes what this version does not measure: {', '.join(unknown)}")
    absent = [path.name for path in weights if not path.is_file()]
    if absent or not weights:
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
