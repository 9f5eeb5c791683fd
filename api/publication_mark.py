"""What the last attempt to publish came to, as a home remembers it for `pista doctor` and /healthz.

    publication.last    {"at":"2026-11-24T09:12:03Z","published":true,"size":1291,
                         "said":[{"alarm":false,"sentence":"R1 ha firmato.","state":"cosigned",
                                  "time":1795511523,"witness":"R1"}]}

An alarm of a witness stands until that witness signs: that it does not answer takes nothing back. It
is advice; what is proven stands in the published notes. A lost mark changes nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from api.client.book import write_whole
from ledger.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.transparency.asking import Said
    from ledger.transparency.publication import Outcome

NAME: Final = "publication.last"

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Answered:
    """What one witness said: its name in the policy, a state, a sentence, its time when it signed."""

    witness: str
    state: str
    sentence: str
    alarm: bool
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt: when, the size that was to be published, whether it was, what witnesses said."""

    at: datetime
    size: int
    published: bool
    said: tuple[Answered, ...]


def write_attempt(home: Path, outcome: Outcome, at: datetime) -> None:
    """Remember what an attempt came to.

    Raises:
        StorageError: when the disk refuses (`publication-failed`).
    """
    before = read_attempt(home)
    alarms = {one.witness: one for one in before.said if one.alarm} if before else {}
    said = [_standing(one, alarms.get(one.witness)) for one in outcome.said]
    members = {
        "at": at.strftime(_TIME),
        "published": outcome.is_published,
        "said": [asdict(one) for one in said],
        "size": outcome.size,
    }
    text = json.dumps(members, ensure_ascii=False, sort_keys=True)
    try:
        write_whole(home / NAME, text.encode("utf-8", "replace") + b"\n")
    except OSError as error:
        raise StorageError(
            "publication-failed",
            f"L'esito della pubblicazione non si può scrivere ({error.strerror}): controllare spazio e"
            f" permessi di {home}.",
        ) from error


def read_attempt(home: Path) -> Attempt | None:
    """Return what a home remembers, None when it remembers nothing that can be read."""
    try:
        match json.loads((home / NAME).read_bytes()):
            case {
                "at": str(at),
                "size": int(size),
                "published": bool(published),
                "said": list(said),
            }:
                moment = datetime.strptime(at, _TIME).replace(tzinfo=UTC)
                return Attempt(moment, size, published, tuple(map(_answered, said)))
    except (OSError, ValueError):
        pass
    return None


def _standing(said: Said, alarm: Answered | None) -> Answered:
    """Return what a witness said; while it does not sign, an earlier alarm of it stands."""
    if alarm is not None and said.line is None and not said.is_alarm:
        return alarm
    return Answered(said.witness, said.state, said.sentence, said.is_alarm, said.time)


def _answered(members: Any) -> Answered:  # noqa: ANN401  any JSON
    match members:
        case {
            "witness": str(witness),
            "state": str(state),
            "sentence": str(sentence),
            "alarm": bool(alarm),
            "time": int() | None as time,
        }:
            return Answered(witness, state, sentence, alarm, time)
    message = "no answer of a witness"
    raise ValueError(message)
