"""Step 15: the shell of the package, and that nothing in it is without meaning.

The declaration, bag-info.txt and both manifests are written anew from what is in the package and
compared byte for byte, so that not even the case of a hexadecimal digit can change. Every member
must have a known name and be called for: by a leaf, a row, a basis, an object, a key, or the
question. Manifests are no proof: whoever edits a file can write them anew; what proves is in the
other steps. The PIndex seal is not in this version, so VERIFICA.txt and verify.sh are covered by
the manifests, and by a signature only when the receipt of the export lies beside the package.
Source: FORMATS section 6; RFC 8493.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from exporters.bag import DECLARATION, format_bag_info
from exporters.instructions import format_instructions, read_script
from exporters.manifest import PAYLOAD, TAG_MANIFEST, Listed, Member, format_manifest, list_member
from exporters.verification.bag_info import parse_bag_info
from exporters.verification.erasure import judge_unused_reasons
from exporters.verification.expected import expected_members
from ledger.domain.law import SCHEMA_SET
from ledger.errors import NotVerified
from schemas import files

if TYPE_CHECKING:
    from exporters.bag import Question
    from exporters.verification.case import Case


def read_question(case: Case) -> None:
    """Step 15, first part: read which CUPs, head and day the package says it answers."""
    with case.tally.guard(15, file="bag-info.txt"):
        case.info = parse_bag_info(case.package.read("bag-info"))


def judge_shell(case: Case) -> None:
    """Step 15: names, declaration, bag-info, manifests, schemas."""
    _judge_names(case)
    listed = _list_members(case)
    # A damaged member has been told; what sums up all members would only tell it again.
    is_whole = len(listed) == len(case.package.names())
    payload = [one for one in listed if one.name.startswith(PAYLOAD)]
    tags = [one for one in listed if not one.name.startswith(PAYLOAD)]
    with case.tally.guard(15, file="bagit.txt"):
        _compare(case, "bagit", DECLARATION)
    with case.tally.guard(15, file="bag-info.txt"):
        if case.info is not None and is_whole:
            _compare(case, "bag-info", format_bag_info(case.info, payload))
    _judge_manifest(case, "manifest", payload, is_whole=is_whole)
    tags = [one for one in tags if one.name != TAG_MANIFEST]
    _judge_manifest(case, "tagmanifest", tags, is_whole=is_whole)
    _judge_question(case)
    judge_unused_reasons(case)
    _judge_schemas(case)
    _judge_instructions(case)
    size = sum(one.size_bytes for one in listed)
    case.tally.done(15, f"{len(listed)} file, {size} byte")


def _judge_names(case: Case) -> None:
    for path in case.package.unknown:
        case.tally.fail(15, "file-unknown", "Il formato non prevede questo file.", file=path)
    expected = expected_members(case)
    present = {(kind, key): path for kind, key, path in case.package.members()}
    for kind, key in sorted(expected.required - present.keys(), key=str):
        case.tally.fail(15, "file-missing", f"Manca nel pacchetto: {kind} {key}".rstrip() + ".")
    for member in sorted(present.keys() - expected.allowed, key=str):
        if expected.is_open(member):
            note = case.tally.withhold if case.withheld else case.tally.lack
            note(15, f"{present[member]}: forse lo richiede una busta assente o non leggibile")
        else:
            case.tally.fail(
                15,
                "file-unexpected",
                "Nulla nel pacchetto richiede questo file.",
                file=present[member],
            )


def _list_members(case: Case) -> list[Listed]:
    """Hash every member once; one that cannot be read whole is a failure and is left out."""
    listed = []
    for path in case.package.names():
        with case.tally.guard(15, file=path):
            member = Member(path, partial(case.package.open, path))
            listed.append(list_member(member))
    return listed


def _judge_manifest(case: Case, kind: str, listed: list[Listed], *, is_whole: bool) -> None:
    path = case.package.path(kind)
    with case.tally.guard(15, file=path):
        expected = format_manifest(listed)
        actual = case.package.read(kind)
        if actual == expected:
            return
        lines = set(actual.split(b"\n"))
        for one in listed:
            if format_manifest([one])[:-1] not in lines:
                case.tally.fail(
                    15, "manifest-differs", f"{path} ne dà un'altra impronta.", file=one.name
                )
        if is_whole:
            raise NotVerified(
                "manifest-not-exact", "Non è il manifesto dei file del pacchetto, riga per riga."
            )


def _compare(case: Case, kind: str, expected: bytes) -> None:
    if case.package.read(kind) != expected:
        raise NotVerified("tag-file-differs", "Non è quello che il formato e il contenuto danno.")


def _judge_question(case: Case) -> None:
    """Compare what bag-info.txt says of the head with the checkpoint and the leaves."""
    if case.info is None:
        return
    _judge_kind(case, case.info)
    if case.checkpoint is None:
        return
    info, checkpoint = case.info, case.checkpoint
    with case.tally.guard(15, file="bag-info.txt"):
        if (info.origin, info.size) != (checkpoint.origin, checkpoint.size):
            raise NotVerified(
                "question-differs", "Origine o dimensione non sono quelle del punto di controllo."
            )
        if info.known_at > info.size:
            raise NotVerified("question-differs", "Lo stato sarebbe noto oltre la testata.")
        received = dict(case.timed_leaves())
        latest = max((leaf.received_at for leaf in received.values()), default=info.head_at)
        closing = received.get(info.size - 2)
        is_proven = closing is not None and closing.received_at == info.head_at
        if info.head_at < latest or not is_proven:
            raise NotVerified("question-differs", "L'ora della testata non è quella delle foglie.")
        if case.package.ids != {info.package_id}:
            raise NotVerified("question-differs", f"La cartella non è data/{info.package_id}/.")


def _judge_kind(case: Case, info: Question) -> None:
    """Tell that a package may withhold, and the remarks, which no signature covers."""
    if case.is_public:
        case.tally.flag(15, "pacchetto pubblico: può omettere ciò che non è da pubblicare")
    for remark in info.remarks:
        case.tally.flag(15, f"annotazione non provata: «{remark}»")


def _judge_schemas(case: Case) -> None:
    """Compare each schema with the one of that name in this program.

    When the ledger adopted the very set of schemas that this program has, a schema that differs
    contradicts; else it is told.
    """
    known = set(files.names())
    for name in case.package.keys("schema"):
        path = case.package.path("schema", name)
        with case.tally.guard(15, file=path):
            if name in known and case.package.equals(path, files.read(name)):
                continue
            if files.digest() in _adopted(case):
                raise NotVerified("schema-differs", "Non è lo schema che il registro ha adottato.")
            case.tally.flag(15, f"schema {name} diverso da quello di questa versione")


def _adopted(case: Case) -> set[object]:
    """Return the digests of the schema sets that the ledger was founded with or adopted."""
    founded = {case.envelopes[0].data.get("schemas")} if 0 in case.signers else set()
    return founded | {row.value for row in case.law.adoptions(SCHEMA_SET)}


def _judge_instructions(case: Case) -> None:
    """Tell when VERIFICA.txt or verify.sh are not those that this program writes.

    They prove nothing, and another version of the program words them otherwise.
    """
    if case.info is None:
        return
    absences = () if case.reasons is None else case.reasons.absences()
    written = {
        "instructions": format_instructions(case.info, absences),
        "script": read_script(),
    }
    for kind, data in written.items():
        path = case.package.path(kind)
        with case.tally.guard(15, file=path):
            if case.package.has(kind) and not case.package.equals(path, data):
                case.tally.flag(15, f"{path} non è quello di questa versione: leggerlo prima")


def manifest_digest(case: Case) -> str:
    """Return the SHA-256 of the tag manifest, hexadecimal: what an export is recorded with.

    Raises:
        NotVerified: when there is none.
    """
    return hashlib.sha256(case.package.read("tagmanifest")).hexdigest()
