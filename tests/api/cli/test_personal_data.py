"""Personal data in the texts of a request: stopped before signing, and nowhere repeated.

All values are invented or from public examples.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from api.app import open_ledger
from api.client.desk import open_scribe
from api.client.requests import write
from ledger.errors import Malformed
from tests.api.cli.recording_kit import record
from tests.api.home_kit import CUP, enter, key, run, size_of, written

if TYPE_CHECKING:
    from pathlib import Path

    from api.home import Home

STOPPED: dict[str, tuple[str, str, str]] = {
    "a tax code": ("Rimborso a RSSMRA85T10A562S", "tax-code", "RSSMRA85T10A562S"),
    "a tax code in groups": ("c.f. RSS MRA 85T10 A562S", "tax-code", "85T10 A562S"),
    "a tax code in lower case": ("di rssmra85t10a562s, dipendente", "tax-code", "rssmra85t10"),
    "an IBAN": ("su IT60X0542811101000000123456", "iban", "0542811101"),
    "an IBAN with blanks": ("IT60 X054 2811 1010 0000 0123 456", "iban", "2811 1010"),
    "a mobile number": ("sentito al 340 1234567", "phone", "1234567"),
    "a mobile number in one": ("contattare il 3401234567", "phone", "3401234567"),
    "a mobile number with prefix": ("+39 340.1234567", "phone", "1234567"),
    "a landline": ("Ufficio tributi, 0832 682111", "phone", "682111"),
    "a landline after its word": ("tel. 0832682111", "phone", "0832682111"),
}
PASSED: dict[str, str] = {
    "a CUP": "Affidamento del servizio, CUP C81C22001220006.",
    "a CIG": "CIG B1A5544327, già CIG 3401234567.",
    "a partita IVA": "Ditta con P.IVA 16825251008 e C.F. 80008510754.",
    "amounts": "Impegno di € 319.556,00, di cui € 3.401.234.567,00 e 3401234567,00 euro.",
    "protocol numbers": "Nota prot. n. 3401234567 del 06/03/2024 e protocollo 0012345/2024.",
    "an act": "Determinazione n. 832 del 15/02/2023, R.G. 2023/0832, mandato 3331234567.",
    "a decree and a measure": "Decreto n. 28 - 3 / 2022 - PNRR, M1C1I1.2, avviso 1.2 Comuni.",
}
CODE = "RSSMRA85T10A562S"
DETERMINA: dict[str, Any] = {
    "command": "register-determina/1",
    "role": "rup",
    "data": {
        "register": "registro-generale",
        "year": 2023,
        "number": "100",
        "adopted_on": "2023-02-15",
        "subject": "Affidamento",
        "office": "Innovazione",
        "signatory": "@rossi",
        "links": [{"cup": CUP}],
        "cup_in_text": "si",
        "file": "determina.pdf",
        "subtype": "affidamento",
    },
    "persons": {"rossi": {"name": "Rosa Rossi", "tax_code": CODE}},
    "files": {"determina.pdf": "scan.pdf"},
}


def noted(text: str, **beside: object) -> dict[str, Any]:
    """Return a request that enters a phase with a note."""
    return enter(data={"phase": "AFFIDAMENTO", "note": text}, **beside)


def holding(folder: Path, value: str) -> list[str]:
    """Return the files of a folder that hold a text."""
    return [
        path.name
        for path in folder.rglob("*")
        if path.is_file() and value.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("trial", [(), ("--dry-run",)], ids=["record", "dry run"])
@pytest.mark.parametrize("case", STOPPED.values(), ids=STOPPED)
def test_it_is_stopped_before_it_is_signed_and_its_value_is_nowhere(
    home: Home, tmp_path: Path, case: tuple[str, str, str], trial: tuple[str, ...]
) -> None:
    text, kind, value = case
    size, kept = size_of(home), sorted(home.outbox.iterdir())
    ran = record(home, written(tmp_path / "r.ndjson", noted(text)), *trial)
    warning, summary = ran.lines
    assert (ran.exit_code, summary["recorded"]) == (13, 0)
    assert warning["code"] == "personal-data-in-text"
    (fault,) = warning["errors"]
    assert fault["pointer"] == "/data/note"
    assert f'«not_personal»: {{"/data/note": ["{kind}"]}}' in fault["sentence"]
    assert value not in ran.stdout + ran.stderr
    assert (size_of(home), sorted(home.outbox.iterdir())) == (size, kept)
    assert holding(home.path, value) == []
    assert holding(tmp_path, value) == ["r.ndjson"]


@pytest.mark.parametrize("text", PASSED.values(), ids=PASSED)
def test_public_codes_and_figures_are_recorded(home: Home, tmp_path: Path, text: str) -> None:
    ran = record(home, written(tmp_path / "r.ndjson", noted(text, reason=text)))
    assert (ran.exit_code, ran.lines[-1]["recorded"]) == (0, 1)
    assert "personal-data-in-text" not in findings(home)


def test_every_place_is_named_at_once(home: Home, tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    named = {f"determina_{CODE}.pdf": "scan.pdf"}
    data = {**DETERMINA["data"], "subject": CODE, "file": f"determina_{CODE}.pdf"}
    request = {**DETERMINA, "data": {**data, "chapters": ["1", CODE]}, "files": named}
    ran = record(home, written(tmp_path / "r.ndjson", {**request, "reason": f"di {CODE}"}))
    pointers = {error["pointer"] for error in ran.lines[0]["errors"]}
    assert pointers == {"/data/subject", "/data/chapters/1", "/reason", "/files"}
    assert CODE not in ran.stdout + ran.stderr


def test_what_is_confirmed_is_recorded_found_and_given_again(home: Home, tmp_path: Path) -> None:
    confirmed = {"not_personal": {"/data/note": ["phone"]}}
    file = written(tmp_path / "r.ndjson", noted("quadro 340 1234567", **confirmed))
    ran = record(home, file)
    assert (ran.exit_code, ran.lines[-1]["recorded"]) == (0, 1)
    assert "personal-data-in-text" in findings(home)
    assert (record(home, file).lines[0]["first"], size_of(home)) == (
        False,
        ran.lines[0]["index"] + 2,
    )
    with open_ledger(home) as opened:
        assert b"not_personal" not in opened.journal.envelope(ran.lines[0]["index"])


def test_a_confirmed_request_with_its_own_id_is_the_same_again(home: Home, tmp_path: Path) -> None:
    id_ = "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d"
    request = noted("quadro 340 1234567", id=id_, not_personal={"/data/note": ["phone"]})
    assert record(home, written(tmp_path / "a.ndjson", request)).exit_code == 0
    again = record(home, written(tmp_path / "b.ndjson", request))
    assert (again.exit_code, again.lines[0]["first"]) == (0, False)


def test_a_person_moved_to_the_vault_is_recorded_without_the_tax_code(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    ran = record(home, written(tmp_path / "r.ndjson", DETERMINA))
    assert ran.exit_code == 0
    assert CODE not in ran.stdout + ran.stderr
    assert holding(home.path, CODE) == []


@pytest.mark.parametrize("code", [CODE, CODE.lower(), f"x:IT:{CODE}", "RSS-MRA-85T10-A562S"])
def test_an_operator_is_never_the_tax_code_of_a_person(
    home: Home, tmp_path: Path, code: str
) -> None:
    request = {
        "command": "identify-beneficial-owner/1",
        "cup": CUP,
        "role": "rup",
        "occurred_on": "2023-02-15",
        "data": {
            "op": code,
            "persons": ["@rossi"],
            "method": "visura",
            "identified_on": "2023-02-15",
            "doc": "visura.pdf",
        },
        "persons": {"rossi": {"name": "Rosa Rossi"}},
        "files": {"visura.pdf": "scan.pdf"},
    }
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    ran = record(home, written(tmp_path / "r.ndjson", request))
    assert (ran.lines[0]["errors"][0]["code"], ran.exit_code) == ("tax-code-personal", 2)
    assert code not in ran.stdout + ran.stderr


def test_a_person_is_never_its_tax_code(home: Home, tmp_path: Path) -> None:
    data = {"person": CODE, "role": "rup", "from": "2023-01-01"}
    request = {"command": "assign-role/1", "cup": CUP, "role": "rup", "data": data}
    ran = record(home, written(tmp_path / "r.ndjson", request))
    assert (ran.lines[0]["errors"][0]["code"], ran.exit_code) == ("person-malformed", 2)
    assert CODE not in ran.stdout + ran.stderr


def test_what_the_program_asks_by_itself_is_screened_too(home: Home) -> None:
    with open_ledger(home) as opened:
        scribe = open_scribe(opened, key(home, "rup"))
        with pytest.raises(Malformed, match="personal-data-in-text") as caught:
            write(scribe, "enter-phase/1", {"phase": "COLLAUDO"}, cup=CUP, role="rup", reason=CODE)
    assert CODE not in str(caught.value)


def findings(home: Home) -> set[str]:
    """Return the codes of the findings of the intervention."""
    ran = run(home, "replay", CUP, "--json")
    return {found["code"] for found in json.loads(ran.stdout)["findings"]}
