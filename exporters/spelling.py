r"""How each scalar is spelled in JSON and in XML: one row a type, for both kinds of schema.

    EUR   Amount   (0|[1-9][0-9]{0,12})\.[0-9]{2}        date   Date   [0-9]{4}-(0[1-9]|1[0-2])-...

The patterns keep to what ECMA-262 (JSON Schema) and XSD 1.0 have in common: no anchors, no
lookahead, no classes by backslash. A code is recorded as it was given and read by its normal form
(ledger.domain.identifiers), so a kind of code has a pattern only when both are the same text;
else the pattern of the normal form is told apart, for reading.

`signed` values were parsed before they were signed and keep the limits of ledger.domain.shapes;
`told` values are derived from them (sums, sentences) and have none.
Source: design FORMATS section 1; JSON Schema 2020-12 section 6.4; XML Schema Part 2 appendix F.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from ledger.domain.grammar import RAW_LIMIT, Grammar
from ledger.domain.identifiers import Identifier
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.normal_forms import as_given
from ledger.domain.texts import TEXT_LIMIT

Use = Literal["signed", "told"]

_ANY: Final = Grammar("")
_DATE: Final = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{6})?"
_EUROS: Final = r"(0|[1-9][0-9]{0,12})\.[0-9]{2}"
_MINUS: Final = r"-(0\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,12}\.[0-9]{2})"


@dataclass(frozen=True, slots=True)
class Spelling:
    """The spelling of one type: its name in a schema, the XSD type it restricts, what it may be.

    `pattern` holds for the whole text; `normal_form` is that of a code whose given text may differ;
    `least` and `most` are lengths in characters.
    """

    name: str
    base: str
    says: str
    pattern: str | None = None
    normal_form: str | None = None
    least: int | None = None
    most: int | None = None


_TOLD: Final[dict[type, Spelling]] = {
    str: Spelling("Words", "string", "A text."),
    int: Spelling("Integer", "long", "A whole number below 2^53."),
    bool: Spelling("Boolean", "boolean", "True or false.", pattern="true|false"),
    date: Spelling("Date", "date", "A legal day (Europe/Rome).", pattern=_DATE),
    datetime: Spelling(
        "Instant",
        "dateTime",
        "An instant in UTC, in whole seconds or with six decimals.",
        pattern=f"{_DATE}T{_TIME}Z",
    ),
    EUR: Spelling("Sum", "decimal", "Euro, a sum.", pattern=r"-?(0|[1-9][0-9]*)\.[0-9]{2}"),
}
_TOLD[SignedEUR] = _TOLD[EUR]
_SIGNED: Final[dict[type, Spelling]] = {
    **_TOLD,
    str: Spelling(
        "Text",
        "string",
        "A text in Unicode NFC, not blank, without control characters but the line feed.",
        least=1,
        most=TEXT_LIMIT,
    ),
    EUR: Spelling("Amount", "decimal", "Euro, not below zero.", pattern=_EUROS),
    SignedEUR: Spelling(
        "SignedAmount", "decimal", "Euro, with sign.", pattern=f"{_EUROS}|{_MINUS}"
    ),
}


def spelling_of(of: type, use: Use) -> Spelling:
    """Return the spelling of the values of a type.

    Raises:
        TypeError: when the type is none of those that a shape may hold.
    """
    if issubclass(of, Identifier):
        return _spelling_of_code(of)
    found = (_SIGNED if use == "signed" else _TOLD).get(of)
    if found is None:
        raise TypeError(f"no spelling for {of!r}")
    return found


def _spelling_of_code(of: type[Identifier]) -> Spelling:
    """Return the spelling of a kind of code; a class of any has no pattern (its check is a sum)."""
    grammar = of.grammar
    is_shaped = grammar.shape != _ANY.shape
    shape = grammar.shape.pattern.replace("(?:", "(").replace(r"\Z", "$") if is_shaped else None
    is_plain = grammar.fold is as_given
    return Spelling(
        of.__name__,
        "string",
        first_sentence(of),
        pattern=shape if is_plain else None,
        normal_form=None if is_plain else shape,
        least=1,
        most=RAW_LIMIT,
    )


def first_sentence(of: type) -> str:
    """Return the first line of the docstring of a class."""
    return (inspect.getdoc(of) or "").split("\n", maxsplit=1)[0]


def stem_of(event_type: str) -> str:
    """Return `phase-entered-1` for the type `phase-entered/1`: its file, and its element."""
    return event_type.replace("/", "-")
