"""The bundled ensemble on real recordings: every record gives a row, in time, and the figures hold."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ecgview import cli
from ecgview.model.bundle import open_bundle
from ecgview.resources import bundled_model

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)")


def predict(folder: Path, out: Path) -> tuple[int, list[dict[str, str]]]:
    # A process of its own, as people run it: with all the cores, which tests otherwise leave to each other.
    command = [sys.executable, "-m", "ecgview", "predict", str(folder), "--out", str(out), "--device", "cpu"]
    done = subprocess.run(command, check=False, capture_output=True)
    with out.open(newline="", encoding="utf-8") as stream:
        return done.returncode, list(csv.DictReader(stream))


@pytest.mark.alone
def test_all_of_ptb_xl_gives_rows_in_a_minute(tmp_path: Path) -> None:
    began = time.perf_counter()
    code, rows = predict(DATA / "ptb-xl" / "records100", tmp_path / "p.csv")
    taken = time.perf_counter() - began
    assert code == 0
    assert len(rows) == 1744
    assert {row["status"] for row in rows} == {"ok"}
    classes = open_bundle(bundled_model()).classes
    assert {"NORM", "IMI", "1AVB", "LAO/LAE", "SUPER.MI"} <= set(classes)
    for row in rows[::100]:
        assert all(0 <= float(row[name]) <= 1 and row[f"{name}.decision"] in "01" for name in classes)
    assert taken < 60


@pytest.mark.parametrize(("folder", "count", "refused"), [("challenge-2021", 86, 3), ("ludb/data", 150, 0)])
def test_every_other_record_gives_a_row(tmp_path: Path, folder: str, count: int, refused: int) -> None:
    code, rows = predict(DATA / folder, tmp_path / "p.csv")
    assert len(rows) == count
    reasons = [row["status"] for row in rows if row["status"] != "ok"]
    assert len(reasons) == refused
    assert all(reason.startswith("refused: lead") and "no signal" in reason for reason in reasons)
    assert code == (cli.SOME_FAILED if refused else 0)


def test_evaluate_prints_what_the_card_says_from_the_stored_predictions() -> None:
    result = CliRunner().invoke(cli.app, ["evaluate", str(bundled_model()), str(DATA / "ptb-xl/records100"), "--json"])
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    card = json.loads((bundled_model() / "card.json").read_text(encoding="utf-8"))
    assert "0 patients and 0 signals" in said["protocol"][1]
    for name in ("macro_auroc_reference_statements", "macro_auroc_superclasses", "macro_auroc_all_classes"):
        assert said[name] == pytest.approx(card["scores"][name], abs=2e-4)
    # The bars the ensemble was made to pass, on parts that had no say in anything they are judged by.
    assert said["macro_auroc_reference_statements"][0] >= 0.93
    assert max(error[0] for error in said["expected_calibration_error"].values()) <= 0.05
    assert set(said["expected_calibration_error"]) == {f"SUPER.{name}" for name in ("NORM", "MI", "STTC", "CD", "HYP")}
    assert said["reference_statements"] == 32
