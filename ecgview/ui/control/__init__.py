"""What commands do: one controller for each part of the window, each in a file of its own.

A controller is any object with methods that the table of commands names. A method may return a few
words, which then stand in the status bar: what was done where it cannot be seen. One that has
``state()`` and ``restore(values)`` is asked for text by name when the window closes and given it
back at the next start; one that has ``set_theme(theme)`` is told of new colours, and ``close()`` is
called when the window closes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecgview.ui.control.agreement import Agreement
from ecgview.ui.control.appearance import Appearance
from ecgview.ui.control.beats import Beats
from ecgview.ui.control.beside import Beside
from ecgview.ui.control.calipers import Calipers
from ecgview.ui.control.compare import Compare
from ecgview.ui.control.compared_with import Comparison
from ecgview.ui.control.cursor import Cursor
from ecgview.ui.control.explain import Explain
from ecgview.ui.control.files import Files
from ecgview.ui.control.filters import Filters
from ecgview.ui.control.help import Help
from ecgview.ui.control.label_files import LabelFiles
from ecgview.ui.control.layouts import Layouts
from ecgview.ui.control.panes import Panes
from ecgview.ui.control.population import Population
from ecgview.ui.control.records import Records
from ecgview.ui.control.review import Review
from ecgview.ui.control.rounds import Rounds
from ecgview.ui.control.sharing import Sharing
from ecgview.ui.control.sheet import SheetView
from ecgview.ui.control.spectra import Spectra
from ecgview.ui.control.what_if import WhatIf
from ecgview.ui.control.worklist import Worklist

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class Controllers:
    """The window's controllers, each by the name that the table of commands calls it."""

    def __init__(self, window: MainWindow) -> None:
        self.files = Files(window)
        self.records = Records(window)
        self.sheet = SheetView(window)
        self.layouts = Layouts(window)
        self.filters = Filters(window)
        self.calipers = Calipers(window)
        self.cursor = Cursor(window)
        self.beats = Beats(window)
        self.compared = Comparison(window)
        self.explain = Explain(window, self.compared)
        self.what_if = WhatIf(window, self.explain, self.compared)
        self.beside = Beside(window, self.explain, self.compared)
        self.population = Population(window)
        self.compare = Compare(window)
        self.spectra = Spectra(window)
        self.sharing = Sharing(window)
        self.review = Review(window)
        self.worklist = Worklist(window)
        self.rounds = Rounds(window, self.review)
        self.agreement = Agreement(window)
        self.label_files = LabelFiles(window)
        self.panes = Panes(window)
        self.appearance = Appearance(window)
        self.help = Help(window)
