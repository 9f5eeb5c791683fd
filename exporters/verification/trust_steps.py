"""Steps 1 and 14, and what the ledger says of its own trust: policy, log key, a kept checkpoint.

1 the policy comes from outside the package; without one the result is not anchored. The copy in the
package is never trusted, but it must be the one that the founding event names. The log must sign
with the key that its events name (told under step 2, where it signs). 14 a checkpoint that the
reader kept from before is of the same log: that can be seen when it has the size of this one, or
of a basis that step 9 has proven, and else from the tiles of the log. Source: FORMATS sections 4 and 7.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from exporters.verification.log_steps import verify_same_log
from ledger.domain.settings import TRUST_POLICY
from ledger.errors import NotVerified, StorageError
from ledger.journal.checkpoint import open_checkpoint, parse_checkpoint
from ledger.journal.note import format_vkey, parse_note, parse_vkey
from ledger.journal.policy import parse_policy

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.note import VerifierKey

_LOG_KEY_ROTATED = "log-key-rotated/1"


def judge_policy(case: Case) -> None:
    """Step 1: read the policy given from outside the package."""
    given = case.given.policy
    if given is None:
        case.tally.lack(1, "nessun file di fiducia: coerente, non ancorato")
        return
    with case.tally.guard(1):
        case.policy = parse_policy(given)
        words = f"{len(case.policy.logs)} registri, {len(case.policy.witnesses)} testimoni"
        case.tally.done(1, f"{words}, quorum {case.policy.quorum}")


def judge_policy_copy(case: Case) -> None:
    """Step 1, after the key events: the copy in the package is the one that the ledger names.

    That is the one of its founding, or the newest that the administrators have put in force.
    """
    founding = case.envelopes.get(0)
    if founding is None:
        return
    with case.tally.guard(1, file=case.package.path("policy")):
        digest = hashlib.sha256(case.package.read("policy")).hexdigest()
        named = [row.value for row in case.law.adoptions(TRUST_POLICY)]
        if digest != (named[-1] if named else founding.data.get("policy")):
            raise NotVerified(
                "policy-differs", "Non è la copia dei criteri che il registro nomina."
            )


def judge_log_key(case: Case) -> None:
    """Step 2, after the key events: the log signs with the key that its own events name."""
    if case.log_key is None or not case.directory.log_key:
        return
    if format_vkey(case.log_key) == case.directory.log_key:
        return
    if format_vkey(case.log_key) in _earlier_log_keys(case):
        case.tally.flag(2, "firmato con una chiave del registro che non è l'ultima")
        return
    case.tally.fail(
        2,
        "log-key-differs",
        "Il registro nomina, nelle sue registrazioni, un'altra chiave di quella che firma.",
        file=case.package.path("checkpoint"),
    )


def log_keys(case: Case) -> list[VerifierKey]:
    """Return the keys that sign for this log: the one that signed its head, and those before it."""
    named = {vkey for vkey in _earlier_log_keys(case) if isinstance(vkey, str)}
    signing = [] if case.log_key is None else [case.log_key]
    earlier = [parse_vkey(vkey) for vkey in sorted(named)]
    return signing + [key for key in earlier if key not in signing]


def _earlier_log_keys(case: Case) -> set[object]:
    """Return the keys that the log was founded with or took since; a proposal names none."""
    events = case.in_force(_LOG_KEY_ROTATED)
    if 0 in case.signers:
        events.append(case.envelopes[0])
    return {one.data.get("log_key") for one in events}


def judge_kept(case: Case) -> None:
    """Step 14: the checkpoint that the reader kept agrees with that of the package."""
    kept = case.given.kept
    if kept is None:
        case.tally.flag(14, "nessun punto di controllo conservato da confrontare")
        return
    if case.checkpoint is None:
        case.tally.cannot(14, "il punto di controllo non è leggibile")
        return
    with case.tally.guard(14):
        old = _kept_head(case, kept)
        if old.origin != case.checkpoint.origin:
            raise NotVerified("origin-mismatch", f"È del registro {old.origin!r}.")
        roots = {**case.proven, case.checkpoint.size: case.checkpoint.root}
        if old.size in roots:
            _check_root(old, roots[old.size])
        elif case.given.log is None:
            words = f"il pacchetto non prova la coerenza con la dimensione {old.size}"
            case.tally.lack(14, f"{words}: indicare il registro")
            return
        else:
            try:
                verify_same_log(case, case.given.log, old, case.checkpoint)
            except StorageError as error:
                case.tally.cannot(14, error.sentence)
                return
        case.tally.done(14, f"coerente con {old.size} foglie")


def _kept_head(case: Case, kept: bytes) -> Checkpoint:
    """Return the head that was kept, signed by the log as far as its keys are known.

    Raises:
        NotVerified: as `Policy.verify_log`.
    """
    if case.policy is not None:
        return case.policy.verify_log(kept).checkpoint
    if case.log_key is not None:
        return open_checkpoint(kept, case.log_key).checkpoint
    return parse_checkpoint(parse_note(kept).text)


def _check_root(old: Checkpoint, root: bytes) -> None:
    if root != old.root:
        raise NotVerified(
            "log-forked",
            f"A {old.size} foglie il registro conservato ha un'altra radice: è un altro"
            " registro, o è stato riscritto.",
        )
