"""Shares of an amount among CUPs, as they are proposed: declared ones are never changed.

    100.00 among three CUPs            33.34   33.33   33.33
    100.01 declared as 40.00, 60.00    40.00   60.01

The largest remainder gets the cent that is left over; among equal remainders, the first CUP in the
order of the codes, however the act lists them. A proposal is shown to the person and never applied.

    >>> proposed_shares(10_000, ["C81C22001220006", "C51J25001200006", "C81F22004270006"])
    (3333, 3334, 3333)

Source: DOMAIN section 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.money import EUR, split_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 12  # shares that one sentence tells; of more, the rule is told


def proposed_shares(
    total: int, cups: Sequence[str], declared: Sequence[int | None] = ()
) -> tuple[EUR, ...]:
    """Return the proposed cents of each CUP, in the order given; they sum to `total`.

    They are in proportion to the shares declared, and equal where one is missing or all are zero.

    Raises:
        ValueError: without CUPs, for a total or a share below zero, or shares that are not as many.
    """
    known = [share for share in declared if share is not None]
    if declared and len(declared) != len(cups):
        raise ValueError("there is one declared share for each CUP")
    weights = known if len(known) == len(cups) and any(known) else [1] * len(cups)
    order = sorted(range(len(cups)), key=lambda place: (cups[place], place))
    shares = split_shares(total, [weights[place] for place in order])
    by_place = dict(zip(order, shares, strict=True))
    return tuple(by_place[place] for place in range(len(cups)))


def tell_shares(cups: Sequence[str], shares: Sequence[EUR]) -> str:
    """Return the proposal in words: each CUP with its share, or the rule when they are many."""
    rule = "resti maggiori, a parità nell'ordine dei CUP"
    if len(cups) > SHOWN:
        return f"proposta: da {min(shares).format_it()} a {max(shares).format_it()} a CUP ({rule})"
    told = ", ".join(f"{cup} {share.format_it()}" for cup, share in zip(cups, shares, strict=True))
    return f"proposta: {told} ({rule})"
