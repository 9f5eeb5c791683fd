"""The grammar of names, by example and counter-example."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.signing import names

if TYPE_CHECKING:
    from collections.abc import Callable

ACTOR = "a2bcdefghijklmnopqrstuvwxy"

GOOD: list[tuple[Callable[[str], bool], str]] = [
    (names.is_origin, "pnrr.comune.lecce.it/c_e506"),
    (names.is_origin, "o" * 58),
    (names.is_event_id, "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d"),
    (names.is_event_type, "determina-registered/1"),
    (names.is_event_type, "note/120"),
    (names.is_stream_name, "cup/C81C22001220006"),
    (names.is_stream_name, "act/c_e506/registro-generale/2023/1234-bis"),
    (names.is_stream_name, "act/x-regione/dgr/2022/7"),
    (names.is_stream_name, f"actor/{ACTOR}"),
    (names.is_stream_name, "sys/log"),
    (names.is_stream_name, "sys/sources"),
    (names.is_actor, ACTOR),
    (names.is_role, "responsabile-finanziario"),
    (names.is_date, "2024-02-29"),
    (names.is_media_type, "application/vnd.ms-excel.sheet.macroEnabled.12"),
    (names.is_file_name, "determina n. 12 (è).pdf.p7m"),
]

BAD: list[tuple[Callable[[str], bool], str]] = [
    (names.is_origin, ""),
    (names.is_origin, "a b"),
    (names.is_origin, "a+b"),
    (names.is_origin, "a\n"),
    (names.is_origin, "o" * 59),
    (names.is_event_id, "01981F6E-7D0A-7C3E-9B1D-2F4A6C8E0B1D"),
    (names.is_event_id, "01981f6e-7d0a-4c3e-9b1d-2f4a6c8e0b1d"),
    (names.is_event_id, "01981f6e-7d0a-7c3e-1b1d-2f4a6c8e0b1d"),
    (names.is_event_id, "01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d\n"),
    (names.is_event_type, "determina-registered"),
    (names.is_event_type, "determina-registered/01"),
    (names.is_event_type, "determina-registered/0"),
    (names.is_event_type, "Determina/1"),
    (names.is_event_type, "determina--registered/1"),
    (names.is_event_type, "determina-/1"),
    (names.is_event_type, "d" * 99 + "/1"),
    (names.is_stream_name, "cup/C81C2200122000"),
    (names.is_stream_name, "cup/c81c22001220006"),
    (names.is_stream_name, "act/c_e506/registro/23/1"),
    (names.is_stream_name, "act/c_e506/registro/2023/1/2"),
    (names.is_stream_name, "act/c_e506/../2023/1"),
    (names.is_stream_name, "act/c_e506//2023/1"),
    (names.is_stream_name, "act/c_e506/registro/2023/" + "1" * 80),
    (names.is_stream_name, "act/c_e506/règistro/2023/1"),
    (names.is_stream_name, "act/c_e506/registro/٢٠٢٣/1"),
    (names.is_stream_name, "sys/other"),
    (names.is_stream_name, "sys/log\n"),
    (names.is_stream_name, "actor/short"),
    (names.is_actor, ACTOR.upper()),
    (names.is_actor, ACTOR[:-1]),
    (names.is_actor, ACTOR[:-1] + "1"),
    (names.is_role, "Rup"),
    (names.is_role, ""),
    (names.is_role, "r" * 61),
    (names.is_date, "2023-02-29"),
    (names.is_date, "20230228"),
    (names.is_date, "2023-02-28T00:00"),
    (names.is_media_type, "application"),
    (names.is_media_type, "text/plain; charset=utf-8"),
    (names.is_file_name, ""),
    (names.is_file_name, ".."),
    (names.is_file_name, "a/b"),
    (names.is_file_name, "a\\b"),
    (names.is_file_name, "a\x00"),
    (names.is_file_name, "a\u202eb"),
    (names.is_file_name, "è" * 128),
]


@pytest.mark.parametrize(("asks", "text"), GOOD)
def test_a_good_name_is_one(asks: Callable[[str], bool], text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(("asks", "text"), BAD)
def test_a_bad_name_is_none(asks: Callable[[str], bool], text: str) -> None:
    assert not asks(text)
