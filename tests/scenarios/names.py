"""The scenarios of DOMAIN section 14 by name, with the test that tells each.

    "wrong-cup": "test_acts.py"            test_wrong_cup there; a longer name may follow the scenario's
    "consip-skip": "test_procurement.py::test_consip_skip_and_no_design_for_services"

A scenario that is told may still wait for a finding: what the fact is and what the state shows is
tested, and the finding is not yet declared (`WAITS`, by its code), or its remedy is not yet shown
(`REMEDY_WAITS`, by the code of the finding that it remedies). Paths are below tests/scenarios.
"""

from __future__ import annotations

from typing import Final

_SIGNATURES: Final = "test_compliance.py::test_facets_stay_separate"

SCENARIOS: Final = {
    # 1 to 6, 15 and 16: acts
    "split-that-does-not-divide": "test_acts.py",
    "one-cig-2449-cups": "test_many_cups.py",
    "annulled-after-payment": "test_acts.py",
    "partial-and-back": "test_acts.py",
    "revoked-ex-nunc": "test_acts.py",
    "rectified-twice-out-of-order": "test_acts.py",
    "fourteen-months-late": "test_acts.py",
    "wrong-cup": "test_acts.py",
    "wrong-cup-in-signed-pdf": "test_acts.py",
    "published-late": "test_acts.py",
    "albo-down": "test_acts.py",
    "tenth-day": "test_acts.py",
    "new-year": "test_acts.py",
    "visto-refused-then-given": "test_acts.py",
    "visto-after-payment": "test_acts.py",
    "enforceability-without-visto": "test_acts.py",
    # 7, 8, 10, 13, 14 and 23: codes, people, bodies
    "typo-cup": "test_texts.py",
    "revoked-then-replaced": "test_life.py",
    "same-cup-again": "test_life.py",
    "shared-cup": "test_life.py",
    "rup-changes-mid-award": "test_life.py",
    "interim-during-illness": "test_life.py",
    "acting-before-nomination": "test_life.py",
    "nomination-without-act": "test_life.py",
    "one-person-town": "test_life.py",
    "began-before-cup": "test_life.py",
    "signed-2020-01-31": "test_procurement.py",
    "completed-before-contract": "test_procurement.py",
    "economia-without-order": "test_life.py",
    "union-signs": "test_procurement.py",
    "body-merges": "test_oversight.py",
    # 9, 11 and 12: tenders, contracts, phases
    "smartcig-becomes-cig": "test_procurement.py",
    "derived-cig": "test_procurement.py",
    "no-cig-reason-017": "test_procurement.py",
    "cig-originario-in-text": "test_procurement.py",
    "cig-cancelled-in-use": "test_procurement.py",
    "deserted-tender": "test_procurement.py",
    "consip-skip": "test_procurement.py::test_consip_skip_and_no_design_for_services",
    "no-design-for-services": "test_procurement.py::test_consip_skip_and_no_design_for_services",
    "parallel-lots": "test_procurement.py",
    "regis-says-02002": "test_procurement.py",
    "supplier-merger": "test_procurement.py",
    "mandante-quits": "test_procurement.py",
    "subcontract-after-work": "test_procurement.py",
    # 17 and 18: money
    "mixed-sources": "test_money.py",
    "over-total-not-over-pnrr": "test_money.py",
    "recovery-below-zero": "test_money.py",
    "reduction-before-commitment": "test_money.py",
    "price-increase-revoked": "test_money.py",
    "measure-defunded": "test_money.py",
    "measure-renamed": "test_money.py",
    "ministry-renamed": "test_money.py",
    # 19 to 21 and 24: DNSH, documents, signatures inside files, keeping
    "edition-changes-twice": "test_compliance.py",
    "late-exemption": "test_compliance.py",
    "ten-day-gap": "test_compliance.py",
    "na-without-reason": "test_compliance.py",
    "redaction-leaks": "test_compliance.py",
    "name-in-file-name": "test_compliance.py",
    "owner-asks-erasure": "test_compliance.py",
    "cached-page": "test_compliance.py",
    "expired-certificate": _SIGNATURES,
    "revoked-later": "test_compliance.py",
    "p7m-in-p7m": _SIGNATURES,
    "base64-p7m": _SIGNATURES,
    "indefinite-ber": _SIGNATURES,
    "invalid-pdf-a": _SIGNATURES,
    "one-file-under-two-names": "test_compliance.py",
    "hold-at-expiry": "test_oversight.py",
    # 22: time
    "clock-skew": "test_time.py",
    "double-submit": "test_time.py",
    "two-offices": "test_time.py",
    "four-hundred-old-acts": "test_time.py",
    "29-february": "test_time.py",
    "dst-night": "test_time.py",
    "31-december-23-30-utc": "test_time.py",
    # 25 and 26: keys, oversight
    "stolen-key": "../api/cli/test_stolen_key.py::"
    "test_what_a_stolen_key_signed_is_contested_until_its_holder_reaffirms_it",
    "partial-then-negative": "test_oversight.py",
    "disbursed-then-revoked": "test_oversight.py",
    # 27: texts
    "accents-and-apostrophes": "test_texts.py",
    "amounts-parse-to-one-or-are-refused": "test_texts.py",
    "nbsp-inside-a-cup": "test_texts.py",
    "names-in-two-languages": "test_texts.py",
}

WAITS: Final = {
    "annulled-after-payment": "annulled-with-payments",
    "acting-before-nomination": "acting-before-nomination",
    "one-person-town": "sod-exception-in-use",
    "completed-before-contract": "completed-before-contract",
    "economia-without-order": "service-order-missing",
    "visto-after-payment": "endorsement-late",
    "over-total-not-over-pnrr": "total-paid-above-funding",
    "clock-skew": "backdated",
    "cig-cancelled-in-use": "cig-cancelled-in-use",
    "subcontract-after-work": "subcontract-late",
    "partial-then-negative": "asseveration-negative",
    "ten-day-gap": "certificate-gap",
    "redaction-leaks": "redaction-leak",
    "one-file-under-two-names": "same-file-twice",
}

REMEDY_WAITS: Final = {
    "wrong-cup-in-signed-pdf": "cup-wrong-in-document",
    "began-before-cup": "contract-before-eligibility",
    "economia-without-order": "service-order-missing",
}
