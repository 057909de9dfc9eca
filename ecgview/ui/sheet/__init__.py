"""The sheet of paper an ECG is drawn on."""

from ecgview.ui.sheet.format import Format, FormatError
from ecgview.ui.sheet.layout import Page, Segment, lay_out
from ecgview.ui.sheet.sheet import UNFILTERED, Sheet

__all__ = ["UNFILTERED", "Format", "FormatError", "Page", "Segment", "Sheet", "lay_out"]
