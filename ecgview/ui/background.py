"""Work beside the window: one thread that does the latest thing asked of it, and says for which asking."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

Cancelled = Callable[[], bool]


class Latest(QObject):
    """A worker that only ever cares for the last request.

    A new request replaces one that waits and calls off one that runs. Every answer carries the
    ticket of its request, so a receiver can tell an answer to an old question and drop it.

    Parameters
    ----------
    work : callable
        Called on the worker's thread as ``work(request, cancelled)``; what it returns is the
        answer. It asks ``cancelled()`` from time to time and may return anything once that is True.
    name : str
        Of the thread, for people who look at a stuck program.
    parent : QObject, optional

    Attributes
    ----------
    answered : Signal(int, object)
        Ticket and answer.
    failed : Signal(int, object)
        Ticket and the exception that `work` raised.
    """

    answered = Signal(int, object)
    failed = Signal(int, object)

    def __init__(self, work: Callable[[Any, Cancelled], Any], name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._name = name
        self._requests: queue.Queue[tuple[int, Any] | None] = queue.Queue()
        self._ticket = 0
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def ticket(self) -> int:
        """The last request's ticket; 0 before the first and grown by one with each."""
        return self._ticket

    def ask(self, request: Any) -> int:
        """Ask for work in place of all that was asked before; return the ticket of the answer.

        Once closed, nothing is done any more.
        """
        self._ticket += 1
        if self._closing:
            return self._ticket
        if self._thread is None:
            # A plain Python thread: QThread objects that outlive their owner abort the program.
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self._requests.put((self._ticket, request))
        return self._ticket

    def call_off(self) -> None:
        """Want no answer to what was asked so far."""
        self._ticket += 1

    def close(self) -> None:
        """Call everything off and wait for the thread to end."""
        self._closing = True
        self._ticket += 1
        self._requests.put(None)
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (item := self._requests.get()) is not None:
            ticket, request = item

            def cancelled(ticket: int = ticket) -> bool:
                return self._closing or ticket != self._ticket

            if cancelled():
                continue
            try:
                answer = self._work(request, cancelled)
            except Exception as error:  # handed on whole: the receiver shows it
                if not cancelled():
                    self.failed.emit(ticket, error)
            else:
                if not cancelled():
                    self.answered.emit(ticket, answer)
