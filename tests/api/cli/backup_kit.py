"""A home with documents, a writer that never pauses, and the commands over both.

ran, folder = backed_up(home, tmp_path / "copies")
with writer_at(home) as writer:
writer.acknowledged()           the index of the last registration whose receipt was printed
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.app import open_ledger
from tests.api.cli.recording_kit import record
from tests.api.home_kit import CUP, Ran, run, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.home import Home

DETERMINA: dict[str, Any] = {
    "command": "register-determina/1",
    "role": "rup",
    "data": {
        "register": "registro-generale",
        "year": 2023,
        "number": "100",
        "adopted_on": "2023-02-15",
        "subject": "Affidamento",
        "office": "Innovazione",
        "signatory": "@rossi",
        "links": [{"cup": CUP}],
        "cup_in_text": "si",
        "file": "determina.pdf",
        "subtype": "affidamento",
    },
    "persons": {"rossi": {"name": "Rosa Rossi"}},
    "files": {"determina.pdf": "scan.pdf"},
}
WRITER = textwrap.dedent("""
    import io, secrets, sys
    from pathlib import Path
    from api.app import open_ledger
    from api.client.desk import open_scribe
    from api.home import Home
    from api.machine import now
    from ledger.application.requests import parse_request
    from ledger.domain.event import ObjectRef
    from ledger.records import encode_digest, event_id
    from tests.api.cli.backup_kit import DETERMINA
    from tests.api.home_kit import key

    home = Home(Path(sys.argv[1]))
    number = int(sys.argv[2])
    with open_ledger(home, busy_seconds=30) as opened:
        scribe = open_scribe(opened, key(home, "rup"))
        while True:
            number += 1
            content = io.BytesIO(b"%PDF-1.7 " + str(number).encode())
            stored = opened.vault.put(content, "application/pdf")
            commit = encode_digest(stored.commit)
            ref = ObjectRef("determina.pdf", commit, stored.size_bytes, "application/pdf")
            data = {**DETERMINA["data"], "number": str(number), "signatory": "p_" + "a" * 26}
            request = {
                "command": DETERMINA["command"],
                "role": "rup",
                "id": event_id(now(), secrets.token_bytes(10)),
                "data": data,
            }
            receipt = scribe.write(parse_request(request, (ref,)))
            print(receipt.index, commit, flush=True)
""")


def with_document(home: Home, folder: Path, number: str = "100") -> int:
    """Register a determina with its file and its signatory; return its index."""
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 " + number.encode())
    data = {**DETERMINA["data"], "number": number}
    ran = record(home, written(folder / f"{number}.ndjson", {**DETERMINA, "data": data}))
    assert ran.exit_code == 0, ran.stderr
    return int(ran.lines[0]["index"])


def backed_up(home: Home, into: Path, *more: str) -> tuple[Ran, Path]:
    """Back a home up; return what was said, and the folder of the backup."""
    ran = run(home, "--json", "backup", "--to", str(into), *more)
    assert ran.exit_code == 0, ran.stderr
    return ran, Path(ran.lines[0]["folder"])


def with_keys(home: Home, other: Home) -> None:
    """Put the keys of a home into another, as a person does who kept them apart."""
    for name in ("keys/log.pem", "keys/ca.pem", "vault.key"):
        path = other.path / name
        path.write_bytes((home.path / name).read_bytes())
        path.chmod(0o600)


def head_of(home: Home) -> tuple[int, bytes]:
    """Return size and root of the log, opened for writing: its anchor agrees."""
    with open_ledger(home) as opened:
        return opened.journal.size, opened.journal.root_at(opened.journal.size)


class Writer:
    """A process that registers acts with documents as fast as it can."""

    def __init__(self, process: subprocess.Popen[bytes], heard: Path) -> None:
        """Listen to what it acknowledges."""
        self.process = process
        self._heard = heard

    def acknowledged(self) -> list[tuple[int, str]]:
        """Return index and commitment of everything whose receipt was given so far."""
        lines = self._heard.read_bytes().split(b"\n")[:-1]
        return [(int(index), commit.decode()) for index, commit in map(bytes.split, lines)]


@contextmanager
def writer_at(home: Home, heard: Path, first: int = 1000) -> Iterator[Writer]:
    """Let a process write into a home until the end of the block, when it is killed."""
    with heard.open("wb") as answers:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(home.path), str(first)], stdout=answers
        )
    try:
        yield Writer(process, heard)
        assert process.poll() is None, "the writer gave up"
    finally:
        process.kill()
        process.wait()


def pista(home: Home, *arguments: str, kib: int | None = None) -> subprocess.Popen[bytes]:
    """Start the command line as a process of its own; with `kib`, files may not grow beyond."""
    command = [sys.executable, "-m", "api.cli", "--ledger", str(home.path), *arguments]
    if kib is not None:
        command = ["bash", "-c", f'ulimit -f {kib}; exec "$@"', "bash", *command]
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
