"""Which streams a package must hold, recomputed from its own leaves and envelopes.

    sys/log                                always
    cup/<CUP>                              each CUP asked
    act/...                                each that a registration of those CUPs joins
    actor/<id>                             each signer of a registration of these streams, until
                                           no more are added (who enrolled whom, who approved)

The streams are those of the leaves, which the log has included; the signers those of the envelopes.
A stream that is left out of a package therefore shows: something in the package calls for it.
Source: FORMATS section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exporters.verification.case import Case

LOG_STREAM = "sys/log"


def closure(case: Case) -> frozenset[str]:
    """Return the names of the streams that the package must hold, and no others."""
    asked = {f"cup/{cup}" for cup in case.cups}
    found = {LOG_STREAM, *asked}
    for _, leaf in case.event_leaves():
        names = [place.name for place in leaf.streams]
        if asked.intersection(names):
            found.update(name for name in names if name.startswith("act/"))
    waiting = set(found)
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
