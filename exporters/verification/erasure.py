"""What is absent: lawfully erased, withheld with a reason, or missing.

Erased is lawful when a registration of the package says so: `content-erased/1`, signed with a key
in force (step 8), later than what it erases, in the streams of what it erases, with the commitment
or the index and digest among its data:

    {"commits":["<base64>"],"envelopes":[{"digest":"<base64>","index":12}],"legal_basis":"...",...}

Withheld is what a public package leaves out; it is no contradiction, but the package is then
incomplete. All else is missing, which contradicts. Source: FORMATS sections 5 and 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from exporters.absences import Absence
from ledger.journal.leaf import format_hash

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from exporters.verification.reasons import Reason
    from ledger.journal.leaf import EventLeaf

ERASURE: Final = "content-erased/1"


def judge_absence(
    case: Case, step: int, *, index: int, leaf: EventLeaf, commit: bytes | None = None
) -> None:
    """Judge the absence of the envelope of a leaf or, with `commit`, of an object of it."""
    reason = None
    if case.reasons is not None:
        found = case.reasons.indexes.get(index)
        reason = found if commit is None else case.reasons.commits.get(commit)
    what = "la busta" if commit is None else f"il documento {format_hash(commit)}"
    if reason is not None and reason.kind == "withheld":
        case.tally.lack(step, f"registrazione {index}: {what} è omesso ({reason.text})")
    elif reason is not None and _is_lawful(case, reason, index, leaf, commit):
        case.tally.flag(
            step, f"registrazione {index}: {what} è cancellato per legge, evento {reason.event}"
        )
    else:
        case.tally.fail(
            step,
            "absent-without-reason",
            f"Manca {what}, e nessuna registrazione del pacchetto lo cancella.",
            index=index,
        )


def _is_lawful(
    case: Case, reason: Reason, index: int, leaf: EventLeaf, commit: bytes | None
) -> bool:
    at = -1 if reason.event is None else reason.event
    envelope = case.envelopes.get(at)
    if envelope is None or at not in case.signers or at <= index or envelope.type != ERASURE:
        return False
    joined = {claim.name for claim in envelope.streams}
    if not joined.issuperset(place.name for place in leaf.streams):
        return False
    data: dict[str, Any] = envelope.data
    absence = Absence(at, commit=commit, index=None if commit else index)
    if reason.text != absence.sentence:
        return False
    if commit is not None:
        return format_hash(commit) in _items(data, "commits")
    named = {"index": index, "digest": format_hash(leaf.envelope_digest)}
    return named in _items(data, "envelopes")


def _items(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []
