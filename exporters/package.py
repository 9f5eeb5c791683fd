"""The audit package: all that proves what became of a CUP, as a ZIP or as a folder.

    info = write_package(evidence, ["C81C22001220006"], Path("out"), law=load_law())
    info.path            out/C81C22001220006_1291_20261124T091203Z.zip
    info.manifest        SHA-256 of tagmanifest-sha256.txt, which `package-exported/1` records

    bagit.txt bag-info.txt manifest-sha256.txt tagmanifest-sha256.txt VERIFICA.txt verify.sh
    data/<id>/representations/rep1/data/   events leaves proofs heads log keys documents state
    data/<id>/schemas/

What is asked is settled first (`settled`), then the parts name their members, each is read once for
the manifests and once to be written. The same head and the same question give the same bytes; a
ZIP and a folder have the same members. Source: design FORMATS section 6; RFC 8493.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exporters.bag import DECLARATION, WHOLE, Question, format_bag_info
from exporters.container import write_zip
from exporters.erased import gather
from exporters.instructions import format_instructions, read_script
from exporters.manifest import (
    PAYLOAD,
    PAYLOAD_MANIFEST,
    TAG_MANIFEST,
    Listed,
    Member,
    format_manifest,
    list_member,
    member_of_bytes,
)
from exporters.parts import PARTS, Source
from ledger.domain.days import legal_day
from ledger.domain.identifiers import CUP
from ledger.errors import Absent, Refused, StorageError
from ledger.journal.leaf import EventLeaf, HeadsLeaf, parse_leaf
from ledger.records import adopted_law

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from exporters.absences import Absence
    from exporters.evidence import Evidence
    from ledger.domain.law import Law

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks: CUPs, and optionally the head, the legal day and the place in the log.

    `size` is a published tree, the last one when None; `as_of` the legal day (Europe/Rome) of that
    head; `known_at` a number of leaves up to `size`, which it is when None. `scan` adds all leaves.
    """

    cups: Sequence[str]
    size: int | None = None
    as_of: date | None = None
    known_at: int | None = None
    kind: str = WHOLE
    remarks: Sequence[str] = ()
    scan: bool = False


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What was written.

    `sha256` (hexadecimal) and `size_bytes` are of the ZIP; of a folder, `sha256` is None and
    `size_bytes` the sum of its files. `checkpoint` is the note of the head; `manifest` the
    SHA-256, hexadecimal, of the tag manifest; `withheld` what is absent, and why.
    """

    path: Path
    sha256: str | None
    size_bytes: int
    question: Question
    checkpoint: bytes
    manifest: str
    withheld: tuple[Absence, ...]


def write_package(  # noqa: PLR0913  the parts of the question
    evidence: Evidence,
    cups: Sequence[str],
    folder: Path,
    *,
    law: Law,
    size: int | None = None,
    as_of: date | None = None,
    known_at: int | None = None,
    kind: str = WHOLE,
    remarks: Sequence[str] = (),
    scan: bool = False,
) -> PackageInfo:
    """Write the ZIP into a folder under its own name, and return what it is.

    Raises:
        ShapeError: `cup-malformed`.
        Refused: `no-cup`, `package-kind-unknown`, `known-at-beyond-head`, `remark-malformed`.
        Absent: when the head is not published (`no-such-head`), a CUP has no event in it
            (`no-such-cup`), or an envelope or document is gone without a lawful reason
            (`envelope-missing`, `document-missing`).
        NotVerified: when the log or the vault hold what they cannot hold.
    """
    package = _Package(evidence, Asked(cups, size, as_of, known_at, kind, remarks, scan), law)
    path = folder / package.question.file_name
    write_zip(
        path,
        ((one.name, one.size_bytes, one.member.open) for one in package.members),
        is_text,
    )
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return package.info(path, digest, path.stat().st_size)


def write_folder(  # noqa: PLR0913  as write_package
    evidence: Evidence,
    cups: Sequence[str],
    folder: Path,
    *,
    law: Law,
    size: int | None = None,
    as_of: date | None = None,
    known_at: int | None = None,
    kind: str = WHOLE,
    remarks: Sequence[str] = (),
    scan: bool = False,
) -> PackageInfo:
    """Write the same members, unpacked, into a new folder named as the ZIP without `.zip`.

    Raises:
        StorageError: `folder-exists`, when the new folder is there already; it is left alone.
        PistaError: as `write_package`.
    """
    package = _Package(evidence, Asked(cups, size, as_of, known_at, kind, remarks, scan), law)
    path = folder / package.question.file_name.removesuffix(".zip")
    try:
        path.mkdir()
    except FileExistsError as error:
        raise StorageError(
            "folder-exists", f"{path} esiste già: scegliere un'altra cartella o spostarla."
        ) from error
    for one in package.members:
        target = path / one.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with one.member.open() as source, target.open("xb") as out:
            shutil.copyfileobj(source, out, _CHUNK)
    return package.info(path, None, sum(one.size_bytes for one in package.members))


def is_text(name: str) -> bool:
    """Tell whether a member is worth compressing: all but documents and their salts."""
    return not name.endswith(("/content", "/salt"))


class _Package:
    """A package to be: the question settled, every member listed."""

    def __init__(self, evidence: Evidence, asked: Asked, law: Law) -> None:
        self.question = settled(evidence, asked)
        gathered = gather(evidence, self.question.cups, self.question.size)
        of_ledger = adopted_law(law, gathered.survey.directory.adopted())
        self.source = Source(evidence, self.question, gathered, of_ledger, asked.scan)
        payload = _payload(self.source)
        tags = _tags(self.source, payload)
        seal = format_manifest(tags)
        self.manifest = hashlib.sha256(seal).hexdigest()
        tag_manifest = list_member(member_of_bytes(TAG_MANIFEST, seal))
        self.members = sorted((*payload, *tags, tag_manifest), key=lambda one: one.name.encode())

    def info(self, path: Path, sha256: str | None, size_bytes: int) -> PackageInfo:
        """Return what was written to the path."""
        return PackageInfo(
            path=path,
            sha256=sha256,
            size_bytes=size_bytes,
            question=self.question,
            checkpoint=self.source.checkpoint,
            manifest=self.manifest,
            withheld=self.source.absences,
        )


def _payload(source: Source) -> list[Listed]:
    root = f"{PAYLOAD}{source.question.package_id}"
    return [
        list_member(Member(f"{root}/{member.name}", member.open))
        for part in PARTS
        for member in part(source)
    ]


def _tags(source: Source, payload: Iterable[Listed]) -> list[Listed]:
    """Return the files beside the payload but the tag manifest, which lists them."""
    listed = list(payload)
    files = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": format_bag_info(source.question, listed),
        PAYLOAD_MANIFEST: format_manifest(listed),
        "VERIFICA.txt": format_instructions(source.question, source.absences),
        "verify.sh": read_script(),
    }
    return [list_member(member_of_bytes(name, data)) for name, data in files.items()]


def settled(evidence: Evidence, asked: Asked) -> Question:
    """Return the question with every default filled in from the log.

    Raises:
        ShapeError: `cup-malformed`.
        Refused: `no-cup`, `package-kind-unknown`, `known-at-beyond-head`.
        Absent: `no-such-head`.
    """
    cups = tuple(sorted({str(CUP.parse(cup)) for cup in asked.cups}))
    if not cups:
        raise Refused("no-cup", "Nessun CUP: indicarne almeno uno da esportare.")
    if asked.kind != WHOLE:
        raise Refused(
            "package-kind-unknown",
            f"Il tipo di pacchetto {asked.kind!r} non è previsto in questa versione: usare {WHOLE}.",
        )
    size = evidence.last_head() if asked.size is None else asked.size
    head_at = _head_time(evidence, size)
    known_at = size if asked.known_at is None else asked.known_at
    if not 0 < known_at <= size:
        raise Refused(
            "known-at-beyond-head",
            f"Lo stato noto a {known_at} foglie non sta in un albero di {size}: indicarne da 1 a"
            f" {size}.",
        )
    as_of = legal_day(head_at) if asked.as_of is None else asked.as_of
    return Question(
        evidence.origin, cups, size, head_at, as_of, known_at, asked.kind, tuple(asked.remarks)
    )


def _head_time(evidence: Evidence, size: int) -> datetime:
    """Return the receipt of the last event before the heads leaf that closes the tree."""
    if not 0 < size <= evidence.last_head() or not _closes(evidence.leaf(size - 1), size):
        raise Absent(
            "no-such-head",
            f"Il registro non ha mai pubblicato un albero di {size} foglie: prendere la dimensione"
            " da un punto di controllo.",
        )
    for index in range(size - 2, -1, -1):
        leaf = parse_leaf(evidence.leaf(index))
        if isinstance(leaf, EventLeaf):
            return leaf.received_at
    raise Absent(
        "no-such-head",
        "Il registro non ha ancora registrazioni, quindi nulla da esportare: registrare prima"
        " l'intervento.",
    )


def _closes(data: bytes, size: int) -> bool:
    leaf = parse_leaf(data)
    return isinstance(leaf, HeadsLeaf) and leaf.size == size - 1
