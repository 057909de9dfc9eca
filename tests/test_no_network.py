"""The program opens no connection: a whole demo run is watched, and every process it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Python runs this at the start of every process; the hook cannot be taken off again. Sockets that
# libraries open past Python are looked for among the open files at the end.
_WATCH = """
import atexit, os, sys
_BOOK = os.environ["SOCKETS_SEEN"]
_NAMES = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
          "socket.gethostbyname", "socket.gethostbyaddr", "urllib.Request")

def _note(text):
    handle = os.open(_BOOK, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, (text + "\\n").encode())
    os.close(handle)

def _watch(event, arguments):
    if event in _NAMES:
        _note(f"{event} {arguments[1:]}")

def _open_sockets():
    known = {}
    for kind in ("tcp", "tcp6", "udp", "udp6"):
        try:
            with open(f"/proc/self/net/{kind}") as table:
                known.update((line.split()[9], kind) for line in list(table)[1:])
        except OSError:
            pass
    try:
        handles = os.listdir("/proc/self/fd")
    except OSError:
        return
    for handle in handles:
        try:
            target = os.readlink(f"/proc/self/fd/{handle}")
        except OSError:
            continue
        if target.startswith("socket:[") and target[8:-1] in known:
            _note(f"open {known[target[8:-1]]} socket")

_note(f"started {sys.argv[:1]}")
sys.addaudithook(_watch)
atexit.register(_open_sockets)
"""


def watched(tmp_path: Path, *command: str) -> list[str]:
    """Run Python and return what the watch saw, one line for each process first."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(_WATCH)
    seen = tmp_path / "seen"
    environment = os.environ | {
        "PYTHONPATH": f"{tmp_path / 'watch'}{os.pathsep}{Path(__file__).resolve().parents[1]}",
        "SOCKETS_SEEN": str(seen), "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path),
    }  # fmt: skip
    subprocess.run([sys.executable, *command], check=True, env=environment, timeout=300, capture_output=True)
    return seen.read_text().splitlines()


def test_a_whole_demo_run_opens_no_socket(tmp_path: Path) -> None:
    seen = watched(tmp_path, "-m", "ecgview", "demo", "--headless", str(tmp_path / "out"))
    assert (tmp_path / "out" / "predictions.json").stat().st_size > 1000
    # The window's services are processes of their own and were watched too.
    assert sum(line.startswith("started") for line in seen) >= 2
    assert [line for line in seen if not line.startswith("started")] == []


def test_a_command_opens_no_socket(tmp_path: Path) -> None:
    file = str(Path(__file__).resolve().parents[1] / "resources" / "demo" / "demo-01.hea")
    (line,) = watched(tmp_path, "-m", "ecgview", "measure", file)
    assert line.startswith("started")


@pytest.mark.parametrize(
    "code",
    [
        "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('127.0.0.1', 9))",
        "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); import atexit",
        "import subprocess, sys; subprocess.run([sys.executable, '-P', '-c', "
        "\"import socket; socket.socket().connect_ex(('127.0.0.1', 9))\"])",
    ],
)
def test_the_watch_sees_sockets(tmp_path: Path, code: str) -> None:
    assert [line for line in watched(tmp_path, "-c", code) if not line.startswith("started")]
