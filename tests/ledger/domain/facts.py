"""Facts of an intervention as requests, each with sound values; a test changes what it is about.

    determina("100", "2023-01-23", subtype="impegno")      data by name
    but(visto(ACT), role="rup")                            members of the request by name

Source of the example: DOMAIN section 1 (Comune di Lecce, M1C1I1.2); acts and days are invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.worlds import CUP, event_id

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

RUP_PERSON = "p_" + "a" * 26
MANAGER = "p_" + "b" * 26
ACCOUNTANT = "p_" + "c" * 26
ACT = "c_e506/registro-generale/2023/100"
RESOLUTION = "c_e506/deliberazioni-giunta/2022/210"
DECREE = {"number": "12 - 1/2022 - PNRR", "on": "2022-05-23"}
DIGEST = "ab" * 32


def but(request: Request, **members: Any) -> Request:  # noqa: ANN401  members of a request
    """Return the request with other members: role, signed_by, received, occurred_on, cup, reason."""
    return {**request, **members}


def without(request: Request, *members: str) -> Request:
    """Return the request without some members."""
    return {name: value for name, value in request.items() if name not in members}


def fact(command: str, role: str, on: str | None, data: dict[str, Any], **more: Any) -> Request:  # noqa: ANN401
    """Return a request about CUP, its data changed by `more`."""
    request = {"command": command, "cup": CUP, "role": role, "data": {**data, **more}}
    return {**request, "occurred_on": on} if on else request


def registered(cup: str = CUP, on: str = "2022-01-15", **more: Any) -> Request:  # noqa: ANN401
    """Register an intervention."""
    data = {
        "cup": cup,
        "title": "Abilitazione al cloud per le PA locali",
        "measure": "M1C1I1.2",
        "body": {"ipa": "c_e506", "tax_code": "80008510754"},
        "natura": "02",
        "decided_in": 2022,
    }
    return but(fact("register-intervention/2", "rup", on, data, **more), cup=cup)


def described(**more: Any) -> Request:  # noqa: ANN401
    """Describe the intervention anew."""
    return fact("describe-intervention/1", "rup", "2022-02-01", {}, **more)


def service(item: str = "s01", on: str = "2022-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Add a service that is moved from the premises to SaaS."""
    data = {
        "item": item,
        "name": "Protocollo",
        "funded": True,
        "mode": "B",
        "origin": "on-premise-strutturato",
        "destination": "saas",
    }
    return fact("add-scope-item/1", "rup", on, data, **more)


def live(item: str = "s01", on: str = "2023-09-01", **more: Any) -> Request:  # noqa: ANN401
    """Complete a service."""
    data = {"item": item, "live_on": on, "mode": "B", "destination": "saas"}
    return fact("complete-scope-item/1", "rup", None, data, **more)


def determina(number: str = "100", on: str = "2023-01-23", **more: Any) -> Request:  # noqa: ANN401
    """Register a spending determina with its CIG, the CUP in its text."""
    said = {"subtype": "impegno", **more}
    return _act("register-determina/1", "registro-generale", number, on, **said)


def deliberazione(number: str = "210", on: str = "2022-06-09", **more: Any) -> Request:  # noqa: ANN401
    """Register a deliberazione of the Giunta that adheres to the notice."""
    said = {"subtype": "adesione-avviso", "organ": "giunta", **more}
    return _act("register-deliberazione/1", "deliberazioni-giunta", number, on, **said)


def _act(command: str, register: str, number: str, on: str, **more: Any) -> Request:  # noqa: ANN401
    return without(fact(command, "dirigente", None, _data(number, on, register, **more)), "cup")


def _data(number: str, on: str, register: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "register": register,
        "year": int(on[:4]),
        "number": number,
        "adopted_on": on,
        "subject": "Migrazione al cloud",
        "office": "Sistemi informativi",
        "signatory": MANAGER,
        "links": [{"cup": CUP}],
        "cup_in_text": "si",
        "file": f"atto-{number}.pdf",
        "cigs": ["95156957EC"],
    } | more


def visto(act: str = ACT, on: str = "2023-01-23", **more: Any) -> Request:  # noqa: ANN401
    """Give the visto di regolarità contabile."""
    data = {"act": act, "by_person": ACCOUNTANT}
    return without(fact("give-endorsement/1", "finanziario", on, data, **more), "cup")


def enforceable(
    act: str = ACT, on: str = "2023-01-24", rule: str = "tuel-183-7", role: str = "finanziario"
) -> Request:
    """Record the day from which an act has force."""
    data = {"act": act, "effective_on": on, "rule_id": rule}
    return without(fact("record-enforceability/1", role, None, data), "cup")


