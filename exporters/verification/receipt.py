r"""The receipt of an export, beside the package: who handed it out.

    {"envelope":"<compact JWS>","leaf":"pista/leaf/v1\nevent\n...","proof":"c2sp.org/...","v":1}

canonical JSON and a newline, in `<name of the ZIP>.receipt`. It holds a `package-exported/1` that
names the SHA-256 of tagmanifest-sha256.txt, signed by the issuer and included in the log at a later
head. When the key of the issuer is among those of the package the issuer is proven; when it is not,
or when there is no receipt, the issuer is not proven, which is told and is no failure. A receipt
that is of another package, or whose digest, signature or proof does not hold, contradicts.
Source: FORMATS section 6.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exporters.verification.package_reader import parse_json_file
from exporters.verification.shell_steps import manifest_digest
from ledger.errors import NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.journal.merkle import leaf_hash, verify_inclusion
from ledger.journal.policy import QuorumMissing
from ledger.journal.proofs import LogProof, parse_proof
from ledger.signing.envelope import Envelope, parse, verify

if TYPE_CHECKING:
    from pathlib import Path

    from exporters.verification.case import Case
    from exporters.verification.report import Issuer
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.note import VerifierKey

EXPORTED: Final = "package-exported/1"
MAX_RECEIPT_BYTES: Final = 1 << 20
_ENROLLED_ELSEWHERE: Final = frozenset({"key-unknown"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt read, nothing verified."""

    envelope: Envelope
    leaf: bytes
    proof: LogProof


def parse_receipt(data: bytes) -> Receipt:
    """Return the receipt that these bytes are.

    Raises:
        Unreadable: when they are not canonical JSON with a newline (`json-not-canonical`), the
            members are others (`receipt-unreadable`), or a part breaks its own grammar.
    """
    match parse_json_file(data, "la ricevuta"):
        case {"v": 1, "envelope": str(envelope), "leaf": str(leaf), "proof": str(proof), **rest}:
            if not rest:
                text = proof.encode()
                return Receipt(parse(envelope.encode()), leaf.encode(), parse_proof(text))
    raise Unreadable("receipt-unreadable", "La ricevuta non ha i membri v, envelope, leaf, proof.")


def find_receipt(package: Path) -> Path | None:
    """Return the receipt that lies beside a package, None when there is none, or can be none.

    A path that the system does not take has no receipt; that nothing can be opened there is told
    by whoever opens it.
    """
    try:
        whole = package.resolve()
        names = (f"{whole.name}.receipt", f"{whole.stem}.receipt")
        paths = (whole.with_name(name) for name in names)
        return next((path for path in paths if path.is_file()), None)
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links that lead in a circle
        return None


def judge_issuer(case: Case, path: Path | None) -> Issuer:
    """Step 15, last part: who handed the package out, by its receipt."""
    if path is None:
        case.tally.flag(15, "emittente non provato: nessuna ricevuta e nessun sigillo")
        return "not-proven"
    with case.tally.guard(15, file=path.name):
        receipt = parse_receipt(_read(path))
        _judge_exported(case, receipt)
        if not _judge_included(case, receipt):
            return "not-proven"
        actor = _signer(case, receipt)
        if actor is not None:
            case.tally.flag(15, f"emesso da {actor}, registrazione {receipt.proof.index}")
            return "proven"
        case.tally.flag(15, "emittente non provato: la sua chiave non è nel pacchetto")
    return "not-proven"


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        raise StorageError("receipt-not-read", f"La ricevuta non si legge: {error}.") from error
    if len(data) > MAX_RECEIPT_BYTES:
        raise Unreadable("receipt-unreadable", "La ricevuta supera un mebibyte.")
    return data


def _judge_exported(case: Case, receipt: Receipt) -> None:
    envelope = receipt.envelope
    if envelope.type != EXPORTED or envelope.data.get("manifest") != manifest_digest(case):
        raise NotVerified("receipt-of-another", "La ricevuta è di un altro pacchetto.")
    if case.checkpoint is not None:
        head = {"root": case.checkpoint.root.hex(), "size": case.checkpoint.size}
        if envelope.ledger != case.checkpoint.origin or envelope.data.get("as_of") != head:
            raise NotVerified("receipt-of-another", "La ricevuta è di un'altra testata.")


def _judge_included(case: Case, receipt: Receipt) -> bool:
    """Raise NotVerified when the log does not prove the export; tell whether the quorum does too."""
    leaf = parse_leaf(receipt.leaf)
    digest = hashlib.sha256(receipt.envelope.raw).digest()
    if not isinstance(leaf, EventLeaf) or leaf.envelope_digest != digest:
        raise NotVerified("digest-differs", "La foglia della ricevuta è di un'altra busta.")
    claimed = [(claim.name, claim.seq) for claim in receipt.envelope.streams]
    if claimed != [(place.name, place.seq) for place in leaf.streams]:
        raise NotVerified("streams-differ", "I flussi firmati non sono quelli della foglia.")
    if case.log_key is None:
        raise NotVerified("log-key-unknown", "Senza la chiave del registro la prova non vale.")
    head, is_quorum = _open_head(case, receipt.proof.checkpoint, case.log_key)
    index, path = receipt.proof.index, receipt.proof.path
    verify_inclusion(leaf_hash(receipt.leaf), index, head.size, path, head.root)
    if case.checkpoint is not None and index < case.checkpoint.size:
        raise NotVerified("receipt-of-another", "La ricevuta precede la testata del pacchetto.")
    return is_quorum


def _open_head(case: Case, note: bytes, log_key: VerifierKey) -> tuple[Checkpoint, bool]:
    """Return the head of the receipt, of the same log, and whether the policy given is met."""
    if case.policy is None:
        return open_checkpoint(note, log_key).checkpoint, True
    try:
        verified, is_quorum = case.policy.verify_checkpoint(note), True
    except QuorumMissing as missing:
        case.tally.lack(15, f"emittente non provato, ricevuta senza quorum: {missing.sentence}")
        verified, is_quorum = missing.verified, False
    if verified.checkpoint.origin != log_key.name:
        raise NotVerified("receipt-of-another", "La ricevuta è di un altro registro.")
    return verified.checkpoint, is_quorum


def _signer(case: Case, receipt: Receipt) -> str | None:
    """Return the actor whose key signed the receipt, None when the package does not hold the key."""
    try:
        signer = case.directory.signer_at(receipt.proof.index, receipt.envelope)
    except NotVerified as error:
        if error.code in _ENROLLED_ELSEWHERE:
            return None
        raise
    verify(receipt.envelope, signer.public)
    return signer.actor
