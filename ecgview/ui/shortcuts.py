"""The page of all keys: ``python -m ecgview.ui.shortcuts docs/shortcuts.md`` writes it, or prints it without a path."""

from __future__ import annotations

import sys
from pathlib import Path

from ecgview.ui.commands import grouped
from ecgview.ui.relabelling_keys import relabelling_rows

MOUSE = (
    ("Wheel", "Zoom about the pointer"),
    ("Shift and wheel", "Earlier or later in the record"),
    ("Drag", "Move the sheet; while all of it is in view, move on in the record"),
    ("Double click", "Whole sheet"),
    ("Ctrl and drag", "Place or move a caliper, also while calipers are not in hand"),
)
"""What the mouse does on the sheet: how, and what."""

IN_HAND = (
    ("Tab", "Calipers: the next one"),
    ("Space", "Calipers: all of it, its first leg, its second leg"),
    ("Left or Right", "Calipers and cursor: one sample"),
    ("Shift and Left or Right", "Calipers and cursor: ten samples"),
    ("Up or Down", "Cursor: the lead above or below"),
    ("Esc", "Lay it down"),
)
"""What keys do on the sheet while calipers or cursor are on: which, and what."""


def shortcuts_page() -> str:
    """Return the page of keys, in Markdown."""
    lines = [
        "# Keys",
        "",
        "Made from the table of commands (`ecgview/ui/commands.py`) by `make shortcuts`. What has no key is reached",
        "by the menus (Alt and the underlined letter) or found by Ctrl+K.",
    ]
    for menu, commands in grouped():
        lines += ["", f"## {menu}", "", "| Keys | Command |", "|--|--|"]
        for command in commands:
            keys = " or ".join(f"`{key}`" for key in command.keys)
            lines.append(f"| {keys} | {command.full_title} |")
    lines += ["", "## While relabelling", "", "| Keys | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in relabelling_rows()]
    lines += ["", "## Calipers and cursor in hand", "", "| Keys | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in IN_HAND]
    lines += ["", "## Mouse on the sheet", "", "| Mouse | Does |", "|--|--|"]
    lines += [f"| {how} | {what} |" for how, what in MOUSE]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the page of keys to the path given, or print it; return the exit code."""
    if len(arguments) > 1:
        print("usage: python -m ecgview.ui.shortcuts [FILE]", file=sys.stderr)
        return 2
    if arguments:
        Path(arguments[0]).write_text(shortcuts_page(), encoding="utf-8")
    else:
        print(shortcuts_page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
