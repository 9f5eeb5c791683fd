"""What the operator of a witness said of a log: its origin, the keys it signs with, where it is.

    pista/witnessed-log/v1
    origin pnrr.comune.lecce.it/c_e506
    key pnrr.comune.lecce.it/c_e506+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
    url https://pista.comune.lecce.it/log/

The name of a key is mostly the origin, and need not be. There is one key, of type 0x01, or more
while the log goes from one to another; the line of the URL may be missing.

Source: C2SP tlog-witness, "Each witness is configured with a list of supported log public keys".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.errors import Unreadable
from ledger.journal.note import ED25519, VerifierKey, format_vkey, parse_vkey
from ledger.signing.edwards25519 import is_sound_key

_REMEMBERED: Final = 256
_HEADER: Final = "pista/witnessed-log/v1"
_ORIGIN, _KEY, _URL = "origin ", "key ", "url "
_CONTROL: Final = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A log that may be cosigned: origin, keys, where it is published (or nothing)."""

    origin: str
    keys: tuple[VerifierKey, ...]
    url: str = ""


def format_entry(entry: LogEntry) -> bytes:
    """Return the text of an entry.

    Raises:
        Unreadable: when it could not be read back: no origin, no key, a control character, a key
            twice, of another type or unsound (`witnessed-log-unreadable`).
    """
    lines = [_HEADER, f"{_ORIGIN}{entry.origin}"]
    lines += [f"{_KEY}{format_vkey(key)}" for key in entry.keys]
    lines += [f"{_URL}{entry.url}"] if entry.url else []
    data = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    if parse_entry(data) != entry:
        raise _unreadable("riletto, sarebbe un altro")
    return data


@lru_cache(maxsize=_REMEMBERED)
def parse_entry(data: bytes) -> LogEntry:
    """Return the entry that a text is; `format_entry` gives the same bytes.

    It is remembered by its text, since to find that a key is sound takes milliseconds.

    Raises:
        Unreadable: when it is not exactly that (`witnessed-log-unreadable`, `key-unreadable`).
    """
    try:
        header, *lines, last = data.decode("utf-8").split("\n")
    except ValueError as error:
        raise _unreadable("non sono righe di testo UTF-8") from error
    url = lines.pop().removeprefix(_URL) if lines and lines[-1].startswith(_URL) else None
    match lines:
        case [origin, *keys] if origin.startswith(_ORIGIN) and header == _HEADER and not last:
            entry = LogEntry(origin.removeprefix(_ORIGIN), tuple(map(_parse_key, keys)), url or "")
            if url != "" and _is_whole(entry):
                return entry
    raise _unreadable("servono origin, una o più righe key diverse, e al più una riga url")


def _parse_key(line: str) -> VerifierKey:
    key = parse_vkey(line.removeprefix(_KEY))
    if not line.startswith(_KEY) or key.type != ED25519 or not is_sound_key(key.public):
        raise _unreadable(f"{line[:120]!r} non è la chiave, di tipo 0x01, di un registro")
    return key


def _is_whole(entry: LogEntry) -> bool:
    has_control = _CONTROL.search(entry.origin + entry.url) is not None
    one_each = len(set(entry.keys)) == len(entry.keys) > 0
    return bool(entry.origin) and one_each and not has_control


def _unreadable(reason: str) -> Unreadable:
    return Unreadable(
        "witnessed-log-unreadable",
        f"Il registro da testimoniare non si legge: {reason}. Chiedere la chiave al registro.",
    )
