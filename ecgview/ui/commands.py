"""Everything the window can be told to do, as one table: menus, keys and the list of keys come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Menu = Literal["File", "Record", "View", "Help"]


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do.

    Attributes
    ----------
    name : str
        Of the window's method that does it.
    title : str
        In the menu and the list of keys.
    menu : str
    keys : tuple of str
        Key sequences in Qt's portable spelling; the first is shown in the menu.
    needs_record : bool
        Whether it can be done only while a record is shown.
    separated : bool
        Whether the menu draws a line above it.
    """

    name: str
    title: str
    menu: Menu
    keys: tuple[str, ...] = ()
    needs_record: bool = False
    separated: bool = False


COMMANDS: tuple[Command, ...] = (
    Command("open_folder", "Open folder…", "File", ("Ctrl+O",)),
    Command("open_files", "Open files…", "File", ("Ctrl+Shift+O",)),
    Command("open_demo", "Open the demo folder", "File"),
    Command("quit", "Quit", "File", ("Ctrl+Q",), separated=True),
    Command("next_record", "Next record", "Record", ("N", "PgDown")),
    Command("previous_record", "Previous record", "Record", ("P", "PgUp")),
    Command("search", "Search the list", "Record", ("Ctrl+F", "/"), separated=True),
    Command("later", "Later in the record", "Record", ("Right",), needs_record=True, separated=True),
    Command("earlier", "Earlier in the record", "Record", ("Left",), needs_record=True),
    Command("record_start", "Start of the record", "Record", ("Home",), needs_record=True),
    Command("record_end", "End of the record", "Record", ("End",), needs_record=True),
    Command("zoom_in", "Zoom in", "View", ("+", "Ctrl++", "Ctrl+="), needs_record=True),
    Command("zoom_out", "Zoom out", "View", ("-", "Ctrl+-"), needs_record=True),
    Command("fit", "Whole sheet", "View", ("0", "Ctrl+0"), needs_record=True),
    Command("toggle_list", "Record list", "View", ("F9",), separated=True),
    Command("toggle_panel", "Findings, labels and record", "View", ("F10",)),
    Command("theme_system", "Colours of the system", "View", separated=True),
    Command("theme_light", "Light paper", "View"),
    Command("theme_dark", "Dark paper", "View"),
    Command("show_keys", "Keys", "Help", ("F1", "?")),
    Command("show_about", "About ecgview", "Help"),
)
