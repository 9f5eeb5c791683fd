"""Steps 5 and 6: the rows of the streams, and every registration that they count.

6 begins by reading all leaves of the package with their proofs, because step 4 needs one of them:
each proof names its own leaf, carries the very checkpoint of the package, and leads to its root.
5 the row of each stream is included in the rows root of the closing leaf, so that the log itself
says how many registrations there are. 6 then finds exactly that many in each stream: `seq` without
a gap from 0, indexes rising, the last as in the row. So none is left out, be it the first, one in
the middle or the last. Which streams there must be is recomputed: see closure.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.verification.closure import closure
from ledger.errors import NotVerified
from ledger.journal.heads import Row, parse_row
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, verify_inclusion
from ledger.journal.proofs import parse_proof, parse_row_proof

if TYPE_CHECKING:
    from exporters.verification.case import Case


def read_leaves(case: Case) -> None:
    """Step 6, first part: read each leaf and prove that it is in the tree of the checkpoint."""
    for index in case.package.numbers("leaf"):
        with case.tally.guard(6, index=index, file=case.package.path("leaf", index)):
            data = case.package.read("leaf", index)
            leaf = parse_leaf(data)
            case.leaves[index] = leaf
            if isinstance(leaf, EventLeaf):
                for place in leaf.streams:
                    case.places.setdefault(place.name, []).append((index, place.seq))
            _prove(case, index, data)


def _prove(case: Case, index: int, data: bytes) -> None:
    with case.tally.guard(6, index=index, file=case.package.path("proof", index)):
        proof = parse_proof(case.package.read("proof", index))
        if proof.index != index or proof.checkpoint != case.checkpoint_bytes:
            raise NotVerified(
                "proof-of-another",
                f"È la prova della foglia {proof.index}, o porta un altro punto di controllo di"
                " log/checkpoint.",
            )
        if case.checkpoint is None:
            return
        size, root = case.checkpoint.size, case.checkpoint.root
        verify_inclusion(leaf_hash(data), index, size, proof.path, root)
        case.included.add(index)


def judge_rows(case: Case) -> None:
    """Step 5: every row is included in the rows root, and every stream of the closure has one."""
    for ordinal in case.package.numbers("row"):
        with case.tally.guard(5, file=case.package.path("row", ordinal)):
            _read_row(case, ordinal)
    if case.heads is None:
        case.tally.cannot(5, "manca la foglia di chiusura")
    for name in sorted(closure(case) - case.rows.keys()):
        case.tally.fail(5, "row-missing", f"Manca la riga del flusso {name}.")
    case.tally.done(5, f"{len(case.rows)} flussi")


def _read_row(case: Case, ordinal: int) -> None:
    data = case.package.read("row", ordinal)
    row = parse_row(data)
    if row.stream in case.rows:
        raise NotVerified("row-repeated", f"Il flusso {row.stream} ha già un'altra riga.")
    case.rows[row.stream] = (ordinal, row)
    with case.tally.guard(5, file=case.package.path("row-proof", ordinal)):
        proof = parse_row_proof(case.package.read("row-proof", ordinal))
        if case.heads is None:
            return
        if (proof.index, proof.rows) != (ordinal, case.heads.streams):
            raise NotVerified(
                "proof-of-another",
                f"È la prova della riga {proof.index} di {proof.rows}, non della {ordinal} di"
                f" {case.heads.streams}.",
            )
        root = case.heads.rows_root
        verify_inclusion(leaf_hash(data), ordinal, proof.rows, proof.path, root)


def judge_streams(case: Case) -> None:
    """Step 6: each stream has exactly the registrations that its row counts."""
    for name, (_, row) in sorted(case.rows.items()):
        _judge_stream(case, row, case.places.get(name, []))
    count = sum(1 for _ in case.event_leaves())
    case.tally.done(
        6,
        f"{count} registrazioni in {len(case.rows)} flussi, complete per l'indice del registro"
        " stesso (non scansionato)",
    )


def _judge_stream(case: Case, row: Row, places: list[tuple[int, int]]) -> None:
    if len(places) != row.count:
        case.tally.fail(
            6,
            "events-missing" if len(places) < row.count else "events-too-many",
            f"Il flusso {row.stream} conta {row.count} registrazioni, il pacchetto {len(places)}.",
        )
    for expected, (index, seq) in enumerate(places):
        if seq != expected:
            case.tally.fail(
                6,
                "seq-broken",
                f"Nel flusso {row.stream} il posto {expected} è preso dal {seq}.",
                index=index,
            )
            break
    if places:
        _judge_last(case, row, places[-1][0])


def _judge_last(case: Case, row: Row, index: int) -> None:
    leaf = case.leaves[index]
    digest = leaf.envelope_digest if isinstance(leaf, EventLeaf) else b""
    if (index, digest) != (row.last_index, row.last_digest):
        case.tally.fail(
            6,
            "last-differs",
            f"L'ultima registrazione del flusso {row.stream} è la {row.last_index} secondo la sua"
            f" riga, la {index} nel pacchetto, o ha un'altra impronta.",
            index=index,
        )
