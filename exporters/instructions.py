"""VERIFICA.txt and verify.sh: how to check a package with tools that are not ours.

VERIFICA.txt is filled from `templates/VERIFICA.txt`: what the package is, what is left out and why,
then recipes with sha256sum and openssl. verify.sh is `templates/verify.sh`, byte for byte: bash,
coreutils and openssl, no Python. Both say plainly what they do not prove.

Source: design EXPERIENCE section 9; FORMATS section 6.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from ledger.domain.days import format_day_it, legal_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exporters.absences import Absence
    from exporters.bag import Question


def format_instructions(question: Question, absences: Sequence[Absence]) -> bytes:
    """Return the text of VERIFICA.txt for one package."""
    head_on = legal_day(question.head_at)
    return (
        Template(_read("VERIFICA.txt").decode())
        .substitute(
            cups=" ".join(question.cups),
            origin=question.origin,
            size=question.size,
            head_on=f"{format_day_it(head_on)} ({question.head_at:%Y-%m-%dT%H:%M:%SZ})",
            as_of=format_day_it(question.as_of),
            known_at=question.known_at,
            kind=question.kind,
            id=question.package_id,
            absences=_absences(absences),
            remarks="".join(f"    Nota              {remark}\n" for remark in question.remarks),
        )
        .encode()
    )


def read_script() -> bytes:
    """Return the bytes of verify.sh."""
    return _read("verify.sh")


def _read(name: str) -> bytes:
    return (files("exporters") / "templates" / name).read_bytes()


def _absences(absences: Sequence[Absence]) -> str:
    if not absences:
        return "    Nulla: ogni registrazione, ogni documento che essa nomina, tutto è qui."
    return "\n".join(f"    {absence.sentence}" for absence in absences)
