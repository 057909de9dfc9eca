"""The tables of the label store, the triggers that keep them as they are, and how old stores come up to date."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Float, Integer, MetaData, Table, Text, text

metadata = MetaData()

versions = Table(
    "review_schema",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("store", Text, nullable=False),
    Column("applied_at", Text, nullable=False),
)

_COLUMNS: Final = (
    ("kind", Text, False),
    ("written_at", Text, False),
    ("reader", Text, False),
    ("record_hash", Text, False),
    ("record_name", Text, False),
    ("code", Text, False),
    ("decision", Text, True),
    ("confidence", Float(53), True),
    ("note", Text, False),
    ("region_lead", Text, True),
    ("region_from", Float(53), True),
    ("region_to", Float(53), True),
    ("visible", Text, False),
    ("program", Text, False),
    ("model", Text, False),
    ("round_id", Text, False),
    ("assignment", Text, False),
    ("supersedes", Text, False),
    ("payload", Text, False),
    ("previous", Text, False),
    ("hash", Text, False),
)


def _columns() -> list[Column[object]]:
    # SQLite numbers rows by an INTEGER PRIMARY KEY only, by no other integer type.
    number: Column[object] = Column(
        "sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    return [number, *(Column(name, kind, nullable=nullable) for name, kind, nullable in _COLUMNS)]


events = Table("review_events", metadata, *_columns())
current = Table("review_current", MetaData(), *_columns())
"""A view: the labels that hold now, see :data:`_HOLDS`."""

_APPEND_ONLY = "labels are append-only: events are never changed or removed"
_OUT_OF_ORDER = "labels are append-only: an event follows on the last one"

_SQLITE_TRIGGERS: Final = {
    f"{table}_no_{verb}": f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"""
    for table in ("review_events", "review_schema")
    for verb in ("update", "delete")
} | {
    # INSERT OR REPLACE removes rows without asking the triggers for DELETE.
    "review_events_in_order": f"""CREATE TRIGGER review_events_in_order BEFORE INSERT ON review_events
WHEN NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM review_events)
BEGIN SELECT RAISE(ABORT, '{_OUT_OF_ORDER}'); END""",
    "review_schema_in_order": f"""CREATE TRIGGER review_schema_in_order BEFORE INSERT ON review_schema
WHEN NEW.version IS NOT (SELECT COALESCE(MAX(version), 0) + 1 FROM review_schema)
BEGIN SELECT RAISE(ABORT, '{_OUT_OF_ORDER}'); END""",
}

_POSTGRESQL_FUNCTIONS: Final = (
    f"""CREATE FUNCTION review_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$""",
    f"""CREATE FUNCTION review_in_order() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF NEW.sequence IS DISTINCT FROM (SELECT COALESCE(MAX(sequence), 0) + 1 FROM review_events) THEN
    RAISE EXCEPTION '{_OUT_OF_ORDER}';
  END IF;
  RETURN NEW;
END $$""",
)
_POSTGRESQL_TRIGGERS: Final = {
    f"{table}_no_{verb}": f"""CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION review_refuse()"""
    for table in ("review_events", "review_schema")
    for verb in ("update", "delete", "truncate")
} | {
    "review_events_in_order": """CREATE TRIGGER review_events_in_order BEFORE INSERT ON review_events
FOR EACH ROW EXECUTE FUNCTION review_in_order()"""
}

# A label that was taken back does not count, nor one that the same reader gave before; taking the
# later one back makes the earlier one hold again.
_NOT_UNDONE = "NOT EXISTS (SELECT 1 FROM review_events u WHERE u.kind = 'undo' AND u.supersedes = {0}.hash)"
_HOLDS: Final = f"""e.kind = 'label' AND {_NOT_UNDONE.format("e")}
AND NOT EXISTS (
  SELECT 1 FROM review_events n
  WHERE n.kind = 'label' AND n.record_hash = e.record_hash AND n.code = e.code AND n.reader = e.reader
  AND n.sequence > e.sequence AND {_NOT_UNDONE.format("n")}
)"""
_CURRENT: Final = f"""CREATE VIEW review_current AS
SELECT e.* FROM review_events e
WHERE {_HOLDS}"""

