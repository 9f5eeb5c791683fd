"""What an attacker does to an unpacked package: edit, remove, and make the manifests fit again.

    forged = Forgery(copy_of(package, tmp_path))
    forged.path("events/12.jws").write_bytes(...)
    forged.seal()                          bag-info.txt and both manifests are written anew
    report = forged.verify(policy)

Sealing again is what everybody can do, so the evidence itself must show what was done.
"""

from __future__ import annotations

import base64
import contextlib
import shutil
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from exporters.bag import format_bag_info
from exporters.manifest import Listed, Member, format_manifest, list_member
from exporters.verification.bag_info import parse_bag_info
from exporters.verification.verify import verify_package
from ledger.errors import NotVerified, Refused

if TYPE_CHECKING:
    from pathlib import Path

    from exporters.verification.report import Report


class Forgery:
    """A copy of a package that is being tampered with."""

    def __init__(self, package: Path, folder: Path) -> None:
        """Copy the unpacked package into the folder."""
        self.root = folder / package.name
        shutil.copytree(package, self.root)
        (self.data,) = (self.root / "data").glob("*/representations/rep1/data")

    def path(self, name: str) -> Path:
        """Return a file of the representation, or of the bag when it is named from `/`."""
        return self.root / name[1:] if name.startswith("/") else self.data / name

    def remove_event(self, index: int) -> None:
        """Take an event away with its leaf and proof."""
        for name in (f"events/{index}.jws", f"leaves/{index}.leaf", f"proofs/{index}.tlog-proof"):
            self.path(name).unlink()

    def remove_document(self) -> str:
        """Take the first document away, and return its commitment in base64."""
        folder = min(self.data.glob("documents/*"))
        shutil.rmtree(folder)
        return base64.b64encode(base64.urlsafe_b64decode(f"{folder.name}=")).decode()

    def row_of(self, stream: str) -> Path:
        """Return the row of a stream."""
        marked = f" {stream} ".encode()
        return next(p for p in self.data.glob("heads/*.row") if marked in p.read_bytes())

    def listed(self) -> list[Listed]:
        """Return all files with their digests, by path."""
        paths = sorted(path for path in self.root.rglob("*") if path.is_file())
        return [
            list_member(Member(path.relative_to(self.root).as_posix(), partial(opened, path)))
            for path in paths
        ]

    def seal(self) -> None:
        """Write bag-info.txt, when it is readable, and the manifests anew."""
        payload = [one for one in self.listed() if one.name.startswith("data/")]
        self.path("/manifest-sha256.txt").write_bytes(format_manifest(payload))
        info = self.path("/bag-info.txt")
        with contextlib.suppress(NotVerified, Refused, FileNotFoundError):
            info.write_bytes(format_bag_info(parse_bag_info(info.read_bytes()), payload))
        tags = [one for one in self.listed() if not one.name.startswith("data/")]
        tags = [one for one in tags if one.name != "tagmanifest-sha256.txt"]
        self.path("/tagmanifest-sha256.txt").write_bytes(format_manifest(tags))

    def sign_again(self, note: bytes) -> None:
        """Put another checkpoint, with one signature, wherever the old one stands; and seal."""
        old = self.path("log/checkpoint").read_bytes()
        for name in ("log/checkpoint", "log/checkpoint.log"):
            self.path(name).write_bytes(note)
        for path in self.data.glob("proofs/*"):
            path.write_bytes(path.read_bytes().replace(old, note))
        self.seal()

    def verify(self, policy: bytes | None, **given: object) -> Report:
        """Verify the forgery."""
        return verify_package(self.root, policy=policy, **given)  # type: ignore[arg-type]  # by name


def opened(path: Path) -> BinaryIO:
    """Return a stream over a file."""
    return path.open("rb")


def codes(report: Report, step: int) -> set[str]:
    """Return the codes of the failures of one step."""
    return {failure.code for failure in report.step(step).failures}


def places(report: Report) -> set[str]:
    """Return the files and indexes that the failures name."""
    return {str(f.file) for f in report.failures} | {str(f.index) for f in report.failures}
