"""Findings about contracts. Source: DOMAIN sections 4.3 and 10.2."""

from __future__ import annotations

from ledger.domain.days import format_day_it, parse_date
from ledger.domain.rules.finding import Raised, View, finding

ELIGIBLE = "rrf-17"  # the first day on which a measure may have begun


@finding(
    "contract-before-eligibility",
    severity="critical",
    it="Il contratto {subject} è del {day}: si finanzia ciò che comincia dal {first}.",
    en="Contract {subject} is of {day}: what began from {first} on is financed.",
    source="Reg. (UE) 2021/241 art. 17; FAQ p-022",
)
def contract_before_eligibility(view: View) -> Raised:
    """Find contracts signed before the first day on which a measure may have begun."""
    row = view.law.row(ELIGIBLE, view.day)
    first = None if row is None else parse_date(row.value)
    for contract in view.dossier.contracts.signed:
        if first is not None and contract.on < first:
            yield {
                "subject": contract.contract,
                "index": contract.index,
                "day": format_day_it(contract.on),
                "first": format_day_it(first),
            }
