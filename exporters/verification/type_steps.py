"""Step 8, what a type asks of the envelope around its data, for the types this version knows.

    about an intervention     a role that the type admits, a legal date, streams cup/ and act/ alone
    of the ledger             no role, no legal date, no corrections, no objects, streams sys/log
                              and actor/ alone

The role must also have been granted (envelope_steps.py). An envelope of an unknown type is left to
step 12, which says that it was not judged. Source: FORMATS section 1; DOMAIN sections 9.11 and 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.events.catalogue import event_types
from ledger.errors import NotVerified

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.domain.events.declaration import EventType
    from ledger.signing.envelope import Envelope

CUP: Final = "cup/"
_BUSINESS: Final = (CUP, "act/")
_LEDGER: Final = ("actor/",)
_LOG: Final = "sys/log"


def check_type(envelope: Envelope) -> None:
    """Accept an envelope whose parts are those that its type asks for, or whose type is unknown.

    Raises:
        NotVerified: `streams-not-of-type`; `role-not-of-type`; `occurred-on-missing`, of an event
            about an intervention; `ledger-event-too-full`, when an event of the ledger has a legal
            date, corrects something, or names objects.
    """
    declared = event_types().get(envelope.type)
    if declared is None:
        return
    _check_streams(envelope, declared)
    _check_role(envelope, declared)
    if not declared.is_ledger and envelope.occurred_on is None:
        raise NotVerified("occurred-on-missing", f"{envelope.type} non ha la data del fatto.")
    extra = (envelope.occurred_on, *envelope.corrects, *envelope.objects)
    if declared.is_ledger and any(one is not None for one in extra):
        raise NotVerified(
            "ledger-event-too-full",
            f"{envelope.type} riguarda il registro: non ha data del fatto, né correzioni, né file.",
        )


def _check_streams(envelope: Envelope, declared: EventType) -> None:
    for claim in envelope.streams:
        is_ledger = claim.name == _LOG or claim.name.startswith(_LEDGER)
        if is_ledger != declared.is_ledger or not (is_ledger or claim.name.startswith(_BUSINESS)):
            raise NotVerified(
                "streams-not-of-type", f"{envelope.type} non può stare nel flusso {claim.name}."
            )


def _check_role(envelope: Envelope, declared: EventType) -> None:
    admitted = {None} if declared.is_ledger else {*declared.by}
    if envelope.role not in admitted:
        raise NotVerified(
            "role-not-of-type",
            f"{envelope.type} non si firma con il ruolo {envelope.role or 'nessuno'!r}.",
        )


def flag_unknown_types(case: Case) -> None:
    """Step 12: say which types, outside the CUPs that are folded, this version did not judge."""
    asked = {f"{CUP}{cup}" for cup in case.cups}
    known = event_types()
    unknown: dict[str, int] = {}
    for index, envelope in sorted(case.envelopes.items()):
        joined = {claim.name for claim in envelope.streams}
        if envelope.type not in known and asked.isdisjoint(joined):
            unknown.setdefault(envelope.type, index)
    for name, index in unknown.items():
        case.tally.lack(
            12,
            f"il tipo {name} (registrazione {index}) è di un'altra versione del programma:"
            " non giudicato",
        )
