"""Measure a batch at scale: killed and resumed, one worker beside two, memory; see docs/batch.md.

``python tests/real/batch_scale.py [--records 5000]`` from the checkout, with recordings in ../shared/data.
It takes some minutes, prints figures, and ends with an error where a table is not what it must be.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ptb-xl" / "records100"


@dataclass(frozen=True)
class Measured:
    """What a run took.

    ``seconds`` from start to end, ``rate`` in records/s from the first rows on, peaks in MiB, and
    ``processor``: seconds of processor time a record, of all processes, from the first rows on.
    """

    seconds: float
    rate: float
    own_peak: float
    worker_peak: float
    until_rows: float
    processor: float


def link_archive(folder: Path, count: int) -> Path:
    """Fill a folder with links to real recordings, as often as it takes."""
    folder.mkdir()
    real = [path.with_suffix("") for path in sorted(DATA.rglob("*.hea"))]
    for number, stem in enumerate(islice(cycle(real), count)):
        place = folder / f"{number // 1000:03d}" / str(number)
        place.mkdir(parents=True)
        for ending in (".hea", ".dat"):
            (place / f"{stem.name}{ending}").symlink_to(stem.with_suffix(ending))
    return folder


def predict(folder: Path, out: Path, *more: str, kill_at: int | None = None) -> Measured:
    """Run ``ecgview predict`` and watch it; kill it without warning once so many rows are written."""
    command = [sys.executable, "-m", "ecgview", "predict", str(folder), "--out", str(out), "--device", "cpu", *more]
    rows = out.with_name(f"{out.name}.unfinished") / "rows"
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said: list[str] = []
    assert process.stderr is not None
    listening = threading.Thread(target=lambda: said.extend(process.stderr or []))
    listening.start()
    own = workers = 0
    # Time, rows and processor time when the first rows were there, and when the last were seen.
    first: tuple[float, int, float] | None = None
    last = began, 0, 0.0
    count = _lines(rows) if "--resume" in more else 0
    at_start = count
    while process.poll() is None:
        time.sleep(0.25)
        try:
            parent = psutil.Process(process.pid)
            own = max(own, parent.memory_info().rss)
            children = parent.children(recursive=True)
            workers = max([workers, *(child.memory_info().rss for child in children)])
            spent = sum(sum(one.cpu_times()[:2]) for one in (parent, *children))
        except psutil.Error:
            continue
        count = max(count, _lines(rows))
        if count > at_start and count != last[1]:
            last = time.perf_counter(), count, spent
            first = first or last
        if kill_at is not None and count >= kill_at:
            process.send_signal(signal.SIGKILL)
            process.wait()
    listening.join()
    if kill_at is None and process.returncode not in (0, 1):
        raise SystemExit("".join(said))
    first = first or last
    seconds, judged, spent = (one - other for one, other in zip(last, first, strict=True))
    if not judged:
        raise SystemExit("too few records to measure")
    return Measured(
        time.perf_counter() - began,
        judged / seconds,
        own / 2**20,
        workers / 2**20,
        first[0] - began,
        spent / judged,
    )


def _lines(path: Path) -> int:
    try:
        with path.open("rb") as stream:
            return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) - 1
    except OSError:
        return 0


def _say(what: str, found: Measured) -> None:
    print(
        f"{what}: {found.seconds:.0f} s, first rows after {found.until_rows:.1f} s, then {found.rate:.1f} records/s, "
        f"{1000 * found.processor:.0f} ms of processor time a record; "
        f"peaks {found.own_peak:.0f} MiB, each worker {found.worker_peak:.0f} MiB (load {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def main() -> None:
    """Run all of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=5000)
    options.add_argument("--model", help="a model's folder in place of the bundled ensemble")
    chosen = options.parse_args()
    count, model = chosen.records, ["--model", chosen.model] if chosen.model else []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        few, many = count // 10, count
        small = link_archive(folder / "few", few)
        large = link_archive(folder / "many", many)
        # One and two in turn, twice: what else the machine does meets both.
        rates: dict[str, list[float]] = {"1": [], "2": []}
        for turn in range(2):
            for workers in ("1", "2"):
                found = predict(small, folder / f"few-{workers}-{turn}.csv", "--workers", workers, *model)
                _say(f"{few} records, {workers} worker(s)", found)
                rates[workers].append(found.rate)
        print(f"two workers are {sum(rates['2']) / sum(rates['1']):.2f} times one", flush=True)
        _say(f"{many} records, 2 workers", predict(large, folder / "whole.csv", "--workers", "2", *model))
        broken = predict(large, folder / "killed.csv", "--workers", "2", *model, kill_at=many * 2 // 5)
        _say("killed", broken)
        _say("resumed", predict(large, folder / "killed.csv", "--workers", "2", *model, "--resume"))
        same = (folder / "whole.csv").read_bytes() == (folder / "killed.csv").read_bytes()
        print("killed and resumed: " + ("the same table, byte for byte" if same else "ANOTHER TABLE"))
        if not same:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
