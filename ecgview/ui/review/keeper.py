"""The label store for the window: on a thread of its own, one thing after another, each answered."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from ecgview.review.store import Store

Work = Callable[["Store"], Any]
Answer = Callable[[Any], None]
Failure = Callable[[Exception], None]


@dataclass(frozen=True, slots=True)
class _Job:
    place: str
    work: Work
    done: Answer
    failed: Failure


class Keeper(QObject):
    """Does work on a label store while the window goes on.

    What was asked first is done first, and nothing that was asked is dropped: closing waits for
    the writing that is still to be done. The store is opened with the first work on it.

    Parameters
    ----------
    parent : QObject, optional

    Attributes
    ----------
    place : str
        The store's file or address; work asked for from now on is done there.
    """

    _answered = Signal(object, object)
    _failed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.place = ""
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._answered.connect(self._answer)
        self._failed.connect(self._fail)

    def ask(self, work: Work, done: Answer, failed: Failure) -> None:
        """Have something done with the store.

        Parameters
        ----------
        work : callable
            Called with the open store on the keeper's thread.
        done : callable
            Called in the window with what `work` returned.
        failed : callable
            Called in the window with what opening the store or `work` raised.
        """
        if self._closing:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="keeping labels", daemon=True)
            self._thread.start()
        self._jobs.put(_Job(self.place, work, done, failed))

    def close(self) -> None:
        """Finish what was asked for and end the thread; nothing is answered any more."""
        self._closing = True
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        opened: tuple[str, Store] | None = None
        while (job := self._jobs.get()) is not None:
            try:
                if opened is None or opened[0] != job.place:
                    if opened is not None:
                        opened[1].close()
                        opened = None
                    opened = job.place, _opened(job.place)
                answer = job.work(opened[1])
            except Exception as error:  # handed on whole: the receiver shows it
                self._failed.emit(job, error)
            else:
                self._answered.emit(job, answer)
        if opened is not None:
            opened[1].close()

    def _answer(self, job: _Job, answer: Any) -> None:
        if not self._closing:
            job.done(answer)

    def _fail(self, job: _Job, error: Exception) -> None:
        if not self._closing:
            job.failed(error)


def _opened(place: str) -> Store:
    # It brings SQLAlchemy, which the first picture need not wait for.
    from ecgview.review.store import Store

    if "://" not in place:
        Path(place).parent.mkdir(parents=True, exist_ok=True)
    return Store(place)
