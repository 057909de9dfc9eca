"""One member of the ensemble: a squeeze-and-excitation ResNet over the twelve leads, and smooth trees
over what is measured in them.

A residual network learns shapes; with a few thousand records it does not learn to measure an interval
to ten milliseconds, which many statements are defined by. So the measurements enter beside the signal,
and one logit is the weighted sum of both opinions.

The shape follows Zhao et al. 2021 (arXiv 2112.01496): a wide stem, four stages of blocks with
squeeze-and-excitation after the second normalisation, age and sex joined to the pooled features
before the last layer. A stage has one block where theirs has two, kernels grow shorter as the rate
falls, and widths are half of theirs: with a few thousand records more weights only learn them by heart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ecgview.model.preprocessing import PATIENT_FEATURES
from ecgview.model.smooth_trees import SmoothTrees


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a network is made of; stored in the model card.

    Attributes
    ----------
    classes : int
        Outputs.
    leads : int
        Input channels.
    widths : tuple of int
        Channels of each stage.
    kernels : tuple of int
        Kernel of each stage's blocks, odd, in samples of the stage's own rate.
    blocks : tuple of int
        Blocks of each stage.
    stem_kernel : int
        Kernel of the stem, samples.
    reduction : int
        How much the squeeze-and-excitation bottleneck narrows.
    dropout : float
    """

    classes: int
    leads: int = 12
    widths: tuple[int, ...] = (32, 64, 128, 256)
    kernels: tuple[int, ...] = (7, 5, 5, 3)
    blocks: tuple[int, ...] = (1, 1, 1, 1)
    stem_kernel: int = 15
    reduction: int = 16
    dropout: float = 0.2

    def __post_init__(self) -> None:
        stages = {len(self.widths), len(self.kernels), len(self.blocks)}
        if len(stages) != 1 or not self.widths or min(*self.widths, *self.kernels, *self.blocks) < 1:
            raise ValueError("widths, kernels and blocks must name one number above zero for each stage")
        if any(kernel % 2 == 0 for kernel in self.kernels):
            raise ValueError("kernels must be odd")

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Architecture:
        """Return what :meth:`as_dict` gave.

        Raises
        ------
        TypeError, ValueError
            Not a description of an architecture.
        """
        settled: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**settled)


class SqueezeExcitation(nn.Module):
    """Weighs the channels of a feature map by what is in all of it."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        narrow = max(4, channels // reduction)
        self.squeeze = nn.Linear(channels, narrow)
        self.excite = nn.Linear(narrow, channels)

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """Weigh `features` (batch, channels, time), averaging where `mask` (batch, 1, time) is 1, or over all."""
        summary = masked_mean(features, mask)
        weights = torch.sigmoid(self.excite(torch.relu(self.squeeze(summary))))
        return features * weights[:, :, None]


class Block(nn.Module):
    """Two convolutions with a short cut around them."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, architecture: Architecture) -> None:
        super().__init__()
        self.first = nn.Conv1d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.first_norm = nn.BatchNorm1d(outputs)
        self.second = nn.Conv1d(outputs, outputs, kernel, 1, kernel // 2, bias=False)
        self.second_norm = nn.BatchNorm1d(outputs)
        self.attention = SqueezeExcitation(outputs, architecture.reduction)
        self.dropout = nn.Dropout(architecture.dropout)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.AvgPool1d(stride, stride, ceil_mode=True), nn.Conv1d(inputs, outputs, 1, bias=False)
            )

    def forward(self, features: Tensor, mask: Tensor | None) -> Tensor:
        """Map (batch, inputs, time) to (batch, outputs, time / stride); `mask` is of the output's length."""
        # Each rectification is a fresh function call: modules used twice mislead attribution methods.
        hidden = _masked(self.dropout(torch.relu(self.first_norm(self.first(features)))), mask)
        hidden = self.attention(self.second_norm(self.second(hidden)), mask)
        return _masked(torch.relu(hidden + self.shortcut(features)), mask)


