"""A witness that goes to the log: it reads what the log shows, and cosigns without a server.

    note = newest_note(source, witness)             checkpoint.pending, or checkpoint
    cosign_shown(source, witness, note)             the note with its cosignature
    cosign_carried(witness, note, proof)            the same, of files that somebody brought
    rescan_shown(source, witness, note)             with the other one, after every leaf was read

A head that waits for signatures is in `checkpoint.pending`, which logs other than those of Pista do
not have; the larger one of both counts. The proof that it goes on from the last one cosigned is made
from the tiles, which are verified by the root; so nothing that the place says is believed.

Source: C2SP tlog-tiles, tlog-witness; design FORMATS sections 2 and 3.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from ledger.errors import Absent, Busy, NotVerified
from ledger.journal.note import MAX_NOTE_BYTES, Note, format_note, parse_note
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.protocol import AddCheckpoint, OtherSize
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.static_log import PENDING_PATH
from ledger.transparency.tile_reader import open_tiles
from ledger.transparency.witness_rules import HeadBehind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.note import Signature
    from ledger.transparency.source import Source
    from ledger.transparency.witness import Witness

    Told: TypeAlias = Callable[[int, int], None]

_TRIES: Final = 5
_TOLD_EVERY: Final = 4096


def newest_note(source: Source, witness: Witness) -> bytes:
    """Return the largest head that a log of the witness signed, of those that the place shows.

    A waiting head that is damaged does not hide the published one.

    Raises:
        Absent: when nothing is shown (`not-published`), or the log is none of the witness
            (`log-not-witnessed`).
        NotVerified: when what is published is no checkpoint of the log.
        StorageError: as `Source`.
    """
    notes = list[bytes]()
    with suppress(Absent):
        notes.append(source.read(PENDING_PATH, MAX_NOTE_BYTES))
    try:
        notes.append(source.read(CHECKPOINT_PATH, MAX_NOTE_BYTES))
    except Absent:
        if not notes:
            raise
    found, refused = list[tuple[int, bytes]](), list[NotVerified | Absent]()
    for note in notes:
        try:
            found.append((witness.opened(note)[1].size, note))
        except (NotVerified, Absent) as error:
            refused.append(error)
    if not found:
        raise refused[-1]
    return max(found, key=lambda one: one[0])[1]


def note_to_rescan(source: Source, witness: Witness) -> bytes:
    """Return the note that the place shows, or the one that the witness cosigned since.

    The head that was cosigned last is the one that the log waits to publish.

    Raises:
        PistaError: as `newest_note` and `HeadFile.read`.
    """
    note = newest_note(source, witness)
    _, checkpoint, log = witness.opened(note)
    head = log.state.read()
    return head.note if head.checkpoint.size > checkpoint.size else note


def cosign_shown(source: Source, witness: Witness, note: bytes) -> bytes:
    """Return the note with the cosignature of the witness.

    Raises:
        HeadBehind: when the witness has cosigned more leaves than the note has.
        Absent, NotVerified: when a tile is missing, or is not of the head.
        PistaError: as `Witness.cosign`.
    """
    _, checkpoint, _ = witness.opened(note)
    old, proof = 0, tuple[bytes, ...]()
    for _ in range(_TRIES):
        try:
            return with_lines(note, witness.cosign(AddCheckpoint(old, proof, note)))
        except OtherSize as told:
            old = told.size
        if old > checkpoint.size:
            raise HeadBehind(checkpoint.origin, checkpoint.size, old)
        proof = _proof(source, checkpoint, old)
    raise Busy(
        "witness-busy",
        f"Altri fanno firmare questo testimone per il registro {checkpoint.origin} senza sosta:"
        " riprovare.",
    )


def cosign_carried(witness: Witness, note: bytes, proof: Sequence[bytes]) -> bytes:
    """Return a note that was carried here, with its proof from the last head, and its cosignature.

    The proof is empty for a log that was never cosigned, and for the head cosigned last.

    Raises:
        HeadBehind: when the witness has cosigned more leaves than the note has.
        PistaError: as `Witness.cosign`.
    """
    _, checkpoint, log = witness.opened(note)
    old = log.state.read().checkpoint.size
    if old > checkpoint.size:
        raise HeadBehind(checkpoint.origin, checkpoint.size, old)
    return with_lines(note, witness.cosign(AddCheckpoint(old, tuple(proof), note)))


def rescan_shown(source: Source, witness: Witness, note: bytes, told: Told | None = None) -> bytes:
    """Return the note with the cosignature that says that every leaf was read; `told` hears how far.

    Raises:
        NotVerified: when a leaf contradicts those before it (see leaf_scan.py), the leaves lead to
            another root (`rescan-root-differs`), or the log was rewritten since it was cosigned
            (`log-forked`).
        PistaError: as `Witness.cosign_rescanned` and `TileReader.entries`.
    """

    def scan(checkpoint: Checkpoint, heads: Sequence[Checkpoint]) -> None:
        scan_leaves(source, checkpoint, heads, told)

    return with_lines(note, [witness.cosign_rescanned(note, scan)])


def scan_leaves(
    source: Source,
    checkpoint: Checkpoint,
    heads: Sequence[Checkpoint] = (),
    told: Told | None = None,
) -> LeafScan:
    """Read every leaf of a tree; return what they say once it agrees with the head, and older ones.

    Raises:
        NotVerified, Absent, StorageError: as `rescan_shown`.
    """
    tiles = open_tiles(source, checkpoint)
    scan = LeafScan()
    _check_beginnings(scan, heads)
    for index, leaf in tiles.entries(0, checkpoint.size):
        scan.add(leaf)
        _check_beginnings(scan, heads)
        if told is not None and (index + 1) % _TOLD_EVERY == 0:
            told(index + 1, checkpoint.size)
    scan.check_closed()
    if scan.tree.root() != checkpoint.root:
        raise NotVerified(
            "rescan-root-differs",
            f"Le {checkpoint.size} foglie di {checkpoint.origin}, rilette, danno un'altra radice da"
            " quella del punto di controllo: conservarlo e chiederne conto pubblicamente.",
        )
    return scan


def with_lines(data: bytes, lines: Sequence[Signature]) -> bytes:
    """Return a note with these signatures at its end, in the place of older ones of the same keys."""
    note = parse_note(data)
    keys = {(line.name, line.key_id) for line in lines}
    others = [line for line in note.signatures if (line.name, line.key_id) not in keys]
    return format_note(Note(note.text, (*others, *lines)))


def _proof(source: Source, checkpoint: Checkpoint, old: int) -> tuple[bytes, ...]:
    if old in {0, checkpoint.size}:
        return ()
    return tuple(open_tiles(source, checkpoint).consistency(old))


def _check_beginnings(scan: LeafScan, heads: Sequence[Checkpoint]) -> None:
    for head in heads:
        if head.size == scan.tree.size and head.root != scan.tree.root():
            raise NotVerified(
                "log-forked",
                f"A {head.size} foglie il registro {head.origin!r} ha ora un'altra radice da quella"
                " che questo testimone ha firmato: è stato riscritto. Conservare i due punti di"
                " controllo, che lo provano.",
            )
