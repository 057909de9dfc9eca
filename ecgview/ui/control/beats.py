"""Beats: marks on the sheet, the average beat, the rhythm ribbon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecgview.ui.beat.page import SPEEDS
from ecgview.ui.rhythm_ribbon import next_unusual

if TYPE_CHECKING:
    from pathlib import Path

    from ecgview.record import Record
    from ecgview.signal.found_beats import FoundBeats
    from ecgview.ui.theme import Theme
    from ecgview.ui.window import MainWindow

_AROUND_S = 0.15
"""What is marked around a beat that the sheet was moved to."""


class Beats:
    """Commands on beats, and what is shown of them as soon as the measuring worker has found them."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._record: Record | None = None  # as it was recorded, whatever filter the sheet shows it through
        self._found: FoundBeats | None = None
        self._ribbon_on = False
        self._at: float | None = None  # the beat gone to last
        window.records.chosen.connect(self._chosen)
        window.sheet.record_changed.connect(self._record_changed)
        window.sheet.view_changed.connect(self._follow)
        window.measurer.beats_found.connect(self._take)
        window.measurer.failed.connect(self._fail)
        window.ribbon.moved.connect(self._go_to)
        window.beat.speed_chosen.connect(lambda speed: self.speed(f"{speed:g}"))
        window.ribbon.hide()

    @property
    def found(self) -> FoundBeats | None:
        """The beats of the record shown; None until they are known."""
        return self._found

    # ---------------------------------------------------------------- commands

    def marks(self, on: bool) -> str:
        """Mark peaks, onsets and ends of the waves on the traces, or not."""
        self._window.sheet.show_beats(on)
        if not on:
            return "Beats are not marked"
        if self._found is None:
            return "Beats are marked as soon as they are found"
        return f"{len(self._found)} beats are marked" if len(self._found) else "No beat was found to mark"

    def ribbon(self, on: bool) -> None:
        """Show the rate from beat to beat below the sheet, or not."""
        self._ribbon_on = on
        self._show_ribbon()

    def speed(self, millimetres: str) -> None:
        """Choose the paper speed of the average beat, mm/s."""
        self._window.beat.set_speed(float(millimetres))
        self._window.commands.choose("beats.speed", millimetres)

    def next_unusual(self) -> str:
        """Go to the next premature beat or beat of another shape."""
        return self._go_to_unusual(True)

    def previous_unusual(self) -> str:
        """Go to the premature beat or beat of another shape before."""
        return self._go_to_unusual(False)

    # ---------------------------------------------------------------- kept between runs

    def state(self) -> dict[str, str]:
        """Return whether the ribbon is shown, and the speed of the average beat."""
        return {"ribbon": "shown" if self._ribbon_on else "hidden", "speed": f"{self._window.beat.view.speed:g}"}

    def restore(self, values: dict[str, str]) -> None:
        """Show what was shown; what is no speed is passed over."""
        self._window.commands.check("beats.ribbon", values.get("ribbon") == "shown")
        self.ribbon(values.get("ribbon") == "shown")
        speed = values.get("speed", "")
        self.speed(speed if speed in {f"{one:g}" for one in SPEEDS} else f"{SPEEDS[0]:g}")

    def set_theme(self, theme: Theme) -> None:
        """Change the colours."""
        self._window.beat.set_theme(theme)
        self._window.ribbon.set_theme(theme)

    # ---------------------------------------------------------------- how it is done

    def _chosen(self, path: Path | None) -> None:
        # The old record's beat must not stand beside the new one's name for a moment.
        if path is not None:
            self._forget()
            self._window.beat.show_message("Reading the record", busy=True)

    def _record_changed(self) -> None:
        self._forget()
        self._record = self._window.sheet.record
        if self._record is None:
            self._window.beat.show_message("No record")
        else:
            self._window.beat.show_message("Looking for beats", busy=True)
            self._window.ribbon.show_message("Looking for beats")
        self._show_ribbon()

    def _forget(self) -> None:
        self._found, self._at = None, None
        self._window.commands.meet("beats", False)

    def _take(self, found: FoundBeats) -> None:
        record = self._record
        if record is None or record.content_hash != found.record_hash:
            return
        self._found = found
        window = self._window
        window.sheet.set_beats(found)
        window.beat.show_beats(found, window.sheet.format)
        window.ribbon.show_beats(found, record.duration)
        window.commands.meet("beats", bool(len(found)))
        self._follow()

    def _fail(self, reason: str) -> None:
        if self._record is not None:
            self._window.beat.show_message("This record was not measured", reason)
            self._window.ribbon.show_message("This record was not measured")

    def _show_ribbon(self) -> None:
        self._window.ribbon.setVisible(self._ribbon_on and self._record is not None)

    def _follow(self) -> None:
        sheet = self._window.sheet
        if sheet.page is not None:
            self._window.ribbon.show_seen(sheet.page.start, sheet.page.end)
        self._window.beat.set_format(sheet.format)

    def _go_to(self, seconds: float) -> None:
        """Bring a time to the middle of the sheet and mark it."""
        sheet = self._window.sheet
        if sheet.page is None:
            return
        self._window.move_to(seconds - sheet.page.window / 2)
        sheet.highlight((), (seconds - _AROUND_S, seconds + _AROUND_S))
        self._at = seconds

    def _go_to_unusual(self, forward: bool) -> str:
        page, found = self._window.sheet.page, self._found
        if page is None or found is None:
            return ""
        here = self._at
        if here is None or not page.start <= here <= page.end:
            here = page.start - 1.0 if forward else page.end + 1.0
        beat = next_unusual(found, here, forward)
        if beat is None:
            if not found.unusual.any():
                return "No beat is premature or of another shape"
            return f"No unusual beat {'after' if forward else 'before'} this"
        self._go_to(beat)
        number = int(abs(found.times - beat).argmin())
        early, odd = bool(found.premature[number]), bool(found.kind[number])
        words = "premature and of another shape" if early and odd else "premature" if early else "of another shape"
        return f"Beat {number + 1} at {beat:.1f} s: {words}"
