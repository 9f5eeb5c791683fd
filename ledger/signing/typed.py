"""What was accepted before, decoded at once into values of its types, without a mapping between.

    decode_members(payload)                           -> Members(id, type, actor, ..., data=<JSON>)
    decoder_of(PhaseEntered, parse)(members.data) -> PhaseEntered(phase="ESECUZIONE", ...)

Acceptance read these bytes strictly (envelope.py); here no grammar is looked at again: members that
nobody asks for are passed over, texts and numbers are taken as they are. Only types must fit.
"""

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
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
    cls: type[Data], parse: Callable[[type, Any], Any]
) -> Callable[[bytes | msgspec.Raw], Data]:
    """Return what decodes JSON into a data class; it raises as `decode_members` does.

    An attribute that ends in `_` (`from_`) is the member without it, at any depth. `parse` is asked
    for each value of a type that JSON has not, with that type; what it raises comes out as it is.
    """
    if not _is_renamed(cls):
        plain = msgspec.json.Decoder(cls, dec_hook=parse)
        return lambda data: _decoded(plain, data)
    like: type[msgspec.Struct] = _with_structs(cls)
    renamer = msgspec.json.Decoder(like, dec_hook=parse)
    return lambda data: typing.cast("Data", _rebuilt(_decoded(renamer, data)))


_CLASSES: Final[dict[type[msgspec.Struct], type]] = {}


def _is_renamed(hint: Any) -> bool:  # noqa: ANN401  a type hint
    """Return whether a member in a type has another name than its attribute."""
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = [one.name for one in dataclasses.fields(hint)]
        return any(name.endswith("_") or _is_renamed(hints[name]) for name in fields)
    return any(_is_renamed(part) for part in typing.get_args(hint))


@cache
def _struct_like(cls: Any) -> type[msgspec.Struct]:  # noqa: ANN401  any data class
    """Return a struct with the fields of a data class, whose members may have other names."""
    told = typing.get_type_hints(cls)
    hints = {one.name: _with_structs(told[one.name]) for one in dataclasses.fields(cls)}
    fields: list[Any] = [
        (one.name, hints[one.name])
        if one.default is dataclasses.MISSING
        else (one.name, hints[one.name], one.default)
        for one in dataclasses.fields(cls)
    ]
    renamed = {one.name: one.name[:-1] for one in dataclasses.fields(cls) if one.name[-1] == "_"}
    made = msgspec.defstruct(cls.__name__, fields, rename=renamed, kw_only=True)
    _CLASSES[made] = cls
    return made


def _with_structs(hint: Any) -> Any:  # noqa: ANN401  a type hint
    """Return a type in which data classes with renamed members are structs."""
    if not _is_renamed(hint):
        return hint
    if dataclasses.is_dataclass(hint):
        whole: Any = hint
        return _struct_like(whole)
    parts = tuple(_with_structs(part) for part in typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.Union[parts]  # noqa: UP007  of as many parts as there are
    return typing.get_origin(hint)[parts]


def _rebuilt(value: Any) -> Any:  # noqa: ANN401  any value
    """Return a value with data classes in the place of structs."""
    if isinstance(value, msgspec.Struct):
        names = value.__struct_fields__
        return _CLASSES[type(value)](**{name: _rebuilt(getattr(value, name)) for name in names})
    return tuple([_rebuilt(one) for one in value]) if isinstance(value, tuple) else value


def _decoded(decoder: "msgspec.json.Decoder[Data]", data: bytes | msgspec.Raw) -> Data:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(
            "json-malformed",
            f"I byte conservati non sono più JSON della loro forma: {error}. Controllare l'archivio"
            " con `pista fsck`.",
        ) from error
