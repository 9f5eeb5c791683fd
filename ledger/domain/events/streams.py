"""The streams an event joins, as small selectors named in its declaration.

    own_cup         C   the CUP in `data`, else the one named beside it
    cup_or_log      C   the same, or S `sys/log` when there is no CUP
    linked_cups     C   each CUP of `links`
    own_act         A   the act that is being registered
    named_act       A   the act in `data.act`, when there is one
    cups_of_act     C   each CUP linked to the act in `data.act`
    corrected       the streams of the events that are corrected
    sources         S   `sys/sources`, the files of open data

Source: DOMAIN section 3 (marks C, A and S); FORMATS section 1 (grammar of stream names).
"""

from collections.abc import Iterator
from typing import Final

from ledger.domain.identifiers import ActKey
from ledger.domain.joins import Asked, Streams, Surroundings
from ledger.domain.stream_names import SYS_LOG, SYS_SOURCES, act_stream, cup_stream


def own_cup(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the CUP in the data, or of the one named beside it."""
    cup = getattr(asked.data, "cup", None) or asked.cup
    if cup is not None:
        yield cup_stream(cup)


def cup_or_log(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the stream of the CUP named beside the data, or that of the ledger without any."""
    yield from own_cup(asked, around) if asked.cup is not None else (SYS_LOG,)


def linked_cups(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of each linked CUP."""
    for link in asked.data.links:
        yield cup_stream(link.cup)


def own_act(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the stream of the act that is being registered."""
    yield act_stream(asked.data.key(around.body))


def named_act(asked: Asked, _: Surroundings) -> Iterator[str]:
    """Yield the stream of the act on which the event rests, when it names one."""
    if asked.data.act is not None:
        yield act_stream(ActKey.parse(asked.data.act))


def cups_of_act(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the CUPs linked to the named act; none when it is not recorded."""
    act = around.act(asked.data.act)
    if act is not None:
        for link in act.links:
            yield cup_stream(link.cup)


def corrected(asked: Asked, around: Surroundings) -> Iterator[str]:
    """Yield the streams of the events that are corrected."""
    for event_id in asked.corrects:
        found = around.event(event_id)
        if found is not None:
            yield from found.streams


def sources(_: Asked, __: Surroundings) -> Iterator[str]:
    """Yield the stream of the files of open data."""
    yield SYS_SOURCES


# Facts join streams of CUPs and acts; by these selectors they may join a stream of the ledger too.
BUSINESS: Final = ("act/", "cup/")
OF_LEDGER: Final = ("actor/", SYS_LOG)
BESIDE: Final[dict[Streams, str]] = {
    cup_or_log: SYS_LOG,
    corrected: SYS_LOG,
    sources: SYS_SOURCES,
}
