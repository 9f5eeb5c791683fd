"""Versions of types that have a successor: read for ever, recorded no more.

    document-attached/1         without protocollo and signature report     -> document-attached/2
    intervention-registered/1   the notice by its name alone                -> intervention-registered/2
    erasure-requested/1         contents alone, in the stream of one CUP    -> erasure-requested/2

A request in an older version leads to an event of the newest one. Source: DOMAIN section 9.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import ClassVar

from typing_extensions import override

from ledger.domain.documents import DocumentForm, DocumentKind
from ledger.domain.events.declaration import Fact, event
from ledger.domain.events.documents import ATTACHERS, DocumentAttached
from ledger.domain.events.erasure import ErasureRequested
from ledger.domain.events.interventions import InterventionRegistered
from ledger.domain.events.streams import named_act, own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, ServiceItem, ShortId
from ledger.domain.references import Base64Digest
from ledger.domain.registration import RegistrationTerms


@event(
    "document-attached/1",
    ask="attach-document/1",
    italian="Documento",
    says="Allegato il documento {doc}",
    streams=(own_cup, named_act),
    by=ATTACHERS,
    succeeded_by="document-attached/2",
)
@dataclass(frozen=True, kw_only=True)
class DocumentAttached1(Fact):
    """One file with its kind and form, as the first version of the type told it."""

    doc: FileName
    kind: DocumentKind
    form: DocumentForm
    title: str | None = None
    act: ActKey | None = None
    contract: str | None = None
    item: ServiceItem | None = None
    public: bool = False
    alt: str | None = None

    @override
    def newest(self) -> DocumentAttached:
        """Return the same as version 2 tells it."""
        return DocumentAttached(**{one.name: getattr(self, one.name) for one in fields(self)})


@event(
    "intervention-registered/1",
    ask="register-intervention/1",
    italian="Registrazione intervento",
    says="Registrato l'intervento «{title}», misura {measure}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    succeeded_by="intervention-registered/2",
)
@dataclass(frozen=True, kw_only=True)
class InterventionRegistered1(RegistrationTerms, Fact):
    """The first event of a CUP, as the first version of the type told it."""

    registers: ClassVar[bool] = True

    @override
    def newest(self) -> InterventionRegistered:
        """Return the same as version 2 tells it."""
        return InterventionRegistered(**{one.name: getattr(self, one.name) for one in fields(self)})


@dataclass(frozen=True, kw_only=True)
class ErasureRequestTerms1:
    """Which contents somebody asks to erase, and on which ground."""

    request: ShortId
    commits: tuple[Base64Digest, ...]
    received_on: date
    ground: str


@event(
    "erasure-requested/1",
    ask="request-erasure/1",
    italian="Richiesta di cancellazione",
    says="Richiesta la cancellazione {request}, ricevuta il {received_on}: {ground}",
    streams=(own_cup,),
    by=("dpo",),
    dated_by="received_on",
    correctable=False,
    succeeded_by="erasure-requested/2",
)
@dataclass(frozen=True, kw_only=True)
class ErasureRequested1(Fact, ErasureRequestTerms1):
    """A request to erase contents, as the first version of the type told it."""

    @override
    def newest(self) -> ErasureRequested:
        """Return the same as version 2 tells it."""
        return ErasureRequested(**{one.name: getattr(self, one.name) for one in fields(self)})
