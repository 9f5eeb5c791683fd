"""The parts of a package: each a function from what is asked to members, in one list.

    PARTS           below data/<id>/     log, leaves, heads, keys, documents, state, schemas
    a new part      one function here or in a file of its own, and one line in PARTS

Names are given relative to `data/<id>/`. Members are opened when they are hashed and when they are
written, so that neither documents nor the whole of the events are ever in memory.

Source: design FORMATS section 6.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from exporters.absences import absences_of, format_reasons
from exporters.manifest import Member, member_of_bytes, member_of_chunks, member_read_by
from exporters.stamps import stamp_files, stamps_for, verified_stamps
from exporters.state_files import state_members
from exporters.timed import entries_of
from exporters.times import TIMES, times_of, times_to_json
from ledger.errors import Absent
from ledger.journal.note import format_note, keep_signatures, parse_note
from ledger.journal.policy import parse_policy
from ledger.journal.proofs import (
    LogProof,
    RowProof,
    format_consistency,
    format_proof,
    format_row_proof,
)
from ledger.journal.tiles import FULL_WIDTH, bundles_of, encode_bundle, path_of
from schemas import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from exporters.absences import Absence
    from exporters.bag import Question
    from exporters.closure import Closure
    from exporters.erased import Gathered
    from exporters.evidence import Document, Evidence, HeadStamp
    from exporters.survey import Survey
    from ledger.domain.law import Law
    from ledger.journal.tiles import TilePlace

REPRESENTATION: Final = "representations/rep1/data"
STATE_SCHEMAS: Final = ("state-", "intervention-", "history-")
TIMES_SCHEMA: Final = "times-"


@dataclass(frozen=True)
class Source:
    """What the parts are made from; with `scan` all leaves of the log are shown."""

    evidence: Evidence
    question: Question
    gathered: Gathered
    law: Law
    scan: bool = False

    @property
    def closure(self) -> Closure:
        """The streams shown, and their events."""
        return self.gathered.closure

    @property
    def survey(self) -> Survey:
        """What the envelopes call for."""
        return self.gathered.survey

    @cached_property
    def checkpoint(self) -> bytes:
        """The note of the closing head."""
        return self.evidence.checkpoint(self.question.size)

    @cached_property
    def absences(self) -> tuple[Absence, ...]:
        """What is not in the package, and why."""
        return absences_of(self.evidence, self.survey)

    @cached_property
    def stamps(self) -> tuple[HeadStamp, ...]:
        """The time stamps of this head and of earlier ones, by rising size."""
        return tuple(stamps_for(self.evidence, self.closure.indexes, self.question.size))

    @cached_property
    def log_signed(self) -> bytes:
        """The note of the closing head with the signature of the log alone."""
        policy = parse_policy(self.evidence.policy_at(self.question.size))
        keys = [log.key for log in policy.logs]
        note = keep_signatures(parse_note(self.checkpoint), keys)
        if not note.signatures:
            raise Absent(
                "head-of-another-key",
                f"L'albero di {self.question.size} foglie non fu pubblicato quando il registro aveva"
                " la chiave di allora: indicarne uno pubblicato, o uno più recente.",
            )
        return format_note(note)

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """The leaves shown: of the closure, the last of every basis, the last two of the head.

        The last is the heads leaf; the event leaf before it has the time of the head.
        """
        bases = {size - 1 for size in self.survey.bases}
        last = {self.question.size - 1, self.question.size - 2}
        return tuple(sorted({*self.closure.indexes, *bases, *last}))


def event_members(source: Source) -> Iterator[Member]:
    """Yield the verbatim envelopes of the closure."""
    absent = set(source.survey.absent_envelopes)
    for index in source.closure.indexes:
        if index not in absent:
            name = f"{REPRESENTATION}/events/{index}.jws"
            yield member_read_by(name, partial(source.evidence.envelope, index))


def leaf_members(source: Source) -> Iterator[Member]:
    """Yield each leaf with its proof of inclusion."""
    for index in source.leaves:
        leaf = partial(source.evidence.leaf, index)
        yield member_read_by(f"{REPRESENTATION}/leaves/{index}.leaf", leaf)
        proof = partial(_proof, source, index)
        yield member_read_by(f"{REPRESENTATION}/proofs/{index}.tlog-proof", proof)


def _proof(source: Source, index: int) -> bytes:
    path = source.evidence.inclusion(index, source.question.size)
    return format_proof(LogProof(index, tuple(path), source.checkpoint))


def head_members(source: Source) -> Iterator[Member]:
    """Yield the row of each stream with its proof, under the closing heads leaf."""
    names = source.closure.streams
    count, found = source.evidence.rows(names, source.question.size)
    for ordinal, row, path in sorted(found[name] for name in names):
        folder = f"{REPRESENTATION}/heads"
        yield member_of_bytes(f"{folder}/{ordinal}.row", row)
        proof = format_row_proof(RowProof(ordinal, count, tuple(path)))
        yield member_of_bytes(f"{folder}/{ordinal}.proof", proof)


def log_members(source: Source) -> Iterator[Member]:
    """Yield the checkpoint, the policy for reading, time stamps, and the consistency of every basis."""
    folder, evidence = f"{REPRESENTATION}/log", source.evidence
    yield member_of_bytes(f"{folder}/checkpoint", source.checkpoint)
    yield member_of_bytes(f"{folder}/checkpoint.log", source.log_signed)
    yield member_of_bytes(f"{folder}/policy.txt", evidence.policy_at(source.question.size))
    for name, data in stamp_files(source.stamps, source.log_signed):
        yield member_of_bytes(f"{REPRESENTATION}/{name}", data)
    stamped = {stamp.size for stamp in source.stamps} - {source.question.size}
    for size in sorted(source.survey.bases | stamped):
        path = evidence.consistency(size, source.question.size)
        yield member_of_bytes(f"{folder}/consistency/{size}.proof", format_consistency(path))


def bundle_members(source: Source) -> Iterator[Member]:
    """Yield every leaf of the head as C2SP entry bundles, when a scan is asked for."""
    if source.scan:
        for place in bundles_of(source.question.size):
            name = f"{REPRESENTATION}/log/{path_of(place)}"
            yield member_read_by(name, partial(_bundle, source, place))


def _bundle(source: Source, place: TilePlace) -> bytes:
    start = place.index * FULL_WIDTH
    return encode_bundle([source.evidence.leaf(start + at) for at in range(place.width)])


def key_members(source: Source) -> Iterator[Member]:
    """Yield the certificates of the keys that signed, and of their issuer."""
    folder = f"{REPRESENTATION}/keys"
    yield member_of_bytes(f"{folder}/ca.crt", source.survey.ca.encode("ascii"))
    for kid, certificate in source.survey.certificates().items():
        yield member_of_bytes(f"{folder}/{kid}.crt", certificate.encode("ascii"))


def document_members(source: Source) -> Iterator[Member]:
    """Yield content and salt of every document that an envelope names and that is not absent."""
    absent = {absence.commit for absence in source.absences}
    for commit in sorted(source.survey.commits.keys() - absent):
        folder = f"{REPRESENTATION}/documents/{document_folder(commit)}"
        salt = partial(_salt, source.evidence, commit)
        yield member_read_by(f"{folder}/salt", salt)
        chunks = partial(_chunks, source.evidence, commit)
        yield member_of_chunks(f"{folder}/content", chunks)


def document_folder(commit: bytes) -> str:
    """Return the name of the folder of a document: its commitment in base64url."""
    return base64.urlsafe_b64encode(commit).rstrip(b"=").decode("ascii")


def _salt(evidence: Evidence, commit: bytes) -> bytes:
    return _document(evidence, commit).salt


def _chunks(evidence: Evidence, commit: bytes) -> Iterator[bytes]:
    return _document(evidence, commit).chunks()


def _document(evidence: Evidence, commit: bytes) -> Document:
    found = evidence.document(commit)
    if found is None:
        raise Absent(
            "document-missing",
            f"Il documento {document_folder(commit)} è sparito dal deposito durante l'esportazione:"
            " ripetere l'esportazione.",
        )
    return found


def reason_members(source: Source) -> Iterator[Member]:
    """Yield the list of what is absent."""
    yield member_of_bytes(f"{REPRESENTATION}/reasons.json", format_reasons(source.absences))


def projection_members(source: Source) -> Iterator[Member]:
    """Yield state and history of each CUP, JSON and XML."""
    cups = source.question.cups
    for cup in cups:
        folder = f"{REPRESENTATION}/state" if len(cups) == 1 else f"{REPRESENTATION}/state/{cup}"
        members = state_members(source.gathered.reader, source.question, cup, source.law)
        yield from (member_of_bytes(f"{folder}/{name}", data) for name, data in members)


def times_members(source: Source) -> Iterator[Member]:
    """Yield the times of the registrations, when the package has time stamps to bound them."""
    if source.stamps:
        shown = set(source.closure.indexes) - {*source.survey.absent_envelopes}
        entries = entries_of(source.evidence, source.leaves, shown)
        times = times_of(entries, verified_stamps(source.stamps, source.log_signed))
        yield member_of_bytes(f"{REPRESENTATION}/{TIMES}", times_to_json(times))


def schema_members(source: Source) -> Iterator[Member]:
    """Yield the schemas of state and history, and of the event types that occur."""
    for name in schemas_for(source.survey.types, with_times=bool(source.stamps)):
        yield member_read_by(f"schemas/{name}", partial(files.read, name))


def schemas_for(types: set[str], *, with_times: bool = False) -> list[str]:
    """Return the paths under `schemas/` that a package with these event types holds, sorted."""
    events = {f"events/{name.replace('/', '-')}.json" for name in types}
    prefixes = (*STATE_SCHEMAS, TIMES_SCHEMA) if with_times else STATE_SCHEMAS
    return [name for name in files.names() if name.startswith(prefixes) or name in events]


PARTS: Final[tuple[Callable[[Source], Iterator[Member]], ...]] = (
    event_members,
    leaf_members,
    head_members,
    log_members,
    bundle_members,
    key_members,
    document_members,
    reason_members,
    projection_members,
    times_members,
    schema_members,
)
