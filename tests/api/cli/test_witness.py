"""`pista witness`: from two keys in a folder to cosignatures, by command alone."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from api.cli import exits
from api.cli.main import app
from api.witnessing import open_witness
from ledger.errors import StorageError
from ledger.journal.checkpoint import open_checkpoint, sign_checkpoint
from ledger.journal.journal import Journal
from ledger.journal.memory import MemoryRecorder
from ledger.journal.policy import parse_policy
from ledger.journal.proofs import format_consistency
from ledger.transparency.static_log import StaticLog
from tests.api.http.server_kit import get, post
from tests.ledger.journal.copy_kit import write_log
from tests.ledger.journal.sequencer_kit import ORIGIN, SIGNER
from tests.ledger.transparency.tiled_log import TiledLog
from tests.ledger.transparency.witness_kit import LogBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

NAME = "w1.example"
ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


def ndjson(*arguments: str | Path) -> list[dict[str, Any]]:
    ran = run("--json", *arguments)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    assert {line["schema"] for line in lines} == {"pista.cli/1"}
    assert [line["kind"] for line in lines] == ["item"] * (len(lines) - 1) + ["summary"]
    return lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "w1"
    assert run("witness", "init", made, "--name", NAME).exit_code == 0
    return made


@pytest.fixture
def published(tmp_path: Path) -> StaticLog:
    """A log of a ledger, written as static files."""
    recorder = MemoryRecorder(ORIGIN)
    write_log(recorder, 40)
    journal = Journal(recorder)
    static = StaticLog(tmp_path / "log")
    leaves = [leaf for _, leaf, _ in journal.entries(0, journal.size)]
    checkpoint = TiledLog(ORIGIN, leaves).checkpoint(journal.size)
    static.write_tiles(journal, checkpoint)
    static.write_checkpoint(note_of(leaves), b"quorum none\n")
    return static


def note_of(leaves: list[bytes]) -> bytes:
    return sign_checkpoint(TiledLog(ORIGIN, leaves).checkpoint(len(leaves)), SIGNER)


def test_init_makes_two_keys_and_prints_the_lines_of_a_policy(tmp_path: Path) -> None:
    made = tmp_path / "w1"
    url = "https://w1.example/"
    ran = run("witness", "init", made, "--name", NAME, "--url", url)
    assert ran.exit_code == 0
    policy = parse_policy(f"{ran.stdout}quorum w1.example\n".encode())
    names = [NAME, f"{NAME}/rescan"]
    assert [(one.name, one.key.name, one.url) for one in policy.witnesses] == [
        (name, name, url) for name in names
    ]
    assert {one.key.type for one in policy.witnesses} == {0x04}
    opened = open_witness(made)
    assert [one.key for one in policy.witnesses] == [opened.cosigner.key, opened.rescanner.key]
    assert (made / "witness.pem").stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in ran.stdout


def test_a_second_witness_in_a_folder_is_14_and_none_is_10(folder: Path, tmp_path: Path) -> None:
    again = run("witness", "init", folder, "--name", "w2.example")
    assert (again.exit_code, "witness-present" in again.stderr) == (14, True)
    for words in (["show"], ["serve"], ["confirm-clock"], ["add-log"], ["drop-log"]):
        more = ["x"] if words[0] in {"add-log", "drop-log"} else []
        ran = run("witness", *words, tmp_path / "none", *more)
        assert (ran.exit_code, "pista witness init" in ran.stderr) == (10, True)
    assert not (tmp_path / "none").exists()


def test_a_bad_name_makes_nothing(tmp_path: Path) -> None:
    assert run("witness", "init", tmp_path / "w1", "--name", "w 1").exit_code == 4
    assert list(tmp_path.iterdir()) == []


def test_a_log_is_added_by_its_keys_or_its_trust_file(folder: Path, tmp_path: Path) -> None:
    assert run("witness", "add-log", folder, SIGNER.vkey).exit_code == 0
    shown = ndjson("witness", "show", folder)
    assert (shown[2]["origin"], shown[2]["cosigned"], shown[2]["url"]) == (ORIGIN, None, "")
    other = LogBook(origin="other.example/log", seed=4)
    trust = tmp_path / "trust.txt"
    trust.write_text(f"log {SIGNER.vkey} https://a/\nlog {other.signer.vkey}\nquorum none\n")
    added = ndjson("witness", "add-log", folder, "--trust", trust)
    assert [one["origin"] for one in added[:-1]] == [ORIGIN, "other.example/log"]
    opened = open_witness(folder)
    kept = opened.folder.find(ORIGIN)
    assert kept is not None
    assert (kept.keys, kept.entry.url) == ((SIGNER.key,), "https://a/")
    named = run("witness", "add-log", folder, other.signer.vkey, "--origin", "go.sum database tree")
    assert named.exit_code == 0
    found = opened.folder.find("go.sum database tree")
    assert found is not None
    assert found.keys == (other.key,)
    assert run("witness", "drop-log", folder, ORIGIN).exit_code == 0
    assert opened.folder.find(ORIGIN) is None
    again = run("witness", "drop-log", folder, ORIGIN)
    assert (again.exit_code, "log-not-witnessed" in again.stderr) == (2, True)


BAD_LOGS: dict[str, tuple[list[str], int, str]] = {
    "no key": ([], 2, "no-log-named"),
    "what is no key": (["nonsense"], 4, "key-unreadable"),
    "the key of a witness": (["WITNESS"], 4, "witnessed-log-unreadable"),
    "a key and a trust file": (["LOG", "--trust", "TRUST"], 2, "no-log-named"),
    "a trust file that is not there": (["--trust", "none.txt"], 2, "none.txt"),
    "a trust file without logs": (["--trust", "TRUST"], 2, "no-log-named"),
}


@pytest.mark.parametrize(("words", "code", "told"), BAD_LOGS.values(), ids=BAD_LOGS.keys())
def test_a_log_that_is_named_badly_is_not_added(
    words: list[str], code: int, told: str, folder: Path, tmp_path: Path
) -> None:
    trust = tmp_path / "trust.txt"
    trust.write_text("quorum none\n")
    known = {
        "WITNESS": open_witness(folder).cosigner.vkey,
        "LOG": SIGNER.vkey,
        "TRUST": str(trust),
    }
    ran = run("witness", "add-log", folder, *(known.get(word, word) for word in words))
    assert (ran.exit_code, told in ran.stderr) == (code, True)
    assert list(open_witness(folder).folder.logs()) == []


def test_cosign_and_rescan_write_the_note_of_a_folder(
    folder: Path, published: StaticLog, tmp_path: Path
) -> None:
    run("witness", "add-log", folder, SIGNER.vkey)
    ran = run("witness", "cosign", folder, published.folder)
    assert ran.exit_code == 0, ran.stderr
    opened = open_witness(folder)
    keys = [opened.cosigner.key, opened.rescanner.key]
    note = ran.stdout.encode()
    assert [one.name for one in open_checkpoint(note, SIGNER.key, keys).cosigners] == [NAME]
    to = tmp_path / "cosigned"
    ran = run("witness", "rescan", folder, published.folder, "--to", to)
    assert (ran.exit_code, ran.stdout) == (0, "")
    verified = open_checkpoint(to.read_bytes(), SIGNER.key, keys)
    assert [one.name for one in verified.cosigners] == [f"{NAME}/rescan"]
    assert to.stat().st_mode & 0o777 == 0o644
    ran = run("witness", "cosign", folder, published.folder, "--to", to)
    verified = open_checkpoint(to.read_bytes(), SIGNER.key, keys)
    assert [one.name for one in verified.cosigners] == [NAME, f"{NAME}/rescan"]
    told = run("witness", "show", folder)
    assert told.exit_code == 0
    assert f"foglie firmate {verified.checkpoint.size}, 20" in told.stdout
    assert f"foglie rilette {verified.checkpoint.size}, 20" in told.stdout


UNREACHABLE = exits.exit_code(StorageError("host-unreachable", ""))


def test_files_that_are_carried_are_cosigned_without_a_network(
    folder: Path, tmp_path: Path
) -> None:
    log = LogBook(20)
    fork = log.fork(3)
    fork.grow(17)
    run("witness", "add-log", folder, log.signer.vkey)
    note, proof, wrong = (tmp_path / name for name in ("checkpoint", "proof", "wrong"))
    note.write_bytes(log.note(7))
    assert run("witness", "cosign", folder, note).exit_code == 0
    note.write_bytes(log.note(20))
    proof.write_bytes(format_consistency(log.proof(7, 20)))
    wrong.write_bytes(format_consistency(fork.proof(7, 20)))
    for more in ((), ("--proof", wrong)):
        ran = run("witness", "cosign", folder, note, *more)
        assert (ran.exit_code, "consistency-not-proven" in ran.stderr) == (1, True)
    ran = run("witness", "cosign", folder, note, "--proof", proof, "--to", note)
    assert ran.exit_code == 0
    key = open_witness(folder).cosigner.key
    assert len(open_checkpoint(note.read_bytes(), log.key, [key]).cosigners) == 1
    note.write_bytes(log.note(9))
    ran = run("witness", "cosign", folder, note, "--proof", proof)
    assert (ran.exit_code, "head-behind" in ran.stderr) == (3, True)
    proof.write_bytes(b"no proof")
    assert run("witness", "cosign", folder, note, "--proof", proof).exit_code == 4


UNREACHABLE_AT = "http://127.0.0.1:9"
PLACES: dict[str, tuple[str, int, str]] = {
    "no place": ("none", 2, "log-folder-absent"),
    "an empty folder": ("EMPTY", 2, "not-published"),
    "a server that is not there": (UNREACHABLE_AT, UNREACHABLE, "host-unreachable"),
    "an address that is none": ("http://", 2, "url-malformed"),
}


@pytest.mark.parametrize(("place", "code", "told"), PLACES.values(), ids=PLACES.keys())
def test_a_place_without_a_log_is_told(
    place: str, code: int, told: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    where = str(tmp_path / "empty") if place == "EMPTY" else place
    for command in ("cosign", "rescan"):
        ran = run("witness", command, folder, where)
        assert (ran.exit_code, told in ran.stderr) == (code, True)


def test_a_log_that_is_not_known_or_lies_is_refused_by_code(
    folder: Path, published: StaticLog, tmp_path: Path
) -> None:
    ran = run("witness", "cosign", folder, published.folder)
    assert (ran.exit_code, "log-not-witnessed" in ran.stderr) == (2, True)
    run("witness", "add-log", folder, SIGNER.vkey)
    run("witness", "cosign", folder, published.folder)
    other = LogBook(10)
    other.signer = SIGNER
    lying = tmp_path / "lying"
    lying.mkdir()
    (lying / "checkpoint").write_bytes(other.note(10))
    ran = run("witness", "cosign", folder, lying)
    assert (ran.exit_code, "head-behind" in ran.stderr) == (3, True)
    size = (
        len(str(ran.stderr))
        and open_checkpoint(published.source.read("checkpoint", 9999), SIGNER.key).checkpoint.size
    )
    other.grow(size - 10)
    (lying / "checkpoint").write_bytes(other.note(size))
    ran = run("witness", "cosign", folder, lying)
    assert (ran.exit_code, "root-differs" in ran.stderr) == (1, True)
    shown = run("witness", "show", folder)
    assert shown.exit_code == 1
    assert "ha firmato due radici" in shown.stdout


def test_show_tells_a_frozen_log_and_ends_with_1(folder: Path) -> None:
    run("witness", "add-log", folder, SIGNER.vkey)
    (state,) = folder.glob("logs/*/state")
    state.write_bytes(b"")
    ran = run("witness", "show", folder)
    assert (ran.exit_code, "witness-state-damaged" in ran.stdout) == (1, True)
    lines = ndjson("witness", "show", folder)
    assert lines[-1]["exit"] == 1
    assert lines[2]["frozen"][0]["code"] == "witness-state-damaged"


def test_the_clock_is_confirmed_by_a_person(folder: Path, published: StaticLog) -> None:
    run("witness", "add-log", folder, SIGNER.vkey)
    assert run("witness", "cosign", folder, published.folder).exit_code == 0
    clock = folder / "clock"
    lines = clock.read_text(encoding="ascii").splitlines()
    lines[3] = f"{float(lines[3]) + 86_400:.6f}"
    clock.write_text("\n".join(lines) + "\n", encoding="ascii")
    ran = run("witness", "cosign", folder, published.folder)
    assert (ran.exit_code, f"pista witness confirm-clock {folder}" in ran.stderr) == (1, True)
    assert run("witness", "serve", folder).exit_code == 1
    assert run("witness", "confirm-clock", folder).exit_code == 0
    assert run("witness", "cosign", folder, published.folder).exit_code == 0


def test_a_busy_port_is_11(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run("witness", "serve", folder, "--port", str(taken.getsockname()[1]))
    assert (ran.exit_code, "--port" in ran.stderr) == (11, True)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run `pista witness serve` in a process of its own, which lets everybody ask at will."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "witness", "serve", str(folder)]
    with subprocess.Popen(
        [*command, "--port", str(port), "--per-second", "1000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            assert program.stdout is not None
            assert f":{port}/add-checkpoint" in program.stdout.readline()
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    get(port, "/healthz")
                    break
                except OSError:
                    time.sleep(0.05)
            yield port, program
        finally:
            program.kill()


def test_a_served_witness_ends_cleanly_and_goes_on_where_it_was(folder: Path) -> None:
    log = LogBook(20)
    run("witness", "add-log", folder, log.signer.vkey)
    key = open_witness(folder).cosigner.key
    with serving(folder) as (port, program):
        answer = post(port, "/add-checkpoint", log.request(0, 7))
        verified = open_checkpoint(log.note(7) + answer.body, log.key, [key])
        assert abs(verified.cosigners[0].time - time.time()) < 60
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) in {0, -signal.SIGTERM}
    with serving(folder) as (port, _):
        assert post(port, "/add-checkpoint", log.request(0, 20)).body == b"7\n"
        assert post(port, "/add-checkpoint", log.request(7, 20)).status == 200


def test_a_witness_that_is_killed_while_it_signs_never_signs_two_histories(folder: Path) -> None:
    log = LogBook(4000)
    fork = log.fork(0, b"fork")
    fork.grow(4000)
    run("witness", "add-log", folder, log.signer.vkey)
    key = open_witness(folder).cosigner.key
    given: list[tuple[int, int]] = []

    def ask(port: int, branch: LogBook) -> None:
        try:
            for _ in range(branch.size):
                known = int(post(port, "/add-checkpoint", branch.request(0, 0)).body)
                size = known + 1
                answer = post(port, "/add-checkpoint", branch.request(known, size))
                if answer.status == 200:
                    note = branch.note(size) + answer.body
                    (cosigner,) = open_checkpoint(note, branch.key, [key]).cosigners
                    given.append((size, cosigner.time))
        except (OSError, AssertionError, ValueError):
            return  # the server is gone, in the middle of an answer

    for round_ in range(3):
        with serving(folder) as (port, program):
            assert post(port, "/add-checkpoint", log.request(0, 1)).status in {200, 409}
            threads = [threading.Thread(target=ask, args=(port, log)) for _ in range(2)]
            for thread in threads:
                thread.start()
            enough, until = len(given) + 5 + 4 * round_, time.monotonic() + 60
            while len(given) < enough:
                assert time.monotonic() < until
                time.sleep(0.001)
            program.kill()
            for thread in threads:
                thread.join(20)
        with serving(folder) as (port, _):
            kept = open_witness(folder).folder.find(ORIGIN)
            assert kept is not None
            size = kept.state.read().checkpoint.size
            assert size >= max(one for one, _ in given)
            for asked in (size, size + 1):
                refused = post(port, "/add-checkpoint", fork.request(size, asked))
                assert refused.status == 422
    times = [time_ for _, time_ in sorted(given)]
    assert times == sorted(times)


def test_two_programs_over_one_folder_sign_one_history(folder: Path) -> None:
    log = LogBook(60)
    fork = log.fork(0, b"fork")
    fork.grow(60)
    run("witness", "add-log", folder, log.signer.vkey)
    given: list[tuple[int, bytes]] = []

    def ask(port: int, branch: LogBook) -> None:
        for size in range(1, 61):
            told = post(port, "/add-checkpoint", branch.request(0, 0))
            known = int(told.body) if told.status == 409 else 0
            answer = post(port, "/add-checkpoint", branch.request(known, size))
            if answer.status == 200:
                given.append((size, branch.root(size)))

    with serving(folder) as (one, _), serving(folder) as (two, _):
        threads = [
            threading.Thread(target=ask, args=(port, branch))
            for port in (one, two)
            for branch in (log, fork)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert max(size for size, _ in given) == 60
    assert any(all(one.root(size) == root for size, root in given) for one in (log, fork))


def test_operations_and_program_name_the_same_commands_and_codes() -> None:
    text = (ROOT / "OPERATIONS.md").read_text(encoding="utf-8")
    chapter = text.split("## A witness (un testimone)\n")[1].split("\n## ")[0]
    shown = run("witness", "--help").stdout
    commands = set(re.findall(r"pista witness ([a-z]+(?:-[a-z]+)*) w1", chapter))
    assert commands >= {"init", "add-log", "serve", "cosign", "rescan", "show", "confirm-clock"}
    assert [name for name in sorted(commands) if name not in shown] == []
    rows = [line.split("|")[1] for line in chapter.splitlines() if line.startswith("| `")]
    codes = re.findall(r"`([a-z-]+)`", " ".join(rows))
    folders = (ROOT / "ledger" / "transparency", ROOT / "api" / "http", ROOT / "ledger" / "journal")
    source = "".join(
        path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py")
    )
    assert len(codes) > 15
    proven = "consistency-not-proven"  # put together from its kind where it is raised
    assert [code for code in codes if f'"{code}"' not in source and code != proven] == []
    assert f"`{proven}`" in source
