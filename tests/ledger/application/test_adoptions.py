"""What was adopted is the law of the next place: in the same batch, in another process, never before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import NotAuthorised, Refused
from ledger.journal.batch import Receipt
from ledger.journal.memory import MemoryRecorder
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import ORIGIN, House, build, grant
from tests.ledger.application.door_story import (
    DETERMINA,
    EVERY_STORE,
    kept_file,
    refused_code,
    register,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ledger.application.door import Draft

LETS_IN = {"setting": "sod.istruttore-registers", "value": "yes", "cause": "delibera"}
KEEPS_OUT = {**LETS_IN, "value": "no"}


@pytest.fixture
def house(house: House) -> House:
    """A ledger with an intervention and an istruttore."""
    register(house)
    grant(house, "ospite", "istruttore")
    return house


def act_by_clerk(house: House) -> tuple[Draft, bytes]:
    """Return what an istruttore would sign for an act, drafted as by the RUP, and the envelope."""
    command = house.command("register-determina/1", DETERMINA, (kept_file(house),), role="rup")
    draft = house.draft("rup", command)
    ospite = house.people["ospite"]
    return draft, house.forged("ospite", draft, role="istruttore", actor=ospite.actor)


@EVERY_STORE
def test_in_one_batch_what_follows_an_adoption_is_judged_by_it(house: House) -> None:
    _, act = act_by_clerk(house)
    assert refused_code(house, act) == "not-authorised"
    adoption = house.envelope("admin", "adopt-policy/1", LETS_IN)
    before, adopted, after = house.ledger.record_many([act, adoption, act])
    assert isinstance(before, NotAuthorised)
    assert isinstance(adopted, Receipt)
    assert isinstance(after, Receipt)
    assert after.index == adopted.index + 1


@EVERY_STORE
def test_another_process_judges_by_what_was_adopted_in_the_meantime(house: House) -> None:
    other = house.another()
    house.write("admin", "adopt-policy/1", LETS_IN)
    _, act = act_by_clerk(house)
    assert other.ledger.record(act).first
    other.write("admin", "adopt-policy/1", KEEPS_OUT)
    draft, _ = act_by_clerk_again(house)
    assert refused_code(house, draft) == "not-authorised"


def act_by_clerk_again(house: House) -> tuple[bytes, Draft]:
    """Return the envelope of another act of an istruttore."""
    data = {**DETERMINA, "number": "102"}
    command = house.command("register-determina/1", data, (kept_file(house),), role="rup")
    draft = house.draft("rup", command)
    ospite = house.people["ospite"]
    return house.forged("ospite", draft, role="istruttore", actor=ospite.actor), draft


def test_an_adoption_that_was_rolled_back_is_no_law(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    register(house)
    grant(house, "ospite", "istruttore")
    _, act = act_by_clerk(house)
    adoption = house.envelope("admin", "adopt-policy/1", LETS_IN)
    recorder.fail_next("before-write", OSError("il disco non risponde"))
    with pytest.raises(OSError, match="disco"):
        house.ledger.record_many([adoption, act])
    assert house.ledger.judge.law.adopted == ()
    assert refused_code(house, act) == "not-authorised"
    other = house.another()
    other.write("admin", "adopt-policy/1", KEEPS_OUT)
    assert refused_code(house, act) == "not-authorised"


def test_what_is_adopted_is_refused_at_the_draft(house: House) -> None:
    unknown = {**LETS_IN, "setting": "tuel-124-1"}
    with pytest.raises(Refused, match="setting-unknown"):
        house.draft("admin", house.command("adopt-policy/1", unknown))


def test_an_anchored_head_is_one_of_this_log(house: House) -> None:
    size, root = house.head()
    anchored = {"checkpoint": {"size": size, "root": root.hex()}, "means": "carta"}
    assert house.write("admin", "anchor-ledger/1", anchored).first
    for checkpoint in ({"size": size, "root": "ab" * 32}, {"size": 10**6, "root": root.hex()}):
        with pytest.raises(Refused, match="checkpoint-unknown"):
            house.write("admin", "anchor-ledger/1", {**anchored, "checkpoint": checkpoint})


def test_a_file_of_open_data_joins_the_stream_of_the_sources_alone(house: House) -> None:
    grant(house, "ospite", "importatore")
    data = {
        "source": "regis",
        "digest": "ab" * 32,
        "observed_at": "2026-03-01T06:00:00Z",
        "rows": 12,
        "columns": ["cup"],
        "complete": True,
    }
    beside = {"role": "importatore", "occurred_on": "2026-03-01"}
    raw = house.envelope("ospite", "observe-source/1", data, **beside)
    assert [claim.name for claim in parse(raw).streams] == ["sys/sources"]
    assert house.ledger.record(raw).first
    assert house.another().ledger.judge.keys.actors() == house.ledger.judge.keys.actors()
    again = {**data, "observed_at": "2026-03-02T06:00:00Z"}
    with pytest.raises(Refused, match="nothing-changed"):
        house.write("ospite", "observe-source/1", again, **beside)
