"""`ecgview predict` on many files as people run it: at an address, killed, stopped, gone on with."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from batch_files import write_folder
from typer.testing import CliRunner, Result

from ecgview import cli, predict_cli
from ecgview.batch import cluster
from ecgview.batch.job import BatchError

PATIENCE = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("predict") / "records", 200)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory, folder: Path, model_folder: Path) -> bytes:
    """The table of an undisturbed run in one process."""
    out = tmp_path_factory.mktemp("serial") / "p.csv"
    files = sorted(folder.glob("r*"))
    # Few enough for one process.
    result = run("predict", *files[:199], "--out", out, "--model", model_folder, "--device", "cpu")
    assert result.exit_code == cli.SOME_FAILED
    return out.read_bytes()


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ecgview", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(process: subprocess.Popen[str], what: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "waited in vain"
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            assert what(), "the process ended before"


def rows_of(out: Path) -> int:
    rows = out.with_name(f"{out.name}.unfinished") / "rows"
    return rows.read_bytes().count(b"\n") - 1 if rows.exists() else 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "needs --out"),
        (["--scheduler", "elsewhere"], "neither local nor tcp://"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "a cluster has the workers it has"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_wrong_usage_is_said(folder: Path, arguments: list[str], said: str) -> None:
    result = run("predict", folder, *arguments)
    assert result.exit_code == cli.WRONG_USAGE
    assert said in " ".join(result.stderr.split())


def test_dask_is_imported_where_it_is_asked_for_alone(folder: Path, model_folder: Path) -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from ecgview.cli import app; run = CliRunner().invoke\n"
        f"file = {str(folder / 'r00000.hea')!r}\n"
        "assert run(app, ['info', file]).exit_code == 0\n"
        "assert run(app, ['predict', '--help']).exit_code == 0\n"
        f"assert run(app, ['predict', file, '--model', {str(model_folder)!r}]).exit_code == 0\n"
        "assert not {'dask', 'distributed', 'tornado', 'fastparquet', 'cryptography'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_killed_and_resumed_in_one_process(folder: Path, model_folder: Path, tmp_path: Path, serial: bytes) -> None:
    out = tmp_path / "p.csv"
    files = sorted(folder.glob("r*"))[:199]
    arguments = ("predict", *files, "--out", out, "--model", model_folder, "--device", "cpu")
    process = started(*arguments)
    wait_for(process, lambda: rows_of(out) >= 64)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not out.exists()
    kept = rows_of(out)
    refused = run(*arguments)
    assert refused.exit_code == cli.WRONG_USAGE
    assert "--resume" in refused.stderr
    result = run(*arguments, "--resume")
    assert result.exit_code == cli.SOME_FAILED
    assert f"{kept} of 199 rows are kept" in result.stderr
    assert "143 of 199 records judged" in result.stderr
    assert out.read_bytes() == serial
    again = run(*arguments, "--resume")
    assert again.exit_code == 0
    assert "there is nothing to go on with" in " ".join(again.stderr.split())


def test_where_no_process_can_be_started_this_one_does_it_and_a_log_tells_how_far(
    folder: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def refused(workers: int) -> Iterator[None]:
        raise BatchError("processes side by side cannot be started here: no loopback")
        yield

    monkeypatch.setattr(cluster, "local_client", refused)
    monkeypatch.setattr(predict_cli, "FEW", 1)
    monkeypatch.setattr(predict_cli, "_SECONDS_A_LINE", 0.0)
    arguments = ("predict", *sorted(folder.glob("r*"))[:9], "--out", tmp_path / "p.json", "--model", model_folder)
    result = run(*arguments)
    said = " ".join(result.stderr.split())
    assert result.exit_code == cli.SOME_FAILED
    assert "no loopback. Records are judged in this one" in said
    assert re.search(r"9 of 9 records, [\d.]+ a second, about 0 min left", said)
    assert len(json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))["records"]) == 9
    # Asked for by name they are not silently done without.
    assert run(*arguments, "--workers", "2").exit_code == cli.WRONG_USAGE
    assert not (tmp_path / "p.json.unfinished").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="a terminal's Ctrl+C is a signal to a group of processes")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_or_killed_no_worker_is_left(
    folder: Path, model_folder: Path, tmp_path: Path, how: signal.Signals
) -> None:
    out = tmp_path / "p.csv"
    arguments = ("predict", folder, "--out", out, "--model", model_folder, "--device", "cpu", "--workers", "2")
    process = started(*arguments)
    wait_for(process, lambda: rows_of(out) >= 64)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == (130 if how is signal.SIGINT else -how)
    if how is signal.SIGINT:
        assert "The same command with --resume goes on" in " ".join(said.split())
        assert "Traceback" not in said
    _gone, left = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not left
    result = run(*arguments, "--resume")
    assert result.exit_code == cli.SOME_FAILED
    whole = run(*arguments[:3], tmp_path / "whole.csv", *arguments[4:])
    assert whole.exit_code == cli.SOME_FAILED
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


@contextmanager
def scheduler_with_workers(count: int, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Run Dask's own programs, each in a process, as on a cluster."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"

    def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments, "--no-dashboard"]
        return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    processes = [start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))]
    own = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--local-directory", str(folder))
    processes += [start("dask_worker", address, *own) for _ in range(count)]
    try:
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.slow
def test_a_cluster_at_an_address_that_loses_a_worker_gives_the_serial_table(
    folder: Path, model_folder: Path, tmp_path: Path, serial: bytes
) -> None:
    out = tmp_path / "p.csv"
    files = sorted(folder.glob("r*"))[:199]
    with scheduler_with_workers(2, tmp_path) as (address, workers):
        process = started(
            "predict", *files, "--out", out, "--model", model_folder, "--device", "cpu", "--scheduler", address
        )
        wait_for(process, lambda: rows_of(out) >= 64)
        workers[0].kill()
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == cli.SOME_FAILED, said
        assert out.read_bytes() == serial
        refused = run("predict", *files, "--out", tmp_path / "q.csv", "--model", tmp_path, "--scheduler", address)
        assert refused.exit_code == cli.WRONG_USAGE


def test_the_table_of_the_fixture_is_what_it_seems(serial: bytes) -> None:
    statuses = [row["status"].partition(":")[0] for row in csv.DictReader(serial.decode("utf-8").splitlines())]
    assert len(statuses) == 199
    assert {status: statuses.count(status) for status in set(statuses)} == {"ok": 143, "refused": 28, "unreadable": 28}
