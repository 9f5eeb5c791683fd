"""The home of a ledger on disk: settings, places, and what opening it checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.home import Home, Settings, home_named, parse_settings, read_part
from ledger.errors import Absent, PistaError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = Settings("prova.it/c_e506", "c_e506", ("Dati dimostrativi",))


def test_settings_read_back_as_they_were_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write_settings(SETTINGS)
    assert home.read_settings() == SETTINGS


def test_settings_are_written_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write_settings(SETTINGS)
    with pytest.raises(StorageError) as caught:
        home.write_settings(Settings("altro.it", "c_a001"))
    assert caught.value.code == "already-there"
    assert home.read_settings() == SETTINGS


def test_naming_a_home_creates_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    with pytest.raises(Absent) as caught:
        home.read_settings()
    assert caught.value.code == "no-ledger"
    assert not home.path.exists()


def test_a_part_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        read_part(tmp_path / "policy.txt")
    assert caught.value.code == "home-damaged"
    assert "policy.txt" in caught.value.sentence


def test_an_option_names_the_home(tmp_path: Path) -> None:
    assert home_named(tmp_path).path == tmp_path


@given(st.binary(max_size=60))
def test_any_bytes_are_settings_or_a_damaged_home(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    home.settings_file.write_bytes(data)
    with pytest.raises(PistaError) as caught:
        home.read_settings()
    assert caught.value.code == "home-damaged"


BAD_SETTINGS: dict[str, bytes] = {
    "a list": b"[]",
    "no remarks": b'{"origin": "a", "body": "b"}',
    "an origin that is a number": b'{"origin": 1, "body": "b", "remarks": []}',
    "remarks that are a text": b'{"origin": "a", "body": "b", "remarks": "c"}',
    "cut": b'{"origin": "a", ',
}


@pytest.mark.parametrize("data", BAD_SETTINGS.values(), ids=BAD_SETTINGS.keys())
def test_settings_of_another_form_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_settings(data)
