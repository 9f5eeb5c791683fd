"""Programs that a proof starts, each in a process group of its own, and ends by its number.

with started(place, "--json", "record", str(file)) as program:
program.wait_for(40)             until it has confirmed forty registrations
program.kill()                   SIGKILL to it and all that it started
program.confirmed                    what it printed, line by line, as it came
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from tests.endurance.places import ROOT, environment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.endurance.places import Place

PATIENCE = 600.0
_PAUSE = 0.002


class Program:
    """One run of a program that prints JSON lines."""

    def __init__(self, process: subprocess.Popen[bytes], errors: Path) -> None:
        """Read what the program prints, in a thread, until it ends."""
        self.lines: list[dict[str, Any]] = []
        self._process = process
        self._errors = errors
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The number of the process, and of its group."""
        return self._process.pid

    @property
    def stderr(self) -> str:
        """What the program has told people."""
        return self._errors.read_text(encoding="utf-8", errors="replace")

    @property
    def confirmed(self) -> list[dict[str, Any]]:
        """The registrations that were confirmed, those of earlier runs included."""
        return [line for line in self.lines if line["kind"] == "item"]

    @property
    def new(self) -> int:
        """How many registrations were confirmed as new."""
        return sum(1 for line in self.confirmed if line["first"])

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._process.poll() is None

    def wait_for(self, count: int) -> bool:
        """Wait until so many new registrations are confirmed; return False when it ended before."""
        return self.wait_until(lambda: self.new >= count)

    def wait_until(self, is_so: Callable[[], bool]) -> bool:
        """Wait until something is so; return False when the program ended before."""
        deadline = time.monotonic() + PATIENCE
        while self.is_running and time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(_PAUSE)
        return False

    def kill(self) -> None:
        """Stop it at once: SIGKILL to its group; what it printed until then is kept."""
        if self.is_running:
            os.killpg(self.pid, signal.SIGKILL)
        self.end()

    def end(self, seconds: float = PATIENCE) -> int:
        """Wait for its end and for the last line; return the exit code."""
        code = self._process.wait(seconds)
        self._reader.join(seconds)
        return code

    def _read(self, stream: IO[bytes] | None) -> None:
        """Take whole lines; what was cut by a kill was confirmed to nobody."""
        assert stream is not None
        with stream:
            for line in stream:
                if line.endswith(b"\n"):
                    self.lines.append(json.loads(line))


@contextmanager
def started(
    place: Place, *arguments: str, module: str = "api.cli", name: str = "program"
) -> Iterator[Program]:
    """Start `pista` over a place, or another module; it is killed when the block ends."""
    first = ("--ledger", str(place.home.path)) if module == "api.cli" else ()
    errors = place.folder / f"{name}.err"
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *first, *arguments],
            cwd=ROOT,
            env=environment_of(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            start_new_session=True,
        )
    program = Program(process, errors)
    try:
        yield program
    finally:
        program.kill()
