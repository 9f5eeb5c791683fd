"""TSTInfo: what a time-stamping authority says, the content of its token.

    version 1, policy 1.3.76.36.1.1.40, imprint SHA-256 of the note, serial 4711,
    genTime 20260304102030Z, accuracy 1 s 500 ms, ordering false, nonce, name of the authority

`genTime` may have a fraction of a second; `accuracy` says how far it may be off, and may be missing.
An extension that must be understood is not, and refuses the token; that of ETSI EN 319 422, by which a
token calls itself a qualified time stamp, is read.

Source: RFC 3161 section 2.4.2; ETSI EN 319 422 section 9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from asn1crypto import core

from ledger.errors import NotVerified

if TYPE_CHECKING:
    from asn1crypto import algos, tsp
    from asn1crypto.x509 import GeneralName

DIGESTS: Final = frozenset({"sha256", "sha384", "sha512"})

_NULL: Final = b"\x05\x00"
_GEN_TIME: Final = re.compile(rb"([0-9]{14})(?:\.([0-9]{1,9}))?Z")
_MICROS: Final = 6
_THOUSAND: Final = 1000
_MAX_ACCURACY_SECONDS: Final = 366 * 24 * 3600
_QUALIFIED: Final = "0.4.0.19422.1.1"  # esi4-qtstStatement-1
_QC_STATEMENTS: Final = "1.3.6.1.5.5.7.1.3"


@dataclass(frozen=True, slots=True)
class Info:
    """What the authority says; `accuracy`, `nonce` and `tsa` are None where it does not."""

    at: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    imprint_hash: str
    imprint: bytes
    nonce: int | None
    ordering: bool
    tsa: GeneralName | None
    is_qualified: bool


def read_info(info: tsp.TSTInfo) -> Info:
    """Return what the authority says.

    Raises:
        ValueError: when a field has a value that it cannot have, and others that asn1crypto raises.
        NotVerified: when the digest is of an algorithm that proves nothing (`stamp-algorithm-weak`).
    """
    expect(int(info["version"]) == 1, "la versione di TSTInfo")
    extensions = [] if isinstance(info["extensions"], core.Void) else list(info["extensions"])
    expect(
        not any(one["critical"].native for one in extensions), "un'estensione critica sconosciuta"
    )
    statements = [
        bytes(one["extn_value"]) for one in extensions if one["extn_id"].dotted == _QC_STATEMENTS
    ]
    return Info(
        at=_gen_time(info["gen_time"].contents),
        accuracy=_accuracy(info["accuracy"]),
        policy=info["policy"].dotted,
        serial=int(info["serial_number"]),
        imprint_hash=digest_named(info["message_imprint"]["hash_algorithm"]),
        imprint=bytes(info["message_imprint"]["hashed_message"]),
        nonce=info["nonce"].native,
        ordering=bool(info["ordering"].native),
        tsa=None if isinstance(info["tsa"], core.Void) else info["tsa"],
        is_qualified=any(core.ObjectIdentifier(_QUALIFIED).dump() in one for one in statements),
    )


def _gen_time(text: bytes) -> datetime:
    """Return a GeneralizedTime in UTC; what is finer than a microsecond is rounded up."""
    match = _GEN_TIME.fullmatch(text)
    if match is None:
        raise ValueError("genTime non è in UTC")
    whole = datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    digits = (match[2] or b"").ljust(_MICROS, b"0")
    micros = int(digits[:_MICROS]) + bool(digits[_MICROS:].strip(b"0"))
    return whole + timedelta(microseconds=micros)


def _accuracy(found: tsp.Accuracy) -> timedelta | None:
    if isinstance(found, core.Void):
        return None
    parts = {name: found[name].native or 0 for name in ("seconds", "millis", "micros")}
    sound = 0 <= parts["seconds"] <= _MAX_ACCURACY_SECONDS
    expect(
        sound and all(0 <= parts[name] < _THOUSAND for name in ("millis", "micros")),
        "la precisione",
    )
    return timedelta(
        seconds=parts["seconds"], milliseconds=parts["millis"], microseconds=parts["micros"]
    )


def digest_named(algorithm: algos.AlgorithmIdentifier) -> str:
    """Return the name of a digest algorithm that proves something.

    Raises:
        NotVerified: for any other (`stamp-algorithm-weak`).
        ValueError: when it has parameters.
    """
    name = str(algorithm["algorithm"].native)
    if algorithm["parameters"].dump() not in {b"", _NULL}:
        raise ValueError("un algoritmo di impronta ha parametri")
    if name not in DIGESTS:
        raise weak(name)
    return name


def weak(name: str) -> NotVerified:
    """Return the error of an algorithm that proves nothing, or that this program does not know."""
    return NotVerified(
        "stamp-algorithm-weak",
        f"La marca temporale usa {name[:80]!r}, che non prova nulla o non è conosciuto: servono"
        " SHA-256, SHA-384 o SHA-512, con RSA da 2048 bit o P-256, P-384, P-521.",
    )


def expect(condition: bool, what: str) -> None:  # noqa: FBT001  a condition, as in an assertion
    """Raise ValueError unless a part is as it must be."""
    if not condition:
        raise ValueError(f"non è come deve: {what}")
