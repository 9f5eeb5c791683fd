"""What is submitted, what comes back, and the judging of a batch member by member.

    Candidate      one signed envelope, and what the sequencer must know of it
    Receipt        index, envelope, leaf, proof and checkpoint: all that a signer keeps
    Judge          the rules that the journal does not know: keys, roles, decisions

A batch is judged in order, each member as if those accepted before it were stored: is the id
known? do streams and chain still end where the signer saw them? is the basis a head of this log?
what does the judge say? Members are accepted and refused one by one, but for those that are sent
`together`, which are all accepted or all refused; one heads leaf closes the batch.

Source: design FORMATS sections 1, 2 and 5 (step 2).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Conflict, PistaError, Refused
from ledger.journal.leaf import EventLeaf, StreamPlace, format_leaf
from ledger.journal.row import pack
from ledger.journal.store import KeyedEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ledger.journal.journal import Journal
    from ledger.journal.trees import Stage
    from ledger.signing.envelope import StreamClaim

HEADS_TYPE: Final = "heads"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A signed envelope whose form and signature were checked; `token` is for the judge.

    `raw` are its bytes, `signing_input` those before the last dot; `streams` the places it claims,
    sorted by name; (`basis_size`, `basis_root`) the head its signer had verified. Members of one call
    with the same `together` are all stored, or none is.
    """

    raw: bytes
    id: str
    type: str
    signing_input: bytes
    streams: tuple[StreamClaim, ...]
    basis_size: int
    basis_root: bytes
    kid: str
    token: object = None
    together: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves to a signer that the event is in the log.

    `proof` is a tlog-proof of `leaf` under `checkpoint`, the first one that covers it. `first` is
    False when the id was known before: `envelope` is then the one that was stored, and replaces
    the signer's.
    """

    index: int
    event_id: str
    envelope: bytes
    leaf: bytes
    proof: bytes
    checkpoint: bytes
    first: bool


class Judge(Protocol):
    """The rules of the application, asked by the one writer, never by two threads at once."""

    def judge(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Raise a `PistaError` unless the candidate may become leaf `index`.

        The state is that of all leaves committed and of all candidates accepted since.
        """
        ...

    def accepted(self, candidate: Candidate, index: int, received_at: datetime) -> None:
        """Take the candidate into the state, until `committed` or `rolled_back`."""
        ...

    def committed(self, size: int) -> None:
        """Keep what was accepted: the log has `size` leaves now.

        Leaves below `size` that were not accepted here were written by another process; they are
        to be read from the journal.
        """
        ...

    def rolled_back(self) -> None:
        """Forget what was accepted since the last commit; it may be judged again."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """A member that is to be stored at `index` (or was, a moment ago)."""

    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A member whose id has been at `index` before, with the same signing input."""

    index: int


Verdict = Accepted | Known | PistaError


