"""The members of a package, each of a known kind, read within bounds.

    bagit.txt  bag-info.txt  manifest-sha256.txt  tagmanifest-sha256.txt  VERIFICA.txt  verify.sh
    data/<id>/schemas/...                                  schema
    data/<id>/representations/rep1/data/
        events/12.jws         event 12          heads/3.row heads/3.proof      row 3, row-proof 3
        leaves/12.leaf        leaf 12           log/consistency/10.proof       consistency 10
        log/tile/entries/000.p/12  bundle 000.p/12
        proofs/12.tlog-proof  proof 12          documents/<commit>/content     content <commit>
        ...

Numbers have no leading zeros, so a member has one name. What has another name is *unknown* and is
refused in step 15; what has a known name must also be called for by the evidence. The list is
closed on purpose: there is no room for a file that nobody checks. Source: FORMATS section 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from ledger.errors import NotVerified, Unreadable
from ledger.signing.canonical import decode_signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.container import Container

REPRESENTATION: Final = "representations/rep1/data/"
CHUNK_BYTES: Final = 1 << 20

_NUMBER: Final = r"(?P<key>0|[1-9][0-9]{0,18})"
_DIGEST: Final = r"(?P<key>[A-Za-z0-9_-]{43})"
_BUNDLE: Final = r"(?P<key>(?:x[0-9]{3}/)*[0-9]{3}(?:\.p/[1-9][0-9]{0,2})?)"
_PACKAGE: Final = re.compile(r"data/([A-Za-z0-9_]{1,80})/(.+)")
_CUP_FOLDER: Final = r"(?P<key>(?:[A-Z0-9]{15}/)?)"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of member: pattern of its path, most bytes it may have (None: read in a stream)."""

    name: str
    pattern: re.Pattern[str]
    limit_bytes: int | None
    numbered: bool = False


def _kind(name: str, pattern: str, limit_bytes: int | None) -> Kind:
    return Kind(name, re.compile(pattern), limit_bytes, pattern.count(_NUMBER) == 1)


_KIB: Final = 1 << 10
_MIB: Final = 1 << 20
TAG_KINDS: Final[tuple[Kind, ...]] = (
    _kind("bagit", r"bagit\.txt", _KIB),
    _kind("bag-info", r"bag-info\.txt", 256 * _KIB),
    _kind("manifest", r"manifest-sha256\.txt", 256 * _MIB),
    _kind("tagmanifest", r"tagmanifest-sha256\.txt", 16 * _KIB),
    _kind("instructions", r"VERIFICA\.txt", _MIB),
    _kind("script", r"verify\.sh", _MIB),
)
PAYLOAD_KINDS: Final[tuple[Kind, ...]] = (
    _kind("event", rf"events/{_NUMBER}\.jws", 128 * _KIB),
    _kind("leaf", rf"leaves/{_NUMBER}\.leaf", 64 * _KIB),
    _kind("proof", rf"proofs/{_NUMBER}\.tlog-proof", 72 * _KIB),
    _kind("row", rf"heads/{_NUMBER}\.row", _KIB),
    _kind("row-proof", rf"heads/{_NUMBER}\.proof", 4 * _KIB),
    _kind("checkpoint", r"log/checkpoint", 64 * _KIB),
    _kind("log-signed", r"log/checkpoint\.log", 64 * _KIB),
    _kind("head-stamp", r"log/checkpoint\.log\.tsr", 64 * _KIB),
    _kind("stamped-note", rf"log/checkpoint\.{_NUMBER}\.log", 64 * _KIB),
    _kind("stamp", rf"log/checkpoint\.{_NUMBER}\.tsr", 64 * _KIB),
    _kind("policy", r"log/policy\.txt", 256 * _KIB),
    _kind("consistency", rf"log/consistency/{_NUMBER}\.proof", 4 * _KIB),
    _kind("bundle", rf"log/tile/entries/{_BUNDLE}", 17 * _MIB),
    _kind("ca", r"keys/ca\.crt", 16 * _KIB),
    _kind("certificate", rf"keys/{_DIGEST}\.crt", 16 * _KIB),
    _kind("reasons", r"reasons\.json", 16 * _MIB),
    _kind("content", rf"documents/{_DIGEST}/content", None),
    _kind("salt", rf"documents/{_DIGEST}/salt", 32),
    _kind("state-json", rf"state/{_CUP_FOLDER}intervention\.json", None),
    _kind("state-xml", rf"state/{_CUP_FOLDER}intervention\.xml", None),
    _kind("history-json", rf"state/{_CUP_FOLDER}history\.json", None),
    _kind("times", r"state/times\.json", None),
    _kind("history-xml", rf"state/{_CUP_FOLDER}history\.xml", None),
)
SCHEMA_KINDS: Final[tuple[Kind, ...]] = (
    _kind("schema", r"schemas/(?P<key>[A-Za-z0-9._/-]{1,150})", 16 * _MIB),
)

