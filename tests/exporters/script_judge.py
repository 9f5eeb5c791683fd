"""Running verify.sh in tests, with a PATH of few tools and no Python."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.exporters.ledger_fixture import CUP

if TYPE_CHECKING:
    from pathlib import Path

TOOLS = "bash openssl sha256sum base64 od mktemp tr wc cat sort head tail date rm mkdir dirname realpath"
SIZE = 46  # the head just after the visto: three algorithms less one, one document, two CUPs
FOLDER = f"data/{CUP}_{SIZE}/representations/rep1/data/"
DETERMINA_AT, VISTO_AT = 42, 44


def judge(package: Path, tools: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run verify.sh with a PATH of few tools."""
    return subprocess.run(
        ["bash", "verify.sh", *arguments],
        cwd=package,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def trust_file(folder: Path, text: bytes) -> str:
    """Write a trust file and return its path."""
    path = folder / "fiducia.txt"
    path.write_bytes(text)
    return str(path)
