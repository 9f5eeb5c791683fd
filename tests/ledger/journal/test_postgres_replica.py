"""A hot standby of PostgreSQL is followed and never written."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StorageError
from ledger.journal.address import PostgresDatabase
from ledger.journal.description import describe_store
from ledger.journal.journal import Journal
from ledger.journal.postgres import PostgresRecorder
from tests.ledger.journal.recorder_suite import ORIGIN, assert_history_is_whole, keyed
from tests.postgres import OwnServer, server_folder, started_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[OwnServer, OwnServer]]:
    """A primary and its standby."""
    with started_server() as primary, server_folder() as standby:
        standby.run(
            "pg_basebackup",
            *("-h", str(primary.folder), "-U", "postgres", "-D", "data", "-R", "-c", "fast"),
        )
        standby.start()
        yield primary, standby


def test_a_standby_is_read_row_by_row_and_refuses_to_be_written(
    pair: tuple[OwnServer, OwnServer],
) -> None:
    primary, standby = pair
    url = primary.new_schema()
    writer = PostgresRecorder(url, ORIGIN, create=True)
    writer.append([keyed("k1", "a"), keyed(None)])
    other_url = url.replace(primary.folder.name, standby.folder.name)
    wait_for(standby, url, 2)
    reader = PostgresRecorder(other_url, ORIGIN)
    assert_history_is_whole(reader, 2)
    assert Journal(reader).size == 2
    with reader.subscribe(after=2, poll_seconds=0.02) as rows:
        writer.append([keyed("k2", "a")])
        assert next(rows).position == 3
    with pytest.raises(StorageError) as refused:
        reader.append([keyed("k3", "a")])
    assert refused.value.code == "store-read-only"
    assert str(standby.folder) in refused.value.sentence
    assert_history_is_whole(reader, 3)
    reader.close()
    writer.close()


def wait_for(standby: OwnServer, url: str, position: int) -> None:
    """Wait until the standby has the ledger that far."""
    schema = url.rpartition("%3D")[2]
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        known = standby.execute(f"SELECT to_regclass('{schema}.ledger_head')::text")
        if known != [(None,)]:
            at = standby.execute(f"SELECT position FROM {schema}.ledger_head")  # noqa: S608  ours
            if at == [(position,)]:
                return
        time.sleep(0.05)
    raise AssertionError("the standby does not follow")


def test_a_standby_says_that_it_is_one(pair: tuple[OwnServer, OwnServer]) -> None:
    primary, standby = pair
    names = [describe_store(PostgresDatabase(server.url)).name for server in (primary, standby)]
    assert names[1] == f"{names[0]} (replica)"
