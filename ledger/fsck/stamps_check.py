"""The time stamps in the published folder: each over a note of this log, and by whoever it names.

    checkpoints/1291.tsr      over checkpoints/1291.log, the head of 1291 leaves signed by the log alone

Whether the authority is trusted is asked of the reader, and not here. A note without a token is what
an interrupted writing left.

Source: design FORMATS section 3.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, NotVerified, PistaError
from ledger.fsck.finding import Finding, remark
from ledger.journal.policy import parse_policy
from ledger.signing.timestamps import verify_stamp
from ledger.transparency.kept_stamps import NOTE_SUFFIX, STAMP_SUFFIX, KeptStamps, note_path
from ledger.transparency.static_log import check_is_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.fsck.published_check import Published

_KEEP: Final = "rimetterla da una copia di riserva, o toglierla con la sua nota"


def check_stamp(published: Published, name: str) -> Iterator[Finding]:
    """Yield what is wrong with one file of a time stamp, by its name in the folder."""
    size = int(name.rpartition("/")[2].partition(".")[0])
    if name.endswith(STAMP_SUFFIX):
        yield from _check_token(published, size, name)
    elif not (published.folder / name.replace(NOTE_SUFFIX, STAMP_SUFFIX)).is_file():
        sentence = "nota senza la sua marca, resto di una scrittura interrotta: si può togliere"
        yield remark("published-leftover", sentence, file=f"log/{name}")


def _check_token(published: Published, size: int, name: str) -> Iterator[Finding]:
    try:
        kept = KeptStamps(published.folder).read(size)
        if kept is None:
            sentence = f"la marca temporale non ha la sua nota {note_path(size)}: {_KEEP}"
            yield Finding("stamp-note-missing", sentence, file=f"log/{name}")
            return
        check_is_of(published.journal, kept.note, published.folder / note_path(size))
        _check_signed(published, size, kept.note)
        verify_stamp(kept.token, kept.note, None)
    except PistaError as error:
        yield Finding(error.code, f"{error.sentence} {_KEEP}", file=f"log/{name}")


def _check_signed(published: Published, size: int, note: bytes) -> None:
    """Raise NotVerified unless the log, by a key that it has or had then, signed a head of this size."""
    policies = [published.policy]
    with contextlib.suppress(Absent):
        policies.append(published.policy_at(size))
    errors: list[NotVerified] = []
    for policy in policies:
        try:
            verified = parse_policy(policy).verify_log(note)
        except NotVerified as error:
            errors.append(error)
            continue
        if verified.checkpoint.size != size or verified.unknown:
            raise NotVerified(
                "stamped-note-differs",
                f"La nota è della testata di {verified.checkpoint.size} foglie, o ha altre firme.",
            )
        return
    raise errors[0]
