r"""How one kind of code is read: fold the text, match the shape, ask the check digits, else propose.

    >>> digits = Grammar("due cifre, come 16", shape=re.compile("[0-9]{2}"), fold=str.strip)
    >>> digits.read(" 16\n", "region-malformed")
    '16'

A refused text is never corrected; the error carries what was perhaps meant. Source: DOMAIN section 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ledger.domain.normal_forms import as_given, shown
from ledger.errors import ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable

RAW_LIMIT = 200


def _always(_: str) -> bool:
    """Return true: a kind of code without check digits."""
    return True


def _never(_: str) -> str | None:
    """Return None: a kind of code for which nothing can be guessed."""
    return None


@dataclass(frozen=True, slots=True)
class Grammar:
    """One kind of code.

    `form` ends the sentence "... non è" of a refusal, with an example. `fold` gives the normal form,
    or raises a ShapeError of its own; `shape` must match the whole of it; `holds` is asked after
    that. `propose` gets the text as given. `quotes` says whether the sentence may repeat that text.
    """

    form: str
    shape: re.Pattern[str] = re.compile(r".*", re.DOTALL)
    fold: Callable[[str], str] = as_given
    holds: Callable[[str], bool] = _always
    propose: Callable[[str], str | None] = _never
    quotes: bool = True

    def read(self, raw: str, code: str) -> str:
        """Return the normal form of a text.

        Raises:
            ShapeError: with `code`, when the normal form has not this shape or the text is longer
                than 200 characters; `proposal` is what was perhaps meant.
        """
        if len(raw) > RAW_LIMIT:
            raise ShapeError(code, f"{self._named(raw)} non è {self.form}.")
        normal = self.fold(raw)
        if self.shape.fullmatch(normal) and self.holds(normal):
            return normal
        sentence = f"{self._named(raw)} non è {self.form}."
        raise ShapeError(code, sentence, proposal=self.propose(raw))

    def _named(self, raw: str) -> str:
        return shown(raw) if self.quotes else "Il testo"
