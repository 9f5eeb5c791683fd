"""What `pista witness show` tells of a log: what was cosigned, and what keeps it from being so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledger.errors import StorageError

if TYPE_CHECKING:
    from ledger.transparency.witness_folder import KeptLog


def told_of(log: KeptLog) -> dict[str, Any]:
    """Return what is known of a log: sizes and times of both keys, what keeps them from signing."""
    members: dict[str, Any] = {"origin": log.origin, "url": log.entry.url, "frozen": []}
    for name, file in (("cosigned", log.state), ("rescanned", log.rescan)):
        try:
            head = file.read()
        except StorageError as error:
            members["frozen"].append({"code": error.code, "sentence": error.sentence})
        else:
            members[name] = {"size": head.checkpoint.size, "time": head.time} if head.note else None
    members["forks"] = [str(path) for path in log.forks()]
    return members


def in_words(members: dict[str, Any]) -> str:
    """Return the lines that tell of a log."""
    lines = [f"{members['origin']}  {members['url']}".rstrip()]
    for name, word in (("cosigned", "firmate"), ("rescanned", "rilette")):
        if name in members:
            head = members[name] or {"size": 0, "time": 0}
            at = datetime.fromtimestamp(head["time"], UTC).isoformat() if head["time"] else "mai"
            lines.append(f"  foglie {word} {head['size']}, {at}")
    lines += [f"  {one['code']}: {one['sentence']}" for one in members["frozen"]]
    lines += [f"  ha firmato due radici di una dimensione: {path}" for path in members["forks"]]
    return "\n".join(lines)
