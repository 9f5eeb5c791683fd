"""The log against what is known of it from elsewhere: the anchor, an older copy, what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.anchor import AnchorState, format_anchor, parse_anchor
from tests.exporters.ledger_fixture import CUP
from tests.exporters.ledger_writer import RUP
from tests.ledger.fsck.ledgers import begin_again, places

if TYPE_CHECKING:
    from tests.ledger.fsck.conftest import Copy
    from tests.ledger.fsck.ledgers import Made

ANCHORS = {
    "gone": (None, "anchor-absent"),
    "of another root": (AnchorState(64, bytes(32)), "store-forked"),
    "further on": (AnchorState(66, bytes(32)), "store-shorter"),
    "of another root, before": (AnchorState(22, bytes(32)), "store-forked"),
}


@pytest.mark.parametrize("what", ANCHORS)
def test_an_anchor_that_contradicts_is_named(what: str, told: Made, copy: Copy) -> None:
    state, code = ANCHORS[what]
    twin = copy(told)
    if state is None:
        twin.anchor.unlink()
    else:
        twin.anchor.write_bytes(format_anchor(state))
    found = list(twin.examine().findings)
    assert (code, "anchor") in [(one.code, one.file) for one in found], places(found)
    assert not twin.kept.exists()


def test_any_changed_byte_of_the_anchor_is_named(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    honest = twin.anchor.read_bytes()
    for at in range(0, len(honest), 5):
        twin.anchor.write_bytes(honest[:at] + bytes([honest[at] ^ 1]) + honest[at + 1 :])
        found = list(twin.examine().findings)
        assert found, at
        assert found[-1].file == "anchor", places(found)


def test_an_anchor_that_went_back_is_named_by_what_was_kept(told_file: Made, copy: Copy) -> None:
    twin = copy(told_file)
    twin.examine()
    older = AnchorState(22, twin.root_at(22))
    twin.anchor.write_bytes(format_anchor(older))
    assert places(list(twin.examine().findings)) == ["anchor-behind anchor"]
    assert parse_anchor(twin.anchor.read_bytes()) == older


def test_an_older_copy_of_the_store_is_shorter_than_the_anchor(told: Made, copy: Copy) -> None:
    older, newer = copy(told), copy(told)
    with begin_again(newer) as ledger:
        ledger.record(RUP, "phase-entered/1", [f"cup/{CUP}"], {"phase": "COLLAUDO"}, role="rup")
    older.anchor.write_bytes(newer.anchor.read_bytes())
    assert places(list(older.examine().findings)) == ["store-shorter anchor"]
