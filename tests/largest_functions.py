"""Print the ten longest functions of the product, so that they are seen (part of `make check`)."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FOLDERS = ("ledger", "exporters", "api", "schemas")


def main() -> None:
    """Print length, file, line and name of the longest functions."""
    root = Path(__file__).resolve().parent.parent
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    found.append((length, path.relative_to(root), node.lineno, node.name))
    sys.stdout.write("largest functions\n")
    for length, path, line, name in sorted(found, key=lambda row: -row[0])[:10]:
        sys.stdout.write(f"{length:5} {path}:{line} {name}\n")


if __name__ == "__main__":
    main()
