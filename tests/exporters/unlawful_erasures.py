"""Erasures that a server should have refused, each recorded in a ledger whose judge lets all pass.

at = UNLAWFUL["nobody approved it"](ledger, {"envelopes": [...]})       the leaf of the erasure
BY_KEYS                                 those whose fault is in keys, roles or persons alone
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exporters.verification.lawful import APPROVAL, ERASURE, REFUSAL
from ledger.signing.envelope import parse
from tests.exporters.ledger_erasure import (
    DPO,
    ON,
    REQUEST,
    SECRETARY,
    approved,
    asked,
    grant,
    step,
)
from tests.exporters.ledger_fixture import CUP, OTHER_CUP, PERSON
from tests.exporters.ledger_writer import ADMINISTRATOR, RUP

if TYPE_CHECKING:
    from tests.exporters.ledger_writer import Ledger

STRANGER = "f" * 26
ON_CUP = [f"cup/{CUP}"]
What = dict[str, Any]


def _roles(ledger: Ledger) -> None:
    grant(ledger, DPO, "dpo")
    grant(ledger, SECRETARY, "segretario")


def _erasure(ledger: Ledger, what: What, approval: str, **more: Any) -> int:  # noqa: ANN401
    data = {"commits": [], "legal_basis": "garante-order", "approval": approval, **what}
    return step(ledger, ERASURE, more.pop("streams", ON_CUP), data, **more).index


def without_approval(ledger: Ledger, what: What) -> int:
    """Erase what was asked for and not approved."""
    _roles(ledger)
    return _erasure(ledger, what, asked(ledger, ON_CUP, **what).event_id)


def without_request(ledger: Ledger, what: What) -> int:
    """Approve and erase what nobody asked for."""
    _roles(ledger)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def more_than_asked(ledger: Ledger, what: What) -> int:
    """Erase an envelope by the approval of a request that names another thing."""
    _roles(ledger)
    asked(ledger, ON_CUP, commits=["A" * 43 + "="])
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def approved_after(ledger: Ledger, what: What) -> int:
    """Erase by an approval that comes after; its id is that of the next but one event."""
    _roles(ledger)
    asked(ledger, ON_CUP, **what)
    later = ledger.sign(SECRETARY, ledger.draft(SECRETARY, APPROVAL, ON_CUP, {"request": "r-1"}))
    at = _erasure(ledger, what, parse(later).id)
    payload = ledger.draft(
        SECRETARY, APPROVAL, ON_CUP, {"request": "r-1"}, role="segretario", on=ON
    )
    ledger.submit(ledger.sign(SECRETARY, {**payload, "id": parse(later).id}))
    return at


def approved_after_refusal(ledger: Ledger, what: What) -> int:
    """Approve what was refused."""
    _roles(ledger)
    asked(ledger, ON_CUP, **what)
    step(ledger, REFUSAL, ON_CUP, {"request": "r-1", "legal_basis": "GDPR art. 17 par. 3"})
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def of_another_request(ledger: Ledger, what: What) -> int:
    """Erase for a request by the approval of another."""
    _roles(ledger)
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, {**what, "request": "r-2"}, approved(ledger, ON_CUP).event_id)


def approved_elsewhere(ledger: Ledger, what: What) -> int:
    """Erase in streams that the approval does not join."""
    _roles(ledger)
    asked(ledger, ON_CUP, **what)
    approval = approved(ledger, ON_CUP)
    return _erasure(ledger, what, approval.event_id, streams=[*ON_CUP, f"cup/{OTHER_CUP}"])


def requested_elsewhere(ledger: Ledger, what: What) -> int:
    """Approve in a stream that the request does not join."""
    _roles(ledger)
    asked(ledger, [*ON_CUP, f"cup/{OTHER_CUP}"], **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def approved_by_who_asked(ledger: Ledger, what: What) -> int:
    """Ask and approve with one key."""
    _roles(ledger)
    grant(ledger, SECRETARY, "dpo")
    data = {"request": "r-1", "received_on": "2026-03-01", "ground": "revoca", **what}
    step(ledger, REQUEST, ON_CUP, data, by=SECRETARY)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def erased_by_who_approved(ledger: Ledger, what: What) -> int:
    """Approve and erase with one key."""
    _roles(ledger)
    grant(ledger, SECRETARY, "dpo")
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id, by=SECRETARY)


def one_person_with_two_keys(ledger: Ledger, what: What) -> int:
    """Ask and approve with two keys of one person."""
    nomination = {"person": PERSON, "role": "dpo", "from": "2026-01-15"}
    named = step(ledger, "role-assigned/1", ON_CUP, nomination, by=RUP, role="rup")
    for actor, role in ((DPO, "dpo"), (SECRETARY, "segretario")):
        grant(ledger, actor, role, role_assignment=named.event_id)
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def approved_without_the_role(ledger: Ledger, what: What) -> int:
    """Approve in a role that nobody granted."""
    grant(ledger, DPO, "dpo")
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def approved_by_a_role_of_one_administrator(ledger: Ledger, what: What) -> int:
    """Approve in a role that one administrator alone has granted, of the two that it takes."""
    grant(ledger, DPO, "dpo")
    data = {"actor": SECRETARY, "role": "segretario", "from": "2026-01-01", "office": "Ufficio"}
    ledger.record(ADMINISTRATOR, "role-granted/1", [f"actor/{SECRETARY}"], data)
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id)


def erased_in_another_role(ledger: Ledger, what: What) -> int:
    """Erase in a role that may not."""
    _roles(ledger)
    asked(ledger, ON_CUP, **what)
    approval = approved(ledger, ON_CUP)
    return _erasure(ledger, what, approval.event_id, by=RUP, role="rup")


def erased_by_a_stranger(ledger: Ledger, what: What) -> int:
    """Erase with a key that one administrator alone has enrolled."""
    _roles(ledger)
    holder = ledger.enter(STRANGER, "first")
    streams = [f"actor/{STRANGER}"]
    ledger.record(ADMINISTRATOR, "actor-enrolled/1", streams, ledger.key_data(holder))
    ledger.holders[STRANGER] = holder
    asked(ledger, ON_CUP, **what)
    return _erasure(ledger, what, approved(ledger, ON_CUP).event_id, by=STRANGER)


UNLAWFUL = {
    "nobody approved it": without_approval,
    "nobody asked for it": without_request,
    "it erases more than was asked for": more_than_asked,
    "the approval comes after": approved_after,
    "the request was refused": approved_after_refusal,
    "the approval is of another request": of_another_request,
    "the approval is not in each of its streams": approved_elsewhere,
    "the request is not in the streams of the approval": requested_elsewhere,
    "who asked has approved": approved_by_who_asked,
    "who approved has erased": erased_by_who_approved,
    "one person has asked and approved": one_person_with_two_keys,
    "the role of who approved was not granted": approved_without_the_role,
    "one administrator alone granted the role of who approved": (
        approved_by_a_role_of_one_administrator
    ),
    "the role of who erased may not": erased_in_another_role,
    "the key of who erased is not in force": erased_by_a_stranger,
}
BY_KEYS = frozenset(
    {
        "one person has asked and approved",
        "the role of who approved was not granted",
        "one administrator alone granted the role of who approved",
        "the key of who erased is not in force",
    }
)
