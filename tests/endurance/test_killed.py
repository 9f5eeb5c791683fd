"""`kill -9` during `pista record`, again and again, on both stores: nothing lost, nothing twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.endurance.many_requests import write_requests
from tests.endurance.places import found_place
from tests.endurance.programs import started
from tests.endurance.recorded import Confirmed, check_recorded

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from tests.endurance.conftest import Proof
    from tests.endurance.places import Place

AT_START = 0.2  # the share of kills that do not wait for a first registration
START_SECONDS = 1.5
LINE_SECONDS = 0.03


def test_a_recording_that_is_killed_again_and_again_is_resumed(
    tmp_path: Path, database: str, proof: Proof
) -> None:
    place, size, chance = found_place(tmp_path, database), proof.size, proof.chance
    file = write_requests(place.requests, size.requests, proof.seed)
    confirmed = Confirmed(place)
    begun, before = time.monotonic(), place.size()
    for _ in range(size.kills):
        killed_once(place, file, chance, 2 * size.requests // (size.kills + 3), confirmed)
    landed = (place.size() - before) // 2
    with started(place, "--json", "record", str(file)) as program:
        code = program.end()
        confirmed.take(program)
    assert code == 0, program.stderr
    proof.tell(
        f"{size.kills} kills, {landed} of {size.requests} registrations under them,"
        f" {len(confirmed)} confirmed, {time.monotonic() - begun:.1f} s"
    )
    check_recorded(place, file, confirmed, size.requests, before)


def killed_once(
    place: Place, file: Path, chance: random.Random, most: int, confirmed: Confirmed
) -> None:
    """Record until a random moment: while it starts, or some time after some registration."""
    with started(place, "--json", "record", str(file)) as program:
        if chance.random() < AT_START:
            time.sleep(chance.uniform(0, START_SECONDS))
        else:
            program.wait_for(chance.randint(1, max(most, 1)))
            time.sleep(chance.uniform(0, LINE_SECONDS))
        program.kill()
        confirmed.take(program)
