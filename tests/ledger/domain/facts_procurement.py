"""Facts of procurement, contracts, schedules and targets as requests; see tests.ledger.domain.facts.

procedure(), awarded(), contract()      one procedure by CIG with an award and a contract
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ledger.domain.facts import ACT, RUP_PERSON, fact, without
from tests.ledger.domain.worlds import CUP, OTHER_CUP

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request

SIMOG = "95156957EC"
PCP = "B1A5544327"
DERIVED = "B208D051B7"
SMART = "Z8A3C532CF"
CONTRACT = f"{SIMOG}/1"
SUPPLIER = "16825251008"
PARTNER = "08558150150"
MERGED = "80008510754"
TEAM = (
    {"op": SUPPLIER, "role": "mandataria", "amount": "70000.00"},
    {"op": PARTNER, "role": "mandante", "amount": "30000.00"},
)
BOTH = ({"cup": CUP, "amount": "60000.00"}, {"cup": OTHER_CUP, "amount": "40000.00"})


def procedure(key: str = SIMOG, on: str = "2022-10-03", **more: Any) -> Request:  # noqa: ANN401
    """Start a procedure; its code is its key."""
    data: dict[str, Any] = {"procedure": key, "kind": "23"}
    code = {} if key.startswith("nocig/") or "cig" in more else {"cig": key}
    return fact("start-procurement/1", "rup", on, {**data, **code}, **more)


def acquired(cig: str = PCP, key: str = SIMOG, on: str = "2022-11-02", **more: Any) -> Request:  # noqa: ANN401
    """Acquire a code."""
    data = {"procedure": key, "cig": cig, "acquired_on": on}
    return fact("acquire-cig/1", "rup", None, data, **more)


def replaced(old: str, new: str, cause: str = "derivato", **more: Any) -> Request:  # noqa: ANN401
    """Replace a code by another."""
    data = {"old": old, "new": new, "cause": cause}
    return fact("replace-cig/1", "rup", "2022-11-10", data, **more)


def cancelled(cig: str = SIMOG, on: str = "2023-12-01") -> Request:
    """Cancel a code."""
    return fact("cancel-cig/1", "rup", on, {"cig": cig, "cause": "acquisito per errore"})


def deserted(key: str = SIMOG, on: str = "2022-12-01", **more: Any) -> Request:  # noqa: ANN401
    """Record that a procedure led to nothing."""
    data = {"procedure": key, "outcome": "deserta"}
    return fact("record-failed-procurement/1", "rup", on, data, **more)


def awarded(key: str = SIMOG, on: str = "2023-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Award a procedure, by ACT."""
    data = {
        "procedure": key,
        "operators": [{"op": SUPPLIER, "role": "singolo"}],
        "amount": "100000.00",
        "act": ACT,
    }
    return fact("award-contract/1", "dirigente", on, data, **more)


def contract(name: str = CONTRACT, on: str = "2023-03-01", **more: Any) -> Request:  # noqa: ANN401
    """Sign a contract of two operators over a year."""
    data = {
        "contract": name,
        "procedure": name.rpartition("/")[0],
        "operators": list(TEAM),
        "amount": "100000.00",
        "file": "contratto.pdf.p7m",
        "kind": "contratto",
        "starts_on": "2023-03-15",
        "ends_on": "2024-03-14",
    }
    return fact("sign-contract/1", "dirigente", on, data, **more)


def amended(kind: str, on: str = "2023-09-01", **more: Any) -> Request:  # noqa: ANN401
    """Amend the contract."""
    return fact("amend-contract/1", "rup", on, {"contract": CONTRACT, "kind": kind}, **more)


def subcontracted(on: str = "2023-05-02", **more: Any) -> Request:  # noqa: ANN401
    """Authorise a subcontract."""
    data = {"contract": CONTRACT, "op": MERGED, "amount": "5000.00"}
    return fact("authorise-subcontract/1", "rup", on, data, **more)


def succeeded(
    old: str = PARTNER, new: str = MERGED, cause: str = "fusione", on: str = "2023-10-02"
) -> Request:
    """Put an operator in the place of another."""
    data = {"contract": CONTRACT, "old": old, "new": new, "cause": cause, "deed": "atto.pdf"}
    return fact("replace-supplier/1", "rup", on, data, explanation="nota del fornitore")


def terminated(on: str = "2024-01-10", **more: Any) -> Request:  # noqa: ANN401
    """Terminate the contract."""
    data = {"contract": CONTRACT, "cause": "grave inadempimento"}
    return fact("terminate-contract/1", "dirigente", on, data, **more)


