"""Witnesses in folders: they answer as over HTTP would, and others are asked where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.local_witnesses import LocalWitnesses, is_local
from api.witnessing import make_witness
from ledger.errors import Absent
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.policy import Group, Log, Policy, Witness
from ledger.transparency.asking import Question, ask_witness
from ledger.transparency.protocol import AddCheckpoint, format_add_checkpoint
from ledger.transparency.witnessed_log import LogEntry
from tests.ledger.journal.copy_kit import long_log
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.ledger.transparency.asked_kit import Asked, HonestWitness, cosigner

if TYPE_CHECKING:
    from pathlib import Path

    from api.witnessing import OpenWitness

JOURNAL = Journal(long_log(300))


def signed(size: int, root: bytes | None = None) -> bytes:
    """Return a head that the log signed."""
    return sign_checkpoint(Checkpoint(ORIGIN, size, root or JOURNAL.root_at(size)), SIGNER)


@pytest.fixture
def opened(tmp_path: Path) -> OpenWitness:
    """A witness in a folder below the home, which knows the log."""
    made = make_witness(tmp_path / "testimoni-uno", "uno.example")
    made.folder.set_log(LogEntry(ORIGIN, (SIGNER.key,)))
    return made


@pytest.fixture
def here(opened: OpenWitness) -> Witness:
    """It, as a policy names it."""
    return Witness("UNO", opened.cosigner.key, "file:testimoni-uno")


@pytest.fixture
def ask(tmp_path: Path) -> LocalWitnesses:
    """What asks it, and W1 elsewhere."""
    return LocalWitnesses(tmp_path, Asked({"W1": HonestWitness(1)}))


def question(opened: OpenWitness, witness: Witness, size: int = 300) -> Question:
    """Return a head to be cosigned, at a time near that of this machine."""
    policy = Policy((Log(SIGNER.key),), (witness,), (Group("Q", 1, (witness.name,)),), "Q")
    return Question(signed(size), policy, JOURNAL, lambda: opened.guard().timestamp())


def test_it_signs_and_shows_what_it_signed(
    ask: LocalWitnesses, here: Witness, opened: OpenWitness
) -> None:
    said = ask_witness(question(opened, here), here, ask)
    assert said.state == "cosigned"
    assert ask.latest(here, ORIGIN).startswith(signed(300))
    again = ask_witness(question(opened, here), here, ask)  # it names 300, and is asked from there
    assert again.state == "cosigned"


def test_it_refuses_as_over_http(ask: LocalWitnesses, here: Witness) -> None:
    assert (
        ask.add_checkpoint(here, format_add_checkpoint(AddCheckpoint(0, (), signed(200)))).status
        == 200
    )
    other = AddCheckpoint(100, (), signed(300))
    assert ask.add_checkpoint(here, format_add_checkpoint(other)).body == b"200\n"
    fork = AddCheckpoint(200, (), signed(200, b"x" * 32))
    assert ask.add_checkpoint(here, format_add_checkpoint(fork)).status == 422


def test_what_is_no_answer_of_the_protocol_is_told_by_its_code(
    ask: LocalWitnesses, here: Witness, opened: OpenWitness
) -> None:
    opened.folder.drop_log(ORIGIN)
    assert ask_witness(question(opened, here), here, ask).state == "log-not-witnessed"
    with pytest.raises(Absent, match="log-not-witnessed"):
        ask.latest(here, ORIGIN)
    nowhere = Witness("DUE", here.key, "file:nowhere")
    assert ask_witness(question(opened, nowhere), nowhere, ask).state == "no-witness"


def test_a_head_that_was_not_read_again_is_waited_for(
    ask: LocalWitnesses, opened: OpenWitness
) -> None:
    again = Witness("UNO-RILETTO", opened.rescanner.key, "file:testimoni-uno")
    assert ask_witness(question(opened, again), again, ask).state == "not-rescanned"
    opened.witness.cosign_rescanned(signed(300), lambda *_: None)
    said = ask_witness(question(opened, again), again, ask)
    assert (said.state, said.line is not None) == ("cosigned", True)


def test_others_are_asked_where_they_are(ask: LocalWitnesses) -> None:
    elsewhere = Witness("W1", cosigner(1).key, "http://w1.example")
    assert not is_local(elsewhere)
    request = format_add_checkpoint(AddCheckpoint(0, (), signed(300)))
    assert ask.add_checkpoint(elsewhere, request).status == 200
    assert ask.latest(elsewhere, ORIGIN).startswith(signed(300))
