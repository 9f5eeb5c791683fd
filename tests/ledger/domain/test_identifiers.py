"""What all identifiers have in common, and the kinds that are only a shape."""

from __future__ import annotations

import copy
import pickle

import pytest

from ledger.domain.codes import CPV, CUI, Indicator, NoticeCode
from ledger.domain.identifiers import (
    CLP,
    CUP,
    IPA,
    ActKey,
    Identifier,
    Istat,
    Measure,
    PersonRef,
    ServiceItem,
    ShortId,
    TaxCode,
)
from ledger.domain.keys import (
    Alias,
    CommitmentKey,
    ContractKey,
    InvoiceId,
    OperatorKey,
    PaymentKey,
    ProcedureKey,
)
from ledger.errors import ShapeError

PERSON = "p_" + "abcdefghijklmnopqrstuvwxyz234567"[:26]

TAKEN: dict[str, tuple[type[Identifier], str, str]] = {
    "IPA of a comune": (IPA, "c_e506", "c_e506"),
    "IPA in upper case": (IPA, "C_E506", "c_e506"),
    "IPA without prefix": (IPA, "gsu_tv", "gsu_tv"),
    "IPA of letters": (IPA, "RHARNICS", "rharnics"),
    "IPA of a school, 16 characters": (IPA, "istsc_leic8aa00x", "istsc_leic8aa00x"),
    "comune": (Istat, "075035", "075035"),
    "provincia": (Istat, "075", "075"),
    "regione": (Istat, "16", "16"),
    "CLP of PA digitale": (CLP, "PRJ_120COM0422X_004891", "PRJ_120COM0422X_004891"),
    "CLP of a measure": (CLP, "M4C1I2.1-2022-941-P-9685", "M4C1I2.1-2022-941-P-9685"),
    "CLP with slashes": (CLP, "76554/EP/FP", "76554/EP/FP"),
    "CLP in mixed case": (CLP, "2.2_PUGLIA_Otranto", "2.2_PUGLIA_OTRANTO"),
    "CLP with hash": (CLP, "MWBDAP#413411", "MWBDAP#413411"),
    "CUI": (CUI, "S08558150150202200073", "S08558150150202200073"),
    "CPV": (CPV, "72268000-1", "72268000-1"),
    "notice": (NoticeCode, " Padigitale-1.2-Comuni-2022-04 ", "padigitale-1.2-comuni-2022-04"),
    "CPV without check digit": (CPV, "72268000", "72268000"),
    "indicator": (Indicator, "t0079", "T0079"),
    "person": (PersonRef, PERSON, PERSON),
    "service": (ServiceItem, "S01", "s01"),
    "hundredth service": (ServiceItem, "s100", "s100"),
    "short id": (ShortId, "dnsh-ex-ante-6", "dnsh-ex-ante-6"),
    "alias": (Alias, "@rup", "@rup"),
    "commitment": (CommitmentKey, "C_E506/2024/1577", "c_e506/2024/1577"),
    "commitment with sub-number": (CommitmentKey, "c_e506/2024/1577/2", "c_e506/2024/1577/2"),
    "payment": (PaymentKey, "c_e506/2024/8122/1", "c_e506/2024/8122/1"),
    "invoice": (InvoiceId, "12345678901", "12345678901"),
    "procedure": (ProcedureKey, "b1a5544327", "B1A5544327"),
    "procedure without CIG": (ProcedureKey, "nocig/Ordine-3", "nocig/ordine-3"),
    "contract": (ContractKey, "b1a5544327/1", "B1A5544327/1"),
    "contract without CIG": (ContractKey, "nocig/ordine-3/12", "nocig/ordine-3/12"),
    "operator": (OperatorKey, "16825251008", "16825251008"),
    "operator abroad": (OperatorKey, "x:ch:CHE123", "x:CH:CHE123"),
    "operator masked": (OperatorKey, "****************", "****************"),
    "operator who is a person": (OperatorKey, PERSON, PERSON),
}
REFUSED: dict[str, tuple[type[Identifier], str, str]] = {
    "IPA of 21 characters": (IPA, "istsc_leic8aa00xyz000", "ipa-malformed"),
    "IPA like an issuer without code": (IPA, "x-regione-svizzera", "ipa-malformed"),
    "IPA as the name of the body": (IPA, "Comune di Lecce", "ipa-malformed"),
    "IPA empty": (IPA, "", "ipa-malformed"),
    "IPA with accent": (IPA, "c_è506", "ipa-malformed"),
    "IPA with Kelvin sign": (IPA, "c_\u212a506", "ipa-malformed"),
    "ISTAT that lost its zero": (Istat, "75035", "istat-malformed"),
    "ISTAT with letters": (Istat, "07503A", "istat-malformed"),
    "ISTAT in another script": (Istat, "\u0661\u0662", "istat-malformed"),
    "CLP empty": (CLP, " ", "clp-malformed"),
    "CLP of 61 characters": (CLP, "A" * 61, "clp-malformed"),
    "CLP with a control character": (CLP, "A\x07B", "clp-malformed"),
    "CUI of another letter": (CUI, "X08558150150202200073", "cui-malformed"),
    "CUI too short": (CUI, "S0855815015020220007", "cui-malformed"),
    "notice by its name": (NoticeCode, "1.2 Comuni - Aprile 2022", "notice-malformed"),
    "notice of 61 characters": (NoticeCode, "a" * 61, "notice-malformed"),
    "CPV of seven digits": (CPV, "7226800-1", "cpv-malformed"),
    "CPV without hyphen": (CPV, "722680001", "cpv-malformed"),
    "indicator without letter": (Indicator, "0079", "indicator-malformed"),
    "person in upper case": (PersonRef, PERSON.upper(), "person-malformed"),
    "person too short": (PersonRef, PERSON[:-1], "person-malformed"),
    "person with digit 1": (PersonRef, PERSON[:-1] + "1", "person-malformed"),
    "alias where a person is meant": (PersonRef, "@rup", "person-malformed"),
    "service 0": (ServiceItem, "s00", "item-malformed"),
    "service of one digit": (ServiceItem, "s1", "item-malformed"),
    "short id with blank": (ShortId, "lista 1", "short-id-malformed"),
    "short id in upper case": (ShortId, "Lista", "short-id-malformed"),
    "short id of 41 characters": (ShortId, "a" * 41, "short-id-malformed"),
    "short id with line break": (ShortId, "lista\n", "short-id-malformed"),
    "alias without at": (Alias, "rup", "alias-malformed"),
    "commitment of number 0": (CommitmentKey, "c_e506/2024/0", "commitment-malformed"),
    "commitment without year": (CommitmentKey, "c_e506/1577", "commitment-malformed"),
    "payment with four parts too many": (PaymentKey, "c_e506/2024/1/2/3", "payment-malformed"),
    "invoice empty": (InvoiceId, "", "invoice-malformed"),
    "invoice with slash": (InvoiceId, "12/2024", "invoice-malformed"),
    "procedure with wrong CIG": (ProcedureKey, "B503E401EC", "procedure-malformed"),
    "procedure without name": (ProcedureKey, "nocig/", "procedure-malformed"),
    "procedure with slash": (ProcedureKey, "nocig/a/b", "procedure-malformed"),
    "contract without number": (ContractKey, "B1A5544327", "contract-malformed"),
    "contract 0": (ContractKey, "B1A5544327/0", "contract-malformed"),
    "contract with wrong CIG": (ContractKey, "B503E401EC/1", "contract-malformed"),
    "operator empty": (OperatorKey, "", "tax-code-malformed"),
    "operator by personal code": (OperatorKey, "RSSMRA85T10A562S", "tax-code-personal"),
    "operator by personal code with hyphens": (
        OperatorKey,
        "RSS-MRA-85T10-A562S",
        "tax-code-personal",
    ),
    "operator by personal code and more": (OperatorKey, "RSSMRA85T10A562S-1", "tax-code-personal"),
    "operator by personal code as of another country": (
        OperatorKey,
        "x:IT:RSSMRA85T10A562S",
        "tax-code-personal",
    ),
    "operator by personal code, folded": (
        OperatorKey,
        " rssmra85t10a562s",
        "tax-code-personal",
    ),
}


