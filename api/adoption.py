"""Adopting a checkpoint as the lost anchor of a home: what would be done, then doing it.

    plan = plan_adoption(reading, Path("newest.receipt"), now())
    plan.size, plan.beyond, plan.made_at        25 leaves, 2 more in the store, the time of the 25th
    carry_out(reading, plan)

Everything that can be found out without a person is found out by the plan, and contradicts or not;
what only a person can know (other copies, witnesses, what others hold) is asked at the door.

Source: design FORMATS section 5 step 4; D62.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.home import read_part
from api.kept_proofs import KeptProofs, kept_proofs
from api.proof_files import find_checkpoint
from ledger.journal.adopt import adopt, check_adoption
from ledger.journal.anchor import FileAnchor
from ledger.journal.policy import QuorumMissing, parse_policy
from ledger.views.replay import head_time

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from api.app import Reading
    from ledger.journal.anchor import AnchorState
    from ledger.journal.checkpoint import Checkpoint, Cosigner, VerifiedCheckpoint
    from ledger.journal.policy import Policy


@dataclass(frozen=True, slots=True)
class Plan:
    """An adoption that nothing contradicts.

    `form` says what the checkpoint was found in, `made_at` when the last event of its tree was
    received, `store` how many leaves the store has; `kept` is what else the home shows. `is_own`
    tells that the checkpoint is of the copy itself, of its whole store or from its home, so that
    a copy of any age has one like it.
    """

    head: Checkpoint
    form: str
    cosigners: tuple[Cosigner, ...]
    made_at: datetime | None
    store: int
    is_own: bool
    kept: KeptProofs

    @property
    def beyond(self) -> int:
        """Return how many leaves the store has after the checkpoint."""
        return self.store - self.head.size


def plan_adoption(reading: Reading, path: Path) -> Plan:
    """Return what adopting the checkpoint in a file would do; nothing is written.

    Raises:
        Malformed, Unreadable: as `find_checkpoint`.
        NotVerified: when the checkpoint does not verify under the policy of the home
            (policy.py; `quorum-missing` says what that means).
        Conflict, Frozen, StorageError: as `check_adoption`.
    """
    policy = parse_policy(read_part(reading.home.policy))
    found = find_checkpoint(path)
    verified = _verified(found.note, policy)
    head, kept = verified.checkpoint, kept_proofs(reading, policy)
    check_adoption(FileAnchor(reading.home.anchor), head, reading.journal, kept.proofs)
    store = reading.journal.size
    own = (reading.home.path.resolve(), reading.home.public_log.resolve())
    is_inside = any(path.resolve().is_relative_to(one) for one in own)
    return Plan(
        head=head,
        form=found.form,
        cosigners=verified.cosigners,
        made_at=head_time(reading.journal, head.size),
        store=store,
        is_own=is_inside or head.size == store,
        kept=kept,
    )


def carry_out(reading: Reading, plan: Plan) -> AnchorState:
    """Create the anchor as planned, and return where it stands; raises as `adopt`."""
    anchor = FileAnchor(reading.home.anchor)
    return adopt(anchor, plan.head, reading.journal, plan.kept.proofs)


def _verified(note: bytes, policy: Policy) -> VerifiedCheckpoint:
    """Return the checkpoint as the policy accepts it.

    Raises:
        NotVerified: as `Policy.verify_checkpoint`.
    """
    try:
        return policy.verify_checkpoint(note)
    except QuorumMissing as missing:
        raise QuorumMissing(
            f"{missing.sentence} Senza quelle firme vale la sola parola del registro, che può darla"
            " a ogni sua copia, anche vecchia: l'ancora non è stata scritta.",
            missing.verified,
        ) from missing
