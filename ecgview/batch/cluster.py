"""Chunks of files sent to the workers of a Dask scheduler, and their rows taken back in order.

A scheduler of our own is started on this machine, or one at an address is used. Dask is imported
when one of them is, and on no other way through the program.
"""

from __future__ import annotations

import logging
import signal
import tempfile
import time
from asyncio import CancelledError
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ecgview.batch import worker
from ecgview.batch.job import BatchError, Job
from ecgview.model.batch import Row, chunks

CONNECTING = 20.0
"""Seconds within which a scheduler must answer."""
PATIENCE = 60.0
"""Seconds to wait for a worker where there is none."""
_MEMORY_A_WORKER = 1 << 30
"""Bytes that a worker is counted with when there are more cores than memory."""
_SENT = 2
"""Chunks with the scheduler for each worker: one at work, one waiting, so that none waits for us."""
_AHEAD = 8
"""Chunks for each worker that may be ahead of the one whose rows are written next."""
_SETTINGS = {
    # No pages and no figures are served.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    # A chunk is taken away from the others at the first death; see Judging.
    "distributed.scheduler.allowed-failures": 0,
    # Near its limit of memory a worker is ended, and with it what fills it. Were it paused, it would wait for ever.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # Dask has memory given back to the system at every turn. The networks ask for the same stretches
    # again and again: fetching them anew took a third of the time.
    "distributed.nanny.pre-spawn-environ": {
        "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "OMP_NUM_THREADS": 1,
        "MKL_NUM_THREADS": 1,
        "OPENBLAS_NUM_THREADS": 1,
    },
}


