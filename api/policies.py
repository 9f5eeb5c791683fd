"""The policies of a ledger: the one in use, and those that were in force at earlier heads.

    policy.txt                     in use; its SHA-256 is the one founded with or adopted last
    policies/<SHA-256>.txt         each that `pista trust adopt` has put in use, or taken out of it

A package of an earlier head holds the policy that was in force there: that is the one which its own
registrations name, and which names the witnesses that signed it.

Source: design FORMATS sections 3, 4 and 6; `trust.policy` of DOMAIN 9.11.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ledger.domain.settings import TRUST_POLICY
from ledger.errors import Absent, Refused, StorageError
from ledger.transparency.public_files import write_files
from ledger.views.accepted import read_recorded

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.journal import Journal
    from ledger.views.adopted import LawOfLedger


class Policies:
    """The policies of one ledger."""

    def __init__(self, journal: Journal, adopted: LawOfLedger, file: Path, in_use: bytes) -> None:
        """Take the policy in use, which `file` holds; others are in a folder beside it."""
        self._journal = journal
        self._adopted = adopted
        self._file = file
        self._folder = file.with_name("policies")
        self.in_use = in_use

    def digest_at(self, size: int) -> str:
        """Return the SHA-256, hexadecimal, of the policy in force at a head; "" for an empty log."""
        adopted = [row.value for row in self._adopted.now().at(size).adoptions(TRUST_POLICY)]
        if adopted:
            return adopted[-1]
        founding = read_recorded(self._journal, 0) if size else None
        return "" if founding is None else str(founding.data.policy)

    def at(self, size: int) -> bytes:
        """Return the policy that was in force at a head.

        Raises:
            Absent: when it is not kept (`policy-not-kept`).
        """
        digest = self.digest_at(size)
        if digest in {"", _digest(self.in_use)}:
            return self.in_use
        path = self._folder / f"{digest}.txt"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise self._not_kept(path, size) from error
        if _digest(data) != digest:
            raise self._not_kept(path, size)
        return data

    def check_in_force(self) -> None:
        """Return when the policy in use is the one in force; an empty ledger has none yet.

        Raises:
            Refused: `policy-not-in-force`.
        """
        digest, expected = _digest(self.in_use), self.digest_at(self._journal.size)
        if expected not in {"", digest}:
            raise Refused(
                "policy-not-in-force",
                f"Il file di fiducia {self._file} (SHA-256 {digest[:16]}...) non è quello che gli"
                f" amministratori hanno messo in vigore ({expected[:16]}...).",
                remedy="rimettere quello in vigore, o farlo adottare: `pista trust adopt FILE`",
            )

    def put_in_use(self, data: bytes) -> bool:
        """Put a policy in use when it is in force, and tell whether it is; both are kept.

        Raises:
            StorageError: when the disk refuses (`policy-not-written`).
        """
        if _digest(data) != self.digest_at(self._journal.size):
            return False
        kept = {f"{self._folder.name}/{_digest(one)}.txt": one for one in (self.in_use, data)}
        try:
            write_files(self._file.parent, {**kept, self._file.name: data})
        except StorageError as error:
            raise StorageError(
                "policy-not-written",
                f"Il file di fiducia {self._file} non si può scrivere: controllare spazio e permessi,"
                " poi ripetere.",
            ) from error
        self.in_use = data
        return True

    def _not_kept(self, path: Path, size: int) -> Absent:
        return Absent(
            "policy-not-kept",
            f"A {size} foglie era in vigore un altro file di fiducia, che il registro non ha più:"
            f" metterlo in {path}, ripreso da una copia o da chi lo ha ricevuto.",
        )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
