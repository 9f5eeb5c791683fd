"""`pista intervention`, `act`, `history`, `replay`: what the record says, now and then."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from api.app import Reading
    from ledger.domain.intervention_statement import InterventionStatement
    from ledger.views.replay import Replay

AsOf = Annotated[str | None, typer.Option("--as-of", help="Data legale, AAAA-MM-GG.")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="Istante UTC, oppure @INDICE nel registro.")
]
Cup = Annotated[str, typer.Argument(help="Il CUP.")]

interventions = typer.Typer(help="Interventi: elenco e scheda.", no_args_is_help=True)
acts = typer.Typer(help="Atti: scheda.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.add_typer(interventions, name="intervention")
    app.add_typer(acts, name="act")
    app.command("history")(history)
    app.command("replay")(replay)


@interventions.command("list")
def list_interventions(
    context: typer.Context,
    measure: Annotated[str | None, typer.Option(help="Misura, come M1C1I1.2.")] = None,
    phase: Annotated[str | None, typer.Option(help="Fase, come ESECUZIONE.")] = None,
    q: Annotated[str | None, typer.Option("--q", help="Parole del titolo o del CUP.")] = None,
) -> None:
    """Elenca gli interventi."""
    from api.app import open_reading
    from api.cli import output
    from ledger.domain.identifiers import Measure
    from ledger.domain.money import EUR

    key = None if measure is None else Measure.parse(measure).key
    with open_reading(options(context).home) as reading:
        reading.runner.catch_up()
        rows = reading.views.interventions(measure=key, phase=phase, text=q)
    if options(context).json:
        for row in rows:
            output.data("item", {"cup": row.cup, "title": row.title, "phase": row.phase})
        output.data("summary", {"count": len(rows)})
        return
    output.table(
        ("CUP", "misura", "fase", "finanziato EUR", "titolo"),
        [(r.cup, r.measure, r.phase or "-", EUR(r.funding).format_it(), r.title) for r in rows],
    )


@interventions.command("show")
def show_intervention(
    context: typer.Context, cup: Cup, as_of: AsOf = None, known_at: KnownAt = None
) -> None:
    """Mostra un intervento: scheda, fase, finanziamento, DNSH, anomalie."""
    replay(context, cup, as_of, known_at, "json" if options(context).json else "text")


@acts.command("show")
def show_act(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="IPA/REGISTRO/ANNO/NUMERO")],
) -> None:
    """Mostra un atto: numeri, date, stato con la sua regola, CUP collegati."""
    from api.app import open_reading
    from api.cli import output
    from ledger.domain.act_statement import ActStatement, state_act
    from ledger.domain.days import legal_day
    from ledger.domain.evolve import fold
    from ledger.domain.identifiers import ActKey
    from ledger.domain.shapes import shape_of
    from ledger.domain.stream_names import act_stream
    from ledger.errors import Absent
    from ledger.views.replay import read_history

    act_key = ActKey.parse(key)
    with open_reading(options(context).home) as reading:
        events, law = read_history(reading.journal, act_stream(act_key)), reading.law
    dossier = fold(act_stream(act_key), events)
    act = dossier.acts.get(str(act_key))
    if act is None:
        raise Absent("no-such-act", f"L'atto {act_key} non è registrato.")
    day = legal_day(datetime.now(UTC))
    share = act.share_of(act.links[0].cup)
    seen = state_act(act, share, day, dossier.act_effects, law)
    plain = shape_of(ActStatement).told(seen)
    if options(context).json:
        output.data("item", {"act": plain})
        output.data("summary", {"count": 1})
    else:
        _print_members(plain)


def history(
    context: typer.Context,
    cup: Cup,
    type_: Annotated[str | None, typer.Option("--type", help="Tipo di registrazione.")] = None,
    since: Annotated[int, typer.Option(help="Dopo questo indice.")] = -1,
    raw: Annotated[bool, typer.Option("--raw", help="Le buste firmate, una per riga.")] = False,  # noqa: FBT002
) -> None:
    """Mostra la cronologia di un CUP, dalla prima registrazione."""
    from api.app import open_reading
    from api.cli import output
    from ledger.domain.stream_names import cup_stream

    cup = _cup(cup)
    with open_reading(options(context).home) as reading:
        _require(reading, cup)
        if raw:
            for index in reading.journal.stream_indexes(cup_stream(cup)):
                output.line(reading.journal.envelope(index).decode("ascii"))
            return
        reading.runner.catch_up()
        rows = reading.views.timeline(cup_stream(cup), after=since, limit=1_000_000)
    shown = [row for row in rows if type_ in (None, row.type, row.type.split("/")[0])]
    if options(context).json:
        for row in shown:
            output.data("item", {name: getattr(row, name) for name in row.__slots__})
        output.data("summary", {"count": len(shown)})
        return
    output.table(
        ("n.", "registrato", "data legale", "ruolo", "registrazione"),
        [
            (str(r.index), r.received_at[:16], r.occurred_on or "-", r.role or "-", r.sentence)
            for r in shown
        ],
    )


def _require(reading: Reading, cup: str) -> None:
    """Raise Absent when the CUP has no events."""
    from ledger.views.replay import replay as replay_cup

    replay_cup(reading.journal, cup, reading.law, known_at=0)


def replay(
    context: typer.Context,
    cup: Cup,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    format_: Annotated[str, typer.Option("--format", help="text, json, xml")] = "text",
    json_: Annotated[bool, typer.Option("--json", help="Come --format json.")] = False,  # noqa: FBT002
) -> None:
    """Ricostruisce lo stato di un CUP a una data legale, con quanto registrato fino a un punto."""
    from api.app import open_reading
    from ledger.views.replay import replay as replay_cup

    with open_reading(options(context).home) as reading:
        found = replay_cup(
            reading.journal,
            _cup(cup),
            reading.law,
            as_of=_day(as_of),
            known_at=_known(reading, known_at),
        )
    wanted = "json" if json_ or options(context).json else format_
    _print_replay(found, wanted)


def _cup(text: str) -> str:
    """Return a CUP in its normal form; raises ShapeError with what was perhaps meant."""
    from ledger.domain.identifiers import CUP

    return str(CUP.parse(text))


def _day(text: str | None) -> date | None:
    from ledger.domain.days import parse_date

    return None if text is None else parse_date(text)


def _known(reading: Reading, text: str | None) -> int | None:
    """Return a number of leaves from `@INDEX` (that leaf included) or a UTC time."""
    from ledger.domain.texts import parse_instant
    from ledger.errors import ShapeError
    from ledger.views.replay import known_size

    if text is None:
        return None
    if text.startswith("@"):
        if not text[1:].isdecimal():
            raise ShapeError("index-malformed", f"{text!r} non è un indice, come @412.")
        return int(text[1:]) + 1
    return known_size(reading.journal, parse_instant(text))


def question(reading: Reading, as_of: str | None, known_at: str | None) -> tuple[int, date]:
    """Return the number of leaves and the legal day that are asked for; both default to now."""
    from api.machine import now
    from ledger.domain.days import legal_day
    from ledger.views.replay import head_time

    size = _known(reading, known_at)
    if size is None:
        return reading.journal.size, _day(as_of) or legal_day(now())
    size = min(size, reading.journal.size)
    return size, _day(as_of) or legal_day(head_time(reading.journal, size) or now())


def _print_replay(found: Replay, wanted: str) -> None:
    import sys

    from api.cli import output
    from exporters.to_json import state_to_json
    from exporters.to_xml import state_to_xml
    from ledger.errors import ShapeError

    if wanted == "json":
        output.line(state_to_json(found.state).decode().rstrip("\n"))
    elif wanted == "xml":
        sys.stdout.write(state_to_xml(found.state).decode())
    elif wanted == "text":
        _print_state(found)
    else:
        raise ShapeError("format-unknown", f"{wanted!r} non è text, json o xml.")


def _print_state(found: Replay) -> None:
    """Print the state for people: heading, phase, money, services, acts, anomalies."""
    from api.cli import output
    from ledger.domain.days import format_day_it

    state = found.state
    output.line(f"CUP {state.cup}   stato al {format_day_it(state.as_of)}")
    output.line(f"con quanto registrato nelle prime {state.known_at} posizioni del registro")
    for one in state.interventions:
        output.line(f"{one.title}  ({one.measure}, {one.clp or 'CLP non indicato'})")
        for part in state.parts:
            if part.index == one.index:
                _print_figures(part)
    if state.parts:
        output.line(f"{len(state.parts)} interventi su questo CUP, in tutto:")
    _print_figures(state)
    for finding in state.findings:
        output.line(f"anomalia {finding.severity}: {finding.sentence}")
    if found.later:
        output.line(f"registrate dopo questo punto: {len(found.later)}")
        for event in found.later:
            output.line(f"  n. {event.index}  {event.type.italian}")


def _print_figures(told: InterventionStatement) -> None:
    """Print phase, national state, money, services and acts of one intervention, or of all."""
    from api.cli import output
    from ledger.domain.days import format_day_it

    if told.phases:
        output.line(f"fase {told.phase.label if told.phase else 'nessuna'}")
    if told.national_state:
        national = told.national_state
        since = format_day_it(national.state_on)
        output.line(f"stato nella fonte nazionale: {national.label} dal {since}")
    funding = told.funding
    output.line(
        f"importo finanziato {funding.importo_finanziato.format_it()} EUR, dopo incremento prezzi"
        f" {funding.valore_post_incremento.format_it()} EUR"
    )
    live = sum(1 for item in told.services if item.completion)
    output.line(f"servizi {live} di {len(told.services)}, atti {len(told.acts)}")


def _print_members(plain: dict[str, Any]) -> None:
    from api.cli import output

    for name, value in plain.items():
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        output.line(f"{name:<16} {shown}")
