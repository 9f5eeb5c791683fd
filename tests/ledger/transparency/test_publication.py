"""Publishing with witnesses that do what they should, and with every kind that does not."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.errors import Absent, Frozen, NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.copying import copy_rows
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.note import Ed25519NoteSigner, Note, format_note, parse_note
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.transparency.asking import Reply
from ledger.transparency.kept_checkpoints import KeptCheckpoints
from ledger.transparency.protocol import format_signatures, format_size, parse_add_checkpoint
from ledger.transparency.publication import Outcome, Parts, add_signatures, publish
from ledger.transparency.static_log import StaticLog
from ledger.transparency.tile_reader import open_tiles
from tests.ledger.journal.copy_kit import write_log
from tests.ledger.journal.sequencer_kit import LOG_KEY, ORIGIN, SIGNER, Client, opened
from tests.ledger.transparency.asked_kit import (
    NOW,
    Answering,
    Asked,
    HonestWitness,
    cosigner,
    policy_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledger.transparency.asking import Said

DAY = 86_400


class Desk:
    """A ledger, its published folder, its policy, its witnesses, and the time."""

    def __init__(self, folder: Path, *numbers: int, quorum: str | int = "all") -> None:
        """Begin with 40 events; the witnesses of these numbers are honest."""
        self.recorder = MemoryRecorder(ORIGIN)
        self.sequencer, self.client = opened(self.recorder), Client()
        self.now = NOW
        self.static, self.kept = StaticLog(folder), KeptCheckpoints(folder)
        self.policy = policy_text(*numbers, quorum=quorum)
        self.honest = {f"W{one}": HonestWitness(one, lambda: self.now) for one in numbers}
        self.asked = Asked(self.honest)
        self.grow()

    @property
    def journal(self) -> Journal:
        """The log."""
        return Journal(self.recorder)

    def sign(self, size: int) -> bytes:
        """Sign a head."""
        return sign_checkpoint(Checkpoint(ORIGIN, size, self.journal.root_at(size)), SIGNER)

    def grow(self) -> int:
        """Record more, and return the size."""
        for _ in range(5):
            self.sequencer.submit_many([self.client.make(f"cup/{n}") for n in range(8)])
        return self.journal.size

    def copied(self) -> MemoryRecorder:
        """Return a copy of the store as it is."""
        copy = MemoryRecorder(ORIGIN)
        copy_rows(self.recorder, copy, self.journal.size)
        return copy

    @property
    def parts(self) -> Parts:
        """What publishing is made from."""
        return Parts(self.journal, self.static, self.kept, self.policy, self.sign, lambda: self.now)

    def publish(self, seconds: float = 5) -> Outcome:
        """Publish now."""
        return publish(self.parts, self.asked, seconds)

    def carried(self, size: int, *numbers: int, at: int | None = None) -> bytes:
        """Return a head as witnesses sign it that come by themselves."""
        note = parse_note(self.sign(size))
        lines = (cosigner(one).cosign(note.text, at or self.now) for one in numbers)
        return format_note(Note(note.text, (*note.signatures, *lines)))

    def signers(self, note: bytes | None) -> dict[str, int]:
        """Return who of the policy cosigned a note, and when."""
        assert note is not None
        cosigners = parse_policy(self.policy).verify_signatures(note).cosigners
        return {one.name.split(".")[0].upper(): one.time for one in cosigners}

    def head(self, size: int) -> str:
        """Return the text of a head."""
        return parse_note(self.sign(size)).text


def test_a_policy_without_witnesses_publishes_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    outcome = desk.publish()
    assert (outcome.is_published, outcome.said, outcome.size) == (True, (), desk.journal.size)
    assert desk.static.checkpoint() == desk.sign(outcome.size) == desk.kept.read(outcome.size)
    assert desk.static.pending() is None
    tiles = open_tiles(
        desk.static.source, parse_policy(desk.policy).verify_checkpoint(outcome.note).checkpoint
    )
    assert sum(1 for _ in tiles.entries(0, outcome.size)) == outcome.size


def test_the_published_head_bears_every_witness_in_the_order_of_the_policy(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 3, 1, 2)
    outcome = desk.publish()
    assert outcome.is_published
    assert [one.state for one in outcome.said] == ["cosigned"] * 3
    assert desk.signers(desk.static.checkpoint()) == {"W3": NOW, "W1": NOW, "W2": NOW}
    names = [line.name for line in parse_note(outcome.note).signatures]
    assert names == [ORIGIN, "w3.example", "w1.example", "w2.example"]


def test_all_witnesses_are_asked_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, 3)
    together = threading.Barrier(3)

    def meet(_: bytes) -> Reply:
        together.wait(10)
        return Reply(503, b"")

    desk.asked.witnesses = {name: Answering(meet) for name in ("W1", "W2", "W3")}
    assert [one.state for one in desk.publish(seconds=20).said] == ["failing"] * 3


def test_a_head_that_grew_is_proven_from_the_one_that_each_witness_signed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2)
    first = desk.publish().size
    second = desk.grow()
    assert desk.publish().is_published
    for witness in desk.honest.values():
        olds = [parse_add_checkpoint(one).old_size for one in witness.requests]
        assert olds == [0, first]
    assert desk.kept.sizes() == [first, second]


def test_a_witness_that_signed_more_than_is_known_is_asked_again_from_there(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, 1)
    first = desk.publish().size
    for path in (tmp_path / "checkpoint", tmp_path / f"checkpoints/{first}"):
        path.unlink()
    desk.grow()
    assert desk.publish().is_published
    olds = [parse_add_checkpoint(one).old_size for one in desk.honest["W1"].requests]
    assert olds == [0, 0, first]


def test_publishing_again_renews_the_signatures_and_keeps_the_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    size = desk.publish().size
    desk.now += DAY
    assert desk.publish().written == 0
    assert desk.signers(desk.static.checkpoint()) == {"W1": NOW + DAY}
    assert desk.signers(desk.kept.read(size)) == {"W1": NOW}


def test_a_head_waits_until_the_quorum_has_signed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, quorum="all")
    published = desk.publish().size
    desk.asked.witnesses["W2"] = Answering(lambda _: Reply(503, b""))
    desk.grow()
    outcome = desk.publish()
    assert not outcome.is_published
    assert [one.state for one in outcome.said] == ["cosigned", "failing"]
    assert desk.signers(desk.static.checkpoint()) == {"W1": NOW, "W2": NOW}
    assert desk.kept.sizes() == [published]
    assert desk.signers(desk.static.pending()) == {"W1": NOW}
    # The second one comes back; the first one is away, and what it signed before counts.
    desk.now += 60
    desk.asked.witnesses = {"W1": Answering(lambda _: Reply(503, b"")), "W2": desk.honest["W2"]}
    assert desk.publish().is_published
    assert desk.signers(desk.static.checkpoint()) == {"W1": NOW, "W2": NOW + 60}
    assert desk.static.pending() is None


def test_a_quorum_is_enough(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, 3, quorum=2)
    desk.asked.witnesses["W2"] = Answering(lambda _: Reply(404, b""))
    outcome = desk.publish()
    assert outcome.is_published
    assert desk.signers(outcome.note) == {"W1": NOW, "W3": NOW}


def test_tiles_are_there_before_a_witness_is_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    seen: list[int] = []

    def look(request: bytes) -> Reply:
        note = parse_add_checkpoint(request).note
        head = parse_policy(desk.policy).verify_log(note).checkpoint
        seen.extend(index for index, _ in open_tiles(desk.static.source, head).entries(0, 999))
        return Reply(200, format_signatures([cosigner(1).cosign(desk.head(head.size), NOW)]))

    desk.asked.witnesses["W1"] = Answering(look)
    outcome = desk.publish()
    assert seen == list(range(outcome.size))


def signing(text: Callable[[Desk], str], number: int = 1, at: int = NOW) -> Callable[[Desk], Reply]:
    """Return an answer: the signature of a witness over a text."""
    return lambda desk: Reply(200, format_signatures([cosigner(number).cosign(text(desk), at)]))


def head_of(desk: Desk) -> str:
    return desk.head(desk.journal.size)


def other_head(desk: Desk) -> str:
    root = base64.b64encode(b"x" * 32).decode()
    return f"{ORIGIN}\n{desk.journal.size}\n{root}\n"


def twice(desk: Desk) -> Reply:
    line = cosigner(1).cosign(head_of(desk), NOW)
    return Reply(200, format_signatures([line, line]))


def raising(code: str) -> Callable[[Desk], Reply]:
    def answer(desk: Desk) -> Reply:
        del desk
        raise StorageError(code, "Il testimone non risponde.")

    return answer


def broken(desk: Desk) -> Reply:
    raise RuntimeError(desk)


BAD = {
    "signs another root": (signing(other_head), "wrong-signature"),
    "signs an older head": (signing(lambda desk: desk.head(8)), "wrong-signature"),
    "signs with the key of another": (signing(head_of, 2), "garbage"),
    "signs as the log": (
        lambda desk: Reply(200, format_signatures([SIGNER.sign_note(head_of(desk))])),
        "garbage",
    ),
    "signs twice": (twice, "signature-repeated"),
    "signs at the beginning of time": (signing(head_of, at=0), "wrong-time"),
    "signs an hour ahead": (signing(head_of, at=NOW + 3600), "wrong-time"),
    "signs eleven minutes ago": (signing(head_of, at=NOW - 660), "wrong-time"),
    "answers nothing": (lambda _: Reply(200, b""), "note-unreadable"),
    "answers a page": (lambda _: Reply(200, b"<html>ok</html>\n"), "note-unreadable"),
    "answers bytes": (lambda _: Reply(200, bytes(range(256))), "note-unreadable"),
    "answers a whole note": (
        lambda desk: Reply(200, desk.sign(desk.journal.size)),
        "answer-unreadable",
    ),
    "conflicts with more leaves than there can be": (
        lambda _: Reply(409, b"9223372036854775808\n"),
        "answer-unreadable",
    ),
    "conflicts without a size": (lambda _: Reply(409, b""), "answer-unreadable"),
    "conflicts with a word": (lambda _: Reply(409, b"many\n"), "answer-unreadable"),
    "conflicts with what it was sent": (lambda _: Reply(409, format_size(0)), "garbage"),
    "conflicts for ever": (lambda _: Reply(409, format_size(8)), "garbage"),
    "finds the request malformed": (lambda _: Reply(400, b""), "refuses"),
    "does not know the key": (lambda _: Reply(403, b""), "refuses"),
    "does not know the log": (lambda _: Reply(404, b""), "refuses"),
    "is overloaded": (lambda _: Reply(429, b""), "failing"),
    "is broken": (lambda _: Reply(500, b"Traceback"), "failing"),
    "redirects": (lambda _: Reply(302, b""), "failing"),
    "is down": (raising("host-unreachable"), "unreachable"),
    "is too slow for its own limit": (raising("host-slow"), "slow"),
    "answers without end": (raising("answer-too-long"), "answer-too-long"),
    "finds a fault in this program": (broken, "failed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_witness_that(tmp_path: Path, name: str) -> None:
    """Is told with its state and a sentence, is not counted, and does not stop the others."""
    answer, state = BAD[name]
    desk = Desk(tmp_path, 1, 2, quorum="any")
    desk.asked.witnesses["W1"] = bad = Answering(lambda _: answer(desk))
    outcome = desk.publish()
    told = outcome.said[0]
    assert told.state == state
    assert told.sentence.startswith("W1")
    assert told.sentence.endswith(".")
    assert (told.line, told.is_alarm, told.proof) == (None, False, b"")
    assert outcome.is_published
    assert desk.signers(outcome.note) == {"W2": NOW}
    assert len(bad.requests) <= 2
    # Alone, it keeps the head from being published.
    alone = Desk(tmp_path / "alone", 1)
    alone.asked.witnesses["W1"] = Answering(lambda _: answer(alone))
    assert not alone.publish().is_published
    assert alone.static.checkpoint() is None
    assert alone.signers(alone.static.pending()) == {}


def test_a_witness_that_says_nothing_is_waited_for_so_long_and_no_longer(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, quorum="any")
    release = threading.Event()

    def wait(_: bytes) -> Reply:
        release.wait(30)
        return Reply(500, b"")

    desk.asked.witnesses["W1"] = Answering(wait)
    began = time.monotonic()
    outcome = desk.publish(seconds=0.3)
    release.set()
    assert time.monotonic() - began < 5
    assert [one.state for one in outcome.said] == ["slow", "cosigned"]
    assert outcome.is_published


def test_a_witness_without_an_address_is_told_and_not_asked(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, quorum="any")
    desk.policy = policy_text(1, 2, quorum="any", silent=(1,))
    outcome = desk.publish()
    assert [one.state for one in outcome.said] == ["no-address", "cosigned"]
    assert desk.honest["W1"].requests == []


def test_a_witness_whose_state_went_back_is_told_though_it_signed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    desk.publish()
    desk.honest["W1"].state = Checkpoint(ORIGIN, 8, desk.journal.root_at(8))
    desk.grow()
    (said,) = desk.publish().said
    assert said.state == "rolled-back"
    assert "8 foglie" in said.sentence
    assert said.line is not None


def other_history(size: int) -> bytes:
    """Return a head that our key signed, of leaves that this ledger does not have."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, b"y" * 32), SIGNER)


