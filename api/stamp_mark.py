"""What the last attempts to have a head time-stamped came to, as a home remembers them.

    stamp.last     {"code":"host-slow","failed_at":"2026-11-24T09:12:03Z","sentence":"..."}

For the advice of `pista doctor`, and so that an authority that does not answer is left alone for an
hour by those who ask by themselves. What is stamped stands in the published log; a lost mark changes
nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from api.client.book import write_whole

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "stamp.last"
PAUSE: Final = timedelta(hours=1)

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class StampFailure:
    """Why the last attempt gave no stamp, and when that was."""

    failed_at: datetime
    code: str
    sentence: str

    def is_recent(self, now: datetime) -> bool:
        """Tell whether the authority is still left alone."""
        return timedelta(0) <= now - self.failed_at < PAUSE


def write_failure(home: Path, failure: StampFailure) -> None:
    """Remember that an attempt failed.

    Raises:
        OSError: when the disk refuses.
    """
    members = {
        "code": failure.code,
        "failed_at": failure.failed_at.strftime(_TIME),
        "sentence": failure.sentence,
    }
    text = json.dumps(members, ensure_ascii=False, sort_keys=True)
    write_whole(home / NAME, text.encode("utf-8", "replace") + b"\n")


def forget_failure(home: Path) -> None:
    """Forget what failed, since the last attempt did not.

    Raises:
        OSError: when the disk refuses.
    """
    (home / NAME).unlink(missing_ok=True)


def read_failure(home: Path) -> StampFailure | None:
    """Return what a home remembers, None when it remembers nothing that can be read."""
    try:
        match json.loads((home / NAME).read_bytes()):
            case {"code": str(code), "failed_at": str(at), "sentence": str(sentence)}:
                return StampFailure(
                    datetime.strptime(at, _TIME).replace(tzinfo=UTC), code, sentence
                )
    except (OSError, ValueError):
        pass
    return None
