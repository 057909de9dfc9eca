"""How an ensemble is trained: every setting in one value, kept with the weights it made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ecgview.resources import resource


class ConfigurationError(ValueError):
    """A configuration that cannot be used; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings of a training.

    Attributes
    ----------
    members : int
        Networks, and parts the records are divided into: each network learns from all parts but its own.
    epochs : int
        Passes over the records. Fixed beforehand: no network is stopped or chosen by what it scores
        on the part kept from it, so that part remains a fair judge.
    batch : int
        Records a step.
    learning_rate : float
        Peak of the one-cycle schedule.
    weight_decay : float
    averaging : float
        Decay of the running average of the weights; the average is what is kept.
    fewest : int
        Records a statement needs to become a class.
    widths, kernels, blocks : tuple of int
        Channels, kernel (samples) and number of blocks of each of the network's stages.
    dropout : float
    shortest_crop : float
        Seconds: each time it is shown, half of the recordings are cut to a random stretch at least this long.
    gain : float
        Signals are scaled by up to this fraction, up or down.
    noise : float
        Millivolts of white noise added at most.
    wander : float
        Millivolts of slow wander added at most.
    dropped_lead : float
        Probability that one lead is silenced.
    hidden_patient : float
        Probability that age, and apart from it sex, is hidden, so that "unknown" is learned.
    seed : int
    """

    members: int = 5
    epochs: int = 30
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    averaging: float = 0.99
    fewest: int = 10
    widths: tuple[int, ...] = (32, 64, 128, 256)
    kernels: tuple[int, ...] = (7, 5, 5, 3)
    blocks: tuple[int, ...] = (1, 1, 1, 1)
    dropout: float = 0.2
    shortest_crop: float = 6.0
    gain: float = 0.15
    noise: float = 0.02
    wander: float = 0.05
    dropped_lead: float = 0.1
    hidden_patient: float = 0.1
    seed: int = 1
    boosting_rounds: int = 80
    boosting_rate: float = 0.08
    boosting_leaves: int = 6
    boosting_fewest: int = 8
    boosting_shrinkage: float = 5.0
    boosting_choice: float = 0.3
    softness: float = 0.1

    @classmethod
    def from_dict(cls, settings: Mapping[str, object]) -> Configuration:
        """Return a configuration from plain values, as JSON holds them; what is left out keeps its default."""
        settled: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
        }
        return cls(**settled)

    @property
    def digest(self) -> str:
        """SHA-256 of the settings."""
        return _digest(asdict(self))

    @property
    def signal_digest(self) -> str:
        """SHA-256 of the settings that bear on the networks that read the signal.

        A training that was broken off may go on when these agree: the trees take seconds and are
        grown anew each time.
        """
        return _digest({name: value for name, value in asdict(self).items() if name not in _OF_TREES})


_OF_TREES = frozenset(
    field.name for field in fields(Configuration) if field.name.startswith("boosting_") or field.name == "softness"
)


def _digest(settings: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def read_configuration(path: Path | None = None) -> Configuration:
    """Read a configuration, by default the one the bundled ensemble is trained with.

    Parameters
    ----------
    path : Path, optional
        A JSON object of settings; what it leaves out keeps its default.

    Raises
    ------
    ConfigurationError
        The file cannot be read, or holds a setting that does not exist or is of the wrong kind.
    """
    path = resource("training.json") if path is None else path
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: not JSON: {error}") from error
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{path}: not a JSON object")
    defaults = asdict(Configuration())
    for name, value in settings.items():
        if name not in defaults:
            known = ", ".join(field.name for field in fields(Configuration))
            raise ConfigurationError(f"{path}: there is no setting {name!r}; there are {known}")
        wanted = (int, float) if isinstance(defaults[name], float) else (type(defaults[name]), list)
        if isinstance(value, bool) or not isinstance(value, wanted):
            raise ConfigurationError(f"{path}: {name} is {value!r}, which is not a {type(defaults[name]).__name__}")
        if isinstance(value, list) and not all(type(one) is int for one in value):
            raise ConfigurationError(f"{path}: {name} is {value!r}, and not whole numbers throughout")
    return Configuration.from_dict(settings)
