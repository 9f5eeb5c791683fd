"""What is erased: an event says so, and then it is gone; nothing else may be gone.

    content-erased/1   {"commits": ["<base64>"], "envelopes": [{"index": 12, "digest": "<base64>"}]}

Its data are read here leniently; who may erase was decided when it was recorded, and is judged again by
whoever verifies a package. An erasure comes after what it erases, and events of keys and of the ledger
itself are never erased.

Source: design FORMATS section 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ledger.fsck.finding import of_log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.fsck.finding import Finding

_NEVER: Final = ("sys/", "actor/")


@dataclass(frozen=True, slots=True)
class Absent:
    """An event whose envelope is not there: index, digest in base64, its places in streams."""

    index: int
    digest: str
    places: str

    @property
    def is_of_keys(self) -> bool:
        """Tell whether it is an event that is never erased."""
        return any(line.startswith(_NEVER) for line in self.places.split("\n"))


@dataclass(slots=True)
class Erasures:
    """What the erasures of a log name."""

    commits: dict[str, int] = field(default_factory=dict)
    envelopes: dict[tuple[int, str], int] = field(default_factory=dict)

    def take(self, index: int, payload: bytes) -> None:
        """Take what an event says that it erases; what does not read erases nothing."""
        try:
            data = msgspec.json.decode(payload)["data"]
        except (msgspec.MsgspecError, LookupError, TypeError):
            return
        for commit in _listed(data, "commits"):
            if isinstance(commit, str):
                self.commits.setdefault(commit, index)
        for named in _listed(data, "envelopes"):
            match named:
                case {"index": int(erased), "digest": str(digest)}:
                    self.envelopes.setdefault((erased, digest), index)

    def judge(self, absent: list[Absent]) -> Iterator[Finding]:
        """Yield what is gone without an erasure, and what an erasure names and is still there."""
        gone = {(one.index, one.digest) for one in absent}
        for one in absent:
            erased_at = self.envelopes.get((one.index, one.digest))
            if erased_at is None or erased_at <= one.index or one.is_of_keys:
                sentence = "la busta manca, e nessuna registrazione ne dice la cancellazione lecita"
                yield of_log("envelope-missing", one.index + 1, sentence)
        for (index, digest), erased_at in self.envelopes.items():
            if (index, digest) not in gone:
                sentence = f"la busta è cancellata dalla registrazione {erased_at}, ma c'è ancora"
                yield of_log("erased-envelope-present", index + 1, sentence)


def _listed(data: Any, name: str) -> list[Any]:  # noqa: ANN401  any JSON
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
