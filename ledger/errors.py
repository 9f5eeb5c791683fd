"""Every error of Pista, in one tree.

    PistaError                      code (kebab-case, stable) and a sentence: what, which item, what to do
    |-- Refused                     a rule says no; nothing was recorded
    |   |-- ShapeError              a value does not have the form of its kind; may propose another
    |   |-- Malformed               a request whose fields do not fit their type; carries each fault
    |   |-- NotAuthorised           the key or role may not do this at this place in the log
    |   `-- Conflict                in the meantime something was recorded, or the id was used before
    |-- NotVerified                 what was read is not what was signed
    |   |-- Unreadable              bytes that break the grammar of their format
    |   `-- Unopenable              a container that cannot be opened safely
    `-- StorageError                the store, the vault, a key file or the disk
        |-- Absent                  there is no such ledger, object, file
        |-- Busy                    another process is writing
        `-- Frozen                  the ledger must not be written until a person has decided
            `-- Drifted             the clock is not believed until a person has confirmed it

An error holds no HTTP status and no exit code: api/http/problems.py and api/cli/exits.py have one
table each, from code or family to number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class PistaError(Exception):
    """Root of all errors; `code` is stable and never re-used, `sentence` is for people."""

    def __init__(self, code: str, sentence: str) -> None:
        """Keep the stable code and the sentence."""
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Refused(PistaError):
    """A rule says no; nothing was recorded.

    `english` is the sentence in English, `source` the law or the rule behind it, `item` what it is
    about, `remedy` the way out, `others` the further refusals that hold for the same request.
    """

    def __init__(  # noqa: PLR0913  the parts of one answer
        self,
        code: str,
        sentence: str,
        *,
        english: str = "",
        source: str = "",
        item: str = "",
        remedy: str = "",
        others: Sequence[Refused] = (),
    ) -> None:
        """Keep the parts of the answer."""
        super().__init__(code, sentence)
        self.english = english
        self.source = source
        self.item = item
        self.remedy = remedy
        self.others = tuple(others)


class ShapeError(Refused):
    """A value does not have the form of its kind; `proposal` is what was perhaps meant."""

    def __init__(self, code: str, sentence: str, *, proposal: str | None = None) -> None:
        """Keep the proposal; it is shown and never applied."""
        super().__init__(code, sentence)
        self.proposal = proposal


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: `pointer` is the JSON Pointer into what was sent."""

    pointer: str
    code: str
    sentence: str
    proposal: str | None = None


class Malformed(Refused):
    """A request whose fields do not fit their type; `faults` lists all of them."""

    def __init__(self, sentence: str, faults: Sequence[Fault], *, code: str | None = None) -> None:
        """Take the code of the first fault when none is given."""
        super().__init__(code or (faults[0].code if faults else "malformed-request"), sentence)
        self.faults = tuple(faults)


class NotAuthorised(Refused):
    """The key is not enrolled, is revoked, or its role may not do this at this place in the log."""


class Conflict(Refused):
    """What the request was built on has moved; `heads` maps a stream to its current count."""

    def __init__(self, code: str, sentence: str, *, heads: Mapping[str, int] | None = None) -> None:
        """Keep the current heads."""
        super().__init__(code, sentence)
        self.heads = dict(heads or {})


class NotVerified(PistaError):
    """What was read is not what was signed."""


class Unreadable(NotVerified):
    """Bytes that break the grammar of their format."""


class Unopenable(NotVerified):
    """A container that cannot be opened safely; nothing in it was looked at."""


class StorageError(PistaError):
    """The store, the vault, a key file or the disk did not do what was asked."""


class Absent(StorageError):
    """There is no such ledger, object or file."""


class Busy(StorageError):
    """Another process is writing; trying again later is right."""


class Frozen(StorageError):
    """The ledger must not be written until a person has decided what is true."""


class Drifted(Frozen):
    """The clock is not believed; once a person has confirmed it, writing goes on."""
