"""Acts: determine, deliberazioni and the four tracks of their life.

An act is known by (IPA, register, year, number) and by nothing else; its tracks (adoption,
enforceability, publication, effect) move independently, and nothing is ever deleted.
Source: DOMAIN sections 3.3 and 4; D.Lgs. 267/2000 (TUEL) arts. 124, 134, 151, 183.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from ledger.domain.act_tracks import Tracks
from ledger.domain.altered import altered
from ledger.domain.documents import Numbered, SignatureReport
from ledger.domain.files import FileName
from ledger.domain.identifiers import CIG, CLP, CUP, ActKey, Measure, PersonRef
from ledger.domain.keys import ProcedureKey
from ledger.domain.law import Law
from ledger.domain.money import EUR

ActKind = Literal["determina", "deliberazione", "altro"]
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
OtherKind = Literal[
    "decreto-sindacale",
    "ordinanza",
    "ordine-di-servizio",
    "contratto",
    "ordine-mepa",
    "atto-obbligo",
    "convenzione",
    "decreto-finanziamento",
    "verbale",
    "altro-esterno",
]
Organ = Literal["giunta", "consiglio", "commissario"]
CigAbsence = Literal["000", "001", "010", "016", "017", "018", "019", "020", "099"]

SPENDING: Final = "tuel-183-7"  # the rule, and by kind of act the subtypes that spend
NULLITY: Final = "l3-11-2bis"  # the rule, and by kind of act the subtypes that are null without CUP
LINKS_LIMIT = 300  # an envelope holds no more; a longer act is continued by act-linked


@dataclass(frozen=True, kw_only=True)
class Link:
    """One CUP an act belongs to, with the share of the amount that is its own."""

    cup: CUP
    measure: Measure | None = None
    clp: CLP | None = None
    amount: EUR | None = None


@dataclass(frozen=True, kw_only=True)
class Act(Tracks):
    """One act as recorded; `index` is the place of its registration.

    `links_total` is how many links it has in all, where its registration does not hold them all:
    `continued` are those of later events. `moved_from` are CUPs that it was linked to by mistake.
    """

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
    proposal: Numbered | None = None
    sector_number: str | None = None
    protocollo: Numbered | None = None
    numbered_on: date | None = None
    procedure: ProcedureKey | None = None
    chapters: tuple[str, ...] = ()
    rup: PersonRef | None = None
    public_subject: str | None = None
    form: str | None = None
    issuer: str | None = None
    signature_report: SignatureReport | None = None
    void: bool = False
    votes: str | None = None
    links_total: int | None = None
    continued: tuple[Link, ...] = ()
    moved_from: tuple[CUP, ...] = ()
    affects: tuple[ActKey, ...] = ()

    def spends(self, law: Law) -> bool:
        """Return whether it commits money by its kind and so needs the visto (DOMAIN 4.1)."""
        return self.subtype in law.words(f"{SPENDING}.{self.kind}", self.adopted_on)

    def finances(self, law: Law) -> bool:
        """Return whether it finances or authorises, and is null without a CUP (DOMAIN 4.1)."""
        return self.subtype in law.words(f"{NULLITY}.{self.kind}", self.adopted_on)

    @property
    def every_link(self) -> tuple[Link, ...]:
        """Return the links of its registration and of the events that continued it."""
        return (*self.links, *self.continued)

    @property
    def shares(self) -> list[EUR | None]:
        """Return the share of each link; an only one that declares none has the whole amount."""
        declared = [link.amount for link in self.every_link]
        is_whole = declared == [None] and not self.lacks_links()
        return [self.amount] if is_whole else declared

    def share_of(self, cup: str) -> EUR | None:
        """Return the amount declared for one CUP; of one that is shared, for all its interventions."""
        return self.share(lambda link: link.cup == cup)

    def share(self, is_own: Callable[[Link], bool]) -> EUR | None:
        """Return the amount declared for some of its links; the whole where one is the only link."""
        pairs = zip(self.every_link, self.shares, strict=True)
        declared = [share for link, share in pairs if is_own(link) and share is not None]
        return EUR(sum(declared)) if declared else None

    def lacks_links(self, more: int = 0) -> bool:
        """Return whether links are still to come after those that it has and `more`."""
        return self.links_total is not None and len(self.every_link) + more < self.links_total

    @property
    def cups(self) -> tuple[CUP, ...]:
        """Return the CUPs whose streams know it: those it is linked to, and those it was moved from."""
        return (*(link.cup for link in self.every_link), *self.moved_from)

    def linked(self, cup: str) -> bool:
        """Return whether it is linked to that CUP."""
        return any(link.cup == cup for link in self.every_link)

    def moved(self, wrong: CUP, right: Link) -> "Act":
        """Return the act with one link in the place of all those to a CUP that was wrong."""
        lists = (self.links, self.continued)
        links, continued = (tuple(link for link in one if link.cup != wrong) for one in lists)
        at = next((n for n, link in enumerate(self.links) if link.cup == wrong), None)
        if at is not None:
            links = (*links[:at], right, *links[at:])
        else:
            continued = (*continued, right)
        known = (*(cup for cup in self.moved_from if cup != right.cup), wrong)
        return altered(self, links=links, continued=continued, moved_from=known)
