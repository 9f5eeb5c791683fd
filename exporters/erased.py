"""What was erased by law is not read, be its bytes still there or not.

    gathered = gather(evidence, ["C81C22001220006"], 1291)
    gathered.closure, gathered.survey       of what is left
    gathered.reader                         leaves and envelopes, without those that were erased

Between the registration of an erasure and the destruction of the bytes the journal still has them; a
package never does. An erased envelope calls for nothing: neither its documents nor its signer.

Source: design FORMATS sections 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporters.closure import closure_of
from exporters.survey import survey_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.closure import Closure, StreamReader
    from exporters.survey import Survey


@dataclass(frozen=True, slots=True)
class WithoutErased:
    """Leaves and envelopes of a log, some envelopes as empty as they will be once destroyed."""

    log: StreamReader
    erased: frozenset[int] = frozenset()

    def leaf(self, index: int) -> bytes:
        """Return the exact bytes of a leaf."""
        return self.log.leaf(index)

    def envelope(self, index: int) -> bytes:
        """Return the envelope of an event leaf; empty when it was erased."""
        return b"" if index in self.erased else self.log.envelope(index)

    def stream(self, name: str, size: int) -> Sequence[int]:
        """Return the leaf indexes of a stream in the tree of that size, rising."""
        return self.log.stream(name, size)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The closure of what was asked, what its envelopes call for, and what they are read from."""

    reader: StreamReader
    closure: Closure
    survey: Survey


def gather(log: StreamReader, cups: Sequence[str], size: int) -> Gathered:
    """Return closure and survey of these CUPs in the tree of `size` leaves.

    They are taken again without the envelopes that they say to be erased, until these are all out.

    Raises:
        Absent: `no-such-cup`.
        Unreadable: when a leaf or an envelope breaks its grammar.
    """
    erased: frozenset[int] = frozenset()
    while True:
        reader = WithoutErased(log, erased)
        closure = closure_of(reader, cups, size)
        survey = survey_of(reader, closure.indexes)
        there = survey.erased_envelopes.keys() & set(closure.indexes)
        if there <= set(survey.absent_envelopes):
            return Gathered(reader, closure, survey)
        erased |= there
