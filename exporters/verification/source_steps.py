"""Step 6, the files of open data: those that are cited are shown, in their order; how many there are is not.

    a file that an absence rests on           must be there: it is recorded before the absence
    another file that is cited                told when it is not: it may never have been recorded
    a registration that nothing cites         refused in step 15, as any file that nothing calls for

`sys/sources` is the one stream that a package does not show whole, so its row is not in it.
Source: FORMATS section 6; DOMAIN section 9.10.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from exporters.citations import SOURCES, cited_by
from exporters.verification.closure import cited_sources

if TYPE_CHECKING:
    from exporters.citations import File
    from exporters.verification.case import Case

ABSENCE: Final = "absence-observed/1"
_SHOWN: Final = 20


def judge_sources(case: Case) -> None:
    """Judge what the package shows of the stream of the files of open data."""
    for (_, before), (index, after) in pairwise(case.places.get(SOURCES, [])):
        if after <= before:
            case.tally.fail(
                6,
                "seq-broken",
                f"Nel flusso {SOURCES} il posto {after} viene dopo il {before}.",
                index=index,
            )
    shown = cited_sources(case)
    if shown:
        case.tally.flag(6, f"{len(shown)} registrazioni di fonti citate, di un numero non provato")
    _judge_missing(case, {_file(case, index) for index in shown})


def _judge_missing(case: Case, there: set[File | None]) -> None:
    """Tell which cited files are not in the package; one that an absence rests on is a failure."""
    told: set[File] = set()
    for index, envelope in sorted(case.envelopes.items()):
        file = cited_by(envelope)
        if file is None or file in there:
            continue
        if envelope.type == ABSENCE:
            sentence = f"Manca la registrazione della fonte {file[0]!r} da cui l'assenza è dedotta."
            case.tally.fail(6, "source-missing", sentence, index=index)
        else:
            told.add(file)
    for source, digest in sorted(told)[:_SHOWN]:
        case.tally.flag(6, f"fonte citata e non registrata qui: {source!r}, {digest[:16]}...")


def _file(case: Case, index: int) -> File | None:
    data = case.envelopes[index].data
    named = data.get("source"), data.get("digest")
    return (str(named[0]), str(named[1])) if None not in named else None
