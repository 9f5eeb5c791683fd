"""What the report says of times as data: the stamps, and what is proven with those that are trusted.

    {"stamps": [{"size": 64, "at": "...", "no_later_than": "...", "authority": "CN=...", "policy": "...",
       "serial": "64", "trusted": true, "qualified": false, "reader": "rfc3161-client"}],
     "proven": {"count": 29, "of": 29, "index": 60, "before": "...", "by": "time-stamp", "size": 64}}

`proven` counts the registrations whose envelope is shown that somebody else than the ledger bounds from
above, and says of the last of them by when. At most MOST stamps are listed, the newest; state/times.json
has the interval of every registration, whoever trusts the authorities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.domain.texts import format_instant

if TYPE_CHECKING:
    from exporters.verification.case import Case
    from ledger.signing.timestamps import TimeStamp

MOST: Final = 100


def told_times(case: Case) -> dict[str, Any]:
    """Return what the report says of times; {} when nothing was stamped and nothing is proven."""
    shown = [one for one in case.intervals if one.index in case.envelopes]
    proven = [one for one in shown if one.before is not None]
    if not case.stamps and not proven:
        return {}
    told: dict[str, Any] = {
        "stamps": [_stamp(size, stamp) for size, stamp in case.stamps[-MOST:]],
        "proven": {"count": len(proven), "of": len(shown)},
    }
    if proven and proven[-1].before is not None:
        last, before = proven[-1], format_instant(proven[-1].before)
        told["proven"] |= {"index": last.index, "before": before, "by": last.by, "size": last.size}
    return told


def _stamp(size: int, stamp: TimeStamp) -> dict[str, Any]:
    return {
        "size": size,
        "at": format_instant(stamp.at),
        "no_later_than": format_instant(stamp.no_later_than),
        "authority": stamp.authority,
        "policy": stamp.policy,
        "serial": str(stamp.serial),
        "trusted": stamp.is_trusted,
        "qualified": stamp.is_qualified,
        "reader": stamp.reader,
    }
