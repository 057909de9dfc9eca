"""A folder and a model become a queue: stored held-out predictions without torch, the whole ensemble for the rest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from labelled_records import write_records

from ecgview.model.bundle import OUT_OF_FOLD, open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.record import read
from ecgview.resources import bundled_model
from ecgview.review.worklist import worklist
from ecgview.training.second_look import Progress, SecondLookError, Stopped, axis_candidates, look


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_records(tmp_path_factory.mktemp("records"), 4)
    (folder / "broken.hea").write_text("broken 12 500 5000\n")
    return folder


@pytest.fixture(scope="module")
def model(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, as if it had learned from r00 and r02."""
    folder = tmp_path_factory.mktemp("model")
    for path in bundled_model().iterdir():
        if path.name != OUT_OF_FOLD:
            (folder / path.name).symlink_to(path)
    classes = open_bundle(bundled_model()).classes
    signal = np.zeros((2, len(classes)), np.float32)
    signal[:, classes.index("CRBBB")] = 50
    np.savez_compressed(
        folder / OUT_OF_FOLD,
        hashes=np.array([read(records / f"{name}.hea").content_hash for name in ("r02", "r00")]),
        parts=np.array([0, 1], np.int8),
        signal=signal,
        measured=signal,
        classes=np.array(classes),
    )
    return folder


def test_records_it_learned_from_are_judged_by_what_was_stored_and_others_by_all_members(
    records: Path, model: Path
) -> None:
    told: list[Progress] = []
    found = look(records, model, device="cpu", progress=told.append)
    assert found.names == ("r00.hea", "r01.hea", "r02.hea", "r03.hea")
    assert found.held_out.tolist() == [True, False, True, False]
    column = found.codes.index("CRBBB")
    assert found.labels[:, column].tolist() == [False, True, False, True]
    assert found.probability[[0, 2], column] == pytest.approx(1, abs=1e-3)
    assert found.spread[[0, 2]].max() == 0  # network and trees were stored as one
    said = Ensemble.load(device="cpu").predict(read(records / "r01.hea"))
    assert np.allclose(found.probability[1], said.probability, atol=1e-5)
    assert np.allclose(found.spread[1], said.members.std(axis=0), atol=1e-5)
    assert found.called[1].tolist() == said.decision.tolist()
    assert [line.split(":")[0] for line in found.left_out] == ["broken.hea"]
    assert {step.step for step in told} == {"reading", "judging"}
    first = worklist(found, codes=["CRBBB"], limit=2)
    assert {item.record_name for item in first} == {"r00.hea", "r02.hea"}
    assert first[0].why.startswith("labelled absent, the model gives 100%; learned from ")


def test_what_readers_hold_goes_before_the_label(records: Path, model: Path) -> None:
    digest = read(records / "r00.hea").content_hash
    found = look(records, model, {digest: {"CRBBB": "present"}}, device="cpu")
    assert found.labels[0, found.codes.index("CRBBB")]


def test_stored_predictions_alone_need_no_torch(records: Path, model: Path, tmp_path: Path) -> None:
    for name in ("r00", "r02"):
        for ending in (".hea", ".dat"):
            (tmp_path / f"{name}{ending}").write_bytes((records / f"{name}{ending}").read_bytes())
    script = (
        "import sys; from pathlib import Path; from ecgview.training.second_look import look; "
        "from ecgview.review.worklist import worklist; "
        f"found = worklist(look(Path({str(tmp_path)!r}), Path({str(model)!r}))); "
        "assert found; assert 'torch' not in sys.modules; assert 'PySide6' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_looked_at_is_said_in_words(records: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        look(records, model, cancelled=lambda: True)
    with pytest.raises(SecondLookError, match="no labelled record"):
        look(tmp_path, model)
    without = tmp_path / "model"
    without.mkdir()
    for path in model.iterdir():
        if path.name != OUT_OF_FOLD:
            (without / path.name).symlink_to(path.resolve())
    with pytest.raises(SecondLookError, match="no predictions of held-out records"):
        look(records, without)


def test_candidates_for_left_axis_deviation_have_the_label_s_axis_and_the_measured_one(
    records: Path, tmp_path: Path
) -> None:
    for number in range(4):
        for ending in (".hea", ".dat"):
            source = records / f"r{number:02d}{ending}"
            (tmp_path / source.name).write_bytes(source.read_bytes())
    axes = enumerate(("LAD", "ALAD", "MID", ""))
    rows = [f"{number},1,50,0,,{{}},{axis},True,1,r{number:02d},x" for number, axis in axes]
    head = "ecg_id,patient_id,age,sex,recording_date,scp_codes,heart_axis,validated_by_human,strat_fold"
    (tmp_path / "ptbxl_database.csv").write_text("\n".join([f"{head},filename_lr,filename_hr", *rows]) + "\n")
    found = axis_candidates(tmp_path)
    assert {item.record_name: item.label for item in found} == {"r00.hea": True, "r01.hea": True, "r02.hea": False}
    assert all(item.decision == (item.probability == 1) for item in found)
    assert not any(item.decision for item in found)  # the generator's hearts lie as usual
    assert {item.code for item in found} == {"LAD"}
    # Without PTB-XL's table the SNOMED CT labels decide.
    assert not any(item.label for item in axis_candidates(records))
    (tmp_path / "nothing").mkdir()
    with pytest.raises(SecondLookError, match="no record has an axis"):
        axis_candidates(tmp_path / "nothing")
