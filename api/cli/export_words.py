"""What `pista export` does about witnesses, and what it says of a package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.app import Opened
    from api.cli.options import Options
    from exporters.package import PackageInfo
    from ledger.journal.batch import Receipt


def published_size(opened: Opened) -> int | None:
    """Return the size of the newest head once its witnesses have signed it.

    None when the policy asks none, or not enough of them sign now: that is told, and the head with
    the signature of the log alone serves.

    Raises:
        Frozen: when the store contradicts its anchor, or what was published.
        PistaError: as `publish_head`, but for what a later attempt may mend.
    """
    from api.cli import output
    from api.publishing import publish_head
    from ledger.errors import Frozen, StorageError
    from ledger.journal.policy import parse_policy

    if not parse_policy(opened.evidence.policy).witnesses:
        return None
    try:
        outcome = publish_head(opened)
    except Frozen:
        raise
    except StorageError as error:
        output.note(f"non pubblicato: {error.sentence}")
        return None
    for one in outcome.said:
        if one.line is None:
            output.note(f"{'ALLARME: ' if one.is_alarm else ''}{one.sentence}")
    return outcome.size if outcome.is_published else None


@dataclass(frozen=True, slots=True)
class Lacks:
    """Why a package has no quorum, and no time stamp that was asked for; "" when it has."""

    quorum: str
    stamp: str


def tell_export(chosen: Options, info: PackageInfo, receipt: Receipt | None, lacks: Lacks) -> None:
    """Print what was written, up to where, and what it lacks."""
    from api.cli import exits, output

    members = {"path": str(info.path), "sha256": info.sha256, "size": info.question.size}
    if chosen.json:
        recorded = receipt.index if receipt else None
        stamped = {"stamp_lacks": lacks.stamp} if lacks.stamp else {}
        output.data(
            "item", {**members, "recorded": recorded, "quorum": not lacks.quorum, **stamped}
        )
        code = exits.INCOMPLETE if lacks.quorum or lacks.stamp else exits.OK
        output.data("summary", {"count": 1, "exit": code})
        return
    output.line(f"pacchetto {info.path}")
    output.line(f"sha256 {info.sha256}")
    output.line(f"fino al punto di controllo {info.question.size}")
    if lacks.quorum:
        output.note(f"con la sola firma del registro: {lacks.quorum}")
    if lacks.stamp:
        output.note(f"senza marca temporale: {lacks.stamp}")
    if receipt is None:
        output.note("non registrato: con --key file:... l'esportazione è registrata e provata")
