"""Uses a built bundle as somebody would who has no Python: `make bundle-check`.

The bundle is copied elsewhere and run with an empty home and an environment without anything of
this checkout: version, demo, prediction, explanation, and, where Xvfb is installed, the window,
of which a picture is kept. Prints sizes and times; ends with 1 where something is amiss.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "dist" / "ecgview"
_WINDOW_S = 60.0
PAPER = 0.08
"""Share of the screen in the colours of paper, from which on a sheet is shown."""


def main() -> int:
    """Check the bundle; return the exit code."""
    if not BUILT.is_dir():
        print(f"No bundle at {BUILT}: run make bundle first")
        return 2
    with tempfile.TemporaryDirectory(prefix="bundle-") as folder:
        place = Path(folder)
        bundle = place / "elsewhere with a space" / "ecgview"
        shutil.copytree(BUILT, bundle, symlinks=True)
        home = place / "home"
        home.mkdir()
        environment = {"HOME": str(home), "PATH": "/nonexistent", "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file() and not path.is_symlink())
        print(f"size {size / 1e6:.0f} MB")
        program = bundle / ("ecgview.exe" if os.name == "nt" else "ecgview")
        failed = 0
        for name, check in CHECKS.items():
            began = time.perf_counter()
            try:
                check(program, place, environment)
            except (AssertionError, OSError, subprocess.SubprocessError, KeyError, ValueError) as error:
                failed += 1
                print(f"{name}: FAILED: {error}")
            else:
                print(f"{name}: {time.perf_counter() - began:.1f} s")
    return 1 if failed else 0


def run(
    program: Path, place: Path, environment: dict[str, str], *arguments: str, allowed: tuple[int, ...] = (0,)
) -> str:
    """Run the program; return what it prints."""
    done = subprocess.run(
        [str(program), *arguments], env=environment, cwd=place, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode in allowed, f"exit code {done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


def version(program: Path, place: Path, environment: dict[str, str]) -> None:
    """The version, with the sentence on research use."""
    assert "Research use only" in run(program, place, environment, "--version")


def demo(program: Path, place: Path, environment: dict[str, str]) -> None:
    """Pictures and predictions of the demo folder."""
    run(program, place, environment, "demo", "--headless", "demo")
    for name in ("sheet.png", "explained.png", "predictions.json"):
        assert (place / "demo" / name).stat().st_size > 10_000, f"{name} is almost empty"
    assert json.loads((place / "demo" / "predictions.json").read_text())["records"]


def records(place: Path) -> Path:
    """Return the demo records that came inside the bundle."""
    return next((place / "elsewhere with a space").rglob("_resources")) / "demo"


def predict(program: Path, place: Path, environment: dict[str, str]) -> None:
    """A table with a row for each record; one of the demo's is refused, so the exit code is 1."""
    run(program, place, environment, "predict", str(records(place)), "--out", "table.csv", allowed=(1,))
    rows = list(csv.DictReader((place / "table.csv").open(encoding="utf-8")))
    assert len(rows) == len(list(records(place).glob("*.hea")))
    assert sum(row["status"] == "ok" for row in rows) == len(rows) - 1


def explain(program: Path, place: Path, environment: dict[str, str]) -> None:
    """An explanation that adds up."""
    record = str(sorted(records(place).glob("*.hea"))[1])
    found = json.loads(run(program, place, environment, "explain", record, "--class", "NORM"))
    assert found["gap"] < 0.05, found["gap"]


def window(program: Path, place: Path, environment: dict[str, str]) -> None:
    """The window with a sheet in it, on a screen of its own."""
    server = shutil.which("Xvfb")
    if server is None or not sys.platform.startswith("linux"):
        print("  (no Xvfb here: the window was not looked at)", end="")
        return
    read, write = os.pipe()
    screen = subprocess.Popen(
        [server, "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as stream:
            display = f":{stream.readline().strip()}"
        shown = subprocess.Popen(
            [str(program), "demo", "shown"],
            cwd=place,
            env=environment | {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display},
            stderr=subprocess.DEVNULL,
        )
        try:
            picture = ROOT / "build" / "bundle-window.png"
            picture.parent.mkdir(exist_ok=True)
            paper = look(display, picture)
            assert paper > PAPER, f"paper on {paper:.0%} of the screen; see {picture}"
        finally:
            shown.terminate()
            shown.wait(20)
    finally:
        screen.terminate()
        screen.wait(20)


LOOK = """
import sys, time
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(["look", "-platform", "xcb"])
end, paper = time.monotonic() + float(sys.argv[2]), 0.0
while time.monotonic() < end and paper < float(sys.argv[3]):
    time.sleep(0.25)
    app.processEvents()
    image = app.primaryScreen().grabWindow(0).toImage()
    points = [image.pixelColor(x, y) for x in range(0, image.width(), 8) for y in range(0, image.height(), 8)]
    paper = sum(p.red() > 235 and 195 < p.blue() < p.red() - 8 for p in points) / len(points)
time.sleep(6)  # the ensemble's reading joins the sheet
app.primaryScreen().grabWindow(0).save(sys.argv[1])
print(paper)
"""


def look(display: str, picture: Path) -> float:
    """Wait for warm paper on a screen; keep a picture of it and return how much of it is paper."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(picture), str(_WINDOW_S), str(PAPER)],
        env=os.environ | {"DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=2 * _WINDOW_S,
        check=True,
    )
    return float(done.stdout.split()[-1])


CHECKS = {"--version": version, "demo --headless": demo, "predict": predict, "explain": explain, "window": window}

if __name__ == "__main__":
    sys.exit(main())
