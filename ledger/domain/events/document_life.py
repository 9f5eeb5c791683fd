"""What becomes of documents: versions, omissis, class, signature, hiding. Source: DOMAIN 8, 9.8."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.documents import (
    Classification,
    ClassificationTerms,
    Document,
    SignatureCheck,
    SignatureReport,
    Unpublication,
    UnpublicationTerms,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Role, event
from ledger.domain.events.documents import ATTACHERS
from ledger.domain.events.streams import own_cup
from ledger.domain.files import DocumentName, FileName
from ledger.domain.identifiers import PersonRef
from ledger.domain.rules.documents import redaction_identical
from ledger.domain.rules.enforceability import rule_unknown
from ledger.domain.rules.interventions import (
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.slices import amended
from ledger.domain.taken import taken

PUBLISHERS: tuple[Role, ...] = ("pubblicatore", "segretario")


@dataclass(frozen=True, kw_only=True)
class OnDocument(Fact):
    """What is said of a document that was recorded before: the last one of that name."""

    doc: DocumentName

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the document when no event brought it."""
        yield from without(self.doc, dossier)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Put the document in its new form."""
        found = dossier.documents.named(self.doc)
        return dossier if found is None else self.told(dossier, found, event)

    def told(self, dossier: Dossier, document: Document, event: Event) -> Dossier:
        """Return the dossier after what is said of the document."""
        raise NotImplementedError(event.type.name)


def without(name: str, dossier: Dossier) -> Missing:
    """Yield a document that no event brought."""
    if dossier.documents.named(name) is None:
        yield f"il documento {name}", "attach-document/2"


def derived(original: Document, name: FileName, event: Event, **fields: object) -> Document | None:
    """Return a document of the kind of another, with the content that the event brings."""
    ref = event.object_named(name)
    if ref is None:
        return None
    return Document(
        name=name,
        kind=original.kind,
        form=original.form,
        title=original.title,
        act=original.act,
        item=original.item,
        alt=original.alt,
        commit=ref.commit,
        size_bytes=ref.size_bytes,
        media_type=ref.media_type,
        on=event.day,
        index=event.index,
        **fields,  # type: ignore[arg-type]  # fields of a Document, by their names
    )


@event(
    "document-versioned/1",
    ask="version-document/1",
    italian="Nuova versione",
    says="Il documento {doc} sostituisce {replaces}: {cause}",
    streams=(own_cup,),
    by=ATTACHERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class DocumentVersioned(Fact):
    """A new version; it is public when the one before it was, and what was hidden stays so."""

    doc: FileName
    replaces: DocumentName
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the document that it replaces when no event brought it."""
        yield from without(self.replaces, dossier)

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the document when a newer one has replaced it."""
        found = dossier.documents.named(self.replaces)
        if found is not None and found.superseded_index is not None:
            yield f"il documento {self.replaces}, sostituito,"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the version, and let the one before it be replaced."""
        old = dossier.documents.named(self.replaces)
        if old is None:
            return dossier
        new = derived(
            old,
            self.doc,
            event,
            replaces=self.replaces,
            cause=self.cause,
            public=old.is_public,
            redaction_of=old.redaction_of,
        )
        if new is None:
            return dossier
        after = amended(dossier, "documents", "files", old, superseded_index=event.index)
        return altered(after, documents=after.documents.attached(new))


@event(
    "redacted-version-attached/1",
    ask="attach-redacted-version/1",
    italian="Versione omissis",
    says="Il documento {doc} è la versione con omissis di {redaction_of}: {cause}",
    streams=(own_cup,),
    by=PUBLISHERS,
    refusals=(reference_unknown, redaction_identical),
)
@dataclass(frozen=True, kw_only=True)
class RedactedVersionAttached(Fact):
    """The public version of a document, with what is withheld left out; it replaces earlier ones."""

    doc: FileName
    redaction_of: DocumentName
    cause: str
    by_person: PersonRef

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the original when no event brought it."""
        yield from without(self.redaction_of, dossier)

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the public version; the original is public no more."""
        original = dossier.documents.named(self.redaction_of)
        if original is None:
            return dossier
        new = derived(
            original,
            self.doc,
            event,
            redaction_of=self.redaction_of,
            cause=self.cause,
            by_person=self.by_person,
            public=True,
        )
        if new is None:
            return dossier
        return altered(dossier, documents=dossier.documents.redacted(new))


@event(
    "document-classified/1",
    ask="classify-document/1",
    italian="Classificazione",
    says="Classificato il documento {doc}: {class_}, fascicolo {file_ref}",
    streams=(own_cup,),
    by=ATTACHERS,
    refusals=(reference_unknown, nothing_changed, rule_unknown),
)
@dataclass(frozen=True, kw_only=True)
class DocumentClassified(OnDocument, ClassificationTerms):
    """Class of the titolario, fascicolo, rule of retention, access (DPR 445/2000)."""

    @property
    def rule_id(self) -> str:
        """Return the rule that says how long it is kept."""
        return self.retention

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the document when it is classified so."""
        found = dossier.documents.named(self.doc)
        last = found.classification if found is not None else None
        mine = taken(Classification, self, event)
        same = last is not None and last == altered(mine, on=last.on, index=last.index)
        return f"la classificazione di {self.doc}" if same else None

    def told(self, dossier: Dossier, document: Document, event: Event) -> Dossier:
        """Classify the document."""
        classified = taken(Classification, self, event)
        return amended(dossier, "documents", "files", document, classification=classified)


@event(
    "signature-checked/1",
    ask="check-signature/1",
    italian="Verifica firma",
    says="Verificata la firma del documento {doc}",
    streams=(own_cup,),
    by=ATTACHERS,
    refusals=(reference_unknown, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class SignatureChecked(OnDocument):
    """What was found of the signature, facet by facet; earlier reports stand beside it."""

    report: SignatureReport

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the document when the last report says the same."""
        found = dossier.documents.named(self.doc)
        last = found.signature_checks[-1:] if found is not None else ()
        same = any(one.report == self.report for one in last)
        return f"la verifica della firma di {self.doc}" if same else None

    def told(self, dossier: Dossier, document: Document, event: Event) -> Dossier:
        """Add the report."""
        reports = (*document.signature_checks, taken(SignatureCheck, self, event))
        return amended(dossier, "documents", "files", document, signature_checks=reports)


@event(
    "document-unpublished/1",
    ask="unpublish-document/1",
    italian="Oscuramento",
    says="Oscurato il documento {doc}: {cause}",
    streams=(own_cup,),
    by=PUBLISHERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class DocumentUnpublished(OnDocument, UnpublicationTerms):
    """A document that is public no more, at once; the fact stays."""

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the document when it is hidden."""
        found = dossier.documents.named(self.doc)
        if found is not None and found.unpublished is not None:
            yield f"il documento {self.doc}, oscurato,"

    def told(self, dossier: Dossier, document: Document, event: Event) -> Dossier:
        """Hide every document of that name."""
        hidden = taken(Unpublication, self, event)
        return altered(dossier, documents=dossier.documents.hidden(document.name, hidden))
