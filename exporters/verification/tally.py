"""What the steps find, gathered: no step stops at its first failure.

    tally.fail(6, "seq-broken", "...", index=12)     contradicts: exit 1
    tally.lack(1, "nessun file di fiducia")          is not there to be checked: exit 3
    tally.withhold(11, "...")                        a public package leaves it out: exit 3
    tally.flag(10, "...")                            worth telling; changes no exit code
    with tally.guard(7, index=12, file="..."):       what cannot be verified becomes a failure

At most LISTED failures a step are kept one by one; the rest are counted, so that a hostile package
cannot make the report as large as itself.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from exporters.verification.report import TITLES, Failure, StepResult, printable
from ledger.errors import PistaError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.verification.report import Outcome

LISTED: Final = 100
_REASON_LENGTH: Final = 600


class Tally:
    """The findings of one verification, by step."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self._failures: dict[int, list[Failure]] = defaultdict(list)
        self._unlisted: dict[int, int] = defaultdict(int)
        self._words: dict[int, list[str]] = defaultdict(list)
        self._lacking: set[int] = set()
        self._withholding: set[int] = set()
        self._done: set[int] = set()

    def fail(
        self,
        step: int,
        code: str,
        reason: str,
        *,
        index: int | None = None,
        file: str | None = None,
    ) -> None:
        """Note something that contradicts, with the leaf index or the member it is about."""
        if len(self._failures[step]) >= LISTED:
            self._unlisted[step] += 1
            return
        reason = printable(reason)[:_REASON_LENGTH]
        self._failures[step].append(Failure(step, index, file, reason, code))

    def lack(self, step: int, words: str) -> None:
        """Note that evidence which this step needs is not there."""
        self._lacking.add(step)
        self.flag(step, words)

    def withhold(self, step: int, words: str) -> None:
        """Note that a public package leaves out what this step needs, and says so."""
        self._withholding.add(step)
        self.flag(step, words)

    def flag(self, step: int, words: str) -> None:
        """Note something worth telling."""
        self._words[step].append(printable(words))

    def done(self, step: int, words: str) -> None:
        """Note that the step was carried out, and over what."""
        self._done.add(step)
        self._words[step].insert(0, printable(words))

    def cannot(self, step: int, words: str) -> None:
        """Note that the step could not be carried out, because of what an earlier one found."""
        self.lack(step, f"non eseguito: {words}")

    @contextmanager
    def guard(
        self, step: int, *, index: int | None = None, file: str | None = None
    ) -> Iterator[None]:
        """Turn an error of reading or verifying inside the block into a failure of the step."""
        try:
            yield
        except PistaError as error:
            self.fail(step, error.code, error.sentence, index=index, file=file)

    def has_failed(self, step: int) -> bool:
        """Tell whether the step has a failure so far."""
        return bool(self._failures[step])

    def result(self, step: int) -> StepResult:
        """Return what the step comes to."""
        words = list(self._words[step])
        if self._unlisted[step]:
            words.append(f"altri {self._unlisted[step]} errori non elencati")
        detail = "; ".join(words) or "niente da verificare"
        failures = tuple(self._failures[step])
        return StepResult(step, TITLES[step], self._outcome(step), detail, failures)

    def _outcome(self, step: int) -> Outcome:
        if self._failures[step]:
            return "failed"
        if step in self._lacking:
            return "incomplete"
        if step in self._withholding:
            return "withheld"
        return "passed" if step in self._done else "not-applicable"
