"""Amounts: whole cents of euro, exact; text to amount and back.

    wire      319556.00      two decimals always, no plus, no leading zeros, no exponent
    page      319.556,00     Italian
    people    € 1.234,56   1234.56   1.000,00   900000000,00   319556.0     parse_loose

    >>> EUR.parse("319556.00"), EUR(31955600).format(), EUR(31955600).format_it()
    (31955600, '319556.00', '319.556,00')

`1.234` is one euro and 23 or one thousand: it is refused, never guessed. Parts that must sum to a
whole are made by `split_shares`. Source: DOMAIN sections 2, 6 and 15; ARCHITECTURE D14.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn, Self

from ledger.domain.normal_forms import BLANKS, shown
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Sequence

CODE = "amount-malformed"
LIMIT_CENTS = 10**15

_WIRE = re.compile(r"(-?)(0|[1-9][0-9]{0,12})\.([0-9]{2})")
_CURRENCY = re.compile(r"\A(?:€|EURO?)[ ]?|[ ]?(?:€|EURO?)\Z", re.IGNORECASE)
_ONE_BLANK = str.maketrans(dict.fromkeys(BLANKS, " "))
# Whole euros plain or in threes by points or blanks, decimals after a comma.
_ITALIAN = re.compile(
    r"([0-9]{1,13}|[1-9][0-9]{0,2}(?:(?:\.[0-9]{3}){1,4}|(?: [0-9]{3}){1,4}))(?:,([0-9]{1,2}))?"
)
# Whole euros plain or in threes by commas, decimals after a point.
_ENGLISH = re.compile(r"([0-9]{1,13}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})(?:\.([0-9]{1,2}))?")
# One mark with three digits after it: thousands or decimals, or two numbers; nobody can say.
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[., ][0-9]{3}")


class EUR(int):
    """An amount in cents. Arithmetic gives plain integers; division is an error."""

    signed: ClassVar[bool] = False

    def __new__(cls, cents: int) -> Self:
        """Take whole cents.

        Raises:
            TypeError: for anything but an integer: a float is never money.
        """
        if isinstance(cents, bool) or not isinstance(cents, int):
            raise TypeError(f"cents are an integer, not {type(cents).__name__}")
        return super().__new__(cls, cents)

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Return the amount of a decimal string with exactly two decimals, as `format` writes it.

        Raises:
            ShapeError: `amount-malformed`, for any other spelling, a sign where none is meant, minus
                zero, or 10**15 cents and more; with a proposal when `parse_loose` can read it.
        """
        found = _WIRE.fullmatch(raw)
        if found is None or (found[1] and not cls.signed):
            raise ShapeError(
                CODE, _wire_sentence(raw, signed=cls.signed), proposal=_meant(cls, raw)
            )
        cents = int(found[2] + found[3])
        if found[1] and cents == 0:
            raise ShapeError(CODE, "Lo zero si scrive 0.00, senza segno.", proposal="0.00")
        return cls(-cents if found[1] else cents)

    def format(self) -> str:
        """Return the wire form, `319556.00`."""
        euros, cents = divmod(abs(self), 100)
        return f"{'-' if self < 0 else ''}{euros}.{cents:02}"

    def format_it(self) -> str:
        """Return the Italian form of pages and sentences, `319.556,00`."""
        euros, cents = divmod(abs(self), 100)
        return f"{'-' if self < 0 else ''}{euros:,}".replace(",", ".") + f",{cents:02}"

    def __truediv__(self, other: int, /) -> NoReturn:
        """Refuse a division, whose result would be a float.

        Raises:
            TypeError: always; shares are made by `split_shares`.
        """
        raise TypeError("an amount is not divided: use split_shares")


class SignedEUR(EUR):
    """An amount that may be below zero, such as the `delta` of a movement."""

    signed: ClassVar[bool] = True


def parse_loose(raw: str, *, signed: bool = False) -> EUR:
    """Return the amount that a person or a file wrote in one of the usual ways.

    Accepted: a euro sign or word before or after, blanks and NBSP around it and between thousands,
    Italian or English marks, one or two decimals or none. `signed` allows a minus in front.

    Raises:
        ShapeError: `amount-ambiguous` when two readings differ (`1.234`, `1,234`); `amount-malformed`
            for what is no amount (`1.23.456`, `1e5`, `+3`, `12 34`, 10**15 cents and more).
    """
    text = _without_currency(raw.translate(_ONE_BLANK).strip())
    negative = signed and text.startswith("-")
    digits = text[1:] if negative else text
    if _AMBIGUOUS.fullmatch(digits):
        raise ShapeError("amount-ambiguous", f"{shown(raw)} ha due letture: scrivere i centesimi.")
    cents = _loose_cents(digits)
    if cents is None or cents >= LIMIT_CENTS:
        raise ShapeError(CODE, f"{shown(raw)} non è un importo in euro, come 1.234,56.")
    return SignedEUR(-cents if negative else cents) if signed else EUR(cents)


def split_shares(total: int, parts: Sequence[int]) -> tuple[EUR, ...]:
    """Return the shares of `total` cents in proportion to `parts`, which sum to it to the cent.

    Largest remainder: each share is rounded down, then the cents left over go one each to the largest
    remainders, in order of `parts` where these are equal. 100.00 in three is 33.34, 33.33, 33.33.

    Raises:
        ValueError: when the total or a part is below zero, or no part is above it.
    """
    weight = sum(parts)
    if total < 0 or weight <= 0 or min(parts) < 0:
        raise ValueError("shares need a total and parts not below zero, and a part above it")
    floors = [int(total) * int(part) // weight for part in parts]
    remainders = [int(total) * int(part) % weight for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: -remainders[place])
    for place in by_remainder[: int(total) - sum(floors)]:
        floors[place] += 1
    return tuple(EUR(share) for share in floors)


def _loose_cents(digits: str) -> int | None:
    """Return the cents of an unsigned text in Italian or English marks, None for others."""
    found = _ITALIAN.fullmatch(digits) or _ENGLISH.fullmatch(digits)
    if found is None:
        return None
    return int(re.sub(r"[., ]", "", found[1]) + (found[2] or "").ljust(2, "0"))


def _without_currency(text: str) -> str:
    """Return the text without one euro sign or word at its start or at its end."""
    found = _CURRENCY.search(text)
    return text[: found.start()] + text[found.end() :] if found else text


def _wire_sentence(raw: str, *, signed: bool) -> str:
    """Return what is wrong with a text that is not in wire form."""
    example = "319556.00 o -319556.00" if signed else "319556.00 (senza segno)"
    return f"{shown(raw)} non è un importo: servono due decimali dopo il punto, come {example}."


def _meant(kind: type[EUR], raw: str) -> str | None:
    """Return the wire form of what `parse_loose` reads, None when it refuses."""
    try:
        return parse_loose(raw, signed=kind.signed).format()
    except ShapeError:
        return None


ZERO: Final = EUR(0)
