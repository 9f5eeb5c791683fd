"""The vault against the log: every file, every object that an event names, nothing else.

    listed = list_vault(inspection)                   before the log is read
    for found in check_vault(inspection, listed, outcome, told): ...

What an event names is there and is what was signed for: record, keys, ciphertext, salted digest,
size, media type. What an erasure names is not there. The folder is listed before the log is looked
at, so that a file which arrives meanwhile is not taken for one of nobody.

Source: design FORMATS section 5, decision D10.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.errors import Absent, PistaError, StorageError
from ledger.fsck.finding import Finding, remark
from ledger.vault.commitment import COMMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger.fsck.outcome import Named, Outcome
    from ledger.vault.inspection import FoundFile, Inspection
    from ledger.vault.vault import StoredObject

_RESTORE: Final = "rimettere il deposito da una copia di riserva verificata"
_LEFTOVER: Final = (
    "resto di una scrittura interrotta: si toglie da sé alla prossima apertura del deposito"
)
_UNKNOWN: Final = "non è un file del deposito: spostarlo altrove, dopo aver guardato di chi è"
_UNREFERENCED: Final = "nessuna scheda di chiave ne parla: nessuno lo può leggere"


@dataclass(slots=True)
class Listed:
    """The files of a vault, by what they are; `failure` when the folder cannot be read."""

    records: dict[bytes, FoundFile] = field(default_factory=dict)
    objects: dict[str, FoundFile] = field(default_factory=dict)
    leftovers: list[FoundFile] = field(default_factory=list)
    unknown: list[FoundFile] = field(default_factory=list)
    failure: str = ""


def list_vault(inspection: Inspection) -> Listed:
    """Return what is in the folder."""
    listed = Listed()
    try:
        for one in inspection.files():
            match one.meaning:
                case "record":
                    listed.records[one.commit] = one
                case "object":
                    listed.objects[one.id] = one
                case "leftover":
                    listed.leftovers.append(one)
                case "unknown":
                    listed.unknown.append(one)
        if listed.leftovers and inspection.is_at_work():
            listed.leftovers.clear()
    except OSError as error:
        listed.failure = error.strerror or str(error)
    return listed


def check_vault(
    inspection: Inspection, listed: Listed, outcome: Outcome, told: Callable[[int, int], None]
) -> Iterator[Finding]:
    """Yield what is wrong; `told` hears how many objects are done, of how many."""
    if listed.failure:
        yield _fault("vault-unreadable", f"il deposito non si legge: {listed.failure}", "")
        return
    yield from _check_marker(inspection)
    named = {_commit(text): one for text, one in outcome.objects.items()}
    named.pop(b"", None)
    erased = {_commit(text): index for text, index in outcome.erasures.commits.items()}
    read: set[str] = set()
    for number, (commit, file) in enumerate(listed.records.items(), start=1):
        told(number, len(listed.records))
        yield from _check_record(inspection, commit, file, read)
        if commit in erased:
            sentence = f"è cancellato dalla registrazione {erased[commit]}, ma c'è ancora"
            yield _fault("erased-object-present", sentence, file.path)
        elif commit not in named and outcome.is_whole:
            sentence = "nessuna registrazione lo nomina: caricato e mai registrato"
            yield _remark("object-unnamed", sentence, file)
    yield from _check_named(inspection, named, erased, listed)
    yield from _check_others(listed, read)


def _check_marker(inspection: Inspection) -> Iterator[Finding]:
    """Look at the two files that every vault has; a lock that is gone is made anew when needed."""
    for name, verify in (("vault", inspection.verify_marker), ("lock", inspection.verify_lock)):
        try:
            verify()
        except StorageError as error:
            is_fault = name == "vault" or not isinstance(error, Absent)
            yield Finding(error.code, error.sentence, file=f"vault/{name}", is_fault=is_fault)
        except OSError as error:
            yield _fault("vault-unreadable", f"il file non si legge: {error.strerror}", name)


def _check_record(
    inspection: Inspection, commit: bytes, file: FoundFile, read: set[str]
) -> Iterator[Finding]:
    """Verify an object, and note that its ciphertext has a record."""
    try:
        read.add(inspection.object_of(commit))
        inspection.verify(commit)
    except PistaError as error:
        if error.code != "object-absent":  # erased in the meantime
            yield _fault(error.code, error.sentence, file.path)
    except OSError as error:
        yield _fault("vault-unreadable", f"il file non si legge: {error.strerror}", file.path)


def _check_named(
    inspection: Inspection, named: dict[bytes, Named], erased: dict[bytes, int], listed: Listed
) -> Iterator[Finding]:
    """Compare what events say of objects with what the vault says."""
    for commit, one in named.items():
        try:
            stored = inspection.describe(commit)
        except Absent:
            if commit not in erased and commit not in listed.records:
                yield _missing(commit, one, inspection.file_of(commit).path)
            continue
        except PistaError:
            continue  # told when its record was verified
        if commit not in listed.records:
            yield from _check_record(inspection, commit, inspection.file_of(commit), set())
        yield from _compare(inspection.file_of(commit).path, one, stored)


def _compare(path: str, one: Named, stored: StoredObject) -> Iterator[Finding]:
    for column, found, said in (
        ("size_bytes", stored.size_bytes, one.size_bytes),
        ("media_type", stored.media_type, one.media_type),
    ):
        if found != said:
            yield Finding(
                "object-differs",
                f"{column} è {found}, la registrazione {one.index} dice {said}: {_RESTORE}",
                key=column,
                file=f"vault/{path}",
                stored=str(found),
                expected=str(said),
            )


def _missing(commit: bytes, one: Named, path: str) -> Finding:
    sentence = (
        f"la registrazione {one.index} nomina l'oggetto {b64encode(commit).decode()}, che non c'è,"
        " e nessuna registrazione ne dice la cancellazione"
    )
    return _fault("object-missing", sentence, path)


def _check_others(listed: Listed, read: set[str]) -> Iterator[Finding]:
    for id_, file in listed.objects.items():
        if id_ not in read:
            yield _remark("vault-file-unreferenced", _UNREFERENCED, file)
    for file in listed.leftovers:
        yield _remark("vault-leftover", _LEFTOVER, file)
    for file in listed.unknown:
        yield _remark("vault-file-unknown", _UNKNOWN, file)


def _fault(code: str, sentence: str, file: str) -> Finding:
    return Finding(code, f"{sentence}: {_RESTORE}", file=f"vault/{file}")


def _remark(code: str, sentence: str, file: FoundFile) -> Finding:
    return remark(code, sentence, file=f"vault/{file.path}")


def _commit(text: str) -> bytes:
    """Return the commitment of a base64 text, nothing for what is none."""
    try:
        commit = b64decode(text, validate=True)
    except ValueError:
        return b""
    return commit if len(commit) == COMMIT_BYTES else b""
