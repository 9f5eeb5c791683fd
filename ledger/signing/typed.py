"""What was accepted before, decoded at once into values of its types, without a mapping between.

    decode_members(payload)                           -> Members(id, type, actor, ..., data=<JSON>)
    decoder_of(PhaseEntered, {}, parse)(members.data) -> PhaseEntered(phase="ESECUZIONE", ...)

Acceptance read these bytes strictly (envelope.py); here no grammar is looked at again: members that
nobody asks for are passed over, texts and numbers are taken as they are. Only types must fit.
"""

import dataclasses
import functools
import operator
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from ledger.errors import Unreadable

Data = TypeVar("Data")
Parse = Callable[[type, Any], Any]
Making = Callable[[object], object]


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


class _Stand(type):
    """The kind of types that stand in an annotation for a class; values of the class are theirs."""

    def __instancecheck__(cls, instance: object) -> bool:
        """Return true: the decoder asks it of what its hook has made."""
        return True


def decode_members(payload: bytes) -> Members:
    """Return the members of a payload that was accepted before.

    Raises:
        Unreadable: `json-malformed`, when it is no JSON or a member has another type.
    """
    return _decoded(_MEMBERS, payload)


def decoder_of(
    cls: type[Data], renamed: Mapping[str, str], parse: Parse
) -> Callable[[bytes | msgspec.Raw], Data]:
    """Return what decodes JSON into a data class; it raises as `decode_members` does.

    `renamed` are the attributes whose member has another name; `parse` is asked for each value of a
    type that JSON has not, with that type, and what it raises comes out as it is. In a data class
    within, an attribute such as `from_` is the member `from`.
    """
    inner: dict[type, Making] = {}
    hints = {name: _inner(hint, inner, parse) for name, hint in typing.get_type_hints(cls).items()}
    if not renamed and not inner:
        plain = msgspec.json.Decoder(cls, dec_hook=parse)
        return lambda data: _decoded(plain, data)

    def hook(kind: type, value: Any) -> Any:  # noqa: ANN401  as `parse`
        return inner[kind](value) if kind in inner else parse(kind, value)

    renamer = msgspec.json.Decoder(_struct_like(cls, hints, renamed), dec_hook=hook)
    return lambda data: cls(**msgspec.structs.asdict(_decoded(renamer, data)))


def _inner(hint: Any, inner: dict[type, Making], parse: Parse) -> Any:  # noqa: ANN401  annotations
    """Return the annotation with each data class whose members have other names told apart.

    For such a class stands a type of its own, of which `inner` says how its values are made.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return tuple[tuple(_inner(one, inner, parse) for one in arguments)]  # type: ignore[misc]  # made at run time
    if origin is types.UnionType:
        return functools.reduce(operator.or_, (_inner(one, inner, parse) for one in arguments))
    if not (isinstance(hint, type) and dataclasses.is_dataclass(hint)):
        return hint
    names = {one.name: one.name.rstrip("_") for one in dataclasses.fields(hint)}
    renamed = {name: member for name, member in names.items() if name != member}
    return _stand_in(hint, renamed, inner, parse) if renamed else hint


def _stand_in(
    cls: type, renamed: Mapping[str, str], inner: dict[type, Making], parse: Parse
) -> type:
    """Return a type of which the decoder asks the hook, and note how the class is made then."""
    struct = _struct_like(cls, typing.get_type_hints(cls), renamed)
    stand = _Stand(cls.__name__, (), {})

    def make(value: object) -> object:
        return cls(**msgspec.structs.asdict(msgspec.convert(value, struct, dec_hook=parse)))

    inner[stand] = make
    return stand


def _struct_like(
    cls: type, hints: Mapping[str, Any], renamed: Mapping[str, str]
) -> type[msgspec.Struct]:
    """Return a struct with the fields of a data class, whose members may have other names."""
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