# Among a million events, finding those that hold takes seconds. So their numbers are kept in a table of
# their own, by triggers; others see to it that it cannot be brought to say anything else than `_HOLDS`.
_HELD_CURRENT: Final = """CREATE VIEW review_current AS
SELECT e.* FROM review_events e JOIN review_held h ON h.sequence = e.sequence"""
_SAME_KEY = "n.kind = 'label' AND n.record_hash = {0}.record_hash AND n.code = {0}.code AND n.reader = {0}.reader"
_NOT_HELD = "the labels that hold now follow from the events alone; labels are append-only"
# The label of the same reader on the same class of the same record that held before the new one.
_BEFORE = f"""SELECT MAX(n.sequence) FROM review_events n
WHERE {_SAME_KEY.format("NEW")} AND n.sequence < NEW.sequence AND {_NOT_UNDONE.format("n")}"""
# What holds of the reader, class and record whose label is taken back.
_AGAIN = f"""SELECT MAX(n.sequence) AS sequence FROM review_events e JOIN review_events n ON {_SAME_KEY.format("e")}
WHERE e.hash = NEW.supersedes AND e.kind = 'label' AND {_NOT_UNDONE.format("n")}"""
_HOLDING = f"EXISTS (SELECT 1 FROM review_events e WHERE e.sequence = {{0}}.sequence AND {_HOLDS})"
# PostgreSQL carries these out after all rows of one statement are there, SQLite after each row; with what
# holds asked for each time, both come to the same.
_ONCE = "NOT EXISTS (SELECT 1 FROM review_held h WHERE h.sequence = {0}.sequence)"
_AFTER_LABEL: Final = (
    f"DELETE FROM review_held WHERE sequence = ({_BEFORE}) AND NOT {_HOLDING.format('review_held')}",
    f"INSERT INTO review_held (sequence) SELECT NEW.sequence WHERE {_HOLDING.format('NEW')} AND {_ONCE.format('NEW')}",
)
_AFTER_UNDO: Final = (
    "DELETE FROM review_held WHERE sequence = "
    "(SELECT e.sequence FROM review_events e WHERE e.hash = NEW.supersedes AND e.kind = 'label')",
    f"""INSERT INTO review_held (sequence) SELECT a.sequence FROM ({_AGAIN}) a
WHERE a.sequence IS NOT NULL AND {_ONCE.format("a")}""",
)


