"""Any story replays to the same state from both real stores. Source: FORMATS section 1; D6, D11.

What is accepted is signed, appended and read back: the events are those that were decided, at the
places and times that the log gave them, and the dossiers and the told state are those folded from them
in memory. Whoever signed in the story signs here with one key; who may sign is judged elsewhere.
"""

from __future__ import annotations

import uuid
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from ledger.domain.days import legal_day
from ledger.domain.evolve import fold
from ledger.domain.statement import state
from ledger.journal.anchor import MemoryAnchor
from ledger.journal.leaf import received_at_of
from ledger.journal.note import Ed25519NoteSigner
from ledger.journal.postgres import PostgresRecorder
from ledger.journal.sequencer import Sequencer
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import payload_of
from ledger.signing.algorithms import ed25519_public, sign_ed25519
from ledger.signing.certificates import build_ca
from ledger.signing.envelope import Basis, StreamClaim
from ledger.views.histories import Histories
from ledger.views.replay import read_history, replay
from tests.exporters.ledger_writer import ORIGIN, START, Clock, Ledger, PassThrough, octets, p256
from tests.ledger.domain.worlds import CUP, OTHER_CUP, World
from tests.properties.stories import STORIES, Story, streams_of, told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.domain.event import Event
    from ledger.journal.journal import Journal
    from ledger.journal.recorder import JournalRecorder

    Opened = Callable[[], JournalRecorder]

ACTOR = "a" * 26


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Return what opens an empty store of one kind, a new one each time."""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        return lambda: PostgresRecorder(server.new_schema(), ORIGIN, create=True)
    folder = tmp_path_factory.mktemp("stories")
    return lambda: SQLiteRecorder(folder / f"{uuid.uuid4()}.sqlite", ORIGIN, create=True)


# Each example opens a store of its own.
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=STORIES)
def test_any_story_replays_to_the_same_state_from_a_real_store(
    opened: Opened, story: Story
) -> None:
    events = [as_signed(event) for event in told(story).events]
    with closing(opened()) as recorder:
        ledger = written(recorder)
        moved = [recorded(ledger, event) for event in events]
        check_same(ledger.journal, World(events=moved))


def as_signed(event: Event) -> Event:
    """Return the event with an actor of the form that an envelope has."""
    return replace(event, actor=ACTOR)


def written(recorder: JournalRecorder) -> Ledger:
    """Return a ledger without events, and with the key of one who signs."""
    seed = octets("log key")
    signer = Ed25519NoteSigner(ORIGIN, lambda text: sign_ed25519(seed, text), ed25519_public(seed))
    clock = Clock()
    sequencer = Sequencer(recorder, signer, MemoryAnchor(), clock, PassThrough())
    ledger = Ledger(sequencer, clock, build_ca(p256("ca"), ORIGIN, START, 1))
    ledger.holders[ACTOR] = ledger.enter(ACTOR, "first")
    return ledger


def recorded(ledger: Ledger, event: Event) -> Event:
    """Record an event, and return it at the place and time that the log gave it."""
    journal = ledger.journal
    heads = {name: journal.stream_head(name) for name in event.streams}
    claims = [
        StreamClaim(name, head[0], head[2]) if head else StreamClaim(name, 0, None)
        for name, head in heads.items()
    ]
    size = journal.last_heads_size()
    basis, nonce = Basis(size, journal.root_at(size)), octets(event.id, 16)
    payload = payload_of(event, origin=ORIGIN, claims=claims, basis=basis, nonce=nonce)
    receipt = ledger.submit(ledger.sign(ACTOR, payload))
    received_at = received_at_of(journal.leaf(receipt.index))
    assert received_at is not None
    return event.at(receipt.index, received_at)


def check_same(journal: Journal, world: World) -> None:
    """Hold what is read from the journal to what is folded in memory."""
    histories = Histories(journal)
    for stream in streams_of(world):
        history = read_history(journal, stream)
        assert history == world.history(stream)
        assert fold(stream, history) == histories.dossier(stream) == world.dossier(stream)
    law = world.law_now()
    for cup in (CUP, OTHER_CUP):
        events = world.history(f"cup/{cup}")
        if events:
            seen = replay(journal, cup, law).state
            assert seen == state_of(cup, events, journal, world)


def state_of(cup: str, events: Sequence[Event], journal: Journal, world: World) -> object:
    """Return the state of a CUP now, folded in memory."""
    return state(
        world.dossier(cup),
        as_of=legal_day(world.events[-1].received_at),
        known_at=journal.size,
        known_at_time=events[-1].received_at,
        law=world.law_now(),
    )
