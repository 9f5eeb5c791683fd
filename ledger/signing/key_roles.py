"""Rules of the events of an actor's roles.

    role-granted/1    {actor, role, from, to?, office, role_assignment?}    an administrator; k-th
    role-revoked/1    {actor, role, cause}                                  an administrator; at once

Both are in the stream actor/<actor>. A role holds on the days from..to, both included. What a role
may do is not known here; `amministratore` alone is, since it is given by administrators-changed/1.

Source: design FORMATS section 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified
from ledger.signing.key_authority import check_administrator
from ledger.signing.key_book import Grant
from ledger.signing.key_data import read_actor, read_date, read_date_or_none, read_text
from ledger.signing.key_effects import GrantRole, RevokeRole
from ledger.signing.key_proposals import check_streams, propose
from ledger.signing.names import is_role

if TYPE_CHECKING:
    from ledger.signing.envelope import Envelope
    from ledger.signing.key_book import KeyBook
    from ledger.signing.key_effects import Effect


ADMINISTRATOR: Final = "amministratore"


def grant_role(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of role-granted/1.

    Raises:
        NotVerified: `role-not-grantable`; `actor-unknown`; `dates-reversed`.
    """
    actor, role = read_actor(envelope.data), read_text(envelope.data, "role", is_role)
    from_on, to_on = read_date(envelope.data, "from"), read_date_or_none(envelope.data, "to")
    check_streams(envelope, f"actor/{actor}")
    if role == ADMINISTRATOR:
        raise NotVerified(
            "role-not-grantable",
            "Gli amministratori si nominano solo con administrators-changed/1: usare questa"
            " registrazione.",
        )
    if actor not in book.kids:
        raise NotVerified("actor-unknown", f"{actor} non ha una firma: prima abilitarne una.")
    if to_on is not None and to_on < from_on:
        raise NotVerified(
            "dates-reversed", f"Il ruolo {role} finirebbe prima di cominciare: correggere le date."
        )
    grant = Grant(envelope.id, actor, role, from_on, to_on)
    return propose(book, index, envelope, GrantRole(grant))


def revoke_role(book: KeyBook, index: int, envelope: Envelope) -> Effect:
    """Return the effect of role-revoked/1.

    Raises:
        NotVerified: `role-not-granted`; `not-administrator`.
    """
    actor, role = read_actor(envelope.data), read_text(envelope.data, "role", is_role)
    check_streams(envelope, f"actor/{actor}")
    check_administrator(book, index, envelope)
    grants = book.grants.get(actor, ())
    if not any(grant.role == role and grant.revoked_at is None for grant in grants):
        raise NotVerified(
            "role-not-granted",
            f"{actor} non ha il ruolo {role} da revocare: controllare la persona e il ruolo.",
        )
    return RevokeRole(actor, role)
