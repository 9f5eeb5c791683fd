"""Erasure of contents and of signed events: asked, answered, done.

Request, answer and erasure stand in every stream that has what is erased, so that each of its CUPs
and acts says what it lost, and why. Source: DOMAIN sections 8 and 9.8; FORMATS section 5; GDPR art. 17.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ledger.domain.altered import altered
from ledger.domain.documents import ErasedContent
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, event
from ledger.domain.events.streams import streams_of_contents, streams_of_request
from ledger.domain.identifiers import ShortId
from ledger.domain.retention import (
    ErasedEnvelope,
    Erasure,
    ErasureApproval,
    ErasureRefusal,
    ErasureRequest,
    ErasureRequestTerms,
    ErasureTerms,
)
from ledger.domain.rules.erasures import (
    hold_in_force,
    never_erased,
    retention_running,
    self_approved,
)
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.slices import added, amended
from ledger.domain.taken import taken

if TYPE_CHECKING:
    from ledger.domain.references import Base64Digest
    from ledger.domain.situation import Situation


def what(one: ErasedEnvelope) -> str:
    """Name a signed event that is to be erased."""
    return f"la registrazione n. {one.index}"


@dataclass(frozen=True, kw_only=True)
class OfErasure(Fact):
    """Base of what concerns an erasure: it stands in every stream that has what is erased."""

    asks_every_stream: ClassVar[bool] = True
    of_whole_cup: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class OfContents(OfErasure):
    """Base of what names contents, by their commitments, and signed events, by leaf and digest."""

    if TYPE_CHECKING:  # fields of the terms of each

        @property
        def commits(self) -> tuple[Base64Digest, ...]:
            """The contents."""

        @property
        def envelopes(self) -> tuple[ErasedEnvelope, ...]:
            """The signed events."""

    def missing_elsewhere(self, situation: "Situation") -> Missing:
        """Yield each content that no event brought, and each signed event that is not there."""
        brought = {ref.commit for one in situation.naming(self.commits) for ref in one.objects}
        for commit in self.commits:
            if commit not in brought:
                yield f"il contenuto {commit}", "attach-document/2"
        for one in self.envelopes:
            placed = situation.placed(one.index)
            if placed is None or placed.digest != one.digest:
                yield f"{what(one)} con l'impronta {one.digest}", "request-erasure/2"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield what was erased before."""
        for commit in self.commits:
            found = dossier.documents.committed(commit)
            if found is not None and found.erased is not None:
                yield f"il contenuto {found.name}, cancellato,"
            elif found is None and dossier.retention.has_erased(commit):
                yield f"il contenuto {commit}, cancellato,"
        for one in self.envelopes:
            if dossier.retention.is_erased(one.index):
                yield f"{what(one)}, cancellata,"

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the contents when nothing is named."""
        return None if self.commits or self.envelopes else "il contenuto"


@event(
    "erasure-requested/2",
    ask="request-erasure/2",
    italian="Richiesta di cancellazione",
    says="Richiesta la cancellazione {request}, ricevuta il {received_on}: {ground}",
    streams=(streams_of_contents,),
    by=("dpo",),
    dated_by="received_on",
    refusals=(
        duplicate_key,
        reference_unknown,
        reference_closed,
        nothing_changed,
        never_erased,
    ),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ErasureRequested(OfContents, ErasureRequestTerms):
    """A request to erase contents, by their commitments, and signed events, by leaf and digest."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.retention.request(self.request) is not None:
            yield f"la richiesta {self.request}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the request."""
        return added(dossier, "retention", "requests", taken(ErasureRequest, self, event))


@dataclass(frozen=True, kw_only=True)
class ErasureAnswer(OfErasure):
    """The answer to a request, by its short id, in every stream of the request."""

    request: ShortId

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the request when it is not recorded."""
        if dossier.retention.request(self.request) is None:
            yield f"la richiesta {self.request}", "request-erasure/2"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the request when it was answered."""
        found = dossier.retention.request(self.request)
        if found is not None and found.is_answered:
            yield f"la richiesta {self.request}"


@event(
    "erasure-refused/1",
    ask="refuse-erasure/1",
    italian="Diniego",
    says="Negata la cancellazione {request}: {legal_basis}",
    streams=(streams_of_request,),
    by=("dpo",),
    refusals=(reference_unknown, reference_closed),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ErasureRefused(ErasureAnswer):
    """A request that is refused, with the legal basis (GDPR art. 17 par. 3)."""

    legal_basis: str

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Answer the request."""
        found, answer = dossier.retention.request(self.request), taken(ErasureRefusal, self, event)
        return amended(dossier, "retention", "requests", found, refused=answer)


@event(
    "erasure-approved/1",
    ask="approve-erasure/1",
    italian="Approvazione della cancellazione",
    says="Approvata la cancellazione {request}",
    streams=(streams_of_request,),
    by=("segretario",),
    refusals=(reference_unknown, reference_closed, self_approved),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ErasureApproved(ErasureAnswer):
    """The approval that must precede an erasure, by another than who asked for it."""

    def done_before_by(self, dossier: Dossier) -> str | None:
        """Return who asked."""
        found = dossier.retention.request(self.request)
        return None if found is None else found.actor

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Answer the request."""
        found = dossier.retention.request(self.request)
        answer = taken(ErasureApproval, self, event, approval=event.id)
        return amended(dossier, "retention", "requests", found, approved=answer)


@event(
    "content-erased/1",
    ask="erase-content/1",
    italian="Cancellazione del contenuto",
    says="Cancellato il contenuto, per {legal_basis}",
    streams=(streams_of_contents,),
    by=("dpo",),
    refusals=(
        reference_unknown,
        reference_closed,
        nothing_changed,
        never_erased,
        hold_in_force,
        retention_running,
        self_approved,
    ),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ContentErased(OfContents, ErasureTerms):
    """Key, salt and ciphertext of these contents are destroyed; the log still verifies."""

    @property
    def erased_places(self) -> frozenset[int]:
        """Return the leaves whose envelopes are erased."""
        return frozenset(one.index for one in self.envelopes)

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the approval, the request it is of, and what it does not cover."""
        found = dossier.retention.approved_by(self.approval)
        if found is None or self.request not in (None, found.request):
            of = f" della richiesta {self.request}" if self.request is not None else ""
            yield f"l'approvazione {self.approval}{of}", "approve-erasure/1"
            return
        for commit in self.commits:
            if commit not in found.commits:
                yield f"il contenuto {commit} nella richiesta approvata", "request-erasure/2"
        for one in self.envelopes:
            if one not in found.envelopes:
                yield f"{what(one)} nella richiesta approvata", "request-erasure/2"

    def done_before_by(self, dossier: Dossier) -> str | None:
        """Return who approved."""
        found = dossier.retention.approved_by(self.approval)
        return found.approved.actor if found is not None and found.approved is not None else None

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the erasure, and let the documents say so."""
        erased = taken(ErasedContent, self, event)
        left = dossier.documents.without(frozenset(self.commits), erased)
        after = added(dossier, "retention", "erasures", taken(Erasure, self, event))
        return altered(after, documents=left)
