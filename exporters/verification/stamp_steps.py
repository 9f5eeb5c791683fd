"""Step 3: the time stamps over heads of this log.

Each token is over the note of a head, signed by the log alone: log/checkpoint.log, or that of an
earlier head, which must be a beginning of this log. The token is verified whole, offline, and leads
to an authority that the reader trusts (given from outside, never from the package), or it proves
nothing to this reader: told, and incomplete. One that is wrong contradicts. Without any token the
package is not time-stamped, which is told; it is incomplete only when the reader named authorities.
Source: FORMATS sections 3 and 7; RFC 3161.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from exporters.verification.trust_steps import log_keys
from ledger.errors import NotVerified
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.merkle import verify_consistency
from ledger.journal.proofs import parse_consistency
from ledger.signing.timestamps import verify_stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.verification.case import Case
    from exporters.verification.package_reader import Key
    from ledger.signing.timestamps import TimeStamp

    Named = tuple[str, Key]


def judge_stamps(case: Case) -> None:
    """Step 3, after the keys of the log are known: every token of the package."""
    if case.checkpoint is None:
        case.tally.cannot(3, "il punto di controllo non è leggibile")
        return
    found = 0
    for size, token, note in _tokens(case):
        found += 1
        with case.tally.guard(3, index=size - 1, file=case.package.path(*note)):
            data = case.package.read(*note)
            _judge_note(case, size, data)
            with case.tally.guard(3, index=size - 1, file=case.package.path(*token)):
                stamp = verify_stamp(case.package.read(*token), data, case.given.tsa)
                case.stamps.append((size, stamp))
    case.stamps.sort(key=lambda one: one[0])
    if found:
        _tell(case)
    else:
        _tell_none(case)


def _tokens(case: Case) -> Iterator[tuple[int, Named, Named]]:
    """Yield (size of the head, member of the token, member of its note) for every token."""
    for size in case.package.numbers("stamp"):
        yield size, ("stamp", size), ("stamped-note", size)
    if case.package.has("head-stamp") and case.checkpoint is not None:
        yield case.checkpoint.size, ("head-stamp", ""), ("log-signed", "")


def _judge_note(case: Case, size: int, note: bytes) -> None:
    """Raise NotVerified unless the log alone signed the note, of a beginning of this tree."""
    keys = log_keys(case)
    if not keys or case.checkpoint is None:
        raise NotVerified("log-key-unknown", "Senza la chiave del registro la nota non vale.")
    opened = open_checkpoint(note, keys[0], rotated=keys[1:])
    head = opened.checkpoint
    if opened.unknown or head.origin != case.checkpoint.origin or head.size != size:
        raise NotVerified(
            "stamped-note-differs",
            f"La nota marcata è di {head.size} foglie di {head.origin!r}, o ha altre firme oltre a"
            " quella del registro.",
        )
    _judge_root(case, size, head.root)


def _judge_root(case: Case, size: int, root: bytes) -> None:
    """Raise NotVerified unless the tree of that size is a beginning of the tree of the package."""
    if case.checkpoint is None:
        return
    known = {**case.proven, case.checkpoint.size: case.checkpoint.root}
    if size in known:
        if known[size] != root:
            raise NotVerified(
                "log-forked", f"A {size} foglie la nota marcata ha un'altra radice del registro."
            )
        return
    proof = parse_consistency(case.package.read("consistency", size))
    verify_consistency(size, root, case.checkpoint.size, case.checkpoint.root, proof)
    case.proven[size] = root


def _tell(case: Case) -> None:
    """Say what the stamps prove, and which of them prove nothing to this reader."""
    trusted = [stamp for _, stamp in case.stamps if stamp.is_trusted]
    others = [stamp for _, stamp in case.stamps if not stamp.is_trusted]
    if trusted:
        first, last = min(one.at for one in trusted), max(one.at for one in trusted)
        span = f"dal {first:%d/%m/%Y %H:%M:%S} al {last:%d/%m/%Y %H:%M:%S} UTC"
        case.tally.done(
            3, f"{_count(trusted)} {span}, di {_authorities(trusted)}, {_readers(trusted)}"
        )
        _tell_rest(case, max(size for size, stamp in case.stamps if stamp.is_trusted))
    if others:
        which = (
            "non fra quelle riconosciute" if case.given.tsa else "non riconosciuta: manca --tsa-ca"
        )
        case.tally.lack(
            3,
            f"{_count(others)} di un'autorità {which} (time stamp present, authority not trusted):"
            f" {_authorities(others)}",
        )


def _tell_rest(case: Case, size: int) -> None:
    """Say how many registrations of the package no trusted stamp covers."""
    after = sum(1 for index, _ in case.event_leaves() if index >= size)
    if after:
        case.tally.flag(3, f"{after} registrazioni dopo l'ultima marca (a {size} foglie)")


def _tell_none(case: Case) -> None:
    words = "senza marca temporale (not time-stamped)"
    if case.given.tsa is None:
        case.tally.flag(3, words)
    else:
        case.tally.lack(3, words)


def _count(stamps: list[TimeStamp]) -> str:
    return "una marca temporale" if len(stamps) == 1 else f"{len(stamps)} marche temporali"


def _authorities(stamps: list[TimeStamp]) -> str:
    return "; ".join(sorted({stamp.authority for stamp in stamps}))


def _readers(stamps: list[TimeStamp]) -> str:
    counted = sorted(Counter(stamp.reader for stamp in stamps).items())
    read = ", ".join(f"{count} con {reader}" for reader, count in counted)
    claimed = sum(stamp.is_qualified for stamp in stamps)
    return f"lette {read}" + (f", {claimed} che si dicono qualificate" if claimed else "")
