"""Findings about nominations. Source: DOMAIN sections 10.2 and 11."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.rules.finding import Raised, View, finding

if TYPE_CHECKING:
    from ledger.domain.people import Assignment

INCOMPATIBLE = frozenset({"rup", "responsabile-finanziario"})


@finding(
    "role-without-act",
    severity="serious",
    it="La nomina a {role} dal {day} non ha un atto.",
    en="The nomination as {role} from {day} has no act.",
    source="FAQ p-019",
)
def role_without_act(view: View) -> Raised:
    """Find nominations without an act."""
    for found in view.dossier.people.assignments:
        if found.act is None:
            yield _subject(found) | {"role": found.role, "day": format_day_it(found.from_)}


@finding(
    "role-retroactive",
    severity="serious",
    it="La nomina a {role} comincia il {day}, prima dell'atto {act}.",
    en="The nomination as {role} begins on {day}, before act {act}.",
    source="DOMAIN 10.2",
)
def role_retroactive(view: View) -> Raised:
    """Find nominations that begin before their act was adopted."""
    for found in view.dossier.people.assignments:
        act = view.dossier.acts.get(found.act) if found.act else None
        if act is not None and act.adopted_on > found.from_:
            day = format_day_it(found.from_)
            yield _subject(found) | {"role": found.role, "day": day, "act": act.key}


@finding(
    "rup-overlap",
    severity="serious",
    it="Due RUP risultano in carica insieme dal {day}.",
    en="Two RUP hold office together from {day}.",
    source="FAQ p-019; D.Lgs. 36/2023 art. 15",
)
def rup_overlap(view: View) -> Raised:
    """Find two RUP of one procedure with days in common, neither of them interim."""
    rups = [a for a in view.dossier.people.assignments if a.role == "rup" and not a.interim]
    for one, other in combinations(rups, 2):
        if one.procedure == other.procedure and one.overlaps(other) and one.person != other.person:
            yield _subject(other) | {"day": format_day_it(max(one.from_, other.from_))}


@finding(
    "incompatible-roles",
    severity="serious",
    it="La stessa persona è {role} e {other} dal {day}.",
    en="The same person is {role} and {other} from {day}.",
    source="DOMAIN 11",
)
def incompatible_roles(view: View) -> Raised:
    """Find one person who is RUP and head of finance on the same days."""
    for one, other in combinations(view.dossier.people.assignments, 2):
        if (
            one.person == other.person
            and {one.role, other.role} == INCOMPATIBLE
            and one.overlaps(other)
        ):
            day = format_day_it(max(one.from_, other.from_))
            yield _subject(other) | {"role": one.role, "other": other.role, "day": day}


def _subject(assignment: Assignment) -> dict[str, object]:
    key = f"{assignment.role}/{assignment.person}/{assignment.from_.isoformat()}"
    return {"subject": key, "index": assignment.index}
