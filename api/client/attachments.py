"""Files and persons of a request: brought to the vault before the draft, named in the event.

    "files":   {"determina.pdf.p7m": "docs/100.pdf.p7m"}     name in the event -> path
    "persons": {"rossi": {"name": "..."}}                    alias -> values; "@rossi" in data

A person is `p_` and 26 characters; the values are an object of the vault, committed to in the event
that first names them. Later requests of the same file may use the alias again.
Source: DOMAIN sections 8 and 9.13.
"""

from __future__ import annotations

import base64
import io
import json
from typing import TYPE_CHECKING, Any

from api.client.book import append_lines, read_whole_lines
from ledger.domain.documents import PERSON_TYPE
from ledger.domain.event import ObjectRef
from ledger.errors import Fault, Malformed, StorageError
from ledger.records import encode_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ledger.vault.vault import StoredObject, Vault

MEDIA_TYPES = {
    ".p7m": "application/pkcs7-mime",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
    ".json": "application/json",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".csv": "text/csv",
    ".txt": "text/plain",
}


class Attachments:
    """Keeps the files and persons of requests in the vault and remembers the aliases."""

    def __init__(
        self, vault: Vault, folder: Path, book: Path, random: Callable[[int], bytes]
    ) -> None:
        """Resolve paths against `folder`; `book` keeps the references of aliases between runs.

        Raises:
            StorageError: `persons-unreadable`, when the book is none of ours.
        """
        self._vault = vault
        self._folder = folder
        self._book = book
        self._random = random
        self._persons: dict[str, tuple[str, ObjectRef]] = {}
        for line in read_whole_lines(book):
            try:
                alias, person, commit, size = json.loads(line)
            except (ValueError, TypeError) as error:
                raise StorageError(
                    "persons-unreadable",
                    f"Il file {book} non è quello delle persone: rimetterlo com'era, oppure"
                    " spostarlo e ripetere i «persons» nelle richieste.",
                ) from error
            ref = ObjectRef(f"{person}.json", commit, size, PERSON_TYPE)
            self._persons[alias] = (person, ref)

    def resolve(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], list[ObjectRef]]:
        """Return the request without files and persons, and the objects of its event.

        Raises:
            Malformed: when `files` or `persons` are not as above (`malformed-request`), a file
                cannot be read (`file-missing`), an alias has no values (`person-unknown`) or
                others than before (`person-redefined`).
        """
        files = _members(request, "files", str, "un percorso")
        persons = _members(request, "persons", dict, "un oggetto con i dati della persona")
        objects = [self._file(name, path) for name, path in files.items()]
        for alias, values in persons.items():
            self._note_person(alias, values)
        plain, used = self.named(request)
        objects.extend(used.values())
        return plain, sorted(objects, key=lambda ref: ref.name)

    def named(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, ObjectRef]]:
        """Return the request with persons by reference, and those it names; nothing is kept.

        Raises:
            Malformed: `person-unknown`.
        """
        plain = {k: v for k, v in request.items() if k not in ("files", "persons", "by")}
        used: dict[str, ObjectRef] = {}
        plain["data"] = self._replace(plain.get("data", {}), "/data", used)
        return plain, used

    def _file(self, name: str, given: str) -> ObjectRef:
        path = self._folder / given
        if not path.is_file():
            sentence = f"il file {path} non esiste o non è un file"
            raise Malformed(sentence, [Fault(f"/files/{name}", "file-missing", sentence)])
        media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
        return _ref(name, self._vault.put(path, media_type))

    def _note_person(self, alias: str, values: Mapping[str, Any]) -> None:
        """Keep the values of an alias the first time; they stay what they are."""
        try:
            text = json.dumps(values, ensure_ascii=False, sort_keys=True).encode()
        except UnicodeEncodeError as error:
            sentence = "i dati della persona contengono un carattere che non è Unicode"
            fault = Fault(f"/persons/{alias}", "malformed-request", sentence)
            raise Malformed(sentence, [fault]) from error
        if alias in self._persons:
            self._check_same(alias, text)
        else:
            person = "p_" + base64.b32encode(self._random(17)).decode().lower()[:26]
            stored = self._vault.put(io.BytesIO(text), PERSON_TYPE)
            ref = _ref(f"{person}.json", stored)
            self._persons[alias] = (person, ref)
            append_lines(self._book, [json.dumps([alias, person, ref.commit, ref.size_bytes])])

    def _check_same(self, alias: str, text: bytes) -> None:
        """Refuse other values under a known alias: they would be those of another person."""
        commit = base64.b64decode(self._persons[alias][1].commit)
        if self._vault.exists(commit) and b"".join(self._vault.open(commit)) != text:
            sentence = f"@{alias} ha già altri dati in questo file: usare un altro nome"
            raise Malformed(sentence, [Fault(f"/persons/{alias}", "person-redefined", sentence)])

    def _replace(self, value: Any, pointer: str, used: dict[str, ObjectRef]) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            return {k: self._replace(v, f"{pointer}/{k}", used) for k, v in value.items()}
        if isinstance(value, list):
            return [self._replace(v, f"{pointer}/{n}", used) for n, v in enumerate(value)]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        alias = value[1:]
        if alias not in self._persons:
            sentence = f"la persona {value} non è nei «persons» di questa richiesta né prima"
            raise Malformed(sentence, [Fault(pointer, "person-unknown", sentence)])
        person, ref = self._persons[alias]
        used[alias] = ref
        return person


def _members(request: Mapping[str, Any], name: str, kind: type, what: str) -> dict[str, Any]:
    """Return a member of the request that maps texts to values of one kind; empty when absent."""
    found = request.get(name, {})
    if isinstance(found, dict) and all(isinstance(value, kind) for value in found.values()):
        return found
    sentence = f"«{name}» è un oggetto: a ogni nome {what}"
    raise Malformed(sentence, [Fault(f"/{name}", "malformed-request", sentence)])


def _ref(name: str, stored: StoredObject) -> ObjectRef:
    return ObjectRef(name, encode_digest(stored.commit), stored.size_bytes, stored.media_type)
