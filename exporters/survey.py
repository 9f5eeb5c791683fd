"""One pass over the envelopes of a closure: what else the package needs because of them.

    types      ledger-founded/1, determina-registered/1, ...     their schemas
    keys       kid -> certificate (PEM)                          of every key that signed
    ca         certificate of the ledger's own CA (PEM)              in force at the head
    bases      1, 4, 17, ...                                     leaf size-1 and consistency proof
    commits    commitments of the documents                      content and salt
    erased     what `content-erased/1` of the closure names

Keys and CA are those of a key directory that folds the ledger events of the closure, as a verifier
does: what one administrator proposes changes nothing until it is approved.

Source: design FORMATS sections 4, 5 and 6.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.errors import NotVerified
from ledger.journal.leaf import EventLeaf, format_hash, parse_hash, parse_leaf
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.closure import StreamReader
    from ledger.signing.envelope import Envelope

ERASURE: Final = "content-erased/1"


@dataclass(slots=True)
class Survey:
    """What was found so far; `erased_*` map to the index of the event that says so."""

    types: set[str] = field(default_factory=set)
    kids: set[str] = field(default_factory=set)
    directory: KeyDirectory = field(default_factory=lambda: KeyDirectory(whole_log=False))
    bases: set[int] = field(default_factory=set)
    commits: dict[bytes, int] = field(default_factory=dict)
    absent_envelopes: list[int] = field(default_factory=list)
    erased_commits: dict[bytes, int] = field(default_factory=dict)
    erased_envelopes: dict[int, int] = field(default_factory=dict)

    @property
    def ca(self) -> str:
        """Return the certificate, PEM, of the CA in force at the head."""
        return self.directory.ca_pem

    def certificates(self) -> dict[str, str]:
        """Return the certificate, PEM, of each key that signed an envelope.

        Raises:
            NotVerified: `certificate-missing`, when the closure enrols no such key.
        """
        return {kid: self._certificate(kid) for kid in sorted(self.kids)}

    def _certificate(self, kid: str) -> str:
        key = self.directory.find_key(kid)
        if key is None:
            raise NotVerified(
                "certificate-missing",
                f"La chiave {kid} ha firmato ma il registro non la iscrive: prima di"
                " esportare, confrontare l'archivio del registro con una copia di riserva.",
            )
        return key.certificate_pem


def survey_of(reader: StreamReader, indexes: Sequence[int]) -> Survey:
    """Return what the envelopes at these leaf indexes call for; one is held in memory at a time.

    Raises:
        Unreadable: when an envelope breaks its grammar.
    """
    survey = Survey()
    for index in indexes:
        if raw := reader.envelope(index):
            _take(survey, reader, index, parse(raw))
        else:
            survey.absent_envelopes.append(index)
    return survey


def _take(survey: Survey, reader: StreamReader, index: int, envelope: Envelope) -> None:
    survey.types.add(envelope.type)
    survey.kids.add(envelope.header.kid)
    if envelope.basis.size:
        survey.bases.add(envelope.basis.size)
    for ref in envelope.objects:
        survey.commits.setdefault(ref.commit, index)
    # What is not admissible changes no key; that it is in the log is told by who verifies.
    with suppress(NotVerified):
        survey.directory.apply(index, envelope)
    if envelope.type == ERASURE:
        data: dict[str, Any] = envelope.data
        for commit in data.get("commits", ()):
            survey.erased_commits.setdefault(parse_hash(commit, "erasure"), index)
        for erased in data.get("envelopes", ()):
            if _has_digest(reader, erased["index"], erased["digest"], before=index):
                survey.erased_envelopes.setdefault(erased["index"], index)


def _has_digest(reader: StreamReader, index: int, digest: str, *, before: int) -> bool:
    """Tell whether the leaf of an earlier event names the envelope of that digest."""
    leaf = parse_leaf(reader.leaf(index)) if 0 <= index < before else None
    return isinstance(leaf, EventLeaf) and format_hash(leaf.envelope_digest) == digest
