"""Notes of failures: enough to find the mistake, nothing of a patient."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ecgview import cli, failure_log
from ecgview.failure_log import MOST_KEPT, described, failures, log_folder, write_failure
from ecgview.record import read
from ecgview.record.record import Record


def failing(path: Path) -> Exception:
    try:
        try:
            read(path)
        except Exception as error:
            raise KeyError(f"Featherstonehaugh in {path}") from error
    except KeyError as error:
        return error
    raise AssertionError


def test_a_note_tells_kinds_and_places_but_no_words_and_no_paths(tmp_path: Path) -> None:
    note = described(failing(tmp_path / "Featherstonehaugh" / "MRN-4711.hea"), "predict")
    assert "Featherstonehaugh" not in note
    assert "MRN-4711" not in note
    assert str(tmp_path) not in note
    assert str(Path(failure_log.__file__).parents[1]) not in note
    assert "builtins.KeyError" in note
    assert "ecgview.record.record.ReadError" in note
    assert "ecgview/record/reading.py:" in note
    assert "while: predict" in note


def test_a_note_is_private_and_old_ones_go(tmp_path: Path) -> None:
    place = tmp_path / "log"
    notes = [write_failure(ValueError("x"), "render", place) for _ in range(MOST_KEPT + 3)]
    assert notes[-1].stat().st_mode & 0o777 == 0o600
    assert place.stat().st_mode & 0o777 == 0o700
    assert failures(place) == notes[:2:-1]


def test_a_chain_without_end_is_cut(tmp_path: Path) -> None:
    error = ValueError("x")
    error.__cause__ = error
    assert described(error, "info").count("builtins.ValueError") < 20


@pytest.mark.parametrize(
    ("system", "ending"), [("linux", "state/ecgview"), ("darwin", "Library/Logs/ecgview"), ("win32", "ecgview/Logs")]
)
def test_notes_lie_where_the_system_has_such_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, ending: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert log_folder().as_posix().endswith(ending)
    assert log_folder().is_relative_to(tmp_path)


def test_a_mistake_in_a_command_is_noted_and_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], record: Record
) -> None:
    def broken(_: object) -> Record:
        raise ZeroDivisionError("Featherstonehaugh")

    monkeypatch.setattr("ecgview.record.read", broken)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["ecgview", "info", "Featherstonehaugh.hea"])
    with pytest.raises(ZeroDivisionError):
        cli.main()
    (note,) = failures(tmp_path / "ecgview")
    assert str(note) in capsys.readouterr().err
    content = note.read_text(encoding="utf-8")
    assert "while: info" in content
    assert "builtins.ZeroDivisionError" in content
    assert "Featherstonehaugh" not in content
