"""`ecgview review …` as people type it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from ecgview import cli
from ecgview.review.rounds import Answer, rounds
from ecgview.review.store import Store


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["review", *(str(argument) for argument in arguments)])


def table(folder: Path) -> Path:
    out = folder / "candidates.csv"
    with out.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["record", "name", "class", "label", "decision", "probability"])
        for number in range(40):
            label, decision = number % 2, number // 2 % 2
            lines.writerow([f"{number:064x}", f"r{number}.hea", "LAD", label, decision, 0.9 if decision else 0.1])
    return out


def test_a_study_from_the_round_to_its_figures(tmp_path: Path) -> None:
    store = tmp_path / "labels.db"
    made = run("new", store, "--template", "lad", "--table", table(tmp_path), "--reader", "Ada", "--reader", "Ben",
               "--owner", "Olga", "--seed", 3)  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "Ada: 44 readings" in made.stdout
    identifier = made.stdout.split()[1].rstrip(":")
    early = run("agreement", store, "--round", identifier)
    assert early.exit_code == 1
    assert "every reading is locked" in early.stderr
    with Store(store) as opened:
        round = rounds(opened)[0]
        for reader in ("Ada", "Ben"):
            for item in round.assignments(reader):
                round.lock(reader, item.identifier, {"LAD": Answer("present" if item.record_hash > "8" else "absent")})
    assert "Ada: 44 of 44 readings locked" in run("status", store).stdout
    found = list(csv.DictReader(io.StringIO(run("agreement", store, "--round", identifier).stdout)))
    assert [row["comparison"] for row in found][:2] == ["reader and reader", "reader and label"]
    assert found[0]["observed"] == "1.0000"


def test_labels_in_out_and_verified(tmp_path: Path) -> None:
    store, given = tmp_path / "labels.db", tmp_path / "in.csv"
    given.write_text(f"record,class,decision\n{'a' * 64},AFIB,present\n", encoding="utf-8")
    assert run("import", store, given).exit_code == 1  # nobody said who
    assert run("import", store, given, "--reader", "Ada").exit_code == 0
    checked = run("verify", store)
    assert checked.exit_code == 0
    assert "all 1 events are as they were written" in checked.stdout
    assert run("verify", store, "--end", "2:" + "0" * 64).exit_code == 1
    out = tmp_path / "out.json"
    assert run("export", store, "--out", out).exit_code == 0
    assert json.loads(out.read_text())["events"][0]["class"] == "AFIB"
    again = run("export", store, "--out", out)
    assert again.exit_code == 1
    assert "exists" in again.stderr
    assert run("verify", tmp_path / "absent.db").exit_code == 1


def test_the_queue_says_why(tmp_path: Path) -> None:
    listed = json.loads(run("queue", "--table", table(tmp_path), "--limit", 5).stdout)
    assert len(listed) == 5
    assert {entry["why"] for entry in listed} <= {
        "labelled absent, the model gives 90%",
        "labelled present, the model gives 10%",
    }
    broken = tmp_path / "broken.csv"
    broken.write_text("record,name,class,label,decision,probability\nx,y,LAD,1,1,2\n")
    refused = run("queue", "--table", broken)
    assert refused.exit_code == 1
    assert "broken.csv, row 2" in refused.stderr


def test_review_is_a_subcommand_and_no_path() -> None:
    done = subprocess.run([sys.executable, "-m", "ecgview", "review", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "agreement" in done.stdout
