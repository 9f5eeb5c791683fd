"""Judging a file that says what a log did: it shows it by itself, or it is refused.

    judged = judge_misbehaviour(parse_misbehaviour(data), policy)

The notes must be signed by the log, under the keys that the reader trusts. Source: misbehaviour.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.errors import NotVerified
from ledger.journal.leaf import format_time
from ledger.journal.merkle import Frontier, leaf_hash
from ledger.journal.note import parse_vkey
from ledger.journal.policy import NO_QUORUM, Log, Policy
from ledger.transparency.contradiction import contradiction_in
from ledger.transparency.misbehaviour import (
    LEAF_CONTRADICTS,
    NOT_CONSISTENT,
    NOT_COSIGNED,
    ROLLED_BACK,
    STALE,
    TWO_ROOTS,
    Misbehaviour,
)
from ledger.transparency.spans import extended

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.journal.checkpoint import Checkpoint


class Shown(NamedTuple):
    """A stable code, and the sentence that says what the log did."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file was found to show: the head concerned, a code, a sentence."""

    origin: str
    size: int
    code: str
    sentence: str
    is_proof: bool


def judge_misbehaviour(one: Misbehaviour, policy: Policy | None = None) -> Judged:
    """Return what is shown, under the keys of a policy, else under the key that the file names.

    Raises:
        NotVerified: when it does not show it (`misbehaviour-not-proven`), or a note is not signed by
            the log (as `Policy.verify_log`).
        Unreadable: when a note or key is none.
    """
    trusted = policy or Policy((Log(parse_vkey(one.log_key)),), (), (), NO_QUORUM)
    heads = [trusted.verify_log(note).checkpoint for note in one.notes]
    judge, count = _JUDGES.get(one.kind, (None, 0))
    if judge is None or len(heads) != count or len({head.origin for head in heads}) != 1:
        raise _not_proven(
            "non è di un tipo noto, o non ha le note di un solo registro che gli servono"
        )
    shown = judge(one, heads)
    head = max(heads, key=lambda each: each.size)
    return Judged(head.origin, head.size, shown.code, shown.sentence, one.is_proof)


def _judge_two_roots(_one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    first, second = heads
    if first.size != second.size or first.root == second.root:
        raise _not_proven("le due note non sono di due radici per una dimensione")
    return Shown(
        "root-differs",
        f"Il registro {first.origin} ha firmato due radici diverse per {first.size} foglie: ha due storie.",
    )


def _judge_not_consistent(one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    old, new = heads
    if old.size > new.size:
        raise _not_proven("la prima nota ha più foglie della seconda")
    begun = extended(Frontier(), old.size, one.before)
    if extended(begun, new.size, one.after).root() != new.root:
        raise _not_proven("le impronte non sono dell'albero della nota più recente")
    if begun.root() == old.root:
        raise _not_proven("la nota più recente prosegue quella precedente")
    return Shown(
        "log-forked",
        f"Il registro {new.origin} ha firmato {new.size} foglie che non proseguono le {old.size} che"
        " aveva firmato: è stato riscritto, o sono due.",
    )


def _judge_leaf(one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    (head,) = heads
    stop = one.first + len(one.leaves)
    if not one.leaves or stop > head.size:
        raise _not_proven("le foglie sono nessuna, o più di quelle dell'albero")
    begun = extended(Frontier(), one.first, one.before)
    whole = begun.copy()
    for leaf in one.leaves:
        whole.append(leaf_hash(leaf))
    if extended(whole, head.size, one.after).root() != head.root:
        raise _not_proven("le foglie non sono quelle dell'albero della nota")
    wrong = contradiction_in(begun, one.leaves, is_last=stop == head.size)
    if wrong is None:
        raise _not_proven("l'ultima foglia non contraddice quelle che ci sono")
    return Shown(wrong.code, wrong.sentence)


def _judge_rolled_back(_one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    before, after = heads
    if after.size >= before.size:
        raise _not_proven("la seconda nota non ha meno foglie della prima")
    return Shown(
        "log-rolled-back",
        f"Dopo aver mostrato {before.size} foglie, {before.origin} ne ha mostrate {after.size}.",
    )


def _judge_stale(one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    (head,) = heads
    return Shown(
        "head-stale",
        f"Il {format_time(one.observed_at)} {head.origin} mostrava ancora {head.size} foglie, con firme"
        " di testimoni più vecchie di quanto il lettore ammette.",
    )


def _judge_not_cosigned(_one: Misbehaviour, heads: list[Checkpoint]) -> Shown:
    (head,) = heads
    return Shown(
        "quorum-missing",
        f"{head.origin} ha pubblicato {head.size} foglie senza le firme che il file di fiducia chiede.",
    )


_JUDGES: Final[dict[str, tuple[Callable[[Misbehaviour, list[Checkpoint]], Shown], int]]] = {
    TWO_ROOTS: (_judge_two_roots, 2),
    NOT_CONSISTENT: (_judge_not_consistent, 2),
    LEAF_CONTRADICTS: (_judge_leaf, 1),
    ROLLED_BACK: (_judge_rolled_back, 2),
    STALE: (_judge_stale, 1),
    NOT_COSIGNED: (_judge_not_cosigned, 1),
}


def _not_proven(reason: str) -> NotVerified:
    return NotVerified(
        "misbehaviour-not-proven",
        f"La prova non mostra ciò che dice: {reason}. Chiederla di nuovo a chi l'ha fatta.",
    )
