"""Putting back a lost anchor: a person's decision, from a checkpoint kept elsewhere.

    adopt(anchor, head, journal, kept)      head: a verified checkpoint of a witness, receipt, package
                                            kept: every other tree that something still shows

An absent anchor freezes the ledger, since without it nobody notices that the store is an older copy.
Who holds a checkpoint that the log signed can tell how far the store must reach at the least: the
store must have that tree as its beginning. What the store holds beyond it is then taken on its own
word, so the newest checkpoint that can be found is the right one.

No checkpoint tells what came after it. A copy that is adopted at its own checkpoint, while the log
had gone further, signs a second root for a number of leaves that has one: two truths. So whatever
is still kept is asked too, and one thing that shows more leaves than the store has, or others, is
enough to refuse.

Source: design FORMATS section 5 step 4; D62.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ledger.errors import Conflict, Frozen, NotVerified
from ledger.journal.anchor import AnchorState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.journal.anchor import Anchor
    from ledger.journal.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class KeptProof:
    """A tree of the log that something still shows: where it stands, leaves, root.

    The root is None where only the number of leaves is told.
    """

    where: str
    size: int
    root: bytes | None = None


class Log(Protocol):
    """What a store has; a `Journal` is one."""

    @property
    def origin(self) -> str:
        """The name of the log."""
        ...

    @property
    def size(self) -> int:
        """The number of leaves."""
        ...

    def root_at(self, size: int) -> bytes:
        """Return the root of the first `size` leaves; IndexError when there are fewer."""
        ...


def adopt(
    anchor: Anchor, head: Checkpoint, log: Log, kept: Sequence[KeptProof] = ()
) -> AnchorState:
    """Create the anchor at a checkpoint that was verified, and return where it stands.

    Raises:
        PistaError: as `check_adoption`; the anchor is not created then.
        StorageError: when the anchor cannot be written.
    """
    check_adoption(anchor, head, log, kept)
    anchor.advance(head.size, head.root, seen=None)
    return AnchorState(head.size, head.root)


def check_adoption(anchor: Anchor, head: Checkpoint, log: Log, kept: Sequence[KeptProof]) -> None:
    """Return when the anchor may be created at a checkpoint, as far as anything tells.

    Raises:
        Conflict: when the anchor is there (`anchor-present`).
        NotVerified: when the checkpoint is of another log (`origin-mismatch`).
        Frozen: when the store is shorter than the checkpoint (`store-shorter`) or has another tree
            (`store-forked`), or something that is kept shows more leaves than the store has
            (`newer-proof-kept`) or other ones (`other-tree-kept`).
        StorageError: when the anchor cannot be read.
    """
    found = anchor.read()
    if found is not None:
        raise Conflict(
            "anchor-present",
            f"L'ancora c'è già, a {found.size} foglie, e non si sostituisce. Se non si legge più,"
            " metterla da parte prima di adottarne un'altra.",
        )
    _check_head(head, log)
    _check_kept(kept, log)


def _check_head(head: Checkpoint, log: Log) -> None:
    """Refuse a checkpoint whose tree is not a beginning of the store."""
    if head.origin != log.origin:
        raise NotVerified(
            "origin-mismatch",
            f"Il punto di controllo è del registro {head.origin!r}, non di {log.origin!r}: cercarne"
            " uno di questo registro.",
        )
    try:
        ours = log.root_at(head.size)
    except IndexError:
        raise Frozen(
            "store-shorter",
            f"Il punto di controllo ha {head.size} foglie, l'archivio ne ha {log.size}: gli mancano"
            " registrazioni già firmate. L'ancora non è stata scritta: ritrovare la copia completa,"
            " e non adottare un punto precedente.",
        ) from None
    if ours != head.root:
        raise Frozen(
            "store-forked",
            f"Le prime {head.size} foglie dell'archivio non sono quelle del punto di controllo."
            " L'ancora non è stata scritta: stabilire quale copia è quella vera.",
        )


def _check_kept(kept: Sequence[KeptProof], log: Log) -> None:
    """Refuse when something that is kept contradicts the store; the one that shows most is named."""
    size = log.size
    against = [proof for proof in kept if _contradicts(proof, log, size)]
    if not against:
        return
    most = max(against, key=lambda proof: proof.size)
    others = f" (e altri {len(against) - 1})" if len(against) > 1 else ""
    if most.size > size:
        raise Frozen(
            "newer-proof-kept",
            f"{most.where}{others} mostra un registro di {most.size} foglie, l'archivio ne ha"
            f" {size}: è una copia più vecchia, e scrivendo firmerebbe due verità. L'ancora non è"
            " stata scritta: ritrovare la copia completa; se è perduta per sempre, dichiarare la"
            " lacuna e fondare un nuovo registro.",
        )
    raise Frozen(
        "other-tree-kept",
        f"{most.where}{others} mostra altre {most.size} foglie che le prime {most.size} delle {size}"
        " dell'archivio: i due registri si sono divisi. L'ancora non è stata scritta: stabilire"
        " quale copia è quella vera.",
    )


def _contradicts(proof: KeptProof, log: Log, size: int) -> bool:
    """Tell whether a proof shows more than the `size` leaves of the store, or another tree."""
    if proof.size > size:
        return True
    return proof.root is not None and log.root_at(proof.size) != proof.root
