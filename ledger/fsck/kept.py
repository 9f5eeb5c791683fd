r"""The kept verified checkpoint: up to where this store has been examined in full.

    pista/fsck-kept/v1
    pnrr.comune.lecce.it/c_e506                      origin
    8192                                             leaves, closed by a heads leaf
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     base64 root
    sha256 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed...  of the four lines above, in hex

The last line is reproduced by `head -n 4 fsck.kept | sha256sum`: it names a byte that changed by
itself. It is no signature: who can change the store can write this file too. What it saves is work,
and it is believed only when the first leaves of the store have its root again.

It is written while an examination goes on, so that an interrupted one can be taken up, and only as
long as nothing was found; one that contradicts the store is evidence and is not replaced.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import StorageError, Unreadable
from ledger.journal.leaf import format_hash, format_number, parse_hash, parse_lines, parse_number
from ledger.vault import durable

if TYPE_CHECKING:
    from pathlib import Path

_HEADER: Final = "pista/fsck-kept/v1"
_DIGEST: Final = "sha256 "
_MOST_BYTES: Final = 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A tree of a log that was examined in full: its name, number of leaves, 32-byte root."""

    origin: str
    size: int
    root: bytes


def format_kept(kept: Kept) -> bytes:
    """Return the five lines.

    Raises:
        Unreadable: when the size is out of range or the root is not 32 bytes long.
    """
    size, root = format_number(kept.size), format_hash(kept.root)
    lines = f"{_HEADER}\n{kept.origin}\n{size}\n{root}\n".encode("ascii")
    return lines + f"{_DIGEST}{hashlib.sha256(lines).hexdigest()}\n".encode("ascii")


def parse_kept(data: bytes) -> Kept:
    """Return what the five lines say; `format_kept` of it gives the same bytes.

    Raises:
        Unreadable: when the bytes are not exactly such lines (`kept-unreadable`).
    """
    match parse_lines(data, "kept"):
        case [header, origin, size, root, _] if header == _HEADER:
            kept = Kept(origin, parse_number(size, "kept"), parse_hash(root, "kept"))
            if format_kept(kept) == data:
                return kept
    raise Unreadable(
        "kept-unreadable",
        f"Non sono le cinque righe '{_HEADER}', origine, numero, radice e loro impronta.",
    )


def read_kept(path: Path) -> Kept | None:
    """Return what the file says, None when there is no file.

    Raises:
        Unreadable: as `parse_kept`.
        StorageError: when the disk fails, or a folder is in the place (`kept-failed`).
    """
    try:
        with path.open("rb") as file:
            return parse_kept(file.read(_MOST_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(path, error) from error


def write_kept(path: Path, kept: Kept) -> None:
    """Put the file in place, whole or not at all.

    Raises:
        StorageError: when the disk fails, or a folder is in the place (`kept-failed`).
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        durable.replace(path, format_kept(kept), beside)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise _failed(path, error) from error


def _failed(path: Path, error: OSError) -> StorageError:
    what = f"Il file {path} non si può leggere o scrivere ({error.strerror}): controllare disco,"
    what += " spazio e permessi"
    if path.is_dir():
        what = f"Al posto del file {path} c'è una cartella: spostarla"
    return StorageError(
        "kept-failed",
        f"{what}, poi ripetere. L'esame vale; non resta scritto fin dove è arrivato.",
    )
