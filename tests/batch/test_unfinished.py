"""A table that was broken off anywhere goes on to be the table an undisturbed run makes."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from pathlib import Path

import fastparquet
import pytest
from batch_files import write_folder

import ecgview
from ecgview import RESEARCH_USE
from ecgview.batch import unfinished
from ecgview.batch.job import BatchError, Job
from ecgview.batch.unfinished import Unfinished, unfinished_folder
from ecgview.model.batch import Row, predict_files
from ecgview.model.bundle import Bundle, open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.record import expand

COUNT = 20
SIZE = 6


@pytest.fixture(scope="module")
def bundle(model_folder: Path) -> Bundle:
    return open_bundle(model_folder)


@pytest.fixture(scope="module")
def job(bundle: Bundle) -> Job:
    return Job(str(bundle.folder), bundle.model_hash, None, "cpu", ecgview.__version__)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> list[Row]:
    """What comes of a folder, with names that a table can stumble over."""
    folder = write_folder(tmp_path_factory.mktemp("batch") / "records", COUNT)
    found = list(predict_files(Ensemble(bundle, "cpu"), expand([folder])))
    assert {row.status.partition(":")[0] for row in found} == {"ok", "refused", "unreadable"}
    odd = ["=1+1", 'a "b", c', "two\r\nlines", "\udcff.hea", "é;ü"]
    return [Row(name, row.status, row.prediction) for name, row in zip(odd, found, strict=False)] + found[len(odd) :]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "CHUNK", SIZE)


def begin(out: Path, bundle: Bundle, job: Job, rows: list[Row]) -> Unfinished:
    return Unfinished.begin(out, bundle, job, [Path("given")], (Path(row.path) for row in rows))


def go_on(table: Unfinished, rows: list[Row]) -> None:
    """Write what is missing, as a run does: chunk by chunk, from the chunk the table ends in."""
    known = {row.path: row for row in rows}
    asked = [known[path] for path in table.waiting()]
    written: list[Row] = []
    kept = table.rows
    table.write([asked[at : at + SIZE] for at in range(0, len(asked), SIZE)], written.append)
    assert len(written) == len(rows) - kept
    table.finish()


def whole(out: Path, bundle: Bundle, job: Job, rows: list[Row]) -> bytes:
    go_on(begin(out, bundle, job, rows), rows)
    assert not unfinished_folder(out).exists()
    return out.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_cut_anywhere_it_becomes_the_same_table(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row], ending: str
) -> None:
    undisturbed = whole(tmp_path / f"undisturbed.{ending}", bundle, job, rows)
    out = tmp_path / f"p.{ending}"
    head = undisturbed.index(b"\n") + 1
    ends = [head, head + 1, len(undisturbed) - 1, len(undisturbed), undisturbed.index(b"two") + 5]
    for end in ends + random.Random(1).sample(range(head, len(undisturbed)), 30):
        begin(out, bundle, job, rows)._lock.release()  # as the end of a process does
        (unfinished_folder(out) / "rows").write_bytes(undisturbed[:end])
        table = Unfinished.resume(out, bundle, job, [Path("given")])
        assert table is not None
        assert table.total == COUNT
        assert table.rows <= undisturbed[:end].count(b"\n")
        assert table.failed == sum(row.prediction is None for row in rows[: table.rows])
        go_on(table, rows)
        assert out.read_bytes() == undisturbed
        out.unlink()


def test_every_file_has_its_row_under_its_name(tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row]) -> None:
    whole(tmp_path / "p.csv", bundle, job, rows)
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["record"] for row in csv.DictReader(stream)]
    # What a spreadsheet would calculate is written as the same path in other words.
    assert names[:5] == ["./=1+1", 'a "b", c', "two\r\nlines", "\\udcff.hea", "é;ü"]
    assert names[5:] == [row.path for row in rows[5:]]
    whole(tmp_path / "p.json", bundle, job, rows)
    records = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))["records"]
    assert [entry["record"] for entry in records] == [row.path for row in rows]


def test_parquet_holds_what_the_csv_holds(tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row]) -> None:
    whole(tmp_path / "p.csv", bundle, job, rows)
    whole(tmp_path / "p.parquet", bundle, job, rows)
    with (tmp_path / "p.parquet").open("rb") as stream:
        file = fastparquet.ParquetFile(stream)
        table = file.to_pandas()
    assert file.key_value_metadata["research_use"] == RESEARCH_USE
    assert file.key_value_metadata["model"] == bundle.model_hash
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert list(table.columns) == list(lines[0])[:-1]
    assert list(table["record"]) == [line["record"] for line in lines]
    assert list(table["status"]) == [line["status"] for line in lines]
    for code in bundle.classes:
        assert [None if value != value else value for value in table[code]] == [
            float(line[code]) if line[code] else None for line in lines
        ]
        decisions = table[f"{code}.decision"].astype(object).where(table[f"{code}.decision"].notna(), None)
        told = ["" if value is None else str(int(value)) for value in decisions]
        assert told == [line[f"{code}.decision"] for line in lines]


def test_a_parquet_table_of_many_groups_and_of_none(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgview.batch.parquet.ROWS_A_GROUP", 8)
    whole(tmp_path / "p.parquet", bundle, job, rows)
    whole(tmp_path / "none.parquet", bundle, job, [])
    with (tmp_path / "p.parquet").open("rb") as stream, (tmp_path / "none.parquet").open("rb") as none:
        file = fastparquet.ParquetFile(stream)
        assert [group.num_rows for group in file.row_groups] == [8, 8, 4]
        assert len(file.to_pandas()) == COUNT
        assert len(fastparquet.ParquetFile(none).to_pandas()) == 0


def test_a_run_that_has_rows_is_not_begun_anew_unasked(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row]
) -> None:
    out = tmp_path / "p.csv"
    table = begin(out, bundle, job, rows)
    table.write([rows[:SIZE]], lambda _: None)
    table.close()
    with pytest.raises(BatchError, match=r"p\.csv\.unfinished holds a run that was not finished.*--resume"):
        begin(out, bundle, job, rows)
    assert Unfinished.resume(out, bundle, job, [Path("given")]).rows == SIZE


def test_a_run_without_rows_leaves_nothing_behind(tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row]) -> None:
    begin(tmp_path / "p.csv", bundle, job, rows).close()
    assert list(tmp_path.iterdir()) == []
    assert Unfinished.resume(tmp_path / "p.csv", bundle, job, [Path("given")]) is None


def test_two_runs_never_write_one_table(tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row]) -> None:
    out = tmp_path / "p.csv"
    table = begin(out, bundle, job, rows)
    for attempt in (
        lambda: begin(out, bundle, job, rows),
        lambda: Unfinished.resume(out, bundle, job, [Path("given")]),
    ):
        with pytest.raises(BatchError, match="another run is writing"):
            attempt()
    go_on(table, rows)


@pytest.mark.parametrize(
    ("change", "given", "said"),
    [
        ({"model_hash": "0" * 64}, "given", "another model"),
        ({"version": "0.0.0"}, "given", "another version"),
        ({}, "elsewhere", "other files"),
    ],
)
def test_only_the_same_run_is_gone_on_with(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row], change: dict[str, str], given: str, said: str
) -> None:
    out = tmp_path / "p.csv"
    table = begin(out, bundle, job, rows)
    table.write([rows[:SIZE]], lambda _: None)
    table.close()
    with pytest.raises(BatchError, match=said):
        Unfinished.resume(out, bundle, replace(job, **change), [Path(given)])
    assert Unfinished.resume(out, bundle, job, [Path("given")]).rows == SIZE


@pytest.mark.parametrize("damage", ["rows", "run.json", "order"])
def test_damage_is_said_and_nothing_is_built_on_it(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row], damage: str
) -> None:
    out = tmp_path / "p.csv"
    table = begin(out, bundle, job, rows)
    table.write([rows[SIZE : 2 * SIZE] if damage == "order" else rows[:SIZE]], lambda _: None)
    table.close()
    if damage != "order":
        (unfinished_folder(out) / damage).write_bytes(b"rubbish" * 1000)
    with pytest.raises(BatchError, match=r"Remove that folder to begin anew"):
        Unfinished.resume(out, bundle, job, [Path("given")])


def test_broken_off_in_the_very_last_step_it_is_finished(
    tmp_path: Path, bundle: Bundle, job: Job, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "p.csv"
    undisturbed = whole(tmp_path / "q.csv", bundle, job, rows)
    table = begin(out, bundle, job, rows)
    monkeypatch.setattr(table, "_remove", lambda: table._lock.release())
    go_on(table, rows)
    assert unfinished_folder(out).exists()
    assert Unfinished.resume(out, bundle, job, [Path("given")]) is None
    assert not unfinished_folder(out).exists()
    assert out.read_bytes() == undisturbed