class Batch:
    """The members of one attempt to write, and the rows that they become."""

    def __init__(self, journal: Journal, stage: Stage, judge: Judge, now: datetime) -> None:
        """Begin on a fresh stage; `now` is not before the last leaf."""
        self.stage = stage
        self.rows: list[KeyedEvent] = []
        self.verdicts: list[Verdict] = []
        self._is_judged = False
        self._refused: Mapping[str | None, PistaError] = {}
        self._journal = journal
        self._judge = judge
        self._received_at = now
        self._known_ids: dict[str, int] = {}
        self._members: dict[str, tuple[int, Candidate]] = {}

    @property
    def is_judged(self) -> bool:
        """Whether every member has its verdict, and the heads leaf closes those accepted."""
        return self._is_judged

    @property
    def is_beyond(self) -> bool:
        """Whether an id was found in leaves that came after the trees were looked at."""
        known = (verdict.index for verdict in self.verdicts if isinstance(verdict, Known))
        return any(index >= self.stage.size for index in known)

    def judge_all(
        self,
        candidates: Sequence[Candidate],
        refused: Mapping[str | None, PistaError] | None = None,
    ) -> dict[str | None, PistaError]:
        """Give each candidate its verdict, and close the batch when one was accepted.

        `refused` are names (`together`) of which a member was refused before. Returned are those of which
        one is refused here and others are not: the batch is then to be judged anew on a fresh stage.
        """
        self._refused = refused or {}
        self._known_ids = self._journal.indexes_of({candidate.id for candidate in candidates})
        self.stage.look_up({claim.name for one in candidates for claim in one.streams})
        self.verdicts = [self._verdict(candidate) for candidate in candidates]
        broken = self._broken(candidates)
        if self.rows and not broken:
            self.rows.append(KeyedEvent(HEADS_TYPE, pack(self.stage.close(), b"")))
        self._is_judged = not broken
        return broken

    def _broken(self, candidates: Sequence[Candidate]) -> dict[str | None, PistaError]:
        """Return what is sent together and of which some are refused and some not, with the refusal."""
        refused: dict[str | None, PistaError] = {}
        accepted = set()
        for candidate, verdict in zip(candidates, self.verdicts, strict=True):
            if candidate.together is None:
                continue
            if isinstance(verdict, PistaError):
                refused.setdefault(candidate.together, verdict)
            elif isinstance(verdict, Accepted):
                accepted.add(candidate.together)
        return {name: why for name, why in refused.items() if name in accepted}

    def _verdict(self, candidate: Candidate) -> Verdict:
        try:
            known = self._known(candidate)
            if known is not None:
                return known
            if candidate.together in self._refused:
                return self._refused[candidate.together]
            leaf = self._leaf_of(candidate)
            data = format_leaf(leaf)
            row = self._row_of(candidate, leaf, data)
            self._judge.judge(candidate, self.stage.size, self._received_at)
        except PistaError as refusal:
            return refusal
        return self._accept(candidate, leaf, data, row)

    def _known(self, candidate: Candidate) -> Known | None:
        """Return where the same event is already, in the log or in this batch."""
        if candidate.id in self._members:
            index, member = self._members[candidate.id]
            stored = member.signing_input
        else:
            found = self._known_ids.get(candidate.id)
            if found is None:
                return None
            index, stored = found, self._journal.envelope(found).rpartition(b".")[0]
        if stored != candidate.signing_input:
            raise Conflict(
                "event-id-reused",
                f"L'identificativo {candidate.id} è già della registrazione n. {index}, che dice"
                " altro o è stata cancellata secondo legge: preparare una nuova registrazione con"
                " un nuovo identificativo.",
            )
        return Known(index)

    def _leaf_of(self, candidate: Candidate) -> EventLeaf:
        """Return the leaf that a candidate would be, or raise its refusal."""
        self._check_streams(candidate)
        self._check_basis(candidate)
        digest = hashlib.sha256(candidate.raw).digest()
        places = tuple(StreamPlace(claim.name, claim.seq) for claim in candidate.streams)
        return EventLeaf(self._received_at, digest, places)

    def _row_of(self, candidate: Candidate, leaf: EventLeaf, data: bytes) -> KeyedEvent:
        """Return the row that a candidate would be; what no row can hold is refused."""
        names = [place.name for place in leaf.streams]
        return KeyedEvent(candidate.type, pack(data, candidate.raw), names, candidate.id)

    def _accept(
        self, candidate: Candidate, leaf: EventLeaf, data: bytes, row: KeyedEvent
    ) -> Accepted:
        """Take a judged candidate: the judge first, since what raises here ends the whole batch."""
        index = self.stage.size
        self._judge.accepted(candidate, index, self._received_at)
        self.stage.add(leaf, data)
        self.rows.append(row)
        self._members[candidate.id] = index, candidate
        return Accepted(index, data)

    def _check_streams(self, candidate: Candidate) -> None:
        """Refuse unless every claim follows the last event of its stream."""
        ends = {claim.name: self.stage.end_of(claim.name) for claim in candidate.streams}
        heads = {name: end.count if end else 0 for name, end in ends.items()}
        for claim in candidate.streams:
            end = ends[claim.name]
            prev = end.last_digest if end else None
            if (claim.seq, claim.prev) != (heads[claim.name], prev):
                raise Conflict(
                    "stream-moved",
                    f"Nel frattempo è cambiato: il flusso {claim.name} ha {heads[claim.name]}"
                    f" registrazioni e non termina dove la registrazione {candidate.id} prosegue"
                    f" con il posto {claim.seq}. Guardare che cosa è stato registrato nel"
                    " frattempo, poi firmare di nuovo.",
                    heads=heads,
                )

    def _check_basis(self, candidate: Candidate) -> None:
        """Refuse unless the basis is the empty tree or a published tree of this log."""
        if candidate.basis_root != self.stage.root_of_head(candidate.basis_size):
            raise Refused(
                "basis-unknown",
                f"La firma della registrazione {candidate.id} si appoggia a un punto di controllo"
                f" di {candidate.basis_size} foglie che questo registro non ha pubblicato:"
                " conservarlo come prova, prendere quello attuale e firmare di nuovo.",
                item=candidate.id,
            )
