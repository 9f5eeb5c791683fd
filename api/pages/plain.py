"""Plain pages: the intervention as semantic HTML, without script or assets.

Every value is escaped. Source: EXPERIENCE section 7, first part; DOMAIN 1.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from ledger.domain.days import format_day_it
from ledger.domain.money import EUR
from ledger.domain.phases import EXPLANATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.views.runner import Health
    from ledger.views.store import InterventionRow, TimelineRow

STYLE = """body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;padding:1rem;color:#17324d}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem;border-bottom:1px solid #bbb;
vertical-align:top}.wide table{min-width:36rem}.remark{border-left:.3rem solid #a66300;padding:.5rem 1rem;
background:#fff6e5}dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem}dt{font-weight:600}
dd{margin:0}.wide{overflow-x:auto}code{overflow-wrap:anywhere}@media(max-width:40rem){dl{display:block}}"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="it"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}"
        "<footer><p>Finanziato dall'Unione europea - NextGenerationEU</p></footer></body></html>"
    )


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _day(text: str | None) -> str:
    return format_day_it(date.fromisoformat(text)) if text else "-"


def _euro(text: str) -> str:
    return f"{EUR.parse(text).format_it()} €"


def list_page(rows: Sequence[InterventionRow]) -> str:
    """Return the list of interventions."""
    items = "".join(
        f'<tr><td><a href="/interventi/{escape(row.cup)}">{escape(row.title)}</a></td>'
        f"<td><code>{escape(row.cup)}</code></td><td>{escape(row.measure)}</td>"
        f"<td>{escape(EUR(row.funding).format_it())} €</td></tr>"
        for row in rows
    )
    empty = "" if rows else "<p>Nessun intervento registrato: il primo passo è registrarne uno.</p>"
    table = (
        '<table><thead><tr><th scope="col">Intervento</th><th scope="col">CUP</th>'
        '<th scope="col">Misura</th><th scope="col">Importo finanziato</th></tr></thead>'
        f"<tbody>{items}</tbody></table>"
    )
    return _page(
        "Interventi", f"<main><h1>Interventi</h1>{empty}<div class=wide>{table}</div></main>"
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What the page shows beside the state: remarks of the ledger, names that law makes public."""

    remarks: Sequence[str]
    rup: Sequence[str]
    health: Health


def intervention_page(
    state: dict[str, Any], timeline: Sequence[TimelineRow], beside: Beside
) -> str:
    """Return the page of an intervention from its exported state and its timeline."""
    shared = _shared(state, beside.rup) if state.get("parts") else ""
    first = state["interventions"][0]
    parts = (
        "".join(f'<p class="remark">{escape(remark)}</p>' for remark in beside.remarks),
        shared or _heading(state, first, beside.rup),
        "" if shared else _of_one(state, first, 2),
        _acts(state),
        _findings(state),
        _chronology(timeline),
        _check(state, beside.health),
    )
    return _page(first["title"], f"<main>{''.join(parts)}</main>")


def _heading(state: dict[str, Any], first: dict[str, Any], rup: Sequence[str]) -> str:
    members = (
        ("Amministrazione titolare", first.get("granting_label") or "-"),
        ("Area", first.get("area") or "-"),
        ("RUP degli interventi", ", ".join(rup) or "-"),
        ("CUP", state["cup"]),
        ("Intervento", first["measure"]),
        *_figures(state),
        *_asked(state),
    )
    return f"<h1>{escape(first['title'])}</h1>{_list(members)}"


def _shared(state: dict[str, Any], rup: Sequence[str]) -> str:
    """Return the heading of a CUP with several interventions, and each of them by itself."""
    found = {one["index"]: one for one in state["interventions"]}
    members = (
        ("CUP", state["cup"]),
        ("Interventi su questo CUP", str(len(state["parts"]))),
        ("RUP degli interventi", ", ".join(rup) or "-"),
        *_money(state),
        *_asked(state),
    )
    titles = " / ".join(one["title"] for one in found.values())
    sections = (
        _section(part, found[part["index"]]) for part in state["parts"] if part["index"] in found
    )
    return f"<h1>{escape(titles)}</h1>{_list(members)}{''.join(sections)}"


def _section(part: dict[str, Any], registration: dict[str, Any]) -> str:
    """Return one of several interventions on a CUP."""
    members = (
        ("Amministrazione titolare", registration.get("granting_label") or "-"),
        ("Area", registration.get("area") or "-"),
        ("Intervento", registration["measure"]),
        ("Codice locale progetto", registration.get("clp") or "-"),
        *_figures(part),
    )
    heading = f"<h2>{escape(registration['title'])}</h2>{_list(members)}"
    return f"<section>{heading}{_of_one(part, registration, 3)}</section>"


def _of_one(told: dict[str, Any], registration: dict[str, Any], level: int) -> str:
    """Return description, phases and services of one intervention, under headings of a level."""
    text = escape(registration.get("description") or "-")
    description = f"<h{level}>Descrizione</h{level}><p>{text}</p>"
    return f"{description}{_phases(told, level)}{_services(told, level)}"


def _figures(told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    national = told.get("national_state")
    return (
        *_money(told),
        ("Stato", told["phase"]["label"] if told.get("phase") else "-"),
        (
            "Stato nella fonte nazionale",
            f"{national['label']} dal {_day(national['state_on'])}" if national else "non rilevato",
        ),
    )


def _asked(state: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the two clocks of the page: the legal day, and up to where the log was read."""
    known = f"posizione {state['known_at'] - 1}"
    if state.get("known_at_time"):
        known += f", {state['known_at_time'][:16].replace('T', ' ')} UTC"
    return (
        ("Stato al", _day(state["as_of"])),
        ("Con quanto registrato fino alla", known),
    )


def _money(told: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    funding = told["funding"]
    return (
        ("Importo finanziato", _euro(funding["importo_finanziato"])),
        ("Valore intervento post incremento prezzi", _euro(funding["valore_post_incremento"])),
    )


def _list(members: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in members)}</dl>"


def _phases(told: dict[str, Any], level: int) -> str:
    rows = (
        (
            str(found["step"]),
            found["label"],
            _day(found.get("entered_on")),
            _day(found.get("completed_on")),
            EXPLANATIONS[found["phase"]],
        )
        for found in told["phases"]
    )
    headings = ("Passo", "Fase", "Inizio", "Fine", "Che cosa vuol dire")
    return f"<h{level}>Fasi</h{level}>{_table(headings, rows)}"


def _services(told: dict[str, Any], level: int) -> str:
    services = told.get("services", [])
    live = sum(1 for item in services if item.get("completion"))
    rows = (
        (
            item["item"],
            item["name"],
            _day(item["completion"]["live_on"]) if item.get("completion") else "in corso",
        )
        for item in services
    )
    heading = f"<h{level}>Servizi: {live} di {len(services)} in esercizio</h{level}>"
    return heading + _table(("Codice", "Servizio", "In esercizio dal"), rows)


def _acts(state: dict[str, Any]) -> str:
    rows = (
        (
            act["kind"],
            act["key"],
            _day(act["adopted_on"]),
            _day(act.get("published_from")),
            _day(act.get("effective_on")),
            act["subject"],
            act["file"],
            "" if act["effect"] == "efficace" else act["effect"],
        )
        for act in state.get("acts", [])
    )
    headings = (
        "Tipologia",
        "Numero",
        "Data di adozione",
        "Data di pubblicazione",
        "Data di entrata in vigore",
        "Oggetto",
        "Documentazione approvata",
        "Note",
    )
    return "<h2>Atti</h2>" + _table(headings, rows)


def _findings(state: dict[str, Any]) -> str:
    found = state.get("findings", [])
    if not found:
        return "<h2>Anomalie</h2><p>Nessuna.</p>"
    items = "".join(f"<li>{escape(one['sentence'])}</li>" for one in found)
    return f"<h2>Anomalie</h2><ul>{items}</ul>"


def _chronology(timeline: Sequence[TimelineRow]) -> str:
    rows = (
        (
            str(row.index),
            row.received_at[:16].replace("T", " "),
            _day(row.occurred_on),
            row.sentence,
        )
        for row in reversed(timeline)
    )
    return "<h2>Cronologia</h2>" + _table(("N.", "Registrato (UTC)", "Data", "Registrazione"), rows)


def _check(state: dict[str, Any], health: Health) -> str:
    behind = f"<p>Mancano {health.behind} registrazioni: ricaricare.</p>" if health.behind else ""
    cup = escape(state["cup"])
    return (
        "<h2>Controlla questa pagina</h2>"
        f"<p>Questa pagina nasce da {state['registrations']} registrazioni firmate.</p>{behind}"
        f'<p>Dati: <a href="/interventi/{cup}.json">JSON</a>,'
        f' <a href="/interventi/{cup}.xml">XML</a>,'
        ' <a href="/checkpoint">punto di controllo</a></p>'
    )
