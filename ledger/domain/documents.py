"""Documents attached to an intervention, by the name they have in their event.

The content is in the vault; the state holds the salted commitment. Source: DOMAIN section 8.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, ServiceItem

DocumentKind = Literal[
    "atto",
    "allegato",
    "contratto",
    "ordine",
    "fattura",
    "mandato",
    "quietanza",
    "certificato",
    "dichiarazione",
    "checklist",
    "verbale",
    "nota",
    "immagine",
    "schermata",
    "altro",
]
EVIDENCE = "evidenza"  # a file that an event names without attaching it as a document
PERSON_TYPE = "application/vnd.pista.person+json"  # the values of a person: no document
DocumentForm = Literal["originale", "copia-autentica", "copia-su-supporto", "solo-elettronico"]


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """A number with its day, as in a proposal or in the protocollo."""

    number: str
    on: date


@dataclass(frozen=True, kw_only=True)
class SignatureReport:
    """What was found of the signature inside a file: separate facets, never one verdict.

    `certificate` is its state at the time that the signature claims; a facet that was not looked at
    is left out. Source: DOMAIN section 8; ETSI EN 319 102-1.
    """

    envelope: Literal["cades", "pades", "xades", "nessuna"]
    integrity: Literal["integra", "alterata", "illeggibile"] | None = None
    certificate: Literal["valido", "scaduto", "non-ancora-valido", "ignoto"] | None = None
    time_stamp: Literal["valida", "non-valida", "assente"] | None = None
    revocation: Literal["non-revocato", "revocato", "ignota"] | None = None
    trust: Literal["qualificato", "riconosciuto", "non-riconosciuto", "ignoto"] | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """One file that an event of the intervention names."""

    name: FileName
    kind: str
    form: str | None = None
    title: str | None = None
    act: ActKey | None = None
    item: ServiceItem | None = None
    commit: str
    size_bytes: int
    media_type: str
    public: bool = False
    alt: str | None = None
    protocollo: Numbered | None = None
    signature_report: SignatureReport | None = None
    on: date
    index: int


@dataclass(frozen=True, slots=True)
class Documents:
    """All documents, in order of the log."""

    files: tuple[Document, ...] = ()

    def attached(self, document: Document) -> "Documents":
        """Return the documents with one more."""
        return Documents((*self.files, document))
