from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ecgview import RESEARCH_USE
from ecgview.model.batch import Row, predict_files
from ecgview.model.ensemble import Ensemble
from ecgview.model.tables import table_writer
from ecgview.synthesis import LeadOff, Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    return Ensemble.load(model_folder, "cpu")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two good records, a silent lead between them, rubbish before and after."""
    folder = tmp_path_factory.mktemp("records")
    good = [write_wfdb(generate(Settings(), seed).record, folder, f"good-{seed}")[0] for seed in (1, 2)]
    off = write_wfdb(generate(Settings(artefacts=(LeadOff("V2"),)), 3).record, folder, "silent")[0]
    rubbish = folder / "rubbish.scp"
    rubbish.write_bytes(b"no ECG at all")
    return [rubbish, good[0], off, good[1], folder / "absent.hea"]


@pytest.fixture(scope="module")
def rows(ensemble: Ensemble, paths: list[Path]) -> list[Row]:
    return list(predict_files(ensemble, paths))


def test_every_file_gives_a_row_in_its_place(rows: list[Row], paths: list[Path]) -> None:
    assert [row.path for row in rows] == [str(path) for path in paths]
    assert [row.status.partition(":")[0] for row in rows] == ["unreadable", "ok", "refused", "ok", "unreadable"]
    assert "lead V2" in rows[2].status


def test_the_csv_has_the_columns_users_rely_on(ensemble: Ensemble, rows: list[Row]) -> None:
    stream = io.StringIO()
    with table_writer(stream, ensemble.bundle, as_json=False) as writer:
        for row in rows:
            writer.write(row)
    stream.seek(0)
    head, *body = csv.reader(stream)
    classes = [column for code in ensemble.bundle.classes for column in (code, f"{code}.decision")]
    assert head == ["record", "status", *classes, "unlike", "warnings", RESEARCH_USE]
    assert all(len(line) == len(head) for line in body)
    good = dict(zip(head, body[1], strict=True))
    assert rows[1].prediction is not None
    assert float(good["SR"]) == pytest.approx(rows[1].prediction.probability[0], abs=1e-6)
    assert good["SR.decision"] == str(int(float(good["SR"]) >= 0.5))
    assert set(body[2][2:]) == {""}


def test_the_json_adds_members_thresholds_and_the_model(ensemble: Ensemble, rows: list[Row]) -> None:
    stream = io.StringIO()
    with table_writer(stream, ensemble.bundle, as_json=True) as writer:
        for row in rows:
            writer.write(row)
    content = json.loads(stream.getvalue())
    assert content["research_use"] == RESEARCH_USE
    assert content["model"] == ensemble.bundle.model_hash
    found = content["records"][1]["classes"]["SR"]
    assert len(found["members"]) == 3
    assert found["probability"] == pytest.approx(sum(found["members"]) / 3, abs=1e-5)
    assert found["threshold"] == 0.5
    assert "classes" not in content["records"][0]


def test_no_records_make_a_whole_table_all_the_same(ensemble: Ensemble) -> None:
    stream = io.StringIO()
    with table_writer(stream, ensemble.bundle, as_json=True):
        pass
    assert json.loads(stream.getvalue())["records"] == []
