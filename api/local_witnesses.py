"""Witnesses in folders of this machine, asked without a network: those of the demonstration.

    witness UNO uno.testimoni.demo+<id>+<key> file:testimoni/uno        below the home of the ledger

They are asked as over HTTP and do all that a witness does. What they sign convinces nobody else: who
has the machine has them too. So only a policy that a ledger is founded with may name one; no policy
that names one can be adopted, and `pista doctor` says where they are.

Source: C2SP tlog-witness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.witnessing import open_witness
from ledger.errors import Absent, NotVerified
from ledger.transparency.asking import Reply
from ledger.transparency.protocol import OtherSize, format_size

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.journal.policy import Witness
    from ledger.transparency.asking import Ask

FOLDER: Final = "file:"

_OF_ANOTHER_TREE: Final = {"empty-root-differs", "root-differs", "consistency-not-proven"}


class LocalWitnesses:
    """Asks those that are in folders here, and lets another ask the others."""

    def __init__(self, home: Path, others: Ask) -> None:
        """Folders are below this one."""
        self._home = home
        self._others = others

    def add_checkpoint(self, witness: Witness, request: bytes) -> Reply:
        """Return the answer of a witness.

        Raises:
            PistaError: when one that is here does not sign, for a reason that is no status.
            StorageError: as those of the others.
        """
        if not is_local(witness):
            return self._others.add_checkpoint(witness, request)
        try:
            return Reply(200, open_witness(self._path(witness)).witness.add_checkpoint(request))
        except OtherSize as error:
            return Reply(409, format_size(error.size))
        except NotVerified as error:
            if error.code in _OF_ANOTHER_TREE:
                return Reply(422, b"")
            raise

    def latest(self, witness: Witness, origin: str) -> bytes:
        """Return the note of a log that a witness signed last.

        Raises:
            Absent: when it does not know the log, or signed nothing of it (`log-not-witnessed`,
                `never-cosigned`).
            StorageError: when its state cannot be read, or as those of the others.
        """
        if not is_local(witness):
            return self._others.latest(witness, origin)
        opened = open_witness(self._path(witness))
        log = opened.folder.find(origin)
        if log is None:
            raise Absent(
                "log-not-witnessed",
                f"Il testimone in {self._path(witness)} non conosce il registro {origin}.",
            )
        return opened.witness.cosigned(log)

    def _path(self, witness: Witness) -> Path:
        return self._home / witness.url.removeprefix(FOLDER)


def is_local(witness: Witness) -> bool:
    """Tell whether a policy says that a witness is a folder here."""
    return witness.url.startswith(FOLDER)
