"""What later acts did to an act: rectified, suspended, revoked, annulled, voided, validated.

    efficace  sospesa  rettificata  convalidata  revocata  annullata  annullata-in-parte  nulla

Nothing is deleted: each is a new act that points to the old one. An annulment takes the act away from
its first day (ex tunc), a revocation from its own (ex nunc). What an act did that was itself annulled
was never done: so the annulment of an annulment makes the first act as if never annulled.
Rectifications form a tree; the text in force is the last one by legal date, whatever the order of
registration. An act that is void has effect again when it is validated, rectified or covered by an
atto ricognitivo.

    effect_on        what the law says today of an act on a day: annulled for every day, also before
    effect_met_on    what a fact of that day met: nobody had annulled the act yet

What happened on an act before it was taken away did happen, in whatever order the two are recorded.

A suspension lasts until its term, or without one until the act that ordered it ends. A later act of the
body, or a later order of a judge, sets another term in the place of the first: longer, or shorter
(art. 21-quater c. 2). What the body suspends and what a judge suspends go on side by side.

Source: DOMAIN section 4.2; L. 241/1990 arts. 21-quater, 21-quinquies, 21-nonies; FAQ r-010.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.identifiers import ActKey
from ledger.domain.keys import PaymentKey
from ledger.domain.money import EUR

EffectKind = Literal[
    "rettifica", "sospensione", "revoca", "annullamento", "nullita", "convalida", "ricognizione"
]
NO_EFFECT = frozenset({"nulla", "annullata", "revocata", "sospesa"})
REMEDIES = frozenset({"rettifica", "convalida", "ricognizione"})


@dataclass(frozen=True, kw_only=True)
class ActEffect:
    """One thing done to an act: by which act or on whose order, since when and until when."""

    kind: EffectKind
    act: ActKey
    by: ActKey | None = None
    order: str | None = None
    scope: Literal["totale", "parziale"] | None = None
    grounds: str
    parts: str | None = None
    payments: tuple[PaymentKey, ...] = ()
    indemnity: EUR | None = None
    on: date
    until: date | None = None
    index: int

    @property
    def is_whole_annulment(self) -> bool:
        """Return whether it takes away the whole act, from its first day."""
        return self.kind == "annullamento" and self.scope != "parziale"


Effects = Mapping[str, Sequence[ActEffect]]  # by the act that they are done to


def standing(effects: Effects, act: str) -> list[ActEffect]:
    """Return what was done to an act and still stands, in order of the log."""
    return [one for one in effects.get(act, ()) if not _is_undone(effects, one, ())]


def _is_undone(effects: Effects, effect: ActEffect, above: tuple[str, ...]) -> bool:
    """Return whether the act that had this effect was itself taken away from its first day."""
    by = effect.by
    if by is None or by in above:
        return False
    done = [one for one in effects.get(by, ()) if not _is_undone(effects, one, (*above, by))]
    return any(one.is_whole_annulment for one in done) or _is_null(done, is_void=False)


def effect_on(effects: Effects, act: str, day: date, *, is_void: bool) -> str:
    """Return the state of the track of effect on a legal day.

    An annulment holds for every day, also those before it; the others from their own day on.
    """
    return _effect(effects, act, day, is_void=is_void, above=())


def effect_met_on(effects: Effects, act: str, day: date, *, is_void: bool) -> str:
    """Return the effect of an act as a fact of that day met it: what was done later is left out.

    What remedied its nullity counts whenever it was done, since it makes the act good for every day.
    """
    found = standing(effects, act)
    met = [one for one in found if one.on <= day or one.kind in REMEDIES]
    return _state(met, day, is_void=is_void, is_suspended=_is_suspended(effects, met, day, (act,)))


def _effect(effects: Effects, act: str, day: date, *, is_void: bool, above: tuple[str, ...]) -> str:
    found = standing(effects, act)
    is_suspended = _is_suspended(effects, found, day, (*above, act))
    return _state(found, day, is_void=is_void, is_suspended=is_suspended)


def _state(found: Sequence[ActEffect], day: date, *, is_void: bool, is_suspended: bool) -> str:
    kinds = {one.kind for one in found}
    since = {one.kind for one in found if one.on <= day}
    states = (
        ("annullata", any(one.is_whole_annulment for one in found)),
        ("nulla", _is_null(found, is_void=is_void)),
        ("revocata", "revoca" in since),
        ("sospesa", is_suspended),
        ("annullata-in-parte", "annullamento" in kinds),
        ("convalidata", "convalida" in kinds),
        ("rettificata", "rettifica" in since),
    )
    return next((state for state, holds in states if holds), "efficace")


def _is_suspended(
    effects: Effects, found: Iterable[ActEffect], day: date, above: tuple[str, ...]
) -> bool:
    """Return whether the last suspension of the body, or the last of a judge, holds on a day."""
    begun = [one for one in found if one.kind == "sospensione" and one.on <= day]
    for is_judicial in (False, True):
        line = [one for one in begun if (one.order is not None) == is_judicial]
        last = max(line, key=lambda one: (one.on, one.index), default=None)
        if last is not None and (last.until or day) >= day and _acts(effects, last, day, above):
            return True
    return False


def _acts(effects: Effects, done: ActEffect, day: date, above: tuple[str, ...]) -> bool:
    """Return whether the act by which something is done still has effect on a day."""
    if done.by is None or done.by in above:
        return True
    return _effect(effects, done.by, day, is_void=False, above=above) not in NO_EFFECT


def _is_null(found: Iterable[ActEffect], *, is_void: bool) -> bool:
    """Return whether an act is void and nothing has remedied it since it was said to be."""
    said = [(one.on, one.index) for one in found if one.kind == "nullita"]
    last = max(said, default=(date.min, -1))
    remedied = any(one.kind in REMEDIES and (one.on, one.index) > last for one in found)
    return (is_void or bool(said)) and not remedied


def text_in_force(effects: Effects, act: str, day: date) -> str:
    """Return the act whose text is in force on a legal day: itself, or its last rectification."""
    seen = {act}
    while True:
        later = _rectifications(standing(effects, act), day, seen)
        if not later:
            return act
        act = max(later, key=lambda one: (one.on, one.index)).by or act
        seen.add(act)


def _rectifications(effects: Iterable[ActEffect], day: date, seen: set[str]) -> list[ActEffect]:
    return [
        one
        for one in effects
        if one.kind == "rettifica" and one.on <= day and one.by and one.by not in seen
    ]
