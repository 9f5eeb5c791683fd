"""Steps 7 and 8: the signed bytes of every registration, and the right of their keys to sign.

7 the SHA-256 of each envelope is the one in its leaf; an absent one is judged in erasure.py. 8 the envelope
is strict; it names this ledger, the streams and places of its leaf, and the digest before it in
each stream; its key was in force at that index, by replaying the key events of the package in the
order of the log; its certificate is the one enrolled; its signature verifies; and its role was
granted. A key that is enrolled by one administrator alone is never in force, whatever a server
may have let in. Source: FORMATS sections 1, 4 and 7.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from exporters.verification.erasure import judge_absence, tell_absent
from exporters.verification.type_steps import check_role, check_type
from ledger.domain.days import legal_day
from ledger.errors import NotVerified
from ledger.signing.envelope import parse, verify

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.journal.leaf import EventLeaf
    from ledger.signing.envelope import Envelope


def read_envelopes(case: Case) -> None:
    """Step 7: each envelope is the one whose digest its leaf holds; those that parse are kept."""
    for index, leaf in case.timed_leaves():
        path = case.package.path("event", index)
        if not case.package.has("event", index):
            continue
        with case.tally.guard(7, index=index, file=path):
            raw = case.package.read("event", index)
            if hashlib.sha256(raw).digest() != leaf.envelope_digest:
                raise NotVerified(
                    "digest-differs", "L'impronta della busta non è quella in foglia."
                )
            with case.tally.guard(8, index=index, file=path):
                case.envelopes[index] = parse(raw)
    case.tally.done(7, f"{len(case.envelopes)} buste")


def judge_absent_envelopes(case: Case) -> None:
    """Step 7, after the signatures: each envelope that is absent."""
    for index, leaf in case.event_leaves():
        if not case.package.has("event", index):
            judge_absence(case, 7, index=index, leaf=leaf)
    tell_absent(case, 7, "buste")


def judge_signatures(case: Case) -> None:
    """Step 8: every envelope, in the order of the log, then the certificates of the package."""
    digests = {
        (place.name, place.seq): leaf.envelope_digest
        for _, leaf in case.event_leaves()
        for place in leaf.streams
    }
    seen: dict[str, int] = {}
    for index, leaf in case.event_leaves():
        envelope = case.envelopes.get(index)
        if envelope is None:
            continue
        path = case.package.path("event", index)
        with case.tally.guard(8, index=index, file=path):
            _judge_place(case, envelope, leaf)
            _judge_chain(envelope, digests)
        if seen.setdefault(envelope.id, index) != index:
            case.tally.fail(
                8,
                "id-repeated",
                f"Ha lo stesso identificativo della registrazione {seen[envelope.id]}.",
                index=index,
            )
        with case.tally.guard(8, index=index, file=path):
            _judge_signer(case, index, envelope)
            check_role(case, index, envelope, legal_day(leaf.received_at))
        with case.tally.guard(8, index=index, file=path):
            check_type(envelope, case.law.at(index), legal_day(leaf.received_at))
    _judge_certificates(case)
    case.tally.done(8, f"firme {len(case.signers)}/{len(case.envelopes)}")
    _flag_contested(case)


def _judge_place(case: Case, envelope: Envelope, leaf: EventLeaf) -> None:
    origin = None if case.checkpoint is None else case.checkpoint.origin
    if origin not in (None, envelope.ledger):
        raise NotVerified("ledger-mismatch", f"È firmata per il registro {envelope.ledger!r}.")
    claimed = [(claim.name, claim.seq) for claim in envelope.streams]
    if claimed != [(place.name, place.seq) for place in leaf.streams]:
        raise NotVerified("streams-differ", "I flussi firmati non sono quelli della foglia.")


def _judge_chain(envelope: Envelope, digests: dict[tuple[str, int], bytes]) -> None:
    for claim in envelope.streams:
        before = digests.get((claim.name, claim.seq - 1))
        known = claim.seq == 0 or before is not None
        if known and claim.prev != before:
            raise NotVerified(
                "chain-broken",
                f"Nel flusso {claim.name} non segue la registrazione che la precede.",
            )


def _judge_signer(case: Case, index: int, envelope: Envelope) -> None:
    """Find the key in force, verify with it, then let the event take its effect on the keys.

    The founding event brings the key it is signed with, so it takes effect first.
    """
    if index == 0:
        case.directory.apply(index, envelope)
    signer = case.directory.signer_at(index, envelope)
    verify(envelope, signer.public)
    case.signers[index] = signer
    if index > 0:
        case.directory.apply(index, envelope)


def _judge_certificates(case: Case) -> None:
    """Compare keys/ca.crt and each keys/<kid>.crt with what the key events enrolled."""
    with case.tally.guard(8, file=case.package.path("ca")):
        if case.package.read("ca") != case.directory.ca_pem.encode():
            raise NotVerified("certificate-differs", "Non è il certificato emittente fondativo.")
    enrolled = {signer.kid: signer.certificate_pem for signer in case.signers.values()}
    for kid, certificate in sorted(enrolled.items()):
        with case.tally.guard(8, file=case.package.path("certificate", kid)):
            if case.package.read("certificate", kid) != certificate.encode():
                raise NotVerified("certificate-differs", "Non è il certificato iscritto nel log.")


def _flag_contested(case: Case) -> None:
    contested = [
        index
        for index in case.signers
        if case.directory.contested(index, case.envelopes[index]) is not None
    ]
    if contested:
        shown = ", ".join(map(str, contested[:20]))
        case.tally.flag(8, f"registrazioni contestate, non riaffermate: {shown}")
