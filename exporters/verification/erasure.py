"""What is absent: said to be erased, which this version does not judge; else a contradiction.

Erasure by law is a registration of its own, `content-erased/1`, that names commitments or envelopes
among its data; who approved it, and whether a hold or a retention stood against it, is decided when it
is recorded, and this version does not judge it anew. When the package has such a registration, later
than what it names and signed by a key in force, the absence leaves the step incomplete:

    {"commits":["<base64>"],"envelopes":[{"digest":"<base64>","index":12}],"legal_basis":"...",...}

It never passes. All else contradicts: what is missing without a word, what is withheld (only a
public package may withhold, and this version has none), and anything of the streams `sys/log` and
`actor/`, on which keys and roles rest. Source: FORMATS sections 5 and 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.journal.leaf import format_hash

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from exporters.verification.reasons import Reason
    from ledger.journal.leaf import EventLeaf

ERASURE: Final = "content-erased/1"
_NEVER_ERASED: Final = ("sys/", "actor/")


def judge_absence(
    case: Case, step: int, *, index: int, leaf: EventLeaf, commit: bytes | None = None
) -> None:
    """Judge the absence of the envelope of a leaf or, with `commit`, of an object of it."""
    what = "la busta" if commit is None else f"il documento {format_hash(commit)}"
    reason = _reason(case, index, commit)
    if reason is not None and reason.kind == "withheld":
        case.tally.fail(
            step,
            "withheld",
            f"Manca {what}, omesso: un pacchetto completo non omette nulla, e i pacchetti pubblici"
            " non sono previsti in questa versione.",
            index=index,
        )
    elif reason is not None and _is_said_erased(case, reason, index, leaf, commit):
        case.tally.lack(
            step,
            f"registrazione {index}: manca {what}, cancellato dalla registrazione {reason.event};"
            " questa versione non giudica le cancellazioni",
        )
    else:
        case.tally.fail(
            step,
            "absent-without-reason",
            f"Manca {what}, e nessuna registrazione del pacchetto lo cancella.",
            index=index,
        )


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


def _reason(case: Case, index: int, commit: bytes | None) -> Reason | None:
    """Return the reason given for an absence, which is noted as judged."""
    if commit is None:
        case.absent_indexes.add(index)
        return None if case.reasons is None else case.reasons.indexes.get(index)
    case.absent_commits.add(commit)
    return None if case.reasons is None else case.reasons.commits.get(commit)


def _is_said_erased(
    case: Case, reason: Reason, index: int, leaf: EventLeaf, commit: bytes | None
) -> bool:
    """Tell whether a later registration, signed by a key in force, says that it erased the thing."""
    at = -1 if reason.event is None else reason.event
    envelope = case.envelopes.get(at)
    if envelope is None or envelope.type != ERASURE or at not in case.signers or at <= index:
        return False
    if any(place.name.startswith(_NEVER_ERASED) for place in leaf.streams):
        return False
    if commit is not None:
        return format_hash(commit) in _items(envelope.data, "commits")
    named = {"index": index, "digest": format_hash(leaf.envelope_digest)}
    return named in _items(envelope.data, "envelopes")


def _items(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []
