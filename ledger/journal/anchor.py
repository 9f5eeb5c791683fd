"""The anchor: the largest tree that was ever stood for, kept where no backup restores it.

    pista/anchor/v1
    00000000000000001291                             leaves, 20 digits
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     base64 root

A checkpoint is signed only after the anchor stands at its tree; so a store that is older than the
anchor, or another store than the one it knew, is noticed before anything is signed for it. The
anchor never goes back and is never deleted by a program.

`FileAnchor` keeps the 82 bytes in a file of its own, outside the database and its backups, written
in place with one synced write under a lock. An anchor moves only from the state that was seen
(compare and swap), so of two servers with different stores at most one goes on.

Source: design FORMATS section 5, steps 3 and 4.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import Frozen, StorageError, Unreadable
from ledger.journal.in_place import locked, read_all, write_all, write_over
from ledger.journal.leaf import format_hash, format_number, parse_hash, parse_lines, parse_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANCHOR_BYTES: Final = 82

_HEADER: Final = "pista/anchor/v1"
_DIGITS: Final = 20
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class AnchorState:
    """The tree that the anchor stands at: number of leaves, 32-byte root."""

    size: int
    root: bytes


class Anchor(Protocol):
    """Where the largest tree is kept that was stood for."""

    def read(self) -> AnchorState | None:
        """Return the state, None when there never was one.

        Raises:
            StorageError: when it cannot be read.
        """
        ...

    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        """Move from the state that was seen, None to create the anchor; durable on return.

        Raises:
            StorageError: when the anchor is elsewhere than seen (`anchor-moved`), would go back or
                take another root for the same size (`anchor-ahead`), or cannot be written.
        """
        ...


class MemoryAnchor:
    """An anchor for tests: it lives as long as the object; safe for threads."""

    def __init__(self, state: AnchorState | None = None) -> None:
        """Begin at this state."""
        self._state = state
        self._lock = threading.Lock()

    def read(self) -> AnchorState | None:
        """Return the state, None when there never was one."""
        return self._state

    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        """Move from the state that was seen; see `Anchor`."""
        with self._lock:
            _check_move(self._state, seen, AnchorState(size, root))
            self._state = AnchorState(size, root)


class FileAnchor:
    """An anchor in a small file; several processes may share it."""

    def __init__(self, path: Path) -> None:
        """Name the file; its folder must exist."""
        self._path = path

    def read(self) -> AnchorState | None:
        """Return the state, None when there is no file.

        Raises:
            StorageError: when the file is not an anchor (`anchor-unreadable`) or the disk fails
                (`anchor-failed`).
        """
        with self._translated():
            try:
                descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            with locked(descriptor, fcntl.LOCK_SH):
                return self._parse(read_all(descriptor, ANCHOR_BYTES))

    def advance(self, size: int, root: bytes, *, seen: AnchorState | None) -> None:
        """Move from the state that was seen, None to create the file; durable on return.

        Raises:
            StorageError: as `Anchor` says, and when the file is not an anchor
                (`anchor-unreadable`) or the disk fails (`anchor-failed`).
        """
        state = AnchorState(size, root)
        with self._translated():
            if seen is None:
                self._create(format_anchor(state))
                return
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            except FileNotFoundError:
                raise _moved(None) from None
            with locked(descriptor, fcntl.LOCK_EX):
                _check_move(self._parse(read_all(descriptor, ANCHOR_BYTES)), seen, state)
                write_over(descriptor, format_anchor(state), format_anchor(seen))

    def _create(self, data: bytes) -> None:
        """Make the file with its content in one step, so that it is never seen half-written."""
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
            os.link(draft, self._path)
        except FileExistsError:
            raise _moved(self.read()) from None
        finally:
            os.close(descriptor)
            draft.unlink()
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _parse(self, data: bytes) -> AnchorState:
        try:
            return parse_anchor(data)
        except Unreadable as error:
            raise StorageError(
                "anchor-unreadable",
                f"{self._path} non è un'ancora ({error.sentence}) Il registro non firma: una"
                " persona deve confrontare l'archivio con l'ultimo punto di controllo di un"
                " testimone e riscrivere l'ancora.",
            ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                "anchor-failed",
                f"L'ancora {self._path} non si può usare ({error.strerror}). Il registro non"
                " firma: controllare disco, spazio e permessi, poi ripetere.",
            ) from error


def format_anchor(state: AnchorState) -> bytes:
    """Return the 82 bytes of an anchor.

    Raises:
        Unreadable: when the size is out of range (`number-unreadable`) or the root is not 32
            bytes long (`hash-unreadable`).
    """
    size = format_number(state.size).rjust(_DIGITS, "0")
    return f"{_HEADER}\n{size}\n{format_hash(state.root)}\n".encode("ascii")


def parse_anchor(data: bytes) -> AnchorState:
    """Return the state that these bytes are; `format_anchor` of it gives the same bytes.

    Raises:
        Unreadable: when the bytes are not exactly an anchor (`anchor-unreadable`).
    """
    match parse_lines(data, "anchor"):
        case [header, size, root] if header == _HEADER and len(size) == _DIGITS:
            number = parse_number(size.lstrip("0") or "0", "anchor")
            return AnchorState(number, parse_hash(root, "anchor"))
    raise Unreadable("anchor-unreadable", f"Non sono le tre righe '{_HEADER}', 20 cifre e radice.")


def settle(
    anchor: Anchor,
    size: int,
    root: bytes,
    root_at: Callable[[int], bytes],
    *,
    store_is_empty: bool,
) -> None:
    """Bring the anchor to the tree (size, root) of the store, or find that it is there already.

    `root_at` gives the root of the store's first n leaves and raises IndexError when it has fewer;
    it looks at the store as it is now, which may have grown beyond `size`.

    Raises:
        Frozen: when there is no anchor though the store is not empty (`anchor-absent`), the store
            is shorter than the anchor (`store-shorter`), or their trees differ (`store-forked`).
        StorageError: when the anchor cannot be read or written, or others kept moving it
            (`anchor-moved`).
    """
    for _ in range(_TRIES):
        seen = anchor.read()
        _check_state(seen, root_at, store_is_empty=store_is_empty)
        if seen is not None and seen.size >= size:
            return
        try:
            anchor.advance(size, root, seen=seen)
        except StorageError as error:
            if error.code != "anchor-moved":
                raise
        else:
            return
    raise _moved(anchor.read())


def _check_state(
    seen: AnchorState | None, root_at: Callable[[int], bytes], *, store_is_empty: bool
) -> None:
    """Freeze unless the tree of the anchor is a beginning of ours."""
    if seen is None:
        if store_is_empty:
            return
        raise Frozen(
            "anchor-absent",
            "Il registro contiene registrazioni ma la sua ancora non c'è: non scrivo. Rimettere il"
            " file dell'ancora; se è perduto, una persona ferma ogni altra copia, cerca il punto di"
            " controllo più recente e lo adotta con `pista anchor adopt --checkpoint FILE`, dove"
            " FILE è quello di un testimone, una prova .tlog-proof, una ricevuta o un pacchetto.",
        )
    try:
        ours = root_at(seen.size)
    except IndexError:
        raise Frozen(
            "store-shorter",
            "Il registro è più corto di quanto già testimoniato: non scrivo. L'ancora sta a"
            f" {seen.size} foglie. Una persona deve ritrovare la copia completa del registro, o"
            " dichiarare pubblicamente la lacuna e fondare un nuovo registro.",
        ) from None
    if ours != seen.root:
        raise Frozen(
            "store-forked",
            f"Le prime {seen.size} foglie del registro non sono quelle già testimoniate: non"
            " scrivo. Una persona deve stabilire quale copia è quella vera.",
        )


def _check_move(found: AnchorState | None, seen: AnchorState | None, new: AnchorState) -> None:
    if found != seen:
        raise _moved(found)
    if found is not None and (new.size < found.size or (new.size == found.size and new != found)):
        raise StorageError(
            "anchor-ahead",
            f"L'ancora sta a {found.size} foglie e non passa a un altro albero di {new.size}:"
            " cercare la copia dell'archivio che le ha tutte.",
        )


def _moved(found: AnchorState | None) -> StorageError:
    place = "non c'è più" if found is None else f"ora sta a {found.size} foglie"
    return StorageError(
        "anchor-moved",
        f"Un altro programma ha spostato l'ancora, che {place}: ripetere l'operazione, che la"
        " rilegge.",
    )