def unsigned() -> bytes:
    """Return a head that another key signed under our name."""
    other = Ed25519NoteSigner(ORIGIN, cosigner(9)._sign, cosigner(9).key.public)
    return sign_checkpoint(Checkpoint(ORIGIN, 999, b"y" * 32), other)


def nothing() -> bytes:
    raise Absent("witness-shows-nothing", "Nulla.")


SHOWN = {
    "shows the head that our key signed": (lambda: other_history(999), True),
    "shows another root of a size that we have": (lambda: other_history(8), True),
    "shows a head that our key did not sign": (unsigned, False),
    "shows nothing": (nothing, False),
    "shows garbage": (lambda: b"garbage", False),
}


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("answer", [Reply(409, format_size(999)), Reply(422, b"")])
def test_a_witness_that_knows_another_ledger_is_an_alarm(
    tmp_path: Path, shown: str, answer: Reply
) -> None:
    show, is_proof = SHOWN[shown]
    desk = Desk(tmp_path, 1, 2, quorum="any")
    desk.asked.witnesses["W1"] = Answering(lambda _: answer, show)
    outcome = desk.publish()
    (alarm,) = outcome.alarms
    assert (alarm.witness, alarm.line) == ("W1", None)
    assert alarm.state == ("ahead" if answer.status == 409 else "other-root")
    assert ("conservata" in alarm.sentence) is is_proof
    assert alarm.proof == (show() if is_proof else b"")
    # The word of one witness does not stop the others; the signature of our own key does.
    assert outcome.is_published is not is_proof
    assert (desk.static.checkpoint() is None) is is_proof