Key = int | str


class Package:
    """The members of an open container, by kind and key; nothing in them is verified yet."""

    def __init__(self, container: Container) -> None:
        """Sort the members of the container into their kinds."""
        self._container = container
        self._paths: dict[str, dict[Key, str]] = {}
        self._limits: dict[str, int | None] = {}
        unknown = []
        ids = set()
        for path in container.names():
            inner = _PACKAGE.fullmatch(path)
            if inner is not None:
                ids.add(inner[1])
            if not self._place(path, inner):
                unknown.append(path)
        self.unknown = tuple(unknown)
        self.ids = frozenset(ids)

    def _place(self, path: str, inner: re.Match[str] | None) -> bool:
        if inner is None:
            kinds, text = TAG_KINDS, path
        elif inner[2].startswith(REPRESENTATION):
            kinds, text = PAYLOAD_KINDS, inner[2].removeprefix(REPRESENTATION)
        else:
            kinds, text = SCHEMA_KINDS, inner[2]
        for kind in kinds:
            match = kind.pattern.fullmatch(text)
            if match is not None:
                return self._put(kind, match, path)
        return False

    def _put(self, kind: Kind, match: re.Match[str], path: str) -> bool:
        found = match.groupdict().get("key") or ""
        key: Key = int(found) if kind.numbered else found
        self._limits[kind.name] = kind.limit_bytes
        # A second folder under data/ would repeat keys; its members are unknown.
        return self._paths.setdefault(kind.name, {}).setdefault(key, path) == path

    def names(self) -> list[str]:
        """Return the paths of all members, sorted bytewise."""
        return list(self._container.names())

    def size(self, path: str) -> int:
        """Return the size in bytes of the member at a path."""
        return self._container.size(path)

    def numbers(self, kind: str) -> list[int]:
        """Return the numbers of the members of a numbered kind, rising."""
        return sorted(key for key in self._paths.get(kind, {}) if isinstance(key, int))

    def keys(self, kind: str) -> list[str]:
        """Return the keys of the members of a kind that is named by text, sorted."""
        return sorted(key for key in self._paths.get(kind, {}) if isinstance(key, str))

    def members(self) -> Iterator[tuple[str, Key, str]]:
        """Yield (kind, key, path) of every member of a known kind."""
        for kind, paths in self._paths.items():
            for key, path in paths.items():
                yield kind, key, path

    def has(self, kind: str, key: Key = "") -> bool:
        """Tell whether the member is there."""
        return key in self._paths.get(kind, {})

    def path(self, kind: str, key: Key = "") -> str:
        """Return the path of a member, or what it would be called when it is not there."""
        return self._paths.get(kind, {}).get(key, f"{kind} {key}".rstrip())

    def read(self, kind: str, key: Key = "") -> bytes:
        """Return the bytes of a small member.

        Raises:
            NotVerified: when it is not there (`member-missing`), is larger than its kind may be
                (`member-too-large`), or cannot be read whole (`member-damaged`).
        """
        path = self._paths.get(kind, {}).get(key)
        if path is None:
            raise NotVerified("member-missing", f"Manca nel pacchetto: {kind} {key}".rstrip() + ".")
        limit = self._limits[kind]
        if limit is None or self.size(path) > limit:
            raise NotVerified(
                "member-too-large",
                f"{path} ha {self.size(path)} byte: più di quanti può averne ({limit}).",
            )
        return self._container.read(path, limit)

    def open(self, path: str) -> BinaryIO:
        """Return a stream over a member of any size; a damaged one raises NotVerified at its end."""
        return self._container.open(path)

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the bytes of a member, at most 1 MiB at a time."""
        with self.open(path) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def equals(self, path: str, expected: bytes) -> bool:
        """Tell whether a member has exactly these bytes, without reading more of it than those."""
        if self.size(path) != len(expected):
            return False
        start = 0
        for chunk in self.chunks(path):
            if expected[start : start + len(chunk)] != chunk:
                return False
            start += len(chunk)
        return start == len(expected)


def parse_json_file(data: bytes, name: str) -> object:
    """Return the value of a JSON member: canonical JSON (RFC 8785), then one newline.

    Raises:
        Unreadable: for other bytes (`json-not-canonical`).
    """
    if not data.endswith(b"\n"):
        raise Unreadable("json-not-canonical", f"{name} non termina con un a capo.")
    try:
        value: object = decode_signed(data[:-1])
    except Unreadable as error:
        reason = f"{name} non è JSON in forma canonica: {error.sentence}"
        raise Unreadable("json-not-canonical", reason) from error
    return value