@pytest.mark.parametrize(("kind", "raw", "normal"), TAKEN.values(), ids=TAKEN)
def test_an_identifier_is_its_normal_form_and_keeps_its_text(
    kind: type[Identifier], raw: str, normal: str
) -> None:
    made = kind.parse(raw)
    assert (str(made), made.raw, made.was_normalised) == (normal, raw, raw != normal)
    assert kind.parse(normal) == made
    assert hash(kind.parse(normal)) == hash(normal)


@pytest.mark.parametrize(("kind", "raw", "code"), REFUSED.values(), ids=REFUSED)
def test_a_malformed_identifier_is_refused(kind: type[Identifier], raw: str, code: str) -> None:
    with pytest.raises(ShapeError) as caught:
        kind.parse(raw)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")


def test_no_instance_exists_that_was_not_parsed() -> None:
    with pytest.raises(ShapeError, match="cup-malformed"):
        CUP("C81C2200122000")


def test_parsing_an_identifier_again_keeps_the_first_text() -> None:
    once = CUP.parse("c81c22001220006")
    assert CUP.parse(once).raw == "c81c22001220006"
    assert type(once.raw) is str


def test_an_identifier_survives_copying_with_its_text() -> None:
    code = CUP.parse("c81c22001220006")
    for copied in (copy.copy(code), copy.deepcopy(code), pickle.loads(pickle.dumps(code))):  # noqa: S301
        assert (copied, copied.raw, type(copied)) == (code, code.raw, CUP)


def test_an_identifier_takes_no_attributes() -> None:
    with pytest.raises(AttributeError):
        CUP.parse("C81C22001220006").owner = "c_e506"  # type: ignore[attr-defined]  # it has none


def test_a_refusal_quotes_the_text_on_one_short_line_unless_it_may_be_personal() -> None:
    with pytest.raises(ShapeError) as caught:
        Measure.parse("x\n" * 90)
    assert "\n" not in caught.value.sentence
    assert len(caught.value.sentence) < 200
    for kind in (TaxCode, OperatorKey, PersonRef):
        with pytest.raises(ShapeError) as caught:
            kind.parse("Rossi Mario è")
        assert "Rossi" not in caught.value.sentence


def test_parts_of_identifiers_are_typed() -> None:
    assert Istat.parse("075035").level == "comune"
    assert Istat.parse("075").level == "provincia"
    assert Istat.parse("16").level == "regione"
    entry = CUI.parse("S08558150150202200073")
    assert (entry.tax_code, entry.tax_code.check_ok, entry.year) == ("08558150150", True, 2022)
    contract = ContractKey.parse("nocig/ordine-3/12")
    assert (contract.procedure, contract.number) == ("nocig/ordine-3", 12)
    assert ContractKey.parse("B1A5544327/1").procedure == "B1A5544327"
    assert OperatorKey.parse(PERSON).is_person
    assert not OperatorKey.parse("16825251008").is_person


def test_identifiers_of_two_kinds_are_told_apart_by_type_alone() -> None:
    assert ActKey.parse("c_e506/r/2024/1") == "c_e506/r/2024/1"
    assert isinstance(ActKey.parse("c_e506/r/2024/1"), str)
