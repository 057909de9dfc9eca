from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from model_files import write_model
from sklearn.metrics import f1_score, roc_auc_score

from ecgview.model.ensemble import Ensemble
from ecgview.record import Record, read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb
from ecgview.training.dataset import DatasetError
from ecgview.training.external import SourceReport, judge_sources, source_of

BLOCKED, SINUS = "Dx: 59118001,426783006", "Dx: 426783006"


def write(folder: Path, name: str, comments: tuple[str, ...], record: Record | None = None, seed: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_wfdb(record or generate(Settings(hz=100), seed=seed).record, folder, name, comments)


def scaled(lead: int, factor: float, seed: int) -> Record:
    record = generate(Settings(hz=100), seed=seed).record
    signal = record.signal.copy()
    signal[lead] *= factor
    return replace(record, signal=signal)


def trained_with(ensemble: Ensemble, content_hash: str) -> None:
    """Write down that one record was trained with."""
    codes = np.array(ensemble.bundle.classes)
    np.savez(
        ensemble.bundle.folder / "out-of-fold.npz",
        hashes=np.array([content_hash]),
        parts=np.zeros(1, np.int8),
        signal=np.zeros((1, len(codes)), np.float32),
        measured=np.zeros((1, len(codes)), np.float32),
        classes=codes,
    )


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Ensemble:
    """Random weights, trained with no record of these tests."""
    folder = write_model(tmp_path_factory.mktemp("model") / "random", ("SR", "NORM", "CRBBB", "AFIB", "SUPER.CD"))
    made = Ensemble.load(folder, "cpu", threads=1)
    trained_with(made, "another record")
    return made


@pytest.fixture(scope="module")
def challenge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve records of Georgia, two of CPSC 2018, of which one has a silent lead, and what cannot be judged."""
    folder = tmp_path_factory.mktemp("challenge")
    for number in range(12):
        write(folder, f"E{number:05d}", (BLOCKED if number % 2 else SINUS,), seed=number)
    write(folder, "E00012", ("Dx: 39732003",), seed=12)  # left axis deviation is no statement
    write(folder, "A0001", (BLOCKED,), seed=13)
    write(folder, "A0002", (BLOCKED,), scaled(6, 0, seed=14))
    (folder / "A0003.hea").write_text("A0003 12\n")
    return folder


@pytest.fixture(scope="module")
def reports(ensemble: Ensemble, challenge: Path) -> dict[str, SourceReport]:
    found = judge_sources(ensemble, {"Challenge": challenge}, fewest=5, rounds=50)
    return {report.source: report for report in found}


def test_sources_are_told_apart_and_judged_together_as_well(reports: dict[str, SourceReport]) -> None:
    assert list(reports) == ["CPSC 2018", "Challenge", "Georgia", "Challenge, together"]
    counts = {
        name: (found.records, found.judged, found.unlabelled, len(found.refused), len(found.unreadable))
        for name, found in reports.items()
    }
    assert counts == {
        "Georgia": (13, 12, 1, 0, 0),
        "CPSC 2018": (2, 1, 0, 1, 0),
        "Challenge": (1, 0, 0, 0, 1),
        "Challenge, together": (16, 13, 1, 1, 1),
    }
    assert "A0002.hea: lead V1" in reports["CPSC 2018"].refused[0]
    assert "A0003.hea" in reports["Challenge"].unreadable[0]


def test_figures_are_those_of_the_ensembles_own_predictions(
    ensemble: Ensemble, challenge: Path, reports: dict[str, SourceReport]
) -> None:
    records = [read(challenge / f"E{number:05d}.hea") for number in range(12)]
    predictions = [ensemble.predict(record) for record in records]
    place = ensemble.bundle.classes.index("CRBBB")
    wanted = np.arange(12) % 2 == 1
    found = reports["Georgia"]
    # Each record carries SR, so none lacks it; the superclass goes with the block.
    assert [entry.code for entry in found.classes] == ["CRBBB", "SUPER.CD"]
    probability = [prediction.probability[place] for prediction in predictions]
    called = [prediction.decision[place] for prediction in predictions]
    block = found.classes[0]
    assert block.records == 6
    assert block.auroc.value == pytest.approx(roc_auc_score(wanted, probability))
    assert block.auroc.low <= block.auroc.value <= block.auroc.high
    assert block.calls.f1 == pytest.approx(f1_score(wanted, called))
    assert found.macro_auroc is not None
    assert found.macro_auroc.value == pytest.approx(block.auroc.value)  # superclasses have no part in the mean
    assert found.macro_f1 == pytest.approx(block.calls.f1)


def test_a_source_with_too_few_examples_has_no_figures(reports: dict[str, SourceReport]) -> None:
    found = reports["CPSC 2018"].as_dict()
    assert found["classes"] == []
    assert (found["macro_auroc"], found["macro_f1"], found["refused"]) == (None, None, 1)


def test_a_record_that_was_trained_with_is_refused(ensemble: Ensemble, tmp_path: Path) -> None:
    write(tmp_path, "seen", (SINUS,))
    trained_with(ensemble, read(tmp_path / "seen.hea").content_hash)
    try:
        with pytest.raises(DatasetError, match=r"seen\.hea: the ensemble was trained with this record"):
            judge_sources(ensemble, {"new": tmp_path})
    finally:
        trained_with(ensemble, "another record")


def test_an_empty_folder_is_said_to_be_empty(ensemble: Ensemble, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no recording"):
        judge_sources(ensemble, {"empty": tmp_path})


def test_leads_scaled_apart_are_counted_and_files_told(ensemble: Ensemble, tmp_path: Path) -> None:
    write(tmp_path, "apart", ("<diagnoses>:", "Rhythm: Sinus rhythm."), scaled(2, 3, seed=3))
    write(tmp_path, "sound", ("<diagnoses>:", "Rhythm: Sinus rhythm."), seed=4)
    looked: list[int] = []
    (report,) = judge_sources(ensemble, {"LUDB": tmp_path}, progress=looked.append)
    assert (report.source, report.judged, report.misscaled) == ("LUDB", 2, 1)
    assert looked == [1, 2]


def test_only_records_with_labels_as_the_challenges_write_them_are_named_by_it(tmp_path: Path) -> None:
    for name, comment, wanted in (
        ("JS00001", SINUS, "Chapman-Shaoxing and Ningbo"),
        ("Q0001", SINUS, "CPSC 2018, records not used there"),
        ("E1", SINUS, "mine"),
        ("E00001", "Age: 50", "mine"),
    ):
        write(tmp_path, name, (comment,))
        assert source_of(read(tmp_path / f"{name}.hea"), "mine") == wanted
