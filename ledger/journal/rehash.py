"""Reading a whole log again and hashing all of it, in one pass and in constant memory.

    head = rehash(recorder, look)       Checkpoint(origin, size, root), recomputed from every row

For each row: the leaf parses, the envelope is the one that the leaf names, or is erased; a heads
leaf says what the leaves before it do. At the end the log is closed, the tiles give the same root,
and the rows of the streams are those that the last heads leaf sums up. Signatures, chains and the
columns beside the data are looked at by fsck.

Source: design FORMATS sections 2, 3 and 5.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ledger.errors import Frozen, NotVerified
from ledger.journal.checkpoint import Checkpoint
from ledger.journal.journal import Journal
from ledger.journal.leaf import HeadsLeaf, parse_leaf
from ledger.journal.merkle import Frontier, leaf_hash
from ledger.journal.missing import row_missing
from ledger.journal.row import unpack, unpack_payload
from ledger.journal.trees import LogTrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.journal.recorder import JournalRecorder

    Look = Callable[[int, bytes | None], None]  # index, payload of the envelope if there is one
    Told = Callable[[int, int], None]

_PAGE: Final = 500


def rehash(recorder: JournalRecorder, look: Look, told: Told | None = None) -> Checkpoint:
    """Return the head that every row of the log leads to; `look` is shown each payload.

    Raises:
        NotVerified: when an envelope is not the one that its leaf names (`envelope-differs`), or
            leaves, heads leaves, tiles and streams contradict each other (`tree-differs`).
        Unreadable: when a row or a leaf breaks its format.
        StorageError: when a row or a tile is missing (`row-missing`, `tile-missing`).
    """
    size = recorder.head().position
    tree = Frontier()
    for index, data in read_data(recorder, 0, size):
        look(index, unpack_payload(data))
        _add(tree, index, data)
        if told is not None and (index + 1) % _PAGE == 0:
            told(index + 1, size)
    journal = Journal(recorder)
    try:
        LogTrees(journal)
    except Frozen as error:
        raise _differs(size - 1, error.sentence) from error
    if journal.root_at(size) != tree.root():
        raise _differs(size - 1, "i blocchi danno un'altra radice")
    return Checkpoint(recorder.origin, size, tree.root())


def read_data(recorder: JournalRecorder, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
    """Yield (index, data of the row) of a stretch of the log that is all there.

    Raises:
        StorageError: when a row is missing (`row-missing`).
    """
    while start < stop:
        page = recorder.rows(start, min(_PAGE, stop - start))
        for row in page:
            if row.position != start + 1:
                raise row_missing(start)
            yield start, row.event.data
            start += 1
        if not page:
            raise row_missing(start)


def _add(tree: Frontier, index: int, data: bytes) -> None:
    """Add a row to the tree, once it agrees with what lies before it."""
    leaf_bytes, envelope = unpack(data)
    leaf = parse_leaf(leaf_bytes)
    if isinstance(leaf, HeadsLeaf):
        if (leaf.size, leaf.root) != (tree.size, tree.root()) or envelope:
            raise _differs(index, "la foglia di chiusura non dice quello che dicono le altre")
    elif envelope and hashlib.sha256(envelope).digest() != leaf.envelope_digest:
        raise NotVerified(
            "envelope-differs",
            f"La registrazione {index} non è quella che la sua foglia nomina: usare un'altra copia"
            " del registro.",
        )
    tree.append(leaf_hash(leaf_bytes))


def _differs(index: int, why: str) -> NotVerified:
    return NotVerified(
        "tree-differs",
        f"Alla foglia {index} il registro si contraddice: {why}. Usare un'altra copia.",
    )
