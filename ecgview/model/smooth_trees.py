"""Boosted trees whose splits are smooth: measured values in, logits out, differentiable throughout.

A tree asks "is the PR interval above 203 ms?". Here the answer is a share between 0 and 1 that rises
over a stretch of values, as wide as the feature's `width`: ``sigmoid((threshold - value) / width)``
goes left, the rest goes right (soft decision trees, after M. I. Jordan, R. A. Jacobs, "Hierarchical
mixtures of experts and the EM algorithm", Neural Comput 1994;6:181-214). So a value just above a
limit is not treated as the opposite of one just below, and attributions can follow the gradient.

A value that is not measurable goes where its split sends missing values. How far a value counts as
known is a number of its own, between 0 and 1, so that "not measurable" can be attributed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Split:
    """One question of a tree, or a leaf where `feature` is None.

    Attributes
    ----------
    feature : int or None
    threshold : float
        Values below go left.
    missing_left : bool
        Whether a value that is not measurable goes left.
    left, right : Split or None
    value : float
        Of a leaf: what it adds to the logit.
    """

    feature: int | None = None
    threshold: float = 0.0
    missing_left: bool = False
    left: Split | None = None
    right: Split | None = None
    value: float = 0.0


class SmoothTrees(nn.Module):
    """Sums of smooth trees, one sum for each class.

    The splits of all trees lie side by side in order of their depth, so that a whole level is
    computed at once. All tensors are buffers, and what follows from them is worked out once: trees with
    other tensors are made anew from their state.

    Parameters
    ----------
    tensors : dict of str to Tensor
        As :func:`flatten` gives them, or a former module's state.
    """

    feature: Tensor
    threshold: Tensor
    missing_left: Tensor
    parent: Tensor
    from_left: Tensor
    levels: Tensor
    leaf_parent: Tensor
    leaf_left: Tensor
    leaf_value: Tensor
    base: Tensor
    width: Tensor
    _asked: Tensor
    _softness: Tensor
    _missing: Tensor
    _sent: Tensor
    _leaf: Tensor

    NAMES = (
        "feature",
        "threshold",
        "missing_left",
        "parent",
        "from_left",
        "levels",
        "leaf_parent",
        "leaf_left",
        "leaf_value",
        "base",
        "width",
    )

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        if set(tensors) != set(self.NAMES):
            raise ValueError(f"the trees need {', '.join(self.NAMES)}")
        for name in self.NAMES:
            self.register_buffer(name, tensors[name].clone())
        splits, features = len(self.feature), len(self.width)
        if int(self.levels.sum()) != splits or self.leaf_value.shape[0] != len(self.base):
            raise ValueError("the trees' parts do not fit together")
        for name, end in (("feature", features), ("parent", splits), ("leaf_parent", splits)):
            places = getattr(self, name)
            if places.numel() and not (int(places.min()) >= 0 and int(places.max()) < end):
                raise ValueError(f"the trees' {name} points outside")
        ends = torch.cumsum(self.levels, 0).tolist()
        self._levels = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
        self._derive(splits)

    def _derive(self, splits: int) -> None:
        """Work out once where each split and leaf finds the share of a record that reaches it.

        The shares a level's splits send on lie in one table: to the left in its first half, to the
        right in its second, level after level.
        """
        device = self.levels.device
        starts = [part.start for part in self._levels]
        level = torch.repeat_interleave(torch.arange(len(starts), device=device), self.levels)
        begin = torch.tensor(starts, dtype=torch.int64, device=device)[level]
        size = self.levels.long()[level]
        to_left = torch.arange(splits, device=device) + begin
        to_right = to_left + size
        above, leaf_above = self.parent.long(), self.leaf_parent.flatten().long()
        sent = torch.where(self.from_left, to_left[above], to_right[above]) if splits else above
        leaf = torch.where(self.leaf_left.flatten(), to_left[leaf_above], to_right[leaf_above])
        # Within the table of the level above alone, which is all that is at hand there.
        before = 2 * torch.tensor([0, 0, *starts[1:-1]], dtype=torch.int64, device=device)
        for name, value in (
            ("_asked", self.feature.long()),
            ("_softness", self.width[self.feature][:, None]),
            ("_missing", self.missing_left.to(self.width.dtype)[:, None]),
            ("_sent", sent - before[level] if splits else sent),
            ("_leaf", leaf),
        ):
            self.register_buffer(name, value, persistent=False)

    @property
    def classes(self) -> int:
        """Sums, one a class."""
        return len(self.base)

    @property
    def features(self) -> int:
        """Values that go in."""
        return len(self.width)

    def forward(self, values: Tensor, known: Tensor) -> Tensor:
        """Return logits.

        Parameters
        ----------
        values : Tensor, shape (batch, features)
            Any finite number where not known.
        known : Tensor, shape (batch, features)
            1 where measured, 0 where not measurable.

        Returns
        -------
        Tensor, shape (batch, classes)
        """
        if not len(self.feature):
            return self.base.expand(len(values), -1)
        # One row a split and one column a record: rows are gathered several times as fast as columns.
        asked = values.t().contiguous().index_select(0, self._asked)
        smooth = torch.sigmoid((self.threshold[:, None] - asked) / self._softness)
        certain = known.t().contiguous().index_select(0, self._asked)
        left = torch.lerp(self._missing.expand_as(smooth), smooth, certain)
        tables: list[Tensor] = []
        for part in self._levels:
            share = left[part]
            reached = tables[-1].index_select(0, self._sent[part]) if tables else torch.ones_like(share)
            to_left = reached * share
            tables.append(torch.cat([to_left, reached - to_left]))
        weight = torch.cat(tables).index_select(0, self._leaf)
        sums = (weight.view(*self.leaf_parent.shape, -1) * self.leaf_value[..., None]).sum(1)
        logits: Tensor = self.base + sums.t()
        return logits

    def only(self, classes: Sequence[int]) -> SmoothTrees:
        """Return the trees of some classes alone, which is quicker by as much."""
        chosen = torch.as_tensor(list(classes), device=self.base.device)
        leaf_parent = self.leaf_parent[chosen]
        used = torch.zeros(len(self.feature), dtype=torch.bool, device=self.base.device)
        used[leaf_parent.flatten()] = True
        starts = torch.cumsum(self.levels, 0).tolist()
        for start, end in reversed(list(zip([0, *starts[:-1]], starts, strict=True))[1:]):
            below = torch.arange(start, end, device=used.device)[used[start:end]]
            used[self.parent[below]] = True
        place = torch.cumsum(used, 0) - 1
        sizes = self.levels.tolist()
        levels = torch.stack([part.sum() for part in torch.split(used, sizes)]).to(self.levels.dtype)
        return SmoothTrees(
            {
                "feature": self.feature[used],
                "threshold": self.threshold[used],
                "missing_left": self.missing_left[used],
                "parent": place[self.parent[used]].clamp_min(0),
                "from_left": self.from_left[used],
                "levels": levels[levels > 0],
                "leaf_parent": place[leaf_parent],
                "leaf_left": self.leaf_left[chosen],
                "leaf_value": self.leaf_value[chosen],
                "base": self.base[chosen],
                "width": self.width,
            }
        )


def flatten(trees: Sequence[Sequence[Split]], base: Sequence[float], width: Sequence[float]) -> dict[str, Tensor]:
    """Lay trees out as the tensors :class:`SmoothTrees` takes.

    Parameters
    ----------
    trees : sequence of sequence of Split
        The roots of each class.
    base : sequence of float
        What each class begins with.
    width : sequence of float
        How wide the splits of each feature are; above zero.

    Returns
    -------
    dict of str to Tensor
    """
    start = torch.tensor(list(base), dtype=torch.float32)
    # (split, class, place of the split above, whether it lies to the left)
    level: list[tuple[Split, int, int, bool]] = []
    for place, roots in enumerate(trees):
        for root in roots:
            if root.feature is None:
                start[place] += root.value
            else:
                level.append((root, place, 0, False))
    splits: list[tuple[Split, int, bool]] = []
    levels: list[int] = []
    leaves: list[list[tuple[int, bool, float]]] = [[] for _ in trees]
    while level:
        below: list[tuple[Split, int, int, bool]] = []
        levels.append(len(level))
        for split, place, above, side in level:
            at = len(splits)
            splits.append((split, above, side))
            for child, is_left in ((split.left, True), (split.right, False)):
                assert child is not None
                if child.feature is None:
                    leaves[place].append((at, is_left, child.value))
                else:
                    below.append((child, place, at, is_left))
        level = below
    most = max((len(found) for found in leaves), default=0)
    padded = [[*found, *[(0, True, 0.0)] * (most - len(found))] if splits else [] for found in leaves]
    shape = (len(trees), most if splits else 0)
    return {
        "feature": torch.tensor([split.feature or 0 for split, _, _ in splits], dtype=torch.int32),
        "threshold": torch.tensor([split.threshold for split, _, _ in splits], dtype=torch.float32),
        "missing_left": torch.tensor([split.missing_left for split, _, _ in splits], dtype=torch.bool),
        "parent": torch.tensor([above for _, above, _ in splits], dtype=torch.int32),
        "from_left": torch.tensor([side for _, _, side in splits], dtype=torch.bool),
        "levels": torch.tensor(levels, dtype=torch.int32),
        "leaf_parent": torch.tensor([[at for at, _, _ in row] for row in padded], dtype=torch.int32).view(shape),
        "leaf_left": torch.tensor([[side for _, side, _ in row] for row in padded], dtype=torch.bool).view(shape),
        "leaf_value": torch.tensor([[v for _, _, v in row] for row in padded], dtype=torch.float32).view(shape),
        "base": start,
        "width": torch.tensor(list(width), dtype=torch.float32),
    }
