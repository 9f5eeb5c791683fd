"""Canonical JSON: the fast path against `rfc8785`, and the two held equal on random values.

The values are of all legal kinds, half of them with floats, keys beyond ASCII or characters that
sort differently in UTF-16: there our encoder must notice, and the bytes must still be equal.

Source: RFC 8785; design PERFORMANCE.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from ledger.errors import Unreadable
from ledger.signing.canonical import encode, encode_signed
from tests.bench.harness import Line, at_least, timed
from tests.bench.signing_client import SigningClient
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

VALUES: Final = 20_000
TURNS: Final = 20
CALLS: Final = 50
_PLAIN: Final = 'abcXYZ 09_-/"\\\n\t{}[]'
_ODD: Final = _PLAIN + "àÈ€\u2028\x1f\ue000\U0001f600\u0301\x7f"


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the line; nothing is written."""
    del folder
    wrong = mismatches(VALUES, seed=8785)
    payload = SigningClient(ORIGIN).payload()

    def ours() -> None:
        for _ in range(CALLS):
            encode_signed(payload)

    def base() -> None:
        for _ in range(CALLS):
            rfc8785.dumps(payload)

    measure = timed(lambda: ours, lambda: base, TURNS, units=CALLS)
    name = f"canonicalise a typical event ({wrong} mismatches in {VALUES:,})"
    yield Line(name, "rfc8785", measure, at_least(12) if wrong == 0 else None)


def mismatches(count: int, *, seed: int) -> int:
    """Return how many of so many random values `rfc8785` encodes otherwise, or judges otherwise."""
    random = Random(seed)  # noqa: S311  values to compare, the same in each run
    wrong = 0
    for number in range(count):
        value = _value(random, _ODD if number % 2 else _PLAIN, depth=4)
        wrong += _ours(value) != _theirs(value)
    return wrong


def _ours(value: object) -> bytes | None:
    try:
        return encode(value)
    except Unreadable:
        return None


def _theirs(value: Any) -> bytes | None:  # noqa: ANN401  any JSON value
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        return None


def _value(random: Random, alphabet: str, depth: int) -> object:
    """Return a JSON value; one with floats only when the alphabet has more than ASCII."""
    kind = random.randrange(8 if depth else 6)
    if kind == 0:
        return random.choice((None, True, False))
    if kind == 1:
        return random.randrange(-(2 ** random.randrange(1, 55)), 2 ** random.randrange(1, 55))
    if kind == 2 and not alphabet.isascii():
        return random.uniform(-1, 1) * 10.0 ** random.randrange(-30, 30)
    if kind < 6:
        return _text(random, alphabet)
    items = range(random.randrange(5))
    if kind == 6:
        return [_value(random, alphabet, depth - 1) for _ in items]
    return {_text(random, alphabet): _value(random, alphabet, depth - 1) for _ in items}


def _text(random: Random, alphabet: str) -> str:
    return "".join(random.choices(alphabet, k=random.randrange(12)))
