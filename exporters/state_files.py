"""The state and the history of a CUP, folded from the log and written as JSON and XML.

    intervention.json intervention.xml    the state of one legal day, as known at one place in the log
    history.json history.xml              every registration of the CUP in the tree of the package

A verifier folds the events of the package with these same functions and compares bytes.
`known_at_time` of the state is the receipt of the last registration of the CUP that it counts, so
that it follows from the events of the package alone. An erased envelope is left out of both.

Source: design FORMATS sections 6 and 7 (step 12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.history import history_of
from exporters.to_json import history_to_json, state_to_json
from exporters.to_xml import history_to_xml, state_to_xml
from ledger.domain.evolve import fold
from ledger.domain.statement import state
from ledger.errors import Unreadable
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.records import read_event
from ledger.signing.envelope import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exporters.bag import Question
    from exporters.closure import StreamReader
    from ledger.domain.event import Event
    from ledger.domain.law import Law

Recorded = tuple["Event", bytes]


def state_members(
    reader: StreamReader, question: Question, cup: str, law: Law
) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of the four files of a CUP.

    Raises:
        Unreadable: when a leaf or an envelope breaks its grammar.
        Refused: when an event is of an unknown type or its data do not fit it.
    """
    recorded = list(read_stream(reader, f"cup/{cup}", question.size))
    yield from _states(recorded, question, cup, law)
    history = history_of(f"cup/{cup}", recorded, size=question.size)
    yield "history.json", history_to_json(history)
    yield "history.xml", history_to_xml(history)


def _states(
    recorded: Sequence[Recorded], question: Question, cup: str, law: Law
) -> Iterator[tuple[str, bytes]]:
    known = [event for event, _ in recorded if event.index < question.known_at]
    found = state(
        fold(f"cup/{cup}", known, as_of=question.as_of),
        as_of=question.as_of,
        known_at=question.known_at,
        known_at_time=known[-1].received_at if known else None,
        law=law,
    )
    yield "intervention.json", state_to_json(found)
    yield "intervention.xml", state_to_xml(found)


def read_stream(reader: StreamReader, name: str, size: int) -> Iterator[Recorded]:
    """Yield each event of a stream in order of the log, with the SHA-256 of its envelope.

    Raises:
        Unreadable: `leaf-unreadable`, when a leaf of the stream is no event; as `state_members`.
    """
    for index in reader.stream(name, size):
        leaf = parse_leaf(reader.leaf(index))
        if not isinstance(leaf, EventLeaf):
            raise Unreadable(
                "leaf-unreadable",
                f"La foglia {index} del flusso {name} non è una registrazione: confrontare"
                " l'archivio del registro con una copia di riserva.",
            )
        if raw := reader.envelope(index):
            event = read_event(parse(raw), index, leaf.received_at)
            yield event, leaf.envelope_digest
