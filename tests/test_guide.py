"""The guide speaks of commands, keys and pictures that exist."""

from __future__ import annotations

import re
from pathlib import Path

from ecgview.ui.commands import COMMANDS

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE = re.sub(r"\s+", " ", (DOCS / "guide.md").read_text(encoding="utf-8"))


def test_menus_and_commands_are_those_of_the_program() -> None:
    named = re.findall(r"\*([A-Z][a-z]+(?: → [^*]+)+)\*", GUIDE)
    assert len(named) > 8
    known = {(command.menu.split("/")[0], command.title.rstrip("…")) for command in COMMANDS}
    for path in named:
        menu, *_, title = path.split(" → ")
        assert (menu, title) in known, path


def test_keys_are_those_of_the_program() -> None:
    keys = {key for command in COMMANDS for key in command.keys}
    for key in re.findall(r"\b(?:Ctrl|Shift)\+[A-Z]\b", GUIDE):
        assert key in keys, key
    for key, name in (("W", "worklist.choose"), ("L", "review.relabel"), ("O", "explain.on")):
        (command,) = [found for found in COMMANDS if found.does == name]
        assert key in command.keys


def test_pictures_and_pages_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (DOCS / target).is_file(), target
