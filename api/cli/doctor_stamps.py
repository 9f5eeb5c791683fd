"""What `pista doctor` says of time stamps: who is asked, what the newest one proves, how old it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.cli.doctor_check import ATTENTION, FAILS, OK, Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.app import Reading

WHAT: Final = "marca temporale"
_DO: Final = "`pista checkpoint timestamp`"


def stamp_checks(reading: Reading, said: Mapping[str, str]) -> Iterator[Check]:
    """Yield how the time stamps of an open ledger are, as its home and the environment `said` name them."""
    from api.stamp_mark import read_failure
    from api.tsa_settings import read_settings
    from ledger.errors import PistaError

    try:
        settings = read_settings(reading.home.path, said)
        yield _newest(reading, said, is_asked=bool(settings.url))
    except PistaError as error:
        yield Check(WHAT, FAILS, f"{error.code}: {error.sentence}")
        return
    failure = read_failure(reading.home.path)
    if settings.url and failure is not None:
        when = f"{failure.failed_at:%d/%m/%Y %H:%M} UTC"
        yield Check(
            "ultima marca chiesta", ATTENTION, f"{when}, {failure.code}: {failure.sentence}"
        )


def _newest(reading: Reading, said: Mapping[str, str], *, is_asked: bool) -> Check:
    """Return how the newest stamp is.

    Raises:
        PistaError: when it cannot be read, or proves nothing.
    """
    from api.machine import now
    from api.stamping import AGE, stamps_of
    from api.tsa_settings import read_trust
    from ledger.signing.timestamps import verify_stamp

    trust = read_trust(reading.home.path, said)
    kept = next(stamps_of(reading.home).newest_first(), None)
    if kept is None:
        asked = (
            f"nessuna: {_DO}" if is_asked else "nessuna autorità: senza data certa (facoltativa)"
        )
        return Check(WHAT, ATTENTION, asked)
    stamp = verify_stamp(kept.token, kept.note, trust)
    size = reading.evidence.last_head()
    detail = f"{stamp.at:%d/%m/%Y %H:%M} UTC su {kept.size} di {size} posizioni, {stamp.authority}"
    if not stamp.is_trusted:
        return Check(WHAT, ATTENTION, f"{detail}; autorità non riconosciuta: indicarla con --ca")
    if is_asked and kept.size < size and now() - stamp.at > AGE:
        return Check(WHAT, ATTENTION, f"{detail}; ha più di un giorno: {_DO}")
    return Check(WHAT, OK, detail)
