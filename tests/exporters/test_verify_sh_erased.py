"""verify.sh over packages with something erased or withheld: coherent, but the outcome is 3.

Whether an erasure is lawful is judged by `pista verify`; the script looks for the registration that
names what is absent, and excuses nothing else.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from exporters.package import write_folder
from ledger.records import encode_digest
from ledger.signing.envelope import parse
from tests.exporters.ledger_fixture import ACT, CUP, Built, build
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
from tests.exporters.unpacked import LAW
from tests.exporters.verification.attacker import Forgery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_public_package_may_withhold_a_document_and_is_then_incomplete(
    whole: Path, tools: Path, tmp_path: Path
) -> None:
    forged = Forgery(whole, tmp_path)
    without_document(**WITHHELD)(forged)
    replaced("/bag-info.txt", "completo", "pubblico")(forged)
    judged = judge(sealed(forged), tools)
    assert (judged.returncode, judged.stderr) == (3, "")
    assert "ESITO    coerente, ma con cancellazioni" in judged.stdout
    one = judge(forged.root, tools, "registrazione", str(DETERMINA_AT))
    assert (one.returncode, one.stderr) == (3, "")


def erase_document(built: Built) -> tuple[Built, int]:
    """Erase the determina's document by law; return the ledger and the registration that named it."""
    registered = built.evidence.stream(f"act/{ACT}", built.size)[0]
    (ref,) = parse(built.evidence.envelope(registered)).objects
    record_erasure(built, {"commits": [encode_digest(ref.commit)]})
    built.evidence.vault.erase(ref.commit)
    return built, registered


def erase_envelope(built: Built) -> tuple[Built, int]:
    """Erase the last envelope of the CUP by law; return the ledger and its index."""
    last = built.evidence.stream(f"cup/{CUP}", built.size)[-1]
    digest = hashlib.sha256(built.evidence.envelope(last)).digest()
    named = {"index": last, "digest": encode_digest(digest)}
    record_erasure(built, {"commits": [], "envelopes": [named]})
    evidence = ErasedEvidence.of(built, last)
    return Built(built.ledger, evidence, evidence.last_head()), last


ERASURES = {"a document": erase_document, "an envelope": erase_envelope}


@pytest.mark.parametrize("erase", ERASURES.values(), ids=ERASURES)
def test_what_is_erased_by_a_registration_leaves_the_outcome_open_when_it_is(
    tools: Path, tmp_path: Path, erase: Callable[[Built], tuple[Built, int]]
) -> None:
    built, index = erase(build(tmp_path))
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (3, "")
    assert "1 assenti" in judged.stdout
    assert "qui non si" in judged.stdout
    one = judge(package, tools, "registrazione", str(index))
    assert (one.returncode, one.stderr) == (3, "")
    assert judge(package, tools, "registrazione", "0").returncode == 0


def test_an_erasure_excuses_nothing_that_it_does_not_name(tools: Path, tmp_path: Path) -> None:
    built, index = erase_document(build(tmp_path))
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
