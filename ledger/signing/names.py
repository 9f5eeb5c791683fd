"""Grammar of the names in an envelope; each function only asks.

    origin       pnrr.comune.lecce.it/c_e506        at most 58 characters, so that "Pista <origin>" fits
                                                    the 64 characters of a certificate's common name
    event id     01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d       UUIDv7, lower case
    event type   determina-registered/1             kebab-case name, slash, version
    stream       cup/C81C22001220006                15 characters of A-Z and 0-9
                 act/c_e506/registro-generale/2023/1234-bis
                 actor/<actor>   sys/log   sys/sources      each at most 100 bytes
    actor        26 characters of base32, lower case
    role         responsabile-finanziario           kebab-case
    date         2023-05-04                         a day that exists
    media type   application/pkcs7-mime             without parameters

Source: design FORMATS section 1; RFC 9562 section 5.7 (UUIDv7); RFC 6838 section 4.2 (media types);
C2SP tlog-checkpoint (origin: no blanks, no plus).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

MAX_ORIGIN_LENGTH: Final = 58
MAX_STREAM_LENGTH: Final = 100
MAX_TYPE_LENGTH: Final = 100
MAX_ROLE_LENGTH: Final = 60

_KEBAB: Final = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_ACTOR: Final = "[a-z2-7]{26}"
_MEDIA_NAME: Final = "[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_SEGMENT: Final = "[A-Za-z0-9][A-Za-z0-9._-]*"

_ORIGIN_FORM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/~-]*")
_ID_FORM: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TYPE_FORM: Final = re.compile(f"{_KEBAB}/[1-9][0-9]{{0,5}}")
_ACTOR_FORM: Final = re.compile(_ACTOR)
_ROLE_FORM: Final = re.compile(_KEBAB)
_DATE_FORM: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MEDIA_FORM: Final = re.compile(f"{_MEDIA_NAME}/{_MEDIA_NAME}")
_STREAM_FORM: Final = re.compile(
    "cup/[A-Z0-9]{15}"
    f"|act/{_SEGMENT}/{_SEGMENT}/[0-9]{{4}}/{_SEGMENT}"
    f"|actor/{_ACTOR}"
    "|sys/log|sys/sources"
)


def is_origin(text: str) -> bool:
    """Tell whether a text can name a ledger."""
    return len(text) <= MAX_ORIGIN_LENGTH and _ORIGIN_FORM.fullmatch(text) is not None


def is_event_id(text: str) -> bool:
    """Tell whether a text is a UUIDv7 in lower case."""
    return _ID_FORM.fullmatch(text) is not None


def is_event_type(text: str) -> bool:
    """Tell whether a text is an event type with its version."""
    return len(text) <= MAX_TYPE_LENGTH and _TYPE_FORM.fullmatch(text) is not None


def is_stream_name(text: str) -> bool:
    """Tell whether a text is the name of a stream of one of the four kinds."""
    return len(text) <= MAX_STREAM_LENGTH and _STREAM_FORM.fullmatch(text) is not None


def is_actor(text: str) -> bool:
    """Tell whether a text is the id of an actor."""
    return _ACTOR_FORM.fullmatch(text) is not None


def is_role(text: str) -> bool:
    """Tell whether a text has the form of a role."""
    return len(text) <= MAX_ROLE_LENGTH and _ROLE_FORM.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Tell whether a text is a day of the calendar, YYYY-MM-DD."""
    if not _DATE_FORM.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_media_type(text: str) -> bool:
    """Tell whether a text is a media type without parameters."""
    return _MEDIA_FORM.fullmatch(text) is not None


def is_file_name(text: str) -> bool:
    """Tell whether a text is a plain file name: 1 to 255 bytes, printable, without folders."""
    return (
        0 < len(text.encode("utf-8", "surrogatepass")) <= 255  # noqa: PLR2004  the limit of file systems
        and text.isprintable()
        and text not in {".", ".."}
        and not any(character in text for character in "/\\")
    )
