"""Four processes write on the same CUPs and want the same act numbers, and two follow the log."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from api.app import open_reading
from ledger.journal.opening import BUSY_SECONDS, open_recorder
from ledger.signing.envelope import parse
from tests.api.home_kit import run
from tests.endurance.following_process import digest_of
from tests.endurance.log_judge import judge_log
from tests.endurance.places import BODY, enrol, found_place
from tests.endurance.programs import started
from tests.endurance.recorded import check_fsck
from tests.endurance.writing_process import CUPS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.endurance.conftest import Proof
    from tests.endurance.log_judge import Log
    from tests.endurance.places import Place
    from tests.endurance.programs import Program

WRITERS = 4
FOLLOWERS = ("subscription", "pages")


def test_four_processes_write_and_two_follow(tmp_path: Path, database: str, proof: Proof) -> None:
    place = place_with_interventions(tmp_path, database)
    writers, followers = all_run(place, proof.size.seconds, proof.seed)
    with open_reading(place.home) as reading:
        log = judge_log(reading.journal)
    tell_all(proof, writers, log)
    check_acts(log, writers)
    check_conflicts(writers)
    check_followers(place, followers)
    check_waits(writers)
    check_fsck(place)


def place_with_interventions(folder: Path, database: str) -> Place:
    """Found a ledger with an enrolled key for each writer, and the CUPs they write on."""
    place = found_place(folder, database)
    for number in range(WRITERS):
        enrol(place, f"writer-{number}", ("rup",))
    data = {
        "title": "Intervento conteso",
        "measure": "M1C1I1.2",
        "body": {"ipa": BODY, "tax_code": "80008510754"},
        "natura": "02",
        "decided_in": 2022,
    }
    asked = [
        {
            "command": "register-intervention/2",
            "by": "file:keys/rup.pem",
            "role": "rup",
            "occurred_on": "2022-06-28",
            "data": {**data, "cup": cup},
        }
        for cup in CUPS
    ]
    file = place.requests / "cups.ndjson"
    file.write_text("".join(json.dumps(one) + "\n" for one in asked), encoding="utf-8")
    ran = run(place.home, "record", str(file))
    assert ran.exit_code == 0, ran.stderr
    return place


def all_run(place: Place, seconds: float, seed: int) -> tuple[list[Program], list[Program]]:
    """Let them begin together, and the followers end when the last row is written."""
    home, folder = str(place.home.path), str(place.folder)
    with ExitStack() as stack:

        def start(module: str, name: str, *arguments: str) -> Program:
            whole = started(place, home, *arguments, module=module, name=name)
            return stack.enter_context(whole)

        writers = [
            start(
                "tests.endurance.writing_process",
                f"writer-{number}",
                *(f"writer-{number}", folder, str(seconds), str(seed + number)),
            )
            for number in range(WRITERS)
        ]
        followers = [
            start("tests.endurance.following_process", how, how, folder) for how in FOLLOWERS
        ]
        for writer in writers:
            assert writer.wait_until(lambda w=writer: bool(w.lines)), writer.stderr
        publish(place.folder / "begin", str(time.monotonic() + 0.2))
        for writer in writers:
            assert writer.end() == 0, writer.stderr
        publish(place.folder / "end", str(place.size()))
        for follower in followers:
            assert follower.end() == 0, follower.stderr
    return writers, followers


def publish(path: Path, text: str) -> None:
    """Write a file that others wait for, whole at once."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="ascii")
    draft.replace(path)


def of_kind(writers: Sequence[Program], *kinds: str) -> list[dict[str, Any]]:
    """Return the lines of these kinds."""
    return [line for writer in writers for line in writer.lines if line["kind"] in kinds]


def tell_all(proof: Proof, writers: Sequence[Program], log: Log) -> None:
    """Tell what each writer did, and how long it waited at most."""
    for number, writer in enumerate(writers):
        longest = max(line["send"] for line in of_kind([writer], "took"))
        counts = Counter(line.get("code", line["kind"]) for line in writer.lines)
        proof.tell(
            f"writer {number}: {counts['item']} recorded, {counts['stream-moved']} stream-moved,"
            f" {counts['act-already-registered']} act-already-registered,"
            f" {counts['ledger-busy']} ledger-busy, longest wait {longest:.2f} s"
        )
    seconds = proof.size.seconds
    count = sum(len(writer.confirmed) for writer in writers)
    proof.tell(
        f"{count} registrations in {seconds:.0f} s, {count / seconds:.0f} a second, {log.size} leaves"
    )


def check_acts(log: Log, writers: Sequence[Program]) -> None:
    """What was confirmed is in the log, and no number of an act was taken twice."""
    for line in of_kind(writers, "item"):
        assert line["first"]
        assert log.index_of[line["event"]] == line["index"]
    taken = Counter(line["act"] for line in of_kind(writers, "item") if line["act"] is not None)
    assert taken
    assert max(taken.values()) == 1
    registered = Counter(
        parse(log.envelopes[event]).data["number"]
        for event, type_ in log.types.items()
        if type_ == "determina-registered/1"
    )
    assert registered == Counter({str(number + 1): 1 for number in taken})


def check_conflicts(writers: Sequence[Program]) -> None:
    """Who was late was told so, with the heads as they are now; nothing else went wrong."""
    conflicts = of_kind(writers, "conflict")
    assert conflicts, "nobody met anybody: the proof proves nothing"
    assert {line["code"] for line in conflicts} == {"stream-moved"}
    assert all(line["new_heads"] for line in conflicts)
    refused = {line["code"] for line in of_kind(writers, "refused")}
    assert refused <= {"act-already-registered"}


def check_followers(place: Place, followers: Sequence[Program]) -> None:
    """Each follower saw every row once, with the bytes that the log has at the end."""
    settings = place.home.read_settings()
    with closing(open_recorder(place.home.journal_address(settings), settings.origin)) as recorder:
        seen = digest_of(recorder)
    for follower, how in zip(followers, FOLLOWERS, strict=True):
        expected = {"how": how, "rows": seen.position, "digest": seen.hex()}
        assert follower.lines == [{"kind": "followed", **expected}]


def check_waits(writers: Sequence[Program]) -> None:
    """Nobody was left waiting for longer than the limit, and everybody wrote."""
    assert of_kind(writers, "busy") == []
    assert max(line["send"] for line in of_kind(writers, "took")) < BUSY_SECONDS
    assert all(writer.confirmed for writer in writers)
