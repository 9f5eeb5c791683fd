"""verify.sh over packages with something erased or withheld.

What is lawfully erased is told with the registration that says so, and passes; what a public package
withholds leaves the outcome at 3; all else is a failure. The script judges request, approval and
erasure by what they say; whether their keys and roles were in force is judged by `pista verify`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import ACT, CUP, OTHER_CUP, Built, build
from tests.exporters.script_judge import DETERMINA_AT, judge
from tests.exporters.test_absences import ErasedEvidence, record_erasure
from tests.exporters.test_verify_sh_missing import (
    WITHHELD,
    erased,
    give_reasons,
    replaced,
    sealed,
    take_document,
    without_document,
)
from tests.exporters.unlawful_erasures import BY_KEYS, UNLAWFUL, What
from tests.exporters.unpacked import LAW
from tests.exporters.verification.attacker import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.exporters.ledger_writer import Ledger


def test_a_public_package_may_withhold_a_document_and_is_then_incomplete(
    whole: Path, tools: Path, tmp_path: Path
) -> None:
    forged = Forgery(whole, tmp_path)
    without_document(**WITHHELD)(forged)
    replaced("/bag-info.txt", "completo", "pubblico")(forged)
    judged = judge(sealed(forged), tools)
    assert (judged.returncode, judged.stderr) == (3, "")
    assert "ESITO    coerente, ma con omissioni" in judged.stdout
    one = judge(forged.root, tools, "registrazione", str(DETERMINA_AT))
    assert (one.returncode, one.stderr) == (3, "")


def erase_document(built: Built) -> tuple[Built, int, int]:
    """Erase the determina's document by law; return the ledger, what named it, what erased it."""
    registered = built.evidence.stream(f"act/{ACT}", built.size)[0]
    (ref,) = parse(built.evidence.envelope(registered)).objects
    at = record_erasure(built, registered, commits=[encode_digest(ref.commit)])
    built.evidence.vault.erase(ref.commit)
    return built, registered, at


def erase_envelope(built: Built) -> tuple[Built, int, int]:
    """Erase the last envelope of the CUP by law; return the ledger, its index, what erased it."""
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    digest = hashlib.sha256(built.evidence.envelope(last)).digest()
    named = {"index": last, "digest": encode_digest(digest)}
    at = record_erasure(built, last, envelopes=[named])
    evidence = ErasedEvidence.of(built, last)
    return Built(built.ledger, evidence, evidence.last_head()), last, at


ERASURES = {"a document": erase_document, "an envelope": erase_envelope}


@pytest.mark.parametrize("erase", ERASURES.values(), ids=ERASURES)
def test_what_is_lawfully_erased_passes_and_is_told(
    tools: Path, tmp_path: Path, erase: Callable[[Built], tuple[Built, int, int]]
) -> None:
    built, index, at = erase(build(tmp_path))
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    judged = judge(package, tools)
    told = f"secondo legge, registrazione n. {at}, approvata dalla n. {at - 2}\n"
    assert (judged.returncode, judged.stderr) == (0, "")
    assert judged.stdout.count("CANCELLATO ") == judged.stdout.count(told) == 1
    assert "1 assenti" in judged.stdout
    one = judge(package, tools, "registrazione", str(index))
    assert (one.returncode, one.stderr) == (0, "")
    assert told in one.stdout
    other = judge(package, tools, "registrazione", "0")
    assert (other.returncode, "CANCELLATO" in other.stdout) == (0, False)
    assert "ledger-founded/1" in other.stdout


def test_a_document_of_two_cups_is_told_as_erased_in_the_package_of_the_other(
    tools: Path, tmp_path: Path
) -> None:
    built, _, at = erase_document(build(tmp_path))
    package = write_folder(built.evidence, [OTHER_CUP], tmp_path, law=LAW).path
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert f"secondo legge, registrazione n. {at}," in judged.stdout


@pytest.mark.parametrize("fault", sorted(UNLAWFUL.keys() - BY_KEYS))
def test_an_erasure_excuses_nothing_when(tools: Path, tmp_path: Path, fault: str) -> None:
    built = build(tmp_path)
    record: Callable[[Ledger, What], int] = UNLAWFUL[fault]
    index = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    digest = hashlib.sha256(built.evidence.envelope(index)).digest()
    record(built.ledger, {"envelopes": [{"index": index, "digest": encode_digest(digest)}]})
    evidence = ErasedEvidence.of(built, index)
    package = write_folder(evidence, [CUP], tmp_path, law=LAW).path
    judged = judge(package, tools)
    assert judged.returncode == 1, judged.stdout
    assert "non è secondo legge" in judged.stderr
    assert "imprevisto" not in judged.stderr


def test_an_erasure_excuses_nothing_in_a_stream_that_it_does_not_join(
    tools: Path, tmp_path: Path
) -> None:
    built = build(tmp_path)
    registered = built.evidence.stream(f"act/{ACT}", built.size)[0]
    (ref,) = parse(built.evidence.envelope(registered)).objects
    alone = built.evidence.stream(f"cup/{CUP}", built.size)[0]
    record_erasure(built, alone, commits=[encode_digest(ref.commit)])
    judged = judge(write_folder(built.evidence, [CUP], tmp_path, law=LAW).path, tools)
    assert (judged.returncode, f"non è nel flusso act/{ACT}" in judged.stderr) == (1, True)


def test_an_erasure_excuses_nothing_that_it_does_not_name(tools: Path, tmp_path: Path) -> None:
    built, index, _ = erase_document(build(tmp_path))
    whole = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    forged = Forgery(whole, tmp_path / "forged")
    (known,) = json.loads(forged.path("reasons.json").read_text())
    commit = take_document(forged)
    forged.path(f"events/{index}.jws").rename(tmp_path / "kept.jws")
    give_reasons(forged, known, {"index": index, **erased(known["event"])})
    judged = judge(sealed(forged), tools)
    assert (judged.returncode, f"{known['event']} non lo cancella" in judged.stderr) == (1, True)
    (tmp_path / "kept.jws").rename(forged.path(f"events/{index}.jws"))
    give_reasons(forged, known, {"commit": commit, **erased(known["event"])})
    judged = judge(sealed(forged), tools)
    assert (judged.returncode, f"{known['event']} non lo cancella" in judged.stderr) == (1, True)
