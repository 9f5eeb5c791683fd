"""Reading the members: their names, reasons.json, bag-info.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exporters.bag import Question, format_bag_info
from exporters.container import open_container
from exporters.verification.bag_info import parse_bag_info
from exporters.verification.package_reader import Package
from exporters.verification.reasons import parse_reasons
from ledger.errors import NotVerified, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

NAMES = {
    "bagit.txt": True,
    "data/p_1/representations/rep1/data/events/0.jws": True,
    "data/p_1/representations/rep1/data/events/10.jws": True,
    "data/p_1/representations/rep1/data/keys/ca.crt": True,
    f"data/p_1/representations/rep1/data/documents/{'A' * 43}/salt": True,
    "data/p_1/representations/rep1/data/state/C81C22001220006/history.xml": True,
    "data/p_1/schemas/state-1.json": True,
    "Bagit.txt": False,
    "bagit.txt.bak": False,
    "data/p_1/representations/rep1/data/events/00.jws": False,
    "data/p_1/representations/rep1/data/events/-1.jws": False,
    "data/p_1/representations/rep1/data/events/1.jws.jws": False,
    "data/p_1/representations/rep2/data/events/1.jws": False,
    "data/p-1/representations/rep1/data/events/1.jws": False,
    "data/events/1.jws": False,
}


@pytest.mark.parametrize(("name", "known"), NAMES.items())
def test_a_member_has_one_name_and_no_other(tmp_path: Path, name: str, known: bool) -> None:  # noqa: FBT001  a column of the table
    path = tmp_path / "package" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    with open_container(tmp_path / "package") as container:
        assert (Package(container).unknown == ()) is known


def test_a_member_over_the_limit_of_its_kind_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "bagit.txt").write_bytes(b"x" * 2000)
    with open_container(tmp_path) as container, pytest.raises(NotVerified, match="too-large"):
        Package(container).read("bagit")


BAD_REASONS = {
    "no newline": "[]",
    "not canonical": "[ ]\n",
    "no list": "{}\n",
    "nothing named": '[{"event":1,"kind":"erased","text":"x"}]\n',
    "both named": f'[{{"commit":"{DIGEST}","event":1,"index":2,"kind":"erased","text":"x"}}]\n',
    "no cause": '[{"index":1,"kind":"erased","text":"x"}]\n',
    "the cause of the other kind": '[{"event":1,"index":1,"kind":"withheld","text":"x"}]\n',
    "an unknown kind": '[{"event":1,"index":1,"kind":"lost","text":"x"}]\n',
    "an unknown member": '[{"event":1,"index":1,"kind":"erased","more":1,"text":"x"}]\n',
    "a negative index": '[{"event":1,"index":-1,"kind":"erased","text":"x"}]\n',
    "a truth for an index": '[{"event":1,"index":true,"kind":"erased","text":"x"}]\n',
    "a short commitment": '[{"commit":"AAAA","event":1,"kind":"erased","text":"x"}]\n',
    "out of order": '[{"event":1,"index":2,"kind":"erased","text":"x"},'
    '{"event":1,"index":1,"kind":"erased","text":"x"}]\n',
    "two reasons for one": '[{"event":1,"index":1,"kind":"erased","text":"x"},'
    '{"event":2,"index":1,"kind":"erased","text":"x"}]\n',
}


@pytest.mark.parametrize("text", BAD_REASONS.values(), ids=BAD_REASONS.keys())
def test_reasons_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        parse_reasons(text.encode())


def test_reasons_are_read_by_what_they_are_about() -> None:
    reasons = parse_reasons(
        f'[{{"commit":"{DIGEST}","kind":"withheld","legal_basis":"b","text":"t"}},'
        '{"event":9,"index":3,"kind":"erased","text":"u"}]\n'.encode()
    )
    assert reasons.commits[bytes(32)].legal_basis == "b"
    assert reasons.indexes[3].event == 9
    assert [absence.index for absence in reasons.absences()] == [3]


def test_a_question_is_read_back(folder_package_question: Question) -> None:
    text = format_bag_info(folder_package_question, [])
    assert parse_bag_info(text) == folder_package_question


@pytest.fixture
def folder_package_question(package: Path) -> Question:
    """Return the question of the package."""
    return parse_bag_info((package / "bag-info.txt").read_bytes())


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\n", b"Pista-CUP\n", b"Pista-CUP: C81C22001220006\n", b"Pista-Size: 1\n" * 2],
    ids=["empty", "not UTF-8", "no value", "labels missing", "a label twice"],
)
def test_a_bag_info_of_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="bag-info-unreadable"):
        parse_bag_info(data)
