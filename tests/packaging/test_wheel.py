"""The wheel is whole: unpacked in an empty place and run from another, it has all it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    place = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def test_resources_and_models_are_inside_and_nothing_else_is(unpacked: Path) -> None:
    package = unpacked / "ecgview"
    for folder, inside in (("resources", "_resources"), ("models", "_models")):
        # What git does not track (a broken-off training, say) has no place in a package.
        tracked = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        names = [Path(name.decode()) for name in tracked.stdout.split(b"\0") if name]
        wanted = {str(name.relative_to(folder)): (ROOT / name).stat().st_size for name in names}
        packed = package / inside
        found = {str(p.relative_to(packed)): p.stat().st_size for p in packed.rglob("*") if p.is_file()}
        assert found == wanted
        assert found
    tops = {path.name.partition("-")[0] for path in unpacked.iterdir()}
    assert tops == {"ecgview"}


# Runs in every Python process of the demo, the model's included, and notes any use of the network.
WATCH = """
import os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open(os.environ["NETWORK_LOG"], "a") as log:
            print(event, arguments, file=log)
sys.addaudithook(watch)
with open(os.environ["NETWORK_LOG"] + ".watched", "a") as log:
    print(sys.argv, file=log)
"""


def test_the_unpacked_wheel_draws_the_demo_from_another_directory(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "network"
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{unpacked}",
        "HOME": str(tmp_path),
        "NETWORK_LOG": str(log),
    }
    environment.pop("DISPLAY", None)
    script = (
        "import ecgview.resources, sys; from pathlib import Path\n"
        f"assert Path(ecgview.resources.__file__).is_relative_to({str(unpacked)!r})\n"
        "from ecgview.cli import main; sys.argv = ['ecgview', 'demo', '--headless', 'out']; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        str(Path("out") / name) for name in ("sheet.png", "explained.png", "predictions.json")
    ]
    records = json.loads((tmp_path / "out" / "predictions.json").read_text())["records"]
    assert len(records) == 14
    assert sum(record["status"] == "ok" for record in records) == 13
    picture = (tmp_path / "out" / "sheet.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 50_000
    assert len(log.with_suffix(".watched").read_text().splitlines()) >= 2  # the window's process and the model's
    assert not log.exists(), log.read_text()
