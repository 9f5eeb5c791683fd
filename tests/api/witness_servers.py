"""Witnesses on the loopback for the home of a ledger, and the policy that names them.

with witnesses_of(home, 1, 2, quorum="all") as desk:       adopted and in use
    run(home, "checkpoint", "publish", environment=DIRECT)
    desk.witnesses[2] = Answering(...)                     from now on it answers so
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.app import log_signer
from ledger.journal.note import parse_vkey
from tests.api.client.raw_server import RawServer, answer
from tests.api.home_kit import key, run, written
from tests.ledger.transparency.asked_kit import Answering, HonestWitness, cosigner

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from api.home import Home
    from tests.api.home_kit import Ran

# No proxy of the environment stands before the loopback.
DIRECT = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


@dataclass
class Witnesses:
    """The witnesses by their number, where each listens, and the text of the policy."""

    witnesses: dict[int, HonestWitness | Answering] = field(default_factory=dict)
    urls: dict[int, str] = field(default_factory=dict)
    policy: bytes = b""

    def serve(self, number: int, connection: socket.socket, request: bytes) -> None:
        """Answer one request to one witness."""
        head, _, body = request.partition(b"\r\n\r\n")
        witness = self.witnesses[number]
        if head.startswith(b"POST /add-checkpoint "):
            reply = witness.add_checkpoint(body)
            connection.sendall(answer(reply.status, reply.body))
        else:
            connection.sendall(answer(200, witness.latest()))


def policy_of(home: Home, urls: dict[int, str], quorum: str | int = "all") -> bytes:
    """Return a policy of the log of a home with witnesses W1, W2, ... at these addresses."""
    lines = [f"log {log_signer(home, home.read_settings().origin).vkey}"]
    lines += [f"witness W{n} {cosigner(n).vkey} {url}".rstrip() for n, url in urls.items()]
    lines += [f"group Q {quorum} {' '.join(f'W{n}' for n in urls)}", "quorum Q"]
    return "".join(f"{line}\n" for line in lines).encode()


def adopt(home: Home, policy: bytes) -> Ran:
    """Let the administrator adopt a policy, and put it in use."""
    file = home.path / "new-policy.txt"
    file.write_bytes(policy)
    request = {
        "command": "adopt-policy/1",
        "data": {
            "setting": "trust.policy",
            "value": hashlib.sha256(policy).hexdigest(),
            "cause": "testimoni",
        },
    }
    recorded = run(
        home,
        "record",
        str(written(home.path / "adopt.ndjson", json.dumps(request))),
        "--key",
        key(home, "admin"),
    )
    assert recorded.exit_code == 0, recorded.stderr
    return run(home, "trust", "adopt", str(file))


@contextmanager
def witnesses_of(home: Home, *numbers: int, quorum: str | int = "all") -> Iterator[Witnesses]:
    """Run witnesses of the log of a home, whose policy asks for them."""
    desk = Witnesses()
    log_key = parse_vkey(log_signer(home, home.read_settings().origin).vkey)
    with ExitStack() as stack:
        for number in numbers:
            desk.witnesses[number] = HonestWitness(number, time.time, log_key)
            server = RawServer(lambda *sent, number=number: desk.serve(number, *sent))
            desk.urls[number] = stack.enter_context(server).url
        desk.policy = policy_of(home, desk.urls, quorum)
        assert adopt(home, desk.policy).exit_code == 0
        yield desk
