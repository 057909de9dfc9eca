"""Writes model bundles with random weights, for tests of everything around the numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import save_file

from ecgview.model.network import Architecture, SEResNet
from ecgview.model.preprocessing import Preprocessing


def write_model(folder: Path, classes: tuple[str, ...], members: int = 3, seed: int = 0) -> Path:
    """Write a bundle whose networks' weights are drawn at random."""
    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    architecture = Architecture(len(classes), widths=(8, 8, 16, 16))
    entries = []
    for member in range(1, members + 1):
        path = folder / f"member-{member}.safetensors"
        save_file(SEResNet(architecture).state_dict(), path)
        entries.append({"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "records": 10})
    card = {
        "architecture": architecture.as_dict(),
        "preprocessing": asdict(Preprocessing()),
        "classes": [{"code": code, "name": code, "records": 7 + 60 * place} for place, code in enumerate(classes)],
        "members": entries,
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    thresholds = {"thresholds": dict.fromkeys(classes, 0.5)}
    (folder / "thresholds.json").write_text(json.dumps(thresholds), encoding="utf-8")
    return folder
