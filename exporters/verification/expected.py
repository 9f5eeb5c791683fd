"""Which members the evidence of a package calls for: those it must have, and those it may have.

    each event leaf                       events/<i>.jws (unless absent with a reason)
    each leaf                             leaves/<i>.leaf, proofs/<i>.tlog-proof
    each stream of the closure            heads/<n>.row, heads/<n>.proof
    each basis above 0                    log/consistency/<size>.proof, leaf size-1
    each object                           documents/<commit>/content, salt (unless absent)
    each key that signed an envelope      keys/<kid>.crt
    each event type that occurs           its schema, and those of state and history
    the head                              leaf size-2, which is shown for its time
    each time stamp that covers first     log/checkpoint.<size>.log, .tsr, log/consistency/<size>.proof
    any time stamp                        state/times.json and its schema
    all leaves, when one bundle is there  log/tile/entries/...
    each CUP asked                        state/[<CUP>/]intervention.json ... history.xml

When an envelope is absent, or was not readable, nobody can know all it called for: then documents,
certificates, schemas and what proves a basis are left open, each told as not judged. Registrations,
their leaves and rows are called for by what the log includes, and stay closed.
Source: FORMATS section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from exporters.parts import document_folder, schemas_for
from exporters.stamps import first_covering
from exporters.verification.closure import closure, shown_events
from ledger.journal.leaf import HeadsLeaf
from ledger.journal.tiles import bundles_of, entries_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exporters.verification.case import Case
    from exporters.verification.package_reader import Key
    from ledger.journal.tiles import TilePlace

SINGLE: Final = (
    "bagit",
    "bag-info",
    "manifest",
    "tagmanifest",
    "instructions",
    "script",
    "checkpoint",
    "log-signed",
    "policy",
    "ca",
    "reasons",
)
STATE: Final = ("state-json", "state-xml", "history-json", "history-xml")
OPEN_KINDS: Final = frozenset({"consistency", "certificate", "content", "salt", "schema"})

Members = set[tuple[str, "Key"]]


@dataclass(frozen=True, slots=True)
class Expected:
    """The members that must be there, those that may, and what is left open when partial.

    `bases` are the leaves and proofs of heads that an absent envelope may have rested on.
    """

    required: Members
    allowed: Members
    is_partial: bool
    bases: Members

    def is_open(self, member: tuple[str, Key]) -> bool:
        """Tell whether nobody can know if a member is called for."""
        return self.is_partial and (member[0] in OPEN_KINDS or member in self.bases)


def expected_members(case: Case) -> Expected:
    """Return which members the evidence read so far calls for."""
    required = {
        *((name, "") for name in SINGLE),
        *_leaves(case),
        *_last_event(case),
        *_rows(case),
        *_stamps(case),
        *_bundles(case),
        *(("certificate", envelope.header.kid) for envelope in case.envelopes.values()),
        *(("schema", name) for name in schemas_for(_types(case), with_times=_has_stamps(case))),
        *((kind, folder) for folder in state_folders(case) for kind in STATE),
    }
    optional = {*_events(case), *_documents(case), ("head-stamp", "")}
    partial = any(index not in case.envelopes for index, _ in case.event_leaves())
    return Expected(required, required | optional, partial, set(_heads(case)))


def state_folders(case: Case) -> dict[str, str]:
    """Return the CUP of each folder of states: the empty name for one CUP, `<CUP>/` for several."""
    cups = case.cups
    return {"": cups[0]} if len(cups) == 1 else {f"{cup}/": cup for cup in cups}


def _leaves(case: Case) -> Iterator[tuple[str, Key]]:
    indexes = shown_events(case)
    if case.checkpoint is not None:
        indexes.add(case.checkpoint.size - 1)
    for size in case.basis_sizes():
        indexes.add(size - 1)
        yield "consistency", size
    for index in indexes:
        yield "leaf", index
        yield "proof", index


def _last_event(case: Case) -> Iterator[tuple[str, Key]]:
    """Yield the leaf before the closing one: it proves the time of the head, whoever it is of."""
    if case.checkpoint is not None and case.checkpoint.size > 1:
        yield "leaf", case.checkpoint.size - 2
        yield "proof", case.checkpoint.size - 2


def _stamps(case: Case) -> Iterator[tuple[str, Key]]:
    """Yield what each time stamp needs that is the first to cover a registration of the closure."""
    if case.checkpoint is None:
        return
    head, sizes = case.checkpoint.size, case.package.numbers("stamp")
    if case.package.has("head-stamp"):
        sizes = sorted({*sizes, head})
    if sizes:
        yield "times", ""
    for size in first_covering(shown_events(case), sizes) | {head}:
        if case.package.has("stamp", size):
            yield "stamp", size
            yield "stamped-note", size
            if size != head:
                yield "consistency", size


def _has_stamps(case: Case) -> bool:
    return bool(case.package.numbers("stamp")) or case.package.has("head-stamp")


def _heads(case: Case) -> Iterator[tuple[str, Key]]:
    """Yield the leaves, with their proofs, of heads whose consistency the package shows."""
    for size in case.package.numbers("consistency"):
        if isinstance(case.leaves.get(size - 1), HeadsLeaf):
            yield "leaf", size - 1
            yield "proof", size - 1


def _rows(case: Case) -> Iterator[tuple[str, Key]]:
    for name in closure(case) & case.rows.keys():
        ordinal, _ = case.rows[name]
        yield "row", ordinal
        yield "row-proof", ordinal


def _bundles(case: Case) -> Iterator[tuple[str, Key]]:
    """Yield every bundle of the head when the package shows all leaves, and else none."""
    if case.checkpoint is not None and case.package.keys("bundle"):
        for place in bundles_of(case.checkpoint.size):
            yield "bundle", bundle_key(place)


def bundle_key(place: TilePlace) -> str:
    """Return the key of a bundle in a package: its path below `log/tile/entries/`."""
    return entries_path(place.index, place.width).removeprefix("tile/entries/")


def _events(case: Case) -> Iterator[tuple[str, Key]]:
    """Yield what steps 7 and 11 have judged when it is absent."""
    for index in shown_events(case):
        yield "event", index


def _types(case: Case) -> set[str]:
    return {envelope.type for envelope in case.envelopes.values()}


def _documents(case: Case) -> Iterator[tuple[str, Key]]:
    for envelope in case.envelopes.values():
        for ref in envelope.objects:
            yield "content", document_folder(ref.commit)
            yield "salt", document_folder(ref.commit)
