"""Findings about DNSH and checklists. Source: DOMAIN sections 7.1 and 10.2."""

from __future__ import annotations

from ledger.domain.days import format_day_it
from ledger.domain.rules.finding import Raised, View, finding


@finding(
    "dnsh-edition-superseded",
    severity="info",
    it="Il regime DNSH segue la guida {edition}; oggi vige la guida {current}.",
    en="The DNSH regime follows guide {edition}; guide {current} is in force.",
    source="circ. RGS 22/2024",
)
def dnsh_edition_superseded(view: View) -> Raised:
    """Find regimes determined under an edition that is no longer the current one."""
    for regime in view.dossier.compliance.regimes[-1:]:
        row = view.law.row("dnsh-edition", view.day)
        if row is not None and row.value != regime.edition:
            yield {
                "subject": view.dossier.cup or "",
                "index": regime.index,
                "edition": regime.edition,
                "current": row.value,
            }


@finding(
    "dnsh-ex-ante-no",
    severity="serious",
    it="La riga {row} della checklist {subject} ha un NO da rimediare entro il {due}.",
    en="Row {row} of checklist {subject} holds a NO to remedy by {due}.",
    source="Guida operativa DNSH 2024, p. 20",
)
def dnsh_ex_ante_no(view: View) -> Raised:
    """Find an ex ante NO (critical when overdue)."""
    for checklist in view.dossier.compliance.current:
        for row in checklist.rows if checklist.stage == "ex-ante" else ():
            if row.answer == "NO" and row.due_on is not None:
                yield {
                    "subject": checklist.checklist,
                    "index": row.index,
                    "row": row.row,
                    "due": format_day_it(row.due_on),
                    "severity": "critical" if view.day > row.due_on else "serious",
                }


@finding(
    "dnsh-ex-post-no",
    severity="critical",
    it="La riga {row} della checklist ex post {subject} è NO: il progetto non è conforme.",
    en="Row {row} of ex post checklist {subject} is NO: the project is not compliant.",
    source="Guida operativa DNSH 2024, p. 21",
)
def dnsh_ex_post_no(view: View) -> Raised:
    """Find an ex post NO."""
    for checklist in view.dossier.compliance.current:
        for row in checklist.rows if checklist.stage == "ex-post" else ():
            if row.answer == "NO":
                yield {"subject": checklist.checklist, "index": row.index, "row": row.row}


@finding(
    "checklist-unsigned",
    severity="serious",
    it="La checklist {subject} è completa e non è firmata.",
    en="Checklist {subject} is complete and not signed.",
    source="Guida operativa DNSH 2024",
)
def checklist_unsigned(view: View) -> Raised:
    """Find complete checklists that nobody signed."""
    for checklist in view.dossier.compliance.current:
        template = view.law.compliance.template(checklist.template, checklist.version)
        if checklist.state(template) == "COMPLETATA":
            yield {"subject": checklist.checklist, "index": checklist.last_answer_index}


@finding(
    "review-stale",
    severity="serious",
    it="La checklist {subject} ha risposte più recenti della sua verifica.",
    en="Checklist {subject} has answers newer than its review.",
    source="DOMAIN 7.1",
)
def review_stale(view: View) -> Raised:
    """Find reviews older than the newest answer."""
    for checklist in view.dossier.compliance.current:
        reviewed = max((review.index for review in checklist.reviews), default=None)
        if reviewed is not None and checklist.last_answer_index > reviewed:
            yield {"subject": checklist.checklist, "index": checklist.last_answer_index}


@finding(
    "review-ko",
    severity="serious",
    it="La verifica di livello {level} della checklist {subject} ha esito KO.",
    en="The level {level} review of checklist {subject} is KO.",
    source="DOMAIN 7.1",
)
def review_ko(view: View) -> Raised:
    """Find checklists whose last review is KO."""
    for checklist in view.dossier.compliance.current:
        for review in checklist.reviews[-1:]:
            if review.outcome == "KO":
                yield {
                    "subject": checklist.checklist,
                    "index": review.index,
                    "level": review.level,
                }


@finding(
    "dnsh-not-closed",
    severity="critical",
    it="Il collaudo è concluso e la checklist ex post {subject} non è firmata senza NO.",
    en="COLLAUDO is completed and ex post checklist {subject} is not signed without NO.",
    source="Guida operativa DNSH 2024, p. 21",
)
def dnsh_not_closed(view: View) -> Raised:
    """Find COLLAUDO completed, by reason, before the ex post list was closed."""
    done = view.dossier.phases.completions("COLLAUDO")
    for checklist in view.dossier.compliance.current if done else ():
        is_open = not checklist.is_signed or checklist.has_no
        if checklist.stage == "ex-post" and is_open:
            yield {"subject": checklist.checklist, "index": done[-1].index}
