"""Findings about acts. Source: DOMAIN sections 4.3 and 10.2."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ledger.domain.act_effects import standing
from ledger.domain.albo import COUNT_FROM, TEN_DAYS
from ledger.domain.days import format_day_it, months_after
from ledger.domain.rules.finding import Raised, View, finding

if TYPE_CHECKING:
    from ledger.domain.acts import Act

ANNULMENT = "l241-21nonies"  # so many months from adoption


@finding(
    "act-registered-late",
    severity="minor",
    it="L'atto {subject} del {day} è stato registrato dopo {days} giorni.",
    en="Act {subject} of {day} was registered after {days} days.",
    source="D11",
)
def act_registered_late(view: View) -> Raised:
    """Find acts registered over 30 days after adoption (serious over 365)."""
    days, serious = view.setting("act-registered-late.days", "act-registered-late.serious_days")
    for act in view.dossier.acts.values():
        if act.days_late > days:
            yield {
                "subject": act.key,
                "index": act.index,
                "day": format_day_it(act.adopted_on),
                "days": act.days_late,
                "severity": "serious" if act.days_late > serious else "minor",
            }


def _commits(act: Act, view: View) -> bool:
    """Return whether commitments rest on the act: it spends, whatever its subtype (DOMAIN 4.1)."""
    return any(one.act == act.key for one in view.dossier.spending.commitments.values())


@finding(
    "cup-missing-in-text",
    severity="serious",
    it="Il testo dell'atto {subject} non riporta il CUP.",
    en="The text of act {subject} does not show the CUP.",
    source="CIPE 24/2004; L. 3/2003 art. 11 c. 2-bis",
)
def cup_missing_in_text(view: View) -> Raised:
    """Find acts without CUP in their text (critical when they finance or authorise)."""
    for act in view.dossier.acts.values():
        if act.cup_in_text == "no":
            severity = "critical" if act.finances(view.law) or _commits(act, view) else "serious"
            yield {"subject": act.key, "index": act.index, "severity": severity}


@finding(
    "cup-wrong-in-document",
    severity="serious",
    it="Il testo dell'atto {subject} riporta un CUP errato.",
    en="The text of act {subject} shows a wrong CUP.",
    source="CIPE 24/2004",
)
def cup_wrong_in_document(view: View) -> Raised:
    """Find acts whose text shows another or a malformed CUP."""
    for act in view.dossier.acts.values():
        if act.cup_in_text == "errato":
            yield {"subject": act.key, "index": act.index}


@finding(
    "cig-missing",
    severity="serious",
    it="L'atto di spesa {subject} non ha né CIG né motivo della sua assenza.",
    en="Spending act {subject} has neither CIG nor a reason for its absence.",
    source="L. 136/2010 art. 3",
)
def cig_missing(view: View) -> Raised:
    """Find spending acts with neither CIG nor reason."""
    for act in view.dossier.acts.values():
        if act.spends(view.law) and not act.cigs and act.cig_absence is None:
            yield {"subject": act.key, "index": act.index}


@finding(
    "act-year-mismatch",
    severity="minor",
    it="L'atto {subject} è adottato il {day}: l'anno del registro è un altro.",
    en="Act {subject} was adopted on {day}: the year of the register is another.",
    source="DOMAIN 10.2",
)
def act_year_mismatch(view: View) -> Raised:
    """Find acts whose register year is not the year of adoption."""
    for act in view.dossier.acts.values():
        if act.key.year != act.adopted_on.year:
            day = format_day_it(act.adopted_on)
            yield {"subject": act.key, "index": act.index, "day": day}


@finding(
    "visto-missing-late",
    severity="serious",
    it="L'atto di spesa {subject} del {day} non è ancora esecutivo.",
    en="Spending act {subject} of {day} is not yet enforceable.",
    source="TUEL art. 183 c. 7",
)
def visto_missing_late(view: View) -> Raised:
    """Find spending acts that are not enforceable 30 days after adoption.

    Contracts, orders and acts of others are of no kind that a rule makes enforceable.
    """
    (days,) = view.setting("visto-missing-late.days")
    limit = timedelta(days=days)
    for act in view.dossier.acts.values():
        is_late = act.enforceability is None and view.day > act.adopted_on + limit
        if is_late and act.kind != "altro" and (act.spends(view.law) or _commits(act, view)):
            day = format_day_it(act.adopted_on)
            yield {"subject": act.key, "index": act.index, "day": day}


@finding(
    "endorsement-by-signatory",
    severity="serious",
    it="Il visto sull'atto {subject} è della stessa persona che lo ha firmato.",
    en="The visto on act {subject} is by its signatory.",
    source="TUEL art. 147-bis",
)
def endorsement_by_signatory(view: View) -> Raised:
    """Find a visto given by the person who signed the act."""
    for act in view.dossier.acts.values():
        for visto in act.endorsements:
            if visto.by_person == act.signatory:
                yield {"subject": act.key, "index": visto.index}


@finding(
    "publication-missing",
    severity="serious",
    it="L'atto {subject} del {day} non risulta pubblicato all'albo.",
    en="Act {subject} of {day} was not published at the albo.",
    source="TUEL art. 124; L. 69/2009 art. 32",
)
def publication_missing(view: View) -> Raised:
    """Find acts without publication 30 days after adoption."""
    (days,) = view.setting("publication-missing.days")
    limit = timedelta(days=days)
    for act in view.dossier.acts.values():
        if not act.publications and view.day > act.adopted_on + limit:
            day = format_day_it(act.adopted_on)
            yield {"subject": act.key, "index": act.index, "day": day}


@finding(
    "publication-late",
    severity="minor",
    it="L'atto {subject} è stato pubblicato {days} giorni dopo l'adozione.",
    en="Act {subject} was published {days} days after adoption.",
    source="TUEL art. 124",
)
def publication_late(view: View) -> Raised:
    """Find acts published over 30 days after adoption."""
    (limit,) = view.setting("publication-late.days")
    for act in view.dossier.acts.values():
        for term in sorted(act.publications, key=lambda one: one.from_)[:1]:
            days = (term.from_ - act.adopted_on).days
            if days > limit:
                yield {"subject": act.key, "index": term.index, "days": days}


@finding(
    "enforceability-by-policy",
    severity="info",
    it="L'esecutività dell'atto {subject} conta i giorni {where} della pubblicazione ({set}).",
    en="The days of act {subject} are counted from the {value} of publication ({set}).",
    source="TUEL art. 134 c. 3",
)
def enforceability_by_policy(view: View) -> Raised:
    """Find enforceability that depends on the setting albo.count_from."""
    for act in view.dossier.acts.values():
        acquired = act.enforceability
        if acquired is not None and acquired.rule_id == TEN_DAYS:
            term = act.term_met_on(acquired.effective_on)
            since = acquired.effective_on if term is None else term.from_
            value = view.law.setting(COUNT_FROM, since)
            yield {
                "subject": act.key,
                "index": acquired.index,
                "value": value,
                "where": "dalla fine" if value == "end" else "dall'inizio",
                "set": COUNT_FROM,
            }


@finding(
    "annulment-out-of-term",
    severity="serious",
    it="L'atto {subject} del {day} è stato annullato d'ufficio il {on}, dopo più di {months} mesi.",
    en="Act {subject} of {day} was annulled by the body on {on}, after more than {months} months.",
    source="L. 241/1990 art. 21-nonies",
)
def annulment_out_of_term(view: View) -> Raised:
    """Find acts that finance or authorise, annulled by the body after the term of that day."""
    for act in view.dossier.acts.values() if view.dossier.act_effects else ():
        for done in standing(view.dossier.act_effects, act.key):
            months = view.law.days(ANNULMENT, done.on)
            if done.kind != "annullamento" or done.by is None or months is None:
                continue
            if act.finances(view.law) and done.on > months_after(act.adopted_on, months):
                yield {
                    "subject": act.key,
                    "index": done.index,
                    "day": format_day_it(act.adopted_on),
                    "on": format_day_it(done.on),
                    "months": months,
                }
