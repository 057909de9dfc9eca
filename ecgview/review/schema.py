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
"""A view: the labels that hold now, see :data:`_CURRENT`."""

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
_CURRENT: Final = f"""CREATE VIEW review_current AS
SELECT e.* FROM review_events e
WHERE e.kind = 'label' AND {_NOT_UNDONE.format("e")}
AND NOT EXISTS (
  SELECT 1 FROM review_events n
  WHERE n.kind = 'label' AND n.record_hash = e.record_hash AND n.code = e.code AND n.reader = e.reader
  AND n.sequence > e.sequence AND {_NOT_UNDONE.format("n")}
)"""


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


STEPS: Final = (_tables, _views)
"""What brings a store from version n to n + 1. Steps are added, never altered."""


def absent_triggers(connection: Connection) -> list[str]:
    """Return the names of triggers that should guard the store and do not."""
    if connection.dialect.name == "sqlite":
        wanted = _SQLITE_TRIGGERS
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        # By its text too: a trigger of the same name may do nothing.
        there = {name for name, sql in found if sql == wanted.get(name)}
    else:
        wanted = _POSTGRESQL_TRIGGERS
        found = connection.execute(
            text(
                "SELECT tgname, tgname FROM pg_trigger WHERE tgenabled <> 'D' AND tgrelid IN "
                "(to_regclass('review_events'), to_regclass('review_schema'))"
            )
        )
        there = {name for name, _ in found}
    return sorted(set(wanted) - there)
