"""What measuring gives: values with their units, and where each was measured or why it was not.

Apart from the measuring itself, which needs scipy: importing that takes longer than the first
picture, and a window that only shows values has no use for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """One measured value.

    Attributes
    ----------
    name : str
        In words: ``"QT interval"``.
    value : float or None
        None where it could not be measured.
    unit : str
        ``"ms"``, ``"mV"``, ``"/min"``, ``"°"``, ``"mV·ms"``, ``"%"``; empty for a ratio.
    leads : tuple of str
        The leads it was measured in.
    beats : tuple of int
        Numbers (from 0) of the beats it was measured in; several are averaged first.
    window : tuple of float or None
        From and to, in seconds from the start, on one of these beats; for RR intervals from the
        first to the last beat.
    reason : str or None
        Why it could not be measured.
    """

    name: str
    value: float | None
    unit: str
    leads: tuple[str, ...] = ()
    beats: tuple[int, ...] = ()
    window: tuple[float, float] | None = None
    reason: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the value ready for JSON."""
        return {
            "name": self.name,
            "value": None if self.value is None else round(self.value, 4),
            "unit": self.unit,
            "leads": list(self.leads),
            "beats": list(self.beats),
            "window_s": None if self.window is None else [round(at, 4) for at in self.window],
            "reason": self.reason,
        }


@dataclass(frozen=True, eq=False)
class Measurements:
    """All that was measured in one record.

    Attributes
    ----------
    record_hash : str
        :attr:`ecgview.record.Record.content_hash` of the record.
    values : dict of str to Value
        Of the whole record; keys as in docs/measurements.md: ``"rate"``, ``"pr"``, ``"qrs"`` …
    leads : dict of str to dict of str to Value
        By lead, then ``"r"``, ``"s"``, ``"st60"`` …
    skipped : dict of str to str
        Leads that were not used, each with the reason.
    """

    record_hash: str
    values: dict[str, Value]
    leads: dict[str, dict[str, Value]]
    skipped: dict[str, str]

    def __getitem__(self, key: str) -> Value:
        return self.values[key]

    def as_dict(self) -> dict[str, object]:
        """Return everything ready for JSON."""
        return {
            "record": self.record_hash,
            "values": {key: value.as_dict() for key, value in self.values.items()},
            "leads": {
                lead: {key: value.as_dict() for key, value in found.items()} for lead, found in self.leads.items()
            },
            "skipped_leads": dict(self.skipped),
        }
