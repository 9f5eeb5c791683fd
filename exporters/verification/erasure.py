"""What is absent: erased by an event that is in force, withheld by a public package, or a failure.

    {"commits":["<base64>"],"envelopes":[{"digest":"<base64>","index":12}],"legal_basis":"...",...}

An erasure is lawful when the event that reasons.json names says so: `content-erased/1`, later than
what it erases, in every stream of it, and in force (lawful.py). Then the step passes and tells it:
"cancellato secondo legge, registrazione n. 41". A public package may withhold what is not cleared for
publication; that is told, and the verdict is "withheld". All else contradicts: what is missing
without a word, and any envelope of the streams `sys/` and `actor/`, on which keys and roles rest.
Source: FORMATS sections 5, 6 and 7.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from exporters.verification.lawful import ERASURE, check_lawful, items, streams
from ledger.domain.events.catalogue import event_types
from ledger.errors import NotVerified
from ledger.journal.leaf import EventLeaf, format_hash

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from exporters.verification.reasons import Reason

_NEVER_ABSENT: Final = ("sys/", "actor/")
_SHOWN: Final = 20


def judge_absence(
    case: Case, step: int, *, index: int, leaf: EventLeaf, commit: bytes | None = None
) -> None:
    """Judge the absence of the envelope of a leaf or, with `commit`, of an object of it."""
    what = "la busta" if commit is None else f"il documento {format_hash(commit)}"
    reason = _reason(case, index, commit)
    with case.tally.guard(step, index=index):
        if reason is None:
            raise NotVerified(
                "absent-without-reason",
                f"Manca {what}, e nessuna registrazione del pacchetto lo cancella.",
            )
        _check_may_be_absent(case, index, leaf, what, commit)
        if reason.kind == "withheld":
            _check_withheld(case, what)
            case.withheld.add(index if commit is None else commit)
        else:
            event = -1 if reason.event is None else reason.event
            _check_erased(case, event, index, leaf, commit)
            case.erased.setdefault(event, set()).add(index if commit is None else commit)


def tell_absent(case: Case, step: int, what: str) -> None:
    """Tell how many envelopes, or documents, are lawfully erased and by which event, or withheld."""
    kind = int if what == "buste" else bytes
    gone = Counter({event: _count(things, kind) for event, things in case.erased.items()})
    for event, count in sorted(gone.items())[:_SHOWN]:
        if count:
            approval = check_lawful(case, event)
            case.tally.flag(
                step,
                f"{count} {what}: cancellato secondo legge, registrazione n. {event}, approvata"
                f" dalla n. {approval}",
            )
    withheld = _count(case.withheld, kind)
    if withheld:
        case.tally.withhold(step, f"{withheld} {what}: omesso, per le ragioni di reasons.json")


def judge_unused_reasons(case: Case) -> None:
    """Step 15: each entry of reasons.json is about something that was found absent."""
    if case.reasons is None:
        return
    indexes = sorted(case.reasons.indexes.keys() - case.absent_indexes)
    commits = sorted(case.reasons.commits.keys() - case.absent_commits)
    named = [
        *((f"La registrazione {index}", index) for index in indexes),
        *((f"Il documento {format_hash(commit)}", None) for commit in commits),
    ]
    for what, index in named:
        case.tally.fail(
            15,
            "reason-unused",
            f"{what} sarebbe assente, ma è nel pacchetto, o nulla nel pacchetto ne parla.",
            index=index,
            file=case.package.path("reasons"),
        )


def _count(things: set[int | bytes], kind: type) -> int:
    return sum(isinstance(one, kind) for one in things)


def _reason(case: Case, index: int, commit: bytes | None) -> Reason | None:
    """Return the reason given for an absence, which is noted as judged."""
    if commit is None:
        case.absent_indexes.add(index)
        return None if case.reasons is None else case.reasons.indexes.get(index)
    case.absent_commits.add(commit)
    return None if case.reasons is None else case.reasons.commits.get(commit)


def _check_may_be_absent(
    case: Case, index: int, leaf: EventLeaf, what: str, commit: bytes | None
) -> None:
    """Raise for an envelope of keys or of the ledger, and for an object of a ledger event."""
    if commit is None:
        is_never = any(place.name.startswith(_NEVER_ABSENT) for place in leaf.streams)
    else:
        declared = event_types().get(case.envelopes[index].type)
        is_never = declared is not None and declared.is_ledger
    if is_never:
        raise NotVerified("absent-of-keys", f"Manca {what}: ciò che prova le chiavi non manca mai.")


def _check_withheld(case: Case, what: str) -> None:
    if not case.is_public:
        raise NotVerified(
            "withheld", f"Manca {what}, omesso: un pacchetto completo non omette nulla."
        )


def _check_erased(
    case: Case, event: int, index: int, leaf: EventLeaf, commit: bytes | None
) -> None:
    """Raise unless a later event, in force and in every stream of the thing, says that it erased it."""
    envelope = case.envelopes.get(event)
    if envelope is None or envelope.type != ERASURE or event <= index:
        raise _not_named(event)
    if commit is not None:
        is_named = format_hash(commit) in items(envelope, "commits")
    else:
        named = {"index": index, "digest": format_hash(leaf.envelope_digest)}
        is_named = named in items(envelope, "envelopes")
    if not is_named:
        raise _not_named(event)
    check_lawful(case, event)
    if not {place.name for place in leaf.streams} <= streams(envelope):
        raise NotVerified(
            "erasure-not-lawful",
            f"La cancellazione {event} non è in ogni flusso di ciò che cancella.",
        )


def _not_named(event: int) -> NotVerified:
    return NotVerified(
        "absent-without-reason",
        f"La registrazione {event} non cancella ciò che manca, secondo reasons.json, per causa sua.",
    )
