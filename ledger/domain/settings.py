"""Settings of the body: which there are, what each may be, and its default.

    setting                 default   may be             means
    albo.count_from         start     start, end         i dieci giorni decorrono dall'inizio o dalla fine
    source.shrunk_percent   5         0 to 100           ...
    trust.policy            fondazione  an SHA-256       ...

The table is data (schemas/codes/settings.json). `policy-adopted/1` gives a setting another value.
Source: DOMAIN sections 4.3, 9.11, 9.13, 10 and 11.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

TRUST_POLICY: Final = "trust.policy"  # which file of trust is meant to be in the packages

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,14}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting; a value is one of `allowed`, a whole number from `least` to `most`, or of a form.

    With `allowed` and bounds both, either may be adopted.
    """

    setting: str
    default: str
    allowed: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    form: Literal["sha256"] | None = None
    means: str
    source: str

    def admits(self, value: str) -> bool:
        """Return whether a value may be adopted."""
        if self.form is not None:
            return _SHA256.fullmatch(value) is not None
        if self.least is None or self.most is None or value in self.allowed:
            return value in self.allowed
        return _NUMBER.fullmatch(value) is not None and self.least <= int(value) <= self.most

    @property
    def words(self) -> str:
        """Return in Italian what a value may be."""
        if self.form is not None:
            return "un'impronta SHA-256 (64 cifre esadecimali minuscole)"
        if self.least is None or self.most is None:
            return " o ".join(self.allowed)
        return " o ".join((*self.allowed, f"un numero intero da {self.least} a {self.most}"))
