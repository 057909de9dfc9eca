"""Relabelling as a mode of the window: single keys that give labels, and the strip that says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from ecgview.ui.relabelling_keys import CLASS_KEYS, RELABELLING
from ecgview.ui.review.definitions import definition
from ecgview.ui.review.mode_keys import ModeKeys

if TYPE_CHECKING:
    from ecgview.ui.window import MainWindow


class RelabellingMode(QObject):
    """Switched on and off, and narrowed to the classes of a reading round.

    Parameters
    ----------
    window : MainWindow
    doer : object
        Has the methods that :data:`~ecgview.ui.commands.RELABELLING` names, and ``decide_on``.
    """

    def __init__(self, window: MainWindow, doer: Any) -> None:
        super().__init__(window)
        self._window = window
        self._doer = doer
        self._keys: ModeKeys | None = None
        self._codes: tuple[str, ...] | None = None

    @property
    def on(self) -> bool:
        """Whether single keys give labels."""
        return self._keys is not None and self._keys.on

    def switch(self, on: bool) -> None:
        """Let single keys give labels, or not any more."""
        if self._keys is None:
            self._keys = ModeKeys(self._window, self._bindings(), self._window.commands.lend)
        self._keys.switch(on)
        if not on:
            self._window.sheet.regions.switch(False)

    def narrow(self, codes: Collection[str] | None) -> None:
        """Name the keys of these classes only, as in a reading round; of all again for None."""
        self._codes = None if codes is None else tuple(codes)

    def show(self, doing: str) -> None:
        """Say in strip, panel and menu whether the mode is on, and what is being done in it."""
        window, asked, on = self._window, self._codes, self.on
        window.commands.check("review.relabel", on)
        window.labels.show_mode(on, {code: key for key, code in CLASS_KEYS if asked is None or code in asked})
        if on:
            window.legend.show_keys(doing, legend_entries(asked))
        window.legend.setVisible(on)

    def _bindings(self) -> Mapping[str, Callable[[], object]]:
        bound: dict[str, Callable[[], object]] = {}
        for key, code in CLASS_KEYS:
            bound[key] = partial(self._doer.decide_on, code, "present")
            bound[f"Shift+{key}"] = partial(self._doer.decide_on, code, "absent")
        for entry in RELABELLING:
            method = getattr(self._doer, entry.does.partition(".")[2])
            bound[entry.key] = partial(method, *(() if entry.choice is None else (entry.choice,)))
        return bound


def legend_entries(codes: Collection[str] | None = None) -> list[tuple[str, str, str]]:
    """Return the keys of the relabelling mode: key, what it does, and the same in short.

    In a reading round only the classes it asks for are named, whatever other keys there are.
    """
    if codes is not None:
        classes = [(key, definition(code).name, code) for key, code in CLASS_KEYS if code in codes]
        return [
            *classes,
            ("+ − U", "present, absent, uncertain", ""),
            ("1 2 3", "certain, likely, possible", ""),
            ("C", "note", ""),
            ("M", "mark on the trace", ""),
            ("Enter", "lock, then next", ""),
        ]
    classes = [(key, definition(code).name, code) for key, code in CLASS_KEYS]
    return [
        *classes,
        ("", "", ""),
        ("Shift", "with a class: absent", "absent"),
        ("+ − U", "chosen class present, absent, uncertain", "chosen class"),
        ("1 2 3", "certain, likely, possible", "how sure"),
        ("C", "note", ""),
        ("M", "mark on the trace", "mark"),
        ("/", "other class", ""),
        ("Enter", "accept all and next", "accept, next"),
        ("Esc", "end", ""),
    ]
