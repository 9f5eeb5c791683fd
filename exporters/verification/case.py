"""What is known of a package while its steps are carried out, each building on those before.

    package, given          given: the open package, what the reader gave beside it
    info                    bag-info.txt                                   step 15, read first
    checkpoint              origin, size, root                             step 2
    leaves, included        by index; those whose inclusion is proven      step 6
    places                  (index, seq) by stream, rising                 step 6
    heads                   the closing heads leaf                         step 4
    rows                    ordinal and row by stream                      step 5
    envelopes               by index, digest equal to the leaf             step 7
    directory, signers      keys in force, who signed each event           step 8
    absent_...              envelopes and objects that were judged absent  steps 7, 11
    erasures                by index, whether each erasure is in force     steps 7, 11
    erased, withheld        what is lawfully absent, by erasure; omitted   steps 7, 11
    proven                  root by size, of each basis and stamped head   steps 9, 3
    stamps                  (size, time stamp) of each head, rising        step 3
    intervals               when each registration was made                step 10
    cosigned_at             the earliest time of a trusted witness         step 2
    law                     tables of this program, adoptions over them    step 8

A field that a step could not fill stays empty, and the steps that need it say so. Nothing here is
trusted because it is here: a step that failed has said so in the tally.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exporters.bag import PUBLIC
from ledger.domain.law import RULE_SET
from ledger.journal.leaf import EventLeaf, HeadsLeaf
from ledger.records import adopted_law, load_law
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from exporters.bag import Question
    from exporters.times import Interval
    from exporters.verification.lawful import Judgement
    from exporters.verification.package_reader import Package
    from exporters.verification.reasons import Reasons
    from exporters.verification.tally import Tally
    from ledger.domain.law import Law
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.heads import Row
    from ledger.journal.note import VerifierKey
    from ledger.journal.policy import Policy
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import Adopted
    from ledger.signing.keys import KeyInForce
    from ledger.signing.timestamp_trust import TSATrust
    from ledger.signing.timestamps import TimeStamp
    from ledger.transparency.source import Source


@dataclass(frozen=True, slots=True)
class Given:
    """What the reader gave beside the package.

    Trust in the log, a kept checkpoint, the age limit, a receipt, trust in time-stamping authorities;
    `log` is where the log can still be read, `scan` says that it must be.
    """

    policy: bytes | None = None
    kept: bytes | None = None
    max_age: timedelta | None = None
    now: datetime | None = None
    receipt: Path | None = None
    tsa: TSATrust | None = None
    log: Source | None = None
    scan: bool = False


@dataclass(slots=True)
class Case:
    """The package under verification and what its steps have made of it so far."""

    package: Package
    given: Given
    tally: Tally
    info: Question | None = None
    policy: Policy | None = None
    checkpoint: Checkpoint | None = None
    checkpoint_bytes: bytes = b""
    checkpoint_at: datetime | None = None
    log_key: VerifierKey | None = None
    leaves: dict[int, EventLeaf | HeadsLeaf] = field(default_factory=dict)
    included: set[int] = field(default_factory=set)
    heads: HeadsLeaf | None = None
    places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    rows: dict[str, tuple[int, Row]] = field(default_factory=dict)
    reasons: Reasons | None = None
    absent_indexes: set[int] = field(default_factory=set)
    absent_commits: set[bytes] = field(default_factory=set)
    erasures: dict[int, Judgement] = field(default_factory=dict)
    erased: dict[int, set[int | bytes]] = field(default_factory=dict)
    withheld: set[int | bytes] = field(default_factory=set)
    envelopes: dict[int, Envelope] = field(default_factory=dict)
    directory: KeyDirectory = field(default_factory=lambda: KeyDirectory(whole_log=False))
    signers: dict[int, KeyInForce] = field(default_factory=dict)
    proven: dict[int, bytes] = field(default_factory=dict)
    stamps: list[tuple[int, TimeStamp]] = field(default_factory=list)
    cosigned_at: datetime | None = None
    intervals: list[Interval] = field(default_factory=list)
    table: Law = field(default_factory=load_law)
    _laid: tuple[tuple[Adopted, ...], Law] | None = None

    @property
    def law(self) -> Law:
        """Return the law of the ledger, from what it has adopted as far as the keys are folded."""
        adopted = self.directory.adopted()
        if self._laid is None or self._laid[0] is not adopted:
            self._laid = adopted, adopted_law(self.table, adopted)
        return self._laid[1]

    def rule_set_at(self, place: int) -> str | None:
        """Return the digest of the tables that the ledger had adopted at a place; None if unknown."""
        adopted = self.law.at(place).adoptions(RULE_SET)
        if adopted:
            return adopted[-1].value
        return str(self.envelopes[0].data.get("rules")) if 0 in self.signers else None

    @property
    def is_public(self) -> bool:
        """Return whether the package says that it is public, and so may withhold."""
        return self.info is not None and self.info.kind == PUBLIC

    def is_erased(self, what: int | bytes) -> bool:
        """Return whether an envelope or an object was judged lawfully erased."""
        return any(what in gone for gone in self.erased.values())

    @property
    def cups(self) -> tuple[str, ...]:
        """Return the CUPs asked, as the package says them."""
        return () if self.info is None else self.info.cups

    def timed_leaves(self) -> Iterator[tuple[int, EventLeaf]]:
        """Yield (index, leaf) of every event leaf read, by rising index."""
        for index in sorted(self.leaves):
            leaf = self.leaves[index]
            if isinstance(leaf, EventLeaf):
                yield index, leaf

    def event_leaves(self) -> Iterator[tuple[int, EventLeaf]]:
        """Yield those of the streams shown: all but the last of the head, when it is of others.

        That one stands in the package for its time alone, without its envelope.
        """
        last = -1 if self.checkpoint is None else self.checkpoint.size - 2
        for index, leaf in self.timed_leaves():
            is_shown = index != last or index in self.envelopes
            if is_shown or any(place.name in self.rows for place in leaf.streams):
                yield index, leaf

    def in_force(self, type_: str) -> list[Envelope]:
        """Return the events of a type that k administrators put in force, in order of the log.

        They are known after step 8; one that waits for its approvals, or was never admissible, is
        not among them.
        """
        events = (envelope for _, envelope in sorted(self.envelopes.items()))
        return [
            one
            for one in events
            if one.type == type_ and self.directory.force_index(one.id) is not None
        ]

    def basis_sizes(self) -> set[int]:
        """Return the distinct sizes above 0 that the envelopes name as their basis."""
        return {one.basis.size for one in self.envelopes.values()} - {0}
