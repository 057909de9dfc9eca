"""A network laid out for the processor it runs on, for prediction alone.

On a CPU a convolution first brings its weights into the order its inner loop wants, at every call:
with one record at a time that takes twice as long as the convolution itself. Here it is done once;
normalisations are folded into the weights before them, and rectifications done where the sums are
still at hand. The logits are those of the network but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from ecgview.model.network import Block, SEResNet

Convolution = Callable[[Tensor], Tensor]


def can_pack() -> bool:
    """Return whether this build of torch offers what packing needs."""
    wanted = ("_reorder_convolution_weight", "_convolution_pointwise")
    return all(hasattr(torch.ops.mkldnn, name) for name in wanted)


class PackedNetwork:
    """An SE-ResNet for prediction on the CPU.

    Parameters
    ----------
    network : SEResNet
        In evaluation mode, on the CPU; later changes of its weights are not seen.
    """

    def __init__(self, network: SEResNet) -> None:
        self._network = network
        self._stem = _packed(network.stem, network.stem_norm, "relu")
        self._blocks = [_PackedBlock(block) for block in network.blocks if isinstance(block, Block)]

    def __call__(self, signal: Tensor, patient: Tensor) -> Tensor:
        """Return logits; see :meth:`SEResNet.forward`, here with all samples holding signal."""
        features = self._stem(signal)
        for block in self._blocks:
            features = block(features)
        known = torch.relu(self._network.patient(patient))
        logits: Tensor = self._network.head(torch.cat([features.mean(-1), features.amax(-1), known], 1))
        return logits


class _PackedBlock:
    def __init__(self, block: Block) -> None:
        self._first = _packed(block.first, block.first_norm, "relu")
        self._second = _packed(block.second, block.second_norm, "none")
        self._attention = block.attention
        self._pool: nn.Module | None = None
        self._shortcut: Convolution | None = None
        if isinstance(block.shortcut, nn.Sequential):
            pool, convolution = block.shortcut
            assert isinstance(convolution, nn.Conv1d)
            self._pool, self._shortcut = pool, _packed(convolution, None, "none")

    def __call__(self, features: Tensor) -> Tensor:
        hidden = self._second(self._first(features))
        attention = self._attention
        narrow = torch.relu(attention.squeeze(hidden.mean(-1)))
        weights = torch.sigmoid(attention.excite(narrow))[:, :, None]
        if self._pool is not None and self._shortcut is not None:
            features = self._shortcut(self._pool(features))
        return torch.addcmul(features, hidden, weights).relu_()


def _packed(convolution: nn.Conv1d, norm: nn.BatchNorm1d | None, after: str) -> Convolution:
    """Return a convolution, the normalisation after it folded in, and what is done to its sums."""
    weight = convolution.weight.detach().double()
    bias = torch.zeros(len(weight), dtype=torch.float64)
    if norm is not None:
        assert norm.running_var is not None
        assert norm.running_mean is not None
        gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
        bias = norm.bias.detach().double() - norm.running_mean.double() * gain
        weight = weight * gain[:, None, None]
    padding, stride = int(convolution.padding[0]), convolution.stride[0]
    if not can_pack():
        return _plain(weight.float(), bias.float(), stride, padding, after)
    padded, strided, dilated = [0, padding], [1, stride], [1, 1]
    laid_out = torch.ops.mkldnn._reorder_convolution_weight(
        weight.float()[:, :, None], padded, strided, dilated, 1, None
    )
    offset = bias.float()

    def convolve(features: Tensor) -> Tensor:
        sums: Tensor = torch.ops.mkldnn._convolution_pointwise(
            features[:, :, None], laid_out, offset, padded, strided, dilated, 1, after, [], ""
        )
        return sums[:, :, 0]

    return convolve


def _plain(weight: Tensor, bias: Tensor, stride: int, padding: int, after: str) -> Convolution:
    def convolve(features: Tensor) -> Tensor:
        sums = functional.conv1d(features, weight, bias, stride, padding)
        return sums.relu_() if after == "relu" else sums

    return convolve
