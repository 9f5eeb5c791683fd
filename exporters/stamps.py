"""Which time stamps go into a package: those that bound, as closely as any, when it was recorded.

    log/checkpoint.log.tsr          over log/checkpoint.log, the head of the package
    log/checkpoint.1291.log .tsr    an earlier head, signed by the log alone, and the token over it

A token over a head of N leaves proves that leaf i, of before N, was there at its time. So of the
earlier ones a package has, for each registration that it shows, the first that covers it; and one
over its own head, when there is one. Each earlier head is proven to be a beginning of the log, as the
bases of the signers are. Source: design FORMATS sections 3, 6 and 7 (steps 3 and 10).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from ledger.signing.timestamps import verify_stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from exporters.evidence import Evidence, HeadStamp
    from ledger.signing.timestamps import TimeStamp


HEAD_STAMP: Final = "log/checkpoint.log.tsr"


def first_covering(indexes: Iterable[int], sizes: Sequence[int]) -> set[int]:
    """Return the sizes, of those given and rising, that are the first above one of the indexes."""
    places = {bisect_right(sizes, index) for index in indexes}
    return {sizes[place] for place in places if place < len(sizes)}


def stamps_for(evidence: Evidence, indexes: Sequence[int], size: int) -> list[HeadStamp]:
    """Return the stamps for a package of the head of `size` that shows these leaves, by rising size.

    One that proves nothing is passed over, as if it were not there.
    """
    sizes = list(evidence.stamp_sizes(size))
    found: dict[int, HeadStamp] = {}
    while wanted := (first_covering(indexes, sizes) | ({size} & {*sizes})) - found.keys():
        for one in sorted(wanted):
            stamp = evidence.stamp(one)
            if stamp is None:
                sizes.remove(one)
            else:
                found[one] = stamp
    kept = first_covering(indexes, sizes) | {size}
    return [found[one] for one in sorted(found) if one in kept]


def stamp_file(size: int, *, is_head: bool) -> str:
    """Return where a time stamp is in the representation; `is_head`: over log/checkpoint.log."""
    return HEAD_STAMP if is_head else f"log/checkpoint.{size}.tsr"


def stamp_files(stamps: Iterable[HeadStamp], log_signed: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of each stamp, and of its note unless that is log/checkpoint.log itself."""
    for stamp in stamps:
        is_head = stamp.note == log_signed
        yield stamp_file(stamp.size, is_head=is_head), stamp.token
        if not is_head:
            yield f"log/checkpoint.{stamp.size}.log", stamp.note


def verified_stamps(
    stamps: Iterable[HeadStamp], log_signed: bytes
) -> list[tuple[str, int, TimeStamp]]:
    """Return (file, size, what it says) of each stamp, trusted by nobody yet.

    Raises:
        NotVerified: as `verify_stamp`.
    """
    return [
        (
            stamp_file(stamp.size, is_head=stamp.note == log_signed),
            stamp.size,
            verify_stamp(stamp.token, stamp.note, None),
        )
        for stamp in stamps
    ]
