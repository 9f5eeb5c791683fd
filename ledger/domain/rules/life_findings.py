"""Findings about phases, services, funding and the national state.

Source: DOMAIN sections 5, 6 and 10.
"""

from __future__ import annotations

from itertools import pairwise

from ledger.domain.days import format_day_it
from ledger.domain.phases import LABELS, PHASES
from ledger.domain.rules.finding import Raised, View, finding


def _cup(view: View) -> str:
    return view.dossier.cup or view.dossier.stream


@finding(
    "phase-disagrees-national",
    severity="serious",
    it="La fonte nazionale dice «{label}» dal {day}; la fase locale è «{local}».",
    en="The national source says {label!r} since {day}; the local phase is {local!r}.",
    source="DOMAIN 5.5",
)
def phase_disagrees_national(view: View) -> Raised:
    """Find a national state that the local phase does not go with."""
    national = view.dossier.national.current()
    if national is None or national.state == "A":
        return
    done = any(m.on for m in view.dossier.phases.completions("COLLAUDO"))
    if national.state == "E" and done:
        return
    current = view.dossier.phases.current()
    yield {
        "subject": _cup(view),
        "index": national.index,
        "label": national.label,
        "day": format_day_it(national.state_on),
        "local": LABELS[current.phase] if current else "nessuna",
    }


@finding(
    "national-state-back",
    severity="serious",
    it="Lo stato nazionale è tornato da {before} a {after}.",
    en="The national state went back from {before} to {after}.",
    source="DOMAIN 5.5",
)
def national_state_back(view: View) -> Raised:
    """Find a national state that went back: from E to A or R, from R to A."""
    ordered = sorted(view.dossier.national.observed, key=lambda n: (n.observed_at, n.index))
    for one, other in pairwise(ordered):
        if (one.state, other.state) in {("E", "A"), ("E", "R"), ("R", "A")}:
            yield {
                "subject": _cup(view),
                "index": other.index,
                "before": one.state,
                "after": other.state,
            }


@finding(
    "phase-skipped-without-reason",
    severity="minor",
    it="La fase «{label}» non risulta avviata e non è dichiarata come non prevista.",
    en="Phase {label!r} was neither entered nor declared as skipped.",
    source="DOMAIN 5.2",
)
def phase_skipped_without_reason(view: View) -> Raised:
    """Find phases before the furthest one that were never entered."""
    phases = view.dossier.phases
    entered = [phase for phase in PHASES if phases.entries(phase)]
    if not entered:
        return
    furthest = entered[-1]
    for phase in PHASES[: PHASES.index(furthest)]:
        if phase not in entered and phases.skipped(phase) is None:
            index = phases.entries(furthest)[0].index
            yield {"subject": f"{_cup(view)}/{phase}", "index": index, "label": LABELS[phase]}


@finding(
    "igrue-041",
    severity="serious",
    it="La fase «{label}» è conclusa e una fase precedente non ha date effettive di inizio e fine.",
    en="Phase {label!r} is completed while an earlier one has no effective dates.",
    source="controllo nazionale 041",
)
def igrue_041(view: View) -> Raised:
    """Find a completed phase with an earlier entered one that is not completed."""
    states = view.dossier.phases.statements()
    for place, later in enumerate(states):
        earlier = [s for s in states[:place] if s.entered_on and s.completed_on is None]
        if later.completed_on is not None and earlier:
            index = view.dossier.phases.completions(later.phase)[-1].index
            subject = f"{_cup(view)}/{later.phase}"
            yield {"subject": subject, "index": index, "label": later.label}


@finding(
    "improved-mode-undeclared",
    severity="serious",
    it="Il servizio {item} è migrato in modalità B invece di A senza dichiarazione migliorativa.",
    en="Service {item} was migrated in mode B in place of A without a declaration.",
    source="FAQ c-004",
)
def improved_mode_undeclared(view: View) -> Raised:
    """Find services renewed where lift and shift was financed, without the signed declaration."""
    for item in view.dossier.scope.items:
        done = item.completion
        if done is None or item.mode != "A" or done.mode != "B":
            continue
        if done.improved_declaration is None:
            yield {"subject": item.item, "index": done.index, "item": item.item}


@finding(
    "price-increase-without-source",
    severity="serious",
    it="L'incremento prezzi {decree} non è sul fondo FOI né su fondi del Comune.",
    en="Price increase {decree} is neither on FOI nor on funds of the municipality.",
    source="DL 50/2022 art. 26 (da confermare)",
)
def price_increase_without_source(view: View) -> Raised:
    """Find price increases that no fund for them covers."""
    for entry in view.dossier.funding.entries:
        sources = {movement.source for movement in entry.movements}
        funds = view.law.words("dl50-26", entry.decree.on)
        if entry.is_price_increase and funds and not sources & funds:
            yield {
                "subject": f"{_cup(view)}#{entry.index}",
                "index": entry.index,
                "decree": entry.decree.number,
            }
