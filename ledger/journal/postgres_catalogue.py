"""The tables in PostgreSQL as its catalogue reports them, and where they are not what they should be.

    properties(ask)     Property("index event_key on event", None, "UNIQUE INDEX (ledger_id, key) ...")
    unknown(ask)        ["index other on event", "policy some on event", "child table later of event"]

A table is the one to which its bare name leads, as in every statement of the program, whatever its
schema is called. Only the catalogue is read: nobody needs a right to change anything for it. An
index that was added for speed is told by `unknown`, as it is for SQLite: every write goes through
it, and a unique one refuses rows. A table that a distributed planner divided is a table, and its
partitions are its own; a child by inheritance, whose rows are read with those of ours, is not.

Versions word things differently: NOT NULL is asked of the column, since PostgreSQL 18 lists it among
the constraints too; names in an index stand without quotes, since keywords come and go.

Source: https://www.postgresql.org/docs/18/catalogs.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from ledger.journal.postgres_shape import (
    COLUMN,
    EXPECTED,
    INDEX,
    ORDINARY,
    SHAPES,
    TABLE,
    TEMPORARY,
    UNLOGGED,
    VERSIONS,
    Part,
    remedy,
)
from ledger.journal.tables import Property

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAMES: Final = list(SHAPES)

_TABLES: Final = {ORDINARY, UNLOGGED, TEMPORARY}  # the rest has no columns and indexes of its own

# Each table of ours and all that inherits from it: its name, the table of ours, what it is.
RELATIONS: Final = """WITH RECURSIVE tree (oid, root) AS (
    SELECT to_regclass(name)::oid, name FROM unnest(%s::text[]) AS named (name)
    UNION SELECT inhrelid, root FROM tree JOIN pg_inherits ON inhparent = tree.oid)
SELECT c.oid::regclass::text, root,
    CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' WHEN 't' THEN 'TEMPORARY ' ELSE '' END
    || CASE relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'TABLE' WHEN 'v' THEN 'VIEW'
        WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE relkind::text END
FROM tree JOIN pg_class c ON c.oid = tree.oid"""

_PARTS: Final = """WITH ours AS (
    SELECT name, to_regclass(name)::oid AS oid FROM unnest(%s::text[]) AS named (name))
SELECT 'row level security', name, '',
    CASE WHEN relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END
    || CASE WHEN relforcerowsecurity THEN ', FORCE' ELSE ', NO FORCE' END
FROM ours JOIN pg_class c ON c.oid = ours.oid
UNION ALL SELECT 'column', name, attname::text, format_type(atttypid, atttypmod)
    || CASE WHEN l.oid IS NULL THEN '' ELSE ' COLLATE '
        || CASE collnamespace WHEN 'pg_catalog'::regnamespace THEN ''
            ELSE collnamespace::regnamespace::text || '.' END || quote_ident(collname) END
    || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
    || CASE attidentity WHEN '' THEN '' ELSE ' GENERATED AS IDENTITY' END
    || CASE WHEN d.oid IS NULL THEN '' WHEN attgenerated = '' THEN ' DEFAULT '
        ELSE ' GENERATED ALWAYS AS ' END || coalesce(pg_get_expr(adbin, adrelid), '')
FROM ours JOIN pg_attribute a ON attrelid = ours.oid
    LEFT JOIN pg_collation l ON l.oid = attcollation
    LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped
UNION ALL SELECT 'index', name, relname::text,
    CASE WHEN indisvalid AND indisready AND indislive THEN '' ELSE 'INVALID ' END
    || CASE WHEN condeferrable THEN 'DEFERRABLE ' ELSE '' END
    || CASE WHEN contype = 'p' THEN 'PRIMARY KEY' WHEN contype = 'u' THEN 'UNIQUE'
        WHEN contype = 'x' THEN 'EXCLUDE' WHEN indisunique THEN 'UNIQUE INDEX' ELSE 'INDEX' END
    || replace(regexp_replace(regexp_replace(
        substring(pg_get_indexdef(indexrelid) FROM ' USING .*'),
        '^ USING btree', ''), ' WITH [(][^()]*[)]', ''), '"', '')
