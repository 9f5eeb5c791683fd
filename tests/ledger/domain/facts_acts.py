"""Requests about acts, as the tables of decisions send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import (
    ACCOUNTANT,
    ACT,
    MANAGER,
    RESOLUTION,
    _data,
    but,
    fact,
    without,
)
from tests.ledger.domain.worlds import CUP, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

BY = "c_e506/registro-generale/2023/200"
AGAIN = "c_e506/registro-generale/2023/300"


def on_act(command: str, role: str, on: str | None, data: dict[str, Any], **more: Any) -> Request:  # noqa: ANN401
    """Return a request about an act, which names no CUP beside it."""
    return without(fact(command, role, on, data, **more), "cup")


def other_act(kind: str = "ordine-di-servizio", number: str = "7", **more: Any) -> Request:  # noqa: ANN401
    """Register another act."""
    data = _data(number, "2023-01-20", "ordini", kind=kind, **more)
    return on_act("register-act/1", "dirigente", None, data)


def linked(
    *cups: str, act: str = ACT, amount: str | None = None, on: str = "2023-03-01"
) -> Request:
    """Link an act to more CUPs."""
    links = [{"cup": cup, **({"amount": amount} if amount else {})} for cup in cups]
    data = {"act": act, "links": links, "cause": "CUP dimenticato"}
    return on_act("link-act/1", "rup", on, data)


def relinked(wrong: str, right: str, act: str = ACT, amount: str | None = None) -> Request:
    """Move an act from one CUP to another, with its share."""
    data = {"act": act, "wrong": wrong, "right": right, "cause": "CUP errato"}
    share = {"amount": amount} if amount else {}
    return on_act("relink-act/1", "rup", "2023-04-01", {**data, **share})


def opinion(kind: str = "tecnica", role: str = "dirigente", outcome: str = "favorevole") -> Request:
    """Give an opinion on the resolution."""
    data = {"act": RESOLUTION, "kind": kind, "by_person": MANAGER, "outcome": outcome}
    return on_act("give-opinion/1", role, "2022-06-08", data)


def visto_refused(act: str = ACT, on: str = "2023-01-23") -> Request:
    """Refuse the visto."""
    data = {"act": act, "by_person": ACCOUNTANT, "cause": "capitolo incapiente"}
    return on_act("refuse-endorsement/1", "finanziario", on, data)


def immediate(votes: int = 6, members: int = 10, act: str = RESOLUTION) -> Request:
    """Declare immediate enforceability."""
    data = {"act": act, "votes": {"for": votes, "members": members}}
    return on_act("declare-immediate-enforceability/1", "segretario", "2022-06-09", data)


def extended(to: str, *interrupted: str, act: str = RESOLUTION, on: str = "2022-06-20") -> Request:
    """Extend a publication, or tell of its interruption."""
    cause = "interruzione" if interrupted else "proroga"
    data: dict[str, Any] = {"act": act, "to": to, "cause": cause}
    if interrupted:
        data["interrupted"] = {"from": interrupted[0], "to": interrupted[1]}
    return on_act("extend-publication/1", "pubblicatore", on, data)


def completed_at_albo(act: str = RESOLUTION, on: str = "2022-06-26") -> Request:
    """Complete a publication."""
    return on_act("complete-publication/1", "pubblicatore", on, {"act": act})


def withdrawn_from_albo(act: str = RESOLUTION, on: str = "2022-06-15") -> Request:
    """Withdraw a publication."""
    data = {"act": act, "cause": "dati personali", "legal_basis": "GDPR art. 17"}
    return on_act("withdraw-publication/1", "segretario", on, data)


def rectified(act: str = ACT, by: str = BY, on: str = "2023-06-01") -> Request:
    """Rectify an act."""
    return on_act("rectify-act/1", "dirigente", on, {"act": act, "by": by, "what": "importo"})


def suspended(act: str = ACT, on: str = "2023-06-01", **more: Any) -> Request:  # noqa: ANN401
    """Suspend an act."""
    return on_act("suspend-act/1", "dirigente", on, {"act": act, "by": BY}, **more)


def revoked_act(act: str = ACT, by: str = BY, on: str = "2023-06-01", **more: Any) -> Request:  # noqa: ANN401
    """Revoke an act."""
    data = {"act": act, "by": by, "effective_on": on, "grounds": "interesse pubblico"}
    return on_act("revoke-act/1", "dirigente", None, data, **more)


def annulled(
    act: str = ACT,
    by: str | None = BY,
    on: str = "2023-06-01",
    scope: str = "totale",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Annul an act."""
    data = {"act": act, "grounds": "vizio", "scope": scope, "payments": []}
    request = on_act("annul-act/1", "segretario", on, data, **more)
    return request if by is None else but(request, data={**request["data"], "by": by})


def voided(act: str = ACT, on: str = "2023-06-01") -> Request:
    """Declare an act void."""
    return on_act("declare-act-void/1", "segretario", on, {"act": act, "grounds": "senza CUP"})


def validated(act: str = ACT, by: str = BY, on: str = "2023-07-01") -> Request:
    """Validate an act."""
    return on_act("validate-act/1", "dirigente", on, {"act": act, "by": by, "what": "CUP"})


def reconnaissance(
    act: str = BY,
    on: str = "2024-01-10",
    remedies: Iterable[dict[str, str]] = ({"code": "cup-missing-in-text", "subject": ACT},),
    **items: str,
) -> Request:
    """Adopt the atto ricognitivo, with items changed."""
    every = {f"r{number:02}": "testo" for number in range(1, 15)} | items
    covers = [
        {"item": "s01", "op": "16825251008", "file": "ordine.pdf", "started_on": "2022-05-01"}
    ]
    data = {
        "act": act,
        "items": {name: text for name, text in every.items() if text},
        "covers": covers,
        "remedies": list(remedies),
    }
    return on_act("adopt-reconnaissance/1", "rup", on, data)


ONE = [{"cup": CUP}]
