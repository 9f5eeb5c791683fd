"""The bag around the payload: its declaration, and what it says of itself.

    bagit.txt       BagIt-Version: 1.0
                    Tag-File-Character-Encoding: UTF-8
    bag-info.txt    Bag-Software-Agent: Pista, formato del pacchetto 1
                    Bagging-Date: 2026-11-24
                    External-Identifier: C81C22001220006_1291
                    Payload-Oxum: 182736.42                   bytes, files
                    Pista-Origin: pnrr.comune.lecce.it/c_e506
                    Pista-CUP: C81C22001220006                one line a CUP
                    Pista-Size: 1291                          leaves of the tree
                    Pista-Head-Time: 2026-11-24T09:12:03.123456Z
                    Pista-As-Of: 2026-11-24                   legal day of the state shown, not after the head
                    Pista-Known-At: 1291                      leaves of which it is the state
                    Pista-Kind: completo
                    Pista-Remark: Dati dimostrativi           one line a remark; nothing proves it

Dates come from the closing head of the log, so that the same question gives the same bytes.
Source: RFC 8493 (BagIt 1.0) sections 2.1.1 and 2.2.2; design FORMATS section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.domain.days import format_date, legal_day
from ledger.errors import Refused
from ledger.journal.leaf import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from exporters.manifest import Listed

DECLARATION: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SOFTWARE: Final = "Pista, formato del pacchetto 1"
WHOLE: Final = "completo"
PUBLIC: Final = "pubblico"  # may withhold what is not cleared for publication


@dataclass(frozen=True, slots=True)
class Question:
    """What a package answers: which CUPs, at which head, the state of which day as known when.

    `size` is the tree and `known_at` (at most `size`) the leaves of which the state is shown;
    `head_at` is the UTC time of receipt of the last event in the tree.
    """

    origin: str
    cups: tuple[str, ...]
    size: int
    head_at: datetime
    as_of: date
    known_at: int
    kind: str
    remarks: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The CUP, or the first of several."""
        return self.cups[0] if len(self.cups) == 1 else f"{self.cups[0]}_e_altri"

    @property
    def package_id(self) -> str:
        """The name of the folder below `data/`."""
        return f"{self.label}_{self.size}"

    @property
    def file_name(self) -> str:
        """The name of the ZIP."""
        return f"{self.package_id}_{self.head_at:%Y%m%dT%H%M%SZ}.zip"


def format_bag_info(question: Question, payload: Iterable[Listed]) -> bytes:
    """Return the lines of `bag-info.txt`.

    Raises:
        Refused: `as-of-after-head`, when the state would be of a day that the log has not reached;
            `remark-malformed`, when a remark is empty or has more than one line.
    """
    head_on = legal_day(question.head_at)
    if question.as_of > head_on:
        raise Refused(
            "as-of-after-head",
            f"Lo stato al {format_date(question.as_of)} non si può mostrare: la testata è del"
            f" {format_date(head_on)}; indicare quel giorno o uno prima.",
        )
    sizes = [one.size_bytes for one in payload]
    lines = [
        ("Bag-Software-Agent", SOFTWARE),
        ("Bagging-Date", f"{question.head_at:%Y-%m-%d}"),
        ("External-Identifier", question.package_id),
        ("Payload-Oxum", f"{sum(sizes)}.{len(sizes)}"),
        ("Pista-Origin", question.origin),
        *(("Pista-CUP", cup) for cup in question.cups),
        ("Pista-Size", str(question.size)),
        ("Pista-Head-Time", format_time(question.head_at)),
        ("Pista-As-Of", format_date(question.as_of)),
        ("Pista-Known-At", str(question.known_at)),
        ("Pista-Kind", question.kind),
        *(("Pista-Remark", _checked(remark)) for remark in question.remarks),
    ]
    return "".join(f"{label}: {value}\n" for label, value in lines).encode()


def _checked(remark: str) -> str:
    if not remark.strip() or remark != remark.strip() or not remark.isprintable():
        raise Refused(
            "remark-malformed",
            f"L'annotazione {remark!r} non è una riga di testo senza spazi ai bordi: riscriverla.",
        )
    return remark
