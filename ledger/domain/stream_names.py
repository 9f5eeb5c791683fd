"""Names of the streams of interventions and acts: `cup/C81C22001220006`, `act/c_e506/.../1234`.

    >>> act_stream("c_e506/registro-generale/2024/1234-bis")
    'act/c_e506/registro-generale/2024/1234-bis'

Source: DOMAIN section 3; FORMATS section 1.
"""

from __future__ import annotations

from typing import Final

from ledger.domain.identifiers import CUP, ActKey
from ledger.domain.normal_forms import shown
from ledger.errors import ShapeError

SYS_LOG: Final = "sys/log"  # what concerns the body or the ledger and no CUP
SYS_SOURCES: Final = "sys/sources"  # files of open data, whatever CUPs they hold


def cup_stream(cup_code: str) -> str:
    """Return the name of the stream of a CUP, `cup/C81C22001220006`.

    Raises:
        ShapeError: `cup-malformed`, when the text is no CUP.
    """
    return f"cup/{CUP(cup_code)}"


def act_stream(key: str) -> str:
    """Return the name of the stream of an act, `act/c_e506/registro-generale/2024/1234`.

    Raises:
        ShapeError: `act-malformed` or `act-number-zero`, when the text is no act.
    """
    return f"act/{ActKey(key)}"


def parse_stream(name: str) -> CUP | ActKey:
    """Return the CUP or the act of a stream name written by `cup_stream` or `act_stream`.

    Raises:
        ShapeError: `stream-malformed`, for any other name, also one that is not in normal form.
    """
    kinds: dict[str, type[CUP | ActKey]] = {"cup": CUP, "act": ActKey}
    prefix, _, rest = name.partition("/")
    sentence = f"{shown(name)} non è il flusso di un CUP (cup/…) o di un atto (act/…)."
    try:
        found = kinds[prefix](rest)
    except (KeyError, ShapeError) as error:
        raise ShapeError("stream-malformed", sentence) from error
    if found.was_normalised:
        raise ShapeError("stream-malformed", sentence)
    return found
