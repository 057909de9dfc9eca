"""The label store: a file (SQLite) or a team's server (PostgreSQL) to which events are only ever added."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, exc, func, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url

from ecgview import __version__
from ecgview.review.events import Entry, Event, first_link, row_hash
from ecgview.review.schema import STEPS, current, events, versions

PROGRAM: Final = f"ecgview {__version__}"
VERSION: Final = len(STEPS)
"""Of the schema that this program writes."""

READ_AT_ONCE: Final = 100
"""Rows."""

_WAIT: Final = 10.0
_LOCK: Final = 0x6563_6776
"""Of PostgreSQL's advisory locks, the one that writers of labels take."""


class StoreError(Exception):
    """A store that cannot be opened, read or written; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a store had come: kept elsewhere, it shows later whether the end was cut off.

    Attributes
    ----------
    count : int
        Events.
    hash : str
        Of the last one.
    """

    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.count}:{self.hash}"

    @classmethod
    def parse(cls, written: str) -> Head:
        """Read what ``str()`` gave.

        Raises
        ------
        ValueError
            It is no such thing.
        """
        count, _, digest = written.strip().partition(":")
        if not (count.isascii() and count.isdigit() and len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
            raise ValueError(f"{written!r} is no note of a store's end; it looks like 12:5f3a…")
        return cls(int(count), digest)


class Snapshot:
    """A store as it stands within one transaction.

    Parameters
    ----------
    connection : Connection
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def head(self) -> Head:
        """Return number and hash of the last event; for an empty store 0 and what the first will follow on."""
        last = select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
        row = self._connection.execute(last).first()
        if row is not None:
            return Head(row.sequence, row.hash)
        store = self._connection.execute(select(versions.c.store).order_by(versions.c.version).limit(1)).scalar_one()
        return Head(0, first_link(store))

    def events(self, **wanted: str | Sequence[str]) -> Iterator[Event]:
        """Go through events in the order they were written.

        Parameters
        ----------
        **wanted
            A column's name and the value, or the values, it must have.
        """
        return self._rows(events, wanted)

    def current_labels(self, **wanted: str | Sequence[str]) -> Iterator[Event]:
        """Go through the labels that hold now: each reader's last on each class of each record."""
        return self._rows(current, wanted)

    def count(self, **wanted: str | Sequence[str]) -> int:
        """Return how many events there are."""
        return int(
            self._connection.execute(_matching(select(func.count()).select_from(events), events, wanted)).scalar_one()
        )

    def event(self, digest: str) -> Event | None:
        """Return the event with a hash."""
        row = self._connection.execute(select(events).where(events.c.hash == digest)).mappings().first()
        return None if row is None else Event.of_row(dict(row))

    def _rows(self, table: Table, wanted: dict[str, Any]) -> Iterator[Event]:
        yield from self.of_query(_matching(select(table).order_by(table.c.sequence), table, wanted))

    def of_query(self, query: Select[Any]) -> Iterator[Event]:
        """Go through the events that a query of whole rows finds."""
        with self._connection.execute(query.execution_options(yield_per=READ_AT_ONCE)) as rows:
            for row in rows.mappings():
                yield Event.of_row(dict(row))


def _matching(query: Any, table: Table, wanted: dict[str, Any]) -> Any:
    for name, value in wanted.items():
        column = table.c[name]
        query = query.where(column == value if isinstance(value, str) else column.in_(list(value)))
    # An index of some rows is taken only where it is said in the same words that no others are asked for.
    kinds = wanted.get("kind", "label")
    if "label" not in ([kinds] if isinstance(kinds, str) else kinds):
        query = query.where(text("kind <> 'label'"))
    if wanted.get("round_id"):
        query = query.where(text("round_id <> ''"))
    return query


class Store:
    """An append-only store of labels.

    Parameters
    ----------
    place : Path or str
        A file, created when it is not there, or ``postgresql://user@host/database``.
    create : bool
        Whether a file that is not there is created.
    wait : float
        Seconds to wait for another writer before giving up.

    Raises
    ------
    StoreError
        It cannot be opened, is no label store, or was written by a newer program.
    """

    def __init__(self, place: Path | str, create: bool = True, wait: float = _WAIT) -> None:
        self._wait = wait
        server = isinstance(place, str) and place.startswith(("postgresql:", "postgresql+psycopg:", "postgres:"))
        if not server and isinstance(place, str) and "://" in place:
            raise StoreError(f"{place.split('://')[0]}: only files and postgresql:// hold labels")
        self._engine = self._of_server(str(place)) if server else self._of_file(Path(place), create)
        try:
            self._migrate()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file or server."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """For raw questions; what it writes past this class is refused or found by `verify`."""
        return self._engine

    def append(self, entries: Iterable[Entry]) -> list[Event]:
        """Write entries, all or none; they are on disk when this returns.

        Parameters
        ----------
        entries : iterable of Entry

        Returns
        -------
        list of Event

        Raises
        ------
        EntryError
            An entry may not stand in the store; nothing was written.
        StoreError
            Nothing was written, for the reason given.
        """
        found = list(entries)
        return self.transact(lambda _: found)

    def transact(self, decide: Callable[[Snapshot], Iterable[Entry]]) -> list[Event]:
        """Look, decide and write as one step, which no other writer can come between.

        Parameters
        ----------
        decide : callable
            Given the store as it stands, returns what to write; what it raises stops everything.
        """
        with self._transaction(writing=True) as connection:
            snapshot = Snapshot(connection)
            entries = list(decide(snapshot))
            for entry in entries:
                entry.check()
            written = list(_chained(entries, snapshot.head()))
            if written:
                connection.execute(insert(events), [item.as_row() for item in written])
        return written

    def undo(self, reader: str, digest: str) -> Event:
        """Take a label back; only who gave it may. To redo, give it again.

        Parameters
        ----------
        reader : str
        digest : str
            Hash of the label's event.

        Raises
        ------
        StoreError
            There is no such label of this reader, or it is taken back already.
        """

        def decide(snapshot: Snapshot) -> list[Entry]:
            label = snapshot.event(digest)
            if label is None or label.kind != "label":
                raise StoreError(f"there is no label {digest[:12]}")
            if label.reader != reader:
                raise StoreError("a label can be taken back only by the reader who gave it")
            if snapshot.count(kind="undo", supersedes=digest):
                raise StoreError("this label is taken back already")
            shared = {name: getattr(label, name) for name in ("record_hash", "record_name", "code")}
            return [Entry(kind="undo", reader=reader, supersedes=digest, **shared)]

        return self.transact(decide)[0]

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Look at the store as it stands now, undisturbed by writers."""
        with self._transaction(writing=False) as connection:
            yield Snapshot(connection)

    def events(self, **wanted: str | Sequence[str]) -> Iterator[Event]:
        """As :meth:`Snapshot.events`."""
        with self.snapshot() as snapshot:
            yield from snapshot.events(**wanted)

    def current_labels(self, **wanted: str | Sequence[str]) -> Iterator[Event]:
        """As :meth:`Snapshot.current_labels`."""
        with self.snapshot() as snapshot:
            yield from snapshot.current_labels(**wanted)

    def head(self) -> Head:
        """As :meth:`Snapshot.head`."""
        with self.snapshot() as snapshot:
            return snapshot.head()

    @contextlib.contextmanager
    def _transaction(self, writing: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                connection.execution_options(ecgview_writing=writing)
                with connection.begin():
                    if writing and connection.dialect.name == "postgresql":
                        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                    yield connection
        except exc.DBAPIError as error:
            raise StoreError(self._words(error)) from error

    def _words(self, error: exc.DBAPIError) -> str:
        said = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
        if "locked" in said or "lock timeout" in said:
            said = f"another program has been writing for {self._wait:g} s; nothing was written, try again"
        elif "not a database" in said or "malformed" in said:
            said = f"it is no label store, or it is damaged ({said})"
        return f"{self}: {said}"

    def __str__(self) -> str:
        """Name the store, without a password."""
        url = self._engine.url
        return str(url.database) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)

    def _of_file(self, path: Path, create: bool) -> Engine:
        try:
            # Made before SQLite does, so that its companions take over that nobody else may read them.
            handle = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0), 0o600)
            os.close(handle)
            with contextlib.suppress(PermissionError):
                path.chmod(0o600)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror or error}") from error
        engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": self._wait})

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # transactions begin as the listener below says
            cursor = connection.cursor()
            mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            # FULL: a commit is on disk before it returns, also when the power fails.
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.close()
            if mode != "wal":
                connection.close()
                raise StoreError(f"{path}: this file system cannot hold a label store that several programs write")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            writing = connection.get_execution_options().get("ecgview_writing")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

        return engine

    def _of_server(self, place: str) -> Engine:
        try:
            url = make_url(place).set(drivername="postgresql+psycopg")
            engine = create_engine(
                url, isolation_level="READ COMMITTED", connect_args={"connect_timeout": max(2, int(self._wait))}
            )
        except exc.ArgumentError as error:
            raise StoreError("the address of the server cannot be understood") from error
        except ModuleNotFoundError as error:
            raise StoreError("PostgreSQL needs one more part: pip install 'ecgview[team]'") from error

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = {int(self._wait * 1000)}")
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if not connection.get_execution_options().get("ecgview_writing"):
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

        return engine

    def _migrate(self) -> None:
        if self._version() == VERSION:
            return
        with self._transaction(writing=True) as connection:
            found = _version_of(connection)  # another program may have been quicker
            if found > VERSION:
                raise StoreError(
                    f"{self}: written by a newer ecgview (schema {found}, this one knows {VERSION}); update ecgview"
                )
            if found == 0 and inspect(connection).get_table_names():
                raise StoreError(f"{self}: holds other tables and no labels; name another place")
            for number in range(found, VERSION):
                STEPS[number](connection)
                known = connection.execute(select(versions.c.store).limit(1)).scalar()
                row = {"version": number + 1, "store": known or str(uuid.uuid4()), "applied_at": _now()}
                connection.execute(insert(versions), row)

    def _version(self) -> int:
        with self._transaction(writing=False) as connection:
            return _version_of(connection)


def _version_of(connection: Connection) -> int:
    if not inspect(connection).has_table(versions.name):
        return 0
    return int(connection.execute(select(func.max(versions.c.version))).scalar() or 0)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _chained(entries: Iterable[Entry], head: Head) -> Iterator[Event]:
    names = [item.name for item in fields(Entry)]
    for entry in entries:
        values = {name: getattr(entry, name) for name in names}
        row = Event(**values, sequence=head.count + 1, written_at=_now(), program=PROGRAM, previous=head.hash).as_row()
        row["hash"] = row_hash(row)
        head = Head(row["sequence"], row["hash"])
        yield Event.of_row(row)
