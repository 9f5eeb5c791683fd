"""A program that writes through the door as fast as it can: draft, sign, record, and again.

    python -m tests.endurance.writing_process HOME NAME FOLDER SECONDS SEED

It prints `ready`, waits for the file `begin` in the folder (a time of the monotonic clock, which
all processes share), writes until the seconds are over, and prints what became of each attempt. In
each tenth of a second all writers want the same number for an act.
"""

from __future__ import annotations

import io
import json
import random
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.app import open_ledger
from api.client.desk import open_scribe, read_signer
from api.client.requests import make_command
from api.home import Home
from api.machine import now
from ledger.application.requests import parse_request
from ledger.domain.event import ObjectRef
from ledger.errors import Busy, Conflict, Refused
from ledger.records import encode_digest, event_id
from ledger.signing.envelope import assemble, parse

if TYPE_CHECKING:
    from api.app import Opened
    from api.client.scribe import Scribe
    from ledger.domain.commands.command import Command
    from ledger.signing.signer import Signer

CUPS = tuple(f"C81C22{number:05}0006" for number in range(3))
REGISTER = "registro-generale"
DAY = "2023-03-01"
SLOT_SECONDS = 0.1
RACES = 0.5


def tell(kind: str, **members: object) -> None:
    """Print a line."""
    sys.stdout.write(json.dumps({"kind": kind, **members}) + "\n")
    sys.stdout.flush()


class Writer:
    """One who writes on a few CUPs that all others write on."""

    def __init__(self, opened: Opened, signer: Signer, scribe: Scribe, seed: int) -> None:
        """Keep a file for all acts in the vault."""
        stored = opened.vault.put(io.BytesIO(b"%PDF-1.7 un atto"), "application/pdf")
        commit = encode_digest(stored.commit)
        self._file = ObjectRef("atto.pdf", commit, stored.size_bytes, stored.media_type)
        self._signer = signer
        self._scribe = scribe
        self._random = random.Random(seed)  # noqa: S311  a choice to be repeated, no secret

    def attempt(self, slot: int) -> None:
        """Draft, sign and record once; tell what came of it, and how long the door took."""
        is_race = self._random.random() < RACES
        command = self._act(slot) if is_race else self._funding()
        number = slot if is_race else None
        begun = time.monotonic()
        try:
            draft = self._scribe.drafts(command)[0]
        except Refused as refusal:
            tell("refused", code=refusal.code, act=number)
            return
        raw = assemble(draft.signing_input, self._signer.sign(draft.signing_input))
        sent = time.monotonic()
        try:
            receipt = self._scribe.send(raw)
        except Conflict as conflict:
            claims = {claim.name: claim.seq for claim in parse(raw).streams}
            is_told = conflict.heads.keys() == claims.keys() and any(
                conflict.heads[name] > claims[name] for name in claims
            )
            tell("conflict", code=conflict.code, act=number, new_heads=is_told)
        except Refused as refusal:
            tell("refused", code=refusal.code, act=number)
        except Busy as busy:
            tell("busy", code=busy.code, act=number)
        else:
            told = {"event": receipt.event_id, "index": receipt.index, "act": number}
            tell("item", first=receipt.first, **told)
        ended = time.monotonic()
        tell("took", draft=sent - begun, send=ended - sent)

    def _act(self, slot: int) -> Command:
        cups = self._random.sample(CUPS, self._random.randint(1, len(CUPS)))
        data: dict[str, Any] = {
            "register": REGISTER,
            "year": 2023,
            "number": str(slot + 1),
            "adopted_on": DAY,
            "subject": "Un atto che tutti vogliono",
            "office": "Ufficio",
            "signatory": "p_" + "a" * 26,
            "links": [{"cup": cup} for cup in cups],
            "cup_in_text": "si",
            "file": self._file.name,
            "subtype": "impegno",
        }
        new_id = event_id(now(), secrets.token_bytes(10))
        request = {"command": "register-determina/1", "id": new_id, "data": data, "role": "rup"}
        return parse_request(request, (self._file,))

    def _funding(self) -> Command:
        data = {
            "source": "PNRR",
            "amount": f"{self._random.randint(1, 9999)}.00",
            "decree": {"number": f"{self._random.getrandbits(32)}/2023", "on": DAY},
            "instrument": "decreto",
        }
        beside = {"cup": self._random.choice(CUPS), "role": "rup", "occurred_on": DAY}
        return make_command("record-funding/1", data, **beside)


def main(home: str, name: str, folder: str, seconds: str, seed: str) -> None:
    """Write until the time is over."""
    begin = Path(folder) / "begin"
    place = Home(Path(home))
    uri = f"file:{place.keys / name}.pem"
    with open_ledger(place) as opened:
        writer = Writer(opened, read_signer(uri), open_scribe(opened, uri), int(seed))
        tell("ready")
        while not begin.exists():
            time.sleep(0.01)
        start = float(begin.read_text(encoding="ascii"))
        while (passed := time.monotonic() - start) < float(seconds):
            if passed >= 0:
                writer.attempt(int(passed / SLOT_SECONDS))


if __name__ == "__main__":
    main(*sys.argv[1:])
