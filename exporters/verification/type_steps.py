"""Step 8, what a type asks of the envelope around its data, for the types this version knows.

    about an intervention     a role that the type admits, a legal date, streams cup/ and act/ alone,
                              sys/log or sys/sources where the type says so
    of the ledger             no role, no legal date, no corrections, streams sys/log and actor/ alone,
                              no objects unless the type has them

The role must also have been granted (envelope_steps.py). An envelope of an unknown type is left to
step 12, which says that it was not judged. Source: FORMATS section 1; DOMAIN sections 9.11 and 11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.events.catalogue import event_types
from ledger.domain.rules.authority import signers
from ledger.errors import NotVerified

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from exporters.verification.case import Case
    from ledger.domain.events.declaration import EventType
    from ledger.domain.law import Law
    from ledger.signing.envelope import Envelope

CUP: Final = "cup/"


def check_type(envelope: Envelope, law: Law, day: date) -> None:
    """Accept an envelope whose parts are those that its type asks for, or whose type is unknown.

    `law` is that of its place, `day` the one of receipt: a setting may let another role sign.

    Raises:
        NotVerified: `streams-not-of-type`; `role-not-of-type`; `occurred-on-missing`, of an event
            about an intervention; `ledger-event-too-full`, when an event of the ledger has a legal
            date, corrects something, or names objects.
    """
    declared = event_types().get(envelope.type)
    if declared is None:
        return
    _check_streams(envelope, declared)
    admitted = {None} if declared.is_ledger else {*signers(declared, law, day)}
    _check_role(envelope, admitted)
    if not declared.is_ledger and envelope.occurred_on is None:
        raise NotVerified("occurred-on-missing", f"{envelope.type} non ha la data del fatto.")
    objects = () if declared.with_files else envelope.objects
    extra = (envelope.occurred_on, *envelope.corrects, *objects)
    if declared.is_ledger and any(one is not None for one in extra):
        raise NotVerified(
            "ledger-event-too-full",
            f"{envelope.type} riguarda il registro: non ha data del fatto, né correzioni, né file.",
        )


def check_role(case: Case, index: int, envelope: Envelope, day: date) -> None:
    """Accept a signer whose role was granted at that place, on the day of receipt.

    Raises:
        NotVerified: `role-not-granted`.
    """
    if envelope.role is not None and envelope.role not in case.directory.roles_at(
        envelope.actor, index, day
    ):
        raise NotVerified(
            "role-not-granted",
            f"Il ruolo {envelope.role!r} non era concesso a {envelope.actor} a quel punto.",
        )


def _check_streams(envelope: Envelope, declared: EventType) -> None:
    for claim in envelope.streams:
        if not claim.name.startswith(declared.stream_kinds):
            raise NotVerified(
                "streams-not-of-type", f"{envelope.type} non può stare nel flusso {claim.name}."
            )


def _check_role(envelope: Envelope, admitted: Collection[str | None]) -> None:
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
