"""The shape of the tables in PostgreSQL, as the server tells it, and as the migrations make it.

    table event             permanent, no row security
    column event.key        text COLLATE "C"
    index event_key         event: unique btree (ledger_id, key) WHERE (key IS NOT NULL)

A table that is not permanent is emptied after a crash of the server; a key that is gone lets an act
number be taken twice; row security hides rows; a view in the place of a table says what it likes. So
`pista fsck` compares all of it, and nothing is written where a table is not permanent. A table that is
divided among servers (relkind 'p') is a table too. What a server has beside (further indexes, checks,
foreign keys, policies, children, triggers, rules) is named as unknown.

Source: https://www.postgresql.org/docs/18/catalogs.html, sql-createtable.html (UNLOGGED).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PERMANENT: Final = "permanent, no row security"
NO_TABLE: Final = "no table"

_NUMBER, _TEXT, _BYTES = "bigint NOT NULL", 'text COLLATE "C" NOT NULL', "bytea NOT NULL"
_COLUMNS: Final = {
    "ledger_head": {
        "ledger_id": _NUMBER,
        "origin": _TEXT,
        "position": _NUMBER,
        "streams": _NUMBER,
    },
    "event": {
        "ledger_id": _NUMBER,
        "position": _NUMBER,
        "type": _TEXT,
        "key": 'text COLLATE "C"',
        "streams": _TEXT,
        "data": _BYTES,
    },
    "stream": {
        "ledger_id": _NUMBER,
        "name": _TEXT,
        "ordinal": _NUMBER,
        "count": _NUMBER,
        "last_position": _NUMBER,
    },
    "stream_event": {
        "ledger_id": _NUMBER,
        "ordinal": _NUMBER,
        "seq": _NUMBER,
        "position": _NUMBER,
    },
    "tile": {"ledger_id": _NUMBER, "level": _NUMBER, "number": _NUMBER, "hashes": _BYTES},
    "schema_version": {"part": _TEXT, "version": _NUMBER},
}
_KEYS: Final = {
    "ledger_head_pkey": "ledger_head: unique btree (ledger_id)",
    "event_pkey": "event: unique btree (ledger_id, position)",
    "event_key": "event: unique btree (ledger_id, key) WHERE (key IS NOT NULL)",
    "stream_pkey": "stream: unique btree (ledger_id, name)",
    "stream_ledger_id_ordinal_key": "stream: unique btree (ledger_id, ordinal)",
    "stream_event_pkey": "stream_event: unique btree (ledger_id, ordinal, seq)",
    "tile_pkey": "tile: unique btree (ledger_id, level, number)",
    "schema_version_pkey": "schema_version: unique btree (part)",
}
NAMES: Final = list(_COLUMNS)

# Each answers (name of the thing, what it is), of the tables in %s.
ASKED: Final = (
    """SELECT 'table ' || c.relname,
    CASE WHEN c.relkind IN ('r', 'p') THEN '' ELSE 'no table (relkind ' || c.relkind::text || '), ' END
    || CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'UNLOGGED' ELSE 'TEMPORARY' END
    || CASE WHEN c.relrowsecurity OR c.relforcerowsecurity THEN ', ROW LEVEL SECURITY'
       ELSE ', no row security' END
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND c.relkind NOT IN ('i', 'I', 't', 'S') AND c.relname = ANY(%s)""",
    """SELECT 'column ' || c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation IN (0, t.typcollation) THEN ''
       ELSE ' COLLATE ' || quote_ident(l.collname) END
    || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
    || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')
    || CASE WHEN a.attidentity = '' THEN '' ELSE ' IDENTITY' END
    || CASE WHEN a.attgenerated = '' THEN '' ELSE ' GENERATED' END
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind NOT IN ('i', 'I', 't', 'S')
    AND a.attnum > 0 AND NOT a.attisdropped AND c.relname = ANY(%s)""",
    """SELECT 'index ' || i.relname, c.relname || ': '
    || CASE WHEN x.indisunique THEN 'unique ' ELSE '' END
    || CASE WHEN x.indisvalid AND x.indisready THEN '' ELSE 'INVALID ' END
    || replace(regexp_replace(pg_get_indexdef(i.oid), '^.*? USING ', ''), '"', '')
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s)""",
)

# Each answers the names of what the program never makes, of the tables in %s.
FOREIGN: Final = (
    """SELECT 'trigger ' || g.tgname || ' on ' || c.relname
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
    WHERE NOT g.tgisinternal AND c.relnamespace = current_schema()::regnamespace
    AND c.relname = ANY(%s)""",
    """SELECT 'rule ' || rulename || ' on ' || tablename FROM pg_rules
    WHERE schemaname = current_schema() AND tablename = ANY(%s)""",
    """SELECT 'constraint ' || k.conname || ' on ' || c.relname
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype IN ('c', 'f', 't', 'x') AND c.relnamespace = current_schema()::regnamespace
    AND c.relname = ANY(%s)""",
    """SELECT 'policy ' || policyname || ' on ' || tablename FROM pg_policies
    WHERE schemaname = current_schema() AND tablename = ANY(%s)""",
    """SELECT 'child table ' || h.inhrelid::regclass::text || ' of ' || c.relname
    FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND c.relname = ANY(%s)""",
)

NOT_PERMANENT: Final = """SELECT c.relname,
    CASE WHEN c.relkind NOT IN ('r', 'p') THEN 'no table'
    WHEN c.relpersistence = 'u' THEN 'UNLOGGED' ELSE 'TEMPORARY' END
    FROM pg_class c WHERE c.oid = ANY(ARRAY(SELECT to_regclass(n) FROM unnest(%s::text[]) n))
    AND (c.relkind NOT IN ('r', 'p') OR c.relpersistence <> 'p') ORDER BY 1 LIMIT 1"""


def differences(found: Mapping[str, str]) -> Iterator[tuple[str, str | None, str]]:
    """Yield (thing, what it is, what it should be) where they differ; None where it is not there.

    Of a table that is not there, or is none, only that is told; a missing column is told elsewhere.
    """
    for table, columns in _COLUMNS.items():
        stored = found.get(f"table {table}")
        if stored != PERMANENT:
            yield f"table {table}", stored, PERMANENT
        if stored is None or stored.startswith(NO_TABLE):
            continue
        for column, told in columns.items():
            is_now = found.get(f"column {table}.{column}", told)
            if is_now != told:
                yield f"column {table}.{column}", is_now, told
        for index, told in _KEYS.items():
            if told.startswith(f"{table}: ") and found.get(f"index {index}") != told:
                yield f"index {index}", found.get(f"index {index}"), told


def further_indexes(found: Mapping[str, str]) -> list[str]:
    """Return the indexes that the migrations do not make."""
    return [
        name
        for name in found
        if name.startswith("index ") and name.removeprefix("index ") not in _KEYS
    ]
