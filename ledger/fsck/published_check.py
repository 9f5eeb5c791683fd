"""The published folder against the log: every tile, every head, nothing else, nothing missing.

    for found in check_published(Published(folder, journal, policies.at, policy), told): ...

Whatever lies in the folder must follow from the log: tiles and bundles byte by byte, the heads that
were published by their root, their signatures and their quorum under the policy in force there, time
stamps (stamps_check.py). What
the published head needs is there, and so are the partial tiles of older heads that are not full yet.
The folder is looked at as it is now; who publishes meanwhile adds to it and takes partial tiles away
only when the full one is there.

Source: design FORMATS sections 3 and 5; C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, PistaError, Unreadable
from ledger.fsck.finding import Finding, remark
from ledger.fsck.stamps_check import check_stamp
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import parse_note
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.journal.tiles import (
    TilePlace,
    bundles_of,
    parse_tile_path,
    path_of,
    tiles_of,
)
from ledger.transparency.kept_checkpoints import (
    KEPT_FOLDER,
    WAITING_FOLDER,
    KeptCheckpoints,
    kept_path,
)
from ledger.transparency.public_files import DRAFT_PREFIX, LOCK_NAME
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.static_log import (
    PENDING_PATH,
    POLICY_PATH,
    StaticLog,
    check_is_of,
    content_of,
    partial_tiles,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.journal.journal import Journal

_KEPT: Final = re.compile(rf"{KEPT_FOLDER}/(?:0|[1-9][0-9]{{0,18}})")
_WAITING: Final = re.compile(rf"{WAITING_FOLDER}/(?:0|[1-9][0-9]{{0,18}})")
_STAMP: Final = re.compile(rf"{_KEPT.pattern}(?:\.tsr|\.log)")
_HEADS: Final = (CHECKPOINT_PATH, PENDING_PATH)
_TILES: Final = "tile/"
_WRITE: Final = "toglierlo, e `pista checkpoint publish` lo riscrive"
_KEEP: Final = "rimetterlo da una copia di riserva"
_AWAY: Final = "si può togliere"


@dataclass(frozen=True, slots=True)
class Published:
    """A published folder, the log that it is of, and the policies that were in force.

    `policy_at` gives the policy of a head, `policy` is the one in use.
    """

    folder: Path
    journal: Journal
    policy_at: Callable[[int], bytes]
    policy: bytes


def check_published(published: Published, told: Callable[[int, int], None]) -> Iterator[Finding]:
    """Yield what is wrong; `told` hears how many files are done, of how many.

    A folder that is not there has nothing wrong in it.
    """
    if not published.folder.is_dir():
        return
    heads = _Heads(published)
    yield from heads.findings
    files = sorted(path for path in published.folder.rglob("*") if not path.is_dir())
    for number, path in enumerate(files, start=1):
        told(number, len(files))
        yield from _check_file(published, path)
    yield from _missing(published.folder, heads)


class _Heads:
    """The heads in the folder: the sizes of those that are of the log, and what is wrong."""

    def __init__(self, published: Published) -> None:
        self._of = published
        self.findings: list[Finding] = []
        static, kept = StaticLog(published.folder), KeptCheckpoints(published.folder)
        self.kept = [size for size in kept.sizes() if self._is_head(kept_path(size), size)]
        self.published = self._size_of(CHECKPOINT_PATH, static.checkpoint)
        self._size_of(PENDING_PATH, static.pending)
        waiting = KeptCheckpoints(published.folder, WAITING_FOLDER)
        for size in waiting.sizes():
            self._size_of(kept_path(size, WAITING_FOLDER), partial(waiting.read, size))
        self._check_order()

    def _size_of(self, path: str, read: Callable[[], bytes | None]) -> int:
        """Return the size of a head, 0 when it is not there or is none."""
        try:
            note = read()
            size = 0 if note is None else parse_checkpoint(parse_note(note).text).size
        except PistaError as error:
            self.findings.append(_fault(error.code, error.sentence, path))
            return 0
        return size if note is not None and self._is_right(path, note, size) else 0

    def _is_head(self, path: str, size: int) -> bool:
        """Tell whether what is kept under a size is the head of that size."""
        found = self._size_of(path, lambda: KeptCheckpoints(self._of.folder).read(size))
        if found not in {0, size}:
            sentence = f"è la testata di {found} foglie, sotto il nome di un'altra: {_KEEP}"
            self.findings.append(_fault("published-misnamed", sentence, path))
        return found == size

    def _is_right(self, path: str, note: bytes, size: int) -> bool:
        """Judge a head by the log, and by the policy in force there."""
        try:
            check_is_of(self._of.journal, note, self._of.folder / path)
            policy = parse_policy(self._of.policy_at(size))
            if path == PENDING_PATH or path.startswith(WAITING_FOLDER):
                policy.verify_signatures(note)
            else:
                policy.verify_checkpoint(note)
        except (Absent, QuorumMissing) as error:
            self.findings.append(_remark(error.code, error.sentence, path))
        except PistaError as error:
            self.findings.append(_fault(error.code, error.sentence, path))
            return False
        return True

    def _check_order(self) -> None:
        """The newest head that is kept is the one that everyone is shown."""
        newest = self.kept[-1] if self.kept else 0
        if self.published > newest:
            sentence = f"la testata pubblicata non è conservata in {kept_path(self.published)}"
        elif self.published < newest:
            sentence = f"fu pubblicata la testata di {newest} foglie, e questa non lo è"
        else:
            return
        sentence += ": `pista checkpoint publish`"
        self.findings.append(_remark("published-not-newest", sentence, CHECKPOINT_PATH))


def _check_file(published: Published, path: Path) -> Iterator[Finding]:
    """Judge one file by its name and, for a tile, by its content."""
    name = path.relative_to(published.folder).as_posix()
    if name.startswith(_TILES) and not path.name.startswith(DRAFT_PREFIX):
        yield from _check_tile(published, path, name)
    elif name == POLICY_PATH:
        if path.read_bytes() != published.policy:
            sentence = "non è il file di fiducia in uso: `pista checkpoint publish` lo riscrive"
            yield _remark("published-policy-differs", sentence, name)
    elif path.name.startswith(DRAFT_PREFIX):
        yield _remark("published-leftover", f"resto di una scrittura interrotta: {_AWAY}", name)
    elif _STAMP.fullmatch(name):
        yield from check_stamp(published, name)
    elif not _is_known(name):
        sentence = "nessuno la pubblica, e chiunque la legge: spostarla altrove"
        yield _remark("published-file-unknown", sentence, name)


def _is_known(name: str) -> bool:
    return (
        name in {*_HEADS, LOCK_NAME, f"{KEPT_FOLDER}/{LOCK_NAME}"}
        or _KEPT.fullmatch(name) is not None
        or _WAITING.fullmatch(name) is not None
    )


def _check_tile(published: Published, path: Path, name: str) -> Iterator[Finding]:
    try:
        place = parse_tile_path(name)
    except Unreadable:
        sentence = "non è un blocco del registro: spostarlo altrove"
        yield _remark("published-file-unknown", sentence, name)
        return
    try:
        stored = path.read_bytes()
        is_same = stored == content_of(published.journal, place)
    except FileNotFoundError:  # a partial tile that whoever publishes has just taken away
        return
    except OSError as error:
        yield _fault("published-unreadable", f"non si legge: {error.strerror}", name)
        return
    except IndexError:
        sentence = f"ha foglie che il registro non ha: {_WRITE}"
        yield _fault("published-tile-surplus", sentence, name)
        return
    if not is_same:
        sentence = f"non è ciò che le foglie del registro danno: {_WRITE}"
        yield _fault("published-tile-differs", sentence, name)


def _missing(folder: Path, heads: _Heads) -> Iterator[Finding]:
    """Yield the files that a head that was published needs, and that are not there."""
    size = heads.published
    for place in (*bundles_of(size), *tiles_of(size), *partial_tiles(size, heads.kept)):
        full = TilePlace(place.level, place.index)
        if not any((folder / path_of(one)).is_file() for one in {place, full}):
            sentence = "manca, e chi legge il registro ne ha bisogno: `pista checkpoint publish`"
            yield _fault("published-tile-missing", sentence, path_of(place))


def _fault(code: str, sentence: str, path: str) -> Finding:
    return Finding(code, sentence, file=f"log/{path}")


def _remark(code: str, sentence: str, path: str) -> Finding:
    return remark(code, sentence, file=f"log/{path}")
