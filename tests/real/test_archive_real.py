"""An archive of a hundred thousand records: listed in time, and gone on with where its run broke off."""

from __future__ import annotations

import csv
import itertools
import time
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ecgview
from ecgview import cli
from ecgview.batch.job import Job
from ecgview.batch.unfinished import Unfinished, unfinished_folder
from ecgview.model.batch import CHUNK, Row, chunks, judge_chunk
from ecgview.model.bundle import open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.record import expand
from ecgview.resources import bundled_model

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ptb-xl" / "records100"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="no recordings beside the checkout (../shared/data)"),
]
COUNT = 1563 * CHUNK
LEFT = 150
"""Files still to be judged when the run is gone on with."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Links in folders of 64: a header names its signal file, so no two records of a folder may be the same."""
    place = tmp_path_factory.mktemp("archive") / "records"
    real = sorted(DATA.rglob("*.hea"))[:CHUNK]
    for number, header in enumerate(itertools.islice(itertools.cycle(real), COUNT)):
        if number % CHUNK == 0:
            folder = place / f"{number // 10_000:02d}" / f"{number // CHUNK:05d}"
            folder.mkdir(parents=True)
        for ending in (".hea", ".dat"):
            (folder / f"{header.stem}{ending}").symlink_to(header.with_suffix(ending))
    return place


def test_an_archive_is_listed_and_a_broken_off_run_of_it_goes_on(archive: Path, tmp_path: Path) -> None:
    bundle = open_bundle(bundled_model())
    job = Job(None, bundle.model_hash, None, "cpu", ecgview.__version__)
    # Through links: the table of patients that lies beside the real ones is not found from there.
    linked = list(expand([archive / "00" / "00000"]))
    by_name = {Path(row.path).name: row for row in judge_chunk(Ensemble(bundle, "cpu"), linked)}
    out = tmp_path / "p.csv"

    began = time.perf_counter()
    table = Unfinished.begin(out, bundle, job, [archive], expand([archive]))
    listing = time.perf_counter() - began
    assert table.total == COUNT

    def row(path: str) -> Row:
        return replace(by_name[Path(path).name], path=path)

    # What the run had written: every folder holds the same links.
    written = itertools.islice(table.waiting(), COUNT - LEFT)
    table.write(([row(path) for path in chunk] for chunk in chunks(written)), lambda _: None)
    table._lock.release()  # as the end of a process does
    rows = unfinished_folder(out) / "rows"
    with rows.open("r+b") as stream:
        stream.truncate(rows.stat().st_size - 100)  # in the middle of a row

    began = time.perf_counter()
    again = Unfinished.resume(out, bundle, job, [archive])
    assert again is not None
    next(again.waiting())
    resuming = time.perf_counter() - began
    assert again.rows == COUNT - LEFT - 1
    again.close()
    print(f"\n{COUNT} records listed in {listing:.1f} s; a run of them goes on after {resuming:.1f} s")

    result = CliRunner().invoke(cli.app, ["predict", str(archive), "--out", str(out), "--device", "cpu", "--resume"])
    assert result.exit_code == 0, result.stderr
    assert f"{COUNT - LEFT - 1} of {COUNT} rows are kept" in result.stderr
    known = {name: _cells(one, bundle.classes) for name, one in by_name.items()}
    with out.open(encoding="utf-8", newline="") as stream:
        found = csv.reader(stream)
        next(found)
        count = 0
        for cells, path in zip(found, expand([archive]), strict=True):
            assert cells[0] == str(path)
            assert cells[2 : 2 + 2 * len(bundle.classes) : 2] == known[path.name]
            count += 1
    assert count == COUNT
    # Budget: 10 s from an empty cache; the machine is shared with others.
    assert listing < 20
    assert resuming < 10


def _cells(row: Row, classes: tuple[str, ...]) -> list[str]:
    assert row.prediction is not None
    assert len(row.prediction.classes) == len(classes)
    return [f"{value:.6f}" for value in row.prediction.probability]
