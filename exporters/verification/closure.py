"""Which streams a package must hold, recomputed from its own leaves and envelopes.

    sys/log                                always
    cup/<CUP>                              each CUP asked
    act/...                                each that a registration of those CUPs joins
    actor/<id>                             each signer of a registration of these streams, until
                                           no more are added (who enrolled whom, who approved)
    sys/sources                            of it the files that other registrations cite, no more

The streams are those of the leaves, which the log has included; the signers those of the envelopes.
A stream that is left out of a package therefore shows: something in the package calls for it.
Source: FORMATS section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.citations import SOURCES, cited_by, cited_places

if TYPE_CHECKING:
    from exporters.verification.case import Case

LOG_STREAM = "sys/log"


def cited_sources(case: Case) -> frozenset[int]:
    """Return the registrations of `sys/sources`, of those in the package, that it must show."""
    found = (cited_by(envelope) for envelope in case.envelopes.values())
    cited = {file for file in found if file is not None}
    places = (index for index, _ in case.places.get(SOURCES, []))
    return cited_places({i: case.envelopes[i] for i in places if i in case.envelopes}, cited)


def shown_events(case: Case) -> set[int]:
    """Return the leaves of all registrations that the package must show."""
    of_streams = {index for name in closure(case) for index, _ in case.places.get(name, [])}
    return of_streams | cited_sources(case)


def closure(case: Case) -> frozenset[str]:
    """Return the names of the streams that the package must hold, and no others."""
    asked = {f"cup/{cup}" for cup in case.cups}
    found = {LOG_STREAM, *asked}
    for _, leaf in case.event_leaves():
        names = [place.name for place in leaf.streams]
        if asked.intersection(names):
            found.update(name for name in names if name.startswith("act/"))
    waiting = {f"actor/{case.envelopes[index].actor}" for index in cited_sources(case)} | found
    found |= waiting
    while waiting:
        signers = {
            f"actor/{case.envelopes[index].actor}"
            for name in waiting
            for index, _ in case.places.get(name, [])
            if index in case.envelopes
        }
        waiting = signers - found
        found |= waiting
    return frozenset(found)
