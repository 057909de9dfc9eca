"""The average beat: all leads aligned in time, with marks, intervals and calipers."""

from ecgview.ui.beat.view import BeatView

__all__ = ["BeatView"]
