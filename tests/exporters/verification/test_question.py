"""What the package says of itself: head, day, kind, remarks, each held to what the log proves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.exporters.verification.attacker import Forgery, codes

if TYPE_CHECKING:
    from pathlib import Path

    from tests.exporters.ledger_fixture import Built


@pytest.fixture
def forged(package: Path, tmp_path: Path) -> Forgery:
    """Return a copy of the package to tamper with."""
    return Forgery(package, tmp_path)


def requestion(forged: Forgery, old: str, new: str) -> None:
    """Change a line of bag-info.txt and seal again."""
    path = forged.path("/bag-info.txt")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    forged.seal()


def test_a_public_package_that_withholds_nothing_passes_and_is_told(
    forged: Forgery, built: Built
) -> None:
    requestion(forged, "Pista-Kind: completo", "Pista-Kind: pubblico")
    report = forged.verify(built.policy)
    assert (report.failures, report.verdict) == ((), "verified")
    assert "pacchetto pubblico" in report.step(15).detail


def test_a_package_of_no_known_kind_is_refused(forged: Forgery, built: Built) -> None:
    requestion(forged, "Pista-Kind: completo", "Pista-Kind: segreto")
    report = forged.verify(built.policy)
    assert "bag-info-unreadable" in codes(report, 15)


def test_a_state_of_a_day_after_the_head_is_refused(forged: Forgery, built: Built) -> None:
    requestion(forged, "Pista-As-Of: 2026-03-03", "Pista-As-Of: 2026-03-04")
    assert codes(forged.verify(built.policy), 15) == {"as-of-after-head"}


def test_the_time_of_the_head_needs_the_leaf_that_proves_it(forged: Forgery, built: Built) -> None:
    forged.path("leaves/62.leaf").unlink()
    forged.path("proofs/62.tlog-proof").unlink()
    requestion(forged, "Pista-Head-Time: 2026-03-03", "Pista-Head-Time: 2031-03-03")
    assert codes(forged.verify(built.policy), 15) >= {"file-missing", "question-differs"}


def test_a_remark_is_told_as_not_proven(forged: Forgery, built: Built) -> None:
    requestion(forged, "Kind: completo\n", "Kind: completo\nPista-Remark: Collaudo approvato\n")
    report = forged.verify(built.policy)
    assert report.exit == 0
    assert "annotazione non provata: «Collaudo approvato»" in report.step(15).detail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Pista-CUP: C81C22001220006", b"Pista-CUP: C81F22001230006"),
        (b"Pista-Origin: demo.", b"Pista-Origin: altro."),
        (b"Pista-Size: 64", b"Pista-Size: 63"),
        (b"Pista-As-Of: 2026-03-03", b"Pista-As-Of: 2026-01-31"),
        (b"Pista-Known-At: 64", b"Pista-Known-At: 30"),
        (b"Pista-Known-At: 64", b"Pista-Known-At: 640"),
        (b"Pista-Head-Time: 2026-03-03", b"Pista-Head-Time: 2026-03-02"),
        (b"Pista-Kind: completo", b"Pista-Kind: parziale"),
        (b"Bag-Software-Agent: Pista", b"Bag-Software-Agent: pista"),
    ],
)
def test_another_question_is_not_what_was_answered(
    forged: Forgery, built: Built, old: bytes, new: bytes
) -> None:
    path = forged.path("/bag-info.txt")
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    if not old.startswith(b"Bag"):
        forged.seal()
    assert forged.verify(built.policy).exit == 1
