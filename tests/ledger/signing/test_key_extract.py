"""What of the key directory goes to another process judges the same as the whole."""

from __future__ import annotations

import pickle
from datetime import date
from typing import TYPE_CHECKING

import pytest

from ledger.errors import NotVerified
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse, verify
from ledger.signing.keys import KeyDirectory
from tests.exporters.ledger_fixture import build

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.signing.envelope import Envelope


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, Envelope]]:
    """The events of a ledger in which keys come and go."""
    folder: Path = tmp_path_factory.mktemp("extract")
    built = build(folder)
    entries = built.ledger.journal.entries(0, built.size)
    return [
        (index, parse(raw))
        for index, leaf, raw in entries
        if raw and isinstance(parse_leaf(leaf), EventLeaf)
    ]


def folded(told: list[tuple[int, Envelope]]) -> KeyDirectory:
    """Return the directory of all events."""
    directory = KeyDirectory()
    for index, envelope in told:
        directory.apply(index, envelope)
    return directory


def twin_of(directory: KeyDirectory, kids: set[str]) -> KeyDirectory:
    """Return the directory of an extract that went to another process."""
    sent = pickle.dumps(directory.extract(kids))
    return KeyDirectory.of_extract(pickle.loads(sent))  # noqa: S301  our own bytes


def test_it_answers_for_every_event_as_the_whole_directory(
    told: list[tuple[int, Envelope]],
) -> None:
    whole = folded(told)
    day = date(2026, 3, 2)
    for index, envelope in told:
        twin = twin_of(whole, {envelope.header.kid})
        signer = twin.signer_at(index, envelope)
        verify(envelope, signer.public)
        assert (signer.kid, signer.actor) == (envelope.header.kid, envelope.actor)
        roles = whole.roles_at(envelope.actor, index, day)
        assert twin.roles_at(envelope.actor, index, day) == roles


def test_it_refuses_as_the_whole_directory(told: list[tuple[int, Envelope]]) -> None:
    whole = folded(told)
    twin = twin_of(whole, {envelope.header.kid for _, envelope in told})
    codes = set()
    for _, envelope in told:
        for index in range(0, told[-1][0] + 9, 3):
            answers = []
            for directory in (whole, twin):
                try:
                    answers.append(directory.signer_at(index, envelope).kid)
                except NotVerified as error:
                    answers.append(error.code)
            assert answers[0] == answers[1]
            codes.add(answers[0])
    assert {"key-not-yet-in-force", "key-revoked"} <= codes


def test_a_key_that_is_not_in_it_is_unknown(told: list[tuple[int, Envelope]]) -> None:
    twin = twin_of(folded(told), set())
    with pytest.raises(NotVerified, match="key-unknown"):
        twin.signer_at(*told[0])
