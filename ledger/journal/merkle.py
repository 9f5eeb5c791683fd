r"""The Merkle tree of RFC 6962: hashes, proofs, and trees that grow.

    leaf hash   SHA-256(0x00 || leaf)                (printf '\0'; cat 7.leaf) | sha256sum
    node hash   SHA-256(0x01 || left || right)
    empty tree  SHA-256("")
    n leaves    left: the first k, the largest power of two below n; right: the other n - k

A *complete subtree* (level, index) covers the leaves [index << level, (index + 1) << level); it
never changes once its leaves are there. Everything is computed from those through `HashReader`,
so the same functions serve tiles on disk, a database and a tree in memory.

Source: RFC 6962 section 2.1; exact lengths of proofs as RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from functools import reduce
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from ledger.errors import NotVerified

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
_HASH_BYTES: Final = 32
_LEVELS: Final = 64
_PROOFS: Final = {"inclusion": "La prova di presenza", "consistency": "La prova di coerenza"}

# The hash over consecutive leaves, and the audit paths so far of the wanted ones among them.
_Span: TypeAlias = "tuple[bytes, dict[int, list[bytes]]]"


class HashReader(Protocol):
    """Whatever can give the root of a complete subtree."""

    def subtree(self, level: int, index: int) -> bytes:
        """Return the 32-byte root over leaves [index << level, (index + 1) << level)."""


def leaf_hash(data: bytes) -> bytes:
    """Return the 32-byte hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of the node over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(reader: HashReader, size: int) -> bytes:
    """Return the root of the first `size` leaves."""
    return _span(reader, 0, size) if size else EMPTY_ROOT


