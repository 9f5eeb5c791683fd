"""What `pista doctor` says of the published log and of its witnesses.

    registro pubblicato   fino a 1291 di 1294 posizioni
    testimoni             R1 24/11/2026 09:12 UTC, R2 24/11/2026 09:12 UTC

A head is cosigned anew at least every 24 hours: the signatures that are younger than that must make
the quorum alone. Source: design FORMATS section 3.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.cli.doctor_check import ATTENTION, FAILS, OK, Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.app import Reading
    from api.publication_mark import Attempt
    from ledger.journal.checkpoint import VerifiedCheckpoint
    from ledger.journal.policy import Policy

PUBLISH = "`pista checkpoint publish`"


def publication_checks(reading: Reading, at: datetime) -> Iterator[Check]:
    """Yield how the published log is, and whether its witnesses have signed it lately."""
    from api.publication_mark import read_attempt
    from api.publishing import contradictions
    from ledger.errors import PistaError
    from ledger.journal.policy import parse_policy

    for path in contradictions(reading.home):
        what = (
            "la chiave del registro ha firmato una testata che non è sua: fermare chi scrive, una"
        )
        yield Check("contraddizione", FAILS, f"{path}: {what} persona decide quale copia è vera")
    try:
        policy = parse_policy(reading.evidence.policy)
        head = _published(reading, policy)
    except PistaError as error:
        yield Check("registro pubblicato", FAILS, f"{error.code}: {error.sentence}")
        return
    if head is None:
        yield Check("registro pubblicato", ATTENTION, f"mai: {PUBLISH}")
    else:
        size, of = head.checkpoint.size, reading.journal.size
        yield Check("registro pubblicato", OK, f"fino a {size} di {of} posizioni")
    yield _witnesses(policy, head, read_attempt(reading.home.path), at)


def _published(reading: Reading, policy: Policy) -> VerifiedCheckpoint | None:
    """Return the published head, verified under the policy in force; None when there is none.

    Raises:
        PistaError: when policy, head or what is kept of older heads are not what they must be.
    """
    from ledger.transparency.kept_checkpoints import KeptCheckpoints
    from ledger.transparency.static_log import StaticLog

    reading.evidence.policies.check_in_force()
    static = StaticLog(reading.home.public_log)
    static.check_follows(reading.journal)
    KeptCheckpoints(reading.home.public_log).check_follows(reading.journal)
    note = static.checkpoint()
    return None if note is None else policy.verify_signatures(note)


def _witnesses(
    policy: Policy, head: VerifiedCheckpoint | None, attempt: Attempt | None, at: datetime
) -> Check:
    """Tell who has signed the published head, and when; and who did not, and why."""
    from api.local_witnesses import is_local
    from api.publishing import HEARTBEAT
    from ledger.journal.policy import NO_QUORUM

    said = attempt.said if attempt else ()
    if alarms := [one.sentence for one in said if one.alarm]:
        return Check("testimoni", FAILS, " ".join(alarms))
    missing = " ".join(one.sentence for one in said if one.state != "cosigned")
    if policy.quorum == NO_QUORUM and not policy.witnesses:
        return Check("testimoni", ATTENTION, "nessuno: il registro è firmato e non cofirmato")
    if head is None:
        return Check("testimoni", ATTENTION, f"nessuna firma pubblicata. {missing}".strip())
    times = {one.key: datetime.fromtimestamp(one.time, UTC) for one in head.cosigners}
    signed = {one.name: times[one.key] for one in policy.witnesses if one.key in times}
    shown = ", ".join(f"{name} {time:%d/%m/%Y %H:%M} UTC" for name, time in signed.items())
    fresh = frozenset(name for name, time in signed.items() if at - time < HEARTBEAT)
    state = ATTENTION
    if not policy.is_quorum(fresh):
        detail = (
            f"{shown or 'nessuna firma'}: da oltre 24 ore senza le firme del quorum; {PUBLISH}."
        )
    elif attempt and not attempt.published and attempt.size > head.checkpoint.size:
        detail = f"{shown}; il punto di controllo {attempt.size} attende."
    elif all(is_local(one) for one in policy.witnesses):
        detail = f"{shown}: di questa macchina, non provano nulla ad altri."
    else:
        state, detail = OK, f"{shown}."
    return Check("testimoni", state, f"{detail} {missing}".strip())
