"""An explanation on the sheet: colours below the traces, their legend, and words where it is still to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter

from ecgview.explain.messages import Explanation, Part
from ecgview.ui.explain.legend import ExplanationLegend, NoticeLegend
from ecgview.ui.explain.painting import Colouring
from ecgview.ui.explain.parts import paint_parts
from ecgview.ui.explain.scale import Look, Scale
from ecgview.ui.explain.words import per_sample, signed_logits
from ecgview.ui.sheet.layout import Page
from ecgview.ui.sheet.trace import Trace
from ecgview.ui.theme import Theme


class Overlay:
    """One explanation on a sheet of its record.

    Parameters
    ----------
    explanation : Explanation
    name : str
        Of the class, in full.
    look : Look
    limit : float, optional
        The size that has full colour, logits a sample; the largest of this explanation by default.
    shared : bool
        Whether another sheet has the same limit.
    parts : sequence of Part
        Replaced by the background in a what-if: marked.
    became : str
        What the probability becomes without them, in words; empty while that is not known.
    """

    def __init__(
        self,
        explanation: Explanation,
        name: str,
        look: Look,
        limit: float | None = None,
        shared: bool = False,
        parts: Sequence[Part] = (),
        became: str = "",
    ) -> None:
        self.explanation, self.name, self.look, self.shared = explanation, name, look, shared
        self.parts, self.became = tuple(parts), became
        self.scale = Scale(explanation.attribution.values, explanation.attribution.hz, look, limit)
        self._colouring = Colouring(self.scale, look.style)

    @property
    def record_hash(self) -> str:
        """Of the record it is for."""
        return self.explanation.attribution.record_hash

    @property
    def notes(self) -> Mapping[str, str]:
        """What stands beside the leads' names: their shares."""
        if not self.look.shares:
            return MappingProxyType({})
        shares = self.explanation.attribution.lead_shares
        return {lead: f"  {share:.0%}".replace("%", " %") for lead, share in shares.items() if share > 0}

    @property
    def spoken(self) -> str:
        """What a screen reader says of it."""
        found = self.explanation.attribution
        first = ", ".join(f"{lead} {found.lead_shares[lead]:.0%}" for lead in found.ranking[:3])
        unsure = ", members disagree" if self.explanation.doubtful else ""
        return f"explanation of {self.name} in colour: most in {first}, gap {found.gap:.1%}{unsure}"

    def value_words(self, lead: str, seconds: float) -> str:
        """Return what the attribution is at an instant of a lead; empty where there is none."""
        value = self.scale.at(lead, seconds)
        return "" if value is None else f"{signed_logits(value)} logit {per_sample(self.scale.hz)}"

    def legend(self, font: QFont, width: float) -> ExplanationLegend:
        """Return the lines that say what the colours mean."""
        return ExplanationLegend(self, font, width)

    def paint(self, painter: QPainter, page: Page, traces: Sequence[Trace], theme: Theme, seen: QRectF) -> None:
        """Paint below the traces; the painter draws in mm of the sheet, of which `seen` is shown."""
        paint_parts(painter, page, self.parts, theme)
        self._colouring.paint(painter, page.row_height, traces, theme, seen)

    def paint_on_paper(self, painter: QPainter, page: Page, traces: Sequence[Trace], theme: Theme) -> None:
        """Paint as shapes of true size; the painter draws in mm."""
        paint_parts(painter, page, self.parts, theme)
        self._colouring.paint_on_paper(painter, page.row_height, traces, theme)


class Notice:
    """Words in the place of an explanation: that it is worked out, or why there is none.

    Parameters
    ----------
    record_hash : str
    words : str
    warns : bool
        Whether they tell why there is none.
    """

    notes: Mapping[str, str] = MappingProxyType({})

    def __init__(self, record_hash: str, words: str, warns: bool = False) -> None:
        self.record_hash, self.words, self.warns = record_hash, words, warns

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return self.words

    def value_words(self, lead: str, seconds: float) -> str:
        """Return that there is no value."""
        return ""

    def legend(self, font: QFont, width: float) -> NoticeLegend:
        """Return the line with the words."""
        return NoticeLegend(self.words, self.warns, font, width)

    def paint(self, painter: QPainter, page: Page, traces: Sequence[Trace], theme: Theme, seen: QRectF) -> None:
        """Paint nothing."""
