r"""Step 11: every document is the one that was signed for, and every one is there.

    cat salt content | openssl dgst -sha256 -binary | base64        the commitment in the envelope

The folder of a document is named after its commitment, in base64url. Contents are hashed in a
stream, so a document of any size needs the memory of one chunk. Signatures inside documents (p7m,
PDF) are not judged in this version, and the report says so. Source: FORMATS sections 1, 5 and 7.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from exporters.parts import document_folder
from exporters.verification.erasure import judge_absence, tell_absent
from ledger.errors import NotVerified
from ledger.journal.leaf import EventLeaf

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.signing.envelope import ObjectRef


def judge_documents(case: Case) -> None:
    """Step 11: every object of every envelope."""
    judged: dict[str, int] = {}
    for index, envelope in sorted(case.envelopes.items()):
        for ref in envelope.objects:
            _judge_object(case, index, ref, judged)
    words = "le firme dentro i documenti non sono verificate" if judged else "nessun documento"
    case.tally.done(11, f"{len(judged)} documenti; {words}" if judged else words)
    tell_absent(case, 11, "documenti")


def _judge_object(case: Case, index: int, ref: ObjectRef, judged: dict[str, int]) -> None:
    key = document_folder(ref.commit)
    path = case.package.path("content", key)
    leaf = case.leaves.get(index)
    if not case.package.has("content", key) and not case.package.has("salt", key):
        if isinstance(leaf, EventLeaf):
            judge_absence(case, 11, index=index, leaf=leaf, commit=ref.commit)
        return
    with case.tally.guard(11, index=index, file=path):
        if key not in judged:
            judged[key] = -1
            judged[key] = _verify_content(case, key, ref.commit)
        if judged[key] not in (-1, ref.size_bytes):
            raise NotVerified(
                "document-size-differs",
                f"Il documento {ref.name!r} ha {judged[key]} byte, {ref.size_bytes} per la firma.",
            )


def _verify_content(case: Case, key: str, commit: bytes) -> int:
    """Return the size of a document whose salted digest is its commitment.

    Raises:
        NotVerified: when salt or content is missing or damaged, or the digest is another
            (`commitment-differs`).
    """
    salt = case.package.read("salt", key)
    if not case.package.has("content", key):
        raise NotVerified("member-missing", "C'è il sale del documento, non il contenuto.")
    digest, size = hashlib.sha256(salt), 0
    for chunk in case.package.chunks(case.package.path("content", key)):
        digest.update(chunk)
        size += len(chunk)
    if digest.digest() != commit:
        raise NotVerified(
            "commitment-differs", "SHA-256(sale, contenuto) non è l'impronta firmata nella busta."
        )
    return size
