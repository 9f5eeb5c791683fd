"""One line of `pista doctor`: what was looked at, how it is, what to do."""

from __future__ import annotations

from dataclasses import dataclass

OK, ATTENTION, FAILS = "ok", "attenzione", "non va"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, its state (OK, ATTENTION, FAILS), and what to do."""

    what: str
    state: str
    detail: str