def _lines(statements: tuple[str, ...]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


_SQLITE_HELD: Final = {
    "review_held_label": f"""CREATE TRIGGER review_held_label AFTER INSERT ON review_events WHEN NEW.kind = 'label'
BEGIN {_lines(_AFTER_LABEL)}END""",
    "review_held_undo": f"""CREATE TRIGGER review_held_undo AFTER INSERT ON review_events WHEN NEW.kind = 'undo'
BEGIN {_lines(_AFTER_UNDO)}END""",
    "review_held_no_update": f"""CREATE TRIGGER review_held_no_update BEFORE UPDATE ON review_held
BEGIN SELECT RAISE(ABORT, '{_NOT_HELD}'); END""",
    "review_held_no_delete": f"""CREATE TRIGGER review_held_no_delete BEFORE DELETE ON review_held
WHEN {_HOLDING.format("OLD")}
BEGIN SELECT RAISE(ABORT, '{_NOT_HELD}'); END""",
    "review_held_no_other": f"""CREATE TRIGGER review_held_no_other BEFORE INSERT ON review_held
WHEN NOT {_HOLDING.format("NEW")}
BEGIN SELECT RAISE(ABORT, '{_NOT_HELD}'); END""",
}

_POSTGRESQL_HELD_FUNCTIONS: Final = (
    f"""CREATE FUNCTION review_hold() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF NEW.kind = 'label' THEN
{_lines(_AFTER_LABEL)}  ELSIF NEW.kind = 'undo' THEN
{_lines(_AFTER_UNDO)}  END IF;
  RETURN NULL;
END $$""",
    f"""CREATE FUNCTION review_held_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
  IF TG_OP = 'INSERT' THEN
    IF {_HOLDING.format("NEW")} THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF NOT {_HOLDING.format("OLD")} THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '{_NOT_HELD}';
END $$""",
)
_POSTGRESQL_HELD: Final = {
    "review_held_follow": """CREATE TRIGGER review_held_follow AFTER INSERT ON review_events
FOR EACH ROW EXECUTE FUNCTION review_hold()""",
    "review_held_guarded": """CREATE TRIGGER review_held_guarded BEFORE INSERT OR UPDATE OR DELETE ON review_held
FOR EACH ROW EXECUTE FUNCTION review_held_guard()""",
    "review_held_no_truncate": """CREATE TRIGGER review_held_no_truncate BEFORE TRUNCATE ON review_held
FOR EACH STATEMENT EXECUTE FUNCTION review_held_guard()""",
}


def _tables(connection: Connection) -> None:
    metadata.create_all(connection)
    sqlite = connection.dialect.name == "sqlite"
    for statement in () if sqlite else _POSTGRESQL_FUNCTIONS:
        connection.execute(text(statement))
    for statement in (_SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS).values():
        connection.execute(text(statement))


def _views(connection: Connection) -> None:
    for statement in (
        "CREATE INDEX review_by_record ON review_events (record_hash, code, reader, sequence) WHERE kind = 'label'",
        "CREATE INDEX review_undone ON review_events (supersedes) WHERE kind = 'undo'",
        "CREATE INDEX review_by_round ON review_events (round_id, sequence) WHERE round_id <> ''",
        _CURRENT,
    ):
        connection.execute(text(statement))


def _held(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    number = "INTEGER" if sqlite else "BIGINT"
    for statement in (
        # Of all events now: an index of some is passed over unless the question says that it asks for no others.
        "DROP INDEX review_by_record",
        "CREATE INDEX review_by_record ON review_events (record_hash, code, reader, sequence)",
        f"CREATE TABLE review_held (sequence {number} PRIMARY KEY NOT NULL)",
        f"INSERT INTO review_held (sequence) SELECT e.sequence FROM review_events e WHERE {_HOLDS}",
        "DROP VIEW review_current",
        _HELD_CURRENT,
        "CREATE INDEX review_by_hash ON review_events (hash)",
        "CREATE INDEX review_no_labels ON review_events (kind, sequence) WHERE kind <> 'label'",
        "CREATE INDEX review_by_time ON review_events (written_at)",
        *(() if sqlite else _POSTGRESQL_HELD_FUNCTIONS),
        *(_SQLITE_HELD if sqlite else _POSTGRESQL_HELD).values(),
    ):
        # Past SQLAlchemy's marks for values: a colon may stand in SQL's own words.
        connection.exec_driver_sql(statement)


STEPS: Final = (_tables, _views, _held)
"""What brings a store from version n to n + 1. Steps are added, never altered."""


def absent_triggers(connection: Connection) -> list[str]:
    """Return the names of triggers that should guard the store and do not, and of the view if it is another."""
    if connection.dialect.name == "sqlite":
        wanted = _SQLITE_TRIGGERS | _SQLITE_HELD | {"review_current": _HELD_CURRENT}
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"))
        # By its text too: a trigger of the same name may do nothing.
        there = {name for name, sql in found if sql == wanted.get(name)}
    else:
        wanted = _POSTGRESQL_TRIGGERS | _POSTGRESQL_HELD
        found = connection.execute(
            text(
                "SELECT tgname, tgname FROM pg_trigger WHERE tgenabled <> 'D' AND tgrelid IN "
                "(to_regclass('review_events'), to_regclass('review_schema'), to_regclass('review_held'))"
            )
        )
        there = {name for name, _ in found}
    return sorted(set(wanted) - there)


def wrongly_held(connection: Connection) -> list[int]:
    """Return numbers of events that are listed as holding now and do not, or do and are not listed; at most ten."""
    found = connection.exec_driver_sql(
        f"""SELECT * FROM (SELECT h.sequence FROM review_held h WHERE NOT {_HOLDING.format("h")} LIMIT 5) a
UNION ALL
SELECT * FROM (SELECT e.sequence FROM review_events e WHERE {_HOLDS}
AND NOT EXISTS (SELECT 1 FROM review_held h WHERE h.sequence = e.sequence) LIMIT 5) b"""
    )
    return [int(number) for (number,) in found]
