"""A file of any number of requests, all valid in their order: the years of a municipality.

    write_requests(folder, 5000, seed=7)      folder/requests.ndjson, folder/atto.pdf

Interventions are registered, funded and led through their phases, forwards and back; determine name
one to three CUPs with their shares, get their visto and become enforceable; services and documents
are added. The same seed gives the same file. Keys are keys/rup.pem and keys/ragioneria.pem.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Request = dict[str, Any]

BODY = "c_e506"
REGISTER = "registro-generale"
ACT_FILE = "atto.pdf"
FIRST_DAY = date(2022, 1, 3)
PHASES = ("DA_ATTIVARE", "PROGETTAZIONE", "AFFIDAMENTO", "ESECUZIONE", "COLLAUDO")
PERSON = {"dirigente": {"name": "Persona Dimostrativa 1", "illustrative": True}}


@dataclass
class Intervention:
    """What the next request of one CUP rests on."""

    cup: str
    phase: int = -1
    services: int = 0
    documents: int = 0


@dataclass
class Act:
    """A determina and what it has not had yet."""

    number: str
    on: date
    wanting: list[str] = field(default_factory=lambda: ["visto", "effect"])

    @property
    def key(self) -> str:
        """Return the key of the act."""
        return f"{BODY}/{REGISTER}/{self.on.year}/{self.number}"


class Years:
    """Tells one request after the other; each is valid when those before it were recorded."""

    def __init__(self, seed: int, interventions: int) -> None:
        """Begin with nothing; at most that many interventions are registered."""
        self._random = random.Random(seed)  # noqa: S311  a reproducible story, no secret
        self._most = interventions
        self._known: list[Intervention] = []
        self._acts: list[Act] = []
        self._numbers = 0
        self._told = 0
        self._knows_person = False

    def next(self) -> Request:
        """Return the next request."""
        self._told += 1
        if len(self._known) < self._most and self._random.random() < self._share_of_new():
            return self._register()
        tellers: list[Callable[[], Request]] = [
            self._move,
            self._move,
            self._fund,
            self._serve,
            self._determine,
            self._determine,
            self.attach,
        ]
        waiting = [act for act in self._acts if act.wanting]
        if waiting:
            act = self._random.choice(waiting)
            tellers += [lambda: self._follow(act)] * 3
        return self._random.choice(tellers)()

    def _share_of_new(self) -> float:
        return 1.0 if not self._known else 0.1

    @property
    def _today(self) -> date:
        """The day of the request: the years go by, about twelve requests a day."""
        return FIRST_DAY + timedelta(days=self._told // 12)

    def _one(self) -> Intervention:
        return self._random.choice(self._known)

    def _register(self) -> Request:
        number = len(self._known)
        one = Intervention(f"C81C22{number:05}0006")
        self._known.append(one)
        data = {
            "cup": one.cup,
            "title": f"Migrazione in cloud dei servizi, lotto {number}",
            "measure": "M1C1I1.2",
            "body": {"ipa": BODY, "tax_code": "80008510754"},
            "natura": "02",
            "decided_in": 2022,
        }
        return self._request("register-intervention/2", data)

    def _move(self) -> Request:
        """Enter the next phase, or go back from one that is not the first."""
        one = self._one()
        if one.phase > 1 and self._random.random() < 0.3:
            data = {
                "from_phase": PHASES[one.phase],
                "to_phase": PHASES[one.phase - 1],
                "cause": "procedura deserta",
            }
            one.phase -= 1
            return self._request("revert-phase/1", data, one)
        if one.phase + 1 == len(PHASES):
            return self._fund(one)
        one.phase += 1
        return self._request("enter-phase/1", {"phase": PHASES[one.phase]}, one)

    def _fund(self, one: Intervention | None = None) -> Request:
        data = {
            "source": self._random.choice(["PNRR", "STATO", "REGIONE"]),
            "amount": self._euro(self._random.randint(1_00, 900_000_00)),
            "decree": {"number": f"{self._told}/2022", "on": self._today.isoformat()},
            "instrument": "decreto",
        }
        return self._request("record-funding/1", data, one or self._one())

    def _serve(self) -> Request:
        one = self._one()
        one.services += 1
        data = {
            "item": f"s{one.services:02}",
            "name": f"Servizio n. {one.services}",
            "funded": False,
        }
        return self._request("add-scope-item/1", data, one)

    def attach(self) -> Request:
        """Return a request that attaches a document to an intervention."""
        one = self._one()
        one.documents += 1
        name = f"verbale-{one.documents}.pdf"
        data = {"doc": name, "kind": "verbale", "form": "originale", "title": "Verbale"}
        return self._request("attach-document/2", data, one, files={name: ACT_FILE})

    def _determine(self) -> Request:
        """Register an act on one to three CUPs, with shares that are its amount to the cent."""
        self._numbers += 1
        act = Act(str(self._numbers), self._today)
        self._acts.append(act)
        count = min(self._random.choice([1, 1, 2, 3]), len(self._known))
        ones = self._random.sample(self._known, count)
        shares = [self._random.randint(1_00, 90_000_00) for _ in ones]
        data = {
            "register": REGISTER,
            "year": act.on.year,
            "number": act.number,
            "adopted_on": act.on.isoformat(),
            "subject": f"Impegno di spesa n. {act.number}",
            "office": "Settore Innovazione",
            "signatory": "@dirigente",
            "links": [
                {"cup": one.cup, "amount": self._euro(share)}
                for one, share in zip(ones, shares, strict=True)
            ],
            "cup_in_text": "si",
            "file": ACT_FILE,
            "subtype": "impegno",
            "amount": self._euro(sum(shares)),
        }
        beside: Request = {"files": {ACT_FILE: ACT_FILE}, "role": "dirigente"}
        if not self._knows_person:
            beside["persons"] = PERSON
            self._knows_person = True
        request = self._request("register-determina/1", data, **beside)
        del request["occurred_on"]
        return request

    def _follow(self, act: Act) -> Request:
        """Give an act what it wants next."""
        beside = {"role": "finanziario", "by": "file:keys/ragioneria.pem"}
        if act.wanting.pop(0) == "visto":
            data = {"act": act.key, "by_person": "@dirigente"}
            return self._request("give-endorsement/1", data, **beside)
        data = {"act": act.key, "effective_on": self._today.isoformat(), "rule_id": "tuel-183-7"}
        return self._request("record-enforceability/1", data, **beside)

    def _request(
        self,
        command: str,
        data: Request,
        one: Intervention | None = None,
        **beside: Any,  # noqa: ANN401  members of a request
    ) -> Request:
        request: Request = {
            "command": command,
            "by": "file:keys/rup.pem",
            "role": "rup",
            "occurred_on": self._today.isoformat(),
            "data": data,
        }
        if one is not None:
            request["cup"] = one.cup
        return {**request, **beside}

    @staticmethod
    def _euro(cents: int) -> str:
        return f"{cents // 100}.{cents % 100:02}"


def many_requests(count: int, seed: int) -> Iterator[Request]:
    """Yield that many requests, at least two; about one in thirty registers an intervention.

    The last one brings a file.
    """
    years = Years(seed, max(count // 30, 2))
    for _ in range(count - 1):
        yield years.next()
    yield years.attach()


def write_requests(folder: Path, count: int, seed: int) -> Path:
    """Write the requests one a line, and the file that they attach; return the file of requests."""
    (folder / ACT_FILE).write_bytes(b"%PDF-1.7 un atto")
    path = folder / "requests.ndjson"
    lines = (json.dumps(one, ensure_ascii=False) for one in many_requests(count, seed))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
