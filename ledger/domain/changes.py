"""What differs between two states, as JSON Pointers of the later one.

    changes(before, after)
        /phase/phase              AFFIDAMENTO      ESECUZIONE
        /acts/3/enforceability    non-esecutiva    esecutiva
        /services/9               -                {...}          there is one more

Entries of a list are the same entry when they have the same place in the log (`index`), findings when
they have the same code and subject, wherever they stand in the list; lists of as many objects are
compared one by one; a list of plain values is one value. The states are those of the exported JSON, so
a field has the name that the package, the schema and the questions of auditors give it. What is gone
is told by its pointer in the earlier state.

Source: RFC 6901; DOMAIN section 9.13 (fields of `diff`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# What says when and how much was looked at, or which registration said it, not what is true.
OF_THE_QUESTION: Final = frozenset({"as_of", "known_at", "known_at_time", "registrations", "v"})
PLACE: Final = "index"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a state: its JSON Pointer, and the same with entries by their place in the log.

    `/acts/3/enforceability` is `/acts/@412.0/enforceability` too, which holds when acts come before it.
    """

    pointer: str = ""
    identity: str = ""

    def member(self, name: str) -> Where:
        """Return the place of a member of an object."""
        return Where(f"{self.pointer}/{name}", f"{self.identity}/{name}")

    def entry(self, number: int, name: str) -> Where:
        """Return the place of an entry of a list: its number, and what it is known by."""
        return Where(f"{self.pointer}/{number}", f"{self.identity}/{name}")


@dataclass(frozen=True, slots=True)
class Change:
    """One field with its value before and after; None where it is not there."""

    where: Where
    before: Any
    after: Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two exported states, in order of the later one."""
    first, second = (
        {name: value for name, value in state.items() if name not in OF_THE_QUESTION}
        for state in (before, after)
    )
    return list(_of_members(Where(), first, second))


def _of_members(
    above: Where, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        if name != PLACE:
            yield from _of_values(above.member(name), before.get(name), after.get(name))


def _of_values(where: Where, before: Any, after: Any) -> Iterator[Change]:  # noqa: ANN401  JSON values
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_members(where, before, after)
    elif _are_known(before) and _are_known(after):
        yield from _of_entries(where, before or [], after or [])
    elif _are_pairs(before, after):
        for number, (first, second) in enumerate(zip(before, after, strict=True)):
            yield from _of_values(where.member(str(number)), first, second)
    else:
        yield Change(where, before, after)


def _are_known(value: Any) -> bool:  # noqa: ANN401  a JSON value
    """Return whether it is a list of entries that can be told apart, or is not there."""
    return value is None or (
        isinstance(value, list)
        and all(isinstance(entry, dict) and PLACE in entry for entry in value)
    )


def _are_pairs(before: Any, after: Any) -> bool:  # noqa: ANN401  JSON values
    """Return whether they are lists of as many objects, such as the five phases."""
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and all(isinstance(entry, dict) for entry in [*before, *after])
    )


def _of_entries(
    where: Where, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> Iterator[Change]:
    known = _by_name(before)
    for name, (number, entry) in _by_name(after).items():
        yield from _of_values(where.entry(number, name), known.pop(name, (0, None))[1], entry)
    for name, (number, entry) in known.items():
        yield Change(where.entry(number, name), entry, None)


def _by_name(entries: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Return the entries with their number in the list, by what they are known by and how often."""
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    times: Counter[str] = Counter()
    for number, entry in enumerate(entries):
        name = _name(entry)
        found[f"{name}.{times[name]}"] = number, entry
        times[name] += 1
    return found


def _name(entry: Mapping[str, Any]) -> str:
    """Return what an entry is known by: a finding by code and subject, others by their place.

    Where several interventions share a CUP, each has its own findings.
    """
    if "code" in entry and "subject" in entry:
        return f"{entry['code']}:{entry['subject']}:{entry.get('intervention', '')}"
    return f"@{entry[PLACE]}"
