"""How far an explanation can be trusted: members beside each other, and the model's stored check. Needs no torch.

The check (:mod:`ecgview.explain.randomised`) is made once for a model and lies in its folder as
``explanation-check.json``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ecgview import RESEARCH_USE
from ecgview.explain.attribution import Attribution
from ecgview.explain.summaries import agreement
from ecgview.model.bundle import EXPLANATION_CHECK, Bundle

LOW_AGREEMENT = 0.3
"""What counts as low where a model has no check of its own: the bundled ensemble's figure, rounded."""
ALIKE = 0.2
"""Rank correlation from which explanations count as alike."""
_FORMAT = 1


class CheckError(Exception):
    """A stored check that cannot be used; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Where a figure lies over records.

    Attributes
    ----------
    median, low, high : float
        50th, 5th and 95th percentile; NaN where it was never to be had.
    count : int
        Records that have it.
    """

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Sum up values; NaN are left out."""
        known = [value for value in values if math.isfinite(value)]
        if not known:
            return cls(math.nan, math.nan, math.nan, 0)
        low, median, high = (round(float(value), 4) for value in np.percentile(known, [5, 50, 95]))
        return cls(median, low, high, len(known))

    def as_words(self) -> str:
        """Return the median with the 5th to 95th percentile."""
        if not self.count:
            return "–"
        low, median, high = (f"{one:.2f}".replace("-", "−") for one in (self.low, self.median, self.high))
        return f"{median} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class Stage:
    """How alike explanations still are with a part of the ensemble randomised: Spearman's rank correlations.

    Attributes
    ----------
    randomised : str
        What is, together with all of the stages before, in words.
    cells : Spread
        Of signed attributions to cells of one lead and 100 ms.
    sizes : Spread
        Of their absolute values.
    shares : Spread
        Of the shares of leads and waves.
    """

    randomised: str
    cells: Spread
    sizes: Spread
    shares: Spread


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a model's explanations when its weights were randomised.

    Attributes
    ----------
    model_hash : str
        Of the model it was made for.
    ecgview : str
        Version that made it.
    date : str
        ISO 8601.
    generated, given : int
        Records it rests on.
    background : str
    seed : int
        Of the randomised weights.
    stages : tuple of Stage
        Ever more randomised.
    bars : Spread
        Rank correlation of the bars of age, sex and measured values, all randomised.
    agreement, agreement_randomised : Spread
        Members' agreement on the explanation, as it is and all randomised.
    """

    model_hash: str
    ecgview: str
    date: str
    generated: int
    given: int
    background: str
    seed: int
    stages: tuple[Stage, ...]
    bars: Spread
    agreement: Spread
    agreement_randomised: Spread

    @property
    def low_agreement(self) -> float:
        """Members' agreement below which an explanation is to be doubted.

        What 95 of 100 explanations of this model reach; or, where that is more, what is reached by
        chance, since 95 of 100 explanations of randomised weights stay below it.
        """
        known = [one for one in (self.agreement.low, self.agreement_randomised.high) if not math.isnan(one)]
        return max(known, default=LOW_AGREEMENT)

    @property
    def passed(self) -> bool:
        """Whether explanations follow what was learned.

        They do where, all randomised, the median rank correlation of signed cells and of bars is below
        :data:`ALIKE`, and members agree more on the model as it is than they do by chance (95th percentile).
        """
        left = (self.stages[-1].cells.median, self.bars.median)
        apart = self.agreement.median > self.agreement_randomised.high
        return bool(apart and all(abs(one) < ALIKE for one in left if not math.isnan(one)))

    def as_words(self) -> str:
        """Return what a reader should know, in a few sentences."""
        said = "Explanations change" if self.passed else "Explanations do not change as they should"
        return (
            f"{said} when what was learned is randomised: with all of it randomised, the rank correlation with the "
            f"explanations of the model as it is is {self.stages[-1].cells.as_words()} for lead and time and "
            f"{self.bars.as_words()} for age, sex and measured values. Members agree to "
            f"{self.agreement.as_words()}, randomised to {self.agreement_randomised.as_words()}; below "
            f"{self.low_agreement:.2f} agreement counts as low. Median and 5th to 95th percentile of "
            f"{self.agreement.count} records ({self.generated} of them generated), made {self.date}."
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        values = {"format": _FORMAT, "research_use": RESEARCH_USE, **asdict(self)}
        return _without_nan(values)  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Check:
        """Return the check that :meth:`as_dict` made the values of.

        Raises
        ------
        KeyError, TypeError, ValueError
        """
        if values["format"] != _FORMAT:
            raise ValueError(f"of format {values['format']}, not {_FORMAT}")

        def spread(found: dict[str, float | None]) -> Spread:
            low, median, high = (math.nan if found[name] is None else found[name] for name in ("low", "median", "high"))
            return Spread(float(median), float(low), float(high), int(found["count"] or 0))  # type: ignore[arg-type]

        return cls(
            model_hash=str(values["model_hash"]),
            ecgview=str(values["ecgview"]),
            date=str(values["date"]),
            generated=int(values["generated"]),
            given=int(values["given"]),
            background=str(values["background"]),
            seed=int(values["seed"]),
            stages=tuple(
                Stage(str(one["randomised"]), *(spread(one[name]) for name in ("cells", "sizes", "shares")))
                for one in values["stages"]
            ),
            bars=spread(values["bars"]),
            agreement=spread(values["agreement"]),
            agreement_randomised=spread(values["agreement_randomised"]),
        )


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def stored_check(bundle: Bundle) -> Check | None:
    """Return the check that was made of a model.

    Parameters
    ----------
    bundle : Bundle

    Returns
    -------
    Check or None
        None where none was made.

    Raises
    ------
    CheckError
        It is of other weights, or cannot be read.
    """
    path = bundle.folder / EXPLANATION_CHECK
    if not path.is_file():
        return None
    try:
        found = Check.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise CheckError(f"{path}: not a check of explanations: {error}") from error
    if not found.stages or found.model_hash != bundle.model_hash:
        raise CheckError(f"{path}: was made of another model ({found.model_hash[:12]}); make it anew: ecgview trust")
    return found


def write_check(bundle: Bundle, check: Check) -> Path:
    """Keep a check in the model's folder, in place of an older one.

    Raises
    ------
    CheckError
        It was made of another model.
    OSError
    """
    path = bundle.folder / EXPLANATION_CHECK
    if check.model_hash != bundle.model_hash:
        raise CheckError(f"{path}: the check was made of another model ({check.model_hash[:12]})")
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(check.as_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


@dataclass(frozen=True, slots=True)
class MemberAgreement:
    """How far the members of an ensemble give the same explanation.

    Attributes
    ----------
    value : float
        Mean over pairs of Spearman's rank correlation of their signed shares of leads and waves, -1
        to 1; NaN where that cannot be said.
    low_below : float
        What counts as low.
    """

    value: float
    low_below: float

    @property
    def low(self) -> bool:
        """Whether the explanation must carry a warning; one that cannot be judged must."""
        return not self.value >= self.low_below

    def as_words(self) -> str:
        """Return it for a reader."""
        if math.isnan(self.value):
            return "Whether the members agree cannot be said."
        figure = f"{self.value:.2f}".replace("-", "−")
        if self.low:
            return f"The members do not agree on this explanation: {figure}, low is below {self.low_below:.2f}."
        return f"The members agree on this explanation: {figure}, low is below {self.low_below:.2f}."


def member_agreement(attribution: Attribution, check: Check | None = None) -> MemberAgreement:
    """Say how far the members agree on an explanation.

    Parameters
    ----------
    attribution : Attribution
    check : Check, optional
        The model's, from :func:`stored_check`: what counts as low comes from there.
    """
    return MemberAgreement(
        agreement(attribution.member_shares), LOW_AGREEMENT if check is None else check.low_agreement
    )
