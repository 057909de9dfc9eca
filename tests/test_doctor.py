"""`ecgview doctor`: what works is said to work, and what is broken is found."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ecgview import cli, doctor, resources
from ecgview.failure_log import write_failure
from ecgview.resources import bundled_model
from ecgview.review.store import Store

FACTS = {
    "qt": "6.8", "platform": "offscreen", "screen": "800 x 800", "families": 3, "font": "DejaVu Sans", "missing": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with a home of its own, no display and a Qt that works; none of it is the tester's."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(doctor, "_qt", lambda _: (FACTS | {"labels": str(tmp_path / "labels.sqlite")}, ""))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["doctor", *(str(argument) for argument in arguments)])


def line(name: str, **options: Any) -> doctor.Line:
    (found,) = [one for one in doctor.examine(**options) if one.name == name]
    return found


def test_a_sound_machine_is_said_to_be_sound() -> None:
    result = run("--json")
    told = json.loads(result.stdout)
    states = {entry["name"]: entry["state"] for entry in told["lines"]}
    assert [name for name, state in states.items() if state == "does not work"] == []
    assert (result.exit_code, told["ok"]) == (0, True)
    for name in ("program", "packages", "pictures", "fonts", "model", "demo records", "findings", "free space", "log"):
        assert states[name] == "works", name
    assert states["window"] == states["label store"] == "not checked"


def test_the_words_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_qt", lambda _: ({}, "libEGL.so.1: cannot open shared object file"))
    result = run()
    assert result.exit_code == cli.SOME_FAILED
    lines = result.stdout.splitlines()
    (number,) = [number for number, text in enumerate(lines) if "libEGL.so.1" in text]
    assert lines[number].startswith("pictures:         does not work")
    assert "→ install the system libraries" in lines[number + 1]


def test_a_font_that_is_not_there_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_qt", lambda _: (FACTS | {"families": 0}, ""))
    assert line("fonts").state == "does not work"


def test_with_a_display_the_window_is_tried_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def qt(environment: dict[str, str]) -> tuple[dict[str, Any], str]:
        return (FACTS, "") if environment else ({}, "could not connect to display :99")

    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(doctor, "_qt", qt)
    assert line("pictures").state == "works"
    assert line("window") == doctor.Line(
        "window", "does not work", "could not connect to display :99", line("window").advice
    )


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_a_model_that_is_not_whole_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    copy = tmp_path / "ptbxl-ensemble"
    shutil.copytree(bundled_model(), copy)
    weights = copy / "member-3.safetensors"
    if harm == "change":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.chmod(0o600)
        weights.write_bytes(content)
    else:
        weights.unlink()
    monkeypatch.setattr(resources, "bundled_model", lambda: copy)
    found = line("model")
    assert found.state == "does not work"
    assert "member-3" in found.found


def _store(path: Path) -> None:
    with Store(path):
        pass


def _torn(path: Path) -> None:
    _store(path)
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


STORES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "sound": (_store, "works", "schema"),
    "open to others": (lambda path: (_store(path), path.chmod(0o644)), "does not work", "others"),
    "torn": (_torn, "does not work", "malformed"),
    "no store": (lambda path: path.write_bytes(b"text, not a database"), "does not work", "not a database"),
}


@pytest.mark.parametrize("kind", STORES)
def test_a_label_store_is_looked_at_and_left_as_it_is(tmp_path: Path, kind: str) -> None:
    make, state, said = STORES[kind]
    place = tmp_path / "labels.sqlite"
    make(place)
    before = place.read_bytes(), place.stat().st_mode
    found = line("label store")
    assert (found.state, said in found.found) == (state, True), found
    assert (place.read_bytes(), place.stat().st_mode) == before


def test_a_store_of_a_newer_program_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _store(tmp_path / "labels.sqlite")
    monkeypatch.setattr("ecgview.review.store.VERSION", 0)
    assert "newer ecgview" in line("label store").found


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert line("label store", store=str(tmp_path / "other.sqlite")).state == "not checked"
    assert not (tmp_path / "other.sqlite").exists()


def test_a_servers_password_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = line("label store", store="postgresql://reader:Geheim77@127.0.0.1:1/labels")
    assert found.state == "does not work"
    assert "Geheim77" not in found.found


def test_little_space_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=100 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert line("free space").state == "does not work"
    assert "100 MB" in line("free space").found


def test_a_file_system_without_utf_8_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    assert line("locale").state == "does not work"


def test_failures_noted_are_told(tmp_path: Path) -> None:
    write_failure(ValueError("Doe"), "predict")
    assert "1 failures noted" in line("log").found


def test_a_check_that_breaks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[doctor.Line]:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor, "_locale", broken)
    lines = {one.name: one for one in doctor.examine()}
    assert lines["locale"].state == "does not work"
    assert lines["log"].state == "works"


def test_no_connection_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("doctor opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert run().exit_code == 0


def test_qt_is_tried_in_a_process_of_its_own(tmp_path: Path) -> None:
    script = (
        "import sys; from ecgview import doctor\n"
        "facts, problem = doctor._qt({'QT_QPA_PLATFORM': 'offscreen'})\n"
        "assert not problem, problem\n"
        "assert facts['platform'] == 'offscreen' and facts['families'] > 0, facts\n"
        "facts, problem = doctor._qt({'QT_QPA_PLATFORM': 'nonsense'})\n"
        "assert not facts and 'nonsense' in problem, problem\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'PySide6']\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
