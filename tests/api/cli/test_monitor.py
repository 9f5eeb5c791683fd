"""`pista monitor` and `pista verify --misbehaviour`: a log is followed, caught, and judged elsewhere."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from api.cli.main import app
from ledger.transparency.disk import FileDisk
from ledger.transparency.misbehaviour import parse_misbehaviour
from ledger.transparency.monitor_folder import MonitorFolder
from tests.ledger.transparency.asked_kit import policy_text
from tests.ledger.transparency.forger import CUPS, Forger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from tests.ledger.transparency.tiled_log import Files


class Site:
    """A folder where a log is published, with the trust file and the state of a monitor beside it."""

    def __init__(self, folder: Path) -> None:
        """Make the folder."""
        self.folder = folder / "log"
        self.folder.mkdir()
        self.state = folder / "state"
        self.trust = folder / "trust.txt"
        self.trust.write_bytes(policy_text())

    def publish(self, place: Files) -> None:
        """Write the files of a log."""
        for path, data in place.files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(data)

    def watch(self, *more: str, place: str = "", options: tuple[str, ...] = ()) -> Result:
        """Look at the log."""
        return run(
            *options,
            "monitor",
            place or self.folder,
            "--policy",
            self.trust,
            "--state",
            self.state,
            *(more or ("--once",)),
        )

    def alarms(self) -> list[Path]:
        """Return what was kept."""
        return sorted(self.state.glob("*/alarms/*.json"))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def caught() -> Forger:
    """Return a log that back-dated an event."""
    log = Forger()
    log.grow(20)
    log.event(f"cup/{CUPS[0]}", at=log.now.replace(year=2020))
    log.close()
    return log


def test_a_log_is_followed_over_http_and_its_news_are_told_by_cup(site: Site) -> None:
    log = Forger()
    log.grow(20)
    with served(site.folder) as url:
        site.publish(log.place())
        first = site.watch(place=url)
        assert first.exit_code == 0
        assert f"CUP {CUPS[0]}: registrazioni {log.rows[f'cup/{CUPS[0]}'].count}" in first.stdout
        index = log.event(f"cup/{CUPS[0]}", f"cup/{CUPS[1]}")
        other = log.event("sys/log")
        log.close()
        site.publish(log.place())
        ran = site.watch(place=url)
        again = site.watch(place=url)
    assert ran.exit_code == 0
    assert ran.stdout.count(f"  registrazione {index}, posto") == 2
    assert f"CUP {CUPS[0]}: nuove 1" in ran.stdout
    assert f"flusso sys/log: nuove 1\n  registrazione {other}, posto" in ran.stdout
    assert (again.exit_code, "nuove" in again.stdout) == (0, False)
    assert "come l'ultima volta" in again.stdout


def test_a_program_reads_news_and_state(site: Site) -> None:
    log = Forger()
    log.grow(5)
    site.publish(log.place())
    site.watch()
    index = log.event("sys/log")
    log.close()
    site.publish(log.place())
    lines = [json.loads(one) for one in site.watch(options=("--json",)).stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["item", "summary"]
    assert lines[0]["index"] == index
    assert [place["name"] for place in lines[0]["streams"]] == ["sys/log"]
    assert (lines[1]["state"], lines[1]["size"], lines[1]["exit"]) == ("grown", log.size, 0)


def test_a_log_that_is_caught_leaves_a_proof_that_others_judge(site: Site) -> None:
    site.publish(caught().place())
    ran = site.watch()
    assert ran.exit_code == 1
    (path,) = site.alarms()
    assert f"PROVA received-at-back: La foglia {caught().size - 2}" in ran.stdout
    assert str(path) in ran.stdout
    judged = run("verify", "--misbehaviour", path, "--trust", site.trust)
    assert (judged.exit_code, judged.stdout.splitlines()[-1]) == (0, "PROVATO")
    alone = run("verify", "--misbehaviour", path)
    assert alone.exit_code == 3
    assert parse_misbehaviour(path.read_bytes()).log_key in alone.stdout
    told = run("--json", "verify", "--misbehaviour", path, "--trust", site.trust)
    item, summary = (json.loads(line) for line in told.stdout.splitlines())
    assert (item["code"], item["proof"], summary["exit"]) == ("received-at-back", True, 0)


def test_a_proof_that_shows_nothing_is_refused(site: Site, tmp_path: Path) -> None:
    site.publish(caught().place())
    site.watch()
    (path,) = site.alarms()
    value = json.loads(path.read_bytes())
    value["before"] = value["before"][::-1]
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(value, sort_keys=True, indent=1) + "\n")
    assert run("verify", "--misbehaviour", bad, "--trust", site.trust).exit_code == 1
    bad.write_text("{}")
    assert run("verify", "--misbehaviour", bad, "--trust", site.trust).exit_code == 4
    assert run("verify", "--misbehaviour", tmp_path / "none", "--trust", site.trust).exit_code == 4
    assert run("verify").exit_code == 2


def test_what_cannot_be_proven_is_an_observation(site: Site) -> None:
    log = Forger()
    small = log.grow(5)
    log.grow(5)
    site.publish(log.place())
    site.watch()
    site.publish(log.place(small))
    ran = site.watch()
    assert ran.exit_code == 3
    assert "OSSERVAZIONE log-rolled-back" in ran.stdout
    (path,) = site.alarms()
    judged = run("verify", "--misbehaviour", path, "--trust", site.trust)
    assert (judged.exit_code, "OSSERVAZIONE" in judged.stdout) == (3, True)


def test_a_place_that_is_empty_or_down_is_told(site: Site) -> None:
    empty = site.watch()
    assert (empty.exit_code, empty.stdout.startswith("not-published: ")) == (3, True)
    down = site.watch(place="http://127.0.0.1:1/")
    assert (down.exit_code, down.stdout.startswith("host-unreachable: ")) == (3, True)
    assert site.watch(place=str(site.folder / "none")).exit_code == 2
    assert site.alarms() == []


def test_it_goes_on_until_the_log_is_caught(site: Site) -> None:
    def later() -> None:
        time.sleep(1.5)
        site.publish(caught().place())

    thread = threading.Thread(target=later)
    thread.start()
    ran = site.watch("--every", "1")
    thread.join()
    assert ran.exit_code == 1
    assert ran.stdout.startswith("not-published: ")
    assert "PROVA received-at-back" in ran.stdout


def test_two_monitors_do_not_share_a_folder(site: Site) -> None:
    with MonitorFolder(site.state, FileDisk()).alone():
        assert site.watch().exit_code == 11
