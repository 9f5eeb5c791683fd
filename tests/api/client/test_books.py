"""What is kept beside a file of requests: ids, persons, and reading the file itself."""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client.attachments import Attachments
from api.client.book import append_lines, read_whole_lines
from api.client.requests_file import LINE_LIMIT, IdBook, RequestLine, read_lines
from ledger.errors import Busy, Malformed, StorageError
from ledger.vault.folder import FolderVault
from ledger.vault.vaultkey import VaultKey
from tests.exporters.ledger_writer import counted_octets, octets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def numbered() -> Iterator[str]:
    """Return ids that are told apart."""
    return (f"id-{number}" for number in itertools.count())


def book(path: Path, ids: Iterator[str]) -> IdBook:
    """Return the book of one run."""
    return IdBook(path, lambda: next(ids))


def ids_of(path: Path, ids: Iterator[str], *texts: str) -> list[str]:
    """Return the ids that one run gives to the lines of a file."""
    lines = [RequestLine(number, text) for number, text in enumerate(texts, start=1)]
    with closing(book(path, ids)) as run:
        run.prepare(lines)
        return [run.id_of(line) for line in lines]


def test_a_line_keeps_its_id_in_the_next_run(tmp_path: Path) -> None:
    ids = numbered()
    first = ids_of(tmp_path / "x.ids", ids, "a", "b")
    assert ids_of(tmp_path / "x.ids", ids, "a", "b") == first == ["id-0", "id-1"]


def test_a_line_that_moved_keeps_its_id(tmp_path: Path) -> None:
    ids = numbered()
    ids_of(tmp_path / "x.ids", ids, "a")
    assert ids_of(tmp_path / "x.ids", ids, "new above", "a") == ["id-1", "id-0"]


def test_the_same_text_twice_has_two_ids(tmp_path: Path) -> None:
    ids = numbered()
    for _ in range(2):
        assert ids_of(tmp_path / "x.ids", ids, "a", "a") == ["id-0", "id-1"]


def test_a_changed_line_has_another_id(tmp_path: Path) -> None:
    ids = numbered()
    ids_of(tmp_path / "x.ids", ids, "a")
    assert ids_of(tmp_path / "x.ids", ids, "a corrected") == ["id-1"]


def test_the_ids_of_a_file_are_on_disk_before_the_first_is_used(tmp_path: Path) -> None:
    path = tmp_path / "x.ids"
    with closing(book(path, numbered())) as run:
        run.prepare([RequestLine(1, "a"), RequestLine(2, "b")])
        kept = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(" ")[:2] for line in kept] == [["1", "id-0"], ["2", "id-1"]]


def test_a_book_that_another_run_has_open_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "x.ids"
    with closing(book(path, numbered())), pytest.raises(Busy) as caught:
        book(path, numbered())
    assert caught.value.code == "requests-busy"
    assert str(path) in caught.value.sentence
    book(path, numbered()).close()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_an_id_that_was_being_written_was_never_used(tmp_path: Path, cut: int) -> None:
    path, ids = tmp_path / "x.ids", numbered()
    ids_of(path, ids, "a", "b")
    path.write_bytes(path.read_bytes()[:-cut])
    assert ids_of(path, ids, "a", "b") == ["id-0", "id-2"]
    assert ids_of(path, ids, "a", "b") == ["id-0", "id-2"]


def test_a_file_that_is_no_book_of_ids_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.ids").write_text("cara zia\n", encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        book(tmp_path / "x.ids", numbered())
    assert caught.value.code == "ids-unreadable"
    assert "x.ids" in caught.value.sentence


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))))
def test_lines_that_were_appended_are_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("book") / "lines"
    for line in lines[:5]:
        append_lines(path, [line])
    assert read_whole_lines(path) == lines[:5]


BAD_LINES: dict[str, str] = {
    "not JSON": "registra questo",
    "cut in the middle": '{"command": "enter-ph',
    "a list": "[1, 2]",
    "a text": '"enter-phase/1"',
    "null": "null",
    "a key twice": '{"command": "a/1", "command": "b/1"}',
    "a key twice inside": '{"data": {"phase": "A", "phase": "B"}}',
    "two objects": "{} {}",
    "too deep": '{"data":' + "[" * 100_000,
    "a number too long": '{"data":' + "9" * 5000 + "}",
    "too long": json.dumps({"note": "x" * LINE_LIMIT}),
}


