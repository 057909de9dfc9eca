"""Writes model bundles with random weights, for tests of everything around the numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from ecgview.model.network import Architecture, SEResNet
from ecgview.model.preprocessing import PATIENT_FEATURES, Preprocessing
from ecgview.model.smooth_trees import Split, flatten

MEASURED = ("rate", "pr_ms", "qrs_ms", "qrs_axis")


def random_trees(classes: int, features: int, seed: int, count: int = 6) -> dict[str, Tensor]:
    """Return trees of two levels with splits drawn at random."""
    generator = np.random.default_rng(seed)

    def split(depth: int) -> Split:
        if depth == 0:
            return Split(value=float(generator.normal(0, 0.3)))
        return Split(
            int(generator.integers(features)),
            float(generator.uniform(0, 150)),
            bool(generator.integers(2)),
            split(depth - 1),
            split(depth - 1 if generator.random() < 0.7 else 0),
        )

    trees = [[split(2) for _ in range(count)] for _ in range(classes)]
    return flatten(trees, [0.0] * classes, [5.0] * features)


def write_model(folder: Path, classes: tuple[str, ...], members: int = 3, seed: int = 0) -> Path:
    """Write a bundle whose networks' weights and trees are drawn at random."""
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    architecture = Architecture(len(classes), widths=(8, 8, 16, 16))
    entries = []
    for member in range(1, members + 1):
        path = folder / f"member-{member}.safetensors"
        network = SEResNet(architecture).state_dict()
        trees = random_trees(len(classes), len(MEASURED) + PATIENT_FEATURES, seed + member)
        stored = {f"signal.{name}": value for name, value in network.items()}
        save_file(stored | {f"trees.{name}": value for name, value in trees.items()}, path)
        entries.append({"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "records": 10})
    card = {
        "architecture": architecture.as_dict(),
        "preprocessing": asdict(Preprocessing()),
        "measured": list(MEASURED),
        "signal_share": 0.5,
        "slope_and_offset": {code: [0.9, -0.1] for code in classes},
        "classes": [{"code": code, "name": code, "records": 7 + 60 * place} for place, code in enumerate(classes)],
        "members": entries,
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    thresholds = {"thresholds": dict.fromkeys(classes, 0.5)}
    (folder / "thresholds.json").write_text(json.dumps(thresholds), encoding="utf-8")
    return folder
