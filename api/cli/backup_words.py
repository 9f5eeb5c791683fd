"""What `pista backup` and `pista restore` say: what was done, then what is left to do.

Each thing that is left to a person is a warning with a code and a sentence; with one, the exit is 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from api.cli import exits, output
from ledger.errors import Absent, Frozen, NotVerified, PistaError
from ledger.vault.commitment import format_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from api.cli.options import Options
    from api.home import Home
    from ledger.application.backup import Made
    from ledger.application.proof_of_restore import Proven
    from ledger.application.restore import Restored

WITHOUT_KEYS = (
    "le chiavi non sono nella copia: conservare a parte keys/log.pem, keys/ca.pem e vault.key"
)
WITH_KEYS = (
    "la copia contiene le chiavi del registro: chi la possiede legge i documenti, anche quelli che"
    " saranno cancellati, e firma come il registro"
)
ANCHOR_ABSENT = (
    "L'ancora non c'è, e una copia non la contiene mai: il registro si apre in sola lettura finché"
    " una persona non la rimette con `pista anchor adopt --checkpoint FILE`, dove FILE è il più"
    " recente che si trova fuori da questa copia: punto di controllo di un testimone, prova"
    " .tlog-proof, ricevuta o pacchetto. Prima fermare per sempre ogni altra copia del registro."
)
TAIL_LOST = (
    "L'ancora conosce {} posizioni che la copia non ha: sono registrazioni perdute, forse fra esse"
    " cancellazioni di documenti. Il registro si apre in sola lettura finché una persona non decide:"
    " cercare una copia più recente, o dichiarare la lacuna."
)
KEY_MISSING = (
    "Manca {}, che non era nella copia: metterla in {}, con i permessi 600, da dove è conservata."
)
OBJECT_MISSING = (
    "Il documento {} manca o è rovinato ({}) e nessuna registrazione lo cancella: cercarlo in una"
    " copia precedente."
)
NOT_OPENED = "Manca vault.key: i documenti sono stati contati e non aperti."


def tell_made(chosen: Options, made: Made, *, with_keys: bool) -> None:
    """Say of a backup where it is and what it holds."""
    said = made.description
    members = {
        "folder": str(made.folder),
        "origin": said.origin,
        "size": said.size,
        "files": said.files,
        "bytes": said.size_bytes,
        "keys": with_keys,
    }
    lines = [
        f"copia {made.folder}",
        f"registro {said.origin}, {said.size} posizioni",
        f"{said.files} file, {said.size_bytes} byte; sha256sum -c manifest-sha256.txt li controlla",
        f"attenzione: {WITH_KEYS}" if with_keys else f"attenzione: {WITHOUT_KEYS}",
    ]
    _tell(chosen, members, lines, _missing_objects(said.absent))


def tell_restored(chosen: Options, restored: Restored, amiss: Sequence[PistaError]) -> None:
    """Say of a restored ledger where it is, and what keeps it from being written."""
    said, home = restored.description, chosen.home
    members = {
        "origin": said.origin,
        "size": said.size,
        "made_at": said.made_at.isoformat(),
        "lost": restored.lost,
        "erased": restored.erased,
    }
    lines = [
        f"registro {said.origin} rimesso in {home.path}, {said.size} posizioni",
        f"dalla copia del {_moment(said.made_at)}",
    ]
    if restored.erased:
        lines.append(f"{restored.erased} file di documenti cancellati non sono stati rimessi")
    left = [*_anchor(restored.lost), *_missing_keys(home, restored.secrets)]
    _tell(chosen, members, lines, [*left, *_missing_objects(restored.absent), *amiss])


def tell_proven(chosen: Options, source: Path, proven: Proven, amiss: Sequence[PistaError]) -> None:
    """Say of a backup what was proven, and how far it is behind the ledger at work."""
    said = proven.description
    members: dict[str, Any] = {
        "folder": str(source),
        "origin": said.origin,
        "size": said.size,
        "made_at": said.made_at.isoformat(),
        "signatures": proven.signatures,
        "documents": proven.opened,
        "behind": proven.behind,
        "erased_since": proven.erased_since,
        "lost": proven.lost,
    }
    lines = [
        f"copia {source} del {_moment(said.made_at)}",
        f"file: {said.files + 1}, tutti come furono scritti",
        f"registro {said.origin}: {said.size} posizioni rilette, la radice è quella firmata",
        f"firme: {proven.signatures} verificate; tabelle confrontate colonna per colonna",
        *_documents(proven.opened),
        *_behind(proven),
    ]
    left = [*_missing_objects(proven.absent), *amiss]
    if proven.opened is None:
        left.append(Absent("documents-not-opened", NOT_OPENED))
    _tell(chosen, members, lines, left)


def _documents(opened: int | None) -> Iterator[str]:
    if opened is not None:
        yield f"documenti: {opened} decifrati, uguali alle loro registrazioni"


def _behind(proven: Proven) -> Iterator[str]:
    if proven.behind is None:
        yield "nessun registro in uso con cui confrontarla"
    else:
        erased = proven.erased_since
        since = f"; documenti cancellati da allora: {erased}" if erased else ""
        yield f"è l'inizio del registro in uso, che ha {proven.behind} posizioni in più{since}"


def _anchor(lost: int | None) -> Iterator[PistaError]:
    if lost is None:
        yield Frozen("anchor-absent", ANCHOR_ABSENT)
    elif lost:
        yield Frozen("store-shorter", TAIL_LOST.format(lost))


def _missing_keys(home: Home, names: Iterable[str]) -> Iterator[PistaError]:
    for name in names:
        yield Absent("key-to-put-back", KEY_MISSING.format(name, home.path / name))


def _missing_objects(absent: Iterable[tuple[bytes, str]]) -> Iterator[PistaError]:
    for commit, code in absent:
        sentence = OBJECT_MISSING.format(format_commit(commit), code)
        yield NotVerified("object-not-in-backup", sentence)


def _moment(at: datetime) -> str:
    return f"{at:%d/%m/%Y %H:%M} UTC"


def _tell(
    chosen: Options,
    members: dict[str, Any],
    lines: Sequence[str],
    left: Iterable[PistaError],
) -> None:
    """Print what was done and what is left to do; the latter makes the exit 3."""
    warnings = list(left)
    code = exits.INCOMPLETE if warnings else exits.OK
    if chosen.json:
        output.data("item", members)
        for warning in warnings:
            output.data("warning", output.describe(warning))
        output.data("summary", {"count": 1, "exit": code})
    else:
        for text in lines:
            output.line(text)
    for warning in warnings:
        output.explain(warning)
    if code:
        raise typer.Exit(code)
