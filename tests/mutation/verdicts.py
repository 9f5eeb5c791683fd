"""What came of the mutations: kept line by line, so that a run that was stopped goes on; and told.

    {"name": "ledger/domain/rules/acts.py:192:11 core/ReplaceComparisonOperator_Eq_NotEq 3",
     "outcome": "killed", "by": "tests/...::test_it_is_refused[...]", "seconds": 0.21, "digest": "..."}

The digest is that of all files that a verdict rests on: with another one a mutation is tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tests.mutation.mutations import Mutation

OUTCOMES = ("killed", "timeout", "survived", "unreached", "no-program")
DEAD = frozenset({"killed", "timeout"})
ALIVE = frozenset({"survived", "unreached"})
LEFT_BEHIND = "__pycache__"


@dataclass(frozen=True)
class Verdict:
    """What came of one mutation: the test that noticed it, and the processor time of the trial."""

    name: str
    outcome: str
    by: str = ""
    seconds: float = 0.0
    digest: str = ""

    @staticmethod
    def of(mutation: Mutation, outcome: str, by: str = "", seconds: float = 0.0) -> Verdict:
        """Return the verdict on a mutation."""
        return Verdict(mutation.name, outcome, by, seconds)

    @property
    def path(self) -> str:
        """Return the file of the mutation."""
        return self.name.partition(":")[0]


def digest_of(paths: Iterable[str]) -> str:
    """Return the SHA-256, hexadecimal, of names and bytes of all files below some paths."""
    whole = hashlib.sha256()
    for path in paths:
        found = [Path(path)] if Path(path).is_file() else sorted(Path(path).rglob("*"))
        for file in found:
            if file.is_file() and LEFT_BEHIND not in file.parts:
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                whole.update(f"{content}  {file.as_posix()}\n".encode())
    return whole.hexdigest()


class Kept:
    """The newest verdict of each mutation, and of which state of the files it is."""

    def __init__(self, path: Path, digest: str, names: Collection[str]) -> None:
        """Take up the verdicts on mutations that there still are."""
        self.digest = digest
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        whole = [
            json.loads(line) for line in lines if line.endswith("}")
        ]  # the last one may be torn
        newest = {one["name"]: one for one in whole if one["name"] in names}
        path.write_text(
            "".join(f"{json.dumps(one)}\n" for one in newest.values()), encoding="utf-8"
        )
        self.newest = {name: Verdict(**one) for name, one in newest.items()}
        self._file: TextIO = path.open("a", encoding="utf-8")

    @property
    def current(self) -> dict[str, Verdict]:
        """Return the verdicts of this state of the files."""
        return {n: one for n, one in self.newest.items() if one.digest == self.digest}

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        dated = replace(verdict, digest=self.digest)
        self.newest[verdict.name] = dated
        self._file.write(json.dumps(asdict(dated)) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def killed_percent(verdicts: Iterable[Verdict]) -> float:
    """Return how many of a hundred were noticed, of those that are programs; of none, all."""
    outcomes = [one.outcome for one in verdicts if one.outcome in DEAD | ALIVE]
    dead = sum(one in DEAD for one in outcomes)
    return 100.0 * dead / len(outcomes) if outcomes else 100.0


def told(verdicts: Sequence[Verdict], diffs: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of the report: what stayed in time and not, what survived, a row a file."""
    for outcome in ("timeout", "unreached", "survived"):
        for one in verdicts:
            if one.outcome == outcome:
                yield f"{outcome}  {one.name}  {one.by}".rstrip()
                if one.outcome != "timeout":
                    yield diffs[one.name] + "\n"
    yield _row("file", *OUTCOMES, "percent")
    for path in sorted({one.path for one in verdicts}):
        yield _counted(path, [one for one in verdicts if one.path == path])
    yield _counted("all", verdicts)


def _counted(name: str, verdicts: Sequence[Verdict]) -> str:
    count = Counter(one.outcome for one in verdicts)
    numbers = (str(count[outcome]) for outcome in OUTCOMES)
    return _row(name, *numbers, f"{killed_percent(verdicts):.1f}")


def _row(name: str, *cells: str) -> str:
    return f"{name:<48}" + "".join(f"{cell:>10}" for cell in cells)
