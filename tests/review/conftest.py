"""Label stores for the tests, of both engines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import find_binaries, running_server
from sqlalchemy import create_engine, text

from ecgview.review.store import Store

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="PostgreSQL needs psycopg: pip install 'ecgview[team]'")
    with running_server(binaries) as address:
        yield address


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty store may be made."""
    if request.param == "SQLite":
        return tmp_path / "labels.db"
    address: str = request.getfixturevalue("server")
    name = f"labels{next(_numbers)}"
    engine = create_engine(
        address.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return address.format(name=name)


@pytest.fixture
def store(place: Path | str) -> Iterator[Store]:
    with Store(place) as opened:
        yield opened
