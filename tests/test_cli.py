"""The command line as people type it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from labelled_records import write_records
from typer.testing import CliRunner, Result

import ecgview
from ecgview import cli
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("records")
    for seed in (1, 2):
        write_wfdb(generate(Settings(), seed).record, place, f"r{seed}", ("Age: 60", "Sex: Female", "Dx: 426783006"))
    return place


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_version_says_what_it_is_not_for() -> None:
    result = run("--version")
    assert result.exit_code == 0
    assert ecgview.__version__ in result.stdout
    assert ecgview.RESEARCH_USE in result.stdout


def test_predict_writes_one_row_a_record(folder: Path, model_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    result = run("predict", folder, "--out", out, "--model", model_folder, "--device", "cpu")
    assert result.exit_code == 0
    assert result.stdout == ""
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [Path(row["record"]).name for row in rows] == ["r1.hea", "r2.hea"]
    assert {row["status"] for row in rows} == {"ok"}
    assert all(0 <= float(row["SR"]) <= 1 and row["SR.decision"] in "01" for row in rows)


def test_predict_without_a_file_prints_json_and_nothing_else(folder: Path, model_folder: Path) -> None:
    result = run("predict", folder / "r1.hea", "--model", model_folder)
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["records"]) == 1
    assert "1 of 1 records judged" in result.stderr


def test_predict_goes_on_after_a_bad_file_and_says_so(folder: Path, model_folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.scp"
    bad.write_bytes(b"rubbish")
    out = tmp_path / "p.json"
    result = run("predict", bad, folder / "r2.hea", "--out", out, "--model", model_folder)
    assert result.exit_code == cli.SOME_FAILED
    assert "bad.scp:unreadable" in "".join(result.stderr.split())  # wrapped anywhere, as long as the folder's name is
    assert [entry["status"] == "ok" for entry in json.loads(out.read_text())["records"]] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["predict", "x.hea", "--out", "p.txt"], "none of .csv, .json, .parquet"),
        (["predict"], "Missing argument"),
        (["predict", "x.hea", "--device", "abacus"], "abacus"),
        (["info"], "Missing argument"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_usage_is_said_with_its_own_exit_code(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == cli.WRONG_USAGE
    assert said in result.stderr


def test_a_broken_off_prediction_leaves_no_half_table(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    out.write_text("an older table")
    result = run("predict", folder, "--out", out, "--model", tmp_path)
    assert result.exit_code == cli.WRONG_USAGE
    assert "card.json" in result.stderr.replace("\n", "")  # wrapped where the terminal ends
    assert out.read_text() == "an older table"
    assert list(tmp_path.iterdir()) == [out]


def test_info_says_what_a_file_is(folder: Path) -> None:
    result = run("info", folder / "r1.hea", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert (said["format"], said["hz"], len(said["leads"])) == ("WFDB", 500.0, 12)
    assert "60" in run("info", folder / "r1.hea").stdout


def test_info_on_a_bad_file_names_it_and_the_reason(tmp_path: Path) -> None:
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(b"rubbish")
    result = run("info", bad, "--json")
    assert result.exit_code == cli.SOME_FAILED
    assert result.stdout == ""
    assert "bad.dcm" in result.stderr.replace("\n", "")


def test_measure_gives_values_with_units_and_reasons(folder: Path, tmp_path: Path) -> None:
    result = run("measure", folder / "r1.hea", "--json")
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert said["research_use"] == ecgview.RESEARCH_USE
    assert {"rate", "pr", "qrs", "qt", "qtc_bazett", "qtc_fridericia", "qtc_framingham", "qtc_hodges"} <= set(
        said["values"]
    )
    assert 40 < said["values"]["rate"]["value"] < 130
    assert said["values"]["pr"]["unit"] == "ms"
    assert set(said["leads"]["V1"]) >= {"r", "s", "st60"}
    assert "PR interval" in run("measure", folder / "r1.hea").stdout
    fibrillating = write_wfdb(generate(Settings(rhythm="atrial fibrillation"), 3).record, tmp_path, "f")[0]
    assert "not measurable: no P wave" in run("measure", fibrillating).stdout.replace("\n", " ")
    assert run("measure", tmp_path / "absent.hea").exit_code == cli.SOME_FAILED


def test_train_and_evaluate_run_from_end_to_end(tmp_path: Path) -> None:
    data = write_records(tmp_path / "data", 16)
    settings = tmp_path / "settings.json"
    settings.write_text('{"members": 2, "epochs": 1, "fewest": 4, "widths": [8, 8, 8, 8]}')
    out = tmp_path / "model"
    result = run("train", data, "--out", out, "--configuration", settings)
    assert result.exit_code == 0, result.stderr
    assert "macro AUROC" in result.stdout
    judged = run("evaluate", out, data, "--json")
    assert judged.exit_code == 0, judged.stderr
    assert set(json.loads(judged.stdout)["classes"]) == {"CRBBB", "SUPER.CD"}
    assert "CRBBB" in run("evaluate", out, data).stdout


def test_thresholds_tuned_to_own_labels_are_kept_beside_the_models_and_can_be_used(tmp_path: Path) -> None:
    data = write_records(tmp_path / "records", 60)
    settings = tmp_path / "small.json"
    settings.write_text('{"members": 2, "epochs": 1, "batch": 8, "widths": [8, 8, 16, 16], "fewest": 5}')
    model = tmp_path / "model"
    assert run("train", data, "--out", model, "--configuration", settings).exit_code == 0
    before = (model / "thresholds.json").read_bytes()
    result = run(
        "evaluate", model, data, "--tune", "mine", "--objective", "sensitivity", "--sensitivity", "1", "--json"
    )
    assert result.exit_code == 0, result.stderr
    tuned = json.loads(result.stdout)["tuned"]
    assert tuned["stored_thresholds_knew_these_records"]
    assert tuned["chosen_on"]["patients"] + tuned["judged_on"]["patients"] == 60
    kept = json.loads((model / "thresholds-mine.json").read_text())["thresholds"]
    assert set(kept) == {"CRBBB", "SUPER.CD"}
    assert (model / "thresholds.json").read_bytes() == before
    again = run("evaluate", model, data, "--tune", "mine")
    assert again.exit_code == 1
    assert "there already is such a set" in again.stderr
    with_mine = json.loads(run("predict", data / "r01.hea", "--model", model, "--thresholds", "mine").stdout)
    shown = with_mine["records"][0]["classes"]
    assert {code: entry["threshold"] for code, entry in shown.items()} == pytest.approx(kept, abs=1e-6)
    absent = run("predict", data / "r01.hea", "--model", model, "--thresholds", "other")
    assert absent.exit_code == 2
    assert "thresholds-other.json" in absent.stderr.replace("\n", "")


def test_the_challenges_metric_needs_its_table(tmp_path: Path, model_folder: Path, folder: Path) -> None:
    result = run("evaluate", model_folder, folder, "--tune", "mine", "--objective", "challenge")
    assert result.exit_code == 1
    assert "--rewards FILE" in result.stderr


def test_train_says_what_is_wrong_with_its_settings(tmp_path: Path) -> None:
    data = write_records(tmp_path / "data", 2)
    settings = tmp_path / "settings.json"
    settings.write_text('{"epoch": 1}')
    result = run("train", data, "--out", tmp_path / "model", "--configuration", settings)
    assert result.exit_code == cli.SOME_FAILED
    assert "no setting 'epoch'" in result.stderr.replace("\n", " ")


def test_subcommands_never_import_qt(folder: Path, model_folder: Path) -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from ecgview.cli import app; run = CliRunner().invoke\n"
        f"assert run(app, ['info', {str(folder / 'r1.hea')!r}]).exit_code == 0\n"
        "assert 'torch' not in sys.modules\n"
        f"assert run(app, ['predict', {str(folder)!r}, '--model', {str(model_folder)!r}]).exit_code == 0\n"
        "import ecgview.training.training, ecgview.training.evaluation\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('PySide6', 'pyqtgraph')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_path_in_place_of_a_command_opens_the_window(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    from ecgview.ui import application

    opened: list[list[Path]] = []
    monkeypatch.setattr(application, "run", lambda paths: opened.append(paths) or 0)
    monkeypatch.setenv("DISPLAY", ":0")
    for arguments in ([str(folder), "other"], []):
        monkeypatch.setattr(sys, "argv", ["ecgview", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
    assert opened == [[folder, Path("other")], []]


@pytest.mark.parametrize("command", [["open"], []])
def test_without_a_display_the_window_is_not_tried(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    result = run(*command)
    assert result.exit_code == cli.WRONG_USAGE
    assert "no display" in result.stderr


def test_the_demo_goes_where_it_is_told_and_draws_where_there_is_no_display(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from ecgview.ui import application, headless

    drawn: list[Path] = []
    shown: list[list[Path]] = []
    monkeypatch.setattr(headless, "render_demo", lambda folder: drawn.append(folder) or [folder / "sheet.png"])
    monkeypatch.setattr(application, "run", lambda paths: shown.append(paths) or 0)
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    assert run("demo").exit_code == 0
    assert (len(shown), drawn) == (1, [])
    assert run("demo", "--headless", tmp_path).stdout.strip() == str(tmp_path / "sheet.png")
    assert run("demo", "--headless").exit_code == 0
    monkeypatch.delenv("DISPLAY")
    assert run("demo", tmp_path / "here").exit_code == 0
    assert drawn == [tmp_path, Path("ecgview-demo"), tmp_path / "here"]
    assert len(shown) == 1