def test_a_witness_that_shows_a_head_of_ours_proves_nothing_against_us(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    desk.asked.witnesses["W1"] = Answering(lambda _: Reply(422, b""), lambda: desk.sign(8))
    (alarm,) = desk.publish().alarms
    assert (alarm.state, alarm.proof) == ("other-root", b"")


def test_a_rolled_back_store_is_found_by_a_real_witness(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "new", 1)
    older = desk.copied()
    desk.grow()
    desk.publish()
    restored = Desk(tmp_path / "restored", 1)
    restored.recorder, restored.asked = older, desk.asked
    (alarm,) = restored.publish().alarms
    assert alarm.state == "ahead"
    assert alarm.proof == desk.honest["W1"].note
    assert f"{desk.journal.size} foglie" in alarm.sentence


def test_a_forked_store_is_found_by_a_real_witness(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "first", 1)
    desk.publish()
    fork = Desk(tmp_path / "fork", 1)
    other = MemoryRecorder(ORIGIN)
    write_log(other, 90, batch=5)
    fork.recorder, fork.asked = other, desk.asked
    (alarm,) = fork.publish().alarms
    assert alarm.state == "other-root"
    assert alarm.proof == desk.honest["W1"].note


def test_a_witness_that_signed_what_another_program_published_is_no_alarm(tmp_path: Path) -> None:
    """The store has grown, and was published from elsewhere, while this one was publishing."""
    desk = Desk(tmp_path, 1)
    desk.asked.witnesses["W1"] = Answering(lambda _: Reply(409, format_size(desk.grow())))
    (said,) = desk.publish().said
    assert (said.state, said.is_alarm) == ("superseded", False)


def test_signatures_that_wait_in_a_damaged_file_are_not_counted(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2)
    desk.asked.witnesses["W2"] = Answering(lambda _: Reply(503, b""))
    desk.publish()
    pending = (tmp_path / "checkpoint.pending").read_bytes()
    flipped = pending[:-20] + bytes([pending[-20] ^ 1]) + pending[-19:]
    for data in (b"garbage", flipped, pending.replace(ORIGIN.encode(), b"altro")):
        (tmp_path / "checkpoint.pending").write_bytes(data)
        (tmp_path / f"waiting/{desk.journal.size}").write_bytes(data)
        desk.asked.witnesses = {"W1": Answering(lambda _: Reply(503, b"")), "W2": desk.honest["W2"]}
        assert not desk.publish().is_published
        assert desk.signers(desk.static.pending()) == {"W2": NOW}


def test_a_policy_that_cannot_be_met_leaves_the_head_waiting(tmp_path: Path) -> None:
    """Two of three are asked for, and two do not answer."""
    desk = Desk(tmp_path, 1, 2, 3, quorum=2)
    for name in ("W2", "W3"):
        desk.asked.witnesses[name] = Answering(lambda _: Reply(502, b""))
    outcome = desk.publish()
    assert not outcome.is_published
    assert [one.witness for one in outcome.said if one.line is None] == ["W2", "W3"]
    with pytest.raises(QuorumMissing, match="W1"):
        parse_policy(desk.policy).verify_checkpoint(outcome.note)


BAD_POLICIES = {
    "names an unknown group": (policy_text(1).replace(b"quorum Q", b"quorum P"), Unreadable),
    "has no quorum": (policy_text(1).replace(b"quorum Q\n", b""), Unreadable),
    "is of another log": (policy_text(1).replace(b"log pnrr", b"log altro"), Unreadable),
    "has another key": (
        policy_text().replace(SIGNER.vkey.encode(), b"altro+2a3c8b3e+AekyeRrm56hApGFkyQR4"),
        Unreadable,
    ),
}


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_nothing_is_published_under_a_policy_that(tmp_path: Path, name: str) -> None:
    text, error = BAD_POLICIES[name]
    desk = Desk(tmp_path, 1)
    desk.policy = text
    with pytest.raises(error):
        desk.publish()
    assert desk.honest["W1"].requests == []
    assert desk.static.checkpoint() is None


def test_nothing_is_published_under_a_policy_that_does_not_name_our_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    other = Ed25519NoteSigner("altro", LOG_KEY.sign, LOG_KEY.public_key().public_bytes_raw())
    desk.policy = policy_text(1).replace(SIGNER.vkey.encode(), other.vkey.encode())
    with pytest.raises(NotVerified, match="log-unknown"):
        desk.publish()


def test_an_empty_log_is_not_published(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.recorder = MemoryRecorder(ORIGIN)
    with pytest.raises(Absent, match="no-checkpoint"):
        desk.publish()


def test_nothing_is_signed_for_a_store_that_was_published_beyond(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    older = desk.copied()
    desk.grow()
    desk.publish()
    desk.recorder = older
    count = len(desk.honest["W1"].requests)
    for gone in ("checkpoint", None):
        with pytest.raises(Frozen, match="published-ahead"):
            desk.publish()
        if gone:
            (tmp_path / gone).unlink()
    assert len(desk.honest["W1"].requests) == count


def said_of(outcome: Outcome, name: str) -> Said:
    """Return what one witness said."""
    return next(one for one in outcome.said if one.witness == name)


def test_a_witness_of_a_later_policy_is_asked_from_the_beginning(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    desk.publish()
    desk.policy = policy_text(1, 2)
    desk.honest["W2"] = HonestWitness(2, lambda: desk.now)
    desk.asked = Asked(desk.honest)
    outcome = desk.publish()
    assert said_of(outcome, "W2").state == "cosigned"
    assert desk.signers(desk.kept.read(outcome.size)) == {"W1": NOW, "W2": NOW}


def test_a_witness_that_comes_by_itself_completes_a_quorum(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2)
    desk.policy = policy_text(1, 2, silent=(2,))
    waiting = desk.publish()
    assert not waiting.is_published
    added = add_signatures(desk.parts, desk.carried(waiting.size, 2))
    assert (added.is_published, added.size) == (True, waiting.size)
    assert desk.signers(desk.static.checkpoint()) == {"W1": NOW, "W2": NOW}
    assert desk.static.pending() is None
    assert desk.parts.waiting.sizes() == []
    assert desk.kept.read(added.size) == desk.static.checkpoint()


def test_what_others_signed_of_a_head_waits_with_it_while_the_log_grows(tmp_path: Path) -> None:
    """A witness that reads every leaf may take days; its head is published when it is done."""
    desk = Desk(tmp_path, 1, 2)
    desk.policy = policy_text(1, 2, silent=(2,))
    first = desk.publish().size
    second = desk.grow()
    assert not desk.publish().is_published
    assert desk.parts.waiting.sizes() == [first, second]
    assert add_signatures(desk.parts, desk.carried(first, 2)).is_published
    head = parse_policy(desk.policy).verify_checkpoint(desk.static.checkpoint() or b"").checkpoint
    assert head.size == first
    assert sum(1 for _ in open_tiles(desk.static.source, head).entries(0, first)) == first
    pending = desk.static.pending()
    assert pending is not None
    assert desk.signers(pending) == {"W1": NOW}
    assert desk.parts.waiting.sizes() == [second]
    assert add_signatures(desk.parts, desk.carried(second, 2)).is_published
    assert desk.parts.waiting.sizes() == []
    assert desk.static.pending() is None


def test_what_is_not_enough_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, 3)
    desk.policy = policy_text(1, 2, 3, silent=(1, 2, 3))
    size = desk.publish().size
    for number in (3, 1):
        assert not add_signatures(desk.parts, desk.carried(size, number)).is_published
    assert add_signatures(desk.parts, desk.carried(size, 2)).is_published
    assert list(desk.signers(desk.static.checkpoint())) == ["W1", "W2", "W3"]


def test_an_older_head_takes_further_signatures_and_is_not_shown_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1, 2, quorum="any")
    desk.asked.witnesses["W2"] = Answering(lambda _: Reply(503, b""))
    first = desk.publish().size
    desk.grow()
    second = desk.publish()
    assert add_signatures(desk.parts, desk.carried(first, 2)).written == 0
    assert desk.signers(desk.kept.read(first)) == {"W1": NOW, "W2": NOW}
    assert desk.static.checkpoint() == second.note
    assert add_signatures(desk.parts, desk.carried(second.size, 2, at=NOW + 5)).is_published
    assert desk.signers(desk.static.checkpoint()) == {"W1": NOW, "W2": NOW + 5}


def another_root(_: Desk, size: int) -> bytes:
    note = sign_checkpoint(Checkpoint(ORIGIN, size, b"y" * 32), SIGNER)
    line = cosigner(1).cosign(parse_note(note).text, NOW)
    return format_note(Note(parse_note(note).text, (*parse_note(note).signatures, line)))


def damaged(desk: Desk, size: int) -> bytes:
    note = desk.carried(size, 1)
    return note[:-10] + bytes([note[-10] ^ 1]) + note[-9:]


NOT_ADDED = {
    "of no witness": (lambda desk, size: desk.sign(size), Absent, "cosignature-absent"),
    "of an unknown witness": (
        lambda desk, size: desk.carried(size, 9),
        Absent,
        "cosignature-absent",
    ),
    "of a time that has not come": (
        lambda desk, size: desk.carried(size, 1, at=NOW + 700),
        NotVerified,
        "cosignature-early",
    ),
    "that is wrong": (damaged, NotVerified, "signature-invalid|note-unreadable"),
    "of another root": (another_root, Frozen, "published-forked"),
    "of more leaves": (
        lambda desk, size: another_root(desk, size + 1),
        Frozen,
        "published-ahead",
    ),
    "of no note": (lambda *_: b"garbage", Unreadable, "note-unreadable"),
}


@pytest.mark.parametrize("name", NOT_ADDED)
def test_a_signature_is_not_added(tmp_path: Path, name: str) -> None:
    make, error, code = NOT_ADDED[name]
    desk = Desk(tmp_path, 1, 2)
    desk.policy = policy_text(1, 2, silent=(1, 2))
    size = desk.publish().size
    with pytest.raises(error, match=code):
        add_signatures(desk.parts, make(desk, size))
    assert desk.static.checkpoint() is None
    assert desk.signers(desk.static.pending()) == {}


def test_a_tree_that_was_never_closed_takes_no_signature(tmp_path: Path) -> None:
    """The log signs closed trees alone: the desk stands for what the evidence of a ledger refuses."""
    desk = Desk(tmp_path, 1)
    size = desk.publish().size

    def sign(wanted: int) -> bytes:
        desk.journal.heads_leaf(wanted)
        return desk.sign(wanted)

    parts = replace(desk.parts, sign=sign)
    with pytest.raises(Absent, match="no-such-head"):
        add_signatures(parts, desk.carried(size - 1, 1))
    assert desk.kept.sizes() == [size]