def inclusion_proof(reader: HashReader, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, its sibling first.

    Raises:
        IndexError: when there is no such leaf in that tree.
    """
    _check_index(index, size)
    path, _, _ = _descend(reader, index, size, to_leaf=True)
    return path


def consistency_proof(reader: HashReader, old_size: int, new_size: int) -> list[bytes]:
    """Return the proof that the old tree begins the new one; empty for equal sizes or old size 0.

    Raises:
        IndexError: when the old tree is larger than the new one.
    """
    _check_index(old_size, new_size + 1)
    if old_size == 0:
        return []
    path, start, stop = _descend(reader, old_size - 1, new_size, to_leaf=False)
    return [_span(reader, start, stop), *path] if start else path


def verify_inclusion(
    hash_of_leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """Verify that a leaf is at `index` in the tree of `size` leaves with this root.

    Raises:
        NotVerified: when the index is not below the size, the proof has another length than RFC
            6962 gives it, or it leads to another root (`inclusion-not-proven`).
    """
    subject = f"della foglia {index} nell'albero di {size} foglie"
    if not 0 <= index < size:
        raise _not_proven("inclusion", subject, "la foglia non c'è")
    inner, length = _proof_shape(index, size)
    if len(proof) != length:
        raise _not_proven("inclusion", subject, f"ha {len(proof)} impronte, non {length}")
    if _fold(hash_of_leaf, proof, index, inner) != expected_root:
        raise _not_proven("inclusion", subject, "porta a un'altra radice")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Verify that the old tree is a beginning of the new one.

    Raises:
        NotVerified: when the old tree is larger, the proof has another length than RFC 6962 gives
            it (none for equal sizes or old size 0), or it leads to another root
            (`consistency-not-proven`).
    """
    subject = f"dell'albero di {old_size} foglie con quello di {new_size}"
    if not 0 <= old_size <= new_size:
        raise _not_proven("consistency", subject, "l'albero precedente è più grande")
    # The proof begins at the last complete subtree of the old tree, at level `shift`, and leaves
    # it out when it is the whole old tree, because its hash is then the old root.
    shift = max((old_size & -old_size).bit_length() - 1, 0)
    whole = old_size == 1 << shift
    inner, length = _proof_shape(max(old_size - 1, 0), new_size)
    expected = 0 if old_size in {0, new_size} else length - shift + (not whole)
    if len(proof) != expected:
        raise _not_proven("consistency", subject, f"ha {len(proof)} impronte, non {expected}")
    if expected == 0:
        roots = (new_root if old_size else EMPTY_ROOT, new_root if new_size else EMPTY_ROOT)
    else:
        seed, rest = (old_root, proof) if whole else (proof[0], proof[1:])
        place, inner = (old_size - 1) >> shift, inner - shift
        roots = (_fold(seed, rest, place, inner, old=True), _fold(seed, rest, place, inner))
    if roots != (old_root, new_root):
        raise _not_proven("consistency", subject, "porta a un'altra radice")


def stream_inclusion_proofs(
    hashes: Iterable[bytes], wanted: set[int], before: Frontier | None = None
) -> tuple[bytes, int, dict[int, list[bytes]]]:
    """Return (root, size, audit path of each wanted leaf after `before`) in one pass.

    Raises:
        IndexError: when a wanted leaf is not among the hashes.
    """
    spans: list[_Span] = [(value, {}) for value in before.hashes] if before else []
    size = before.size if before else 0
    for value in hashes:
        spans.append((value, {size: []} if size in wanted else {}))
        size += 1
        while len(spans) > size.bit_count():
            spans[-2:] = [_join(*spans[-2:])]
    while len(spans) > 1:
        spans[-2:] = [_join(*spans[-2:])]
    found_root, paths = spans[0] if spans else (EMPTY_ROOT, {})
    if lost := wanted - paths.keys():
        raise IndexError(f"there is no node {min(lost)} among {size}")
    return found_root, size, paths


class Frontier:
    """An append-only tree that keeps only its complete subtrees, largest first: O(log n) memory."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Go on from the complete subtrees of `size` leaves; ValueError for another number."""
        if len(hashes) != size.bit_count():
            raise ValueError(f"{size} leaves fall into {size.bit_count()} complete subtrees")
        self.size = size
        self.hashes = list(hashes)

    def append(self, hash_of_leaf: bytes) -> None:
        """Add a leaf by its hash."""
        self.hashes.append(hash_of_leaf)
        self.size += 1
        while len(self.hashes) > self.size.bit_count():
            self.hashes[-2:] = [node_hash(*self.hashes[-2:])]

    def root(self) -> bytes:
        """Return the root of all leaves so far."""
        nodes = reversed(self.hashes)
        return (
            reduce(lambda right, left: node_hash(left, right), nodes) if self.size else EMPTY_ROOT
        )

    def copy(self) -> Frontier:
        """Return an independent frontier of the same leaves."""
        return Frontier(self.size, self.hashes)


class Tree:
    """A growing tree in memory, 64 bytes a leaf, whose leaves can be replaced in O(log n)."""

    # Level k holds the roots of the complete subtrees of 2**k leaves, 32 bytes each, side by side.

    __slots__ = ("_levels", "size")

    def __init__(self) -> None:
        """Begin with no leaf."""
        self.size = 0
        self._levels = [bytearray() for _ in range(_LEVELS)]

    def append(self, hash_of_leaf: bytes) -> None:
        """Add a leaf by its hash."""
        self._put(self.size, hash_of_leaf)
        self.size += 1

    def update(self, index: int, hash_of_leaf: bytes) -> None:
        """Replace the leaf at `index`; raises IndexError when there is none."""
        _check_index(index, self.size)
        self._put(index, hash_of_leaf)

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root of a complete subtree; raises IndexError when it is not complete."""
        nodes = self._levels[level]
        _check_index(index, len(nodes) // _HASH_BYTES)
        return bytes(nodes[index * _HASH_BYTES : (index + 1) * _HASH_BYTES])

    def root(self) -> bytes:
        """Return the root of all leaves."""
        return root(self, self.size)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the audit path of leaf `index`, its sibling first."""
        return inclusion_proof(self, index, self.size)

    def _put(self, index: int, value: bytes) -> None:
        """Write one leaf and every complete subtree above it."""
        for nodes in self._levels:
            nodes[index * _HASH_BYTES : (index + 1) * _HASH_BYTES] = value
            index >>= 1
            pair = bytes(nodes[2 * index * _HASH_BYTES : 2 * (index + 1) * _HASH_BYTES])
            if len(pair) < 2 * _HASH_BYTES:
                return
            value = node_hash(pair[:_HASH_BYTES], pair[_HASH_BYTES:])


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise IndexError(f"there is no node {index} among {size}")


def _span(reader: HashReader, start: int, stop: int) -> bytes:
    """Return the root over leaves [start, stop), a span that splitting the tree has given."""
    if (stop - start).bit_count() == 1:
        level = (stop - start).bit_length() - 1
        return reader.subtree(level, start >> level)
    middle = start + _left_size(stop - start)
    return node_hash(_span(reader, start, middle), _span(reader, middle, stop))


def _left_size(size: int) -> int:
    """Return the largest power of two below `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _descend(
    reader: HashReader, index: int, size: int, *, to_leaf: bool
) -> tuple[list[bytes], int, int]:
    """Walk from the root to leaf `index`, or to the first span that ends with it.

    Returns the roots of the spans left aside, the last one first, and the span (start, stop).
    """
    start, stop, path = 0, size, list[bytes]()
    while stop - start > 1 if to_leaf else stop > index + 1:
        middle = start + _left_size(stop - start)
        if index < middle:
            path.append(_span(reader, middle, stop))
            stop = middle
        else:
            path.append(_span(reader, start, middle))
            start = middle
    return path[::-1], start, stop


def _proof_shape(index: int, size: int) -> tuple[int, int]:
    """Return (levels below the right border of the tree, length) of the audit path of a leaf."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, inner + (index >> inner).bit_count()


def _fold(
    seed: bytes, proof: Sequence[bytes], place: int, inner: int, *, old: bool = False
) -> bytes:
    """Return the root that a path leads to; for an `old` tree, what lies on the right is absent."""
    for level, sibling in enumerate(proof):
        if level >= inner or place >> level & 1:
            seed = node_hash(sibling, seed)
        elif not old:
            seed = node_hash(seed, sibling)
    return seed


def _join(left: _Span, right: _Span) -> _Span:
    for path in left[1].values():
        path.append(right[0])
    for path in right[1].values():
        path.append(left[0])
    return node_hash(left[0], right[0]), left[1] | right[1]


def _not_proven(what: str, subject: str, reason: str) -> NotVerified:
    return NotVerified(
        f"{what}-not-proven",
        f"{_PROOFS[what]} {subject} non vale: {reason}. Prenderla di nuovo dal registro.",
    )
