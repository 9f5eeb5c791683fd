"""Refusals about documents. Source: DOMAIN sections 8 and 9.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.rules.refusal import Broken, refusal

if TYPE_CHECKING:
    from ledger.domain.event import Event
    from ledger.domain.situation import Situation


@refusal(
    "redaction-identical",
    it=(
        "{item} ha la stessa dimensione dell'originale ({size} byte): sembra lo stesso file. Allegare la"
        " versione con gli omissis; se lo è già, salvarla di nuovo in modo che la dimensione cambi."
    ),
    en="{item} has the size of its original ({size} bytes): attach the version with omissis.",
    source="DOMAIN 8; Garante provv. 243/2014",
    remedy="",
)
def redaction_identical(event: Event, situation: Situation) -> Broken:
    """Refuse a public version that may have the bytes of its original.

    Commitments are salted, so that equal bytes show different ones, and the digest is in the vault
    alone. What the record can tell is the size: equal bytes have equal sizes, so that no identical
    version passes; one that was redacted byte by byte is refused too, and saved anew.
    """
    for dossier in situation.dossiers(event).values():
        original = dossier.documents.named(event.data.redaction_of)
        mine = event.object_named(event.data.doc)
        if original is not None and mine is not None and mine.size_bytes == original.size_bytes:
            yield {"item": event.data.doc, "size": mine.size_bytes}
