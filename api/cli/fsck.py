"""`pista fsck`: everything that is stored, verified; exit 0 right, 3 attention only, 1 faults.

guasto      event.type, position 12: conservato 'heads', dovrebbe essere 'phase-entered/1': ...
attenzione  vault/tmp/5f0c...: resto di una scrittura interrotta: ...

One line a finding on stdout; how far it is on stderr, once a second on a terminal, else every ten.
Source: FORMATS section 5, last lines.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import options

if TYPE_CHECKING:
    from typing import NoReturn

    from ledger.fsck.finding import Finding
    from ledger.fsck.subject import Report

INTERRUPTED = 130
TERMINAL_SECONDS, PLAIN_SECONDS = 1.0, 10.0
FAULT, ATTENTION = "guasto", "attenzione"


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("fsck")(fsck)


def fsck(
    context: typer.Context,
    from_kept: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--from-kept",
            help="Riprende dal punto già verificato: rilegge ogni byte e confronta ogni colonna,"
            " ma non ricontrolla le firme prima di quel punto.",
        ),
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processi (di norma, i core).")
    ] = None,
    repair_views: Annotated[  # noqa: FBT002
        bool, typer.Option("--repair-views", help="Ricostruisce le viste dal registro.")
    ] = False,
    vault: Annotated[bool, typer.Option(help="Verifica anche il deposito.")] = True,  # noqa: FBT002
    views: Annotated[bool, typer.Option(help="Confronta anche le viste.")] = True,  # noqa: FBT002
    published: Annotated[  # noqa: FBT002
        bool, typer.Option(help="Confronta anche il registro pubblicato.")
    ] = True,
) -> None:
    """Verifica tutto: tabelle, registro, firme, deposito, viste, registro pubblicato."""
    import os
    from dataclasses import replace

    from api.app import subject_of
    from ledger.fsck.examine import examine
    from ledger.fsck.subject import Asked

    chosen = options(context)
    asked = Asked(jobs or os.cpu_count() or 1, from_kept, repair_views)
    progress = Progress(is_quiet=chosen.quiet)
    subject = subject_of(chosen.home)
    subject = replace(
        subject,
        vault=subject.vault if vault else None,
        views=subject.views if views or repair_views else None,
        published=subject.published if published else None,
    )
    try:
        report = examine(subject, asked, progress)
    except KeyboardInterrupt:
        _interrupted(progress)
    code = _print(report, progress, as_json=chosen.json)
    if code:
        raise typer.Exit(code)


class Progress:
    """Tells on stderr how far it is."""

    def __init__(self, *, is_quiet: bool) -> None:
        """Begin now."""
        self.begun_at = time.monotonic()
        self.last = ""
        self._is_quiet = is_quiet
        self._is_terminal = sys.stderr.isatty()
        self._told_at = self.begun_at
        self._what = ""
        self._what_at = self.begun_at

    @property
    def seconds(self) -> float:
        """Return how long it has been going on."""
        return time.monotonic() - self.begun_at

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell it, unless the last time was a moment ago."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._what_at = what, now
        self.last = f"{what} {done} di {total}"
        pause = TERMINAL_SECONDS if self._is_terminal else PLAIN_SECONDS
        if self._is_quiet or now - self._told_at < pause:
            return
        self._told_at = now
        rate = done / max(now - self._what_at, 1e-9)
        line = (
            f"{what} {100 * done // max(total, 1):3d}%  {rate:.0f}/s  {now - self.begun_at:.0f} s"
        )
        sys.stderr.write(f"\r{line:<60}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line on which it was told."""
        if self._is_terminal and not self._is_quiet:
            sys.stderr.write(f"\r{'':<60}\r")


def _interrupted(progress: Progress) -> NoReturn:
    from api.cli import output

    progress.end()
    reached = progress.last or "nulla"
    output.note(
        f"interrotto: {reached}; `pista fsck --from-kept` riprende dal punto già verificato"
    )
    raise typer.Exit(INTERRUPTED) from None


def _print(report: Report, progress: Progress, *, as_json: bool) -> int:
    """Print findings and summary; return the exit code."""
    from api.cli import exits, output

    progress.end()
    findings = report.findings
    attention = exits.INCOMPLETE if findings.count else exits.OK
    code = exits.FAILED if findings.faults else attention
    for found in findings:
        if as_json:
            output.data("item", _members(found))
        else:
            kind = FAULT if found.is_fault else ATTENTION
            output.line(f"{kind:<11} {found.code:<18} {found.place}: {found.sentence}")
    summary = {
        "leaves": report.size,
        "events": report.events,
        "signatures": report.verified,
        "objects": report.objects,
        "begun_at": report.begun_at,
        "kept": report.kept,
        "faults": findings.faults,
        "attention": findings.count - findings.faults,
        "more": findings.more,
        "seconds": round(progress.seconds, 3),
        "exit": code,
    }
    if as_json:
        output.data("summary", summary)
        return code
    if findings.more:
        output.line(f"e altri {findings.more}")
    output.line(_told(report, progress.seconds))
    return code


def _told(report: Report, seconds: float) -> str:
    """Return the summary in a sentence."""
    faults = report.findings.faults
    said = f"{faults} guasti" if faults else "nessun guasto"
    begun = f", firme dalla posizione {report.begun_at + 1}" if report.begun_at else ""
    return (
        f"{said}: {report.size} posizioni, {report.verified} firme di {report.events} registrazioni"
        f"{begun}, {report.objects} oggetti, {seconds:.1f} s; verificato fino a {report.kept}"
    )


def _members(found: Finding) -> dict[str, Any]:
    from dataclasses import asdict

    members = asdict(found)
    kind = "fault" if members.pop("is_fault") else "attention"
    return {"finding": kind, **{name: value for name, value in members.items() if value != ""}}
