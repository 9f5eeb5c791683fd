"""Two ways to give a program the changed source of one of its files; the file itself stays as it is.

Live(...).exchange(path, line, before, after)     the functions that are there get the changed code
read_changed(path, after)                         the module is read from the changed source
"""

from __future__ import annotations

import gc
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

IS_FUNCTION = 0x1  # CO_OPTIMIZED, which the code of a module or of a class has not


class NotExchangedError(Exception):
    """The changed code has no place to go: no verdict may follow from it."""


def outer_functions(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of the functions of a module and of its classes, not of those inside of them."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if one.co_flags & IS_FUNCTION:
                yield one
            else:
                yield from outer_functions(one)


class Live:
    """The functions that are there, by file and code."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Find the functions of some files."""
        self._found: dict[str, list[FunctionType]] = {
            str(Path(path).resolve()): [] for path in paths
        }
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__code__.co_filename in self._found:
                self._found[one.__code__.co_filename].append(one)

    def exchange(self, path: str, line: int, before: str, after: str) -> None:
        """Give the function around a line the code that it has in the changed source.

        Raises:
            NotExchangedError: when no function, or not the same one, is there before and after.
        """
        name = str(Path(path).resolve())
        olds, news = (
            list(outer_functions(compile(text, name, "exec", dont_inherit=True)))
            for text in (before, after)
        )
        if [one.co_qualname for one in olds] != [one.co_qualname for one in news]:
            raise NotExchangedError(f"{path} has other functions after the change at {line}")
        old, new = _around(line, list(zip(olds, news, strict=True)))
        found = [one for one in self._found[name] if one.__code__ == old]
        if not found:
            raise NotExchangedError(f"{path} has no function {old.co_qualname} in this process")
        for one in found:
            one.__code__ = new


def _around(line: int, pairs: Sequence[tuple[CodeType, CodeType]]) -> tuple[CodeType, CodeType]:
    return max(
        (pair for pair in pairs if pair[0].co_firstlineno <= line),
        key=lambda pair: pair[0].co_firstlineno,
    )


class _ChangedLoader(SourceFileLoader):
    """Reads a module from another text than its file has."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self.text = text

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the text; what is kept of the file is not asked."""
        del fullname
        return compile(self.text, self.path, "exec", dont_inherit=True)


class ChangedFile(MetaPathFinder):
    """Finds every module where it is, and one of them with another text."""

    def __init__(self, path: str, text: str) -> None:
        """Take the file that is changed and its text."""
        self.path = str(Path(path).resolve())
        self.text = text
        self.is_read = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module is, when it is the changed one."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin != self.path:
            return None
        self.is_read = True
        spec.loader = _ChangedLoader(fullname, self.path, self.text)
        return spec


def read_changed(path: str, text: str) -> ChangedFile:
    """Let the module of a file be read from another text, from here on."""
    changed = ChangedFile(path, text)
    sys.meta_path.insert(0, changed)
    return changed
