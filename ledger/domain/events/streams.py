"""The streams an event joins, as small selectors named in its declaration.

    own_cup         C   the CUP in `data`, else the one named beside it
    cup_or_log      C   the same, or S `sys/log` when there is no CUP
    registered_of_two  C   those of two CUPs, right and wrong or old and new, that are registered
    linked_cups     C   each CUP of `links`
    cups_of_contract    C   each CUP of the contract in `data.contract`
    cups_of_code        C   each CUP that the CIG in `data.code` serves
    own_act         A   the act that is being registered
    named_act       A   the act in `data.act`, when there is one
    cups_of_act     C   each CUP linked to the act in `data.act`
    linked_streams  C   the wrong and the right CUP of a relinked act
    by_act          A   the act in `data.by`, by which something is done to `data.act`
    cups_of_both    C   each CUP linked to one of the two, and to the acts that `data.act` affects
    cups_resting    C   each CUP of a fact that rests on `data.act` or on the acts that it affects
    acts_affected   A   the acts that `data.act` affects: what it did may be undone with it
    acts_remedied   A   the acts that an atto ricognitivo remedies
    corrected       the streams of the events that are corrected
    streams_of_contents  the streams of all events that name a content, and of the named events
    streams_of_request   the streams of a request of erasure, which its answer joins
    sources         S   `sys/sources`, the files of open data

Source: DOMAIN section 3 (marks C, A and S); FORMATS sections 1 (grammar of stream names) and 5.
"""

from collections.abc import Iterator
from typing import Final

from ledger.domain.acts import Act
from ledger.domain.dossier import Dossier
from ledger.domain.identifiers import ActKey
from ledger.domain.joins import Asked, Streams, Surroundings
from ledger.domain.stream_names import SYS_LOG, SYS_SOURCES, act_stream, cup_stream
from ledger.errors import ShapeError


def own_cup(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the CUP in the data, or of the one named beside it."""
    cup = getattr(asked.data, "cup", None) or asked.cup
    if cup is not None:
        yield cup_stream(cup)


def cup_or_log(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the stream of the CUP named beside the data, or that of the ledger without any."""
    yield from own_cup(asked, around) if asked.cup is not None else (SYS_LOG,)


def registered_of_two(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of those of two CUPs that are registered here; of the first when none is."""
    first, second = asked.data.pair
    found = [cup for cup in (first, second) if around.is_registered(cup)]
    for cup in found or [first]:
        yield cup_stream(cup)


def linked_cups(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of each linked CUP."""
    for link in asked.data.links:
        yield cup_stream(link.cup)


def cups_of_contract(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of every CUP of the named contract, which the CUP beside it, or the first, has."""
    for dossier in _first_joined(asked, around):
        contract = dossier.contracts.contract(asked.data.contract)
        for link in contract.links if contract is not None else ():
            yield cup_stream(link.cup)


def cups_of_code(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of every CUP that the named CIG serves, as `cups_of_contract`."""
    for dossier in _first_joined(asked, around):
        known = dossier.procurement.cig(asked.data.code)
        for link in known.links if known is not None else ():
            yield cup_stream(link.cup)


def _first_joined(asked: Asked, around: Surroundings) -> Iterator[Dossier]:
    """Yield the dossier of the CUP beside the data, or of the first one that the event joins."""
    beside = () if asked.cup is None else (cup_stream(asked.cup),)
    joined = tuple(name for name in asked.joined if name.startswith("cup/"))
    for name in (joined or beside)[:1]:
        yield around.dossier(name)


def own_act(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the stream of the act that is being registered."""
    yield act_stream(asked.data.key(around.body))


def named_act(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the act on which the event rests, when it names one."""
    if asked.data.act is not None:
        yield act_stream(ActKey.parse(asked.data.act))


def cups_of_act(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the CUPs that hold the named act; none when it is not recorded."""
    act = around.act(asked.data.act)
    if act is not None:
        for cup in act.cups:
            yield cup_stream(cup)


def by_act(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the act by which something is done, when it names one."""
    if asked.data.by is not None:
        yield act_stream(asked.data.by)


def acts_affected(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the acts that the named act affects, and of those that they affect."""
    for act in _affected(asked.data.act, around, set()):
        yield act_stream(act.key)


def cups_of_both(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the CUPs of the named act, of that by which it is done, of the affected."""
    by = around.act(asked.data.by) if asked.data.by is not None else None
    named = around.act(asked.data.act)
    concerned = [one for one in (named, by) if one is not None]
    for act in (*concerned, *_affected(asked.data.act, around, set())):
        for cup in act.cups:
            yield cup_stream(cup)


def cups_resting(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the CUPs whose facts rest on the named act, or on one that it affects."""
    affected = [act.key for act in _affected(asked.data.act, around, set())]
    for key in (asked.data.act, *affected):
        for cup in around.cups_resting_on(key):
            yield cup_stream(cup)


def acts_remedied(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the recorded acts that an atto ricognitivo remedies."""
    for remedied in asked.data.remedies:
        try:
            key = ActKey.parse(remedied.subject)
        except ShapeError:  # another thing than an act
            continue
        if around.act(key) is not None:
            yield act_stream(key)


def _affected(key: str, around: Surroundings, seen: set[str]) -> Iterator[Act]:
    """Yield the acts that an act affects, each once."""
    act = around.act(key)
    for other in act.affects if act is not None else ():
        found = around.act(other)
        if found is not None and other not in seen:
            seen.add(other)
            yield found
            yield from _affected(other, around, seen)


def linked_streams(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the streams of the wrong and of the right CUP."""
    yield cup_stream(asked.data.wrong)
    yield cup_stream(asked.data.right)


def corrected(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the events that are corrected."""
    for event_id in asked.corrects:
        found = around.event(event_id)
        if found is not None:
            yield from found.streams


def streams_of_contents(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of all events that name one of the contents, and of the events named.

    The CUP beside them must be one of theirs; what is not recorded is refused as such.
    """
    found = {name for one in around.naming(asked.data.commits) for name in one.streams}
    for envelope in asked.data.envelopes:
        placed = around.placed(envelope.index)
        found.update(placed.streams if placed is not None else ())
    yield from found or asked.joined
    if asked.cup is not None and not asked.joined:
        yield cup_stream(asked.cup)


def streams_of_request(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of a request of erasure, known by its short id in any of them."""
    beside = (SYS_LOG, SYS_SOURCES) if asked.cup is None else (cup_stream(asked.cup),)
    where: tuple[str, ...] = asked.joined[:1] or beside
    for name in where:
        request = around.dossier(name).retention.request(asked.data.request)
        placed = None if request is None else around.placed(request.index)
        if placed is not None:
            yield from placed.streams
            return
    yield from asked.joined or (() if asked.cup is None else beside)


def sources(_: Asked, __: Surroundings) -> Iterator[str]:
    """Yield the stream of the files of open data."""
    yield SYS_SOURCES


# Facts join streams of CUPs and acts; by these selectors they may join a stream of the ledger too.
BUSINESS: Final = ("act/", "cup/")
OF_LEDGER: Final = ("actor/", SYS_LOG)
BESIDE: Final[dict[Streams, tuple[str, ...]]] = {
    cup_or_log: (SYS_LOG,),
    corrected: (SYS_LOG,),
    streams_of_contents: (SYS_LOG, SYS_SOURCES),
    streams_of_request: (SYS_LOG, SYS_SOURCES),
    sources: (SYS_SOURCES,),
}
