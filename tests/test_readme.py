"""What the README and the docs say is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ecgview import RESEARCH_USE, cli
from ecgview.resources import bundled_model

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert re.search(r"^CRBBB [01]\.\d+$", printed, re.MULTILINE)


def test_every_command_is_in_the_table_and_no_other() -> None:
    shown = set(re.findall(r"^\| `ecgview ([a-z]+)", README, re.MULTILINE))
    commands = {entry.name or entry.callback.__name__ for entry in cli.app.registered_commands if not entry.hidden}
    groups = {entry.name for entry in cli.app.registered_groups}
    assert shown == (commands | groups) - {"open"}


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    absent = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not absent


def test_the_notice_stands_at_the_top() -> None:
    assert README.splitlines()[2] == f"**{RESEARCH_USE}**"


def test_the_figures_of_the_ensemble_are_those_of_its_card() -> None:
    card = json.loads((bundled_model() / "card.json").read_text(encoding="utf-8"))
    assert f"{card['training']['records']:,}".replace(",", " ") in README
    assert f"{len(card['classes'])} classes" in README
    for name in ("macro_auroc_reference_statements", "macro_auroc_superclasses"):
        value, low, high = card["scores"][name]
        assert f"{value:.3f} ({low:.3f}–{high:.3f})" in README
