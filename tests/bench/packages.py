"""Packages: written with every proof, and verified by two processes that share nothing.

A package of 200 events has three files an event (envelope, leaf, proof), the proofs of all rows,
state and history in JSON and XML, and two manifests. The base checks 200 signatures and nothing
else, with `cryptography`, from envelopes that are read already.
"""

from __future__ import annotations

import itertools
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from exporters.package import write_package
from exporters.verification.verify import verify_package
from ledger.journal.sqlite import SQLiteRecorder
from ledger.records import load_law
from ledger.signing.algorithms import PublicKey, parse_jwk
from ledger.signing.envelope import parse, verify
from tests.bench import big_ledger
from tests.bench.cores import NEEDED, workers
from tests.bench.harness import Line, at_most, timed
from tests.exporters.ledger_writer import ORIGIN

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from tests.exporters.journal_evidence import JournalEvidence

COPIES: Final = 2


def lines(folder: Path) -> Generator[Line, None, None]:
    """Yield the package lines; ledger and packages are in the folder."""
    with ExitStack() as stack:
        recorder = SQLiteRecorder(folder / "ledger.sqlite", ORIGIN, create=True)
        stack.callback(recorder.close)
        evidence = big_ledger.build(recorder, folder, [])
        law, numbers = load_law(), itertools.count()

        def export() -> Callable[[], object]:
            target = folder / f"out-{next(numbers)}"
            target.mkdir()
            return partial(write_package, evidence, [big_ledger.CUP], target, law=law)

        measure = timed(export, lambda: _signatures(evidence), 1)
        name = "package of a CUP of 200 events with all proofs"
        yield Line(name, "its 200 signatures verified one by one", measure, at_most(2))

        zip_file = write_package(evidence, [big_ledger.CUP], folder, law=law).path
        pool = stack.enter_context(workers(COPIES))
        twice = [(zip_file, evidence.policy)] * COPIES
        measure = timed(
            lambda: lambda: list(pool.map(_verified, twice)),
            lambda: lambda: [_verified(one) for one in twice],
            1,
            units=COPIES,
        )
        name = "verify a package of 200 events, two processes"
        yield Line(name, "one process, one after the other", measure, None, cores=NEEDED)


def _signatures(evidence: JournalEvidence) -> Callable[[], object]:
    """Return what verifies the signatures of the CUP, each by the key its kid names."""
    keys = dict(_keys(evidence))
    indexes = evidence.stream(f"cup/{big_ledger.CUP}", evidence.last_head())
    envelopes = [parse(evidence.envelope(index)) for index in indexes]

    def work() -> None:
        for envelope in envelopes:
            verify(envelope, keys[envelope.header.kid])

    return work


def _keys(evidence: JournalEvidence) -> Generator[tuple[str, PublicKey], None, None]:
    """Yield the keys that the ledger enrolled, by kid."""
    for _, _, raw in evidence.journal.entries(0, evidence.last_head()):
        data: dict[str, Any] = parse(raw).data if raw else {}
        for member in (data, *data.get("administrators", ())):
            if "jwk" in member:
                yield member["kid"], parse_jwk(member["jwk"])


def _verified(asked: tuple[Path, bytes]) -> int:
    """Return the exit code of a verification.

    Raises:
        RuntimeError: when the package does not verify, because then there is nothing to measure.
    """
    report = verify_package(asked[0], policy=asked[1])
    if report.exit:
        raise RuntimeError("\n".join(report.lines()))
    return report.exit
