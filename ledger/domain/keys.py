"""Natural keys of money and contracts, and who may stand where a person or a company is named.

    commitment   c_e506/2024/1577         c_e506/2024/1577/2      body, year, number, sub-number
    payment      c_e506/2024/8122/1                               the same with the mandato
    invoice      12345678901                                      identifier of the SDI
    procedure    B1A5544327               nocig/ordine-di-servizio-3
    contract     B1A5544327/1             nocig/ordine-di-servizio-3/1
    operator     16825251008              p_<26 characters>: a natural person is in the vault

    >>> ContractKey.parse("nocig/ordine-3/1").procedure
    'nocig/ordine-3'

Source: DOMAIN sections 3 and 9 ("Types by name").
"""

from __future__ import annotations

import re

from ledger.domain import act_keys, cig, normal_forms, tax_codes
from ledger.domain.grammar import Grammar
from ledger.domain.identifiers import Identifier, PersonRef
from ledger.errors import ShapeError

_NUMBERED = rf"{act_keys.IPA}/(?:19|20)[0-9]{{2}}/[1-9][0-9]{{0,9}}(?:/[1-9][0-9]{{0,5}})?"
_NO_CIG = re.compile(r"nocig/[a-z0-9][a-z0-9._-]{0,59}")


def _fold_procedure(raw: str) -> str:
    """Return `nocig/...` in lower case, anything else as a CIG is folded."""
    folded = normal_forms.lower(raw)
    return folded if folded.startswith("nocig/") else normal_forms.compact_upper(raw)


def _is_procedure(normal: str) -> bool:
    """Return whether a folded text is a CIG or a reference without CIG."""
    return cig.is_cig(normal) or _NO_CIG.fullmatch(normal) is not None


def _fold_contract(raw: str) -> str:
    """Return the folded procedure and the number after the last slash."""
    procedure, slash, number = raw.rpartition("/")
    return _fold_procedure(procedure) + slash + normal_forms.lower(number)


def _is_contract(normal: str) -> bool:
    """Return whether what stands before the last slash is a procedure."""
    return _is_procedure(normal.rpartition("/")[0])


def _fold_operator(raw: str) -> str:
    """Return the reference of a person as it is, anything else as a tax code is folded.

    Raises:
        ShapeError: `tax-code-personal`, for the tax code of a person.
    """
    if PersonRef.grammar.shape.fullmatch(raw):
        return raw
    folded = tax_codes.normal_form(raw)
    if tax_codes.is_person(folded):
        raise ShapeError(
            "tax-code-personal",
            "Il testo è il codice fiscale di una persona: indicare la persona, non il codice.",
        )
    return folded


class CommitmentKey(Identifier):
    """A commitment (impegno) by body, year and number."""

    __slots__ = ()

    code = "commitment-malformed"
    grammar = Grammar(
        "un impegno: servono ente, anno e numero, come c_e506/2024/1577",
        shape=re.compile(_NUMBERED),
        fold=normal_forms.trimmed_lower,
    )


class PaymentKey(Identifier):
    """A payment by body, year and mandato."""

    __slots__ = ()

    code = "payment-malformed"
    grammar = Grammar(
        "un pagamento: servono ente, anno e mandato, come c_e506/2024/8122",
        shape=re.compile(_NUMBERED),
        fold=normal_forms.trimmed_lower,
    )


class InvoiceId(Identifier):
    """The identifier that the exchange system (SDI) gave to the file of an invoice."""

    __slots__ = ()

    code = "invoice-malformed"
    grammar = Grammar(
        "un identificativo SDI: da 1 a 36 tra lettere, cifre e . _ -",
        shape=re.compile(r"[A-Z0-9][A-Z0-9._-]{0,35}"),
        fold=normal_forms.upper,
    )


class ProcedureKey(Identifier):
    """A procedure by its CIG, or `nocig/<text>` where there is none."""

    __slots__ = ()

    code = "procedure-malformed"
    grammar = Grammar(
        "una procedura: serve il CIG, oppure nocig/ e un nome",
        fold=_fold_procedure,
        holds=_is_procedure,
    )


class ContractKey(Identifier):
    """A contract by its procedure and its number there, from 1."""

    __slots__ = ()

    code = "contract-malformed"
    grammar = Grammar(
        "un contratto: servono la procedura e il numero, come B1A5544327/1",
        shape=re.compile(r".+/[1-9][0-9]{0,3}", re.DOTALL),
        fold=_fold_contract,
        holds=_is_contract,
    )

    @property
    def procedure(self) -> ProcedureKey:
        """Return the procedure."""
        return ProcedureKey(self.rpartition("/")[0])

    @property
    def number(self) -> int:
        """Return the number of the contract in its procedure."""
        return int(self.rpartition("/")[2])


class OperatorKey(Identifier):
    """Who contracts or is paid: a tax code, or the vault reference of a natural person."""

    __slots__ = ()

    code = "tax-code-malformed"
    grammar = Grammar(
        "un operatore: serve la partita IVA o il riferimento a una persona (p_…)",
        shape=re.compile(f"{PersonRef.grammar.shape.pattern}|{tax_codes.SHAPE.pattern}"),
        fold=_fold_operator,
        quotes=False,
    )

    @property
    def is_person(self) -> bool:
        """Return whether it is a reference into the vault."""
        return PersonRef.grammar.shape.fullmatch(self) is not None


class Alias(Identifier):
    """A person in a command, `@rup`, until the vault has given a reference; never in an event."""

    __slots__ = ()

    code = "alias-malformed"
    grammar = Grammar(
        "un segnaposto di persona, come @rup",
        shape=re.compile(r"@[a-z0-9][a-z0-9-]{0,39}"),
    )
