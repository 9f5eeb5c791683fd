"""Erasure of contents, and holds that keep them. Source: DOMAIN sections 8 and 9.8; GDPR art. 17."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.altered import altered
from ledger.domain.documents import ErasedContent
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, event
from ledger.domain.events.streams import own_cup
from ledger.domain.identifiers import ShortId
from ledger.domain.retention import (
    Erasure,
    ErasureApproval,
    ErasureRefusal,
    ErasureRequest,
    ErasureRequestTerms,
    ErasureTerms,
    Hold,
    HoldRelease,
    HoldTerms,
)
from ledger.domain.rules.erasures import hold_in_force, retention_running, self_approved
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.slices import added, amended
from ledger.domain.taken import taken


def erased_before(commits: tuple[str, ...], dossier: Dossier) -> Iterator[str]:
    """Yield the contents that were erased before."""
    for commit in commits:
        found = dossier.documents.committed(commit)
        if found is not None and found.erased is not None:
            yield f"il contenuto {found.name}, cancellato,"


@event(
    "erasure-requested/1",
    ask="request-erasure/1",
    italian="Richiesta di cancellazione",
    says="Richiesta la cancellazione {request}, ricevuta il {received_on}: {ground}",
    streams=(own_cup,),
    by=("dpo",),
    dated_by="received_on",
    refusals=(duplicate_key, reference_unknown, reference_closed, nothing_changed),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ErasureRequested(Fact, ErasureRequestTerms):
    """A request to erase contents, by their commitments."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.retention.request(self.request) is not None:
            yield f"la richiesta {self.request}"

    def missing(self, dossier: Dossier) -> Missing:
        """Yield each content that no event of the CUP brought."""
        for commit in self.commits:
            if dossier.documents.committed(commit) is None:
                yield f"il contenuto {commit}", "attach-document/2"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the contents that were erased before."""
        yield from erased_before(self.commits, dossier)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the contents when none is named."""
        return None if self.commits else "il contenuto"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the request."""
        return added(dossier, "retention", "requests", taken(ErasureRequest, self, event))


@dataclass(frozen=True, kw_only=True)
class ErasureAnswer(Fact):
    """The answer to a request, by its short id."""

    request: ShortId

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the request when it is not recorded."""
        if dossier.retention.request(self.request) is None:
            yield f"la richiesta {self.request}", "request-erasure/1"

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
    streams=(own_cup,),
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
    streams=(own_cup,),
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
    streams=(own_cup,),
    by=("dpo",),
    refusals=(
        reference_unknown,
        reference_closed,
        nothing_changed,
        hold_in_force,
        retention_running,
        self_approved,
    ),
    correctable=False,
)
@dataclass(frozen=True, kw_only=True)
class ContentErased(Fact, ErasureTerms):
    """Key, salt and ciphertext of these contents are destroyed; the log still verifies."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the approval, the request it is of, and what it does not cover."""
        found = dossier.retention.approved_by(self.approval)
        if found is None or self.request not in (None, found.request):
            of = f" della richiesta {self.request}" if self.request is not None else ""
            yield f"l'approvazione {self.approval}{of}", "approve-erasure/1"
            return
        for commit in self.commits:
            if commit not in found.commits:
                yield f"il contenuto {commit} nella richiesta approvata", "request-erasure/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the contents that were erased before."""
        yield from erased_before(self.commits, dossier)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the contents when nothing is named."""
        return None if self.commits or self.envelopes else "il contenuto"

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


@event(
    "retention-hold-set/1",
    ask="set-retention-hold/1",
    italian="Blocco conservazione",
    says="Bloccata la cancellazione di {scope}: {cause} ({hold})",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class RetentionHoldSet(Fact, HoldTerms):
    """Contents that are not erased while it is in force, whatever their due date."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.retention.hold(self.hold) is not None:
            yield f"il blocco {self.hold}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the hold."""
        return added(dossier, "retention", "holds", taken(Hold, self, event))


@event(
    "retention-hold-released/1",
    ask="release-retention-hold/1",
    italian="Rilascio blocco",
    says="Rilasciato il blocco {hold}: {cause}",
    streams=(own_cup,),
    by=("segretario",),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class RetentionHoldReleased(Fact):
    """A hold that is in force no more."""

    hold: ShortId
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the hold when it was not set."""
        if dossier.retention.hold(self.hold) is None:
            yield f"il blocco {self.hold}", "set-retention-hold/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the hold when it was released."""
        found = dossier.retention.hold(self.hold)
        if found is not None and found.released is not None:
            yield f"il blocco {self.hold}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Release the hold."""
        found, end = dossier.retention.hold(self.hold), taken(HoldRelease, self, event)
        return amended(dossier, "retention", "holds", found, released=end)
