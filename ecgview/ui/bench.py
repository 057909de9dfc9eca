"""This machine's times, each beside the floor it is judged against, all in one run.

Absolute times say little on a busy or a slow machine; the ratio of two times taken one after the
other does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import ecgview
from ecgview.resources import resource
from ecgview.ui.display import has_display

if TYPE_CHECKING:
    from ecgview.record import Record
    from ecgview.ui.explain.overlay import Overlay

SIZE = (1600, 1000)
_FRAMES = 60
_STARTS = 3
_BATCH = 64
_CHUNKS = 4  # for each process that judges


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured time or rate.

    Attributes
    ----------
    name : str
    value, floor : float
        In `unit`; the floor is what the barest program takes for the same, NaN where there is none.
    unit : str
        ``"ms"``, ``"MB"`` or ``"records/s"``.
    budget : str
        In words.
    held : bool
    """

    name: str
    value: float
    floor: float
    unit: str
    budget: str
    held: bool

    @property
    def ratio(self) -> float:
        """Value over floor."""
        return self.value / self.floor

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        known = self.floor == self.floor
        return {
            "name": self.name,
            "value": round(self.value, 2),
            "floor": round(self.floor, 2) if known else None,
            "ratio": round(self.ratio, 2) if known else None,
            "unit": self.unit,
            "budget": self.budget,
            "held": self.held,
        }

    def as_words(self) -> tuple[str, ...]:
        """Return a table's cells."""
        known = self.floor == self.floor
        return (
            self.name,
            f"{self.value:.1f} {self.unit}",
            f"{self.floor:.1f} {self.unit}" if known else "",
            f"{self.ratio:.2f}" if known else "",
            self.budget,
            "yes" if self.held else "NO",
        )


def measure() -> list[Figure]:
    """Measure opening, next record, frames at two pixel ratios, and prediction.

    Returns
    -------
    list of Figure
    """
    figures = [*_opening()]
    for ratio, budget in ((1, 16.0), (2, 40.0)):
        drawn = _in_child("frames", ratio)
        if ratio == 1:
            figures.append(_within("next record, read and drawn", drawn["next"], drawn["next_floor"], 33.0))
        figures.append(_within(f"frame of pan and zoom, pixel ratio {ratio}", drawn["frame"], drawn["floor"], budget))
        figures.append(
            _within(f"frame with an explanation, pixel ratio {ratio}", drawn["explained"], drawn["floor"], budget)
        )
        figures.append(
            _within(f"frame of a moving record, pixel ratio {ratio}", drawn["moving"], drawn["floor"], budget)
        )
    return figures + _prediction()


def _within(name: str, value: float, floor: float, budget: float) -> Figure:
    return Figure(name, value, floor, "ms", f"under {budget:.0f} ms", value < budget)


def _opening() -> list[Figure]:
    """Time process start to first picture, ours and a bare pyqtgraph window's by turns."""
    ours, bare, memory = [], [], []
    for _ in range(_STARTS):
        child = _in_child("open")
        ours.append(child["shown"])
        memory.append(child["memory"])
        bare.append(_in_child("open_bare")["shown"])
        if child["torch"]:
            raise RuntimeError("torch was imported before the first picture")
    value, floor = statistics.median(ours), statistics.median(bare)
    used = statistics.median(memory)
    return [
        Figure("process start to first sheet", value, floor, "ms", "under 3 x the floor", value < 3 * floor),
        Figure("memory before the model loads", used, float("nan"), "MB", "under 200 MB", used < 200),
    ]


def _in_child(task: str, pixel_ratio: int = 1) -> dict[str, float]:
    """Run one of the tasks below in a fresh process and return the figures it prints."""
    environment = dict(os.environ, QT_SCALE_FACTOR=str(pixel_ratio), ECGVIEW_BENCH_STARTED=repr(time.time()))
    if not has_display():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-c", f"from ecgview.ui import bench; bench.{task}()"]
    if task == "open_bare":
        environment["ECGVIEW_BENCH_DATA"] = str(resource("demo") / "demo-01.dat")
        command = [sys.executable, "-c", _BARE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"measuring {task!r} failed:\n{done.stderr}")
    figures: dict[str, float] = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" ")
        figures[name] = float(value)
    return figures


# The floor: a process that imports what any pyqtgraph program must, reads the same record's samples
# from the same file and shows them in one plot.
_BARE = f"""
import os, time
import numpy as np
import pyqtgraph as pg
app = pg.mkQApp()
plot = pg.PlotWidget()
plot.resize{SIZE}
samples = np.fromfile(os.environ["ECGVIEW_BENCH_DATA"], "<i2").reshape(-1, 12).T / 1000
for place, lead in enumerate(samples):
    plot.plot(np.arange(len(lead)) / 500, lead - 2 * place, pen=pg.mkPen("k", width=1), antialias=True)
plot.show()
plot.grab()
print("shown", 1e3 * (time.time() - float(os.environ["ECGVIEW_BENCH_STARTED"])))
"""


def open() -> None:
    """Show the first demo record and print how long after the process was started it stood there."""
    from PySide6.QtCore import QEventLoop, QSettings

    from ecgview.ui.application import application
    from ecgview.ui.window import MainWindow

    app = application()
    with tempfile.TemporaryDirectory() as forgotten:
        window = MainWindow(QSettings(str(Path(forgotten) / "window.ini"), QSettings.Format.IniFormat))
        window.resize(*SIZE)
        window.show()
        loop = QEventLoop()
        window.reader.read.connect(lambda *_: loop.quit())
        window.open_paths([resource("demo")])
        loop.exec()
        window.sheet.grab()
        print("shown", 1e3 * (time.time() - float(os.environ["ECGVIEW_BENCH_STARTED"])))
        print("torch", int("torch" in sys.modules))
        print("memory", _resident_megabytes())
        window.close()
        app.processEvents()


