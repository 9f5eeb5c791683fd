"""The folder of a witness: what its operator says, and what no file of it may be."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import Absent, Drifted, PistaError, StorageError, Unreadable
from ledger.journal.clock import ClockGuard, FirstLook, MemoryClockBook
from ledger.journal.note import COSIGNATURE_V1, VerifierKey, format_vkey, parse_vkey, verifier_key
from ledger.signing.signer import open_signer
from ledger.transparency.disk import FileDisk
from ledger.transparency.witness_clock import WitnessClock
from ledger.transparency.witness_folder import WitnessFolder
from ledger.transparency.witnessed_log import LogEntry, format_entry, parse_entry
from tests.ledger.transparency.witness_kit import NAME, NOON, ORIGIN, LogBook, note_signer

if TYPE_CHECKING:
    from pathlib import Path

KEY = LogBook().key
NEXT = parse_vkey(note_signer("a name of its own".replace(" ", "-"), 7).vkey)
ENTRY = f"""pista/witnessed-log/v1
origin {ORIGIN}
key pnrr.comune.lecce.it/c_e506+e9f05c2a+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c
url https://pista.comune.lecce.it/log/
"""


def test_an_entry_reads_as_it_was_written_by_hand() -> None:
    entry = LogEntry(ORIGIN, (KEY,), "https://pista.comune.lecce.it/log/")
    assert parse_entry(ENTRY.encode()) == entry
    assert format_entry(entry) == ENTRY.encode()


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.sampled_from([(KEY,), (KEY, NEXT), (NEXT, KEY)]),
    st.sampled_from(["", "https://log.example/"]),
)
def test_an_entry_formatted_and_parsed_is_the_same(
    origin: str, keys: tuple[VerifierKey, ...], url: str
) -> None:
    entry = LogEntry(origin, keys, url)
    assert parse_entry(format_entry(entry)) == entry


KEY_LINE = ENTRY.splitlines(keepends=True)[2]
WITNESS_KEY = verifier_key(ORIGIN, COSIGNATURE_V1, KEY.public)
LOW_ORDER = verifier_key("low", 1, bytes([1]).ljust(32, b"\0"))
BAD_ENTRIES: dict[str, str] = {
    "nothing": "",
    "another version": ENTRY.replace("/v1", "/v2"),
    "no origin": ENTRY.replace(f"origin {ORIGIN}\n", ""),
    "an empty origin": ENTRY.replace(ORIGIN, "", 1),
    "no key": ENTRY.replace(KEY_LINE, ""),
    "a key twice": ENTRY.replace(KEY_LINE, KEY_LINE * 2),
    "a key of a witness": ENTRY.replace(format_vkey(KEY), format_vkey(WITNESS_KEY)),
    "a key with another id": ENTRY.replace("e9f05c2a", "00000000"),
    "an empty url": ENTRY.replace("https://pista.comune.lecce.it/log/", ""),
    "a url before the key": ENTRY.replace(KEY_LINE, "url x\n" + KEY_LINE),
    "another line": ENTRY + "note x\n",
    "no line end": ENTRY[:-1],
    "an empty line": ENTRY + "\n",
    "a tabulation in the origin": ENTRY.replace(ORIGIN, f"{ORIGIN}\t", 1),
    "bytes that are no UTF-8": ENTRY.replace("url https", "url \udcff"),
}


@pytest.mark.parametrize("text", BAD_ENTRIES.values(), ids=BAD_ENTRIES.keys())
def test_a_text_that_is_no_entry_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_entry(text.encode("utf-8", "surrogateescape"))


BAD_LOGS: dict[str, LogEntry] = {
    "no key": LogEntry(ORIGIN, ()),
    "no origin": LogEntry("", (KEY,)),
    "a line end in the origin": LogEntry("a\nb", (KEY,)),
    "a line end in the url": LogEntry(ORIGIN, (KEY,), "a\nb"),
    "a key of a witness": LogEntry(ORIGIN, (WITNESS_KEY,)),
    "a key of low order": LogEntry(ORIGIN, (LOW_ORDER,)),
    "an origin that is no text": LogEntry("\udcff", (KEY,)),
}


@pytest.mark.parametrize("entry", BAD_LOGS.values(), ids=BAD_LOGS.keys())
def test_a_log_that_could_not_be_believed_is_not_added(entry: LogEntry, tmp_path: Path) -> None:
    folder = WitnessFolder(tmp_path / "w1", FileDisk())
    with pytest.raises(PistaError):
        folder.set_log(entry)
    assert list(folder.logs()) == []
    assert not (tmp_path / "w1").exists()


def test_a_witness_is_made_once_with_two_keys_that_its_owner_alone_may_read(tmp_path: Path) -> None:
    folder = WitnessFolder(tmp_path / "a" / "w1", FileDisk())
    with pytest.raises(Absent, match="pista witness init"):
        folder.identity()
    folder.make(NAME, NOON)
    assert (folder.identity().name, folder.identity().made_at) == (NAME, NOON)
    for key in (folder.key, folder.rescan_key):
        assert key.stat().st_mode & 0o777 == 0o600
    keys = {open_signer(str(key)).kid for key in (folder.key, folder.rescan_key)}
    assert len(keys) == 2
    before = {path: path.read_bytes() for path in folder.path.iterdir()}
    with pytest.raises(StorageError) as present:
        folder.make("w2.example", NOON)
    assert present.value.code == "witness-present"
    assert {path: path.read_bytes() for path in folder.path.iterdir()} == before


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "\u2003", "a\x00"])
def test_a_name_that_no_key_can_have_makes_nothing(name: str, tmp_path: Path) -> None:
    if not name:
        name = " "
    with pytest.raises(Unreadable, match="key-unreadable"):
        WitnessFolder(tmp_path / "w1", FileDisk()).make(name, NOON)
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_there_without_a_witness_are_not_used(tmp_path: Path) -> None:
    folder = WitnessFolder(tmp_path, FileDisk())
    folder.make(NAME, NOON)
    (tmp_path / "witness").unlink()
    with pytest.raises(StorageError, match="key-file-exists"):
        folder.make(NAME, NOON)


DAMAGED: dict[str, bytes] = {
    "empty": b"",
    "another version": b"pista/witness/v2\nw1.example\n2026-12-01T12:00:00.000000Z\n",
    "a bad name": b"pista/witness/v1\nw 1\n2026-12-01T12:00:00.000000Z\n",
    "no time": b"pista/witness/v1\nw1.example\n\n",
    "bytes after it": b"pista/witness/v1\nw1.example\n2026-12-01T12:00:00.000000Z\nx\n",
    "no UTF-8": b"pista/witness/v1\n\xff\n2026-12-01T12:00:00.000000Z\n",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_identity_is_told(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "witness").write_bytes(data)
    with pytest.raises(StorageError) as damaged:
        WitnessFolder(tmp_path, FileDisk()).identity()
    assert damaged.value.code == "witness-damaged"


def test_a_damaged_entry_stops_that_log_and_says_which_file(tmp_path: Path) -> None:
    folder = WitnessFolder(tmp_path, FileDisk())
    folder.set_log(LogEntry(ORIGIN, (KEY,)))
    folder.set_log(LogEntry("other.example/log", (NEXT,)))
    kept, other = folder.find(ORIGIN), folder.find("other.example/log")
    assert kept is not None
    assert other is not None
    for data in (b"torn", (other.folder / "log").read_bytes()):
        (kept.folder / "log").write_bytes(data)
        with pytest.raises(StorageError, match=str(kept.folder / "log")) as damaged:
            folder.find(ORIGIN)
        assert damaged.value.code == "witness-damaged"
    assert folder.find("other.example/log") == other


def test_a_hash_that_is_none_finds_nothing(tmp_path: Path) -> None:
    folder = WitnessFolder(tmp_path, FileDisk())
    folder.set_log(LogEntry(ORIGIN, (KEY,)))
    for digest in ("", "..", "../witness", "0" * 64, "G" * 64, "0" * 63):
        assert folder.find_by_hash(digest) is None


# Offset of the wall clock, in seconds, and of uptime, since the first look at noon: what is said.
CLOCKS: dict[str, tuple[float, float, str | None]] = {
    "right": (3600, 3600, None),
    "a little off": (3600, 3100, None),
    "set ahead": (3600, 0, "clock-drift"),
    "set back": (0, 3600, "clock-drift"),
    "before the witness was made": (-1200, -1200, "clock-absurd"),
    "just before the witness was made": (-300, -300, None),
    "a century later": (101 * 366 * 86_400, 101 * 366 * 86_400, "clock-absurd"),
}


@pytest.mark.parametrize(("wall", "uptime", "code"), CLOCKS.values(), ids=CLOCKS.keys())
def test_a_clock_that_cannot_be_right_is_not_believed(
    wall: float, uptime: float, code: str | None, tmp_path: Path
) -> None:
    book = MemoryClockBook("one", FirstLook("one", NOON, 5000.0))
    now = NOON + timedelta(seconds=wall)
    guard = ClockGuard(lambda: now, lambda: 5000.0 + uptime, book)
    clock = WitnessClock(guard, NOON, tmp_path)
    if code is None:
        assert clock() == now
        return
    with pytest.raises(Drifted) as drifted:
        clock()
    assert drifted.value.code == code
    assert "il testimone non firma" in drifted.value.sentence
    guard.confirm(None)
    assert code == "clock-absurd" or clock() == now
