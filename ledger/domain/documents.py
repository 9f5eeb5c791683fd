"""Documents of an intervention, by the name they have in their event, and how each goes on.

    relazione.pdf          a new version takes its place; so does a version with omissis, in public
    relazione-omissis.pdf  public, of relazione.pdf; unpublished, it is hidden at once

The content is in the vault; the state holds the salted commitment. Of several with one name the last
is meant. A document that was erased stays in the list and says so. Source: DOMAIN section 8.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import DocumentName, FileName
from ledger.domain.identifiers import ActKey, PersonRef, ServiceItem

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


Access = Literal["pubblico", "interno", "riservato"]


@dataclass(frozen=True, kw_only=True)
class ClassificationTerms:
    """Class of the titolario, fascicolo, rule that says how long it is kept, who may see it."""

    class_: str
    file_ref: str
    retention: str
    access: Access


@dataclass(frozen=True, kw_only=True)
class Classification(ClassificationTerms):
    """A classification."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class SignatureCheck:
    """What was found of the signature on a later day; the earlier reports stand."""

    report: SignatureReport
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class UnpublicationTerms:
    """Why a document is public no more."""

    cause: str
    legal_basis: str


@dataclass(frozen=True, kw_only=True)
class Unpublication(UnpublicationTerms):
    """The end of what was public."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ErasedContent:
    """The registration by which a content was erased."""

    legal_basis: str
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class PersonContent:
    """The values of a person that an event brought; they are in the vault alone."""

    name: str
    commit: str
    index: int
    erased: ErasedContent | None = None


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
    replaces: DocumentName | None = None
    redaction_of: DocumentName | None = None
    cause: str | None = None
    by_person: PersonRef | None = None
    classification: Classification | None = None
    signature_checks: tuple[SignatureCheck, ...] = ()
    superseded_index: int | None = None
    redacted_index: int | None = None
    unpublished: Unpublication | None = None
    erased: ErasedContent | None = None

    @property
    def is_public(self) -> bool:
        """Return whether it is shown: cleared, and neither replaced, redacted, hidden nor erased."""
        ended = (self.superseded_index, self.redacted_index, self.unpublished, self.erased)
        return self.public and all(one is None for one in ended)


@dataclass(frozen=True)
class Documents:
    """All documents, and the contents of persons, in order of the log."""

    files: tuple[Document, ...] = ()
    persons: tuple[PersonContent, ...] = ()

    def attached(self, document: Document) -> "Documents":
        """Return the documents with one more."""
        return altered(self, files=(*self.files, document))

    def brought(self, person: PersonContent) -> "Documents":
        """Return the documents with the contents of one more person."""
        return altered(self, persons=(*self.persons, person))

    def named(self, name: str) -> Document | None:
        """Return the last document of that name, None when there is none."""
        return next((one for one in reversed(self.files) if one.name == name), None)

    def committed(self, commit: str) -> Document | PersonContent | None:
        """Return the content of that commitment, None when no event brought it."""
        contents: tuple[Document | PersonContent, ...] = (*self.files, *self.persons)
        return next((one for one in contents if one.commit == commit), None)

    def redacted(self, redaction: Document) -> "Documents":
        """Return the documents with a public version, which takes the place of those before it."""
        place, name = redaction.index, redaction.redaction_of
        last = self.named(name or "")

        def after(one: Document) -> Document:
            if one.redaction_of == name or (one is last and one.redaction_of is not None):
                return altered(one, superseded_index=one.superseded_index or place)
            return altered(one, redacted_index=place) if one is last else one

        return altered(self, files=(*map(after, self.files), redaction))

    def hidden(self, name: str, unpublished: Unpublication) -> "Documents":
        """Return the documents with all of that name hidden."""
        return altered(
            self,
            files=tuple(
                altered(one, unpublished=unpublished)
                if one.name == name and one.unpublished is None
                else one
                for one in self.files
            ),
        )

    def without(self, commits: frozenset[str], erased: ErasedContent) -> "Documents":
        """Return the documents with the contents of these commitments erased."""
        return altered(
            self,
            files=tuple(
                altered(one, erased=erased) if one.commit in commits else one for one in self.files
            ),
            persons=tuple(
                altered(one, erased=erased) if one.commit in commits else one
                for one in self.persons
            ),
        )
