"""Personal data in free text; all values are invented or from public examples."""

from __future__ import annotations

from time import process_time

import pytest

from ledger.domain.screening import screen_personal_data

FOUND = {
    "tax code": ("Sig. Rossi RSSMRA85T10A562S", ("tax-code",)),
    "tax code in lower case": ("c.f. rssmra85t10a562s", ("tax-code",)),
    "tax code in groups": ("RSS MRA 85T10 A562 S", ("tax-code",)),
    "tax code with a wrong check letter": ("RSSMRA85T10A562X", ("tax-code",)),
    "tax code at punctuation": ("(RSSMRA85T10A562S),", ("tax-code",)),
    "tax code in groups with hyphens": ("rss-mra-85t10-a562s", ("tax-code",)),
    "tax code without any digit left": ("RSSMRAURTMLARSNS", ("tax-code",)),
    "tax code broken by a soft hyphen": ("RSSMRA\u00ad85T10A562S", ("tax-code",)),
    "tax code over two lines": ("RSSMRA\n85T10A562S", ("tax-code",)),
    "IBAN with hyphens": ("IT60-X054-2811-1010-0000-0123-456", ("iban",)),
    "IBAN": ("IBAN IT60X0542811101000000123456", ("iban",)),
    "IBAN in groups": ("it60 x054 2811 1010 0000 0123 456", ("iban",)),
    "IBAN by parts": ("IT 60 X 05428 11101 000000123456".replace("IT 60", "IT60"), ("iban",)),
    "IBAN mistyped": ("IT61X0542811101000000123456", ("iban",)),
    "German IBAN": ("DE89370400440532013000", ("iban",)),
    "German IBAN before a word": ("DE89 3704 0044 0532 0130 00 presso la banca", ("iban",)),
    "Belgian IBAN before a word of four": ("BE68 5390 0754 7034 alla data", ("iban",)),
    "mobile": ("contattare 340 1234567", ("phone",)),
    "mobile in one": ("contattare il 3401234567.", ("phone",)),
    "mobile with points": ("340.123.4567", ("phone",)),
    "mobile with no-break space": ("340\u00a01234567", ("phone",)),
    "international": ("+39 0832 682111", ("phone",)),
    "international mobile": ("+39 340 1234567", ("phone",)),
    "international in brackets": ("(+39) 340 1234567", ("phone",)),
    "mobile after a word of calling and number": ("contattare il n. 3401234567", ("phone",)),
    "mobile in groups after the word number": ("al n. 340 1234567", ("phone",)),
    "landline": ("rivolgersi allo 0832 682111", ("phone",)),
    "landline with a stroke": ("ufficio tecnico 0832/682111", ("phone",)),
    "landline with hyphens of print": ("0832 \u2013 682111", ("phone",)),
    "landline of Rome in groups": ("URP: 06 6710 1234", ("phone",)),
    "landline in pairs": ("0832 68 21 11", ("phone",)),
    "landline with the area code in brackets": ("(0832) 682111", ("phone",)),
    "landline in one after a word of calling": ("chiamare lo 0832682111", ("phone",)),
    "telephone": ("tel. 0832/682111", ("phone",)),
    "telephone in words": ("Telefono: 0832 682111", ("phone",)),
    "fax": ("fax n. 0832-682111", ("phone",)),
    "all three": (
        "RSSMRA85T10A562S, IT60X0542811101000000123456, cell. 3401234567",
        ("tax-code", "iban", "phone"),
    ),
}
PUBLIC = {
    "CUP": "CUP C81C22001220006",
    "CIG": "CIG B1A5544327",
    "CIG of digits that begins like a mobile": "CIG 3401234567",
    "partita IVA": "P.IVA 16825251008",
    "partita IVA that begins like a mobile": "P.IVA 34012345678",
    "codice fiscale of a body": "C.F. 80008510754",
    "protocol number": "prot. n. 3401234567 del 12/03/2024",
    "invoice number": "fattura n. 3201234567",
    "protocol number of ten digits that begins with zero": "prot. 0000682111",
    "protocol number with its year": "protocollo 0012345/2024 del 06/03/2024",
    "dates like a landline of Rome": "dal 06-03-2024 al 02.04.2024 e 06 03 2024",
    "day written without strokes": "nel file 06-20240315",
    "payment order": "mandato n. 3331234567 e quietanza 3381234567",
    "number in one after the word number": "registrato al n. 3401234567",
    "protocol number in groups": "prot. n. 340 1234567",
    "commitment": "impegno 3201234567",
    "amount in groups": "12 024 000 000",
    "sentence of an act": (
        "Determina n. 100 del 15/02/2023, affidamento a 16825251008 del servizio di migrazione, CUP"
        " C81C22001220006, CIG B1A5544327, per € 319.556,00 oltre IVA al 22%, cap. 10502/3"
    ),
    "date": "del 31/12/2023, 2023-12-31, 31.12.2023",
    "amount": "€ 319.556,00 e € 3.401.234.567,00",
    "amount of ten digits": "3401234567,00 euro",
    "CUI": "CUI S08558150150202200073",
    "CLP": "PRJ_120COM0422X_004891",
    "measure": "M1C1I1.2 M1C1-139-ITA-1",
    "masked": "****************",
    "chapter": "cap. 340/1234 art. 5678901",
    "laws": "D.Lgs. 36/2023 art. 50, L. 136/2010 art. 3, DPCM 24 ottobre 2014",
    "MEPA order": "ODA 7340123 RDO 3401234",
    "digest": "sha256 d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26",
    "lot code with the shape of a foreign IBAN": "lotto AB12 CDEF 3456 7890 XY",
    "words": "determina di affidamento del servizio di migrazione in cloud",
    "empty": "",
}


@pytest.mark.parametrize(("text", "kinds"), FOUND.values(), ids=FOUND)
def test_personal_data_is_found_by_kind(text: str, kinds: tuple[str, ...]) -> None:
    assert screen_personal_data(text) == kinds


@pytest.mark.parametrize("text", PUBLIC.values(), ids=PUBLIC)
def test_public_codes_and_figures_are_let_pass(text: str) -> None:
    assert screen_personal_data(text) == ()


@pytest.mark.parametrize(
    "unit", ["CIG ", "CIG:", " ", "(", "tel. ", "AA11 ", "3401234", "1 ", "E ", "N."]
)
def test_a_text_made_to_be_slow_is_read_in_time(unit: str) -> None:
    text = ("CIG" + unit * 20_000)[:20_000]
    began = process_time()
    screen_personal_data(text)
    assert process_time() - began < 1
