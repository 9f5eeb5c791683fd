"""Addresses of stores: what they say, what is refused, and passwords that are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import ShapeError
from ledger.journal.address import (
    PostgresDatabase,
    SQLiteFile,
    has_password,
    masked,
    parse_address,
)

ADDRESSES = {
    "var/ledger.sqlite": SQLiteFile(Path("var/ledger.sqlite")),
    "sqlite:///dati/ledger.sqlite": SQLiteFile(Path("/dati/ledger.sqlite")),
    "SQLITE:///dati/il%20registro.sqlite": SQLiteFile(Path("/dati/il registro.sqlite")),
    "sqlite:///dati/l.sqlite?mode=ro": SQLiteFile(Path("/dati/l.sqlite"), "mode=ro"),
    "sqlite:///dati/l.sqlite?immutable=1": SQLiteFile(Path("/dati/l.sqlite"), "immutable=1"),
    "postgresql://db/pista": PostgresDatabase("postgresql://db/pista"),
    "postgres://pista@a,b/pista?target_session_attrs=read-write": PostgresDatabase(
        "postgres://pista@a,b/pista?target_session_attrs=read-write"
    ),
    "postgresql://?service=pista": PostgresDatabase("postgresql://?service=pista"),
}
MASKED = {
    "var/ledger.sqlite": "var/ledger.sqlite",
    "postgresql://pista@db/pista?sslmode=verify-full": (
        "postgresql://pista@db/pista?sslmode=verify-full"
    ),
    "postgresql://pista:@db/pista": "postgresql://pista:@db/pista",
    "postgresql://pista:segreta@db/pista": "postgresql://pista:***@db/pista",
    "postgresql://pista:con/barra@db/pista": "postgresql://pista:***@db/pista",
    "postgresql://pista:con?domanda@db/pista": "postgresql://pista:***@db/pista",
    "postgresql://pista:con#segno@db/pista": "postgresql://pista:***@db/pista",
    "postgresql://pista:due@chiocciole@db/pista": "postgresql://pista:***@db/pista",
    "postgresql://db/pista?password=segreta&user=x": "postgresql://db/pista?password=***&user=x",
    "postgresql://db/pista?user=x&PASSWORD=a=b?c": "postgresql://db/pista?user=x&PASSWORD=***",
    "postgresql://db/pista?%70assword=segreta": "postgresql://db/pista?%70assword=***",
    "postgresql://?password=segreta": "postgresql://?password=***",
    "postgresql://db/pista?sslpassword=segreta": "postgresql://db/pista?sslpassword=***",
    "postgresql://db/pista?user=io@ente": "postgresql://db/pista?user=io@ente",
}
REFUSED = [
    "",
    "mysql://db/pista",
    "postgresql:pista",
    "sqlite:relativo.sqlite",
    "sqlite://server/l.sqlite",
    "sqlite:///",
    "sqlite:///a?mode=rwc",
    "sqlite:///a?mode=ro&immutable=1",
    "sqlite:///a#b",
]


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_says_where_a_ledger_is(text: str) -> None:
    assert parse_address(text) == ADDRESSES[text]


@pytest.mark.parametrize("text", MASKED)
def test_a_password_is_masked_wherever_it_stands(text: str) -> None:
    assert masked(text) == MASKED[text]
    assert masked(masked(text)) == masked(text)
    assert has_password(text) == (MASKED[text] != text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(ShapeError) as refused:
        parse_address(text)
    assert refused.value.code == "database-url-malformed"
    assert "postgresql://UTENTE@SERVER/BASE" in refused.value.sentence


def test_neither_text_nor_repr_shows_a_password() -> None:
    address = parse_address("postgresql://pista:segreta@db/pista", "segreta")
    assert "segreta" not in f"{address} {address!r}"
    assert str(parse_address("var/l.sqlite")) == "var/l.sqlite"
