"""Putting what was made aside in its place, so that it can be cut off anywhere and done again.

    <home>/restore.tmp/home/...       what is to become the home, complete and verified
    <home>/restore.tmp/placing        the names that are about to be moved, written before the first

A home is a ledger once `ledger.json` is in it, which is moved last. Until then nobody opens it, and
whoever restores again first takes back what the list says was moved: those names were free when the
list was written, so nothing of anybody else is ever removed.
"""

from __future__ import annotations

import filecmp
import shutil
from typing import TYPE_CHECKING, Final

from ledger.application.backup_form import SECRETS, SETTINGS
from ledger.application.work_folder import clear
from ledger.errors import Conflict
from ledger.vault.durable import make_folder, sync_folder, write_new

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

WORK: Final = "restore.tmp"
STAGED: Final = "home"

_PLACING: Final = "placing"
_KEYS: Final = "keys"


def place(work: Path, home: Path) -> None:
    """Move everything staged into the home, the settings last.

    Raises:
        Conflict: when something is there already (`restore-in-the-way`); nothing was moved.
    """
    staged = work / STAGED
    names = list(_names(staged))
    check_free(home, names, staged)
    new = [name for name in names if not _is_same_secret(home, name, staged)]
    write_new(work / _PLACING, "".join(f"{name}\n" for name in new).encode("utf-8"))
    for name in new:
        make_folder((home / name).parent)
        (staged / name).rename(home / name)
        sync_folder((home / name).parent)


def take_back(work: Path, home: Path) -> None:
    """Remove what a placing that was cut off had moved, and all that it had prepared."""
    placing = work / _PLACING
    if placing.exists():
        for name in placing.read_text(encoding="utf-8").splitlines():
            if not (work / STAGED / name).exists():
                _remove(home / name)
        sync_folder(home)
    clear(work)


def check_free(home: Path, names: Iterable[str], source: Path) -> None:
    """Refuse to put things where others are; an empty folder and the same secret may be there.

    Raises:
        Conflict: when something else is there (`restore-in-the-way`).
    """
    taken = [
        name
        for name in names
        if (home / name).exists()
        and not _is_empty(home / name)
        and not _is_same_secret(home, name, source)
    ]
    if taken:
        raise Conflict(
            "restore-in-the-way",
            f"In {home} c'è già {', '.join(sorted(taken))}: spostarlo altrove, o indicare un'altra"
            " cartella con --ledger. Possono restare l'ancora e le chiavi.",
        )


def units(names: Iterable[str]) -> set[str]:
    """Return what is moved in one piece: each file of the folder of keys, else what is on top."""
    return {name if name.startswith(f"{_KEYS}/") else name.split("/", 1)[0] for name in names}


def _names(staged: Path) -> Iterator[str]:
    """Yield what is to be moved, in order, the settings last."""
    found = sorted(path.name for path in staged.iterdir() if path.name not in {_KEYS, SETTINGS})
    keys = staged / _KEYS
    yield from found
    yield from sorted(f"{_KEYS}/{path.name}" for path in keys.iterdir()) if keys.exists() else ()
    yield SETTINGS


def _is_same_secret(home: Path, name: str, source: Path) -> bool:
    paths = home / name, source / name
    return name in SECRETS and all(map(_is_file, paths)) and filecmp.cmp(*paths, shallow=False)


def _is_file(path: Path) -> bool:
    return path.is_file()


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
