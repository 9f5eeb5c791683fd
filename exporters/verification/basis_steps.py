"""Step 9: what each signer had seen of the log.

The basis of each envelope (size and root of the last checkpoint that its signer verified) is a
beginning of this log, ends with a heads leaf, lies before the envelope itself, and never goes back
for a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.errors import NotVerified
from ledger.journal.leaf import HeadsLeaf
from ledger.journal.merkle import EMPTY_ROOT, verify_consistency
from ledger.journal.proofs import parse_consistency

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.signing.envelope import Basis


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
