"""Step 13, and what step 14 asks of a log that can still be read: every leaf, not only those shown.

13 every leaf of the head is read, from the package when it holds them and from the log when there is one:
the root and what each heads leaf says are computed anew, and no registration of the streams of the package is
missing from it. A log that does not answer leaves the step undone; one that answers something else
contradicts the package. The tiles of an older head may be gone: leaves are read from the tree of the newest
head that the log signed, of which it is a beginning.
Source: FORMATS section 7; C2SP tlog-tiles, "Partial Tiles".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.verification.closure import closure
from exporters.verification.expected import bundle_key
from ledger.errors import Absent, NotVerified, StorageError, Unreadable
from ledger.journal.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ledger.journal.leaf import EventLeaf
from ledger.journal.merkle import Frontier, leaf_hash
from ledger.journal.note import MAX_NOTE_BYTES, parse_note
from ledger.journal.tiles import bundles_of, parse_bundle
from ledger.transparency.leaf_scan import LeafScan
from ledger.transparency.source import CHECKPOINT_PATH
from ledger.transparency.tile_reader import open_tiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from exporters.verification.case import Case
    from ledger.transparency.source import Source
    from ledger.transparency.tile_reader import TileReader

_UNSCANNED = "non scansionato: completo per l'indice del registro stesso"


def judge_scan(case: Case) -> None:
    """Step 13: all leaves, of the package when it shows them, and of the log when it can be read."""
    has_bundles = bool(case.package.keys("bundle"))
    if not has_bundles and case.given.log is None:
        (case.tally.lack if case.given.scan else case.tally.flag)(13, _UNSCANNED)
        return
    head = case.checkpoint
    if head is None:
        case.tally.cannot(13, "il punto di controllo non è leggibile")
        return
    if has_bundles:
        with case.tally.guard(13):
            _scan_package(case, head)
    if case.given.log is not None:
        with case.tally.guard(13):
            try:
                leaves = open_tiles_over(case, case.given.log, head).entries(0, head.size)
                _scan(case, head, (leaf for _, leaf in leaves), "rilette dal registro")
            except StorageError as error:
                case.tally.cannot(13, error.sentence)


def _scan_package(case: Case, head: Checkpoint) -> None:
    """Scan the leaves that the package shows, once they give the root."""
    kept, roots = kept_size(case), dict[int, bytes]()
    tree = Frontier()
    for leaf in _bundled(case, head.size):
        tree.append(leaf_hash(leaf))
        if tree.size == kept:
            roots[tree.size] = tree.root()
    if tree.root() != head.root:
        raise NotVerified(
            "bundles-differ",
            "Le foglie in log/tile/entries non danno la radice del punto di controllo: chiedere il"
            " pacchetto di nuovo a chi lo ha emesso.",
        )
    case.proven.update(roots)
    _scan(case, head, _bundled(case, head.size), "rilette dal pacchetto")


def _bundled(case: Case, size: int) -> Iterator[bytes]:
    for place in bundles_of(size):
        leaves = parse_bundle(case.package.read("bundle", bundle_key(place)))
        if len(leaves) != place.width:
            raise Unreadable(
                "bundle-unreadable",
                f"La raccolta {place.index} ha {len(leaves)} foglie, non {place.width}: chiedere il"
                " pacchetto di nuovo a chi lo ha emesso.",
            )
        yield from leaves


def _scan(case: Case, head: Checkpoint, leaves: Iterable[bytes], words: str) -> None:
    names = closure(case)
    shown = {name: set(case.places.get(name, ())) for name in names}
    scan = LeafScan()
    for index, data in enumerate(leaves):
        leaf = scan.add(data)
        if not isinstance(leaf, EventLeaf):
            continue
        for place in leaf.streams:
            if place.name in names and (index, place.seq) not in shown[place.name]:
                case.tally.fail(
                    13,
                    "event-omitted",
                    f"È nel flusso {place.name} al posto {place.seq}, e il pacchetto non la mostra.",
                    index=index,
                )
    scan.check_closed()
    case.tally.done(13, f"{head.size} foglie {words}, {scan.streams} flussi ricalcolati")


def kept_size(case: Case) -> int | None:
    """Return the size of the head that the reader kept, None when there is none, or it is none."""
    if case.given.kept is None:
        return None
    try:
        return parse_checkpoint(parse_note(case.given.kept).text).size
    except NotVerified:
        return None


def verify_same_log(case: Case, log: Source, one: Checkpoint, other: Checkpoint) -> None:
    """Verify by the tiles of a log that the smaller of two heads begins the larger one.

    Raises:
        NotVerified, StorageError: as `open_tiles_over`.
    """
    old, new = sorted((one, other), key=lambda head: head.size)
    open_tiles_over(case, log, new).verify_beginning(old)


def open_tiles_over(case: Case, log: Source, head: Checkpoint) -> TileReader:
    """Return the tiles of the newest head that the log signed, or of this one: it begins that tree.

    Raises:
        NotVerified: when the signed head does not go on from this one (`log-forked`), or the tiles are
            of neither (`head-not-proven`).
        StorageError: when the log does not answer.
    """
    live = _live_head(case, log)
    tiles = open_tiles(log, head if live is None or live.size <= head.size else live)
    tiles.verify_beginning(head)
    return tiles


def _live_head(case: Case, log: Source) -> Checkpoint | None:
    """Return the head that the log shows, None when it shows none that its key signed."""
    try:
        note = log.read(CHECKPOINT_PATH, MAX_NOTE_BYTES)
        if case.policy is not None:
            return case.policy.verify_log(note).checkpoint
        return None if case.log_key is None else open_checkpoint(note, case.log_key).checkpoint
    except (Absent, NotVerified):
        return None