FROM ours JOIN pg_index ON indrelid = ours.oid JOIN pg_class c ON c.oid = indexrelid
    LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = indrelid
        AND contype IN ('p', 'u', 'x')
ORDER BY 1, 2, 3"""

_STRANGERS: Final = """WITH ours AS (
    SELECT name, to_regclass(name)::oid AS oid FROM unnest(%s::text[]) AS named (name))
SELECT 'trigger ' || tgname || ' on ' || name FROM ours JOIN pg_trigger ON tgrelid = ours.oid
    WHERE NOT tgisinternal
UNION ALL SELECT 'rule ' || rulename || ' on ' || name FROM ours
    JOIN pg_rewrite ON ev_class = ours.oid WHERE rulename <> '_RETURN'
UNION ALL SELECT 'policy ' || polname || ' on ' || name FROM ours
    JOIN pg_policy ON polrelid = ours.oid
UNION ALL SELECT CASE contype WHEN 'c' THEN 'check ' ELSE 'foreign key ' END || conname
    || ' on ' || name FROM ours JOIN pg_constraint ON conrelid = ours.oid
    WHERE contype IN ('c', 'f')
UNION ALL SELECT 'foreign key ' || conname || ' of ' || conrelid::regclass || ' to ' || name
    FROM ours JOIN pg_constraint ON confrelid = ours.oid
    WHERE contype = 'f' AND NOT EXISTS (SELECT FROM ours o WHERE o.oid = conrelid)
UNION ALL SELECT 'child table ' || inhrelid::regclass || ' of ' || name FROM ours
    JOIN pg_inherits ON inhparent = ours.oid JOIN pg_class c ON c.oid = ours.oid
    WHERE relkind <> 'p'
UNION ALL SELECT 'parent table ' || inhparent::regclass || ' of ' || name FROM ours
    JOIN pg_inherits ON inhrelid = ours.oid
ORDER BY 1"""


class Ask(Protocol):
    """Runs a query and returns its rows; what it raises is raised by who asks."""

    def __call__(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        """Return all rows."""
        ...


def described(ask: Ask) -> dict[Part, str]:
    """Return each part of each table as the server reports it.

    Of what is no table any more, only what it is instead. Of what inherits from a table, only what
    is not an ordinary table.
    """
    parts = {
        Part(TABLE, name): said
        for name, root, said in ask(RELATIONS, NAMES)
        if name == root or said != ORDINARY
    }
    held = [name for name in NAMES if parts.get(Part(TABLE, name)) in _TABLES]
    return parts | {Part(*named): said for *named, said in ask(_PARTS, held)}


def properties(ask: Ask) -> Sequence[Property]:
    """Return each part as it is and as it should be."""
    return list(_compared(described(ask)))


def _compared(found: Mapping[Part, str]) -> Iterator[Property]:
    strays = {part: ORDINARY for part in found if part.kind == TABLE and part not in EXPECTED}
    for part, said in (*EXPECTED.items(), *strays.items()):
        if part.kind == TABLE or found.get(Part(TABLE, part.table)) in _TABLES:
            stored = found.get(part)
            yield Property(str(part), stored, said, remedy(part, stored))


def unknown(ask: Ask) -> Sequence[str]:
    """Return what is on the tables and none of the program's.

    That is indexes, triggers, rules, policies, constraints, parents and children, and columns of
    `schema_version`; those of the other tables are for who compares the columns.
    """
    surplus = [part for part in described(ask) if part not in EXPECTED]
    told = [
        str(part)
        for part in surplus
        if part.kind == INDEX or (part.kind == COLUMN and part.table == VERSIONS)
    ]
    return told + [name for (name,) in ask(_STRANGERS, NAMES)]
