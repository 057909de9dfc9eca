"""The calipers on a record: which is chosen, what was done last, and those of the records seen before. No Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ecgview.record.record import Record
from ecgview.ui.sheet.calipers import MOST_BEATS, Caliper

Part = Literal["whole", "first", "second"]
_PARTS: tuple[Part, ...] = ("whole", "first", "second")
_MOST_UNDONE = 200

Calipers = tuple[Caliper, ...]


class CaliperBook:
    """Calipers by record.

    They are kept by the recording's content hash as long as the program runs: whichever file
    brings the same recording again brings its calipers too, and no other does.

    Attributes
    ----------
    calipers : tuple of Caliper
        On the record at hand, in the order they were placed.
    chosen : int or None
        Which of them keys move.
    part : {"whole", "first", "second"}
        What of it.
    """

    def __init__(self) -> None:
        self.calipers: Calipers = ()
        self.chosen: int | None = None
        self.part: Part = "whole"
        self._record: Record | None = None
        self._past: list[Calipers] = []
        self._kept: dict[tuple[object, ...], dict[str, Calipers]] = {}

    @property
    def record(self) -> Record | None:
        """The record at hand."""
        return self._record

    @property
    def caliper(self) -> Caliper | None:
        """The chosen one."""
        return None if self.chosen is None else self.calipers[self.chosen]

    @property
    def undoable(self) -> bool:
        """Whether there is anything to undo."""
        return bool(self._past)

    def turn_to(self, record: Record | None) -> None:
        """Put away the calipers of the record before, and take out those of this one."""
        if record is self._record:
            return
        self._put_away()
        self._record, self._past, self.chosen, self.part = record, [], None, "whole"
        self.calipers = ()
        # The hash of a long recording takes a while: it is asked for only where one may be known.
        if record is not None and (known := self._kept.get(_kind(record))):
            self.calipers = known.get(record.content_hash, ())

    def _put_away(self) -> None:
        if self._record is None:
            return
        known = self._kept.get(_kind(self._record), {})
        if self.calipers:
            self._kept.setdefault(_kind(self._record), {})[self._record.content_hash] = self.calipers
        elif known:
            known.pop(self._record.content_hash, None)

    # ---------------------------------------------------------------- what is done to them

    def place(self, caliper: Caliper, part: Part = "second") -> None:
        """Add a caliper and choose it."""
        self._change((*self.calipers, caliper))
        self.chosen, self.part = len(self.calipers) - 1, part

    def put(self, caliper: Caliper, remember: bool = True) -> None:
        """Put a caliper in the place of the chosen one; `remember` is False while it is still being dragged."""
        if self.chosen is None or caliper == self.caliper:
            return
        new = (*self.calipers[: self.chosen], caliper, *self.calipers[self.chosen + 1 :])
        if remember:
            self._change(new)
        else:
            self.calipers = new

    def remember(self, before: Calipers) -> None:
        """Remember how things stood before a drag that is over now."""
        if before != self.calipers:
            self._past = [*self._past[-_MOST_UNDONE:], before]

    def remove(self) -> None:
        """Take the chosen one away, and choose the one before."""
        if self.chosen is not None:
            left = (*self.calipers[: self.chosen], *self.calipers[self.chosen + 1 :])
            self._change(left)
            self.chosen, self.part = (max(0, self.chosen - 1) if left else None), "whole"

    def clear(self) -> None:
        """Take all away."""
        if self.calipers:
            self._change(())
        self.chosen, self.part = None, "whole"

    def undo(self) -> None:
        """Take the last change back."""
        if self._past:
            self.calipers = self._past.pop()
            last = len(self.calipers) - 1
            self.chosen = None if last < 0 else min(last, last if self.chosen is None else self.chosen)

    def choose(self, number: int | None, part: Part = "whole") -> None:
        """Choose one, or none."""
        self.chosen, self.part = number, part

    def choose_next(self, step: int) -> bool:
        """Choose the next one, or with -1 the one before; at the end choose none and return False."""
        begin = -1 if step > 0 else len(self.calipers)
        number = (begin if self.chosen is None else self.chosen) + step
        there = 0 <= number < len(self.calipers)
        self.choose(number if there else None)
        return there

    def next_part(self) -> None:
        """Go on from the whole to the first leg, to the second, and to the whole again."""
        self.part = _PARTS[(_PARTS.index(self.part) + 1) % len(_PARTS)]

    def move(self, samples: int) -> None:
        """Move the chosen part, as far as the record goes."""
        caliper, record = self.caliper, self._record
        if caliper is None or record is None:
            return
        last = record.samples - 1
        if self.part == "whole":
            early, late = caliper.legs
            step = min(max(samples, -early), last - late)
            self.put(replace(caliper, first=caliper.first + step, second=caliper.second + step))
        elif self.part == "first":
            self.put(replace(caliper, first=min(max(0, caliper.first + samples), last)))
        else:
            self.put(replace(caliper, second=min(max(0, caliper.second + samples), last)))

    def switch_kind(self) -> None:
        """Measure time with the chosen one in place of height, or height in place of time."""
        if (caliper := self.caliper) is not None:
            self.put(replace(caliper, kind="amplitude" if caliper.kind == "time" else "time"))

    def march(self, on: bool) -> None:
        """Repeat the chosen one's interval over the lead, or no longer; that is of time."""
        if (caliper := self.caliper) is not None:
            self.put(replace(caliper, marched=on, kind="time" if on else caliper.kind))

    def divide(self, beats: int) -> None:
        """Say how many intervals lie between the chosen one's legs; that is of time."""
        if (caliper := self.caliper) is not None:
            self.put(replace(caliper, beats=min(max(1, beats), MOST_BEATS), kind="time"))

    def _change(self, calipers: Calipers) -> None:
        before, self.calipers = self.calipers, calipers
        self.remember(before)


def _kind(record: Record) -> tuple[object, ...]:
    """What recordings of one content hash have in common, at hand without reading their samples."""
    return record.leads, record.hz, record.samples
