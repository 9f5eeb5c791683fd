"""A witness in its folder, with its parts joined: keys, clock, logs; and the places of logs.

opened = open_witness(Path("w1"))
opened.witness.add_checkpoint(body)
with source_of("https://pista.comune.lecce.it/log/") as source: ...
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.client.exchange import Exchange
from api.client.http_source import HTTPSource
from api.machine import boot_id, now, uptime
from ledger.errors import Absent
from ledger.journal.checkpoint import Ed25519Cosigner
from ledger.journal.clock import ClockFile, ClockGuard
from ledger.signing.signer import open_signer
from ledger.transparency.disk import FileDisk
from ledger.transparency.source import FolderSource
from ledger.transparency.witness import Witness
from ledger.transparency.witness_clock import WitnessClock
from ledger.transparency.witness_folder import RESCAN, WitnessFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.transparency.source import Source

EXCHANGE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class OpenWitness:
    """A witness and its parts; nothing is held open, files are read when they are needed."""

    folder: WitnessFolder
    name: str
    cosigner: Ed25519Cosigner
    rescanner: Ed25519Cosigner
    guard: ClockGuard
    clock: WitnessClock
    witness: Witness


def make_witness(path: Path, name: str) -> OpenWitness:
    """Make a witness in a folder, and return it.

    Raises:
        StorageError, Unreadable: as `WitnessFolder.make`.
    """
    WitnessFolder(path, FileDisk()).make(name, now())
    return open_witness(path)


def open_witness(path: Path) -> OpenWitness:
    """Return the witness of a folder.

    Raises:
        Absent: `no-witness`; `key-file-absent`.
        StorageError: when a file of it is damaged, or a key exposed.
    """
    folder = WitnessFolder(path, FileDisk())
    identity = folder.identity()
    cosigner = _cosigner(identity.name, folder.key)
    rescanner = _cosigner(identity.name + RESCAN, folder.rescan_key)
    guard = ClockGuard(now, uptime, ClockFile(folder.clock, boot_id()))
    clock = WitnessClock(guard, identity.made_at, path)
    witness = Witness(cosigner, folder.find, clock, rescanner)
    return OpenWitness(folder, identity.name, cosigner, rescanner, guard, clock, witness)


@contextmanager
def source_of(place: str) -> Iterator[Source]:
    """Open where a log is published: a URL of http or https, or a folder.

    Raises:
        Absent: `log-folder-absent`, when it is neither.
    """
    if place.startswith(("http://", "https://")):
        with Exchange(EXCHANGE_SECONDS) as exchange:
            yield HTTPSource(place, exchange)
    elif Path(place).is_dir():
        yield FolderSource(Path(place))
    else:
        raise Absent(
            "log-folder-absent",
            f"{place!r} non è un indirizzo http o https né una cartella: indicare dove il registro"
            " pubblica `checkpoint` e `tile/`.",
        )


def _cosigner(name: str, file: Path) -> Ed25519Cosigner:
    """Return the cosigner of a key file; raises StorageError, `key-file-malformed`, for another kind."""
    signer = open_signer(str(file))
    return Ed25519Cosigner(name, signer.sign, base64.urlsafe_b64decode(signer.jwk()["x"] + "="))
