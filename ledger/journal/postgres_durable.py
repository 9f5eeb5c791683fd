"""Whether what is written to a database would still be there after a crash of its server.

    check_durable(connection, place)

An UNLOGGED table is emptied by the server when it starts after a crash, whatever it had confirmed; a
temporary one goes with its connection; what stands in the place of a table, such as a view, promises
nothing. With `fsync = off` the server confirms what no disk has. It is asked in one query, once
before the first write; who only reads, or makes a backup, is not kept from it.

`synchronous_commit` is set on every connection (postgres_link.py). `full_page_writes = off` is right
on storage that never writes half a page, which the server does not know: `pista doctor` tells it.

Source: https://www.postgresql.org/docs/18/sql-createtable.html (UNLOGGED), runtime-config-wal.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError
from ledger.journal.postgres_catalogue import NAMES, RELATIONS
from ledger.journal.postgres_shape import ORDINARY, TEMPORARY, UNLOGGED, set_logged

if TYPE_CHECKING:
    from ledger.journal.postgres_link import Connection

_FSYNC: Final = "fsync"
_QUERY: Final = f"{RELATIONS} UNION ALL SELECT '{_FSYNC}', '', current_setting('{_FSYNC}')"


def check_durable(connection: Connection, place: str) -> None:
    """Return when what is written here lasts.

    Raises:
        StorageError: `store-not-durable`, when a table or the server does not keep what was
            confirmed; `table-replaced`, when a table is none any more.
        psycopg.Error: when the server fails.
    """
    for name, _, said in connection.execute(_QUERY.encode(), (NAMES,)).fetchall():
        if name == _FSYNC:
            _check_server(place, said)
        elif said == UNLOGGED:
            raise _not_durable(
                f"{place}: la tabella {name} è UNLOGGED, e il server la vuota se si arresta di"
                f" colpo. Non scrivo: eseguire `{set_logged(name)}`, poi `pista fsck`, e ripetere."
            )
        elif said == TEMPORARY:
            raise _not_durable(
                f"{place}: la tabella {name} è temporanea, e sparisce con la connessione. Non"
                f" scrivo: toglierla con `DROP TABLE pg_temp.{name}`, poi ripetere."
            )
        elif said != ORDINARY:
            raise StorageError(
                "table-replaced",
                f"{place}: al posto della tabella {name} c'è altro ({said}), che non si sa se dura."
                " Non scrivo: rimettere la tabella, o l'archivio da una copia di riserva verificata,"
                " poi `pista fsck`.",
            )


def _check_server(place: str, fsync: str) -> None:
    if fsync != "on":
        raise _not_durable(
            f"{place}: il server lavora con fsync = {fsync}, e conferma ciò che nessun disco ha"
            " ancora. Non scrivo: mettere `fsync = on` in postgresql.conf, poi `SELECT"
            " pg_reload_conf()`, e ripetere."
        )


def _not_durable(sentence: str) -> StorageError:
    return StorageError("store-not-durable", sentence)