def progress(number: int = 1, on: str = "2023-07-03", **more: Any) -> Request:  # noqa: ANN401
    """Certify a statement of progress."""
    data = {"contract": CONTRACT, "number": number, "amount": "20000.00", "doc": "sal.pdf"}
    return fact("certify-progress/1", "rup", on, data, **more)


def executed(
    *signers: str,
    started: str = "2023-03-20",
    ended: str = "2023-12-15",
    **more: Any,  # noqa: ANN401
) -> Request:
    """Certify that the service s01 was carried out."""
    data = {
        "contract": CONTRACT,
        "kind": "cre",
        "signers": list(signers or (RUP_PERSON,)),
        "items": [{"item": "s01", "started_on": started, "completed_on": ended}],
        "doc": "cre.pdf.p7m",
    }
    return fact("certify-execution/1", "rup", "2023-12-20", data, **more)


def reported(on: str = "2023-06-01", **more: Any) -> Request:  # noqa: ANN401
    """Receive a report on equal opportunity."""
    data = {"op": SUPPLIER, "kind": "rapporto-biennale", "doc": "rapporto.pdf"}
    return fact("receive-equal-opportunity-report/1", "rup", on, data, **more)


def span(phase: str, from_: str, to: str, **more: str) -> dict[str, str]:
    """Return a planned phase."""
    return {"phase": phase, "from": from_, "to": to, **more}


PLAN = (
    span("AFFIDAMENTO", "2022-09-01", "2023-02-28"),
    span("ESECUZIONE", "2023-03-01", "2024-05-31"),
)
LATER = (PLAN[0], span("ESECUZIONE", "2023-03-01", "2024-08-31"))


def baselined(*phases: dict[str, str], on: str = "2022-07-01", **more: Any) -> Request:  # noqa: ANN401
    """Plan the first schedule."""
    return fact("baseline-schedule/1", "rup", on, {"phases": list(phases or PLAN)}, **more)


def rebaselined(*phases: dict[str, str], on: str = "2024-02-01", **more: Any) -> Request:  # noqa: ANN401
    """Plan another schedule."""
    data = {"phases": list(phases or LATER), "cause": "proroga del fornitore"}
    return fact("rebaseline-schedule/1", "rup", on, data, **more)


def asked(name: str = "p-1", deadline: str = "completamento", until: str = "2024-12-31") -> Request:
    """Ask for more time."""
    data = {"extension": name, "deadline": deadline, "until_on": until, "cause": "forniture"}
    return fact("request-extension/1", "rup", "2024-01-15", data)


def decided(name: str = "p-1", outcome: str = "concessa", **more: Any) -> Request:  # noqa: ANN401
    """Record the answer to a request of more time."""
    data = {"extension": name, "outcome": outcome, "decision": "nota DTD 77"}
    return fact("record-extension-decision/1", "rup", "2024-02-15", data, **more)


def skipped(phase: str, cause: str = "adesione a Consip", **more: Any) -> Request:  # noqa: ANN401
    """Declare that a phase is not foreseen."""
    return fact("skip-phase/1", "rup", "2022-09-15", {"phase": phase, "cause": cause}, **more)


def planned(value: str = "1", on: str = "2022-07-01", **more: Any) -> Request:  # noqa: ANN401
    """Plan an indicator."""
    data = {"indicator": "T0079", "kind": "output", "value": value, "unit": "amministrazioni"}
    return fact("plan-indicator/1", "rup", on, data, **more)


def measured(value: str = "1", on: str = "2024-05-31", **more: Any) -> Request:  # noqa: ANN401
    """Measure the indicator."""
    return fact("measure-indicator/1", "rup", on, {"indicator": "T0079", "value": value}, **more)


def linked(milestone: str = "M1C1-139", **more: Any) -> Request:  # noqa: ANN401
    """Link a milestone."""
    return fact("link-milestone/1", "rup", "2022-07-01", {"milestone": milestone}, **more)


def reached(value: str = "1", on: str = "2024-06-01", **more: Any) -> Request:  # noqa: ANN401
    """Record a target reached."""
    data = {"milestone": "M1C1-139", "value": value, "evidence": "verbale.pdf"}
    return fact("record-target/1", "rup", on, data, **more)


def without_cup(request: Request) -> Request:
    """Return a request whose CUPs are named by its links alone."""
    return without(request, "cup")
