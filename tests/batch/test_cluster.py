"""Records judged by processes on the loopback interface: the same rows as in one process, whoever dies."""

from __future__ import annotations

import ipaddress
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from batch_files import write_folder
from distributed import WorkerPlugin

import ecgview
from ecgview.batch import cluster
from ecgview.batch.job import BatchError, Job
from ecgview.model.batch import Row, chunks, judge_chunk
from ecgview.model.bundle import open_bundle
from ecgview.model.ensemble import Ensemble
from ecgview.record import expand

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes by signal")
SIZE = 5


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two workers; nothing of them is left at the end."""
    with cluster.local_client(2) as started:
        yield started
    left = [child for child in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(child.cmdline())]
    assert not left


@pytest.fixture(scope="module")
def job(model_folder: Path) -> Job:
    bundle = open_bundle(model_folder)
    return Job(str(model_folder), bundle.model_hash, None, "cpu", ecgview.__version__)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return [str(path) for path in expand([write_folder(tmp_path_factory.mktemp("cluster") / "records", 43)])]


@pytest.fixture(scope="module")
def serial(model_folder: Path, paths: list[str]) -> list[Row]:
    ensemble = Ensemble.load(model_folder, "cpu")
    return [row for chunk in chunks(paths, SIZE) for row in judge_chunk(ensemble, [Path(path) for path in chunk])]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "chunks", partial(chunks, size=SIZE))


def assert_equal(found: list[Row], expected: list[Row]) -> None:
    """Equal to the last bit."""
    assert [(row.path, row.status) for row in found] == [(row.path, row.status) for row in expected]
    for one, other in zip(found, expected, strict=True):
        assert (one.prediction is None) == (other.prediction is None)
        if one.prediction is not None and other.prediction is not None:
            assert one.prediction.record_hash == other.prediction.record_hash
            assert np.array_equal(one.prediction.members, other.prediction.members)


def test_processes_give_the_rows_of_one_process_in_order(
    client: Any, job: Job, paths: list[str], serial: list[Row]
) -> None:
    told: list[str] = []
    found = [row for chunk in cluster.Judging(client, job, told.append).rows(paths) for row in chunk]
    assert_equal(found, serial)
    assert not told


def test_few_chunks_are_ahead_of_the_one_that_is_written(client: Any, job: Job, paths: list[str]) -> None:
    taken: list[str] = []

    def watched() -> Iterator[str]:
        for path in paths * 20:
            taken.append(path)
            yield path

    coming = cluster.Judging(client, job, print).rows(watched())
    next(coming)
    assert len(taken) <= (cluster._AHEAD * 2 + 1) * SIZE
    coming.close()


def test_nobody_else_is_let_in(client: Any) -> None:
    assert client.scheduler.address.startswith("tls://127.0.0.1:")
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert all(ipaddress.ip_address(address).is_loopback for address in listening)


def test_a_worker_killed_in_mid_run_changes_nothing(client: Any, job: Job, paths: list[str], serial: list[Row]) -> None:
    coming = cluster.Judging(client, job, print).rows(paths)
    found = list(next(coming))
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
    for chunk in coming:
        found += chunk
    assert_equal(found, serial)


@pytest.mark.slow
def test_a_file_that_ends_its_process_is_a_row_and_stops_nothing(
    client: Any, job: Job, paths: list[str], serial: list[Row]
) -> None:
    deadly = paths[8]

    class Deadly(WorkerPlugin):
        """Makes reading one of the files end the process, as a fault in native code would."""

        def setup(self, worker: Any) -> None:
            import os

            from ecgview.model import batch

            read = batch.read

            def reading(path: Path) -> Any:
                if str(path) == deadly:
                    os._exit(1)
                return read(path)

            self.read = read
            batch.read = reading

        def teardown(self, worker: Any) -> None:
            from ecgview.model import batch

            batch.read = self.read

    client.register_plugin(Deadly(), name="deadly")
    told: list[str] = []
    try:
        found = [row for chunk in cluster.Judging(client, job, told.append).rows(paths) for row in chunk]
    finally:
        client.unregister_worker_plugin("deadly")
    assert found[8] == Row(deadly, "unreadable: it ended the process that read it", None)
    assert told
    assert [row.path for row in found] == paths
    # Its chunk is judged in other company; all others are as they were.
    assert_equal(found[:5] + found[10:], serial[:5] + serial[10:])
    assert [row.status for row in found[5:8]] == [row.status for row in serial[5:8]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_hash": "0" * 64}, "is another one there"),
        ({"model": "/nowhere"}, "/nowhere"),
        ({"version": "0.0.0"}, "ecgview is .* there and 0.0.0 here"),
        ({"witness": "/nowhere/r.hea"}, "records must lie under the same path"),
    ],
)
def test_a_worker_that_is_unfit_says_why(
    client: Any, job: Job, paths: list[str], change: dict[str, str], said: str
) -> None:
    with pytest.raises(BatchError, match=said):
        list(cluster.Judging(client, replace(job, **change), print).rows(paths))


def test_an_address_where_nobody_answers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECTING", 0.5)
    address = "tcp://127.0.0.1:9"
    with pytest.raises(BatchError, match=f"no scheduler answers at {address}"), cluster.client_at(address):
        pass
