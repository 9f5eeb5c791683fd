"""Other processes and threads on the same ledger: the judge follows what they wrote."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from ledger.errors import Refused
from ledger.journal.memory import MemoryRecorder
from tests.ledger.application.door_kit import (
    CUP,
    ORIGIN,
    PEOPLE,
    House,
    build,
    key_data,
)
from tests.ledger.application.door_story import (
    ACT,
    EVERY_STORE,
    INTERVENTION,
    determina,
    drafted_phase,
    phase,
    refused_code,
    register,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger.journal.turn import Turn


@EVERY_STORE
def test_the_judge_follows_what_another_process_wrote(house: House) -> None:
    other = house.another()
    register(other)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    other.write("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    for one in (house, other):
        dossier = one.ledger.judge.histories.dossier(f"cup/{CUP}")
        assert (dossier.count, len(dossier.phases.moves)) == (3, 2)


@EVERY_STORE
def test_a_key_that_another_process_enrolled_signs_here(house: House) -> None:
    other = house.another()
    signer = house.enter("ospite", "second")
    other.write("admin", "enrol-actor/1", key_data(signer, "proof"))
    other.write(
        "admin",
        "grant-role/1",
        {"actor": signer.actor, "role": "rup", "from": "2025-01-01", "office": "Ufficio"},
    )
    other.people = {**other.people, "ospite": signer}
    raw = other.envelope(
        "ospite", "register-intervention/2", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    assert house.ledger.record(raw).first


@EVERY_STORE
def test_a_key_that_another_process_revoked_does_not_sign_here(house: House) -> None:
    _, raw = drafted_phase(house)
    other = house.another()
    kid = house.people["rup"].signer.kid
    data = {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"}
    other.write("admin", "revoke-key/1", data)
    assert refused_code(house, raw) == "key-revoked"


@EVERY_STORE
def test_a_correction_by_another_process_is_seen_here(house: House) -> None:
    register(house)
    act = house.ledger.record(determina(house))
    assert house.ledger.judge.histories.dossier(f"act/{ACT}").acts
    house.another().write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[act.event_id],
    )
    assert not house.ledger.judge.histories.dossier(f"act/{ACT}").acts
    assert house.ledger.record(determina(house)).first


@EVERY_STORE
def test_many_threads_draft_and_record_through_one_door(house: House) -> None:
    cups = [f"C81C2200{number:03}0006" for number in range(4)]
    failures: list[BaseException] = []

    def tell(cup: str) -> None:
        beside = {"role": "rup", "occurred_on": "2026-03-01"}
        requests = [("register-intervention/2", {**INTERVENTION, "cup": cup}, beside)]
        requests += [
            ("enter-phase/1", {"phase": name}, {**beside, "cup": cup})
            for name in ("PROGETTAZIONE", "AFFIDAMENTO")
        ]
        try:
            for name, data, more in requests:
                _record_until_basis_fits(house, name, data, more)
        except BaseException as error:  # noqa: BLE001  told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=tell, args=(cup,)) for cup in cups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [house.journal.stream_head(f"cup/{cup}") is not None for cup in cups] == [True] * 4
    counts = [house.ledger.judge.histories.dossier(f"cup/{cup}").count for cup in cups]
    assert counts == [3] * 4


def _record_until_basis_fits(
    house: House, name: str, data: dict[str, Any], beside: dict[str, Any]
) -> None:
    """Record; one key used by several threads may name its heads out of order, and tries again."""
    for _ in range(50):
        try:
            house.write("rup", name, data, **beside)
        except Refused as error:
            if error.code not in {"basis-older", "basis-unknown"}:
                raise
        else:
            return
    pytest.fail("the basis was never in order")


class Interrupted(MemoryRecorder):
    """A store that lets something happen when rows are stored and nobody was told yet."""

    meanwhile: Callable[[], object] | None = None

    @override
    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Store, then let it happen in a thread of its own, once."""
        with super().turn() as turn:
            yield turn
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            thread = threading.Thread(target=meanwhile)
            thread.start()
            thread.join()


def test_a_draft_between_append_and_commit_folds_nothing_twice(tmp_path: Path) -> None:
    recorder = Interrupted(ORIGIN)
    house = build(tmp_path, recorder)
    register(house)
    drafted: list[str] = []
    name, data, beside = phase("PROGETTAZIONE")
    person, basis = house.people["rup"], house.basis()

    def draft() -> None:
        command = house.command(name, data, **beside)
        drafted.append(house.ledger.draft(command, person.identity, basis).sentence)

    fresh = house.enter("ospite", "second")
    recorder.meanwhile = draft
    assert house.write("admin", "enrol-actor/1", key_data(fresh, "proof")).first
    assert len(drafted) == 1
    assert house.write("rup", name, data, **beside).first
    assert house.ledger.judge.keys.find_key(fresh.signer.kid) is not None
