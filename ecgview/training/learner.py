"""One network learning: an epoch at a time, so that a broken-off training goes on where it was."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from ecgview.model.network import Architecture, SEResNet
from ecgview.model.preprocessing import Preprocessing
from ecgview.training.augmentation import augment
from ecgview.training.configuration import Configuration
from ecgview.training.dataset import Dataset

_WARM_UP = 0.2  # share of the steps in which the learning rate rises


class Learner:
    """A network, its optimiser and the running average of its weights.

    Everything drawn at random in an epoch follows from the seed, the member and the epoch, so a
    training that was resumed ends with the same weights as one that ran through.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray of int64
        Windows to learn from.
    classes : sequence of str
        Codes to learn, a selection of the dataset's.
    configuration : Configuration
    preprocessing : Preprocessing
    member : int
        Which of the ensemble's networks, from 0.
    device : torch.device
    """

    def __init__(
        self,
        dataset: Dataset,
        rows: NDArray[np.int64],
        classes: Sequence[str],
        configuration: Configuration,
        preprocessing: Preprocessing,
        member: int,
        device: torch.device,
    ) -> None:
        self.dataset, self.rows = dataset, rows
        self.configuration, self.preprocessing = configuration, preprocessing
        self.member, self.device = member, device
        columns = [dataset.classes.index(code) for code in classes]
        self.targets = dataset.targets[:, columns].astype(np.float32)
        self.epoch = 0
        self.seconds = 0.0
        torch.manual_seed(self._seed(0))
        architecture = Architecture(
            len(classes),
            widths=configuration.widths,
            kernels=configuration.kernels,
            blocks=configuration.blocks,
            dropout=configuration.dropout,
        )
        self.network = SEResNet(architecture).to(device)
        with torch.no_grad():  # start from each statement's own frequency
            share = self.targets[dataset.owner[rows]].mean(axis=0).clip(1e-3, 1 - 1e-3)
            self.network.head.bias.copy_(torch.from_numpy(np.log(share / (1 - share))))
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        decayed = [value for value in self.network.parameters() if value.ndim > 1]
        others = [value for value in self.network.parameters() if value.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": configuration.weight_decay}, {"params": others, "weight_decay": 0.0}],
            lr=configuration.learning_rate,
        )

    def _seed(self, epoch: int) -> int:
        sequence = np.random.SeedSequence([self.configuration.seed, self.member, epoch])
        return int(sequence.generate_state(1, np.uint64)[0] >> 1)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return math.ceil(len(self.rows) / self.configuration.batch)

    def _rate(self, step: int) -> float:
        """One cycle: up in a straight line, down along a cosine."""
        done = step / (self.steps * self.configuration.epochs)
        if done < _WARM_UP:
            return self.configuration.learning_rate * (0.04 + 0.96 * done / _WARM_UP)
        return self.configuration.learning_rate * 0.5 * (1 + math.cos(math.pi * (done - _WARM_UP) / (1 - _WARM_UP)))

    def learn_epoch(self, on_step: Callable[[], None] | None = None) -> float:
        """Pass once over the records.

        Parameters
        ----------
        on_step : callable, optional
            Called after each step.

        Returns
        -------
        float
            Mean loss.
        """
        began = time.monotonic()
        seed = self._seed(self.epoch + 1)
        torch.manual_seed(seed)
        generator = np.random.default_rng(seed)
        order = generator.permutation(self.rows)
        losses = []
        self.network.train()
        for step in range(self.steps):
            rows = order[step * self.configuration.batch : (step + 1) * self.configuration.batch]
            if len(rows) == 1:  # normalising over a batch of one record says nothing of it
                continue
            for group in self.optimiser.param_groups:
                group["lr"] = self._rate(self.epoch * self.steps + step)
            losses.append(self._learn(rows, generator))
            if on_step is not None:
                on_step()
        self.epoch += 1
        self.seconds += time.monotonic() - began
        return float(np.mean(losses))

    def _learn(self, rows: NDArray[np.int64], generator: np.random.Generator) -> float:
        data = self.dataset
        windows, valid, patient = augment(
            data.windows[rows], data.valid[rows], data.patient[rows], self.configuration, self.preprocessing, generator
        )
        signal, lengths, who, wanted = (
            torch.from_numpy(values).to(self.device)
            for values in (windows, valid, patient, self.targets[data.owner[rows]])
        )
        with torch.autocast(self.device.type, torch.bfloat16, enabled=multiplies_bfloat16(self.device)):
            logits = self.network(signal, who, lengths)
        loss = functional.binary_cross_entropy_with_logits(logits.float(), wanted)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self._follow()
        return float(loss.detach())

    @torch.no_grad()
    def _follow(self) -> None:
        steps = int(self.optimiser.state[self.network.head.bias]["step"])
        keep = min(self.configuration.averaging, steps / (steps + 10))  # the first weights say little
        for name, value in self.network.state_dict().items():
            if value.is_floating_point():
                self.average[name].lerp_(value, 1 - keep)
            else:
                self.average[name].copy_(value)

    def averaged(self) -> dict[str, Tensor]:
        """Return the averaged weights, on the CPU."""
        return {name: value.detach().cpu().contiguous() for name, value in self.average.items()}

    def judge(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the averaged network's logits for windows: shape (rows, classes)."""
        judge = SEResNet(self.network.architecture).to(self.device)
        judge.load_state_dict(self.average)
        judge.eval()
        parts = []
        data = self.dataset
        with torch.inference_mode():
            for start in range(0, len(rows), 64):
                part = rows[start : start + 64]
                inputs = (data.windows[part], data.patient[part], data.valid[part])
                parts.append(judge(*(torch.from_numpy(values).to(self.device) for values in inputs)).double().cpu())
        result: NDArray[np.float64] = torch.cat(parts).numpy()
        return result

    def save(self, path: Path) -> None:
        """Write everything the next epoch needs; the file is complete or not there at all."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for place, parameter in enumerate(self.network.parameters()):
            state = self.optimiser.state[parameter]
            tensors |= {f"optimiser.{place}.{name}": torch.as_tensor(value) for name, value in state.items()}
        tensors |= {"epoch": torch.tensor(self.epoch), "seconds": torch.tensor(self.seconds, dtype=torch.float64)}
        unfinished = path.with_suffix(".part")
        settled = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        save_file(settled, unfinished, {"settings": settings_digest(self)})
        unfinished.replace(path)

    def load(self, path: Path) -> None:
        """Go on from what :meth:`save` wrote."""
        tensors = load_file(path, device=str(self.device))
        self.network.load_state_dict(_below(tensors, "network."))
        self.average = _below(tensors, "average.")
        for place, parameter in enumerate(self.network.parameters()):
            state = _below(tensors, f"optimiser.{place}.")
            state["step"] = state["step"].cpu()
            self.optimiser.state[parameter] = state
        self.epoch, self.seconds = int(tensors["epoch"]), float(tensors["seconds"])


def multiplies_bfloat16(device: torch.device) -> bool:
    """Return whether a device multiplies in bfloat16.

    A processor that does not imitates it, which took fourteen times as long as float32.
    """
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu._is_avx512_bf16_supported()


def settings_digest(learner: Learner) -> str:
    """Return what a checkpoint must agree in with a learner that goes on from it."""
    preprocessing = sorted(asdict(learner.preprocessing).items())
    return f"{learner.configuration.signal_digest} {learner.dataset.digest} {preprocessing}"


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
