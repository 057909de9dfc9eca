"""Keeps two sheets at the same scale and in the same format; each moves in time on its own."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ecgview.ui.sheet.sheet import Sheet

_EQUAL = 1e-3


class SharedView(QObject):
    """Lets either of two sheets follow the other's scale, and the second the first's format.

    Parameters
    ----------
    first, second : Sheet
    """

    def __init__(self, first: Sheet, second: Sheet) -> None:
        super().__init__(second)
        self._sheets = first, second
        self._following = False
        first.view_changed.connect(self._first_changed)
        second.view_changed.connect(self._second_changed)
        self._first_changed()

    def release(self) -> None:
        """Let each go its own way again."""
        first, second = self._sheets
        first.view_changed.disconnect(self._first_changed)
        second.view_changed.disconnect(self._second_changed)
        first.set_largest_fit(None)

    def _first_changed(self) -> None:
        self._follow(*self._sheets)

    def _second_changed(self) -> None:
        self._follow(*reversed(self._sheets))

    def _follow(self, leader: Sheet, follower: Sheet) -> None:
        if self._following:
            return
        self._following = True
        try:
            first, second = self._sheets
            second.set_format(first.format)
            second.show_beats(first.beats_shown)
            # The smaller of the two sheets decides how large a whole sheet is.
            common = min(first.own_fit_scale, second.own_fit_scale)
            first.set_largest_fit(common)
            second.set_largest_fit(common)
            if leader.held and leader.calibration is not None:
                follower.set_calibration(leader.calibration)
                follower.true_size()
            elif leader.fitted:
                if not follower.fitted:
                    follower.fit()
            elif abs(leader.scale_mm / follower.scale_mm - 1.0) > _EQUAL:
                follower.zoom_by(leader.scale_mm / follower.scale_mm)
        finally:
            self._following = False
