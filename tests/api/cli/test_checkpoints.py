"""`pista checkpoint publish` with real witnesses, what doctor and healthz say, and `pista trust adopt`."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from api.app import log_signer, open_reading
from api.cli.doctor_publication import publication_checks
from api.cli.exits import FAILED, INCOMPLETE, OK, REFUSED, UNREADABLE
from api.kept_proofs import kept_proofs
from ledger.journal.checkpoint import Checkpoint, sign_checkpoint
from ledger.journal.policy import parse_policy
from ledger.transparency.asking import Reply
from ledger.transparency.protocol import format_size
from ledger.transparency.source import FolderSource
from ledger.transparency.tile_reader import open_tiles
from tests.api.home_kit import ORIGIN, enter, key, run, size_of, written
from tests.api.witness_servers import DIRECT, adopt, policy_of, witnesses_of
from tests.ledger.transparency.asked_kit import Answering

if TYPE_CHECKING:
    from pathlib import Path

    from api.cli.doctor_check import Check
    from api.home import Home
    from tests.api.home_kit import Ran

AWAY = Answering(lambda _: Reply(503, b""))


def publish(home: Home, *options: str) -> Ran:
    """Publish now."""
    return run(home, *options, "checkpoint", "publish", environment=DIRECT)


def signers(home: Home, note: bytes) -> list[str]:
    """Return who cosigned a note under the policy of a home."""
    cosigners = parse_policy(home.policy.read_bytes()).verify_signatures(note).cosigners
    return [one.name for one in cosigners]


def record_more(home: Home) -> None:
    """Record one event."""
    file = written(home.path / "more.ndjson", enter())
    assert run(home, "record", str(file), "--key", key(home, "rup")).exit_code == 0


def doctor(home: Home, at: datetime | None = None) -> dict[str, Check]:
    """Return what doctor says of the published log."""
    with open_reading(home) as reading:
        return {one.what: one for one in publication_checks(reading, at or datetime.now(UTC))}


def test_without_witnesses_the_log_is_published_at_once(home: Home) -> None:
    ran = publish(home)
    assert (ran.exit_code, ran.stderr) == (OK, "")
    assert f"pubblicato il punto di controllo {size_of(home)}" in ran.stdout
    note = (home.public_log / "checkpoint").read_bytes()
    head = parse_policy(home.policy.read_bytes()).verify_checkpoint(note).checkpoint
    tiles = open_tiles(FolderSource(home.public_log), head)
    assert sum(1 for _ in tiles.entries(0, head.size)) == head.size == size_of(home)
    assert (home.public_log / "policy.txt").read_bytes() == home.policy.read_bytes()
    assert run(home, "checkpoint", "show").stdout.encode() == note


def test_the_published_log_lies_where_the_environment_says(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "www" / "log"
    environment = {"PISTA_PUBLIC_LOG": str(elsewhere)}
    assert run(home, "checkpoint", "publish", environment=environment).exit_code == OK
    assert (elsewhere / "checkpoint").exists()
    assert not home.public_log.exists()


def test_a_head_is_published_once_its_witnesses_have_signed(home: Home) -> None:
    with witnesses_of(home, 1, 2) as desk:
        desk.witnesses[2] = AWAY
        waiting = publish(home)
        assert waiting.exit_code == INCOMPLETE
        assert "W1 ha firmato." in waiting.stdout
        assert "W2 ha risposto 503" in waiting.stdout
        assert "resta in attesa di testimoni" in waiting.stdout
        assert not (home.public_log / "checkpoint").exists()
        assert signers(home, (home.public_log / "checkpoint.pending").read_bytes()) == [
            "w1.example"
        ]
    with witnesses_of(home, 1, 2):
        published = publish(home)
        assert published.exit_code == OK, published.stdout
        note = (home.public_log / "checkpoint").read_bytes()
        assert signers(home, note) == ["w1.example", "w2.example"]
        assert not (home.public_log / "checkpoint.pending").exists()
        assert run(home, "checkpoint", "show").stdout.encode() == note
        old = size_of(home)
        record_more(home)
        assert run(home, "checkpoint", "show", str(old)).stdout.encode() == note
        assert signers(home, run(home, "checkpoint", "show").stdout.encode()) == []


def test_the_outcome_is_told_in_json_witness_by_witness(home: Home) -> None:
    with witnesses_of(home, 1, 2, quorum="any") as desk:
        desk.witnesses[2] = AWAY
        first, second, summary = publish(home, "--json").lines
    assert (first["witness"], first["state"], first["alarm"]) == ("W1", "cosigned", False)
    assert abs(first["time"] - time.time()) < 60
    assert (second["witness"], second["state"], second["time"]) == ("W2", "failing", None)
    assert (summary["size"], summary["published"], summary["exit"]) == (size_of(home), True, 0)


def test_recording_waits_for_no_witness_and_does_not_fail_for_them(home: Home) -> None:
    with witnesses_of(home, 1, 2):
        pass
    began = time.monotonic()
    record_more(home)
    assert time.monotonic() - began < 30
    assert publish(home).exit_code == INCOMPLETE


def test_publishing_again_is_the_heartbeat_and_doctor_tells_when_it_is_due(home: Home) -> None:
    assert doctor(home)["registro pubblicato"].state == "attenzione"
    with witnesses_of(home, 1, 2, quorum="any") as desk:
        desk.witnesses[2] = AWAY
        assert "nessuna firma pubblicata" in doctor(home)["testimoni"].detail
        assert publish(home).exit_code == OK
        now = datetime.now(UTC)
        told = doctor(home, now)["testimoni"]
        assert (told.state, told.detail[:3]) == ("ok", "W1 ")
        assert "W2 ha risposto 503" in told.detail
        overdue = doctor(home, now + timedelta(hours=24, minutes=1))["testimoni"]
        assert overdue.state == "attenzione"
        assert "da oltre 24 ore" in overdue.detail
        assert "pista checkpoint publish" in overdue.detail
        assert doctor(home)["registro pubblicato"].detail.startswith(f"fino a {size_of(home)} di")
        record_more(home)
        desk.witnesses[1] = AWAY
        assert publish(home).exit_code == INCOMPLETE
        waiting = doctor(home, now)["testimoni"]
        assert waiting.state == "attenzione"
        assert f"il punto di controllo {size_of(home)} attende. W1" in waiting.detail


def test_doctor_shows_what_witnesses_say(home: Home) -> None:
    with witnesses_of(home, 1):
        assert publish(home).exit_code == OK
        checks = {one.get("what"): one for one in run(home, "--json", "doctor").lines}
    assert checks["testimoni"]["state"] == "ok"
    assert checks["registro pubblicato"]["state"] == "ok"


def test_a_witness_that_knows_more_is_an_alarm_that_stands_until_it_signs(home: Home) -> None:
    with witnesses_of(home, 1, 2, quorum="any") as desk:
        honest = desk.witnesses[1]
        desk.witnesses[1] = Answering(lambda _: Reply(409, format_size(9999)))
        ran = publish(home)
        assert ran.exit_code == FAILED
        assert "ALLARME: W1 ha già firmato 9999 foglie" in ran.stdout
        # One witness that says so without a proof does not stop the others.
        assert "pubblicato il punto di controllo" in ran.stdout
        desk.witnesses[1] = AWAY
        assert publish(home).exit_code == OK
        assert doctor(home)["testimoni"].state == "non va"
        assert "9999" in doctor(home)["testimoni"].detail
        desk.witnesses[1] = honest
        assert publish(home).exit_code == OK
        assert doctor(home)["testimoni"].state == "ok"


def test_a_head_that_our_key_signed_elsewhere_is_kept_as_proof(home: Home) -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 9999, b"y" * 32), log_signer(home, ORIGIN))
    with witnesses_of(home, 1, 2, quorum="any") as desk:
        desk.witnesses[1] = Answering(lambda _: Reply(409, format_size(9999)), lambda: other)
        ran = publish(home)
    assert ran.exit_code == FAILED
    assert "la nota è conservata" in ran.stdout
    assert not (home.public_log / "checkpoint").exists()
    (kept,) = home.outbox.glob("contradiction-9999-*.checkpoint")
    assert kept.read_bytes() == other
    assert doctor(home)["contraddizione"].state == "non va"
    # Whoever loses the anchor now cannot adopt this store by mistake.
    with open_reading(home) as reading:
        newest = kept_proofs(reading, parse_policy(home.policy.read_bytes())).newest
    assert newest is not None
    assert (newest.size, newest.root) == (9999, b"y" * 32)


FAULTS = {
    "the published head is damaged": ("checkpoint", b"damaged", "published-unreadable"),
    "the published head is of more leaves": ("checkpoint", None, "published-ahead"),
    "the last head that is kept is damaged": ("checkpoints/9999", b"", "published-unreadable"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_published_and_doctor_tells_when(home: Home, name: str) -> None:
    path, data, code = FAULTS[name]
    assert publish(home).exit_code == OK
    if data is None:
        data = sign_checkpoint(Checkpoint(ORIGIN, 9999, bytes(32)), log_signer(home, ORIGIN))
    (home.public_log / path).write_bytes(data)
    ran = publish(home)
    assert ran.exit_code != OK
    assert ran.stderr.startswith(code)
    assert doctor(home)["registro pubblicato"].state == "non va"
    assert code in doctor(home)["registro pubblicato"].detail


def test_a_policy_that_was_not_adopted_publishes_nothing(home: Home) -> None:
    home.policy.write_bytes(policy_of(home, {1: "http://127.0.0.1:1"}))
    ran = publish(home)
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (REFUSED, "policy-not-in-force")
    assert "pista trust adopt" in ran.stderr
    assert "policy-not-in-force" in doctor(home)["registro pubblicato"].detail
    assert not home.public_log.exists()


def test_a_policy_is_put_in_use_when_it_is_in_force(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "policy.txt"
    policy = policy_of(home, {1: "http://127.0.0.1:1"})
    file.write_bytes(policy)
    before = home.policy.read_bytes()
    asked = run(home, "trust", "adopt", str(file))
    assert asked.exit_code == INCOMPLETE
    assert home.policy.read_bytes() == before
    request = json.loads(asked.stdout)
    assert request["command"] == "adopt-policy/1"
    lines = written(tmp_path / "adopt.ndjson", asked.stdout.strip())
    assert run(home, "record", str(lines), "--key", key(home, "admin")).exit_code == OK
    told = run(home, "--json", "trust", "adopt", str(file))
    assert (told.exit_code, told.lines[0]["in_force"]) == (OK, True)
    assert home.policy.read_bytes() == policy
    assert run(home, "trust", "show").stdout.encode() == policy


def test_a_policy_that_cannot_be_written_leaves_the_one_in_use(home: Home) -> None:
    before = home.policy.read_bytes()
    (home.path / "policies").write_bytes(b"a file in the place of a folder")
    ran = adopt(home, policy_of(home, {1: "http://127.0.0.1:1"}))
    assert ran.stderr.startswith("policy-not-written")
    assert home.policy.read_bytes() == before


NOT_ADOPTABLE = {
    "that is no policy": (lambda text: b"log\n" + text, "policy-unreadable", UNREADABLE),
    "whose quorum names an unknown group": (
        lambda text: text.replace(b"quorum Q", b"quorum P"),
        "policy-unreadable",
        UNREADABLE,
    ),
    "whose group names an unknown witness": (
        lambda text: text.replace(b"all W1", b"all W3"),
        "policy-unreadable",
        UNREADABLE,
    ),
    "that does not name the key of the log": (
        lambda text: b"\n".join(text.split(b"\n")[1:]),
        "policy-of-another-log",
        REFUSED,
    ),
    "whose witnesses have no address": (
        lambda text: text.replace(b" http://127.0.0.1:1", b""),
        "quorum-unreachable",
        REFUSED,
    ),
    "whose address is none": (
        lambda text: text.replace(b"http://127.0.0.1:1", b"w1.example"),
        "witness-address-malformed",
        REFUSED,
    ),
}


@pytest.mark.parametrize("name", NOT_ADOPTABLE)
def test_a_policy_is_not_adopted(home: Home, tmp_path: Path, name: str) -> None:
    change, code, exit_code = NOT_ADOPTABLE[name]
    file = tmp_path / "policy.txt"
    file.write_bytes(change(policy_of(home, {1: "http://127.0.0.1:1"})))
    before = home.policy.read_bytes()
    ran = run(home, "trust", "adopt", str(file))
    assert (ran.exit_code, ran.stderr.split(":")[0]) == (exit_code, code)
    assert home.policy.read_bytes() == before


def test_a_policy_of_few_addresses_is_adopted_when_they_are_enough(home: Home) -> None:
    text = policy_of(home, {1: "http://127.0.0.1:1", 2: ""}, quorum=1)
    assert adopt(home, text).exit_code == OK
