"""What differs between two exported states."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.domain.changes import changes

ENTRY = {"key": "a", "index": 3, "effect": "efficace"}
OTHER = {"key": "b", "index": 5, "effect": "efficace"}
# Two states, and of each change its pointer, its identity and the two values.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[Any, ...]]]] = {
    "nothing": ({"a": 1}, {"a": 1}, []),
    "what was asked is no change": (
        {"v": 1, "as_of": "2026-01-01", "known_at": 3, "registrations": 2},
        {"v": 1, "as_of": "2026-01-02", "known_at": 5, "registrations": 3},
        [],
    ),
    "a value": ({"a": "x"}, {"a": "y"}, [("/a", "/a", "x", "y")]),
    "a value that comes": ({}, {"a": "y"}, [("/a", "/a", None, "y")]),
    "a value that goes": ({"a": "x"}, {}, [("/a", "/a", "x", None)]),
    "a value in an object": (
        {"phase": {"phase": "A", "index": 1}},
        {"phase": {"phase": "B", "index": 2}},
        [("/phase/phase", "/phase/phase", "A", "B")],
    ),
    "an object that comes": (
        {},
        {"phase": {"phase": "B", "index": 2}},
        [("/phase", "/phase", None, {"phase": "B", "index": 2})],
    ),
    "an entry that comes before another": (
        {"acts": [OTHER]},
        {"acts": [ENTRY, OTHER]},
        [("/acts/0", "/acts/@3.0", None, ENTRY)],
    ),
    "a field of an entry that has moved": (
        {"acts": [OTHER]},
        {"acts": [ENTRY, {**OTHER, "effect": "annullata"}]},
        [
            ("/acts/0", "/acts/@3.0", None, ENTRY),
            ("/acts/1/effect", "/acts/@5.0/effect", "efficace", "annullata"),
        ],
    ),
    "the first entry of a list": (
        {},
        {"acts": [ENTRY]},
        [("/acts/0", "/acts/@3.0", None, ENTRY)],
    ),
    "an entry that goes": (
        {"acts": [ENTRY, OTHER]},
        {"acts": [OTHER]},
        [("/acts/0", "/acts/@3.0", ENTRY, None)],
    ),
    "two entries of one event": (
        {"moves": [ENTRY, ENTRY]},
        {"moves": [ENTRY, {**ENTRY, "key": "c"}]},
        [("/moves/1/key", "/moves/@3.1/key", "a", "c")],
    ),
    "a finding by its code and subject, not by its place": (
        {"findings": [{"code": "a", "subject": "x", "index": 3}]},
        {
            "findings": [
                {"code": "b", "subject": "x", "index": 3},
                {"code": "a", "subject": "x", "index": 3, "state": "open"},
            ]
        },
        [
            ("/findings/0", "/findings/b:x:.0", None, {"code": "b", "subject": "x", "index": 3}),
            ("/findings/1/state", "/findings/a:x:.0/state", None, "open"),
        ],
    ),
    "as many objects without a place": (
        {"phases": [{"phase": "A"}, {"phase": "B"}]},
        {"phases": [{"phase": "A"}, {"phase": "B", "entered_on": "2026-01-01"}]},
        [("/phases/1/entered_on", "/phases/1/entered_on", None, "2026-01-01")],
    ),
    "more objects without a place": (
        {"links": [{"cup": "A"}]},
        {"links": [{"cup": "A"}, {"cup": "B"}]},
        [("/links", "/links", [{"cup": "A"}], [{"cup": "A"}, {"cup": "B"}])],
    ),
    "a list of plain values is one value": (
        {"sheets": [3, 6]},
        {"sheets": [3, 6, 8]},
        [("/sheets", "/sheets", [3, 6], [3, 6, 8])],
    ),
    "a list of plain values that comes": ({}, {"sheets": [3]}, [("/sheets", "/sheets", None, [3])]),
}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES)
def test_what_differs(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    found = changes(before, after)
    told = [(one.where.pointer, one.where.identity, one.before, one.after) for one in found]
    assert told == expected
