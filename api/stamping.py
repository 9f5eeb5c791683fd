"""Having the newest head of the log time-stamped: by hand, and by itself.

    with stamper_of(home, os.environ) as stamper:            None when no authority is named
        stamped = stamp_head(reading, stamper)
        stamp_when_due(reading, stamper)                         never raises what others cause

The token is over the note of the head with the signature of the log alone, which is never signed
anew otherwise (Ed25519 is deterministic). It is kept only when its time and that of this machine are
minutes apart at most: a token of another time would contradict every registration around it, and one
of the two clocks is wrong. By itself a head is stamped when the last stamp is a day old, or a phase
was entered or left since; nothing is stamped twice, and an authority that failed is left alone for an
hour. No registration waits for any of this.

Source: design FORMATS sections 3 and 7 (steps 3 and 10).
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from api.client.exchange import Exchange
from api.client.tsa import HTTPAuthority
from api.machine import now
from api.stamp_mark import StampFailure, forget_failure, read_failure, write_failure
from api.tsa_settings import read_password, read_settings, read_trust
from ledger.errors import NotVerified, PistaError
from ledger.signing.timestamp_token import read_token
from ledger.signing.timestamps import Asked, accept_answer, format_request, verify_stamp
from ledger.transparency.kept_stamps import KeptStamp, KeptStamps
from ledger.views.accepted import read_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from api.app import Reading
    from api.client.tsa import Authority
    from api.home import Home
    from ledger.signing.timestamp_trust import TSATrust
    from ledger.signing.timestamps import TimeStamp

SECONDS: Final = 10.0
CLOCKS_APART: Final = timedelta(minutes=5)
AGE: Final = timedelta(hours=24)
NONCE_BITS: Final = 64
PHASES: Final = "phase-"


@dataclass(frozen=True, slots=True)
class Stamper:
    """Whom to ask, under which policy, whom to believe; the clock and the numbers that are asked with."""

    authority: Authority
    policy: str | None
    trust: TSATrust | None
    clock: Callable[[], datetime]
    nonce: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A head with its stamp; `is_new` when it was made now."""

    size: int
    stamp: TimeStamp
    is_new: bool


@contextmanager
def stamper_of(home: Home, said: Mapping[str, str]) -> Iterator[Stamper | None]:
    """Lend what asks the authority that a home, or its environment `said`, names; None without one.

    Raises:
        ShapeError: `tsa-url-malformed`.
        Unreadable: `tsa-ca-malformed`.
        StorageError: `home-damaged`, `password-file-unreadable`.
    """
    settings = read_settings(home.path, said)
    if not settings.url:
        yield None
        return
    trust, password = read_trust(home.path, said), read_password(said)
    with Exchange(SECONDS) as exchange:
        authority = HTTPAuthority(exchange, settings.url, settings.user, password)
        yield Stamper(authority, settings.policy or None, trust, now, _nonce)


def trusted_names(home: Home) -> list[str]:
    """Return the names of the authorities that a home trusts.

    Raises:
        Unreadable: `tsa-ca-malformed`.
    """
    trust = read_trust(home.path, {})
    return [] if trust is None else [one.subject.rfc4514_string() for one in trust.anchors]


def stamps_of(home: Home) -> KeptStamps:
    """Return the stamps that are kept beside the published log."""
    return KeptStamps(home.public_log)


def stamp_head(reading: Reading, stamper: Stamper, size: int | None = None) -> Stamped:
    """Return the newest head, or that of `size`, with its stamp; the one that it has, else a new one.

    Raises:
        NotVerified: as `accept_answer`; `stamp-clock-differs`, when the authority has another time
            than this machine. Nothing is kept then, and the failure is remembered.
        StorageError: when nobody answers (codes of `Exchange` and `HTTPAuthority`), or the disk fails.
        Frozen: when the store contradicts its anchor.
    """
    wanted = reading.evidence.last_head() if size is None else size
    note = reading.evidence.signed(wanted)
    kept = stamps_of(reading.home)
    before = kept.read(wanted)
    if before is not None and before.note == note:
        with suppress(NotVerified):
            return Stamped(wanted, verify_stamp(before.token, note, stamper.trust), is_new=False)
    try:
        token, stamp = _ask(stamper, note)
        stored = kept.keep(KeptStamp(wanted, note, token))
    except PistaError as error:
        _remember(reading.home, StampFailure(stamper.clock(), error.code, error.sentence))
        raise
    _remember(reading.home, None)
    is_new = stored.token == token
    found = stamp if is_new else verify_stamp(stored.token, note, stamper.trust)
    return Stamped(wanted, found, is_new)


def stamp_when_due(reading: Reading, stamper: Stamper) -> Stamped | PistaError | None:
    """Stamp the newest head when it is due; return the stamp, why there is none, None when not due."""
    try:
        if not is_due(reading, stamper.clock()):
            return None
        return stamp_head(reading, stamper)
    except PistaError as error:
        return error


def is_due(reading: Reading, at: datetime) -> bool:
    """Tell whether the newest head is to be stamped now.

    Raises:
        StorageError: when the disk, or the store, fails.
    """
    head, newest = reading.evidence.last_head(), newest_stamp(stamps_of(reading.home))
    if head == 0 or (newest is not None and newest[0] >= head):
        return False
    failure = read_failure(reading.home.path)
    if failure is not None and failure.is_recent(at):
        return False
    if newest is None or at - newest[1] >= AGE:
        return True
    return _phase_changed(reading, newest[0], head)


def _phase_changed(reading: Reading, start: int, stop: int) -> bool:
    """Tell whether a phase was entered, completed, skipped or gone back to in these leaves."""
    found = read_log(reading.journal, start, stop)
    return any(event is not None and event.type.name.startswith(PHASES) for _, event in found)


def newest_stamp(kept: KeptStamps) -> tuple[int, datetime] | None:
    """Return size and time of the stamp over the largest head that can be read, unverified."""
    for stamp in kept.newest_first():
        with suppress(NotVerified):
            return stamp.size, read_token(stamp.token).info.at
    return None


def _ask(stamper: Stamper, note: bytes) -> tuple[bytes, TimeStamp]:
    asked = Asked(note, stamper.nonce(), stamper.policy)
    began = stamper.clock()
    answer = stamper.authority.ask(format_request(asked))
    token, stamp = accept_answer(answer, asked, stamper.trust)
    if abs(stamp.at - began) > CLOCKS_APART:
        raise NotVerified(
            "stamp-clock-differs",
            f"L'autorità di marcatura segna le {stamp.at:%H:%M:%S} UTC del {stamp.at:%d/%m/%Y}, questa"
            f" macchina le {began:%H:%M:%S} del {began:%d/%m/%Y}: la marca non è conservata. Controllare"
            " data, ora e fuso; poi `pista clock show`.",
        )
    return token, stamp


def _remember(home: Home, failure: StampFailure | None) -> None:
    """Remember a failure, or that there is none; a disk that refuses changes nothing else."""
    with suppress(OSError):
        if failure is None:
            forget_failure(home.path)
        else:
            write_failure(home.path, failure)


def _nonce() -> int:
    return secrets.randbits(NONCE_BITS)
