"""Pictures from the command line, as people type it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pdf_pages import pdf_pages
from PySide6.QtGui import QImage
from typer.testing import CliRunner, Result

from ecgview import RESEARCH_USE, cli, explain_cli
from ecgview.synthesis import Settings, generate
from ecgview.synthesis.wfdb_writer import write_wfdb

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("records")
    made = generate(Settings(hz=200.0, seconds=24.0), 1).record
    write_wfdb(made, place, "doebele", ("Age: 60", "Sex: Female"))
    return place / "doebele.hea"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["render", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("kind", ["pdf", "svg", "png"])
def test_render_writes_the_file_and_says_where(record: Path, kind: str, tmp_path: Path) -> None:
    out = tmp_path / f"page.{kind}"
    result = run(record, "--out", out, "--dpi", 72)
    assert result.exit_code == 0
    assert result.stdout == f"{out}\n"
    begins = {"pdf": b"%PDF-", "svg": b"<?xml", "png": b"\x89PNG"}
    assert out.read_bytes().startswith(begins[kind])
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_render_draws_what_is_asked_for(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    how = ("--layout", "6x2+V1", "--order", "cabrera", "--speed", "50", "--gain", "10/5", "--from", "7.5")
    assert run(record, "--out", out, "--paper", "letter", *how).exit_code == 0
    (page,) = pdf_pages(out)
    assert (page.width, page.height) == pytest.approx((279.4, 215.9), abs=0.2)
    for said in ("50 mm/s", "limb 10 mm/mV, chest 5 mm/mV", "−aVR", "7.5–12.5 s of 24.0 s", RESEARCH_USE):
        assert said in page.text
    assert "doebele" not in page.text


def test_render_filters_what_it_draws_and_says_so(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    assert run(record, "--out", out, "--filter", "baseline,mains,40").exit_code == 0
    text = pdf_pages(out)[0].text
    for said in (
        "baseline filter 0.5 Hz",
        "mains filter: no hum found",
        "low-pass 40 Hz: ST and QRS detail are altered",
    ):
        assert said in text
    assert "unfiltered as recorded" not in text


def test_render_tells_the_identity_only_when_asked(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    assert run(record, "--out", out, "--identity").exit_code == 0
    assert "doebele" in pdf_pages(out)[0].text


def test_render_writes_all_pages(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "all.pdf"
    assert run(record, "--out", out, "--pages", "all").exit_code == 0
    assert [re.search(r"page \d of \d", page.text)[0] for page in pdf_pages(out)] == [  # type: ignore[index]
        "page 1 of 3",
        "page 2 of 3",
        "page 3 of 3",
    ]


def test_a_png_has_the_resolution_asked_for(record: Path, tmp_path: Path) -> None:
    assert run(record, "--out", tmp_path / "page.png", "--dpi", 100, "--paper", "a4").exit_code == 0
    assert QImage(str(tmp_path / "page.png")).width() == round(297 / 25.4 * 100)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "page.jpg"), "neither in .pdf nor in .svg or .png"),
        (("--out", "page.png", "--dpi", "5000"), "less than or equal to 600"),
        (("--out", "page.png", "--pages", "all"), "all pages go into a PDF"),
        (("--out", "page.pdf", "--pages", "all", "--from", "3"), "from the beginning"),
        (("--out", "page.pdf", "--layout", "5x5"), "5x5"),
        (("--out", "page.pdf", "--speed", "30"), "30 mm/s is no paper speed"),
        (("--out", "page.pdf", "--filter", "baseline,35"), "'35' is no filter"),
        (("--out", "page.pdf", "--from", "-1"), "greater than or equal to 0"),
        ((), "--out"),
    ],
)
def test_wrong_usage_is_said(record: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(record, *arguments)
    assert result.exit_code == cli.WRONG_USAGE
    assert said in result.stderr


def test_what_cannot_be_written_is_named(record: Path, tmp_path: Path) -> None:
    out = tmp_path / "gone" / "page.pdf"
    result = run(record, "--out", out)
    assert result.exit_code == cli.WRONG_USAGE
    assert f"{out}:thereisnofolder{out.parent}" in "".join(result.stderr.split())


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.scp"
    bad.write_bytes(b"rubbish")
    result = run(bad, "--out", tmp_path / "page.pdf")
    assert result.exit_code == cli.SOME_FAILED
    assert "bad.scp:notaknownECGformat" in "".join(result.stderr.split())  # wrapped anywhere
    assert not (tmp_path / "page.pdf").exists()


def test_render_needs_no_display(record: Path, tmp_path: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-m", "ecgview", "render", str(record), "--out", str(tmp_path / "page.pdf")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(pdf_pages(tmp_path / "page.pdf")) == 1


def test_render_colours_what_speaks_for_a_class(
    record: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecgview.model.ensemble import Ensemble

    monkeypatch.setattr(explain_cli, "load_ensemble", lambda *_: Ensemble.load(model_folder, "cpu"))
    out = tmp_path / "page.pdf"
    assert run(record, "--out", out, "--explain", "CRBBB").exit_code == 0
    (page,) = pdf_pages(out)
    for said in ("Complete right bundle branch block", "logit per 10 ms", "8 generated normal ECGs", "gap"):
        assert said in page.text
    result = run(record, "--out", tmp_path / "other.pdf", "--explain", "NOTHING")
    assert result.exit_code == 2
    assert not (tmp_path / "other.pdf").exists()
