"""Documents attached. Source: DOMAIN sections 8 and 9.8."""

from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.documents import Document, DocumentForm, DocumentKind, Numbered, SignatureReport
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Role, event
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, ServiceItem
from ledger.domain.rules.acts import act_unknown
from ledger.domain.rules.interventions import reference_unknown

ATTACHERS: tuple[Role, ...] = ("istruttore", "rup", "dirigente", "finanziario", "segretario")


@event(
    "document-attached/2",
    ask="attach-document/2",
    italian="Documento",
    says="Allegato il documento {doc}",
    streams=(own_cup, named_act),
    by=ATTACHERS,
    refusals=(act_unknown, reference_unknown),
    findings=("personal-data-in-name",),
)
@dataclass(frozen=True, kw_only=True)
class DocumentAttached(Fact):
    """One file with its kind and form; `public` says it is cleared for publication."""

    doc: FileName
    kind: DocumentKind
    form: DocumentForm
    title: str | None = None
    act: ActKey | None = None
    contract: str | None = None
    item: ServiceItem | None = None
    public: bool = False
    alt: str | None = None
    protocollo: Numbered | None = None
    signature_report: SignatureReport | None = None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the service when it is not in the scope."""
        if self.item is not None and dossier.scope.item(self.item) is None:
            yield f"il servizio {self.item}", "add-scope-item/1"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the document; in the stream of its act it changes nothing."""
        ref = event.object_named(self.doc)
        if ref is None or dossier.cup is None:
            return dossier
        document = Document(
            name=self.doc,
            kind=self.kind,
            form=self.form,
            title=self.title,
            act=self.act,
            item=self.item,
            commit=ref.commit,
            size_bytes=ref.size_bytes,
            media_type=ref.media_type,
            public=self.public,
            alt=self.alt,
            protocollo=self.protocollo,
            signature_report=self.signature_report,
            on=event.day,
            index=event.index,
        )
        return altered(dossier, documents=dossier.documents.attached(document))
