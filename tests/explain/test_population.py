"""What classes rest on over a folder: tables, files, and going on where a run was broken off."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from ecgview import RESEARCH_USE, cli
from ecgview.explain import population_run
from ecgview.explain.attribution import Settings as Explaining
from ecgview.explain.explaining import Explainer
from ecgview.explain.journal import Journal
from ecgview.explain.output import ExplanationError
from ecgview.explain.population import FEW, Cells, PopulationFileError, PopulationTable
from ecgview.explain.population_run import Progress, gather, gathering, journal_of
from ecgview.explain.spreading import spread_over
from ecgview.model.ensemble import Cancelled, Ensemble
from ecgview.record import STANDARD_LEADS, expand, read
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb

CODES = ("CRBBB", "AFIB")
QUICK = Explaining(backgrounds=2, nodes=(1,), least_nodes=1)


@pytest.fixture(scope="module")
def ensemble(model_folder: Path) -> Ensemble:
    return Ensemble.load(model_folder, "cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("many")
    for seed in range(3):
        made = generate(Settings(rate=60 + 15 * seed, rhythm="atrial fibrillation" if seed == 2 else "sinus"), seed)
        write_wfdb(made.record, place, f"r{seed}", ("Dx: 59118001",) if seed == 0 else ())
    short = generate(Settings(seconds=3), 1).record
    write_wfdb(short, place, "short", ())
    (place / "rubbish.dcm").write_bytes(b"rubbish")
    return place


@pytest.fixture(scope="module")
def files(folder: Path) -> list[Path]:
    return list(expand([folder]))


@pytest.fixture(scope="module")
def table(ensemble: Ensemble, files: list[Path]) -> PopulationTable:
    return gather(ensemble, files, codes=CODES, among="all", settings=QUICK)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_cells_are_means_over_records_with_their_number(
    table: PopulationTable, ensemble: Ensemble, folder: Path
) -> None:
    assert table.classes == CODES
    assert table.records.tolist() == [3, 3]
    assert table.skipped == 2
    assert table.leads.columns == STANDARD_LEADS
    assert table.leads.mean.sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
    explainer = Explainer(ensemble, QUICK)
    found = [explainer.attribute(read(folder / f"r{seed}.hea"), "CRBBB") for seed in range(3)]
    v1 = [one.lead_shares["V1"] for one in found]
    at = 0, STANDARD_LEADS.index("V1")
    assert table.leads.mean[at] == pytest.approx(np.mean(v1), abs=1e-5)
    assert table.leads.between_records[at] == pytest.approx(np.std(v1, ddof=1), abs=1e-5)
    of_members = np.mean([one.member_sizes.sum(axis=2)[:, at[1]] for one in found], axis=0)
    assert table.leads.members[:, 0, at[1]] == pytest.approx(of_members, abs=1e-5)
    assert table.leads.between_members[at] == pytest.approx(np.std(of_members, ddof=1), abs=1e-5)
    assert table.parts[0].sum() == pytest.approx(np.mean([one.sum for one in found]), abs=1e-4)
    # In atrial fibrillation there is no P wave, so that record does not count for it.
    assert table.waves.n[0].tolist() == [2, 3, 3, 3, 3]
    assert table.leads.few.all()
    assert f"2 of them on fewer than {FEW} records, 2 left out" in table.as_words()


def test_only_what_is_found_or_labelled_counts(ensemble: Ensemble, files: list[Path]) -> None:
    labelled = gather(ensemble, files, among="labelled", settings=QUICK)
    assert labelled.classes == ("CRBBB", "SUPER.CD")
    assert labelled.records.tolist() == [1, 1]
    assert np.isnan(labelled.leads.between_records).all()
    found = gather(ensemble, files, settings=QUICK)
    counts = dict.fromkeys(ensemble.bundle.classes, 0)
    for path in files[:3]:
        prediction = ensemble.predict(read(path))
        for code, called in zip(prediction.classes, prediction.decision, strict=True):
            counts[code] += bool(called)
    assert dict(zip(found.classes, found.records.tolist(), strict=True)) == {c: n for c, n in counts.items() if n}
    with pytest.raises(ExplanationError, match="no class 'FLU'"):
        gather(ensemble, files, codes=["FLU"])


def test_computed_leads_do_not_count(ensemble: Ensemble, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    derived = frozenset({"III", "aVR", "aVL", "aVF"})
    reads = population_run.read
    monkeypatch.setattr(
        population_run, "read", lambda path: replace(reads(path), derived=derived if path.stem == "r0" else frozenset())
    )
    found = gather(ensemble, files, codes=["CRBBB"], among="all", settings=QUICK)
    assert dict(zip(STANDARD_LEADS, found.leads.n[0].tolist(), strict=True)) == {
        lead: 2 if lead in derived else 3 for lead in STANDARD_LEADS
    }


def test_tables_come_back_whole_and_stand_in_csv(table: PopulationTable, tmp_path: Path) -> None:
    table.save(tmp_path / "t.npz")
    back = PopulationTable.load(tmp_path / "t.npz")
    for name in ("classes", "model_hash", "background", "among", "nodes", "skipped"):
        assert getattr(back, name) == getattr(table, name)
    for ours, theirs in ((table.leads, back.leads), (table.waves, back.waves)):
        assert ours.columns == theirs.columns
        for name in ("n", "mean", "between_records", "members"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name), equal_nan=True)
    assert np.array_equal(table.parts, back.parts)
    table.save(tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[-1] == RESEARCH_USE
    assert len(rows) == 2 * (12 + 5 + 3)
    v1 = next(row for row in rows if (row["class"], row["of"], row["name"]) == ("AFIB", "lead", "V1"))
    assert float(v1["mean"]) == pytest.approx(table.leads.mean[1, STANDARD_LEADS.index("V1")], abs=1e-6)
    assert (v1["n"], v1["few"], v1["model"]) == ("3", "1", table.model_hash)
    with pytest.raises(ValueError, match="ends in none of"):
        table.save(tmp_path / "t.txt")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04rubbish"])
def test_a_file_that_is_no_table_says_so(tmp_path: Path, content: bytes, table: PopulationTable) -> None:
    path = tmp_path / "t.npz"
    path.write_bytes(content)
    with pytest.raises(PopulationFileError, match=r"t\.npz"):
        PopulationTable.load(path)
    with pytest.raises(PopulationFileError, match="No such file"):
        PopulationTable.load(tmp_path / "absent.npz")
    cut = replace(table, parts=table.parts[:1])
    cut.save(path)
    with pytest.raises(PopulationFileError, match="shape"):
        PopulationTable.load(path)


def test_small_numbers_are_marked() -> None:
    cells = Cells(("I",), np.array([[FEW - 1], [FEW]]), np.ones((2, 1)), np.ones((2, 1)), np.ones((1, 2, 1)))
    assert cells.few.tolist() == [[True], [False]]
    assert np.isnan(cells.between_members).all()


def test_a_run_broken_off_goes_on_where_it_was(
    ensemble: Ensemble, files: list[Path], table: PopulationTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "rows"
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        gather(
            ensemble,
            files,
            CODES,
            "all",
            journal=journal,
            settings=QUICK,
            progress=told.append,
            cancelled=lambda: len(told) == 2,
        )
    assert [(one.done, one.total) for one in told] == [(1, 5), (2, 5)]
    assert all(one.rate > 0 and one.remaining for one in told)
    with journal.open("a", encoding="utf-8") as stream:
        stream.write('{"question": "cut sh')  # as a crash leaves it
    asked: list[Path] = []
    explained = population_run._explained

    def counting(explainer: Explainer, path: Path, *rest: object) -> object:
        asked.append(path)
        return explained(explainer, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(population_run, "_explained", counting)
    skipped: list[str] = []
    again = gather(
        ensemble,
        files,
        CODES,
        "all",
        journal=journal,
        settings=QUICK,
        skip=lambda path, reason: skipped.append(f"{path.name} {reason}"),
    )
    assert asked == files[2:]
    assert np.array_equal(again.leads.mean, table.leads.mean)
    assert any(line.startswith("rubbish.dcm unreadable") for line in skipped)
    assert any(line.startswith("short.hea refused: 3.0 s") for line in skipped)
    # Another question takes nothing over.
    asked.clear()
    gather(ensemble, files[:1], ["AFIB"], "all", journal=journal, settings=QUICK)
    assert asked == files[:1]


def test_what_is_kept_back_is_neither_looked_at_nor_taken_over(
    ensemble: Ensemble, files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explainer, reasons = Explainer(ensemble, QUICK), []
    journal = Journal(tmp_path / "rows")

    def all_of(kept_back: frozenset[str] = frozenset()) -> PopulationTable:
        work = gathering(
            explainer, files[:3], CODES, "all", journal, lambda _, why: reasons.append(why), None, kept_back
        )
        while True:
            try:
                next(work)
            except StopIteration as end:
                found: PopulationTable = end.value
                return found

    waiting = frozenset({read(files[1]).content_hash})
    asked: list[str] = []
    attribute = explainer.attribute
    monkeypatch.setattr(
        explainer, "attribute", lambda record, *rest: asked.append(record.content_hash) or attribute(record, *rest)
    )
    assert all_of(waiting).records.tolist() == [2, 2]
    assert reasons == ["kept back: it waits in a reading round"]
    assert not waiting & set(asked)
    assert all_of().records.tolist() == [3, 3]  # not noted as left out: it counts as soon as it may
    assert all_of(waiting).records.tolist() == [2, 2]
    written = (tmp_path / "rows").read_text(encoding="utf-8")
    assert written.count("\n") == 3
    assert files[0].stem not in written  # no path stands in it


def test_the_command_writes_both_files_and_names_what_it_left_out(
    folder: Path, model_folder: Path, tmp_path: Path
) -> None:
    arguments = (
        "population",
        folder / "r1.hea",
        folder / "rubbish.dcm",
        "--class",
        "AFIB",
        "--among",
        "all",
        "--model",
        model_folder,
    )
    result = run(*arguments, "--out", tmp_path / "t.npz", "--out", tmp_path / "t.csv")
    assert result.exit_code == cli.SOME_FAILED  # one file is bad
    said = " ".join(result.stderr.split())
    assert "rubbish.dcm: unreadable" in said
    assert result.stdout == ""
    assert {path.name for path in tmp_path.iterdir()} == {"t.npz", "t.csv"}
    assert PopulationTable.load(tmp_path / "t.npz").classes == ("AFIB",)
    result = run("population", folder, "--model", model_folder, "--out", tmp_path / "u.npz", "--class", "FLU")
    assert result.exit_code == cli.WRONG_USAGE
    assert "no class 'FLU'" in " ".join(result.stderr.split())
    assert run("population", folder, "--out", "t.npz", "--among", "most").exit_code == cli.WRONG_USAGE
    assert run("population", folder, "--out", "t.txt").exit_code == cli.WRONG_USAGE
    result = run(*arguments, "--limit", 1, "--out", tmp_path / "absent" / "t.npz")
    assert result.exit_code == cli.WRONG_USAGE
    assert "No such file" in " ".join(result.stderr.split())


def test_a_few_stand_for_many() -> None:
    assert spread_over(range(10), 2) == [2, 7]
    assert spread_over("abc", 5) == ["a", "b", "c"]
    assert journal_of(Path("a/t.npz")) == Path("a/.t.npz.rows")
    assert json.dumps(spread_over([1, 2, 3, 4], 4)) == "[1, 2, 3, 4]"
