"""What header and payload of an envelope say, read leniently: enough to compare columns with.

    said = read_payload(payload)        id, type, basis, objects; whatever else is there is passed over
    kid = read_kid(header)

Nothing here accepts an envelope: the strict reading is in judging.py, and for leaves below a kept
size the root of the log stands for a strict reading that took place before.

Source: design FORMATS section 1.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec


class Basis(msgspec.Struct, gc=False):
    """The head that the signer had verified."""

    root: str
    size: int


class ObjectSaid(msgspec.Struct, gc=False):
    """An object of the vault as an event names it; the commitment in base64."""

    commit: str
    media_type: str
    size: int


class Claim(msgspec.Struct, gc=False):
    """A place in a stream; `prev` in base64, None at the first place."""

    name: str
    prev: str | None
    seq: int


class Said(msgspec.Struct, gc=False):
    """What is compared with the columns of each row."""

    id: str
    type: str
    basis: Basis
    objects: list[ObjectSaid]


class SaidWithStreams(Said, gc=False):
    """The same, with the streams that the event joins and its data, for a close look."""

    streams: list[Claim]
    data: dict[str, Any]


class Header(msgspec.Struct, gc=False):
    """The key that the header names."""

    kid: str


read_payload: Final = msgspec.json.Decoder(Said).decode
read_closely: Final = msgspec.json.Decoder(SaidWithStreams).decode
read_header: Final = msgspec.json.Decoder(Header).decode
