"""`ecgview explain` as people type it, and what it writes."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from ecgview import cli
from ecgview.explain import Attribution, Explainer, bench
from ecgview.explain.attribution import LEAST_DIFFERENCE
from ecgview.explain.attribution import Settings as Explaining
from ecgview.explain.bench import Explained, Timed, measure_folder
from ecgview.explain.output import background_named
from ecgview.model.ensemble import Ensemble
from ecgview.record import STANDARD_LEADS, Record, read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("records")
    for seed, comments in ((1, ("Age: 60", "Sex: Female", "Dx: 426783006")), (2, ("Dx: 59118001",))):
        write_wfdb(generate(Settings(), seed).record, place, f"r{seed}", comments)
    return place


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_json_on_standard_output_and_nothing_else(folder: Path, model_folder: Path) -> None:
    result = run("explain", folder / "r1.hea", "--class", "CRBBB", "--model", model_folder)
    assert result.exit_code == 0, result.stderr
    said = json.loads(result.stdout)
    assert said["record"] == str(folder / "r1.hea")
    assert said["class"] == "CRBBB"
    assert len(said["model"]) == 64
    assert 0 < said["probability"] < 1
    away = said["logit"] - said["expected"]
    assert said["gap"] == pytest.approx(abs(said["sum"] - away) / max(abs(away), LEAST_DIFFERENCE), abs=1e-5)
    assert said["gap"] < 0.02
    assert list(said["leads"]) == list(STANDARD_LEADS)
    assert sum(said["leads"].values()) == pytest.approx(1, abs=1e-5)
    assert list(said["waves"]) == ["P", "QRS", "ST", "T", "other"]
    assert sum(said["waves"].values()) == pytest.approx(1, abs=1e-5)
    assert set(said["patient"]) == {"age", "sex"}
    assert -1 <= said["member_agreement"] <= 1
    assert said["seconds"] > 0
    assert "generated normal" in said["background"]


def test_files_hold_the_samples_and_the_same_figures(folder: Path, model_folder: Path, tmp_path: Path) -> None:
    arguments = ("explain", folder / "r1.hea", "--class", "SR", "--model", model_folder, "--background", "isoelectric")
    for name in ("e.npz", "e.json"):
        result = run(*arguments, "--out", tmp_path / name)
        assert result.exit_code == 0, result.stderr
        assert result.stdout == ""
    told = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert "isoelectric" in told["background"]
    with np.load(tmp_path / "e.npz", allow_pickle=False) as stored:
        assert stored["values"].shape == (12, 1000)
        assert stored["values"].dtype == np.float32
        assert stored["hz"] == 100
        assert stored["leads"].tolist() == list(STANDARD_LEADS)
        sizes = np.abs(stored["values"]).sum(axis=1)
    assert sizes / sizes.sum() == pytest.approx(list(told["leads"].values()), abs=1e-5)
    assert {path.name for path in tmp_path.iterdir()} == {"e.npz", "e.json"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--class", "FLU"], "no class 'FLU'"),
        (["--class", "SR", "--out", "e.txt"], "neither in .npz nor in .json"),
        (["--class", "SR", "--background", "nowhere"], "nor a folder of normal ECGs"),
        (["--class", "SR", "--method", "guess"], "guess"),
        (["--class", "SR", "--out", "absent/e.json"], "No such file"),
        ([], "--class"),
    ],
)
def test_wrong_usage_is_said(folder: Path, model_folder: Path, arguments: list[str], said: str) -> None:
    result = run("explain", folder / "r1.hea", "--model", model_folder, *arguments)
    assert result.exit_code == cli.WRONG_USAGE
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_bad_and_refused_records_are_named(model_folder: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.scp"
    bad.write_bytes(b"rubbish")
    short = write_wfdb(generate(Settings(seconds=3), 1).record, tmp_path, "short", ())[0]
    for path, reason in ((bad, "bad.scp"), (short, "refused: 3.0 s is shorter")):
        result = run("explain", path, "--class", "SR", "--model", model_folder)
        assert result.exit_code == cli.SOME_FAILED
        assert reason in " ".join(result.stderr.split()).replace("- ", "-")
        assert result.stdout == ""


def test_a_folder_of_normal_ecgs_can_be_the_background(folder: Path, model_folder: Path) -> None:
    ensemble = Ensemble.load(model_folder, "cpu")
    background = background_named(str(folder), ensemble, Explaining())
    assert background.name == "1 record: r1"  # the other one's label says that it is not normal


def test_shap_is_a_second_method_with_objects_of_its_own(folder: Path, model_folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("shap")
    from ecgview.explain.shap_method import explanation, shap_attribute

    record = read(folder / "r1.hea")
    explainer = Explainer(Ensemble.load(model_folder, "cpu"))
    ours = explainer.attribute(record, "CRBBB")
    theirs = shap_attribute(explainer, record, "CRBBB", samples=150)
    assert theirs.method == "shap.GradientExplainer"
    assert (theirs.logit, theirs.expected) == (ours.logit, ours.expected)
    assert np.corrcoef(theirs.values.ravel(), ours.values.ravel())[0, 1] > 0.8
    assert theirs.bars["qrs_ms"] == pytest.approx(ours.bars["qrs_ms"], abs=0.3 * abs(ours.bars["qrs_ms"]) + 1e-3)
    by_lead = explanation(ours)
    assert by_lead.values.sum() + by_lead.base_values == pytest.approx(ours.logit, abs=5e-3)
    assert list(by_lead.feature_names[:2]) == ["lead I", "lead II"]
    assert explanation(ours, "sample").values.shape == (12, 1000)
    with pytest.raises(ValueError, match="by lead or by sample"):
        explanation(ours, "beat")


def test_shaps_own_plots_take_its_objects(folder: Path, model_folder: Path) -> None:
    pytest.importorskip("shap")
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import shap
    from matplotlib import pyplot

    from ecgview.explain.shap_method import explanation

    explainer = Explainer(Ensemble.load(model_folder, "cpu"), Explaining(backgrounds=2, nodes=(1,), least_nodes=1))
    found = explainer.attribute(read(folder / "r1.hea"), "CRBBB")
    by_lead = explanation(found)
    largest = by_lead.feature_names[int(np.abs(by_lead.values).argmax())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap's own use of matplotlib
        for plot in (shap.plots.bar, shap.plots.waterfall):
            plot(by_lead, show=False)
            words = " ".join(text.get_text() for text in pyplot.gcf().findobj(matplotlib.text.Text))
            assert largest in words
            pyplot.close("all")
        several = [by_lead.values, -by_lead.values]
        shap.plots.beeswarm(
            shap.Explanation(
                np.stack(several), np.zeros(2), data=np.stack(several), feature_names=by_lead.feature_names
            ),
            show=False,
        )
        pyplot.close("all")
    sample = explanation(found, "sample")
    assert sample.values.sum() == pytest.approx(found.values.sum(dtype=np.float64), abs=1e-4)
    assert list(sample.feature_names) == list(STANDARD_LEADS)


def test_without_shap_its_method_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, folder: Path, model_folder: Path
) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)
    result = run("explain", folder / "r1.hea", "--class", "SR", "--model", model_folder, "--method", "shap")
    assert result.exit_code == cli.WRONG_USAGE
    assert "pip install 'ecgview[explain]'" in " ".join(result.stderr.split())


def test_what_an_attribution_is_needs_no_torch() -> None:
    script = (
        "import sys; from ecgview.explain import Attribution, Settings; assert 'torch' not in sys.modules\n"
        "from ecgview.explain import attribute; import ecgview.explain.output\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('PySide6', 'pyqtgraph', 'shap')]\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_bench_gives_shap_more_than_ten_times_as_long(
    monkeypatch: pytest.MonkeyPatch, folder: Path, model_folder: Path
) -> None:
    drawn: list[int] = []

    def stand_in(explainer: Explainer, record: Record, code: str, samples: int) -> Attribution:
        drawn.append(samples)
        ours = explainer.attribute(record, code)
        # However few the samples are, shap takes some time.
        return replace(ours, values=1.5 * ours.values, seconds=(50 + samples) * ours.seconds / 100)

    monkeypatch.setattr(bench, "shap_attribute", stand_in)
    found = measure_folder(folder, 2, Ensemble.load(model_folder, "cpu"))
    assert len(found.records) == 2
    for one in found.records:
        assert 0 < one.first < one.enough
        assert one.gap_in_time >= one.gap
        assert one.gap < 0.02
    assert drawn[-1] == 1050
    assert found.records[0].shap_seconds == pytest.approx(11 * found.records[0].enough)
    assert found.records[1].shap_gap is None
    told = found.as_dict()
    assert told["all"]["count"] == 2
    assert told["all"]["shap_count"] == 1


def test_the_bench_prints_medians(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [
        Timed("a", "SR", 2.0, 0.1, 1.0, 0.01, 7, 0.01, 10.0, 0.2),
        Timed("b", "SR", 0.2, 0.3, 3.0, 0.03, 31, 0.05),
    ]
    monkeypatch.setattr(bench, "measure_folder", lambda _: Explained(tuple(records), shap=True))
    result = run("bench", "explain")
    assert result.exit_code == 0
    assert "2 records, medians: first picture 0.20 s" in result.stdout
    assert "gap after 1.5 s 3.00% (budget 2 %)" in result.stdout
    assert "gap 20.00% after 10.0 times as long" in result.stdout
    assert "to the same gap it would take 4000 times as long" in result.stdout
    assert json.loads(run("bench", "explain", "--json").stdout)["far_from_background"]["count"] == 1
    assert run("bench", "--records", ".").exit_code == cli.WRONG_USAGE
