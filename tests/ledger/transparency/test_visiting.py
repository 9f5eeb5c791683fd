"""A witness that goes to a log: it believes nothing that it has not computed from the leaves."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, Busy, NotVerified, PistaError, StorageError
from ledger.journal.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.leaf import EventLeaf, HeadsLeaf, StreamPlace, format_leaf, parse_leaf
from ledger.journal.memory import MemoryRecorder
from ledger.journal.merkle import Frontier, leaf_hash
from ledger.journal.note import Note, format_note, parse_note
from ledger.transparency.disk import FileDisk
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.protocol import AddCheckpoint
from ledger.transparency.visiting import (
    cosign_shown,
    newest_note,
    note_to_rescan,
    rescan_shown,
    scan_leaves,
    with_lines,
)
from ledger.transparency.witness import Witness
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witness_rules import HeadBehind
from ledger.transparency.witnessed_log import LogEntry
from tests.ledger.journal.copy_kit import write_log
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.ledger.transparency.tiled_log import Files, TiledLog
from tests.ledger.transparency.witness_kit import NAME, HandClock, cosigner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

RESCANNER = f"{NAME}/rescan"


def real_leaves(events: int) -> list[bytes]:
    """Return the leaves of a log that a sequencer wrote, seven events a batch."""
    recorder = MemoryRecorder(ORIGIN)
    write_log(recorder, events)
    journal = Journal(recorder)
    return [leaf for _, leaf, _ in journal.entries(0, journal.size)]


LEAVES = real_leaves(300)
SIZE = len(LEAVES)
HEADS = [n for n, leaf in enumerate(LEAVES) if isinstance(parse_leaf(leaf), HeadsLeaf)]
SIZES = [n + 1 for n in HEADS]


class Place(Files):
    """A published log, as far as it says."""

    def __init__(self, leaves: Sequence[bytes], size: int | None = None) -> None:
        """Publish the tree of the first leaves, signed by the log."""
        self.log = TiledLog(ORIGIN, leaves)
        super().__init__({})
        self.show(len(leaves) if size is None else size)

    def show(self, size: int, path: str = "checkpoint") -> bytes:
        """Publish a head under a path, with its tiles; return the note."""
        self.files |= self.log.files(size)
        self.files[path] = note = sign_checkpoint(self.log.checkpoint(size), SIGNER)
        return note


@dataclass
class Visitor:
    """A witness and its folder."""

    folder: WitnessFolder
    clock: HandClock
    witness: Witness

    def sizes(self) -> tuple[int, int]:
        """Return what both keys cosigned last."""
        kept = self.folder.find(ORIGIN)
        assert kept is not None
        return kept.state.read().checkpoint.size, kept.rescan.read().checkpoint.size

    def cosign(self, place: Files) -> bytes:
        return cosign_shown(place, self.witness, newest_note(place, self.witness))

    def rescan(self, place: Files) -> bytes:
        return rescan_shown(place, self.witness, note_to_rescan(place, self.witness))


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    folder, clock = WitnessFolder(tmp_path, FileDisk()), HandClock()
    folder.set_log(LogEntry(ORIGIN, (SIGNER.key,)))
    witness = Witness(cosigner(), folder.find, clock, cosigner(RESCANNER, 3))
    return Visitor(folder, clock, witness)


def signers_of(note: bytes) -> list[str]:
    """Return who cosigned a note, each verified."""
    keys = [cosigner().key, cosigner(RESCANNER, 3).key]
    verified = open_checkpoint(note, SIGNER.key, keys)
    assert verified.unknown == ()
    return [one.name for one in verified.cosigners]


def test_a_log_is_cosigned_as_it_grows_by_proofs_from_its_tiles(visitor: Visitor) -> None:
    place = Place(LEAVES, SIZES[0])
    for size in (SIZES[0], SIZES[0], SIZES[20], SIZES[36], SIZE):
        place.show(size)
        note = visitor.cosign(place)
        assert signers_of(note) == [NAME]
        assert parse_note(note).text == parse_note(place.files["checkpoint"]).text
        assert visitor.sizes() == (size, 0)
    assert not [path for path in place.asked if path.startswith("tile/entries")]


def test_a_head_that_waits_is_the_one_that_is_cosigned(visitor: Visitor) -> None:
    place = Place(LEAVES, SIZES[3])
    place.show(SIZES[9], "checkpoint.pending")
    assert visitor.cosign(place).startswith(f"{ORIGIN}\n{SIZES[9]}\n".encode())
    place.show(SIZES[10])
    assert visitor.cosign(place).startswith(f"{ORIGIN}\n{SIZES[10]}\n".encode())
    del place.files["checkpoint"]
    with pytest.raises(HeadBehind) as behind:
        visitor.cosign(place)
    assert (behind.value.code, behind.value.heads) == ("head-behind", {ORIGIN: SIZES[10]})


BAD_PENDING: dict[str, bytes] = {
    "garbage": b"garbage",
    "of another log": sign_checkpoint(
        Checkpoint(ORIGIN, SIZE, TiledLog(ORIGIN, LEAVES).root(SIZE)), SIGNER
    ).replace(ORIGIN.encode(), b"other.example/log"),
    "not signed by the log": with_lines(
        sign_checkpoint(TiledLog(ORIGIN, LEAVES).checkpoint(SIZE), SIGNER), []
    ).replace(b"\n%d\n" % SIZE, b"\n999\n"),
}


@pytest.mark.parametrize("data", BAD_PENDING.values(), ids=BAD_PENDING.keys())
def test_a_damaged_waiting_head_does_not_hide_the_published_one(
    data: bytes, visitor: Visitor
) -> None:
    place = Place(LEAVES, SIZES[3])
    place.files["checkpoint.pending"] = data
    visitor.cosign(place)
    assert visitor.sizes() == (SIZES[3], 0)


def test_a_log_that_shows_nothing_or_is_unknown_is_refused(visitor: Visitor) -> None:
    with pytest.raises(Absent, match="not-published"):
        newest_note(Files({}), visitor.witness)
    stranger = TiledLog("other.example/log", LEAVES).checkpoint(SIZE)
    note = sign_checkpoint(replace(stranger, origin=ORIGIN), SIGNER)
    files = Files({"checkpoint": note.replace(ORIGIN.encode(), stranger.origin.encode())})
    with pytest.raises(Absent, match="log-not-witnessed"):
        newest_note(files, visitor.witness)


def rewritten(
    leaves: list[bytes], at: int, change: Callable[[EventLeaf], EventLeaf]
) -> list[bytes]:
    """Return the log as it would be if one event had been another; its heads leaves agree again."""
    made: list[bytes] = []
    for index, data in enumerate(leaves):
        leaf = parse_leaf(data)
        if index == at and isinstance(leaf, EventLeaf):
            made.append(format_leaf(change(leaf)))
        else:
            made.append(data if index < at else recomputed(made, data))
    return made


def recomputed(before: list[bytes], data: bytes) -> bytes:
    """Return a leaf with the root of those before it, when it is a heads leaf."""
    leaf = parse_leaf(data)
    if isinstance(leaf, EventLeaf):
        return data
    return format_leaf(replace(leaf, size=len(before), root=root_of(before)))


def root_of(leaves: list[bytes]) -> bytes:
    tree = Frontier()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree.root()


def test_a_rewritten_log_is_not_cosigned(visitor: Visitor) -> None:
    visitor.cosign(Place(LEAVES, SIZES[20]))
    other = rewritten(LEAVES, 3, lambda leaf: replace(leaf, envelope_digest=bytes(32)))
    for size, code in ((SIZES[20], "root-differs"), (SIZES[30], "consistency-not-proven")):
        with pytest.raises(NotVerified) as refused:
            visitor.cosign(Place(other, size))
        assert refused.value.code == code
    assert visitor.sizes() == (SIZES[20], 0)


def test_tiles_that_are_missing_or_changed_give_no_signature(visitor: Visitor) -> None:
    visitor.cosign(Place(LEAVES, SIZES[2]))
    place = Place(LEAVES)
    tiles = [path for path in place.files if path.startswith("tile/0")]
    whole = dict(place.files)
    for path in tiles:
        place.files = {name: data for name, data in whole.items() if name != path}
        with pytest.raises(Absent):
            visitor.cosign(place)
        place.files = whole | {path: bytes(len(whole[path]))}
        with pytest.raises(NotVerified):
            visitor.cosign(place)
    place.files = whole
    visitor.cosign(place)


def test_a_rescan_reads_every_leaf_and_signs_with_its_own_key(visitor: Visitor) -> None:
    place = Place(LEAVES)
    heard: list[tuple[int, int]] = []
    note = rescan_shown(
        place, visitor.witness, note_to_rescan(place, visitor.witness), lambda *at: heard.append(at)
    )
    assert signers_of(note) == [RESCANNER]
    assert visitor.sizes() == (0, SIZE)
    bundles = [path for path in TiledLog(ORIGIN, LEAVES).files(SIZE) if "entries" in path]
    assert set(bundles) <= set(place.asked)
    both = cosign_shown(place, visitor.witness, note)
    assert signers_of(both) == [NAME, RESCANNER]


def test_after_a_rescan_the_witness_says_so_to_whoever_asks(visitor: Visitor) -> None:
    place = Place(LEAVES)
    visitor.rescan(place)
    visitor.clock.move(3600)
    note = place.files["checkpoint"]
    lines = visitor.witness.cosign(AddCheckpoint(0, (), note))
    assert [line.name for line in lines] == [NAME, RESCANNER]
    verified = open_checkpoint(with_lines(note, lines), SIGNER.key, [cosigner(RESCANNER, 3).key])
    assert verified.cosigners[0].time == int(visitor.clock.now.timestamp())
    kept = visitor.folder.find(ORIGIN)
    assert kept is not None
    assert signers_of(visitor.witness.cosigned(kept)) == [NAME, RESCANNER]


def test_a_rescan_of_an_older_head_is_not_said_of_a_newer_one(visitor: Visitor) -> None:
    visitor.rescan(Place(LEAVES, SIZES[5]))
    note = visitor.cosign(Place(LEAVES))
    assert signers_of(note) == [NAME]
    assert visitor.sizes() == (SIZE, SIZES[5])


def test_a_state_of_rescans_that_is_damaged_does_not_stop_the_witness(visitor: Visitor) -> None:
    place = Place(LEAVES)
    visitor.rescan(place)
    kept = visitor.folder.find(ORIGIN)
    assert kept is not None
    (kept.folder / "rescan").write_bytes(b"torn")
    assert signers_of(visitor.cosign(place)) == [NAME]
    assert signers_of(visitor.witness.cosigned(kept)) == [NAME]
    with pytest.raises(StorageError, match="witness-state-damaged"):
        visitor.rescan(place)


def test_the_head_that_the_witness_cosigned_since_is_the_one_to_rescan(visitor: Visitor) -> None:
    place = Place(LEAVES)
    visitor.cosign(place)
    published = place.show(SIZES[10])
    place.files["checkpoint"] = published
    assert visitor.rescan(place).startswith(f"{ORIGIN}\n{SIZE}\n".encode())
    assert visitor.sizes() == (SIZE, SIZE)


def test_a_rescan_goes_on_from_the_last_one_and_from_what_was_cosigned(visitor: Visitor) -> None:
    visitor.rescan(Place(LEAVES, SIZES[10]))
    other = rewritten(LEAVES, SIZES[10] - 3, lambda leaf: replace(leaf, envelope_digest=bytes(32)))
    honest_rows = good_rows(other)
    with pytest.raises(NotVerified, match="log-forked"):
        visitor.rescan(Place(honest_rows))
    visitor.rescan(Place(LEAVES))


def test_a_rescan_holds_against_what_only_the_first_key_has_cosigned(visitor: Visitor) -> None:
    visitor.cosign(Place(LEAVES, SIZES[10]))
    other = good_rows(rewritten(LEAVES, 2, lambda leaf: replace(leaf, envelope_digest=bytes(32))))
    with pytest.raises(NotVerified, match="log-forked"):
        visitor.rescan(Place(other))
    assert visitor.sizes() == (SIZES[10], 0)


def good_rows(leaves: list[bytes]) -> list[bytes]:
    """Return a log whose heads leaves say what its leaves are, by a scan of its own leaves."""
    made: list[bytes] = []
    scan = LeafScan()
    for data in leaves:
        leaf = parse_leaf(data)
        if isinstance(leaf, HeadsLeaf):
            scan._settle_rows()
            rows = scan._rows
            leaf = HeadsLeaf(len(made), scan.tree.root(), rows.size, rows.root())
            data = format_leaf(leaf)  # noqa: PLW2901  the leaf as it has to be
        scan.add(data)
        made.append(data)
    return made


def event(index: int) -> EventLeaf:
    leaf = parse_leaf(LEAVES[index])
    assert isinstance(leaf, EventLeaf)
    return leaf


def heads_leaf(index: int) -> HeadsLeaf:
    leaf = parse_leaf(LEAVES[index])
    assert isinstance(leaf, HeadsLeaf)
    return leaf


def with_leaf(index: int, leaf: EventLeaf | HeadsLeaf | bytes) -> list[bytes]:
    data = leaf if isinstance(leaf, bytes) else format_leaf(leaf)
    return [*LEAVES[:index], data, *LEAVES[index + 1 :]]


def without(index: int) -> list[bytes]:
    return [*LEAVES[:index], *LEAVES[index + 1 :]]


LATER = event(9).received_at + timedelta(days=1)
HEAD = HEADS[4]
LIES: dict[str, tuple[list[bytes], str]] = {
    "an entry of another format": (with_leaf(9, b"something else\n"), "leaf-not-understood"),
    "a leaf with a byte more": (with_leaf(9, LEAVES[9] + b"\n"), "leaf-not-understood"),
    "a time that goes back": (
        with_leaf(9, replace(event(9), received_at=event(2).received_at - timedelta(seconds=9))),
        "received-at-back",
    ),
    "a time ahead, and the next one back": (
        with_leaf(9, replace(event(9), received_at=LATER)),
        "received-at-back",
    ),
    "an event left out": (without(9), "stream-broken"),
    "the last event left out": (without(SIZE - 2), "heads-leaf-differs"),
    "an event twice": ([*LEAVES[:10], LEAVES[9], *LEAVES[10:]], "stream-broken"),
    "a stream that begins at 1": (
        with_leaf(9, replace(event(9), streams=(StreamPlace("cup/new", 1),))),
        "stream-broken",
    ),
    "a place skipped": (
        with_leaf(
            9,
            replace(
                event(9), streams=tuple(replace(one, seq=one.seq + 1) for one in event(9).streams)
            ),
        ),
        "stream-broken",
    ),
    "a heads leaf of another size": (
        with_leaf(HEAD, replace(heads_leaf(HEAD), size=HEAD - 1)),
        "heads-leaf-differs",
    ),
    "a heads leaf of another root": (
        with_leaf(HEAD, replace(heads_leaf(HEAD), root=bytes(32))),
        "heads-leaf-differs",
    ),
    "a heads leaf of fewer streams": (
        with_leaf(HEAD, replace(heads_leaf(HEAD), streams=heads_leaf(HEAD).streams - 1)),
        "heads-leaf-differs",
    ),
    "a heads leaf of other rows": (
        with_leaf(HEAD, replace(heads_leaf(HEAD), rows_root=bytes(32))),
        "heads-leaf-differs",
    ),
    "the last heads leaf of other rows": (
        with_leaf(SIZE - 1, replace(heads_leaf(SIZE - 1), rows_root=bytes(32))),
        "heads-leaf-differs",
    ),
    "an event hidden behind the row of before": (
        with_leaf(9, replace(event(9), envelope_digest=bytes(32))),
        "heads-leaf-differs",
    ),
    "no heads leaf at the end": (LEAVES[:-1], "scan-not-closed"),
}


@pytest.mark.parametrize(("leaves", "code"), LIES.values(), ids=LIES.keys())
def test_a_log_that_contradicts_itself_is_not_rescanned(
    leaves: list[bytes], code: str, visitor: Visitor
) -> None:
    place = Place(leaves)
    with pytest.raises(NotVerified) as refused:
        visitor.rescan(place)
    assert refused.value.code == code
    assert visitor.sizes() == (0, 0)
    visitor.cosign(place)
    assert visitor.sizes() == (len(leaves), 0)


def test_every_head_of_an_honest_log_passes_the_scan() -> None:
    for size in SIZES:
        place = Place(LEAVES, size)
        scan = scan_leaves(place, place.log.checkpoint(size))
        assert scan.tree.root() == place.log.root(size)
    rows = heads_leaf(SIZE - 1)
    assert scan.streams == rows.streams


def test_an_entry_that_is_not_of_the_tree_gives_no_signature(visitor: Visitor) -> None:
    place = Place(LEAVES)
    path = "tile/entries/000"
    place.files[path] = place.files[path].replace(b"cup/1", b"cup/9", 1)
    with pytest.raises(NotVerified, match="entry-differs"):
        visitor.rescan(place)
    assert visitor.sizes() == (0, 0)


def test_a_missing_bundle_gives_no_signature(visitor: Visitor) -> None:
    place = Place(LEAVES)
    del place.files["tile/entries/000"]
    with pytest.raises(Absent, match="not-published"):
        visitor.rescan(place)


def test_an_empty_log_is_rescanned_at_once(visitor: Visitor) -> None:
    place = Place(LEAVES, 0)
    assert signers_of(visitor.rescan(place)) == [RESCANNER]
    assert signers_of(visitor.cosign(place)) == [NAME, RESCANNER]


def test_a_rescan_that_another_has_overtaken_is_not_signed(visitor: Visitor) -> None:
    place = Place(LEAVES, SIZES[10])
    other = Place(LEAVES, SIZES[4])

    def meanwhile(_checkpoint: Checkpoint, _heads: Sequence[Checkpoint]) -> None:
        visitor.rescan(other)

    with pytest.raises(Busy, match="un'altra rilettura"):
        visitor.witness.cosign_rescanned(place.files["checkpoint"], meanwhile)
    assert visitor.sizes() == (0, SIZES[4])


def test_a_rescan_says_the_time_of_its_end_and_never_goes_back(visitor: Visitor) -> None:
    place = Place(LEAVES)

    def slow(_checkpoint: Checkpoint, _heads: Sequence[Checkpoint]) -> None:
        visitor.clock.move(7200)

    line = visitor.witness.cosign_rescanned(place.files["checkpoint"], slow)
    assert int.from_bytes(line.signature[:8], "big") == int(visitor.clock.now.timestamp())
    with pytest.raises(HeadBehind):
        visitor.witness.cosign_rescanned(place.show(SIZES[3]), slow)


def test_a_state_of_rescans_that_was_put_back_freezes_when_its_note_is_shown(
    visitor: Visitor,
) -> None:
    visitor.rescan(Place(LEAVES, SIZES[4]))
    kept = visitor.folder.find(ORIGIN)
    assert kept is not None
    before = (kept.folder / "rescan").read_bytes()
    note = visitor.rescan(Place(LEAVES))
    (kept.folder / "rescan").write_bytes(before)
    fresh = WitnessFolder(visitor.folder.path, FileDisk())
    witness = Witness(cosigner(), fresh.find, visitor.clock, cosigner(RESCANNER, 3))
    place = Place(LEAVES)
    with pytest.raises(StorageError, match="witness-rolled-back"):
        rescan_shown(place, witness, note)
    assert [line.name for line in witness.cosign(AddCheckpoint(0, (), note))] == [NAME]


def test_our_line_takes_the_place_of_an_older_one_and_the_others_stay() -> None:
    note = sign_checkpoint(TiledLog(ORIGIN, LEAVES).checkpoint(SIZE), SIGNER)
    text = parse_note(note).text
    old, new = (cosigner().cosign(text, at) for at in (1, 2))
    other = cosigner("w2.example", 9).cosign(text, 1)
    mixed = format_note(Note(text, (*parse_note(note).signatures, old, other)))
    lines = parse_note(with_lines(mixed, [new])).signatures
    assert lines == (*parse_note(note).signatures, other, new)


class Restless(Place):
    """Lets somebody else be cosigned whenever its tiles are read."""

    def __init__(self, visitor: Visitor) -> None:
        """Publish the whole log; begin at a head that was cosigned."""
        super().__init__(LEAVES)
        self._visitor = visitor
        self._step = 10

    def read(self, path: str, limit: int) -> bytes:
        if path.startswith("tile/0") and self._step < 20:
            self._step += 1
            self._visitor.cosign(Place(LEAVES, SIZES[self._step]))
        return super().read(path, limit)


def test_a_witness_that_is_asked_without_pause_says_so(visitor: Visitor) -> None:
    visitor.cosign(Place(LEAVES, SIZES[10]))
    with pytest.raises(Busy, match="senza sosta"):
        visitor.cosign(Restless(visitor))


def test_servers_and_visits_share_one_state(visitor: Visitor) -> None:
    given: list[tuple[int, bytes]] = []
    other = good_rows(
        rewritten(LEAVES, SIZES[2], lambda leaf: replace(leaf, envelope_digest=bytes(32)))
    )

    def work(leaves: list[bytes]) -> None:
        for size in SIZES[1::6]:
            try:
                note = visitor.cosign(Place(leaves, size))
            except PistaError:
                continue
            checkpoint = open_checkpoint(note, SIGNER.key).checkpoint
            given.append((checkpoint.size, checkpoint.root))

    threads = [threading.Thread(target=work, args=(leaves,)) for leaves in (LEAVES, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logs = [TiledLog(ORIGIN, leaves) for leaves in (LEAVES, other)]
    assert given
    assert any(all(log.root(size) == root for size, root in given) for log in logs)
