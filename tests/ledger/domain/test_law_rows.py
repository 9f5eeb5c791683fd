"""The rows of the law, restated from DOMAIN sections 4.3, 7.1, 7.3 and 8."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest

from ledger.domain.law import Effect
from ledger.domain.money import EUR
from ledger.records import load_law
from schemas import files

LAW = load_law()
ROWS = {(row["rule"], row.get("from")): row for row in files.code_rows("law")}
# Rule -> what it does when it is broken, its value, first and last day. Section 4.3, row by row.
RESTATED = {
    ("tuel-183-7", None): ("rifiuta", "visto", None),
    ("tuel-191", None): ("anomalia", "impegno attestazione", None),
    ("tuel-182", None): ("anomalia", "impegno liquidazione ordinazione pagamento", None),
    ("tuel-49", None): ("anomalia", "tecnica contabile", None),
    ("tuel-124-1", None): ("rifiuta", "15", None),
    ("tuel-134-3", None): ("rifiuta", "10", None),
    ("tuel-134-4", None): ("rifiuta", "1/2", None),
    ("l3-11-2bis", "2022-01-01"): ("rifiuta", "nullo", None),
    ("cipe-24", None): ("anomalia", "CUP CIG", None),
    ("l241-21nonies", "2015-08-28"): ("anomalia", "18", "2021-05-31"),
    ("l241-21nonies", "2021-06-01"): ("anomalia", "12", "2025-12-17"),
    ("l241-21nonies", "2025-12-18"): ("anomalia", "6", None),
    ("l241-21quinquies", None): ("calcola", "ex-nunc", None),
    ("l241-6bis", None): ("anomalia", "dichiarazione astensione", None),
    ("rup-nomination", None): ("anomalia", "atto", None),
    ("tuel-107", None): ("anomalia", "dirigente", None),
    ("rrf-17", "2020-02-01"): ("anomalia", "2020-02-01", None),
    # 7.1 and 7.3
    ("dnsh-edition", "2021-12-30"): ("calcola", "2021", "2022-10-12"),
    ("dnsh-edition", "2022-10-13"): ("calcola", "2022", "2024-05-13"),
    ("dnsh-edition", "2024-05-14"): ("calcola", "2024", None),
    ("dnsh-exempt-m1c1", "2022-10-13"): ("rifiuta", "M1C1I1.03 M1C1I1.04", None),
    ("dnsh-climate-analysis", None): ("anomalia", "10000000.00", None),
    ("dl77-47-workers", None): ("anomalia", "15 50", None),
    ("dl77-47-quota", None): ("anomalia", "30", None),
    ("dl155-6quinquies", None): ("anomalia", "90", None),
}
# Rule -> default: the rows of section 4.3 that the regulation of the body decides.
SET_BY_THE_BODY = {
    "det-no-spend": "adozione",
    "albo-determine-days": "15",
    "albo.count_from": "start",
    "albo.interruption": "restart",
}
# Section 8: rule -> (what it is of, basis, years, whole years), fixed day.
KEPT = {
    "ret-rrf": ("tutto", None, 0, False, date(2031, 12, 31)),
    "ret-service": ("servizi", "erogazione", 5, True, None),
    "ret-finreg": ("giustificativi", "saldo", 5, False, None),
    "ret-publication": ("pubblicati", "pubblicazione", 5, True, None),
    "ret-albo": ("albo", "albo", 0, False, None),
    "ret-archive": ("giustificativi", None, 0, False, None),
}


@pytest.mark.parametrize("rule", RESTATED, ids=lambda key: f"{key[0]} {key[1] or ''}".strip())
def test_a_rule_is_as_the_domain_states_it(rule: tuple[str, str | None]) -> None:
    row = ROWS[rule]
    assert (row["effect"], row["value"], row.get("to")) == RESTATED[rule]


def test_what_the_body_sets_has_the_default_of_the_domain() -> None:
    today = date(2026, 9, 1)
    assert {name: LAW.setting(name, today) for name in SET_BY_THE_BODY} == SET_BY_THE_BODY


def test_every_row_says_what_it_is_and_what_comes_of_it() -> None:
    for row in ROWS.values():
        assert row["what"].strip(), row["rule"]
        assert row["effect"] in get_args(Effect), row["rule"]


def test_retention_is_that_of_the_domain() -> None:
    told = {
        one.rule: (one.applies, one.basis, one.years, one.whole_years, one.until)
        for one in LAW.compliance.retention
    }
    assert told == KEPT
    [small] = [one for one in LAW.compliance.retention if one.small is not None]
    assert (small.rule, small.small, small.small_years) == ("ret-finreg", EUR(6_000_000), 3)
