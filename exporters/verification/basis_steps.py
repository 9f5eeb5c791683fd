"""Steps 9 and 10: what each signer had seen of the log, and when it can have signed.

9 the basis of each envelope (size and root of the last checkpoint that its signer verified) is a
beginning of this log, ends with a heads leaf, lies before the envelope itself, and never goes back
for a key. 10 the times of receipt never go back; the time a signer claims should lie between the
last registration before its basis and ten minutes after receipt; when it does not, it is told and
not a failure, because clocks of persons are not evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ledger.errors import NotVerified
from ledger.journal.leaf import HeadsLeaf
from ledger.journal.merkle import EMPTY_ROOT, verify_consistency
from ledger.journal.proofs import parse_consistency

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.signing.envelope import Basis

TOLERANCE: Final = timedelta(minutes=10)
_SHOWN: Final = 20


def judge_bases(case: Case) -> None:
    """Step 9: every basis."""
    if case.checkpoint is None:
        case.tally.cannot(9, "il punto di controllo non è leggibile")
        return
    latest: dict[str, int] = {}
    for index, envelope in sorted(case.envelopes.items()):
        with case.tally.guard(9, index=index):
            basis = envelope.basis
            if basis.size > index:
                raise NotVerified(
                    "basis-ahead",
                    f"La base ({basis.size} foglie) comprende la registrazione stessa.",
                )
            if basis.size < latest.get(envelope.header.kid, 0):
                raise NotVerified(
                    "basis-behind", "La base è prima di quella già vista dalla chiave."
                )
            latest[envelope.header.kid] = basis.size
            _prove(case, basis)
    case.tally.done(9, f"{len(case.proven)} basi distinte")


def _prove(case: Case, basis: Basis) -> None:
    """Raise NotVerified when the basis is not a published head of this log."""
    if case.proven.get(basis.size) == basis.root:
        return
    if basis.size == 0:
        if basis.root != EMPTY_ROOT:
            raise NotVerified("basis-differs", "La base vuota non ha la radice dell'albero vuoto.")
        return
    _judge_closing(case, basis.size - 1)
    if case.checkpoint is not None:
        proof = parse_consistency(case.package.read("consistency", basis.size))
        size, root = case.checkpoint.size, case.checkpoint.root
        verify_consistency(basis.size, basis.root, size, root, proof)
        case.proven[basis.size] = basis.root


def _judge_closing(case: Case, last: int) -> None:
    leaf = case.leaves.get(last)
    if not isinstance(leaf, HeadsLeaf) or leaf.size != last or last not in case.included:
        raise NotVerified(
            "basis-not-published",
            f"La foglia {last}, ultima della base, manca o non chiude un albero pubblicato.",
        )


def judge_times(case: Case) -> None:
    """Step 10: receipt never goes back; claimed times outside their interval are told."""
    received = [(index, leaf.received_at) for index, leaf in case.timed_leaves()]
    for (_, before), (index, after) in pairwise(received):
        if after < before:
            case.tally.fail(
                10, "received-back", f"È ricevuta ({after}) prima della precedente.", index=index
            )
    indexes = [index for index, _ in received]
    outside = []
    for index, at in received:
        envelope = case.envelopes.get(index)
        if envelope is None:
            continue
        seen = bisect_left(indexes, envelope.basis.size)
        too_early = seen > 0 and envelope.claimed_at < received[seen - 1][1].replace(microsecond=0)
        if too_early or envelope.claimed_at > at + TOLERANCE:
            outside.append(index)
    first_last = f"dal {received[0][1]:%d/%m/%Y} al {received[-1][1]:%d/%m/%Y}" if received else ""
    case.tally.done(10, f"ricezioni in ordine {first_last}".rstrip())
    if outside:
        shown = ", ".join(map(str, outside[:_SHOWN]))
        case.tally.flag(
            10, f"{len(outside)} ora dichiarata fuori intervallo (base, ricezione): {shown}"
        )
