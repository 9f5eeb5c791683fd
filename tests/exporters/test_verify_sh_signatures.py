"""verify.sh over events that a careless log let in: it believes signatures and not the log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from exporters.package import write_folder
from ledger.errors import NotVerified
from ledger.signing.envelope import assemble
from tests.exporters.ledger_fixture import CUP, build
from tests.exporters.ledger_writer import ADMINISTRATOR, RUP, Ledger
from tests.exporters.script_judge import judge
from tests.exporters.unpacked import LAW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def note(ledger: Ledger) -> dict[str, Any]:
    """Return the payload of one more event of the RUP on the CUP."""
    data = {"phase": "COLLAUDO"}
    streams, on = [f"cup/{CUP}"], date(2026, 3, 2)
    return ledger.draft(RUP, "phase-entered/1", streams, data, role="rup", on=on)


def signed_by_nobody(ledger: Ledger) -> bytes:
    """Return an envelope whose signature is made up."""
    return assemble(ledger.sign(RUP, note(ledger)).rpartition(b".")[0], bytes(63) + b"\x01")


def signed_by_another(ledger: Ledger) -> bytes:
    """Return an envelope in the name of the RUP with the key of an administrator."""
    return ledger.sign(RUP, note(ledger), ledger.holders[ADMINISTRATOR])


def signed_with_a_new_key(ledger: Ledger) -> bytes:
    """Return an envelope signed with a key that nobody enrolled."""
    return ledger.sign(RUP, note(ledger), ledger.enter(RUP, "third"))


def signed_under_another_certificate(ledger: Ledger) -> bytes:
    """Return an envelope whose header names the certificate of another key."""
    mixed = replace(ledger.holders[RUP], certificate=ledger.holders[ADMINISTRATOR].certificate)
    return ledger.sign(RUP, note(ledger), mixed)


def for_another_ledger(ledger: Ledger) -> bytes:
    """Return an envelope that was signed for another ledger."""
    return ledger.sign(RUP, {**note(ledger), "ledger": "altro.example/x"})


LIES: dict[str, tuple[Callable[[Ledger], bytes], str]] = {
    "nobody signed": (signed_by_nobody, "busta 64: la firma è falsa"),
    "another actor's key signed": (signed_by_another, "busta 64: la chiave è di un altro attore"),
    "the certificate is another": (
        signed_under_another_certificate,
        "busta 64: il certificato non è quello firmato",
    ),
    "it was for another ledger": (for_another_ledger, "la busta 64 è di un altro registro"),
}


@pytest.mark.parametrize(("lie", "told"), LIES.values(), ids=LIES)
def test_an_event_that_the_log_let_in_does_not_pass_when(
    tools: Path, tmp_path: Path, lie: Callable[[Ledger], bytes], told: str
) -> None:
    built = build(tmp_path)
    built.ledger.submit(lie(built.ledger))
    package = write_folder(built.evidence, [CUP], tmp_path, law=LAW).path
    judged = judge(package, tools, "registrazione", "64")
    assert judged.returncode == 1, judged.stdout
    assert told in judged.stderr


def test_an_event_of_a_key_that_was_never_enrolled_is_not_even_exported(tmp_path: Path) -> None:
    built = build(tmp_path)
    built.ledger.submit(signed_with_a_new_key(built.ledger))
    with pytest.raises(NotVerified, match="certificate-missing"):
        write_folder(built.evidence, [CUP], tmp_path, law=LAW)
