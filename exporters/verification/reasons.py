"""reasons.json: every object or envelope that is not in the package, and why.

    [{"commit":"<base64>","event":41,"kind":"erased","text":"..."},
     {"index":12,"kind":"withheld","legal_basis":"...","text":"..."}]

One of `commit` (an object) and `index` (an envelope); `event` (index of the registration that says
so) with `erased`, `legal_basis` with `withheld`. Canonical JSON with a final newline, sorted by the
canonical bytes of the entries, `[]` when nothing is left out. A reason proves nothing by itself:
what is erased needs the signed event, see erasure.py. Source: FORMATS section 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from exporters.absences import Absence
from exporters.verification.package_reader import parse_json_file
from ledger.errors import Unreadable
from ledger.journal.leaf import parse_hash
from ledger.signing.canonical import encode_signed

Cause = Literal["erased", "withheld"]
_FIELDS = ("kind", "text", "event or legal_basis")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one thing is absent; `event` is set when erased, `legal_basis` when withheld."""

    kind: Cause
    text: str
    event: int | None = None
    legal_basis: str | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons by commitment (32 bytes) of an object and by leaf index of an envelope."""

    commits: dict[bytes, Reason] = field(default_factory=dict)
    indexes: dict[int, Reason] = field(default_factory=dict)

    def absences(self) -> tuple[Absence, ...]:
        """Return what is erased, as an export lists it: envelopes by index, then objects."""
        envelopes = sorted(self.indexes.items())
        objects = sorted(self.commits.items())
        return (
            *(Absence(one.event, index=key) for key, one in envelopes if one.event is not None),
            *(Absence(one.event, commit=key) for key, one in objects if one.event is not None),
        )


def parse_reasons(data: bytes) -> Reasons:
    """Return the reasons that reasons.json gives.

    Raises:
        Unreadable: when the bytes are not canonical (`json-not-canonical`), or an entry is not of
            the form above, not in order or there twice (`reasons-unreadable`).
    """
    entries = parse_json_file(data, "reasons.json")
    if not isinstance(entries, list):
        raise _unreadable("non è un elenco")
    texts = [encode_signed(entry) for entry in entries]
    if texts != sorted(set(texts)):
        raise _unreadable("le voci non sono in ordine, o una è ripetuta")
    reasons = Reasons()
    for entry in entries:
        _take(reasons, entry)
    return reasons


def _take(reasons: Reasons, entry: Any) -> None:  # noqa: ANN401  any JSON value
    match entry:
        case {"commit": str(commit), **rest}:
            key = parse_hash(commit, "reasons")
            known = reasons.commits.setdefault(key, reason := _reason(rest))
        case {"index": int(index), **rest} if index >= 0 and not isinstance(index, bool):
            known = reasons.indexes.setdefault(index, reason := _reason(rest))
        case _:
            raise _unreadable("una voce non nomina un oggetto né una registrazione")
    if known is not reason:
        raise _unreadable("una cosa ha due motivi")


def _reason(rest: dict[Any, Any]) -> Reason:
    match rest:
        case {"kind": "erased", "event": int(event), "text": str(text)} if len(rest) == len(
            _FIELDS
        ):
            return Reason("erased", text, event=event)
        case {"kind": "withheld", "legal_basis": str(basis), "text": str(text)} if len(rest) == len(
            _FIELDS
        ):
            return Reason("withheld", text, legal_basis=basis)
    raise _unreadable("una voce non ha kind, text e la sua causa (event o legal_basis)")


def _unreadable(reason: str) -> Unreadable:
    return Unreadable("reasons-unreadable", f"reasons.json: {reason}.")
