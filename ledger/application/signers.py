"""Who may sign, and on which head each key rested last, at the end of the log.

    signers = Signers(journal)
    signers.keys.signer_at(index, envelope)      the key in force, see ledger/signing/keys.py
    signers.newest_basis(kid)                    the newest head that a key has named

Opening reads the streams `actor/*` and `sys/log` alone, which hold every event that changes a key or a
role, so it costs as much as there are people, not as much as there are events. What a key named last
is looked for backwards from the end when the key signs, at most to its enrolment, and then followed.

Source: design FORMATS sections 1 (basis) and 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse
from ledger.signing.keys import KeyDirectory
from ledger.signing.octets import parse_base64url

if TYPE_CHECKING:
    from ledger.journal.journal import Journal
    from ledger.signing.envelope import Envelope

_STREAMS_OF_KEYS: Final = ("actor/", "sys/log")
_PAGE: Final = 500


class Signers:
    """The keys of one ledger and what they rested on; the caller keeps threads apart."""

    def __init__(self, journal: Journal) -> None:
        """Fold the keys from the journal as it is."""
        self._journal = journal
        self._opened_at = journal.size
        self._seen = self._opened_at
        self._basis: dict[str, int] = {}
        self._before: tuple[KeyDirectory | None, dict[str, int]] | None = None
        self.keys = KeyDirectory()
        for index, _, raw in journal.entries_at(self._key_places()):
            if raw:
                self.keys.apply(index, parse(raw))

    @property
    def seen(self) -> int:
        """The number of leaves that are folded."""
        return self._seen

    def newest_basis(self, kid: str) -> int:
        """Return the size of the newest head that a key has named, 0 when it never signed."""
        if kid not in self._basis:
            self._basis[kid] = self._basis_before_opening(kid)
        return self._basis[kid]

    def follow(self, size: int) -> None:
        """Fold what is stored by now and was not accepted here, up to this number of leaves."""
        for index, leaf, raw in self._journal.entries(self._seen, size):
            if raw and isinstance(parse_leaf(leaf), EventLeaf):
                envelope = parse(raw)
                self.keys.apply(index, envelope)
                self._basis[envelope.header.kid] = envelope.basis.size
        self._seen = max(self._seen, size)

    def accept(self, index: int, envelope: Envelope, *, changes_keys: bool) -> None:
        """Take an event that is not stored yet, until `keep` or `restore`.

        Events that change no keys leave the directory as it is: it remembers the last place, and
        what is not copied is not put back.
        """
        keys, basis = self._before or (None, dict(self._basis))
        if changes_keys and keys is None:
            keys = self.keys.copy()
        self._before = keys, basis
        if changes_keys:
            self.keys.apply(index, envelope)
        self._basis[envelope.header.kid] = envelope.basis.size

    def keep(self, size: int) -> None:
        """Take what was accepted as stored; the log has so many leaves."""
        self._before = None
        self._seen = size

    def restore(self) -> None:
        """Forget what was accepted."""
        if self._before is not None:
            keys, self._basis = self._before
            if keys is not None:
                self.keys = keys
            self._before = None

    def _key_places(self) -> list[int]:
        """Return the indexes of all events of actors and of the ledger itself, ascending."""
        streams = [
            name for prefix in _STREAMS_OF_KEYS for name in self._journal.stream_names(prefix)
        ]
        indexes = {
            index for name in streams for index in self._journal.stream_indexes(name, self._seen)
        }
        return sorted(indexes)

    def _basis_before_opening(self, kid: str) -> int:
        """Return what a key had named when the log was opened, looking from the end backwards."""
        enrolled_at, stop = self.keys.enrolled_at(kid), self._opened_at
        while enrolled_at is not None and stop > enrolled_at:
            start = max(stop - _PAGE, enrolled_at)
            for _, _, raw in reversed(list(self._journal.entries(start, stop))):
                if raw and kid.encode() in _header(raw):
                    return parse(raw).basis.size
            stop = start
        return 0


def _header(raw: bytes) -> bytes:
    """Return the protected header of an envelope, as JSON text."""
    return parse_base64url(raw.partition(b".")[0].decode("ascii"))
