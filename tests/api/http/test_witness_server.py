"""The witness over HTTP: each answer to the byte, what strangers may not do, and health."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from api.http.limits import Buckets, Limits, network_of
from api.http.strangers import CONNECTIONS, TimedProtocol, config_for_strangers
from api.http.witness import make_witness_app
from ledger.errors import Drifted
from ledger.journal.checkpoint import open_checkpoint
from ledger.journal.note import MAX_NOTE_BYTES
from ledger.transparency.protocol import MAX_REQUEST_BYTES
from tests.api.http.server_kit import connect, get, head, post, raw, read_answer, serving
from tests.ledger.transparency.witness_kit import (
    NAME,
    NOON,
    ORIGIN,
    Desk,
    LogBook,
    cosigner,
    note_signer,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.http.server_kit import Answer

SECONDS = int(NOON.timestamp())
LOG = LogBook(12)
FORK = LOG.fork(3)
FORK.grow(9)
HASH = hashlib.sha256(ORIGIN.encode()).hexdigest()
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"
GENEROUS = Limits(MAX_REQUEST_BYTES, per_second=1e6, burst=10**6)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.ask(LOG.request(0, 5))
    return made


@pytest.fixture
def port(desk: Desk) -> Iterator[int]:
    app = make_witness_app(desk.witness, desk.folder, GENEROUS)
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as found:
        yield found


def line_of(size: int, log: LogBook = LOG) -> bytes:
    """Return the line of a cosignature at noon, put together from its parts."""
    text = log.note(size).partition(b"\n\n")[0].decode() + "\n"
    line = cosigner().cosign(text, SECONDS)
    assert line.signature[:8] == SECONDS.to_bytes(8, "big")
    encoded = base64.b64encode(line.key_id + line.signature)
    return "\u2014 w1.example ".encode() + encoded + b"\n"


def told(code: str, sentence: str) -> bytes:
    return f"{code}: {sentence}\n".encode()


NOTE_AGAIN = " Prenderla di nuovo da chi l'ha emessa."
NOT_PROVEN = "La prova di coerenza dell'albero di 5 foglie con quello di 9 non vale: "
EMPTY = f"{ORIGIN}\n0\n{'A' * 43}=\n"


def signed(old: int, text: str, name: str = ORIGIN, seed: int = 1, proof: str = "") -> bytes:
    line = note_signer(name, seed).sign_note(text)
    encoded = base64.b64encode(line.key_id + line.signature).decode()
    return f"old {old}\n{proof}\n{text}\n\u2014 {name} {encoded}\n".encode()


TEXT_9 = LOG.note(9).partition(b"\n\n")[0].decode() + "\n"
PROOF_9 = LOG.request(5, 9).partition(b"\n\n")[0].decode().partition("\n")[2] + "\n"

# Asked of a witness that has cosigned 5 leaves: status, type and body of each answer.
ANSWERS: dict[str, tuple[bytes, int, str, bytes]] = {
    "growth": (LOG.request(5, 9), 200, TEXT, line_of(9)),
    "the same again": (LOG.request(5, 5), 200, TEXT, line_of(5)),
    "nothing": (
        b"",
        400,
        TEXT,
        told(
            "add-checkpoint-unreadable",
            "La richiesta al testimone non è una riga 'old N', le impronte della prova, una riga"
            " vuota e il punto di controllo: comporla secondo C2SP tlog-witness.",
        ),
    ),
    "a leading zero": (
        LOG.request(5, 9).replace(b"old 5", b"old 05"),
        400,
        TEXT,
        told(
            "add-checkpoint-unreadable",
            "La richiesta al testimone non è leggibile: '05' non è un decimale da 0 a"
            f" {2**63 - 1} senza zeri iniziali. Confrontare con un'altra copia.",
        ),
    ),
    "64 hashes": (
        signed(5, TEXT_9, proof=f"{'A' * 43}=\n" * 64),
        400,
        TEXT,
        told(
            "add-checkpoint-unreadable",
            "La prova di coerenza ha 64 impronte, ne sono ammesse 63: comporla secondo RFC 6962,"
            " sezione 2.1.2.",
        ),
    ),
    "trailing bytes": (
        LOG.request(5, 9) + b"x",
        400,
        TEXT,
        told(
            "note-unreadable",
            "La nota firmata non è leggibile: non ha una riga vuota seguita da righe di firma"
            f" intere.{NOTE_AGAIN}",
        ),
    ),
    "no signatures": (
        LOG.request(5, 9).partition("\n\n\u2014".encode())[0] + b"\n\n",
        400,
        TEXT,
        told(
            "note-unreadable",
            "La nota firmata non è leggibile: non ha una riga vuota seguita da righe di firma"
            f" intere.{NOTE_AGAIN}",
        ),
    ),
    "an old size over the checkpoint": (
        signed(10, TEXT_9),
        400,
        TEXT,
        told(
            "old-size-beyond",
            "La richiesta va da 10 foglie a 9: la prova di coerenza è da meno a più foglie.",
        ),
    ),
    "another key": (
        signed(5, TEXT_9, seed=6, proof=PROOF_9),
        403,
        TEXT,
        told(
            "signature-missing",
            "La nota non porta la firma di alcuna chiave nota: chiedere la nota firmata a chi l'ha"
            " emessa, o correggere il file di fiducia.",
        ),
    ),
    "a signature over another text": (
        LOG.request(5, 9).replace(b"\n9\n", b"\n10\n"),
        403,
        TEXT,
        told(
            "signature-invalid",
            "La firma su questi byte non è di iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w:"
            " prenderli all'origine.",
        ),
    ),
    "an unknown log": (
        LogBook(9, origin="other.example/log").request(0, 9),
        404,
        TEXT,
        told(
            "log-not-witnessed",
            "Questo testimone non firma per il registro 'other.example/log': chiederlo a chi lo"
            " gestisce.",
        ),
    ),
    "a smaller old size": (LOG.request(3, 9), 409, SIZE, b"5\n"),
    "a larger old size": (LOG.request(7, 9), 409, SIZE, b"5\n"),
    "an old size of 0": (LOG.request(0, 9), 409, SIZE, b"5\n"),
    "an old size that is wrong, with a fork": (FORK.request(0, 9), 409, SIZE, b"5\n"),
    "no proof": (
        signed(5, TEXT_9),
        422,
        TEXT,
        told(
            "consistency-not-proven",
            f"{NOT_PROVEN}ha 0 impronte, non 5. Prenderla di nuovo dal registro.",
        ),
    ),
    "a fork": (
        FORK.request(5, 9),
        422,
        TEXT,
        told(
            "consistency-not-proven",
            f"{NOT_PROVEN}porta a un'altra radice. Prenderla di nuovo dal registro.",
        ),
    ),
    "another root of the size": (
        FORK.request(5, 5),
        422,
        TEXT,
        told(
            "root-differs",
            f"Il registro {ORIGIN} ha firmato due radici diverse per 5 foglie: questa e quella già"
            " testimoniata. Chi lo gestisce deve dire pubblicamente quale è vera.",
        ),
    ),
}


@pytest.mark.parametrize(
    ("body", "status", "media_type", "wanted"), ANSWERS.values(), ids=ANSWERS.keys()
)
def test_an_answer_is_this_to_the_byte(
    body: bytes, status: int, media_type: str, wanted: bytes, port: int
) -> None:
    answer = post(port, "/add-checkpoint", body)
    assert (answer.status, answer.headers.pop("content-type"), answer.body) == (
        status,
        media_type,
        wanted,
    )
    assert answer.headers.pop("date")
    assert answer.headers == {
        "content-length": str(len(wanted)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


def test_the_first_checkpoint_of_a_log_and_an_empty_root(tmp_path: Path) -> None:
    fresh = Desk(tmp_path)
    app = make_witness_app(fresh.witness, fresh.folder, GENEROUS)
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as port:
        wrong = post(port, "/add-checkpoint", signed(0, EMPTY))
        assert (wrong.status, wrong.body) == (
            422,
            told(
                "empty-root-differs",
                "La radice di un albero vuoto è l'impronta SHA-256 di nessun byte, questa no:"
                " correggere il registro.",
            ),
        )
        proof = post(port, "/add-checkpoint", signed(0, TEXT_9, proof=PROOF_9))
        assert (proof.status, proof.body.partition(b":")[0]) == (422, b"consistency-not-proven")
        assert get(port, f"/{HASH}/checkpoint").status == 404
        assert post(port, "/add-checkpoint", LOG.request(5, 9)).body == b"0\n"
        assert post(port, "/add-checkpoint", LOG.request(0, 0)).body == line_of(0)
        assert post(port, "/add-checkpoint", LOG.request(0, 9)).body == line_of(9)


def test_the_last_checkpoint_can_be_read_with_the_cosignature_that_was_given(
    port: int, desk: Desk
) -> None:
    given = post(port, "/add-checkpoint", LOG.request(5, 9)).body
    desk.clock.move(300)
    answer = get(port, f"/{HASH}/checkpoint")
    assert (answer.status, answer.headers["content-type"]) == (200, TEXT)
    assert answer.body == LOG.note(9) + given
    assert len(open_checkpoint(answer.body, LOG.key, [cosigner().key]).cosigners) == 1


ELSEWHERE: dict[str, tuple[bytes, int]] = {
    "the root": (head("GET", "/"), 404),
    "a log that is not witnessed": (head("GET", f"/{'0' * 64}/checkpoint"), 404),
    "a hash in capitals": (head("GET", f"/{HASH.upper()}/checkpoint"), 404),
    "a path that climbs": (head("GET", "/..%2f..%2fwitness/checkpoint"), 404),
    "a path with a NUL": (head("GET", "/%00/checkpoint"), 404),
    "the key": (head("GET", "/witness.pem"), 404),
    "documentation": (head("GET", "/docs"), 404),
    "the description of the interface": (head("GET", "/openapi.json"), 404),
    "reading add-checkpoint": (head("GET", "/add-checkpoint"), 405),
    "putting a checkpoint": (head("PUT", f"/{HASH}/checkpoint", "Content-Length: 0"), 405),
    "no HTTP": (b"ciao\r\n\r\n", 400),
    "a head of 20 KB": (head("GET", "/healthz", "X: " + "x" * 20_000)[:-4], 400),
}


@pytest.mark.parametrize(("data", "status"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_there_is_nothing_else(data: bytes, status: int, port: int) -> None:
    answer = raw(port, data)
    assert answer.status == status
    assert b"PRIVATE" not in answer.body


def test_a_body_that_says_it_is_too_long_is_not_read(port: int) -> None:
    length = f"Content-Length: {MAX_REQUEST_BYTES + 1}"
    answer = raw(port, head("POST", "/add-checkpoint", length))
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert answer.body.startswith(b"request-too-long: ")


def test_a_body_that_grows_too_long_is_stopped(port: int) -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    with connect(port) as connection:
        connection.sendall(head("POST", "/add-checkpoint", "Transfer-Encoding: chunked"))
        for _ in range(MAX_REQUEST_BYTES // 4096 + 1):
            connection.sendall(chunk)
        assert read_answer(connection).status == 413
        assert connection.recv(1) == b""


def test_the_largest_request_is_read(port: int) -> None:
    note_lines = LOG.request(5, 9).splitlines(keepends=True)
    filler = b"\xe2\x80\x94 x.example " + base64.b64encode(bytes(2100)) + b"\n"
    body = b"".join([*note_lines, *[filler] * 23])
    assert MAX_NOTE_BYTES - 1024 < len(body) < MAX_NOTE_BYTES
    assert post(port, "/add-checkpoint", body).body == line_of(9)


def test_a_connection_serves_many_requests(port: int) -> None:
    with connect(port) as connection:
        for size in (5, 6, 7):
            body = LOG.request(max(size - 1, 5), size)
            connection.sendall(
                head("POST", "/add-checkpoint", f"Content-Length: {len(body)}") + body
            )
            assert read_answer(connection).body == line_of(size)


def test_a_body_that_does_not_come_is_not_waited_for(desk: Desk) -> None:
    limits = Limits(MAX_REQUEST_BYTES, body_seconds=0.2)
    app = make_witness_app(desk.witness, desk.folder, limits)
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as port, connect(port) as connection:
        connection.sendall(head("POST", "/add-checkpoint", "Content-Length: 100") + b"old 5\n")
        answer = read_answer(connection)
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert answer.body.startswith(b"request-too-slow: ")
        assert connection.recv(1) == b""


def test_a_client_that_goes_away_leaves_no_trace(
    port: int, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    body = LOG.request(5, 9)
    for part in (0, 10, len(body) - 1):
        with connect(port) as connection:
            length = f"Content-Length: {len(body)}"
            connection.sendall(head("POST", "/add-checkpoint", length) + body[:part])
    assert get(port, "/healthz").status == 200
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    assert kept.state.read().checkpoint.size == 5
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


class HastyProtocol(TimedProtocol):
    """Waits a fifth of a second for a head."""

    head_seconds = 0.2


SILENT: dict[str, list[bytes]] = {
    "says nothing": [],
    "says half a head": [b"GET /healthz HTT"],
    "says a byte now and then": [b"G", b"E", b"T", b" ", b"/", b"h", b"e", b"a", b"l", b"t"],
    "says a byte after another for ever": [b"x"] * 200,
    "says half a head after an answer": [head("GET", "/healthz"), b"GET /healthz HTT"],
}


@pytest.mark.parametrize("parts", SILENT.values(), ids=SILENT.keys())
def test_who_does_not_ask_is_not_waited_for(parts: list[bytes], desk: Desk) -> None:
    app = make_witness_app(desk.witness, desk.folder, GENEROUS)
    config = config_for_strangers(app, "127.0.0.1", 0)
    config.http = HastyProtocol
    with serving(config) as port, connect(port) as connection:
        began = time.monotonic()
        with suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
                time.sleep(0.05)
            while connection.recv(4096):
                pass
        assert time.monotonic() - began < 4


def test_a_crowd_that_says_nothing_keeps_nobody_out_for_long(desk: Desk) -> None:
    app = make_witness_app(desk.witness, desk.folder, GENEROUS)
    config = config_for_strangers(app, "127.0.0.1", 0)
    config.http = HastyProtocol
    with serving(config) as port, ExitStack() as crowd:
        for _ in range(CONNECTIONS + 5):
            crowd.enter_context(connect(port))
        until = time.monotonic() + 15
        while get(port, "/healthz").status != 200:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert post(port, "/add-checkpoint", LOG.request(5, 9)).status == 200


def test_too_many_requests_of_one_address_are_refused_and_later_allowed(desk: Desk) -> None:
    seconds = [0.0]
    limits = Limits(MAX_REQUEST_BYTES, per_second=1, burst=3)
    app = make_witness_app(desk.witness, desk.folder, limits, lambda: seconds[0])
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as port:
        answers = [post(port, "/add-checkpoint", LOG.request(5, 5)) for _ in range(5)]
        assert [one.status for one in answers] == [200, 200, 200, 429, 429]
        assert answers[-1].body == b"too-many-requests: Troppe richieste: riprovare fra poco.\n"
        assert answers[-1].headers["retry-after"] == "1"
        seconds[0] += 1
        assert get(port, "/healthz").status == 200
        assert get(port, "/healthz").status == 429


def test_addresses_are_counted_one_by_one_and_all_together() -> None:
    seconds = [0.0]
    buckets = Buckets(1, 2, lambda: seconds[0])
    assert [buckets.take("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [buckets.take("192.0.2.2") for _ in range(3)] == [True, True, False]
    assert sum(buckets.take(f"198.51.100.{number}") for number in range(40)) == 16
    seconds[0] += 0.5
    assert not buckets.take("192.0.2.1")
    assert sum(buckets.take(f"203.0.113.{number}") for number in range(40)) == 5
    seconds[0] += 1000
    assert [buckets.take("192.0.2.1") for _ in range(3)] == [True, True, False]


def test_a_client_of_ipv6_has_a_whole_network() -> None:
    assert (
        network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    )
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("testclient") == "testclient"


def healthz(port: int) -> tuple[int, dict[str, object]]:
    answer: Answer = get(port, "/healthz")
    found: dict[str, object] = json.loads(answer.body)
    return answer.status, found


def test_health_tells_what_was_cosigned_last(port: int) -> None:
    assert healthz(port) == (
        200,
        {
            "witness": cosigner(NAME).vkey,
            "logs": [{"origin": ORIGIN, "size": 5, "time": SECONDS}],
            "faults": [],
        },
    )


def test_a_frozen_log_is_503_and_the_others_go_on(port: int, desk: Desk) -> None:
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    (kept.folder / "state").write_bytes(b"torn")
    answer = post(port, "/add-checkpoint", LOG.request(5, 9))
    assert (answer.status, answer.body.partition(b":")[0]) == (503, b"witness-state-damaged")
    status, found = healthz(port)
    assert (status, found["faults"]) == (503, [{"origin": ORIGIN, "code": "witness-state-damaged"}])


def test_a_clock_that_is_not_believed_is_503(desk: Desk) -> None:
    def clock() -> None:
        raise Drifted("clock-drift", "L'ora non è creduta.")

    desk.witness._clock = clock  # type: ignore[assignment]
    app = make_witness_app(desk.witness, desk.folder, GENEROUS)
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as port:
        answer = post(port, "/add-checkpoint", LOG.request(5, 9))
        assert (answer.status, answer.body) == (503, told("clock-drift", "L'ora non è creduta."))
        assert healthz(port)[0] == 503


def test_a_state_that_another_holds_is_503_in_time(desk: Desk) -> None:
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    limits = Limits(MAX_REQUEST_BYTES, answer_seconds=0.3)
    app = make_witness_app(desk.witness, desk.folder, limits)
    with serving(config_for_strangers(app, "127.0.0.1", 0)) as port:
        with kept.state.turn():
            answer = post(port, "/add-checkpoint", LOG.request(5, 9))
        assert (answer.status, answer.body.partition(b":")[0]) == (503, b"witness-slow")


def test_many_clients_at_once_get_one_chain(port: int, desk: Desk) -> None:
    log = LogBook(40)
    fork = log.fork(5)
    fork.grow(35)
    given: dict[int, set[bytes]] = {}

    def work(branch: LogBook) -> None:
        for size in range(6, 41):
            known = post(port, "/add-checkpoint", branch.request(0, size)).body
            answer = post(port, "/add-checkpoint", branch.request(int(known), size))
            if answer.status == 200:
                given.setdefault(size, set()).add(branch.root(size))

    threads = [threading.Thread(target=work, args=(branch,)) for branch in (log, fork) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = desk.folder.find(ORIGIN)
    assert kept is not None
    last = kept.state.read().checkpoint
    chosen = log if last.root == log.root(last.size) else fork
    assert last.size == 40
    assert all(roots == {chosen.root(size)} for size, roots in given.items())