def workers_here() -> int:
    """Return how many workers this machine has cores and memory for."""
    import psutil
    from dask.system import CPU_COUNT

    return int(max(1, min(CPU_COUNT, psutil.virtual_memory().available // _MEMORY_A_WORKER)))


@contextmanager
def local_client(workers: int) -> Iterator[Any]:
    """Start a scheduler and workers on this machine and give a client of theirs; all gone when the block ends.

    They listen on the loopback interface alone and speak TLS with a key made for this run: a
    scheduler does whatever anybody who reaches it asks for, and other users of a machine reach its
    loopback too.

    Parameters
    ----------
    workers : int
        Processes, with one thread each.

    Yields
    ------
    distributed.Client

    Raises
    ------
    BatchError
        They cannot be started here.
    """
    import dask
    from distributed import Client, LocalCluster, Security

    with (
        dask.config.set(_SETTINGS),
        tempfile.TemporaryDirectory(prefix="ecgview-", ignore_cleanup_errors=True) as scratch,
    ):
        security = Security.temporary()
        try:
            with _not_interrupted():
                cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                    # Left out, the server of the dashboard would listen on every interface, dashboard or not.
                    scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                    security=security,
                    silence_logs=logging.CRITICAL + 1,
                    local_directory=scratch,
                )
        except (OSError, RuntimeError, TimeoutError) as error:
            raise BatchError(f"processes side by side cannot be started here: {error}") from error
        with cluster, Client(cluster, security=security) as client:
            yield client


@contextmanager
def client_at(address: str) -> Iterator[Any]:
    """Give a client of the scheduler at an address.

    Parameters
    ----------
    address : str
        As in ``tcp://host:8786``, or ``tls://…`` with certificates in Dask's own configuration.

    Yields
    ------
    distributed.Client

    Raises
    ------
    BatchError
        It does not answer, or no worker comes.
    """
    from distributed import Client

    with _quiet("distributed"):
        try:
            client = Client(address, timeout=CONNECTING)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise BatchError(f"no scheduler answers at {address}: {error}") from error
        with client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError as error:
                raise BatchError(f"the scheduler at {address} has no workers") from error
            yield client


class Judging:
    """A stream of files judged by a scheduler's workers.

    A chunk whose worker died is judged again with nothing else at work, so that no chunk pays for
    another's fault. If the worker dies again, its files are judged one by one; the one that ends a
    worker even then has shown it three times and is told as a row.

    Parameters
    ----------
    client : distributed.Client
    job : Job
    told : callable
        Given a sentence when something happened that a user wants to know.
    """

    def __init__(self, client: Any, job: Job, told: Callable[[str], None]) -> None:
        self._client, self._job, self._told = client, job, told
        self._workers = 1
        self._counted = self._seen = time.monotonic()

    def rows(self, paths: Iterable[str]) -> Iterator[list[Row]]:
        """Judge files.

        Parameters
        ----------
        paths : iterable of str
            Taken in as workers come free.

        Yields
        ------
        list of Row
            A chunk, in the order of the paths.

        Raises
        ------
        BatchError
            Scheduler or workers are lost, or unfit for the job.
        """
        coming = chunks(paths)
        waiting: deque[list[str]] = deque()  # not written, oldest first
        done: dict[int, list[Row]] = {}
        sent: dict[Any, tuple[int, list[str]]] = {}
        suspects: list[tuple[int, list[str]]] = []
        first = 0
        exhausted = False
        self._count_workers()
        try:
            while True:
                while (
                    not suspects
                    and not exhausted
                    and len(sent) < _SENT * self._workers
                    and len(waiting) < _AHEAD * self._workers
                ):
                    chunk = next(coming, None)
                    if chunk is None:
                        exhausted = True
                        break
                    sent[self._send(chunk)] = (first + len(waiting), chunk)
                    waiting.append(chunk)
                if sent:
                    for future in self._settled(sent):
                        place, chunk = sent.pop(future)
                        rows = self._rows_of(future, chunk)
                        if rows is None:
                            suspects.append((place, chunk))
                        else:
                            done[place] = rows
                elif suspects:
                    for place, chunk in sorted(suspects):
                        done[place] = self._carefully(chunk)
                    suspects.clear()
                while first in done:
                    waiting.popleft()
                    yield done.pop(first)
                    first += 1
                if exhausted and not waiting:
                    return
        finally:
            for future in sent:
                future.release()

    def _send(self, chunk: list[str]) -> Any:
        absolute = [str(Path(path).absolute()) for path in chunk]
        return self._client.submit(worker.judge, self._job, absolute, pure=False)

    def _settled(self, sent: Iterable[Any]) -> list[Any]:
        """Wait until one or more of the futures are settled."""
        from distributed import wait

        while True:
            try:
                return list(wait(list(sent), timeout=1, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                self._count_workers()
            except CancelledError as error:
                raise BatchError("the scheduler is lost") from error

    def _count_workers(self) -> None:
        now = time.monotonic()
        if self._client.status != "running":
            raise BatchError("the scheduler is lost")
        self._workers = sum(self._client.nthreads().values()) or self._workers
        if self._client.nthreads():
            self._seen = now
        elif now - self._seen > PATIENCE:
            raise BatchError(f"all workers are lost, and none came back within {PATIENCE:.0f} s")

    def _rows_of(self, future: Any, chunk: list[str]) -> list[Row] | None:
        """Return a chunk's rows; None where its worker died."""
        from distributed import KilledWorker

        try:
            rows: list[Row] = future.result()
        except KilledWorker:
            self._told("a worker ended; its files are tried again")
            return None
        except BatchError:
            raise
        except CancelledError as error:
            raise BatchError("the scheduler is lost") from error
        except Exception as error:
            raise BatchError(f"a worker cannot do this: {type(error).__name__}: {error}") from error
        finally:
            future.release()
        return [replace(row, path=path) for row, path in zip(rows, chunk, strict=True)]

    def _alone(self, chunk: list[str]) -> list[Row] | None:
        future = self._send(chunk)
        try:
            self._settled([future])
            return self._rows_of(future, chunk)
        finally:
            future.release()

    def _carefully(self, chunk: list[str]) -> list[Row]:
        # Whole first: then the numbers are the same to the last bit as if nothing had happened.
        if (rows := self._alone(chunk)) is not None:
            return rows
        rows = []
        for path in chunk:
            found = self._alone([path])
            rows += found if found is not None else [Row(path, "unreadable: it ended the process that read it", None)]
        return rows


@contextmanager
def _not_interrupted() -> Iterator[None]:
    """Keep Ctrl+C from processes and threads that are started within.

    A terminal sends it to all of them. It is for this process to end the others, in order; what is
    blocked here stays blocked in them. Ours comes when the block ends.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Python's helper of multiprocessing lifts the block in the thread that starts it: start it before.
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a library's log to itself: what matters of it is told in our own words."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
