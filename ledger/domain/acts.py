"""Acts: determine, deliberazioni and the four tracks of their life.

An act is known by (IPA, register, year, number) and by nothing else; its tracks (adoption,
enforceability, publication, effect) move independently, and nothing is ever deleted.
Source: DOMAIN sections 3.3 and 4; D.Lgs. 267/2000 (TUEL) arts. 124, 134, 151, 183.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.altered import altered
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, CLP, CUP, ActKey, Measure, PersonRef
from ledger.domain.money import EUR

ActKind = Literal["determina", "deliberazione"]
DeterminaSubtype = Literal[
    "a-contrarre",
    "affidamento",
    "adesione-convenzione",
    "aggiudicazione",
    "prenotazione",
    "impegno",
    "accertamento",
    "liquidazione",
    "approvazione-sal",
    "approvazione-cre",
    "modifica-contratto",
    "proroga",
    "nomina",
    "presa-atto-finanziamento",
    "ricognitivo",
    "rettifica",
    "revoca",
    "annullamento",
    "disimpegno",
    "altro",
]
DeliberazioneSubtype = Literal[
    "indirizzo",
    "variazione-bilancio",
    "peg",
    "approvazione-progetto",
    "adesione-avviso",
    "dup",
    "programma-acquisti",
    "convenzione",
    "presa-atto",
    "altro",
]
Organ = Literal["giunta", "consiglio", "commissario"]
CigAbsence = Literal["000", "001", "010", "016", "017", "018", "019", "020", "099"]

SPENDING = frozenset(
    {
        "affidamento",
        "adesione-convenzione",
        "aggiudicazione",
        "prenotazione",
        "impegno",
        "modifica-contratto",
    }
)
FINANCING = frozenset(
    SPENDING
    | {
        "a-contrarre",
        "presa-atto-finanziamento",
        "approvazione-progetto",
        "adesione-avviso",
        "variazione-bilancio",
        "convenzione",
    }
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """One CUP an act belongs to, with the share of the amount that is its own."""

    cup: CUP
    measure: Measure | None = None
    clp: CLP | None = None
    amount: EUR | None = None


@dataclass(frozen=True, kw_only=True)
class Endorsement:
    """A visto di regolarità contabile (TUEL art. 183 c. 7)."""

    index: int
    given_on: date
    by_person: PersonRef
    actor: str


@dataclass(frozen=True, kw_only=True)
class Enforceability:
    """The day from which an act has force, and the dated rule that says so."""

    index: int
    effective_on: date
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A term at the albo pretorio; both days included."""

    index: int
    albo_number: str
    from_: date
    to: date
    version: str

    def state_on(self, day: date) -> str:
        """Return non-pubblicata, in-pubblicazione or pubblicata on that day."""
        if day < self.from_:
            return "non-pubblicata"
        return "in-pubblicazione" if day <= self.to else "pubblicata"


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act as recorded; `index` is the place of its registration."""

    key: ActKey
    kind: ActKind
    subtype: str
    adopted_on: date
    subject: str
    office: str
    signatory: PersonRef
    file: FileName
    cup_in_text: str
    links: tuple[Link, ...]
    index: int
    actor: str
    days_late: int
    organ: str | None = None
    amount: EUR | None = None
    cigs: tuple[CIG, ...] = ()
    cig_absence: str | None = None
    proposal_number: str | None = None
    void: bool = False
    endorsements: tuple[Endorsement, ...] = ()
    enforceability: Enforceability | None = None
    publications: tuple[Publication, ...] = ()

    @property
    def is_spending(self) -> bool:
        """Return whether it commits money and so needs the visto (DOMAIN 4.1)."""
        return self.kind == "determina" and self.subtype in SPENDING

    @property
    def finances(self) -> bool:
        """Return whether it finances or authorises, and is null without a CUP (DOMAIN 4.1)."""
        return self.subtype in FINANCING

    def share_of(self, cup: str) -> EUR | None:
        """Return the amount declared for one CUP; the whole amount where it is the only link.

        A shared CUP has one share for each of its interventions: they are summed.
        """
        declared = [
            link.amount for link in self.links if link.cup == cup and link.amount is not None
        ]
        if not declared:
            return self.amount if len(self.links) == 1 else None
        return EUR(sum(declared))

    def enforceability_on(self, day: date) -> str:
        """Return the state of the track of enforceability on that day."""
        found = self.enforceability
        if found is None or found.effective_on > day:
            return "non-esecutiva"
        return "immediatamente-eseguibile" if found.rule_id == "tuel-134-4" else "esecutiva"

    def publication_on(self, day: date) -> str:
        """Return the state of the track of publication on that day."""
        return self.publications[-1].state_on(day) if self.publications else "non-pubblicata"

    def endorsed(self, endorsement: Endorsement) -> "Act":
        """Return the act with one more visto."""
        return altered(self, endorsements=(*self.endorsements, endorsement))

    def published(self, publication: Publication) -> "Act":
        """Return the act with one more term at the albo."""
        return altered(self, publications=(*self.publications, publication))


@dataclass(frozen=True, kw_only=True)
class ActStatement:
    """An act as the exported state shows it, on one day and for one CUP."""

    key: ActKey
    kind: ActKind
    subtype: str
    organ: str | None = None
    adopted_on: date
    subject: str
    office: str
    signatory: PersonRef
    file: FileName
    amount: EUR | None = None
    share: EUR | None = None
    links: tuple[Link, ...]
    cigs: tuple[CIG, ...] = ()
    cig_absence: str | None = None
    adoption: str
    enforceability: str
    effective_on: date | None = None
    rule_id: str | None = None
    publication: str
    published_from: date | None = None
    published_to: date | None = None
    effect: str
    endorsed_on: date | None = None
    index: int
    days_late: int


def state_act(act: Act, cup: str, day: date) -> ActStatement:
    """Return the act as it stands on a day, seen from one CUP."""
    last = act.publications[-1] if act.publications else None
    return ActStatement(
        key=act.key,
        kind=act.kind,
        subtype=act.subtype,
        organ=act.organ,
        adopted_on=act.adopted_on,
        subject=act.subject,
        office=act.office,
        signatory=act.signatory,
        file=act.file,
        amount=act.amount,
        share=act.share_of(cup),
        links=act.links,
        cigs=act.cigs,
        cig_absence=act.cig_absence,
        adoption="numerata",
        enforceability=act.enforceability_on(day),
        effective_on=act.enforceability.effective_on if act.enforceability else None,
        rule_id=act.enforceability.rule_id if act.enforceability else None,
        publication=act.publication_on(day),
        published_from=last.from_ if last else None,
        published_to=last.to if last else None,
        effect="nulla" if act.void else "efficace",
        endorsed_on=act.endorsements[0].given_on if act.endorsements else None,
        index=act.index,
        days_late=act.days_late,
    )
