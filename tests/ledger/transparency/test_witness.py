"""A witness cosigns what goes on from what it cosigned last, and says why it does not."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Absent, Drifted, Frozen, NotVerified, PistaError, Unreadable
from ledger.journal.checkpoint import (
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    verify_cosignatures,
)
from ledger.journal.leaf import format_hash
from ledger.journal.merkle import consistency_proof, leaf_hash, node_hash, root
from ledger.journal.note import (
    ED25519,
    Note,
    Signature,
    format_note,
    parse_note,
    parse_vkey,
    verifier_key,
)
from ledger.transparency.disk import FileDisk
from ledger.transparency.protocol import (
    MAX_PROOF,
    AddCheckpoint,
    OtherSize,
    format_add_checkpoint,
    parse_add_checkpoint,
    parse_signatures,
)
from ledger.transparency.witness import Witness
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witnessed_log import LogEntry
from tests.ledger.transparency.witness_kit import (
    NAME,
    NOON,
    ORIGIN,
    Desk,
    HandClock,
    LogBook,
    WeakDisk,
    cosigner,
    note_signer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = int(NOON.timestamp())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_log_that_grows_is_cosigned_each_time(desk: Desk) -> None:
    log = LogBook(9)
    for size in (0, 1, 2, 5, 9):
        line = desk.submit(log, size)
        note = parse_note(log.note(size))
        (found,) = verify_cosignatures(Note(note.text, (line,)), [cosigner().key])
        assert (found.name, found.time, line.name) == (NAME, SECONDS, NAME)
    assert [one.size for one in desk.given] == [0, 1, 2, 5, 9]
    desk.check(log)


def test_the_kept_note_has_the_signature_of_the_log_and_the_cosignature_that_was_given(
    desk: Desk,
) -> None:
    log = LogBook(9)
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    with pytest.raises(Absent, match="never-cosigned"):
        desk.witness.cosigned(kept)
    line = desk.ask(log.request(0, 9))
    desk.clock.move(500)
    note = desk.witness.cosigned(kept)
    verified = open_checkpoint(note, log.key, [cosigner().key])
    assert [one.time for one in verified.cosigners] == [SECONDS]
    assert verified.note.signatures[-1] == line
    assert verified.unknown == ()


LOG = LogBook(12)
FORK = LOG.fork(3)
FORK.grow(9)
OTHER_LOG = LogBook(12, origin="other.example/log", seed=5)
STRANGER = note_signer(ORIGIN, 6)
BAD_ROOT = format_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)))


def raw(old: int, body: str, *lines: Signature, proof: tuple[bytes, ...] = ()) -> bytes:
    note = format_note(Note(body, lines))
    return format_add_checkpoint(AddCheckpoint(old, proof, note))


def by_log(old: int, body: str, proof: tuple[bytes, ...] = ()) -> bytes:
    return raw(old, body, LOG.signer.sign_note(body), proof=proof)


def broken(line: Signature) -> Signature:
    return Signature(line.name, line.key_id, line.signature[:-1] + bytes([line.signature[-1] ^ 1]))


BODY = format_checkpoint(Checkpoint(ORIGIN, 9, LOG.root(9)))
SIGNED = LOG.signer.sign_note(BODY)
EMPTY = f"{ORIGIN}\n0\n{'A' * 43}=\n"
PROOF = LOG.proof(5, 9)

# Every request is made of a witness that has cosigned 5 leaves; what it answers with, by code.
REFUSED: dict[str, tuple[bytes, str]] = {
    "no request": (b"", "add-checkpoint-unreadable"),
    "no note": (b"old 5\n\n", "note-unreadable"),
    "no checkpoint": (b"old 5\n\n" + format_note(Note("a\n", (SIGNED,))), "checkpoint-unreadable"),
    "an unknown log": (OTHER_LOG.request(0, 9), "log-not-witnessed"),
    "no signature of the log": (
        raw(5, BODY, STRANGER.sign_note(BODY), proof=PROOF),
        "signature-missing",
    ),
    "the name of the log and the id of another key": (
        raw(5, BODY, Signature(ORIGIN, b"1234", SIGNED.signature), proof=PROOF),
        "signature-missing",
    ),
    "the id of the log and another name": (
        raw(5, BODY, Signature("other", SIGNED.key_id, SIGNED.signature), proof=PROOF),
        "signature-missing",
    ),
    "a signature that is wrong": (raw(5, BODY, broken(SIGNED), proof=PROOF), "signature-invalid"),
    "a signature over another text": (
        raw(5, BAD_ROOT, SIGNED, proof=PROOF),
        "signature-invalid",
    ),
    "a signature that is short": (
        raw(5, BODY, Signature(ORIGIN, SIGNED.key_id, b"short"), proof=PROOF),
        "signature-invalid",
    ),
    "a signature twice": (raw(5, BODY, SIGNED, SIGNED, proof=PROOF), "signature-repeated"),
    "an old size over the checkpoint": (by_log(10, BODY), "old-size-beyond"),
    "an old size that is too small": (LOG.request(4, 9), "old-size-differs"),
    "an old size that is too large": (LOG.request(6, 9), "old-size-differs"),
    "an old size of 0": (LOG.request(0, 9), "old-size-differs"),
    "a checkpoint that is smaller": (LOG.request(3, 4), "old-size-differs"),
    "an old size and a root that are both wrong": (by_log(4, BAD_ROOT), "old-size-differs"),
    "an empty proof": (by_log(5, BODY), "consistency-not-proven"),
    "a proof that is too long": (by_log(5, BODY, (*PROOF, bytes(32))), "consistency-not-proven"),
    "a proof that is too short": (by_log(5, BODY, PROOF[:-1]), "consistency-not-proven"),
    "the proof of another size": (by_log(5, BODY, LOG.proof(4, 9)), "consistency-not-proven"),
    "a proof of zeros": (by_log(5, BODY, (bytes(32),) * len(PROOF)), "consistency-not-proven"),
    "a root that the log signed and is another": (
        by_log(5, BAD_ROOT, PROOF),
        "consistency-not-proven",
    ),
    "a fork": (FORK.request(5, 9), "consistency-not-proven"),
    "another root of the size": (FORK.request(5, 5), "root-differs"),
    "the size again, with a proof": (
        by_log(5, format_checkpoint(Checkpoint(ORIGIN, 5, LOG.root(5))), PROOF),
        "consistency-not-proven",
    ),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_go_on_is_not_cosigned(data: bytes, code: str, desk: Desk) -> None:
    desk.ask(LOG.request(0, 5))
    before = {path: path.read_bytes() for path in desk.path.rglob("*") if path.name == "state"}
    with pytest.raises(PistaError) as refused:
        desk.ask(data)
    assert refused.value.code == code
    assert {path: path.read_bytes() for path in before} == before
    if isinstance(refused.value, OtherSize):
        assert refused.value.size == 5
    desk.ask(LOG.request(5, 9))


FIRST: dict[str, tuple[bytes, str | None]] = {
    "the whole log at once": (LOG.request(0, 12), None),
    "an empty log": (LOG.request(0, 0), None),
    "an empty log with another root": (by_log(0, EMPTY), "empty-root-differs"),
    "an empty log with a proof": (
        by_log(0, format_checkpoint(Checkpoint(ORIGIN, 0, LOG.root(0))), PROOF),
        "consistency-not-proven",
    ),
    "a proof where there is none": (by_log(0, BODY, PROOF), "consistency-not-proven"),
    "an old size that was never cosigned": (LOG.request(5, 9), "old-size-differs"),
}


@pytest.mark.parametrize(("data", "code"), FIRST.values(), ids=FIRST.keys())
def test_the_first_time_the_old_size_is_0_and_the_proof_empty(
    data: bytes, code: str | None, desk: Desk
) -> None:
    if code is None:
        desk.ask(data)
        return
    with pytest.raises(PistaError) as refused:
        desk.ask(data)
    assert refused.value.code == code
    desk.ask(LOG.request(0, 9))


def test_signatures_of_others_are_ignored(desk: Desk) -> None:
    others = [note_signer(f"x{number}.example", 9).sign_note(BODY) for number in range(20)]
    witness = cosigner("w2.example", 8).cosign(BODY, 1)
    lines = (*others[:10], broken(others[11]), SIGNED, STRANGER.sign_note(BODY), witness)
    desk.ask(raw(0, BODY, *lines))
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    assert parse_note(kept.state.read().note).signatures == (SIGNED,)


def test_the_same_head_is_cosigned_anew_with_the_time_of_now(desk: Desk) -> None:
    lines = []
    for _ in range(3):
        lines.append(desk.submit(LOG, 9))
        desk.clock.move(86_400)
    assert [one.time for one in desk.given] == [SECONDS, SECONDS + 86_400, SECONDS + 2 * 86_400]
    assert len(set(lines)) == 3
    desk.check(LOG)


def test_all_pairs_of_sizes_up_to_70_are_cosigned_and_no_fork_of_them(tmp_path: Path) -> None:
    log, disk = LogBook(70), WeakDisk()
    fork = log.fork(0)
    fork.grow(70)
    desk, pairs = Desk(tmp_path, disk), 0
    for old in range(71):
        desk.submit(log, old)
        saved = dict(disk.seen)
        for new in range(old, 71):
            disk.seen = dict(saved)
            desk.start()
            if old:
                with pytest.raises(NotVerified):
                    desk.ask(fork.request(old, new))
            desk.ask(log.request(old, new))
            pairs += 1
        disk.seen = saved
        desk.start()
    assert pairs == 71 * 72 // 2


class EvenTree:
    """A tree of any size whose leaves are all the same, so that a level has one hash."""

    def __init__(self) -> None:
        """Hash one leaf, and each level over it."""
        self._levels = [leaf_hash(b"the same")]
        for _ in range(62):
            self._levels.append(node_hash(self._levels[-1], self._levels[-1]))

    def subtree(self, level: int, _index: int) -> bytes:
        return self._levels[level]


EVEN = EvenTree()


def even_request(old: int, new: int) -> bytes:
    body = format_checkpoint(Checkpoint(ORIGIN, new, root(EVEN, new)))
    return by_log(old, body, tuple(consistency_proof(EVEN, old, new)))


@given(st.lists(st.integers(0, 2**62), min_size=2, max_size=4).map(sorted), st.data())
@settings(max_examples=60, deadline=None)
def test_large_trees_are_cosigned_and_no_changed_proof_of_them(
    sizes: list[int], data: st.DataObject
) -> None:
    desk = Desk(Path("w"), WeakDisk())
    for old, new in pairwise([0, *sizes]):
        request = parse_add_checkpoint(even_request(old, new))
        assert len(request.proof) <= MAX_PROOF
        if request.proof:
            at = data.draw(st.integers(0, len(request.proof) - 1))
            wrong = list(request.proof)
            wrong[at] = bytes(31) + bytes([wrong[at][31] ^ 1])
            with pytest.raises(NotVerified):
                desk.witness.cosign(AddCheckpoint(old, tuple(wrong), request.note))
            with pytest.raises(NotVerified):
                desk.witness.cosign(AddCheckpoint(old, request.proof[:-1], request.note))
        desk.ask(format_add_checkpoint(request))
    assert [one.size for one in desk.given] == sizes


def test_extension_lines_of_other_logs_are_covered_by_the_cosignature(desk: Desk) -> None:
    body = BODY + "Timestamp: 1790000000\n"
    line = parse_signatures(desk.witness.add_checkpoint(by_log(0, body)))
    assert verify_cosignatures(Note(body, line), [cosigner().key])
    with pytest.raises(NotVerified, match="signature-invalid"):
        verify_cosignatures(Note(BODY, line), [cosigner().key])


# A log of Sigsum as the tests of another witness have it: its key, and four requests in a row.
SIGSUM = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
SIGSUM_KEY = bytes.fromhex("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f")


def sigsum(size: int, root_text: str, signature: str, old: int, *proof: str) -> bytes:
    head = "".join(f"{line}\n" for line in (f"old {old}", *proof))
    body = f"{SIGSUM}\n{size}\n{root_text}\n"
    return f"{head}\n{body}\n\u2014 {SIGSUM} {signature}\n".encode()


def sigsum_hash(*first: int) -> str:
    return format_hash(bytes(first).ljust(32, b"\x00"))


SIZE_1 = (
    1,
    sigsum_hash(0x2A),
    "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=",
)
SIZE_3 = (
    3,
    "RcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=",
    "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=",
)
SIZE_5 = (
    5,
    "QrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=",
    "UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=",
)
ONE, TWO, THREE, FOUR = (sigsum_hash(0x2A, number) for number in (1, 2, 3, 4))
PAIR = "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE="


def test_the_requests_that_other_witnesses_are_tested_with_are_answered_alike(
    tmp_path: Path,
) -> None:
    folder = WitnessFolder(tmp_path, FileDisk())
    folder.set_log(LogEntry(SIGSUM, (verifier_key(SIGSUM, ED25519, SIGSUM_KEY),)))
    witness = Witness(cosigner(), folder.find, HandClock())

    def code(data: bytes) -> str | int:
        try:
            witness.add_checkpoint(data)
        except OtherSize as told:
            return told.size
        except PistaError as error:
            return error.code
        return "cosigned"

    flipped = (SIZE_3[0], SIZE_3[1], SIZE_3[2].replace("6go=", "6gx="))
    another = sigsum(*SIZE_3, 1, ONE, TWO).replace(b"9e562\n", b"9e563\n")
    assert code(sigsum(*SIZE_1, 0)) == "cosigned"
    assert code(sigsum(*flipped, 1, ONE, TWO)) in {"signature-invalid", "note-unreadable"}
    assert code(another) == "log-not-witnessed"
    assert code(sigsum(*SIZE_3, 1)) == "consistency-not-proven"
    wrong = sigsum_hash(0x2A, 2).replace("AAAA", "AAAE", 1)
    assert code(sigsum(*SIZE_3, 1, ONE, wrong)) == "consistency-not-proven"
    assert code(sigsum(*SIZE_3, 1, ONE, TWO)) == "cosigned"
    assert code(sigsum(*SIZE_5, 1, ONE, format_hash(bytes(32)), FOUR)) == 3
    assert code(sigsum(*SIZE_5, 3, TWO, THREE, PAIR, FOUR)) == "cosigned"
    assert code(sigsum(*SIZE_5, 0)) == 5


def test_two_keys_of_a_log_that_goes_from_one_to_the_other_are_both_believed(desk: Desk) -> None:
    new = note_signer(ORIGIN, 7)
    both = (LOG.key, parse_vkey(new.vkey))
    desk.folder.set_log(LogEntry(ORIGIN, both))
    desk.ask(LOG.request(0, 5))
    desk.ask(raw(5, BODY, new.sign_note(BODY), proof=PROOF))
    desk.ask(raw(9, BODY, SIGNED, new.sign_note(BODY)))
    with pytest.raises(NotVerified, match="signature-invalid"):
        desk.ask(raw(9, BODY, SIGNED, broken(new.sign_note(BODY))))
    desk.folder.set_log(LogEntry(ORIGIN, both[1:]))
    with pytest.raises(NotVerified, match="signature-missing"):
        desk.ask(raw(9, BODY, SIGNED))


def test_each_log_has_a_state_of_its_own(desk: Desk) -> None:
    desk.folder.set_log(LogEntry(OTHER_LOG.origin, (OTHER_LOG.key,)))
    desk.ask(LOG.request(0, 9))
    desk.ask(OTHER_LOG.request(0, 5))
    desk.ask(LOG.request(9, 12))
    assert [log.state.read().checkpoint.size for log in desk.folder.logs()] == [5, 12]


def test_a_log_that_was_dropped_and_named_again_goes_on_from_what_was_cosigned(desk: Desk) -> None:
    desk.ask(LOG.request(0, 9))
    desk.folder.drop_log(ORIGIN)
    with pytest.raises(Absent, match="log-not-witnessed"):
        desk.ask(LOG.request(9, 12))
    with pytest.raises(Absent, match="log-not-witnessed"):
        desk.folder.drop_log(ORIGIN)
    desk.folder.set_log(LogEntry(ORIGIN, (LOG.key,)))
    with pytest.raises(OtherSize):
        desk.ask(FORK.request(0, 9))
    desk.ask(LOG.request(9, 12))


def test_a_state_that_was_deleted_is_not_made_again_for_a_known_log(desk: Desk) -> None:
    desk.ask(LOG.request(0, 9))
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    (kept.folder / "state").unlink()
    desk.start()
    for _ in range(2):
        with pytest.raises(Frozen, match="witness-state-absent"):
            desk.ask(FORK.request(0, 9))
        desk.folder.set_log(LogEntry(ORIGIN, (LOG.key,)))
    desk.folder.drop_log(ORIGIN)
    desk.folder.set_log(LogEntry(ORIGIN, (LOG.key,)))
    with pytest.raises(Frozen, match="witness-state-absent"):
        desk.ask(FORK.request(0, 9))


def test_two_roots_of_one_size_are_kept_as_proof_and_do_not_stop_the_log(desk: Desk) -> None:
    desk.ask(LOG.request(0, 5))
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    for _ in range(2):
        with pytest.raises(NotVerified, match="due radici diverse per 5 foglie"):
            desk.ask(FORK.request(5, 5))
    (path,) = kept.forks()
    assert path.read_bytes() == FORK.note(5)
    for number in range(20):
        other = LOG.fork(0, b"other %d" % number)
        other.grow(5)
        with pytest.raises(NotVerified, match="root-differs"):
            desk.ask(other.request(5, 5))
    assert len(kept.forks()) == 16
    desk.ask(LOG.request(5, 9))


SHOWN: dict[str, tuple[Callable[[], bytes], bool]] = {
    "a larger size": (lambda: with_own(LOG, 7, 9, 0), True),
    "the size of the state, later": (lambda: with_own(LOG, 7, 7, 1), True),
    "another root of the size": (lambda: with_own(FORK, 7, 7, 0), True),
    "a smaller size, later": (lambda: with_own(LOG, 3, 3, 1), True),
    "the very last one": (lambda: with_own(LOG, 7, 7, 0), False),
    "an earlier one": (lambda: with_own(LOG, 7, 7, -9), False),
    "one of a smaller size": (lambda: with_own(LOG, 3, 3, -9), False),
    "one that is wrong": (lambda: with_own(LOG, 7, 9, 1, wrong=True), False),
}


def with_own(log: LogBook, old: int, size: int, after: int, *, wrong: bool = False) -> bytes:
    """Return a request whose note bears a cosignature of the witness, so many seconds after noon."""
    body = format_checkpoint(Checkpoint(ORIGIN, size, log.root(size)))
    line = cosigner().cosign(body, SECONDS + after)
    lines = (log.signer.sign_note(body), broken(line) if wrong else line)
    return raw(old, body, *lines, proof=log.proof(old, size))


@pytest.mark.parametrize(("make", "freezes"), SHOWN.values(), ids=SHOWN.keys())
def test_a_witness_that_is_shown_what_it_forgot_signs_no_more(
    make: Callable[[], bytes], desk: Desk, *, freezes: bool
) -> None:
    desk.ask(LOG.request(0, 7))
    data = make()
    if not freezes:
        with suppress(OtherSize):
            desk.ask(data)
        desk.submit(LOG, 12)
        return
    with pytest.raises(Frozen) as frozen:
        desk.ask(data)
    assert frozen.value.code == "witness-rolled-back"
    desk.start()
    with pytest.raises(Frozen, match="witness-rolled-back"):
        desk.submit(LOG, 12)
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    assert kept.state.evidence.read_bytes() == data.partition(b"\n\n")[2]


def test_a_folder_that_was_put_back_from_a_copy_freezes_when_the_log_shows_its_note(
    desk: Desk, tmp_path: Path
) -> None:
    desk.ask(LOG.request(0, 5))
    copy = {path: path.read_bytes() for path in tmp_path.rglob("state")}
    line = desk.ask(LOG.request(5, 9))
    for path, data in copy.items():
        path.write_bytes(data)
    desk.start()
    shown = raw(5, BODY, SIGNED, line, proof=PROOF)
    with pytest.raises(Frozen, match="witness-rolled-back"):
        desk.ask(shown)


def test_time_does_not_go_back(desk: Desk) -> None:
    desk.submit(LOG, 5)
    desk.clock.move(-599)
    desk.submit(LOG, 7)
    desk.clock.move(60)
    desk.submit(LOG, 9)
    assert [one.time for one in desk.given] == [SECONDS] * 3
    desk.clock.move(-62)
    with pytest.raises(Drifted) as refused:
        desk.submit(LOG, 12)
    assert refused.value.code == "clock-behind"
    desk.clock.now = datetime(1970, 1, 1, tzinfo=UTC)
    with pytest.raises(Drifted):
        desk.submit(LOG, 12)
    desk.clock.now = NOON
    desk.submit(LOG, 12)
    desk.check(LOG)


def test_of_many_that_ask_at_once_all_get_one_chain(desk: Desk) -> None:
    log = LogBook(40)
    fork = log.fork(10)
    fork.grow(40)
    desk.submit(log, 11)
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for size in range(11 + number % 3, 41):
            for branch in (log, fork):
                with suppress(OtherSize, NotVerified, Unreadable):
                    desk.submit(branch, size)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(one.size for one in desk.given) == 40
    desk.check(log, in_order=False)
