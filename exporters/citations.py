"""Which registrations of `sys/sources` a package shows: the files that its other events cite.

    national-data-observed/1   {"source": "...", "digest": "ab12...", "key": ...}     cites
    source-observed/1          {"source": "...", "digest": "ab12...", "rows": 20947}  is cited

`sys/sources` grows with every file of open data that is read, whatever CUPs it holds; of it a package
shows each registration of a file that is cited, by name of the source and SHA-256, and what was done
to erase such a file. They are shown with their proofs and their signers; how many others there are is
not proven. Exporter and verifier choose them with the same function.

Source: design FORMATS section 6; DOMAIN section 9.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.journal.leaf import format_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ledger.signing.envelope import Envelope

SOURCES: Final = "sys/sources"
OBSERVED: Final = "source-observed/1"
ERASURE: Final = "content-erased/1"
APPROVAL: Final = "erasure-approved/1"
OF_REQUESTS: Final = ("erasure-requested/1", "erasure-requested/2", "erasure-refused/1")

File = tuple[str, str]  # name of the source, SHA-256 in hexadecimal


def cited_by(envelope: Envelope) -> File | None:
    """Return the file that an event cites, None when it cites none."""
    return None if envelope.type == OBSERVED else _file(envelope)


def cited_places(sources: Mapping[int, Envelope], cited: Iterable[File]) -> frozenset[int]:
    """Return, of the events of `sys/sources` by index, those that a package shows."""
    asked = frozenset(cited)
    shown = {i for i, one in sources.items() if one.type == OBSERVED and _file(one) in asked}
    commits = {format_hash(ref.commit) for index in shown for ref in sources[index].objects}
    erased = {i for i, one in sources.items() if one.type == ERASURE and _erases(one, commits)}
    ids = {str(_data(sources[index]).get("approval")) for index in erased}
    approved = {i for i, one in sources.items() if one.type == APPROVAL and one.id in ids}
    requests = {_request(sources[index]) for index in approved}
    asked_for = {
        i for i, one in sources.items() if one.type in OF_REQUESTS and _request(one) in requests
    }
    return frozenset(shown | erased | approved | asked_for)


def _file(envelope: Envelope) -> File | None:
    match _data(envelope):
        case {"source": str(source), "digest": str(digest)}:
            return source, digest
    return None


def _erases(envelope: Envelope, commits: set[str]) -> bool:
    named = _data(envelope).get("commits")
    return isinstance(named, list) and any(one in commits for one in named)


def _request(envelope: Envelope) -> tuple[str, tuple[str, ...]]:
    """Return by what a request and its answer are one: the short id, in the same streams."""
    streams = tuple(claim.name for claim in envelope.streams)
    return str(_data(envelope).get("request")), streams


def _data(envelope: Envelope) -> dict[str, Any]:
    data: Any = envelope.data
    return data if isinstance(data, dict) else {}
