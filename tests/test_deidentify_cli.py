"""De-identification as people type it, and the pictures of what it wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pdf_pages import pdf_pages
from planted import Person, plant_aecg, plant_dicom, plant_wfdb
from typer.testing import CliRunner, Result
from wfdb_files import twelve_leads, write_record

from ecgview import cli
from ecgview.record import find_records, read
from ecgview.record.deidentify_check import find_identifiers

PEOPLE = [Person(number) for number in range(3)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    for plant, person in zip((plant_wfdb, plant_dicom, plant_aecg), PEOPLE, strict=True):
        plant(folder, person)
    return folder


def run(*arguments: object, command: str = "deidentify") -> Result:
    return CliRunner().invoke(cli.app, [command, *(str(argument) for argument in arguments)])


def test_a_folder_is_copied_with_a_new_key_and_a_table_beside_it(source: Path, tmp_path: Path) -> None:
    out, key, table = tmp_path / "out", tmp_path / "key", tmp_path / "who.csv"
    result = run(source, out, "--new-key", key, "--table", table)
    assert result.exit_code == 0, result.stderr
    assert "3 of 3 records" in result.stderr
    assert len(list(find_records(out))) == 3
    for secret in (key, table):
        assert secret.stat().st_mode & 0o777 == 0o600
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["patient identifier"] for row in rows} == {person.mrn for person in PEOPLE}
    assert all((out / row["written"]).is_file() for row in rows)
    assert {Path(row["original"]).parent.parent for row in rows} <= {source, source / PEOPLE[1].hospital}


def test_without_being_asked_for_no_table_is_written(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "out", "--new-key", tmp_path / "key")
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out", "key"}


def test_a_cell_that_a_spreadsheet_would_compute_is_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_record(tmp_path / "in", "r", twelve_leads(), comments=('Patient ID: =HYPERLINK("http://x")',))
    assert run(tmp_path / "in", tmp_path / "out", "--new-key", tmp_path / "k", "--table", tmp_path / "t").exit_code == 0
    with (tmp_path / "t").open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["patient identifier"].startswith("'=HYPERLINK")


def test_a_bad_file_makes_exit_code_one(source: Path, tmp_path: Path) -> None:
    (source / "bad.scp").write_bytes(b"nothing")
    result = run(source, tmp_path / "out", "--new-key", tmp_path / "key")
    assert result.exit_code == 1
    assert "bad.scp" in result.stderr.replace("\n", "")
    assert "3 of 4 records" in result.stderr


def test_the_search_says_what_it_found_by_its_exit_code(source: Path, tmp_path: Path) -> None:
    identifiers = tmp_path / "ids.txt"
    identifiers.write_text("\n".join(word for person in PEOPLE for word in person.identifiers), encoding="utf-8")
    run(source, tmp_path / "out", "--new-key", tmp_path / "key")
    clean = run("--check", tmp_path / "out", "--against", identifiers)
    assert (clean.exit_code, clean.stdout) == (0, "0 found of 22 identifiers\n")
    dirty = run("--check", source, "--against", identifiers)
    assert dirty.exit_code == 1
    assert PEOPLE[2].family in dirty.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("in",), ("in", "out"), ("in", "out", "--key", "k", "--new-key", "n"), ("in", "out", "--key", "absent"),
        ("--check", "in"), ("in", "--check", "in", "--against", "in"), ("in", "out", "--new-key", "out/key"),
        ("in", "out", "--new-key", "key", "--table", "out/t.csv"), ("in", "in/out", "--new-key", "key"),
        ("absent", "out", "--new-key", "key"), ("--check", "in", "--against", "absent"),
    ],
)  # fmt: skip
def test_wrong_usage_writes_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    assert run(*arguments).exit_code == 2
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.usefixtures("qapp")
def test_a_picture_of_a_copy_names_nobody_even_with_identity(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(source, out, "--new-key", tmp_path / "key")
    words = [word for person in PEOPLE for word in person.identifiers]
    for number, record in enumerate(find_records(out)):
        page = tmp_path / "pages" / f"{number}.pdf"
        page.parent.mkdir(exist_ok=True)
        assert run(record, "--out", page, "--identity", command="render").exit_code == 0
        text = pdf_pages(page)[0].text
        assert record.stem in text
        assert not [word for word in words if word.casefold() in text.casefold()]
        # The same page of the original does name them.
    original = next(path for path in find_records(source) if read(path).format == "WFDB")
    page = tmp_path / "original.pdf"
    run(original, "--out", page, "--identity", command="render")
    assert PEOPLE[0].mrn in pdf_pages(page)[0].text
    assert find_identifiers(tmp_path / "pages", words) == []
