"""Whether an erasure is in force: what must precede it, in the package itself.

    erasure-requested/1, /2   names all that is erased       signed by a dpo
    erasure-approved/1        of that request                signed by a segretario, another person
    content-erased/1          by that approval               signed by a dpo, not the one who approved

Each is signed by a key that was in force and in a role that was granted at its place, which takes k
administrators; each comes after the one before it; request and approval stand in every stream of the
erasure, and the erasure in every stream of what it erases, so that any package with one has all
three. A request that was refused is not approved. Holds and terms of retention are rules: they were
decided when it was recorded and are not decided again.

Source: design FORMATS sections 4, 5 and 7; DOMAIN sections 9.8 and 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from exporters.verification.type_steps import check_role, check_type
from ledger.domain.days import legal_day
from ledger.errors import NotVerified
from ledger.journal.leaf import EventLeaf

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.signing.envelope import Envelope

ERASURE: Final = "content-erased/1"
APPROVAL: Final = "erasure-approved/1"
REFUSAL: Final = "erasure-refused/1"
REQUESTS: Final = ("erasure-requested/1", "erasure-requested/2")


@dataclass(frozen=True, slots=True)
class Judgement:
    """An erasure in force by the approval at a leaf, or why it is not."""

    approval: int = -1
    failure: NotVerified | None = None


def check_lawful(case: Case, at: int) -> int:
    """Return the index of the approval by which the erasure at a leaf is in force.

    Raises:
        NotVerified: `erasure-not-lawful`, with what is missing or does not fit.
    """
    if at not in case.erasures:
        try:
            case.erasures[at] = Judgement(_judged(case, at))
        except NotVerified as failure:
            case.erasures[at] = Judgement(failure=failure)
    judgement = case.erasures[at]
    if judgement.failure is not None:
        raise judgement.failure
    return judgement.approval


def items(envelope: Envelope, name: str) -> list[Any]:
    """Return a list among the data of an event that may hold anything."""
    data: Any = envelope.data
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def streams(envelope: Envelope) -> frozenset[str]:
    """Return the names of the streams of an event."""
    return frozenset(claim.name for claim in envelope.streams)


def _judged(case: Case, at: int) -> int:
    erasure = _in_force(case, at, (ERASURE,), "la cancellazione")
    named = {one.id: index for index, one in case.envelopes.items()}
    approved_at = named.get(str(erasure.data.get("approval")), -1)
    approval = _in_force(case, approved_at, (APPROVAL,), "l'approvazione")
    request = _request(case, approved_at, approval)
    if not approved_at < at:
        raise _not_lawful("l'approvazione viene dopo")
    if not streams(erasure) <= streams(approval):
        raise _not_lawful("l'approvazione non è in ogni suo flusso")
    if erasure.data.get("request") not in (None, request.data.get("request")):
        raise _not_lawful("l'approvazione è di un'altra richiesta")
    for name in ("commits", "envelopes"):
        if any(one not in items(request, name) for one in items(erasure, name)):
            raise _not_lawful("cancella più di quanto la richiesta approvata nomina")
    _check_persons(case, (request, approval), "ha approvato chi ha chiesto")
    _check_persons(case, (approval, erasure), "ha cancellato chi ha approvato")
    return approved_at


def _in_force(case: Case, at: int, types: tuple[str, ...], what: str) -> Envelope:
    """Return an event of one of these types that was signed by who could at its place."""
    envelope, leaf = case.envelopes.get(at), case.leaves.get(at)
    if envelope is None or envelope.type not in types or not isinstance(leaf, EventLeaf):
        raise _not_lawful(f"{what} non è nel pacchetto")
    if at not in case.signers or at not in case.included:
        raise _not_lawful(f"{what} non è firmata da una chiave in vigore")
    day = legal_day(leaf.received_at)
    try:
        check_type(envelope, case.law.at(at), day)
        check_role(case, at, envelope, day)
    except NotVerified as error:
        raise _not_lawful(f"{what} non vale: {error.sentence}") from error
    return envelope


def _request(case: Case, approved_at: int, approval: Envelope) -> Envelope:
    """Return the request that an approval is of: the one of its name, in its very streams."""
    found = None
    for index, one in sorted(case.envelopes.items()):
        of_it = one.type in (*REQUESTS, REFUSAL) and index < approved_at
        if not of_it or streams(one) != streams(approval):
            continue
        if one.data.get("request") != approval.data.get("request"):
            continue
        if one.type == REFUSAL:
            raise _not_lawful("la richiesta era stata negata")
        found = index if found is None else found
    return _in_force(case, -1 if found is None else found, REQUESTS, "la richiesta")


def _check_persons(case: Case, two: tuple[Envelope, Envelope], why: str) -> None:
    """Raise when two events are of one actor, or of two that were nominated as one person."""
    one, other = (envelope.actor for envelope in two)
    if one == other or not _persons(case, one).isdisjoint(_persons(case, other)):
        raise _not_lawful(why)


def _persons(case: Case, actor: str) -> frozenset[str]:
    """Return the persons named by the nominations behind the roles granted to an actor."""
    by_id = {one.id: one for one in case.envelopes.values()}
    grants = (
        one.data.get("role_assignment")
        for one in case.envelopes.values()
        if one.type == "role-granted/1" and one.data.get("actor") == actor
    )
    nominations = (by_id.get(str(one)) for one in grants if one is not None)
    return frozenset(
        str(one.data["person"]) for one in nominations if one is not None and "person" in one.data
    )


def _not_lawful(why: str) -> NotVerified:
    return NotVerified("erasure-not-lawful", f"La cancellazione non è secondo legge: {why}.")