def published(
    act: str = ACT,
    from_: str = "2023-01-25",
    to: str = "2023-02-09",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Publish an act at the albo."""
    data = {"act": act, "albo_number": "77", "from": from_, "to": to, "version": "integrale"}
    return without(fact("publish-act/1", "pubblicatore", None, data, **more), "cup")


def nominated(role: str = "rup", from_: str = "2022-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Nominate a person to a role of the law."""
    data = {"person": RUP_PERSON, "role": role, "from": from_}
    return fact("assign-role/1", "dirigente", None, data, **more)


def ceased(role: str = "rup", to: str = "2023-05-31", **more: Any) -> Request:  # noqa: ANN401
    """End a nomination."""
    data = {"person": RUP_PERSON, "role": role, "to": to, "cause": "trasferimento"}
    return fact("end-role/1", "dirigente", None, data, **more)


def excepted(*roles: str, from_: str = "2022-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Return a request that declares an exception to the separation of duties, by ACT."""
    data = {"person": MANAGER, "cause": "comune fino a 5.000 abitanti", "act": ACT}
    request = fact("declare-sod-exception/1", "segretario", None, {**data, "from": from_})
    request["data"] |= {"roles": list(roles), **more}
    return request


def phase(name: str, on: str, **more: Any) -> Request:  # noqa: ANN401
    """Enter a phase."""
    return fact("enter-phase/1", "rup", on, {"phase": name}, **more)


def completed(name: str, on: str, **more: Any) -> Request:  # noqa: ANN401
    """Complete a phase."""
    return fact("complete-phase/1", "rup", on, {"phase": name}, **more)


def reverted(from_phase: str, to_phase: str, on: str, **more: Any) -> Request:  # noqa: ANN401
    """Go back to an earlier phase."""
    data = {"from_phase": from_phase, "to_phase": to_phase, "cause": "gara deserta"}
    return fact("revert-phase/1", "rup", on, data, **more)


def funded(
    amount: str = "319556.00",
    source: str = "PNRR",
    on: str = "2022-05-23",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Grant money on one source."""
    data = {"source": source, "amount": amount, "decree": DECREE, "instrument": "decreto"}
    return fact("record-funding/1", "rup", on, data, **more)


def adjusted(
    *movements: tuple[str, str],
    cause: str = "rideterminazione",
    on: str = "2023-03-01",
    decree: str = "7/2023",
) -> Request:
    """Adjust the funding of some sources, `("PNRR", "-10.00")`."""
    data = {
        "movements": [{"source": source, "delta": delta} for source, delta in movements],
        "cause": cause,
        "decree": {"number": decree, "on": "2023-03-01"},
    }
    return fact("record-funding-adjustment/1", "finanziario", on, data)


def regime(kind: str = "2", edition: str = "2024", on: str = "2024-06-01", **more: Any) -> Request:  # noqa: ANN401
    """Determine the DNSH regime."""
    data = {"regime": kind, "edition": edition, "sheets": [3, 6, 8], "cause": "Allegato 4"}
    return fact("determine-dnsh-regime/1", "rup", on, data, **more)


def opened(name: str = "dnsh-post", stage: str = "ex-post", on: str = "2024-06-02") -> Request:
    """Open a checklist."""
    data = {"checklist": name, "template": "dnsh-6", "version": "2024", "stage": stage}
    return fact("open-checklist/1", "rup", on, data)


def answered(answer: str = "SI", row: str = "1", name: str = "dnsh-post", **more: Any) -> Request:  # noqa: ANN401
    """Answer a row of a checklist."""
    data = {"checklist": name, "row": row, "answer": answer}
    return fact("answer-checklist/1", "rup", "2024-06-03", data, **more)


def signed(name: str = "dnsh-post", on: str = "2024-06-04") -> Request:
    """Sign a checklist."""
    return fact("sign-checklist/1", "rup", on, {"checklist": name})


def reviewed(outcome: str = "OK", level: int = 2, name: str = "dnsh-post", **more: Any) -> Request:  # noqa: ANN401
    """Review a checklist."""
    data = {"checklist": name, "level": level, "outcome": outcome}
    return fact("review-checklist/1", "segretario", "2024-06-05", data, **more)


def attached(doc: str = "relazione.pdf", **more: Any) -> Request:  # noqa: ANN401
    """Attach a document."""
    data = {"doc": doc, "kind": "nota", "form": "originale"}
    return fact("attach-document/2", "istruttore", "2023-02-01", data, **more)


def observed(state: str = "A", on: str = "2023-03-03", at: str = "2026-08-17T09:00:00Z") -> Request:
    """Observe the national state."""
    data = {
        "source": "padigitale2026",
        "digest": DIGEST,
        "observed_at": at,
        "avviso": "1.2 Comuni aprile 2022",
        "state": state,
        "state_on": on,
        "amount": "319556.00",
        "submitted_at": "2022-06-28T10:00:02Z",
        "raw": "riga",
    }
    return fact("observe-national-state/1", "importatore", None, data)


def exported(on: str = "2026-08-20", **more: Any) -> Request:  # noqa: ANN401
    """Hand out a package."""
    head = {"size": 10, "root": DIGEST}
    data = {"scope": "completo", "as_of": head, "manifest": DIGEST}
    return fact("export-package/1", "segretario", on, data, **more)


def corrected(*numbers: int, role: str = "rup", on: str = "2026-08-01") -> Request:
    """Correct the events of these places in the log."""
    request = fact("correct-error/1", role, on, {"cause": "errore di battitura"})
    return without(but(request, corrects=[event_id(number) for number in numbers]), "cup")
