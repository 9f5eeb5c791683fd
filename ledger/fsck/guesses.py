"""The roots of a log in which something was changed: what it may have been, until a heads leaf tells.

    guesses.add([(hash, []), (other, [blame])])      a leaf that may be one or the other
    guesses.judge(lambda tree: tree.root() == root)   keep those that fit; True when one does

As long as nothing is wrong there is one guess, and it costs nothing. Where a leaf, a tile and a
heads leaf do not agree, each guess carries whom it blames; the next root that is known from elsewhere
(a heads leaf, the anchor) keeps those that fit, and the blame of the simplest of them is the finding.
When none fits any more, the roots that follow say nothing: they are counted, not told one by one.

Source: RFC 6962 section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.fsck.tree import LogTree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.fsck.finding import Finding

    Candidate = tuple[bytes, Sequence[Finding]]

MOST: Final = 16


@dataclass(slots=True)
class Guess:
    """A tree, and what it supposes to be wrong; not sure when a leaf of it is only supposed."""

    tree: LogTree
    blames: tuple[Finding, ...] = ()
    is_sure: bool = True


class Guesses:
    """All trees that the log may have."""

    def __init__(self) -> None:
        """Begin with the empty tree, in which nothing is wrong."""
        self.every = [Guess(LogTree())]
        self.is_lost = False
        self.blamed: list[Finding] = []

    @property
    def best(self) -> Guess:
        """Return the simplest guess."""
        return min(self.every, key=lambda guess: len(guess.blames))

    @property
    def is_open(self) -> bool:
        """Tell whether it is not known which guess is right."""
        only = self.every[0]
        return self.is_lost or len(self.every) > 1 or bool(only.blames) or not only.is_sure

    def add(self, candidates: Sequence[Candidate], *, is_sure: bool = True) -> None:
        """Add a leaf that may be each of these."""
        if len(candidates) == 1 and not candidates[0][1] and is_sure:
            for guess in self.every:
                guess.tree.append(candidates[0][0])
            return
        self.branch(lambda _: candidates, is_sure=is_sure)

    def branch(
        self, candidates_of: Callable[[Guess], Sequence[Candidate]], *, is_sure: bool = True
    ) -> None:
        """Add a leaf that depends on what each guess supposes."""
        grown: list[Guess] = []
        for guess in self.every:
            *others, last = candidates_of(guess)
            grown += [
                _grown(guess, guess.tree.copy(), candidate, is_sure=is_sure) for candidate in others
            ]
            grown.append(_grown(guess, guess.tree, last, is_sure=is_sure))
        self.every = sorted(grown, key=lambda guess: len(guess.blames))[:MOST]

    def judge(self, fits: Callable[[Guess], bool]) -> bool:
        """Keep the simplest guess that fits, and its blames as found; False when none does."""
        fitting = [guess for guess in self.every if fits(guess)]
        if not fitting:
            return False
        self._settle(min(fitting, key=lambda guess: len(guess.blames)))
        self.is_lost = False
        return True

    def give_up(self) -> None:
        """Take the simplest guess, and know that roots say nothing from here on."""
        self._settle(self.best)
        self.is_lost = True

    def _settle(self, guess: Guess) -> None:
        self.blamed += guess.blames
        self.every = [Guess(guess.tree)]


def _grown(guess: Guess, tree: LogTree, candidate: Candidate, *, is_sure: bool) -> Guess:
    """Return a guess with one leaf more, over a tree of its own."""
    hash_of_leaf, blames = candidate
    tree.append(hash_of_leaf)
    more = tuple(one for one in blames if one not in guess.blames)
    return Guess(tree, (*guess.blames, *more), guess.is_sure and is_sure)
