"""Steps 2 and 4: what the log signed, how old it is, what closes it.

2 the checkpoint is strict, signed by the log, cosigned by the quorum, not older than asked;
`log/checkpoint.log` is the same with the log's signature alone. Without a policy the log key of the
founding event serves, for coherence only. 4 the last leaf is a heads leaf that covers all before
it. A signature line that neither the policy given nor the copy in the package explains is refused, so
that no byte of a note is without meaning.
Source: FORMATS sections 3 and 7; C2SP tlog-checkpoint, tlog-policy.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import VerifiedCheckpoint, open_checkpoint, parse_checkpoint
from ledger.journal.leaf import HeadsLeaf
from ledger.journal.merkle import Frontier
from ledger.journal.note import (
    VerifierKey,
    format_note,
    keep_signatures,
    parse_note,
    parse_vkey,
)
from ledger.journal.policy import Policy, QuorumMissing, parse_policy
from ledger.journal.proofs import parse_proof
from ledger.signing.envelope import parse as parse_envelope

if TYPE_CHECKING:
    from exporters.verification.case import Case

_NO_CHECKPOINT = "il punto di controllo non è leggibile"


def judge_checkpoint(case: Case) -> None:
    """Step 2: the checkpoint, its signatures, its quorum, its age."""
    path = case.package.path("checkpoint")
    with case.tally.guard(2, file=path):
        data = case.package.read("checkpoint")
        case.checkpoint_bytes = data
        case.checkpoint = parse_checkpoint(parse_note(data).text)
        verified = _verified(case, data)
        case.log_key = verified.log_key
        _refuse_unknown(case, verified)
        _judge_log_signed(case, verified)
        names = ", ".join(one.name for one in verified.cosigners) or "nessuno"
        size = case.checkpoint.size
        case.tally.done(2, f"{size} foglie, firmato dal registro, testimoni: {names}")
        if verified.cosigners:
            latest = max(one.time for one in verified.cosigners)
            case.checkpoint_at = _moment(latest)
            if case.policy is not None:
                case.cosigned_at = _moment(min(one.time for one in verified.cosigners))


def _verified(case: Case, data: bytes) -> VerifiedCheckpoint:
    if case.policy is None:
        return open_checkpoint(data, _founding_key(case), _own_witnesses(case))
    try:
        return case.policy.verify_checkpoint(data)
    except QuorumMissing as missing:
        case.tally.lack(2, f"quorum mancante: {missing.sentence}")
        return missing.verified


def _founding_key(case: Case) -> VerifierKey:
    """Return the log key that leaf 0 names: enough for coherence, never for trust."""
    envelope = parse_envelope(case.package.read("event", 0))
    named: Any = envelope.data.get("log_key")
    if not isinstance(named, str):
        raise Unreadable("founding-unreadable", "La registrazione 0 non nomina la chiave del log.")
    return parse_vkey(named)


def _own_policy(case: Case) -> Policy | None:
    """Return the copy of the policy in the package, never trusted; None when it is unreadable."""
    try:
        return parse_policy(case.package.read("policy"))
    except NotVerified:
        return None


def _own_witnesses(case: Case) -> list[VerifierKey]:
    own = _own_policy(case)
    return [] if own is None else [one.key for one in own.witnesses]


def _refuse_unknown(case: Case, verified: VerifiedCheckpoint) -> None:
    """Fail for each signature line that no key, given or in the package, explains."""
    keys = _own_witnesses(case)
    explained = open_checkpoint(case.checkpoint_bytes, verified.log_key, keys)
    unknown = set(verified.unknown) & set(explained.unknown)
    for line in unknown:
        case.tally.fail(
            2,
            "signature-unknown",
            f"La riga di firma di {line.name!r} non è di nessuna chiave nota.",
            file=case.package.path("checkpoint"),
        )


def _judge_log_signed(case: Case, verified: VerifiedCheckpoint) -> None:
    path = case.package.path("log-signed")
    with case.tally.guard(2, file=path):
        alone = keep_signatures(verified.note, _log_keys(case, verified))
        if case.package.read("log-signed") != format_note(alone):
            raise NotVerified(
                "checkpoint-differs",
                "Non è log/checkpoint con la sola firma del registro.",
            )


def _log_keys(case: Case, verified: VerifiedCheckpoint) -> list[VerifierKey]:
    policies = [policy for policy in (case.policy, _own_policy(case)) if policy is not None]
    return [verified.log_key, *(log.key for policy in policies for log in policy.logs)]


def judge_age(case: Case) -> None:
    """Step 2: the age, by the latest cosignature or else by the last registration.

    It is carried out after the leaves were read, because without witnesses the only time there is
    stands in the leaves.
    """
    if case.checkpoint_at is None:
        case.checkpoint_at = max(
            (leaf.received_at for _, leaf in case.timed_leaves()), default=None
        )
    limit = case.given.max_age
    if limit is None:
        return
    now = case.given.now or datetime.now(UTC)
    if case.checkpoint_at is None or now - case.checkpoint_at > limit:
        shown = (
            "ignota" if case.checkpoint_at is None else f"{case.checkpoint_at:%d/%m/%Y %H:%M} UTC"
        )
        case.tally.lack(2, f"punto di controllo oltre l'età massima (data {shown})")


def judge_closing(case: Case) -> None:
    """Step 4: the last leaf is a heads leaf, included, that covers all leaves before it."""
    if case.checkpoint is None:
        case.tally.cannot(4, _NO_CHECKPOINT)
        return
    last = case.checkpoint.size - 1
    leaf = case.leaves.get(last)
    if not isinstance(leaf, HeadsLeaf):
        case.tally.fail(
            4,
            "closing-leaf-missing",
            f"L'ultima foglia ({last}) manca, non è leggibile o non è una foglia di chiusura.",
            index=last,
        )
        return
    case.heads = leaf
    if last not in case.included:
        case.tally.fail(
            4, "inclusion-not-proven", "La foglia di chiusura non è provata.", index=last
        )
    elif leaf.size != last or leaf.root != _root_before(case, last):
        case.tally.fail(
            4,
            "closing-leaf-differs",
            f"La foglia di chiusura copre {leaf.size} foglie con un'altra radice di quella delle"
            f" {last} foglie prima di lei.",
            index=last,
        )
    case.tally.done(4, f"la foglia {last} copre le {leaf.size} prima di lei, {leaf.streams} flussi")


def _root_before(case: Case, last: int) -> bytes | None:
    """Return the root of the leaves before the last, which its own inclusion path consists of."""
    path = parse_proof(case.package.read("proof", last)).path
    if len(path) != last.bit_count():
        return None
    return Frontier(last, path[::-1]).root()


def _moment(seconds: int) -> datetime | None:
    """Return the time of a cosignature, None when no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
