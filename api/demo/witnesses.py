"""The two witnesses of the demonstration: real ones, in folders below the home of the ledger.

    testimoni/uno  testimoni/due        each has signed what it has signed, and is never copied back

What they sign is verified like what any witness signs; who has the machine has them too, so they
convince nobody else. Source: C2SP tlog-witness, tlog-policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from api.local_witnesses import FOLDER
from api.witnessing import OpenWitness, make_witness
from ledger.journal.policy import Group, Log, Policy, Witness
from ledger.transparency.witnessed_log import LogEntry

if TYPE_CHECKING:
    from pathlib import Path

NAMES: Final = ("uno", "due")
QUORUM: Final = "tutti"


class Witnesses:
    """The witnesses, and the log that they come to know."""

    def __init__(self, opened: dict[str, OpenWitness]) -> None:
        """Take them by the names of their folders."""
        self._opened = opened
        self._logs: list[Log] = []

    def policy(self, log: Log) -> Policy:
        """Return the policy of a log that asks for all of them."""
        self._logs.append(log)
        witnesses = tuple(
            Witness(name.upper(), one.cosigner.key, f"{FOLDER}testimoni/{name}")
            for name, one in self._opened.items()
        )
        names = tuple(one.name for one in witnesses)
        return Policy((log,), witnesses, (Group(QUORUM, len(names), names),), QUORUM)

    def admit(self, origin: str) -> None:
        """Let each of them sign for the log whose policy they are in."""
        keys = tuple(log.key for log in self._logs)
        for one in self._opened.values():
            one.folder.set_log(LogEntry(origin, keys))


def make_witnesses(home: Path) -> Witnesses:
    """Make the witnesses below the home of a ledger."""
    folder = home / "testimoni"
    folder.mkdir(parents=True)
    return Witnesses(
        {name: make_witness(folder / name, f"{name}.testimoni.demo") for name in NAMES}
    )
