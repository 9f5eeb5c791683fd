"""Where a ledger is stored, told by a path or a URL; and passwords, which are never part of it.

    var/ledger.sqlite                                             a file
    sqlite:///dati/pista/ledger.sqlite                             the same, absolute
    sqlite:///media/copia/ledger.sqlite?immutable=1               on a medium that cannot be written
    postgresql://pista@db.comune.lecce.it/pista?sslmode=verify-full
    postgresql://db/pista?options=-csearch_path%3Dregistro        in a schema of its own

After `postgresql://` all is libpq's: hosts, service, sslmode, sslrootcert, target_session_attrs.
The password comes from PGPASSWORD, ~/.pgpass, a service file, or the file that
PISTA_DATABASE_PASSWORD_FILE names; a URL may hold one in the environment, never in a file of ours.

Source: https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-CONNSTRING; sqlite.org/uri.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ledger.errors import ShapeError

READ_ONLY: Final = ("mode=ro", "immutable=1")

_MASK: Final = "***"
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARAMETER: Final = re.compile(r"(^|[?&])([^=&?]*)=([^&]*)")
_SECRETS: Final = {"password", "sslpassword"}


@dataclass(frozen=True, slots=True)
class SQLiteFile:
    """A file of SQLite; `access` is empty, or one of READ_ONLY."""

    path: Path
    access: str = ""

    def __str__(self) -> str:
        """Return what people call it."""
        return str(self.path)


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database of PostgreSQL; neither its text nor its repr shows a password."""

    url: str = field(repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the URL with its passwords masked."""
        return masked(self.url)


Address = SQLiteFile | PostgresDatabase


def parse_address(text: str, password: str = "") -> Address:
    """Return where a ledger is stored; the password is for a server, whose URL has none.

    Raises:
        ShapeError: `database-url-malformed`, when it is neither a path nor a URL of SQLite or
            PostgreSQL.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        if not text:
            raise malformed(text, "è vuoto")
        return SQLiteFile(Path(text))
    match scheme[1].lower():
        case "postgresql" | "postgres" if text[scheme.end() :].startswith("//"):
            return PostgresDatabase(text, password)
        case "sqlite":
            return _parse_sqlite(text)
        case other:
            raise malformed(text, f"lo schema {other!r} non è fra quelli noti")


def has_password(text: str) -> bool:
    """Tell whether a URL holds a password, as user information or as parameter."""
    return masked(text) != text


def masked(text: str) -> str:
    """Return a URL with every password in it replaced by ***; anything else as it is."""
    if "://" not in text:
        return text
    scheme, rest = text.split("://", 1)
    authority, slash, path = _cut(rest)
    user, at, hosts = authority.rpartition("@")
    name, colon, secret = user.partition(":")
    kept = f"{name}{colon}{_MASK if secret else ''}{at}{hosts}"
    return f"{scheme}://{kept}{slash}{_masked_query(path)}"


def _cut(rest: str) -> tuple[str, str, str]:
    """Return authority, separator, rest; a password that was not escaped is not cut in two."""
    place = rest.rfind("@", 0, len(rest.split("?", 1)[0]))
    if place < 0 and (user := re.match(r"[^/@]*@", rest)):
        place = user.end() - 1
    found = re.search(r"[/?]", rest[place + 1 :])
    if found is None:
        return rest, "", ""
    at = place + 1 + found.start()
    return rest[:at], rest[at], rest[at + 1 :]


def _masked_query(text: str) -> str:
    return _PARAMETER.sub(_masked_parameter, text)


def _masked_parameter(found: re.Match[str]) -> str:
    before, name, value = found.groups()
    is_secret = unquote(name).lower() in _SECRETS and value
    return f"{before}{name}={_MASK if is_secret else value}"


def _parse_sqlite(text: str) -> SQLiteFile:
    parts = urlsplit(text)
    if parts.netloc or not parts.path.startswith("/") or parts.path == "/" or parts.fragment:
        raise malformed(text, "dopo sqlite:// serve un percorso assoluto")
    access = parts.query
    if access and access not in READ_ONLY:
        raise malformed(text, f"dopo ? sono ammessi {' e '.join(READ_ONLY)}")
    return SQLiteFile(Path(unquote(parts.path)), access)


def malformed(text: str, why: str) -> ShapeError:
    """Return the error of an address that cannot be used, without its passwords."""
    return ShapeError(
        "database-url-malformed",
        f"L'indirizzo dell'archivio {masked(text)[:200]!r} non si può usare: {why}. Indicare un"
        " percorso, sqlite:///PERCORSO o postgresql://UTENTE@SERVER/BASE.",
    )