@pytest.mark.parametrize("text", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_line_that_is_no_request_is_named_by_its_number(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        RequestLine(7, text).parse()
    assert "riga 7" in caught.value.sentence
    assert len(caught.value.faults[0].sentence) < 200


def test_blank_lines_and_remarks_are_passed_over() -> None:
    found = list(read_lines(["# un commento", "", '{"a":1}', "   ", '  {"b":2}  ']))
    assert [(line.number, line.text) for line in found] == [(3, '{"a":1}'), (5, '{"b":2}')]


def test_an_object_on_many_lines_is_one_request() -> None:
    (found,) = read_lines(["{\n", '  "a": 1\n', "}\n"])
    assert found.parse() == {"a": 1}


@pytest.fixture
def vault(tmp_path: Path) -> FolderVault:
    """An empty vault."""
    return FolderVault(tmp_path / "vault", VaultKey(octets("vault")), random=counted_octets("v"))


def attachments(vault: FolderVault, tmp_path: Path) -> Attachments:
    """Return the attachments of one run over requests in `tmp_path`."""
    return Attachments(vault, tmp_path, tmp_path / "x.persons", counted_octets("persons"))


def signed_by(alias: str, **persons: object) -> dict[str, Any]:
    """Return a request with a person."""
    return {"command": "a/1", "data": {"signatory": f"@{alias}"}, "persons": persons}


ROSSI = {"name": "Rosa Rossi-Mariani", "office": "Innovazione"}


def test_a_person_becomes_a_reference_and_an_object(vault: FolderVault, tmp_path: Path) -> None:
    plain, objects = attachments(vault, tmp_path).resolve(signed_by("rossi", rossi=ROSSI))
    person = plain["data"]["signatory"]
    assert person.startswith("p_")
    assert len(person) == 28
    assert [ref.name for ref in objects] == [f"{person}.json"]
    assert "Rossi-Mariani" not in json.dumps([plain, [ref.name for ref in objects]])


def test_an_alias_means_the_same_person_in_the_next_run(vault: FolderVault, tmp_path: Path) -> None:
    first, _ = attachments(vault, tmp_path).resolve(signed_by("rossi", rossi=ROSSI))
    again, objects = attachments(vault, tmp_path).resolve(signed_by("rossi"))
    assert (again["data"], len(objects)) == (first["data"], 1)
    assert "Rossi-Mariani" not in (tmp_path / "x.persons").read_text(encoding="utf-8")


def test_an_alias_never_becomes_another_person(vault: FolderVault, tmp_path: Path) -> None:
    attachments(vault, tmp_path).resolve(signed_by("rossi", rossi=ROSSI))
    other = {"name": "Anna Rossi"}
    with pytest.raises(Malformed) as caught:
        attachments(vault, tmp_path).resolve(signed_by("rossi", rossi=other))
    assert caught.value.faults[0].code == "person-redefined"
    assert "Anna" not in str(caught.value)
    attachments(vault, tmp_path).resolve(signed_by("rossi", rossi=ROSSI))


def test_a_file_that_is_no_book_of_persons_is_named(vault: FolderVault, tmp_path: Path) -> None:
    (tmp_path / "x.persons").write_bytes(b"\xff cara zia\n")
    with pytest.raises(StorageError) as caught:
        attachments(vault, tmp_path)
    assert caught.value.code == "persons-unreadable"


def test_persons_are_found_at_any_depth(vault: FolderVault, tmp_path: Path) -> None:
    request = {"data": {"rows": [{"by": "@a"}, {"by": "@b"}]}, "persons": {"a": {}, "b": {"x": 1}}}
    plain, objects = attachments(vault, tmp_path).resolve(request)
    assert [row["by"][:2] for row in plain["data"]["rows"]] == ["p_", "p_"]
    assert len(objects) == 2


def test_a_file_is_kept_under_its_name_in_the_event(vault: FolderVault, tmp_path: Path) -> None:
    (tmp_path / "scan.PDF").write_bytes(b"%PDF-1.7")
    request = {"data": {}, "files": {"determina.pdf": "scan.PDF"}, "by": "file:x"}
    plain, (ref,) = attachments(vault, tmp_path).resolve(request)
    assert (ref.name, ref.size_bytes, ref.media_type) == ("determina.pdf", 8, "application/pdf")
    assert set(plain) == {"data"}


BAD_ATTACHMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "files is a list": ({"files": ["a.pdf"]}, "malformed-request"),
    "a path is a number": ({"files": {"a.pdf": 5}}, "malformed-request"),
    "the file is not there": ({"files": {"a.pdf": "none.pdf"}}, "file-missing"),
    "the file is a folder": ({"files": {"a.pdf": "."}}, "file-missing"),
    "the path has a null": ({"files": {"a.pdf": "a\0b"}}, "file-missing"),
    "persons is a list": ({"persons": ["rossi"]}, "malformed-request"),
    "a person is a text": ({"persons": {"rossi": "Rosa"}}, "malformed-request"),
    "a value is no Unicode": ({"persons": {"rossi": {"name": "\ud800"}}}, "malformed-request"),
    "an alias that nobody is": ({"data": {"by": "@nessuno"}}, "person-unknown"),
}


@pytest.mark.parametrize("case", BAD_ATTACHMENTS.values(), ids=BAD_ATTACHMENTS.keys())
def test_attachments_of_the_wrong_form_are_named(
    vault: FolderVault, tmp_path: Path, case: tuple[dict[str, Any], str]
) -> None:
    request, code = case
    with pytest.raises(Malformed) as caught:
        attachments(vault, tmp_path).resolve(request)
    assert caught.value.faults[0].code == code
