"""Identifiers: a `str` whose value is the normal form of a code and which keeps the text as given.

    >>> cup = CUP.parse("c81c22001220006")
    >>> cup, cup.raw, cup.was_normalised
    ('C81C22001220006', 'c81c22001220006', True)
    >>> act = ActKey.parse("c_e506/registro-generale/2024/1234-bis")
    >>> act.ipa, act.year, act.number
    ('c_e506', 2024, '1234-bis')

A class is one row of a table; no instance exists that its grammar refuses. Further codes of national
lists are in ledger.domain.codes, keys of money and contracts in ledger.domain.keys.
Names of streams are in ledger.domain.stream_names. Source: DOMAIN sections 2 and 3.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal, Self

from ledger.domain import act_keys, cig, cup, measures, tax_codes
from ledger.domain.grammar import Grammar
from ledger.domain.normal_forms import trimmed_lower, upper


class Identifier(str):
    """Base of all identifiers; equality, order and hash are those of the normal form.

    `code` is the refusal of a text that is not one; `grammar` says how it is read.
    """

    __slots__ = ("_raw",)

    code: ClassVar[str] = "identifier-malformed"
    grammar: ClassVar[Grammar] = Grammar("un identificativo")

    _raw: str

    def __new__(cls, raw: str) -> Self:
        """Return the identifier of a text; see `parse`."""
        given = raw.raw if isinstance(raw, cls) else str(raw)
        made = super().__new__(cls, cls.grammar.read(given, cls.code))
        made._raw = given
        return made

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Return the identifier of a text.

        Raises:
            ShapeError: with `code`, when the text does not have the form of this kind; `proposal` is
                what was perhaps meant.
        """
        return cls(raw)

    @property
    def raw(self) -> str:
        """Return the text as given."""
        return self._raw

    @property
    def was_normalised(self) -> bool:
        """Return whether the normal form differs from the text as given."""
        return self._raw != self


class CUP(Identifier):
    """The code of a publicly funded project, and the name of its stream."""

    __slots__ = ()

    code = "cup-malformed"
    grammar = cup.GRAMMAR

    @property
    def is_unusual(self) -> bool:
        """Return whether letters or last four digits are not those of real CUPs (`cup-unusual`)."""
        return not cup.is_usual(self)

    @property
    def year(self) -> int:
        """Return the year of characters 5 and 6; after the act or decree it is `cup-year-late`."""
        return cup.year(self)


class CIG(Identifier):
    """The code of a tender, with right check digits."""

    __slots__ = ()

    code = "cig-malformed"
    grammar = cig.GRAMMAR

    @property
    def kind(self) -> cig.Kind:
        """Return the format, which the first character tells."""
        return "simog" if self[0].isdigit() else "smartcig" if self[0] in "XYZ" else "pcp"


class Measure(Identifier):
    """A measure or sub-measure of the plan; `key` compares its spellings."""

    __slots__ = ()

    code = "measure-malformed"
    grammar = measures.GRAMMAR

    @property
    def key(self) -> str:
        """Return the spelling by which M1C1I1.2 and M1C1I1.02.00 are equal."""
        return measures.key(self)

    def is_within(self, whole: Measure) -> bool:
        """Return whether it is that measure or a sub-measure of it: 1.4.1 is within 1.4."""
        return self.key == whole.key or self.key.startswith(f"{whole.key}.")


class IPA(Identifier):
    """A public body in the index of public administrations, lower case.

    Blanks go at the ends only: "Comune di Lecce" is a name, and must not be read as a code.
    """

    __slots__ = ()

    code = "ipa-malformed"
    grammar = Grammar(
        "un codice IPA, come c_e506",
        shape=re.compile(act_keys.IPA),
        fold=trimmed_lower,
    )


class Istat(Identifier):
    """A comune, provincia or regione by the digits of ISTAT; text, zeros in front belong to it."""

    __slots__ = ()

    code = "istat-malformed"
    grammar = Grammar(
        "un codice ISTAT: 6 cifre per il comune, 3 per la provincia, 2 per la regione",
        shape=re.compile(r"[0-9]{6}|[0-9]{3}|[0-9]{2}"),
        fold=upper,
    )

    @property
    def level(self) -> Literal["comune", "provincia", "regione"]:
        """Return what the number of digits says."""
        return "comune" if len(self) == 6 else "provincia" if len(self) == 3 else "regione"  # noqa: PLR2004


class CLP(Identifier):
    """A local project code: opaque, up to 60 printable characters.

    Upper case like the others: the same project is `2.2_PUGLIA_Otranto...` in one table of ReGiS and
    `2.2_PUGLIA_OTRANTO...` in the next.
    """

    __slots__ = ()

    code = "clp-malformed"
    grammar = Grammar(
        "un codice locale progetto: da 1 a 60 caratteri",
        shape=re.compile(r".{1,60}", re.DOTALL),
        fold=upper,
        holds=str.isprintable,
    )


class TaxCode(Identifier):
    """A codice fiscale or partita IVA; a refusal does not repeat it."""

    __slots__ = ()

    code = "tax-code-malformed"
    grammar = tax_codes.GRAMMAR

    @property
    def check_ok(self) -> bool:
        """Return whether nothing speaks against its check character (else `tax-code-check`)."""
        return tax_codes.is_checked(self)

    @property
    def is_person(self) -> bool:
        """Return whether it has the shape of a person's code, which is never public."""
        return tax_codes.is_person(self)


class RegisterSlug(Identifier):
    """A register of acts of one body, `registro-generale`."""

    __slots__ = ()

    code = "register-malformed"
    grammar = act_keys.REGISTER_GRAMMAR


class ActNumber(Identifier):
    """The number of an act in its register and year, `1234` or `1234-bis`; never 0."""

    __slots__ = ()

    code = "act-number-malformed"
    grammar = act_keys.NUMBER_GRAMMAR


class ActKey(Identifier):
    """An act by issuer, register, year and number."""

    __slots__ = ()

    code = "act-malformed"
    grammar = act_keys.KEY_GRAMMAR

    @property
    def ipa(self) -> str:
        """Return the issuer: an IPA code, or `x-<slug>`."""
        return self.split("/")[0]

    @property
    def register(self) -> str:
        """Return the register."""
        return self.split("/")[1]

    @property
    def year(self) -> int:
        """Return the year of the register."""
        return int(self.split("/")[2])

    @property
    def number(self) -> str:
        """Return the number with its suffix."""
        return self.split("/")[3]


class PersonRef(Identifier):
    """An opaque reference to a person in the vault: `p_` and 26 characters of base32."""

    __slots__ = ()

    code = "person-malformed"
    grammar = Grammar(
        "il riferimento a una persona (p_ e 26 caratteri)",
        shape=re.compile(r"p_[a-z2-7]{26}"),
        quotes=False,
    )


class ServiceItem(Identifier):
    """A service of the scope, `s01`."""

    __slots__ = ()

    code = "item-malformed"
    grammar = Grammar(
        "un servizio, come s01",
        shape=re.compile(r"s(?!0+\Z)[0-9]{2,3}"),
        fold=trimmed_lower,
    )


class ShortId(Identifier):
    """A key that the body chooses, unique in its stream: checklists, holds, audits, requests."""

    __slots__ = ()

    code = "short-id-malformed"
    grammar = Grammar(
        "un identificativo breve: fino a 40 tra lettere minuscole, cifre e trattini",
        shape=re.compile(r"[a-z0-9][a-z0-9-]{0,39}"),
    )
