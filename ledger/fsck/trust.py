"""What is known of the log from elsewhere: the anchor, and the checkpoint kept from before.

    known = read_trust(anchor, kept_path, origin)
    known.roots                       {1291: root of the anchor, 1024: root that was kept}
    for found in known.judge(outcome): ...

Both are read before the log, so that a log which grows meanwhile is never behind them.

Source: design FORMATS section 5, step 4; journal/anchor.py; kept.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ledger.errors import PistaError, StorageError
from ledger.fsck.finding import Finding, remark
from ledger.fsck.kept import read_kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.fsck.kept import Kept
    from ledger.fsck.outcome import Outcome
    from ledger.journal.anchor import Anchor, AnchorState

ANCHOR: Final = "anchor"

_DECIDE: Final = "una persona deve stabilire quale copia del registro è quella vera"
_REMOVE: Final = "se il registro è quello vero, cancellare il file e ripetere `pista fsck`"


@dataclass(slots=True)
class Trust:
    """The anchor and the kept checkpoint, as far as they could be read; what was found in them."""

    kept_file: str
    anchor: AnchorState | None = None
    kept: Kept | None = None
    has_anchor: bool = True
    findings: list[Finding] = field(default_factory=list)

    def roots(self, size: int) -> dict[int, bytes]:
        """Return the roots that are known of a log of so many leaves."""
        known = (self.kept, self.anchor)
        return {one.size: one.root for one in known if one is not None and 0 < one.size <= size}

    def judge(self, outcome: Outcome) -> Iterator[Finding]:
        """Yield where the log contradicts what is known of it."""
        yield from self.findings
        size = outcome.size
        if self.anchor is None and self.has_anchor and size:
            yield _contradicts("anchor-absent", f"l'ancora non c'è: {_DECIDE}", ANCHOR)
        if self.anchor is not None:
            yield from _judge(ANCHOR, self.anchor, outcome, "store-forked", _DECIDE)
        if self.kept is None:
            return
        yield from _judge(self.kept_file, self.kept, outcome, "kept-differs", _REMOVE)
        if self.anchor is not None and self.anchor.size < self.kept.size <= size:
            sentence = (
                f"l'ancora sta a {self.anchor.size} foglie, ma ne furono verificate"
                f" {self.kept.size}: è tornata indietro; {_DECIDE}"
            )
            yield _contradicts("anchor-behind", sentence, ANCHOR)


def read_trust(anchor: Anchor, kept_path: Path, origin: str) -> Trust:
    """Return what is known; what cannot be read is a finding.

    A kept checkpoint that the disk does not give contradicts nothing: all is examined without it.
    """
    trust = Trust(kept_path.name)
    try:
        trust.anchor = anchor.read()
    except PistaError as error:
        trust.has_anchor = False
        trust.findings.append(_contradicts(error.code, error.sentence, ANCHOR))
    try:
        trust.kept = read_kept(kept_path)
    except StorageError as error:
        trust.findings.append(remark(error.code, error.sentence, file=kept_path.name))
    except PistaError as error:
        sentence = f"{error.sentence} {_REMOVE}"
        trust.findings.append(_contradicts(error.code, sentence, kept_path.name))
    if trust.kept is not None and trust.kept.origin != origin:
        sentence = f"è del registro {trust.kept.origin!r}, non di {origin!r}: {_REMOVE}"
        trust.findings.append(_contradicts("kept-differs", sentence, kept_path.name))
        trust.kept = None
    return trust


def _judge(
    file: str, known: AnchorState | Kept, outcome: Outcome, code: str, remedy: str
) -> Iterator[Finding]:
    size, root = known.size, known.root
    if size > outcome.last:
        sentence = f"sta a {size} foglie, l'archivio ne ha {outcome.last}: {remedy}"
        yield _contradicts("store-shorter", sentence, file)
    elif size and outcome.roots.get(size, root) not in {root, None}:
        sentence = f"le prime {size} foglie dell'archivio non danno la radice che dice: {remedy}"
        yield _contradicts(code, sentence, file)


def _contradicts(code: str, sentence: str, file: str) -> Finding:
    return Finding(code, sentence, file=file)
