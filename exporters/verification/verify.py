r"""Verify a package: the numbered steps of FORMATS 7, carried out in the order they need each other.

    report = verify_package(Path("C81C22001220006_57_20261124T091203Z.zip"), policy=trust_bytes)
    report.exit            0 verified, 1 contradicted, 3 incomplete or not anchored
    print("\n".join(report.lines()))

It needs the package, the trust file and this program: no server, no database, no network. A step
gathers all that is wrong; a later step is left out only when what it needs was not readable, and
says so. Whatever the bytes of the package are, the one error that leaves is Unopenable: a container
that cannot be opened safely. Source: FORMATS section 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exporters.container import open_container
from exporters.verification import (
    basis_steps,
    checkpoint_steps,
    document_steps,
    envelope_steps,
    log_steps,
    shell_steps,
    source_steps,
    stamp_steps,
    state_steps,
    stream_steps,
    time_steps,
    time_told,
    trust_steps,
)
from exporters.verification.case import Case, Given
from exporters.verification.package_reader import Package
from exporters.verification.reasons import parse_reasons
from exporters.verification.receipt import find_receipt, judge_issuer
from exporters.verification.report import TITLES, Issuer, Report
from exporters.verification.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta
    from pathlib import Path

    from ledger.signing.timestamp_trust import TSATrust
    from ledger.transparency.source import Source


def verify_package(  # noqa: PLR0913  what a reader may bring, each by name
    path: Path,
    *,
    policy: bytes | None,
    kept: bytes | None = None,
    max_age: timedelta | None = None,
    now: datetime | None = None,
    receipt: Path | None = None,
    tsa: TSATrust | None = None,
    log: Source | None = None,
    scan: bool = False,
    progress: Callable[[int, str], None] | None = None,
) -> Report:
    """Return the report over the package at `path`, a ZIP or a folder.

    `policy` is the trust file obtained outside the package, `kept` a checkpoint note kept from
    before, `max_age` the age over which a checkpoint no longer counts as current at the UTC time
    `now` (default: the clock), `receipt` the receipt of the export (default: the one that lies
    beside the package), `tsa` the time-stamping authorities that the reader trusts. `log` is where the
    log can still be read, for steps 13 and 14; without it a `scan` that is asked for is told as
    missing. `progress` is told the number and title of each step before it begins.

    Raises:
        Unopenable: when the container cannot be opened safely.
    """
    given = Given(policy, kept, max_age, now, receipt or find_receipt(path), tsa, log, scan)
    with open_container(path) as container:
        case = Case(Package(container), given, Tally())
        issuer = carry_out(case, progress or _untold)
    return Report(
        subjects=case.cups,
        origin=None if case.checkpoint is None else case.checkpoint.origin,
        size=None if case.checkpoint is None else case.checkpoint.size,
        issuer=issuer,
        steps=tuple(case.tally.result(number) for number in TITLES),
        as_of=None if case.info is None else case.info.as_of,
        known_at=None if case.info is None else case.info.known_at,
        times=time_told.told_times(case),
    )


def _untold(_number: int, _title: str) -> None:
    """Tell nobody."""


def carry_out(case: Case, progress: Callable[[int, str], None] = _untold) -> Issuer:
    """Carry out all steps; the order is that of what they need, not of their numbers."""
    for number, judge in _STEPS:
        progress(number, TITLES[number])
        _attempt(case, number, judge)
    issuers: list[Issuer] = []
    _attempt(case, 15, lambda found: issuers.append(judge_issuer(found, found.given.receipt)))
    return issuers[0] if issuers else "not-proven"


def _attempt(case: Case, number: int, judge: Callable[[Case], None]) -> None:
    """Carry out one step; what breaks it on hostile bytes is a failure of the step, never a pass."""
    try:
        judge(case)
    except Exception as error:  # noqa: BLE001  the door of verification: nothing else may escape
        case.tally.fail(
            number,
            getattr(error, "code", "step-broken"),
            f"Il passo non si è potuto completare: {type(error).__name__}: {error}",
        )


def _read_reasons(case: Case) -> None:
    with case.tally.guard(15, file=case.package.path("reasons")):
        case.reasons = parse_reasons(case.package.read("reasons"))


_STEPS: tuple[tuple[int, Callable[[Case], None]], ...] = (
    (15, shell_steps.read_question),
    (15, _read_reasons),
    (1, trust_steps.judge_policy),
    (2, checkpoint_steps.judge_checkpoint),
    (6, stream_steps.read_leaves),
    (2, checkpoint_steps.judge_age),
    (4, checkpoint_steps.judge_closing),
    (7, envelope_steps.read_envelopes),
    (5, stream_steps.judge_rows),
    (6, stream_steps.judge_streams),
    (6, source_steps.judge_sources),
    (8, envelope_steps.judge_signatures),
    (1, trust_steps.judge_policy_copy),
    (2, trust_steps.judge_log_key),
    (7, envelope_steps.judge_absent_envelopes),
    (9, basis_steps.judge_bases),
    (3, stamp_steps.judge_stamps),
    (10, time_steps.judge_times),
    (11, document_steps.judge_documents),
    (12, state_steps.judge_state),
    (13, log_steps.judge_scan),
    (14, trust_steps.judge_kept),
    (15, shell_steps.judge_shell),
)