class SEResNet(nn.Module):
    """Logits of all classes from 10 s of twelve leads, age and sex.

    Parameters
    ----------
    architecture : Architecture
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        widths = architecture.widths
        self.stem = nn.Conv1d(
            architecture.leads, widths[0], architecture.stem_kernel, 2, architecture.stem_kernel // 2, bias=False
        )
        self.stem_norm = nn.BatchNorm1d(widths[0])
        blocks: list[Block] = []
        channels = widths[0]
        stages = zip(widths, architecture.kernels, architecture.blocks, strict=True)
        for stage, (width, kernel, count) in enumerate(stages):
            for position in range(count):
                stride = 2 if position == 0 and stage > 0 else 1
                blocks.append(Block(channels, width, kernel, stride, architecture))
                channels = width
        self.blocks = nn.ModuleList(blocks)
        self.patient = nn.Linear(PATIENT_FEATURES, 10)
        self.dropout = nn.Dropout(architecture.dropout)
        self.head = nn.Linear(2 * channels + 10, architecture.classes)

    def forward(self, signal: Tensor, patient: Tensor, valid: Tensor | None = None) -> Tensor:
        """Return logits.

        Parameters
        ----------
        signal : Tensor, shape (batch, 12, samples)
            Millivolts after preprocessing, zero beyond the end of a short recording.
        patient : Tensor, shape (batch, 5)
            Age and sex, each with its own "unknown" (:func:`ecgview.model.preprocessing.patient_features`).
        valid : Tensor of int64, shape (batch,), optional
            Samples that hold signal; what lies beyond is padding and has no say. All by default.

        Returns
        -------
        Tensor, shape (batch, classes)
        """
        mask = _valid_mask(valid, signal)
        features = self.stem(_masked(signal, mask))
        mask = _shorten(mask, features.shape[-1])
        features = _masked(torch.relu(self.stem_norm(features)), mask)
        for block in self.blocks:
            assert isinstance(block, Block)
            if block.first.stride[0] != 1:
                mask = _shorten(mask, (features.shape[-1] + 1) // 2)
            features = block(features, mask)
        # After rectification and masking nothing is below zero, so padding cannot win the maximum.
        pooled = torch.cat([masked_mean(features, mask), features.amax(-1), torch.relu(self.patient(patient))], 1)
        logits: Tensor = self.head(self.dropout(pooled))
        return logits


class Member(nn.Module):
    """One member: logits from the signal and from what is measured in it, weighted.

    Parameters
    ----------
    signal : SEResNet
    trees : SmoothTrees
        Over the measured values followed by the patient's (:func:`inputs_of_trees`).
    signal_share : float
        Weight of the network's logits, from 0 to 1; the rest is the trees'.
    """

    def __init__(self, signal: SEResNet, trees: SmoothTrees, signal_share: float) -> None:
        super().__init__()
        self.signal = signal
        self.trees = trees
        self.signal_share = signal_share

    def forward(
        self, signal: Tensor, patient: Tensor, measured: Tensor, known: Tensor, valid: Tensor | None = None
    ) -> Tensor:
        """Return logits.

        Parameters
        ----------
        signal, patient, valid : Tensor
            As :meth:`SEResNet.forward` takes them.
        measured : Tensor, shape (batch, features)
            Any finite number where not measurable.
        known : Tensor, shape (batch, features)
            1 where measured, 0 where not.

        Returns
        -------
        Tensor, shape (batch, classes)
        """
        values, certain = inputs_of_trees(measured, known, patient)
        return self.together(self.signal(signal, patient, valid), self.trees(values, certain))

    def together(self, seen: Tensor, counted: Tensor) -> Tensor:
        """Return both opinions' logits, shape (batch, classes) each, as one."""
        return self.signal_share * seen + (1 - self.signal_share) * counted


def inputs_of_trees(measured: Tensor, known: Tensor, patient: Tensor) -> tuple[Tensor, Tensor]:
    """Return values and how far each is known, shape (batch, features + 5) both: measurements, then age and sex."""
    return torch.cat([measured, patient], 1), torch.cat([known, torch.ones_like(patient)], 1)


def masked_mean(features: Tensor, mask: Tensor | None) -> Tensor:
    """Return the mean over time of (batch, channels, time) where `mask` (batch, 1, time) is 1, or over all."""
    if mask is None:
        return features.mean(-1)
    return (features * mask).sum(-1) / mask.sum(-1).clamp_min(1.0)


def _masked(features: Tensor, mask: Tensor | None) -> Tensor:
    return features if mask is None else features * mask


def _valid_mask(valid: Tensor | None, signal: Tensor) -> Tensor | None:
    """Return 1 where there is signal, shape (batch, 1, samples); None where all is, which saves a tenth of the time."""
    samples = signal.shape[-1]
    if valid is None or bool((valid >= samples).all()):
        return None
    positions = torch.arange(samples, device=signal.device)
    return (positions[None, None, :] < valid[:, None, None]).to(signal.dtype)


def _shorten(mask: Tensor | None, samples: int) -> Tensor | None:
    """Return the mask at half the rate: a place counts when its first sample does."""
    return None if mask is None else mask[:, :, ::2][:, :, :samples]
