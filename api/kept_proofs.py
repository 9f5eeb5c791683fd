"""What a home still shows of its log, wherever the store has gone since: asked before an adoption.

    outbox/*.receipt, *.checkpoint      receipts, and the last head that each key has verified
    packages/**.zip, .receipt           packages, unpacked ones too, and the receipts of their exports
    log/checkpoint*, log/checkpoints/*  the heads that were published, time-stamped, or wait to be
    fsck.kept                           up to where the store was examined
    backup.made, backup.proven          how many leaves the last backups had
    views                               how many leaves the views have seen

Files are recognised by their content (proof_files.py), so a proof that somebody puts into the
outbox counts as well. Notes are believed when the log signed them, with or without its witnesses;
the others are the home's own word, which is enough to refuse and never enough to adopt. A file that
cannot be read, or whose signature does not hold, might have been the newest one: it is told.

Source: what is in a home, api/home.py; D62.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from api.backup_marks import MADE, PROVEN, read_mark
from api.client.book import UNFINISHED
from api.proof_files import find_checkpoint
from ledger.errors import PistaError
from ledger.fsck.kept import read_kept
from ledger.journal.adopt import KeptProof
from ledger.journal.checkpoint import parse_checkpoint
from ledger.journal.note import parse_note
from ledger.journal.policy import QuorumMissing
from ledger.transparency.kept_checkpoints import KEPT_FOLDER, KeptCheckpoints, kept_path
from ledger.transparency.kept_stamps import NOTE_SUFFIX
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.static_log import PENDING_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.app import Reading
    from api.home import Home
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.policy import Policy

# What else the outbox holds: envelopes, the books of `pista record`, what is half-written.
_NO_PROOFS: Final = frozenset({".jws", ".ids", ".persons", UNFINISHED})
_OF_PACKAGES: Final = ("*.zip", "*.receipt")


@dataclass(frozen=True, slots=True)
class KeptProofs:
    """The trees that a home shows, and (file, why) of what might have shown one."""

    proofs: list[KeptProof] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    @property
    def newest(self) -> KeptProof | None:
        """Return the proof of the largest tree, None when there is no proof."""
        return max(self.proofs, key=lambda proof: proof.size, default=None)


def kept_proofs(reading: Reading, policy: Policy) -> KeptProofs:
    """Return what the home of an open ledger shows of trees of its log."""
    home, origin = reading.home, reading.settings.origin
    found = KeptProofs()
    believed: dict[bytes, Checkpoint] = {}
    for path in _files(home):
        where = _named(path, home)
        try:
            note = find_checkpoint(path).note
            if parse_checkpoint(parse_note(note).text).origin != origin:
                continue
            if note not in believed:
                believed[note] = _signed(note, policy)
        except PistaError as error:
            found.unread.append((where, error.sentence))
        else:
            found.proofs.append(KeptProof(where, believed[note].size, believed[note].root))
    _add_examined(home, origin, found)
    found.proofs.extend(_backups(home))
    found.proofs.append(KeptProof("Ciò che le viste hanno letto", reading.runner.health.seen))
    return found


def _files(home: Home) -> Iterator[Path]:
    """Yield the files, and folders of packages, that may hold a checkpoint."""
    for path in sorted(home.outbox.rglob("*")):
        if path.suffix not in _NO_PROOFS and path.is_file():
            yield path
    for pattern in _OF_PACKAGES:
        yield from sorted(home.packages.rglob(pattern))
    yield from sorted(path.parent for path in home.packages.rglob("bagit.txt"))
    heads = (
        CHECKPOINT_PATH,
        PENDING_PATH,
        *map(kept_path, KeptCheckpoints(home.public_log).sizes()),
    )
    yield from (path for name in heads if (path := home.public_log / name).is_file())
    yield from sorted((home.public_log / KEPT_FOLDER).glob(f"[0-9]*{NOTE_SUFFIX}"))


def _named(path: Path, home: Home) -> str:
    """Return the name of a file as it is told; the published log may be outside the home."""
    return str(path.relative_to(home.path) if path.is_relative_to(home.path) else path)


def _signed(note: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint of a note that the log signed, cosigned or not.

    Raises:
        NotVerified: as `Policy.verify_checkpoint`, but for the quorum.
    """
    try:
        return policy.verify_checkpoint(note).checkpoint
    except QuorumMissing as missing:
        return missing.verified.checkpoint


def _add_examined(home: Home, origin: str, found: KeptProofs) -> None:
    """Add the tree that was last examined, or why it cannot be told."""
    name = home.kept.name
    try:
        kept = read_kept(home.kept)
    except PistaError as error:
        found.unread.append((name, error.sentence))
        return
    if kept is not None and kept.origin == origin:
        found.proofs.append(KeptProof(name, kept.size, kept.root))


def _backups(home: Home) -> Iterator[KeptProof]:
    """Yield the sizes of the backups that the home remembers."""
    for name in (MADE, PROVEN):
        mark = read_mark(home.path, name)
        if mark is not None:
            yield KeptProof(f"{name} (copia {mark.folder})", mark.size)
