"""Requests about the CUP, the life of the intervention, its services and its people."""

from __future__ import annotations

from typing import Any

from tests.ledger.domain.facts import DECREE, RUP_PERSON, but, fact
from tests.ledger.domain.worlds import CUP, OTHER_CUP, Request

OWNER = "p_" + "e" * 26


def local_code(clp: str = "PRJ_1", measure: str = "M1C1I1.2") -> Request:
    """Assign a CLP."""
    return fact(
        "assign-local-project-code/1", "rup", "2022-09-10", {"clp": clp, "measure": measure}
    )


def cup_corrected(wrong: str = OTHER_CUP, right: str = CUP, **more: Any) -> Request:  # noqa: ANN401
    """Tell of a wrong CUP in a document."""
    data = {"wrong": wrong, "right": right, "where": "fattura"}
    return fact("correct-cup/1", "rup", "2023-05-01", data, **more)


def cup_replaced(old: str = CUP, new: str = OTHER_CUP) -> Request:
    """Replace a CUP."""
    data = {"old": old, "new": new, "cause": "natura errata"}
    return fact("replace-cup/1", "rup", "2023-05-01", data)


def cup_status(status: str = "revocato", on: str = "2023-05-01") -> Request:
    """Change the status of the CUP."""
    return fact("change-cup-status/1", "rup", None, {"status": status, "effective_on": on})


def cup_linked(other: str = OTHER_CUP, relation: str = "collegato") -> Request:
    """Link another CUP."""
    return fact("link-cup/1", "rup", "2022-09-10", {"other": other, "relation": relation})


def modification(*items: str, key: str = "mod-1", on: str = "2023-02-01") -> Request:
    """Record an approved modification."""
    data = {
        "modification": key,
        "ground": "decreto-35-2023",
        "items": list(items),
        "decision": "PEC del DTD",
    }
    return fact("record-modification/1", "rup", on, data)


def changed(item: str = "s01", on: str = "2023-03-01", **more: Any) -> Request:  # noqa: ANN401
    """Change a service; `changes` are the other keywords."""
    beside = {n: more.pop(n) for n in ("removed", "modification", "second_step") if n in more}
    data = {"item": item, "changes": more, **beside}
    return fact("change-scope-item/1", "rup", on, data)


def moved(verb: str, on: str = "2023-06-01", role: str = "rup", **more: Any) -> Request:  # noqa: ANN401
    """Suspend, resume, renounce, close or reopen the intervention."""
    causes = {"suspend": True, "resume": True, "reopen": True}
    data: dict[str, Any] = {"cause": "sentenza"} if verb in causes else {}
    if verb == "renounce":
        data = {"doc": "rinuncia.pdf", "decree": DECREE}
    return fact(f"{verb}-intervention/1", role, on, data, **more)


def conflict(outcome: str = "assente", on: str = "2022-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Declare on conflicts of interest."""
    data = {"person": RUP_PERSON, "role": "rup", "outcome": outcome, "declared_on": on}
    return fact("record-conflict-declaration/1", "rup", None, {**data, "doc": "dich.pdf"}, **more)


def abstained() -> Request:
    """Abstain."""
    data = {"person": RUP_PERSON, "matter": "affidamento del lotto 2", "replaced_by": OWNER}
    return fact("record-abstention/1", "segretario", "2022-03-01", data)


def owners(*persons: str, op: str = "16825251008") -> Request:
    """Identify the beneficial owners of an operator."""
    data = {
        "op": op,
        "persons": list(persons),
        "method": "registro",
        "identified_on": "2023-01-10",
        "doc": "visura.pdf",
    }
    return fact("identify-beneficial-owner/1", "rup", None, data)


def with_reason(request: Request) -> Request:
    """Return the request with a reason."""
    return but(request, reason="chiusura disposta dal decreto")
