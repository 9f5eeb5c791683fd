"""`pista record`: the uniform door for scripts, one command a line.

A line that is refused stops the run, after those before it were recorded (`--keep-going` goes on);
the same file given again records the rest, and nothing twice.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Options, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.app import Opened
    from api.client.attachments import Attachments
    from api.client.requests_file import IdBook, RequestLine
    from api.client.scribe import Scribe
    from ledger.journal.batch import Receipt


def add_to(app: typer.Typer) -> None:
    """Add the command of this group."""
    app.command("record")(record)


def record(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="File .json o .ndjson, oppure - per stdin.")],
    key: Annotated[str | None, typer.Option(help="Chiave (file:...), se manca «by».")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide e non registra.")] = False,  # noqa: FBT002
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Oltre gli errori.")] = False,  # noqa: FBT002
) -> None:
    """Registra le richieste di un file, una per riga, ciascuna con la sua ricevuta."""
    from api.app import open_ledger

    chosen = options(context)
    with open_ledger(chosen.home) as opened:
        run = Run.over(opened, file, key, chosen)
        failed = run.go(dry_run=dry_run, keep_going=keep_going)
        opened.runner.catch_up()
    if failed:
        raise typer.Exit(failed)


@dataclass
class Run:
    """One run over one file of requests."""

    opened: Opened
    source: str
    default_key: str | None
    chosen: Options
    attachments: Attachments
    ids: IdBook
    scribes: dict[str, Scribe]
    done: int = 0

    @staticmethod
    def over(opened: Opened, file: str, key: str | None, chosen: Options) -> Run:
        """Return the run with what earlier runs left beside the file."""
        import secrets

        from api.app import now
        from api.client.attachments import Attachments
        from api.client.requests_file import IdBook
        from ledger.records import event_id

        beside = opened.home.outbox / "stdin" if file == "-" else Path(file)
        folder = Path.cwd() if file == "-" else Path(file).parent
        opened.home.outbox.mkdir(parents=True, exist_ok=True)
        return Run(
            opened=opened,
            source=file,
            default_key=key,
            chosen=chosen,
            attachments=Attachments(
                opened.vault,
                folder,
                beside.with_name(beside.name + ".persons"),
                secrets.token_bytes,
            ),
            ids=IdBook(
                beside.with_name(beside.name + ".ids"),
                lambda: event_id(now(), secrets.token_bytes(10)),
            ),
            scribes={},
        )

    def go(self, *, dry_run: bool, keep_going: bool) -> int:
        """Record the lines in order; return 0, or the exit code of the first that failed."""
        from api.cli import exits, output
        from ledger.errors import PistaError

        failed = 0
        for line in self._lines():
            try:
                self._one(line, dry_run=dry_run)
            except PistaError as error:
                failed = failed or exits.exit_code(error)
                self._report(line, error)
                if not keep_going:
                    break
        if self.chosen.json:
            output.data("summary", {"recorded": self.done, "exit": failed})
        elif not self.chosen.quiet:
            output.note(f"{self.done} registrazioni {'decise' if dry_run else 'registrate'}")
        return failed

    def _lines(self) -> Iterator[RequestLine]:
        from api.client.requests_file import read_lines
        from ledger.errors import Fault, Malformed

        if self.source == "-":
            yield from read_lines(iter(sys.stdin))
            return
        try:
            with Path(self.source).open(encoding="utf-8") as stream:
                yield from read_lines(stream)
        except (OSError, UnicodeDecodeError) as error:
            sentence = f"il file {self.source} non si può leggere: {error}"
            raise Malformed(sentence, [Fault("", "file-missing", sentence)]) from error

    def _one(self, line: RequestLine, *, dry_run: bool) -> None:
        """Record one line, or return the receipt it already has."""
        from ledger.application.requests import parse_request

        request = line.parse()
        scribe = self.scribe(request.get("by") or self.default_key)
        event_id = request.setdefault("id", self.ids.id_of(line))
        known = scribe.resume(event_id)
        if known is not None:
            self._confirm(line, known, "già registrata")
            return
        plain, objects = self.attachments.resolve(request)
        command = parse_request(plain, objects)
        if dry_run:
            draft = scribe.draft(command)
            self.done += 1
            self._print(line, {"event": event_id, "sentence": draft.sentence, "dry_run": True})
            return
        self._confirm(line, scribe.write(command), "registrata")

    def scribe(self, uri: str | None) -> Scribe:
        """Return the hand of a key, opened once a run.

        Raises:
            Malformed: when neither the line nor the run names a key.
        """
        from api.client.desk import open_scribe
        from ledger.errors import Fault, Malformed

        if uri is None:
            sentence = "manca la firma: indicare «by» nella richiesta, oppure --key"
            raise Malformed(sentence, [Fault("/by", "missing-field", sentence)])
        if uri not in self.scribes:
            folder = None if self.source == "-" else Path(self.source).parent
            self.scribes[uri] = open_scribe(self.opened, uri, folder)
        return self.scribes[uri]

    def _confirm(self, line: RequestLine, receipt: Receipt, word: str) -> None:
        from ledger.domain.sentences import sentence
        from ledger.views.histories import read_recorded

        event = read_recorded(self.opened.journal, receipt.index)
        told = sentence(event) if event is not None else ""
        self.done += receipt.first
        self._print(
            line,
            {
                "event": receipt.event_id,
                "index": receipt.index,
                "sentence": told,
                "first": receipt.first,
            },
            word,
        )

    def _print(self, line: RequestLine, members: dict[str, Any], word: str = "decisa") -> None:
        from api.cli import output

        if self.chosen.json:
            output.data("item", {"line": line.number, **members})
        elif not self.chosen.quiet:
            place = f"n. {members['index']}" if "index" in members else "(prova)"
            output.line(f"{line.number:>4}  {word} {place}  {members['sentence']}")

    def _report(self, line: RequestLine, error: Any) -> None:  # noqa: ANN401  a PistaError
        from api.cli import output

        if self.chosen.json:
            output.data("warning", {"line": line.number, **output.describe(error)})
        output.note(f"riga {line.number} di {self.source}:")
        output.explain(error)
