"""Where in a file a change stands: the statement that it changes, and the function around it.

Tests that never come to the statement cannot notice the change. A function of which no line was run
before a trial can be given its changed code in place: the process is then as if its module had been
read with the change, for all that was run so far is the same.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """The lines of a statement (its head, when it has a body), and those of the body of the function.

    Without `body` it stands in the module or a class, or in what a definition is read with: decorators,
    defaults, annotations. Without `lines` too, it is outside of every statement that runs by itself.
    """

    lines: range
    body: range | None


def place_of(tree: ast.Module, line: int, end_line: int) -> Place:
    """Return the place of what stands on these lines."""
    around = [node for node in _blocks(tree) if _first(node) <= line and end_line <= _last(node)]
    bodies = [
        range(_first(node.body[0]), _last(node) + 1)
        for node in around
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    body = next((one for one in bodies if line in one), None)
    return Place(lines=_head(max(around, key=_first)) if around else range(0), body=body)


def _blocks(tree: ast.Module) -> list[ast.stmt | ast.excepthandler | ast.match_case]:
    kinds = (ast.stmt, ast.excepthandler, ast.match_case)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def _first(node: ast.AST) -> int:
    """Return the first line, that of the first decorator."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = getattr(node, "decorator_list", [])
    return min(one.lineno for one in [node, *decorators])  # type: ignore[attr-defined]  # a place in the file


def _last(node: ast.AST) -> int:
    found = node.body[-1] if isinstance(node, ast.match_case) else node
    return int(found.end_lineno)  # type: ignore[attr-defined]  # a place in the file


def _head(node: ast.stmt | ast.excepthandler | ast.match_case) -> range:
    """Return the lines before the body, or all of them."""
    body = getattr(node, "body", None)
    return range(_first(node), _first(body[0]) if body else _last(node) + 1)