def frames() -> None:
    """Print the median times of a frame and of the next record, with their floors, at this process's pixel ratio."""
    from ecgview.record import expand, read
    from ecgview.ui.application import application
    from ecgview.ui.sheet import Sheet
    from ecgview.ui.sheet.timing import time_floor, time_frames, time_scrolling

    app = application()
    paths = list(expand([resource("demo")]))
    record = read(paths[0])
    sheet = Sheet()
    sheet.resize(*SIZE)
    sheet.show()
    sheet.show_record(record)
    app.processEvents()
    print("frame", statistics.median(time_frames(sheet, _FRAMES)))
    sheet.show_explained(_coloured(record))
    print("explained", statistics.median(time_frames(sheet, _FRAMES)))
    print("floor", statistics.median(time_floor(record, _FRAMES, SIZE)))
    sheet.show_record(next(longer for path in paths if (longer := read(path)).duration > record.duration))
    print("moving", statistics.median(time_scrolling(sheet, _FRAMES)))

    def next_record(path: Path) -> None:
        sheet.show_record(read(path))
        sheet.grab()

    whole = [path for path in paths if read(path).samples <= 5000]
    print("next", _median_ms(next_record, whole))
    print("next_floor", _median_ms(lambda path: _bare_next(read(path)), whole))
    sheet.close()


def _coloured(record: Record) -> Overlay:
    """Colour a record by noise, of which nothing is left out: more than any explanation colours."""
    import numpy as np

    from ecgview.explain.attribution import WAVES, Attribution, Settings
    from ecgview.explain.messages import Explanation
    from ecgview.ui.explain.overlay import Overlay
    from ecgview.ui.explain.scale import Look

    samples = round(record.duration * 100)
    found = Attribution(
        record_hash=record.content_hash,
        model_hash="",
        code="NORM",
        method="noise",
        background="nothing",
        values=np.random.default_rng(1).normal(0.0, 0.01, (12, samples)).astype(np.float32),
        hz=100.0,
        starts=(0.0,),
        patient=MappingProxyType({}),
        measured=MappingProxyType({}),
        measurable=MappingProxyType({}),
        probability=0.5,
        logit=1.0,
        expected=0.0,
        waves=np.zeros(samples, np.int64),
        member_shares=np.full((5, 12, len(WAVES)), 1 / (12 * len(WAVES))),
        settings=Settings(),
        nodes=15,
        seconds=0.0,
    )
    return Overlay(Explanation(found, {}, 1.0, 0.0, None, True), "Noise", Look(threshold=0))


def _bare_next(record: Record) -> None:
    """Draw a record once in a plot of its own, as a program does that makes one for each record."""
    from ecgview.ui.sheet.timing import time_floor

    time_floor(record, 0, SIZE)


def _median_ms(work: Callable[[Path], None], paths: list[Path]) -> float:
    times = []
    for path in [*paths, *paths]:
        began = time.perf_counter()
        work(path)
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times[len(paths) :])  # the first round warms the disk's cache


def _prediction() -> list[Figure]:
    import numpy as np

    from ecgview.model.ensemble import Ensemble
    from ecgview.model.preprocessing import prepare
    from ecgview.record import expand, read

    ensemble = Ensemble.load()
    paths = list(expand([resource("demo")]))
    record = read(paths[0])
    prepared = prepare(record, ensemble.preprocessing)
    inputs = prepared.windows, prepared.valid, prepared.patient[None], prepared.measured

    def once(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def median(work: Callable[[], object], rounds: int) -> float:
        work()
        return statistics.median(once(work) for _ in range(rounds))

    one = 1e3 * median(lambda: ensemble.predict(record), 15)
    one_floor = 1e3 * median(lambda: ensemble.probabilities(*inputs), 15)
    many = [np.repeat(one, _BATCH, axis=0) for one in (inputs[0], inputs[2], inputs[3])]
    valid = np.repeat(inputs[1], _BATCH, axis=0)
    floor = _BATCH / median(lambda: ensemble.probabilities(many[0], valid, many[1], many[2]), 3)
    batch = _batch_rate(ensemble.bundle.model_hash, [path for path in paths if read(path).samples <= record.samples])
    return [
        _within("ensemble on one record", one, one_floor, 60.0),
        Figure("ensemble over many files", batch, floor, "records/s", "100 records/s", batch >= 100),
    ]


def _batch_rate(model_hash: str, paths: Sequence[Path]) -> float:
    """Return how many files a second are read and judged as `predict` does it: by a process a core, at work already."""
    from ecgview.batch.cluster import Judging, local_client, workers_here
    from ecgview.batch.job import Job
    from ecgview.model.batch import CHUNK

    workers = workers_here()
    with local_client(workers) as client:
        judging = Judging(client, Job(None, model_hash, None, "auto", ecgview.__version__), lambda _: None)

        def judge(chunks: int) -> int:
            files = islice(cycle(map(str, paths)), chunks * CHUNK)
            return sum(len(rows) for rows in judging.rows(files))

        judge(2 * workers)  # until each has loaded the model
        began = time.perf_counter()
        judged = judge(_CHUNKS * workers)
        return judged / (time.perf_counter() - began)


def _resident_megabytes() -> float:
    """Return the memory this process holds now; the most it ever held where the system tells no more."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    import resource as limits

    most = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss
    return most / 1024 / (1024 if sys.platform == "darwin" else 1)
