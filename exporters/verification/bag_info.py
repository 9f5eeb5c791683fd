"""bag-info.txt read back: the question that the package says it answers.

The lines are those of exporters/bag.py. Reading is lenient about their order, because the whole
file is written anew in step 15 and compared byte for byte. Source: RFC 8493 section 2.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exporters.bag import PUBLIC, WHOLE, Question
from ledger.domain.days import parse_date
from ledger.domain.identifiers import CUP
from ledger.errors import PistaError, Unreadable
from ledger.journal.leaf import parse_number, parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = (WHOLE, PUBLIC)


def parse_bag_info(data: bytes) -> Question:
    """Return the question of a bag-info.txt; nothing is verified but its grammar.

    Raises:
        Unreadable: when a line is no `Label: value`, a label that must be there once is not, or a
            value has not its form (`bag-info-unreadable`).
    """
    try:
        return _question(_values(data))
    except PistaError as error:
        raise Unreadable("bag-info-unreadable", f"bag-info.txt: {error.sentence}") from error


def _question(values: Mapping[str, list[str]]) -> Question:
    cups = tuple(CUP.parse(text).raw for text in values.get("Pista-CUP", []))
    kind = _one(values, "Pista-Kind")
    if not cups or list(cups) != sorted(set(cups)) or kind not in KINDS:
        raise _unreadable("i CUP mancano o non sono in ordine, o il tipo non è previsto")
    return Question(
        origin=_one(values, "Pista-Origin"),
        cups=cups,
        size=parse_number(_one(values, "Pista-Size"), "bag-info"),
        head_at=parse_time(_one(values, "Pista-Head-Time")),
        as_of=parse_date(_one(values, "Pista-As-Of")),
        known_at=parse_number(_one(values, "Pista-Known-At"), "bag-info"),
        kind=kind,
        remarks=tuple(values.get("Pista-Remark", [])),
    )


def _values(data: bytes) -> dict[str, list[str]]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable("non è testo UTF-8") from error
    values: dict[str, list[str]] = {}
    for line in text.split("\n")[:-1]:
        label, separator, value = line.partition(": ")
        if not separator:
            raise _unreadable(f"la riga {line[:60]!r} non ha etichetta e valore")
        values.setdefault(label, []).append(value)
    return values


def _one(values: Mapping[str, list[str]], label: str) -> str:
    found = values.get(label, [])
    if len(found) != 1:
        raise _unreadable(f"la riga {label} deve esserci una volta")
    return found[0]


def _unreadable(reason: str) -> Unreadable:
    return Unreadable("bag-info-unreadable", reason)
