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
from ecgview.record import find_records, read
from ecgview.review.rounds import Answer, rounds
from ecgview.review.store import Store
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


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


def test_a_round_of_several_classes_from_a_table(tmp_path: Path) -> None:
    given = table(tmp_path)
    lines = given.read_text().splitlines()
    given.write_text("\n".join([*lines, *(line.replace(",LAD,", ",LVH,") for line in lines[1:])]) + "\n")
    store = tmp_path / "labels.db"
    made = run("new", store, "--table", given, "--class", "LAD", "--class", "LVH", "--false-positives", 2,
               "--false-negatives", 3, "--controls", 4, "--repeated", 0, "--reader", "Ada", "--reader", "Ben",
               "--owner", "Olga", "--title", "Two")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "Ben: 18 readings" in made.stdout
    with Store(store) as opened:
        round = rounds(opened)[0]
        assert (round.codes, round.title) == (("LAD", "LVH"), "Two")
        answers = "\n".join(
            f"{reader},{item.record_hash},{code},{'present' if item.number % 2 else 'absent'}"
            for reader in round.readers
            for item in round.assignments(reader)
            for code in round.codes
        )
    reads = tmp_path / "reads.csv"
    reads.write_text(f"reader,record,class,decision\n{answers.replace('LVH', 'NDT', 1)}\n")
    refused = run("import", store, reads, "--round", round.identifier)
    assert refused.exit_code == 1
    assert "reads.csv: nothing was taken over\nrow 3, column 'class': 'NDT' is none of the round" in refused.stderr
    reads.write_text(f"reader,record,class,decision\n{answers}\n")
    assert "36 readings locked" in run("import", store, reads, "--round", round.identifier).stderr
    told = run("agreement", store, "--round", round.identifier).stdout
    found = list(csv.DictReader(io.StringIO(told)))
    assert {row["records"] for row in found} == {"18"}
    assert "Ada" not in told
    assert "Ada" in run("agreement", store, "--round", round.identifier, "--identified").stdout
    both = run("new", store, "--table", given, "--records", tmp_path, "--class", "LAD", "--reader", "A", "--owner", "O")
    assert both.exit_code == 2
    assert run("new", store, "--table", given, "--class", "PVC", "--reader", "A", "--owner", "O").exit_code == 1


def test_a_folder_of_records_becomes_a_queue_and_goes_out_relabelled(tmp_path: Path) -> None:
    folder, store, out = tmp_path / "records", tmp_path / "labels.db", tmp_path / "out"
    folder.mkdir()
    for number in range(3):
        record = generate(Settings(hz=100, rate=70 + number), seed=number).record
        write_wfdb(record, folder, f"r{number}", ("Age: 50", "Dx: 59118001" if number else "Dx: 426783006"))
    queued = run("queue", "--records", folder, "--class", "CRBBB", "--limit", 2)
    assert queued.exit_code == 0, queued.output
    listed = json.loads(queued.stdout)
    assert {entry["name"] for entry in listed} == {"r1.hea", "r2.hea"}  # stated, and nothing of it to be seen
    assert all(entry["why"].startswith("labelled present, the model gives ") for entry in listed)
    given = tmp_path / "in.csv"
    given.write_text(f"record,class,decision\n{listed[0]['record']},CRBBB,absent\n{listed[0]['record']},SR,present\n")
    assert run("import", store, given, "--reader", "Ada").exit_code == 0
    left = json.loads(run("queue", "--records", folder, "--class", "CRBBB", "--readers", store).stdout)
    assert listed[0]["record"] not in {entry["record"] for entry in left}
    assert "1 of them relabelled" in run("export", store, "--out", out, "--records", folder).stderr
    codes = [sorted(label.code for label in read(path).labels if label.system == "scp") for path in find_records(out)]
    assert sorted(codes) == [["CRBBB"], ["SR"], ["SR"]]
    again = run("export", store, "--out", out, "--records", folder)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    refused = run("export", store, "--out", folder / "copies", "--records", folder)
    assert "originals" in refused.stderr
    candidates = tmp_path / "c.csv"
    assert run("candidates", folder, "--out", candidates, "--class", "CRBBB").exit_code == 0
    assert len(json.loads(run("queue", "--table", candidates).stdout)) == 3


def test_review_is_a_subcommand_and_no_path() -> None:
    done = subprocess.run([sys.executable, "-m", "ecgview", "review", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "agreement" in done.stdout
