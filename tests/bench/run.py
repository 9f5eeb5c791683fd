"""`make bench`: every goal of PERFORMANCE that can be measured now, as a ratio of two arms.

Prints one table on stdout and writes bench.json beside the Makefile; progress goes to stderr. A
goal that is missed is a line in the table and no error. Files are made below `var`, on the disk of
the project, because a disk in memory would make every commit free.

    .venv/bin/python tests/bench/run.py                  all groups
    .venv/bin/python tests/bench/run.py appending        one of them
    .venv/bin/python tests/bench/run.py --large growth   the lines of 1,000,000 events too
    .venv/bin/python tests/bench/run.py --profile state reading

The last one measures nothing: it prints the 25 costliest functions of our arm of the first line whose
operation holds the text. BENCH_LARGE=1 is the same as --large.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import (
    appending,
    cores,
    deciding,
    encoding,
    growth,
    packages,
    reading,
    report,
    telling,
    verifying,
)
from tests.bench.harness import measured, profile_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.bench.harness import Line, Result

    Group = Callable[[Path], Generator[Line, None, None]]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
GROUPS: Final[dict[str, Group]] = {
    "encoding": encoding.lines,
    "appending": appending.lines,
    "reading": reading.lines,
    "telling": telling.lines,
    "deciding": deciding.lines,
    "growth": growth.lines,
    "packages": packages.lines,
    "verifying": verifying.lines,
}


def main(arguments: list[str]) -> None:
    """Measure the chosen groups, all without a choice; print the table, write bench.json."""
    asked = _parsed(arguments)
    start = time.monotonic()

    def told(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - start:6.1f} s  {text}\n")

    chosen = _lines(asked.groups or list(GROUPS), told)
    if asked.profile:
        wanted = asked.profile.lower()
        line = next((line for line in chosen if wanted in line.operation.lower()), None)
        sys.stdout.write(profile_of(line) if line else f"no line holds {asked.profile!r}\n")
        return
    told("counting free cores")
    free = cores.free_cores()
    results: list[Result] = [measured(line, free, told) for line in chosen]
    sys.stdout.writelines(f"{text}\n" for text in report.table(results))
    (ROOT / "bench.json").write_text(report.as_json(results, free), encoding="utf-8")
    told(f"bench.json written, {free:.1f} cores free")


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="ratios of PERFORMANCE, measured here")
    parser.add_argument("groups", nargs="*", choices=[[], *GROUPS], metavar="group")
    parser.add_argument("--large", action="store_true", help="the lines of 1,000,000 events too")
    parser.add_argument("--profile", metavar="TEXT", help="where the time of one line goes")
    asked = parser.parse_args(arguments)
    if asked.large:
        os.environ[growth.LARGE] = "1"
    return asked


def _lines(names: list[str], told: Callable[[str], None]) -> Generator[Line, None, None]:
    """Yield the lines of these groups; each has a folder of its own while its lines are taken."""
    (ROOT / "var").mkdir(exist_ok=True)
    for name in names:
        told(f"{name}: preparing")
        with (
            tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as folder,
            closing(GROUPS[name](Path(folder))) as lines,
        ):
            yield from lines


if __name__ == "__main__":
    main(sys.argv[1:])
