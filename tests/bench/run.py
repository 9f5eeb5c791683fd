"""`make bench`: every goal of PERFORMANCE that can be measured now, as a ratio of two arms.

Prints one table on stdout and writes bench.json beside the Makefile; progress goes to stderr. A
goal that is missed is a line in the table and no error. Files are made below `var`, on the disk of
the project, because a disk in memory would make every commit free.

    .venv/bin/python tests/bench/run.py             all groups
    .venv/bin/python tests/bench/run.py appending   one of them
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import appending, cores, encoding, packages, reading, report, verifying
from tests.bench.harness import measured

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.bench.harness import Line, Result

    Group = Callable[[Path], Generator[Line, None, None]]

ROOT: Final = Path(__file__).resolve().parent.parent.parent
GROUPS: Final[dict[str, Group]] = {
    "encoding": encoding.lines,
    "appending": appending.lines,
    "reading": reading.lines,
    "packages": packages.lines,
    "verifying": verifying.lines,
}


def main(chosen: list[str]) -> None:
    """Measure the chosen groups, all without a choice; print the table, write bench.json."""
    start = time.monotonic()

    def told(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - start:6.1f} s  {text}\n")

    told("counting free cores")
    free = cores.free_cores()
    results: list[Result] = []
    (ROOT / "var").mkdir(exist_ok=True)
    for name in chosen or GROUPS:
        told(f"{name}: preparing")
        with (
            tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as folder,
            closing(GROUPS[name](Path(folder))) as lines,
        ):
            results.extend(measured(line, free, told) for line in lines)
    sys.stdout.writelines(f"{text}\n" for text in report.table(results))
    (ROOT / "bench.json").write_text(report.as_json(results, free), encoding="utf-8")
    told(f"bench.json written, {free:.1f} cores free")


if __name__ == "__main__":
    main(sys.argv[1:])
