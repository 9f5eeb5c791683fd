"""Which tests come to a mutation, from what was measured once (measure.py), and how it can be tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.mutation.places import place_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Collection

    from tests.mutation.mutations import Mutation


@dataclass(frozen=True)
class Trial:
    """A mutation with the tests that come to it in order, and whether it can be tried in place."""

    mutation: Mutation
    tests: tuple[str, ...]
    is_warm: bool


@dataclass(frozen=True)
class Reach:
    """The tests with their seconds, and those that come to each line of each file, by their places.

    `early` are the lines that run before the first test.
    """

    seconds: dict[str, float]
    names: tuple[str, ...]
    lines: dict[str, dict[int, frozenset[int]]]
    early: dict[str, frozenset[int]]

    @staticmethod
    def of(measured: dict[str, Any]) -> Reach:
        """Return the reach as it was written."""
        return Reach(
            seconds=dict(measured["tests"]),
            names=tuple(name for name, _ in measured["tests"]),
            lines={
                path: {int(line): frozenset(found) for line, found in by_line.items()}
                for path, by_line in measured["lines"].items()
            },
            early={path: frozenset(found) for path, found in measured["early"].items()},
        )

    def trial(self, mutation: Mutation, tree: ast.Module) -> Trial:
        """Return how a mutation is tried."""
        place = place_of(tree, mutation.line, mutation.end_line)
        early = self.early.get(mutation.path, frozenset())
        by_line = self.lines.get(mutation.path, {})
        of_file = frozenset[int]().union(*by_line.values())
        if place.body is None or early.intersection(place.lines):
            rest = frozenset(range(len(self.names))) - of_file
            return Trial(mutation, self._in_order(of_file) + self._in_order(rest), is_warm=False)
        found = frozenset[int]().union(*(by_line.get(line, ()) for line in place.lines))
        return Trial(mutation, self._in_order(found), is_warm=not early.intersection(place.body))

    def _in_order(self, tests: frozenset[int]) -> tuple[str, ...]:
        names = [self.names[one] for one in tests]
        return tuple(sorted(names, key=lambda name: (self.seconds[name], name)))


def joined(old: dict[str, Any], new: dict[str, Any], files: Collection[str]) -> dict[str, Any]:
    """Return what was measured of all tests, after those of some files were measured anew."""
    stay = [n for n, (name, _) in enumerate(old["tests"]) if name.partition("::")[0] not in files]
    place = {before: after for after, before in enumerate(stay)}
    lines: dict[str, dict[str, list[int]]] = {}
    for path, by_line in old["lines"].items():
        lines[path] = {
            line: [place[n] for n in found if n in place] for line, found in by_line.items()
        }
    for path, by_line in new["lines"].items():
        for line, found in by_line.items():
            mine = lines.setdefault(path, {}).setdefault(line, [])
            mine += [len(stay) + n for n in found]
    return {
        "tests": [*(old["tests"][n] for n in stay), *new["tests"]],
        "lines": lines,
        "early": old["early"],
    }
