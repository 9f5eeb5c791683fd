"""Facts that raise each finding, and the like that do not. Source: DOMAIN sections 2, 5.5, 7.1, 10."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.ledger.domain.facts import (
    ACT,
    MANAGER,
    RESOLUTION,
    RUP_PERSON,
    adjusted,
    answered,
    attached,
    but,
    ceased,
    completed,
    deliberazione,
    described,
    determina,
    enforceable,
    live,
    nominated,
    observed,
    opened,
    phase,
    published,
    regime,
    registered,
    reviewed,
    service,
    signed,
    visto,
)
from tests.ledger.domain.facts_acts import annulled
from tests.ledger.domain.facts_money import committed
from tests.ledger.domain.facts_procurement import CONTRACT, contract, procedure
from tests.ledger.domain.worlds import ALL_ROLES, CUP, TODAY

if TYPE_CHECKING:
    from tests.ledger.domain.worlds import Request


START = (registered(),)
BEFORE_THE_RULE = determina(on="2021-12-31", subtype="altro", cup_in_text="no")
LIST = (*START, opened(), answered(), signed())
ANTE = {"name": "ante", "comment": "No", "remedy": "Poi", "due_on": "2024-12-31"}
TEST = phase("COLLAUDO", "2024-05-01")
TOLD = {"received": "2023-02-22"}
NAMED = determina(subtype="nomina", on="2022-03-01", number="7")
NAMING = "c_e506/registro-generale/2022/7"

ANNULLING = "c_e506/registro-generale/2024/200"
LATE = annulled(by=ANNULLING, on="2024-01-24")
IN_TIME = annulled(by=ANNULLING, on="2024-01-23")


@dataclass(frozen=True)
class Case:
    """Facts that raise a finding, of this severity and subject, and the like that do not."""

    raised: tuple[Request, ...]
    quiet: tuple[Request, ...]
    severity: str
    subject: str = CUP
    on: str = TODAY


CASES = {
    "cup-unusual": Case(
        (registered(cup="A81C22001220006"),), START, "minor", subject="A81C22001220006"
    ),
    "cup-raw-normalised": Case((registered(cup="c81c22001220006"),), START, "info"),
    "cup-year-late": Case((*START, determina(on="2021-12-01")), (*START, determina()), "minor"),
    "label-outdated": Case(
        (registered(granting_label="MITD", granting_body="DTD"),),
        (registered(granting_label="MITD", granting_body="DTD"), described(granting_label="DTD")),
        "info",
    ),
    "shared-cup": Case((*START, registered(measure="M1C1I1.4.1", on="2022-03-01")), START, "info"),
    "fact-registered-late": Case(
        (but(registered(), received="2022-02-15"),),
        (but(registered(), received="2022-02-14"),),
        "info",
        subject=f"{CUP}#0",
    ),
    "improbable-date": Case(
        (*START, determina(on="1989-12-31", year=1990)),
        (*START, determina(on="1990-01-01")),
        "minor",
        subject="c_e506/registro-generale/1990/100",
    ),
    "annulment-out-of-term": Case(
        (*START, determina(), determina("200", "2024-01-24", subtype="annullamento"), LATE),
        (*START, determina(), determina("200", "2024-01-23", subtype="annullamento"), IN_TIME),
        "serious",
        subject=ACT,
    ),
    "contract-before-eligibility": Case(
        (*START, procedure(on="2020-01-10"), contract(on="2020-01-31")),
        (*START, procedure(on="2020-01-10"), contract(on="2020-02-01")),
        "critical",
        subject=CONTRACT,
    ),
    "act-registered-late": Case(
        (*START, but(determina(), received="2023-02-23")),
        (*START, but(determina(), **TOLD)),
        "minor",
        subject=ACT,
    ),
    "cup-missing-in-text": Case(
        (*START, determina(subtype="nomina", cup_in_text="no")),
        (*START, determina()),
        "serious",
        subject=ACT,
    ),
    "cup-wrong-in-document": Case(
        (*START, determina(cup_in_text="errato")), (*START, determina()), "serious", subject=ACT
    ),
    "cig-missing": Case(
        (*START, determina(cigs=[])),
        (*START, determina(cigs=[], cig_absence="017")),
        "serious",
        subject=ACT,
    ),
    "act-year-mismatch": Case(
        (*START, determina(on="2022-12-30", year=2023)), (*START, determina()), "minor", subject=ACT
    ),
    "visto-missing-late": Case(
        (*START, determina()), (*START, determina()), "serious", subject=ACT, on="2023-02-23"
    ),
    "endorsement-by-signatory": Case(
        (*START, determina(), visto(by_person=MANAGER)),
        (*START, determina(), visto()),
        "serious",
        subject=ACT,
    ),
    "publication-missing": Case(
        (*START, determina()), (*START, determina()), "serious", subject=ACT, on="2023-02-23"
    ),
    "publication-late": Case(
        (*START, determina(), published(from_="2023-02-23", to="2023-03-10")),
        (*START, determina(), published(from_="2023-02-22", to="2023-03-10")),
        "minor",
        subject=ACT,
    ),
    "enforceability-by-policy": Case(
        (
            *START,
            deliberazione(),
            published(RESOLUTION, "2022-06-10", "2022-06-25"),
            enforceable(RESOLUTION, "2022-06-20", "tuel-134-3", "segretario"),
        ),
        (*START, determina(), visto(), enforceable()),
        "info",
        subject=RESOLUTION,
    ),
    "role-without-act": Case(
        (*START, nominated()),
        (*START, NAMED, nominated(from_="2022-03-01", act=NAMING)),
        "serious",
        subject=f"rup/{RUP_PERSON}/2022-02-01",
    ),
    "role-retroactive": Case(
        (*START, NAMED, nominated(from_="2022-02-28", act=NAMING)),
        (*START, NAMED, nominated(from_="2022-03-01", act=NAMING)),
        "serious",
        subject=f"rup/{RUP_PERSON}/2022-02-28",
    ),
    "rup-overlap": Case(
        (
            *START,
            nominated(),
            ceased(to="2023-06-01"),
            nominated(from_="2023-06-01", person=MANAGER),
        ),
        (
            *START,
            nominated(),
            ceased(to="2023-05-31"),
            nominated(from_="2023-06-01", person=MANAGER),
        ),
        "serious",
        subject=f"rup/{MANAGER}/2023-06-01",
    ),
    "incompatible-roles": Case(
        (*START, nominated(), nominated("responsabile-finanziario")),
        (*START, nominated(), nominated("responsabile-finanziario", person=MANAGER)),
        "serious",
        subject=f"responsabile-finanziario/{RUP_PERSON}/2022-02-01",
    ),
    "dnsh-edition-superseded": Case(
        (*START, regime(edition="2022")), (*START, regime(edition="2024")), "info"
    ),
    "dnsh-ex-ante-no": Case(
        (*START, opened("ante", "ex-ante"), answered("NO", **ANTE)),
        (*START, opened("ante", "ex-ante"), answered("NO", **ANTE), answered("SI", name="ante")),
        "critical",
        subject="ante",
    ),
    "dnsh-ex-post-no": Case(
        (*START, opened(), answered("NO", comment="No")), LIST, "critical", subject="dnsh-post"
    ),
    "checklist-unsigned": Case(
        (*START, opened(), answered()), LIST, "serious", subject="dnsh-post"
    ),
    "review-stale": Case(
        (*LIST, reviewed(), answered(row="2")), (*LIST, reviewed()), "serious", subject="dnsh-post"
    ),
    "review-ko": Case(
        (*LIST, reviewed("KO", comment="Manca la prova")),
        (
            *LIST,
            reviewed("KO", comment="Manca la prova"),
            but(reviewed(), signed_by=ALL_ROLES),
        ),
        "serious",
        subject="dnsh-post",
    ),
    "dnsh-not-closed": Case(
        (*START, opened(), TEST, but(completed("COLLAUDO", "2024-07-01"), reason="Urgenza")),
        (*LIST, TEST, completed("COLLAUDO", "2024-07-01")),
        "critical",
        subject="dnsh-post",
    ),
    "phase-disagrees-national": Case(
        (*START, phase("ESECUZIONE", "2023-03-01"), observed("E")),
        (*START, TEST, completed("COLLAUDO", "2024-07-01"), observed("E")),
        "serious",
    ),
    "national-state-back": Case(
        (*START, observed("E"), observed("A", at="2026-08-18T09:00:00Z")),
        (*START, observed("R"), observed("E", at="2026-08-18T09:00:00Z")),
        "serious",
    ),
    "phase-skipped-without-reason": Case(
        (*START, phase("PROGETTAZIONE", "2022-03-01")),
        (*START, phase("DA_ATTIVARE", "2022-01-15"), phase("PROGETTAZIONE", "2022-03-01")),
        "minor",
        subject=f"{CUP}/DA_ATTIVARE",
    ),
    "igrue-041": Case(
        (*START, phase("ESECUZIONE", "2023-03-01"), TEST, completed("COLLAUDO", "2024-07-01")),
        (
            *START,
            phase("ESECUZIONE", "2023-03-01"),
            completed("ESECUZIONE", "2024-04-30"),
            TEST,
            completed("COLLAUDO", "2024-07-01"),
        ),
        "serious",
        subject=f"{CUP}/COLLAUDO",
    ),
    "improved-mode-undeclared": Case(
        (*START, service(mode="A", destination="iaas"), live()),
        (
            *START,
            service(mode="A", destination="iaas"),
            live(improved_declaration="dichiarazione.pdf"),
        ),
        "serious",
        subject="s01",
    ),
    "price-increase-without-source": Case(
        (*START, adjusted(("PNRR", "1.00"), cause="incremento-prezzi")),
        (*START, adjusted(("FOI", "1.00"), cause="incremento-prezzi")),
        "serious",
        subject=f"{CUP}#1",
    ),
    "personal-data-in-name": Case(
        (
            *START,
            but(
                attached("contratto_RSSMRA85T10A562S.pdf"),
                not_personal={"/files": ["tax-code"]},
            ),
        ),
        (*START, attached("contratto_80008510754.pdf")),
        "serious",
        subject=f"{CUP}#1",
    ),
    "personal-data-in-text": Case(
        (*START, but(attached(note="tel. 0832 682111"), not_personal={"/data/note": ["phone"]})),
        (*START, attached(note="prot. n. 3401234567")),
        "serious",
        subject=f"{CUP}#1",
    ),
}
# Findings that come with time: the last quiet day.
QUIET_UNTIL = {"visto-missing-late": "2023-02-22", "publication-missing": "2023-02-22"}
SEVERE = {
    "an act registered after a year": (
        (*START, but(determina(), received="2024-01-24")),
        "act-registered-late",
        "serious",
        TODAY,
    ),
    "an act registered after a year to the day": (
        (*START, but(determina(), received="2024-01-23")),
        "act-registered-late",
        "minor",
        TODAY,
    ),
    "a fact registered after a year": (START, "fact-registered-late", "minor", TODAY),
    "a financing act without CUP": (
        (*START, determina(cup_in_text="no", void=True)),
        "cup-missing-in-text",
        "critical",
        TODAY,
    ),
    "an act without CUP on which money was committed": (
        (*START, BEFORE_THE_RULE, committed(act=ACT.replace("/2023/", "/2021/"))),
        "cup-missing-in-text",
        "critical",
        TODAY,
    ),
    "an act that spends by its commitments and has no force": (
        (*START, determina(subtype="altro"), committed()),
        "visto-missing-late",
        "serious",
        TODAY,
    ),
    "an ex ante NO on its due day": (
        (*START, opened("ante", "ex-ante"), answered("NO", **ANTE)),
        "dnsh-ex-ante-no",
        "serious",
        "2024-12-31",
    ),
}
