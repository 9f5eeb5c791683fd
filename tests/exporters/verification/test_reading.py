"""Reading the members: their names, reasons.json, bag-info.txt, and what an absence means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from exporters.bag import Question, format_bag_info
from exporters.container import open_container
from exporters.verification.bag_info import parse_bag_info
from exporters.verification.case import Case, Given
from exporters.verification.erasure import ERASURE, judge_absence
from exporters.verification.package_reader import Package
from exporters.verification.reasons import parse_reasons
from exporters.verification.tally import Tally
from ledger.errors import NotVerified, Unreadable
from ledger.journal.leaf import EventLeaf, parse_leaf
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import Built, build
from tests.exporters.ledger_writer import ADMINISTRATOR

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


# Absences


def erased_case(built: Built, package: Path, *, streams: list[str], text: str) -> tuple[Case, int]:
    """Return a case whose envelope at an index is said to be erased by a later event."""
    index = built.evidence.stream(f"cup/{built.cup}", built.size)[3]
    leaf = parse_leaf(built.evidence.leaf(index))
    assert isinstance(leaf, EventLeaf)
    digest = built.evidence.leaf(index).split(b"\n")[3].decode()
    data = {"commits": [], "envelopes": [{"index": index, "digest": digest}]}
    receipt = built.ledger.record(ADMINISTRATOR, ERASURE, streams, data)
    with open_container(package) as container:
        case = Case(Package(container), Given(), Tally())
    envelope = parse(receipt.envelope)
    at = built.evidence.last_head() - 2
    case.leaves[index] = leaf
    case.envelopes[at] = envelope
    case.directory.apply(0, parse(built.evidence.envelope(0)))
    case.signers[at] = case.directory.signer_at(at, envelope)
    sentence = text.format(at=at)
    case.reasons = parse_reasons(
        f'[{{"event":{at},"index":{index},"kind":"erased","text":"{sentence}"}}]\n'.encode()
    )
    judge_absence(case, 7, index=index, leaf=leaf)
    return case, index


SENTENCE = "Contenuto della registrazione cancellato secondo legge, registrazione n. {at}."


@pytest.mark.parametrize(
    ("stream", "text", "outcome"),
    [
        ("cup/C81C22001220006", SENTENCE, "not-applicable"),
        ("cup/C81F22001230006", SENTENCE, "failed"),
        ("cup/C81C22001220006", "Altro testo, registrazione n. {at}.", "failed"),
    ],
    ids=["in its stream", "in another stream", "with another sentence"],
)
def test_an_erasure_is_lawful_in_the_streams_of_what_it_erases(
    package: Path, tmp_path: Path, stream: str, text: str, outcome: str
) -> None:
    case, _ = erased_case(build(tmp_path), package, streams=[stream], text=text)
    assert case.tally.result(7).outcome == outcome
