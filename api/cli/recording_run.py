"""One run of `pista record` over one file of requests: each line recorded, confirmed, or told.

    with closing(Run.over(opened, file, key, chosen)) as run:
        run.go(keep_going=False)         the lines, in their order
        run.follow()                     the views
        run.sum_up()                     the last line that is printed

Whatever a line confirmed is printed at once, so that who reads it knows it even when the program is
stopped right after.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.app import Opened
    from api.cli.options import Options
    from api.client.attachments import Attachments
    from api.client.requests_file import IdBook, RequestLine
    from api.client.scribe import Scribe
    from api.client.source import Source
    from ledger.errors import PistaError
    from ledger.journal.batch import Receipt


@dataclass
class Run:
    """One run over one file of requests; a trial only decides, and leaves nothing behind."""

    opened: Opened
    source: Source
    default_key: str | None
    chosen: Options
    attachments: Attachments
    ids: IdBook
    is_trial: bool
    scribes: dict[str, Scribe] = field(default_factory=dict)
    done: int = 0
    failed: int = 0
    is_store_lost: bool = False

    @staticmethod
    def over(
        opened: Opened, file: str, key: str | None, chosen: Options, trial: Path | None = None
    ) -> Run:
        """Return the run with what earlier runs left beside the file.

        With `trial`, an empty folder, files and persons go into a vault made there, and the books
        beside the file are copied and not written.

        Raises:
            Malformed: `file-missing`, when the requests cannot be read.
            Busy: `requests-busy`, when another program records the same file.
            StorageError: `ids-unreadable`.
        """
        import secrets

        from api.client.attachments import Attachments
        from api.client.requests_file import IdBook
        from api.client.source import open_source
        from api.machine import now
        from ledger.records import event_id
        from ledger.vault.folder import FolderVault
        from ledger.vault.vaultkey import new_vault_key

        source = open_source(file, opened.home.outbox)
        persons, ids = source.persons, source.ids
        vault = opened.vault
        if trial is not None:
            persons, ids = (_copied(book, trial) for book in (persons, ids))
            vault = FolderVault(trial / "vault", new_vault_key())
        return Run(
            opened=opened,
            source=source,
            default_key=key,
            chosen=chosen,
            attachments=Attachments(vault, source.folder, persons, secrets.token_bytes),
            ids=IdBook(ids, lambda: event_id(now(), secrets.token_bytes(10))),
            is_trial=trial is not None,
        )

    def close(self) -> None:
        """Let others record the same file."""
        self.ids.close()

    def go(self, *, keep_going: bool) -> int:
        """Record the lines in order; return 0, or the exit code of the first that failed."""
        from api.cli import exits
        from ledger.errors import Absent, PistaError, StorageError

        self.ids.prepare(self.source.lines())
        for line in self.source.lines():
            try:
                with _failures():
                    self._one(line)
            except PistaError as error:
                self.failed = self.failed or exits.exit_code(error)
                self._report(f"riga {line.number} di {self.source.name}:", error, line.number)
                self.is_store_lost = isinstance(error, StorageError)
                self.is_store_lost &= not isinstance(error, Absent)
                if self.is_store_lost or not keep_going:
                    break
        return self.failed

    def follow(self) -> None:
        """Bring the views up to what was recorded, unless the store has failed before."""
        from api.cli import exits
        from ledger.errors import PistaError

        if self.is_store_lost:
            return
        try:
            with _failures():
                self.opened.runner.catch_up()
        except PistaError as error:
            self.failed = self.failed or exits.exit_code(error)
            self._report("quanto confermato è registrato; le viste sono indietro:", error)

    def sum_up(self) -> None:
        """Print how many were recorded, last of all."""
        from api.cli import output

        if self.chosen.json:
            output.data("summary", {"recorded": self.done, "exit": self.failed})
        elif not self.chosen.quiet:
            output.note(f"{self.done} registrazioni {'decise' if self.is_trial else 'registrate'}")

    def _one(self, line: RequestLine) -> None:
        """Record one line, or return the receipt it already has."""
        from ledger.application.requests import parse_request

        own_id = self.ids.id_of(line)
        request = line.parse()
        scribe = self.scribe(_named_key(request) or self.default_key)
        event_id = _checked_id(request) or own_id
        known = scribe.resume_all(event_id)
        if known is not None:
            self._confirm(line, known, "già registrata", request)
            return
        plain, objects = self.attachments.resolve({**request, "id": event_id})
        command = parse_request(plain, objects)
        if self.is_trial:
            first, *others = scribe.drafts(command)
            self.done += 1 + len(others)
            told = {"event": event_id, "sentence": first.sentence, "dry_run": True}
            self._print(line, told | ({"pieces": 1 + len(others)} if others else {}))
            return
        self._confirm(line, scribe.write_all(command), "registrata", request)

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
            self.scribes[uri] = open_scribe(self.opened, uri, self.source.folder)
        return self.scribes[uri]

    def _confirm(
        self, line: RequestLine, receipts: list[Receipt], word: str, request: dict[str, Any]
    ) -> None:
        """Print the receipt of a line, of several events that of the first.

        Raises:
            Conflict: `event-id-reused`, when the id of the request is that of something else.
        """
        from api.client.recorded import check_recorded
        from ledger.domain.sentences import sentence
        from ledger.views.accepted import read_recorded

        first, *others = receipts
        found = [read_recorded(self.opened.journal, one.index) for one in receipts]
        events = [event for event in found if event is not None]
        if events and "id" in request and not first.first:
            check_recorded(events, request, self.attachments)
        self.done += sum(one.first for one in receipts)
        told = {
            "event": first.event_id,
            "index": first.index,
            "sentence": sentence(events[0]) if events else "",
            "first": first.first,
        }
        if others:
            told["pieces"] = [{"event": one.event_id, "index": one.index} for one in receipts]
        self._print(line, told, word)

    def _print(self, line: RequestLine, members: dict[str, Any], word: str = "decisa") -> None:
        from api.cli import output

        if self.chosen.json:
            output.data("item", {"line": line.number, **members})
        elif not self.chosen.quiet:
            place = f"n. {members['index']}" if "index" in members else "(prova)"
            output.line(f"{line.number:>4}  {word} {place}  {members['sentence']}")
        output.flush()

    def _report(self, about: str, error: PistaError, line: int | None = None) -> None:
        from api.cli import output

        if self.chosen.json:
            where = {} if line is None else {"line": line}
            output.data("warning", {**where, **output.describe(error)})
        output.note(about)
        output.explain(error)


@contextmanager
def _failures() -> Iterator[None]:
    """Raise our errors in place of those of stores and system; a reader that went away is none."""
    from api.cli.system import system_error
    from ledger.views.failures import store_failures

    try:
        with store_failures():
            yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise system_error(error) from error


def _copied(book: Path, folder: Path) -> Path:
    """Return a copy of a book, which may not be there yet."""
    copy = folder / book.name
    if book.exists():
        copy.write_bytes(book.read_bytes())
    return copy


def _named_key(request: dict[str, Any]) -> str | None:
    """Return the key that a request names.

    Raises:
        Malformed: when it is no text.
    """
    from ledger.errors import Fault, Malformed

    uri = request.get("by")
    if uri is not None and not isinstance(uri, str):
        sentence = "«by» è una chiave, come file:keys/rup.pem"
        raise Malformed(sentence, [Fault("/by", "malformed-request", sentence)])
    return uri


def _checked_id(request: dict[str, Any]) -> str | None:
    """Return the id that a request brings along.

    Raises:
        Malformed: when it is no UUIDv7.
    """
    from ledger.domain.references import EventId
    from ledger.errors import Fault, Malformed, ShapeError

    given = request.get("id")
    if given is None:
        return None
    try:
        return str(EventId.parse(given if isinstance(given, str) else ""))
    except ShapeError as error:
        sentence = "«id» è un UUIDv7; se manca, ne viene dato uno"
        raise Malformed(sentence, [Fault("/id", "malformed-request", sentence)]) from error
