"""Findings about codes, labels and lateness. Source: DOMAIN sections 2 and 10.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it
from ledger.domain.rules.finding import Raised, View, finding

if TYPE_CHECKING:
    from datetime import date


@finding(
    "cup-unusual",
    severity="minor",
    it="Il CUP {subject} ha una forma insolita: controllarlo sul sistema CUP.",
    en="CUP {subject} has an unusual form.",
    source="DIPE, manuale CUP",
    of_cup=True,
)
def cup_unusual(view: View) -> Raised:
    """Find CUPs that have the shape and not the usual pattern."""
    for found in view.dossier.registrations[:1]:
        if found.cup.is_unusual:
            yield {"subject": found.cup, "index": found.index}


@finding(
    "cup-raw-normalised",
    severity="info",
    it="Il CUP {subject} era scritto «{raw}».",
    en="CUP {subject} was written {raw!r}.",
    source="DOMAIN 2",
)
def cup_raw_normalised(view: View) -> Raised:
    """Find CUPs that were written in another form."""
    for found in view.dossier.registrations:
        if found.cup.was_normalised:
            yield {"subject": found.cup, "index": found.index, "raw": found.cup.raw}


@finding(
    "cup-year-late",
    severity="minor",
    it="L'anno nel CUP {subject} è successivo a: {what} del {day}.",
    en="The year in CUP {subject} is after {what} of {day}.",
    source="DOMAIN 2",
)
def cup_year_late(view: View) -> Raised:
    """Find acts and decrees older than the year in the CUP."""
    for registration in view.dossier.registrations:
        cup = registration.cup
        for act in view.dossier.acts.values():
            if cup.year > act.adopted_on.year:
                yield _year_late(cup, f"l'atto {act.key}", act.adopted_on, act.index)
        for entry in view.dossier.funding.entries:
            if cup.year > entry.decree.on.year:
                yield _year_late(cup, entry.decree.number, entry.decree.on, entry.index)


def _year_late(cup: str, what: str, day: date, index: int) -> dict[str, object]:
    return {"subject": cup, "what": what, "day": format_day_it(day), "index": index}


@finding(
    "label-outdated",
    severity="info",
    it="La pagina indica «{label}»; l'amministrazione è oggi «{body}».",
    en="The page says {label!r}; the administration is now {body!r}.",
    source="DOMAIN 1.1",
)
def label_outdated(view: View) -> Raised:
    """Find published labels that differ from the name of the entity."""
    for found in view.dossier.registrations:
        label, body = found.granting_label, found.granting_body
        if label and body and label != body:
            yield {"subject": found.cup, "index": found.index, "label": label, "body": body}


@finding(
    "shared-cup",
    severity="info",
    it="Sul CUP {subject} sono registrati {count} interventi.",
    en="{count} interventions are registered on CUP {subject}.",
    source="DOMAIN 3.2",
    of_cup=True,
)
def shared_cup(view: View) -> Raised:
    """Find CUPs with more than one intervention."""
    found = view.dossier.registrations
    if len(found) > 1:
        last = found[-1]
        yield {"subject": last.cup, "index": last.index, "count": len(found)}


@finding(
    "fact-registered-late",
    severity="info",
    it="«{what}» del {day}: registrazione dopo {days} giorni.",
    en="{type} of {day} registered after {days} days.",
    source="D11",
)
def fact_registered_late(view: View) -> Raised:
    """Find facts other than acts registered late (minor when very late)."""
    days, minor = view.setting("fact-registered-late.days", "fact-registered-late.minor_days")
    for late in view.dossier.oversight.late:
        if late.type.startswith(("determina-", "deliberazione-")) or late.days_late <= days:
            continue
        yield {
            "subject": f"{view.dossier.cup or view.dossier.stream}#{late.index}",
            "index": late.index,
            "what": late.what,
            "type": late.type,
            "day": format_day_it(late.on),
            "days": late.days_late,
            "severity": "minor" if late.days_late > minor else "info",
        }


@finding(
    "improbable-date",
    severity="minor",
    it="La data {day} è improbabile.",
    en="The date {day} is improbable.",
    source="DOMAIN 10.2",
)
def improbable_date(view: View) -> Raised:
    """Find acts of before the first year that is likely."""
    (first,) = view.setting("improbable-date.first_year")
    for act in view.dossier.acts.values():
        if act.adopted_on.year < first:
            yield {
                "subject": act.key,
                "index": act.index,
                "day": format_day_it(act.adopted_on),
            }
