"""What a log says of objects, read from payloads whatever they mean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ledger.application.contents import Contents, erased_between
from ledger.journal.memory import MemoryRecorder
from tests.ledger.application.backup_kit import SmallLedger, text_of
from tests.ledger.journal.sequencer_kit import ORIGIN

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = b"1" * 32, b"2" * 32


def look(*payloads: Any) -> Contents:  # noqa: ANN401  whatever JSON can hold
    """Return what these payloads say."""
    contents = Contents()
    for index, payload in enumerate(payloads):
        contents.look(index, payload if payload is None else json.dumps(payload).encode())
    return contents


def test_objects_are_named_and_erased() -> None:
    found = look(
        None,
        {"type": "a/1", "objects": [{"commit": text_of(ONE)}, {"commit": text_of(TWO)}]},
        {"type": "content-erased/1", "objects": [], "data": {"commits": [text_of(TWO)]}},
    )
    assert (found.named, found.erased, found.kept) == ({ONE, TWO}, {TWO}, {ONE})


def test_only_an_erasure_erases() -> None:
    assert look({"type": "b/1", "data": {"commits": [text_of(ONE)]}}).erased == set()


SAYING_NOTHING: dict[str, Any] = {
    "no object": [],
    "no objects": {"type": "content-erased/1"},
    "objects that are no list": {"objects": {"commit": text_of(ONE)}},
    "objects that are no objects": {"objects": [text_of(ONE), 1, None]},
    "an object without commitment": {"objects": [{}]},
    "a commitment that is a number": {"objects": [{"commit": 1}]},
    "a commitment that is no base64": {"objects": [{"commit": "x"}]},
    "a commitment that is too short": {"objects": [{"commit": "AAAA"}]},
    "a commitment beyond ASCII": {"objects": [{"commit": "è" * 44}]},
    "data that are no object": {"type": "content-erased/1", "data": [text_of(ONE)]},
    "commitments that are no list": {"type": "content-erased/1", "data": {"commits": 5}},
}


@pytest.mark.parametrize("payload", SAYING_NOTHING.values(), ids=SAYING_NOTHING.keys())
def test_what_says_nothing_says_nothing(payload: Any) -> None:  # noqa: ANN401  whatever JSON can hold
    found = look(payload)
    assert (found.named, found.erased) == (set(), set())


def test_bytes_that_are_no_json_say_nothing() -> None:
    found = Contents()
    found.look(0, b"\xff")
    found.look(1, b"[" * 100_000)
    assert (found.named, found.erased) == (set(), set())


def test_erasures_of_a_stretch_are_found(tmp_path: Path) -> None:
    with SmallLedger.make(tmp_path / "home", MemoryRecorder(ORIGIN)) as small:
        first, second = small.put(b"first"), small.put(b"second")
        small.erase(first)
        between = small.recorder.head().position
        small.erase(second)
        end = small.recorder.head().position
        assert erased_between(small.recorder, 0, end) == {first, second}
        assert erased_between(small.recorder, between, end) == {second}
        assert erased_between(small.recorder, end, end) == set()
