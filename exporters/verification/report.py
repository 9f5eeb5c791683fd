"""The result of a verification: fifteen numbered steps, each with all that is wrong in it.

    CUP C81C22001220006, registro demo.comune.lecce.it/c_e506, stato al 03/03/2026, noto a 57 di 57 foglie
     1 ok           Criteri di fiducia: un registro, quorum none
     6 FALLITO      Registrazioni complete: 41 registrazioni in 9 flussi
         registrazione 12 [seq-broken] il flusso cup/C81C22001220006 passa dal posto 3 al posto 5
    ESITO contraddetto (1), stato al 03/03/2026, noto a 57 di 57 foglie; emittente non provato

    {"exit":1,"issuer":"not-proven",...,"steps":[{"detail":"...","failures":[],"number":1,
     "outcome":"passed","title":"Criteri di fiducia"}, ...],"v":1,"verdict":"contradicted"}

Exit 0: verified. 1: something contradicts. 3: nothing contradicts, but the evidence is incomplete
or not anchored in anything that came from outside the package. Source: FORMATS section 7.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from ledger.domain.days import format_date, format_day_it
from ledger.signing.canonical import encode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

Outcome = Literal["passed", "failed", "incomplete", "withheld", "not-applicable"]
Verdict = Literal["verified", "contradicted", "incomplete", "withheld"]
Issuer = Literal["proven", "not-proven"]

TITLES: Final[Mapping[int, str]] = {
    1: "Criteri di fiducia",
    2: "Punto di controllo",
    3: "Marche temporali",
    4: "Foglia di chiusura",
    5: "Righe dei flussi",
    6: "Registrazioni complete",
    7: "Impronte delle registrazioni",
    8: "Firme e chiavi",
    9: "Basi dichiarate dai firmatari",
    10: "Tempi",
    11: "Documenti",
    12: "Stato ricalcolato",
    13: "Scansione del registro",
    14: "Punto di controllo conservato",
    15: "Involucro del pacchetto",
}

_WORDS: Final[Mapping[Outcome, str]] = {
    "passed": "ok",
    "failed": "FALLITO",
    "incomplete": "incompleto",
    "withheld": "omissioni",
    "not-applicable": "-",
}
_VERDICTS: Final[Mapping[Verdict, tuple[str, int]]] = {
    "verified": ("verificato", 0),
    "contradicted": ("contraddetto", 1),
    "incomplete": ("coerente, ma incompleto o non ancorato", 3),
    "withheld": ("coerente, con le parti omesse di un pacchetto pubblico", 3),
}
_ISSUERS: Final[Mapping[Issuer, str]] = {
    "proven": "emittente provato dalla ricevuta",
    "not-proven": "emittente non provato",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that contradicts: the step, the leaf index or the file it is about, and why.

    `code` is stable kebab-case; `file` is the path of a member of the package.
    """

    step: int
    index: int | None
    file: str | None
    reason: str
    code: str

    def line(self) -> str:
        """Return the failure as one line for people."""
        place = [] if self.index is None else [f"registrazione {self.index}"]
        place += [] if self.file is None else [self.file]
        return printable(f"{' '.join([*place, f'[{self.code}]'])} {self.reason}")

    def plain(self) -> dict[str, Any]:
        """Return the failure as a JSON value; what it is not about is left out."""
        value: dict[str, Any] = {"code": self.code, "reason": self.reason}
        if self.index is not None:
            value["index"] = self.index
        if self.file is not None:
            value["file"] = self.file
        return value


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step: number of FORMATS 7, title, outcome, what was found, and what contradicts."""

    number: int
    title: str
    outcome: Outcome
    detail: str
    failures: tuple[Failure, ...] = ()

    def lines(self) -> list[str]:
        """Return the line of the step and, below it, one a failure."""
        head = f"{self.number:2} {_WORDS[self.outcome]:<12} {self.title}: {self.detail}"
        return [head, *(f"     {failure.line()}" for failure in self.failures)]

    def plain(self) -> dict[str, Any]:
        """Return the step as a JSON value."""
        return {
            "number": self.number,
            "title": self.title,
            "outcome": self.outcome,
            "detail": self.detail,
            "failures": [failure.plain() for failure in self.failures],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole result; `subjects` are the CUPs asked, `size` the leaves of the log covered.

    `origin` and `size` are None when the checkpoint could not be read. `as_of` is the legal day of
    the state that is shown and `known_at` the leaves it rests on, both as the package says; None
    when bag-info.txt could not be read. `times` is what time_told.py says, {} when there is nothing.
    """

    subjects: tuple[str, ...]
    origin: str | None
    size: int | None
    issuer: Issuer
    steps: tuple[StepResult, ...]
    as_of: date | None = None
    known_at: int | None = None
    times: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Return the worst of what the steps say: contradicted, incomplete, withheld or verified."""
        outcomes = {step.outcome for step in self.steps}
        if "failed" in outcomes:
            return "contradicted"
        if "incomplete" in outcomes:
            return "incomplete"
        return "withheld" if "withheld" in outcomes else "verified"

    @property
    def exit(self) -> int:
        """Return 0 verified, 1 contradicted, 3 incomplete, not anchored or withheld."""
        return _VERDICTS[self.verdict][1]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Return the failures of all steps, in their order."""
        return tuple(failure for step in self.steps for failure in step.failures)

    def step(self, number: int) -> StepResult:
        """Return the step of that number; KeyError when it is not there."""
        return {step.number: step for step in self.steps}[number]

    def lines(self) -> list[str]:
        """Return the report for people: the CUPs first, one line a step, the verdict last."""
        words, code = _VERDICTS[self.verdict]
        subjects = ", ".join(self.subjects) or "nessuno"
        head = f"CUP {subjects}, registro {self.origin}, {self._shown}"
        body = [line for step in self.steps for line in step.lines()]
        last = f"ESITO {words} ({code}), {self._shown}; {_ISSUERS[self.issuer]}"
        return [printable(head), *body, printable(last)]

    @property
    def _shown(self) -> str:
        """Say which state the package shows, of how much of the log."""
        size = "un numero ignoto di" if self.size is None else self.size
        if self.as_of is None:
            return f"stato ignoto, {size} foglie"
        return f"stato al {format_day_it(self.as_of)}, noto a {self.known_at} di {size} foglie"

    def to_json(self) -> bytes:
        """Return the report as canonical JSON (RFC 8785) with a final newline."""
        value = {
            "v": 1,
            "subjects": list(self.subjects),
            "origin": self.origin,
            "size": self.size,
            "as_of": None if self.as_of is None else format_date(self.as_of),
            "known_at": self.known_at,
            "issuer": self.issuer,
            "verdict": self.verdict,
            "exit": self.exit,
            "steps": [step.plain() for step in self.steps],
            **({"times": dict(self.times)} if self.times else {}),
        }
        return encode(value) + b"\n"


def printable(text: str) -> str:
    """Return the text with what a terminal or a JSON reader could stumble on shown as escapes."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )
