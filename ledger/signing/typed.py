"""What was accepted before, decoded at once into values of its types, without a mapping between.

    decode_members(payload)                           -> Members(id, type, actor, ..., data=<JSON>)
    decoder_of(PhaseEntered, {}, parse)(members.data) -> PhaseEntered(phase="ESECUZIONE", ...)

Acceptance read these bytes strictly (envelope.py); here no grammar is looked at again: members that
nobody asks for are passed over, texts and numbers are taken as they are. Only types must fit.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from ledger.errors import Unreadable

Data = TypeVar("Data")


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A place that the event took: the name of its stream."""

    name: str


class ObjectNamed(msgspec.Struct, frozen=True, gc=False):
    """An object of the vault; `commit` as it stands, base64."""

    name: str
    commit: str
    size: int
    media_type: str


class Members(msgspec.Struct, frozen=True):
    """The members of a payload that say what happened; `data` is the JSON of its type."""

    id: str
    type: str
    streams: tuple[Claim, ...]
    actor: str
    role: str | None
    occurred_on: date | None
    claimed_at: datetime
    data: msgspec.Raw
    objects: tuple[ObjectNamed, ...]
    reason: str | None = None
    corrects: tuple[str, ...] = ()


_MEMBERS: Final = msgspec.json.Decoder(Members)


def decode_members(payload: bytes) -> Members:
    """Return the members of a payload that was accepted before.

    Raises:
        Unreadable: `json-malformed`, when it is no JSON or a member has another type.
    """
    return _decoded(_MEMBERS, payload)


def decoder_of(
    cls: type[Data], renamed: Mapping[str, str], parse: Callable[[type, Any], Any]
) -> Callable[[bytes | msgspec.Raw], Data]:
    """Return what decodes JSON into a data class; it raises as `decode_members` does.

    `renamed` are the attributes whose member has another name; `parse` is asked for each value of a
    type that JSON has not, with that type, and what it raises comes out as it is.
    """
    if not renamed:
        plain = msgspec.json.Decoder(cls, dec_hook=parse)
        return lambda data: _decoded(plain, data)
    renamer = msgspec.json.Decoder(_struct_like(cls, renamed), dec_hook=parse)
    return lambda data: cls(**msgspec.structs.asdict(_decoded(renamer, data)))


def _struct_like(cls: type, renamed: Mapping[str, str]) -> type[msgspec.Struct]:
    """Return a struct with the fields of a data class, whose members may have other names."""
    hints = typing.get_type_hints(cls)
    fields: list[Any] = [
        (one.name, hints[one.name])
        if one.default is dataclasses.MISSING
        else (one.name, hints[one.name], one.default)
        for one in dataclasses.fields(cls)
    ]
    return msgspec.defstruct(cls.__name__, fields, rename=dict(renamed), kw_only=True)


def _decoded(decoder: "msgspec.json.Decoder[Data]", data: bytes | msgspec.Raw) -> Data:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(
            "json-malformed",
            f"I byte conservati non sono più JSON della loro forma: {error}. Controllare l'archivio"
            " con `pista fsck`.",
        ) from error
