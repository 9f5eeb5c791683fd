"""Acts: determine, deliberazioni and the four tracks of their life.

An act is known by (IPA, register, year, number) and by nothing else; its tracks (adoption,
enforceability, publication, effect) move independently, and nothing is ever deleted.
Source: DOMAIN sections 3.3 and 4; D.Lgs. 267/2000 (TUEL) arts. 124, 134, 151, 183.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from ledger.domain.albo import Publication
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

BY_VOTE: Final = "tuel-134-4"  # the rule of what is enforceable at once
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
class Refusal:
    """A visto that was refused."""

    index: int
    refused_on: date
    by_person: PersonRef
    cause: str


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """An opinion on a proposal (TUEL art. 49)."""

    kind: Literal["tecnica", "contabile"]
    by_person: PersonRef
    outcome: Literal["favorevole", "contrario", "con-condizioni"]
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Votes for, of how many members of the organ (TUEL art. 134 c. 4)."""

    for_: int
    members: int


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
    continued: tuple[Link, ...] = ()
    moved_from: tuple[CUP, ...] = ()
    affects: tuple[ActKey, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    endorsements: tuple[Endorsement, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    votes: str | None = None
    majority: Votes | None = None
    enforceability: Enforceability | None = None
    publications: tuple[Publication, ...] = ()

    def spends(self, law: Law) -> bool:
        """Return whether it commits money by its kind and so needs the visto (DOMAIN 4.1)."""
        return self.subtype in law.words(f"{SPENDING}.{self.kind}", self.adopted_on)

    def finances(self, law: Law) -> bool:
        """Return whether it finances or authorises, and is null without a CUP (DOMAIN 4.1)."""
        return self.subtype in law.words(f"{NULLITY}.{self.kind}", self.adopted_on)

    def share_of(self, cup: str) -> EUR | None:
        """Return the amount declared for one CUP; the whole amount where it is the only link.

        A shared CUP has one share for each of its interventions: they are summed.
        """
        links = (*self.links, *self.continued)
        declared = [link.amount for link in links if link.cup == cup and link.amount is not None]
        if not declared:
            is_only = len(links) == 1 and links[0].cup == cup
            return self.amount if is_only else None
        return EUR(sum(declared))

    @property
    def cups(self) -> tuple[CUP, ...]:
        """Return the CUPs whose streams hold it: those it is linked to, and those it was moved from."""
        return (*(link.cup for link in self.links), *self.moved_from)

    def linked(self, cup: str) -> bool:
        """Return whether it is linked to that CUP."""
        return any(link.cup == cup for link in (*self.links, *self.continued))

    def enforceability_on(self, day: date) -> str:
        """Return the state of the track of enforceability on that day."""
        found = self.enforceability
        if found is None or found.effective_on > day:
            return "non-esecutiva"
        return "immediatamente-eseguibile" if found.rule_id == BY_VOTE else "esecutiva"

    def publication_on(self, day: date) -> str:
        """Return the state of the track of publication on that day."""
        term = self.term_met_on(day)
        return term.state_on(day) if term is not None else "non-pubblicata"

    def term_met_on(self, day: date) -> Publication | None:
        """Return the term at the albo that a fact of that day is about.

        Of those that had begun, the newest that had not ended, else the newest; before any had begun,
        the first that begins. What order they were recorded in means nothing.
        """
        terms = sorted(self.publications, key=lambda one: (one.from_, one.index))
        begun = [one for one in terms if one.from_ <= day]
        running = [one for one in begun if not one.is_ended_by(day)]
        met = running or begun or terms[:1]
        return met[-1] if met else None

    def with_term(self, changed: Publication) -> "Act":
        """Return the act with that term at the albo in its new form."""
        terms = tuple(changed if one.index == changed.index else one for one in self.publications)
        return altered(self, publications=terms)

    def endorsed(self, endorsement: Endorsement) -> "Act":
        """Return the act with one more visto."""
        return altered(self, endorsements=(*self.endorsements, endorsement))

    def published(self, publication: Publication) -> "Act":
        """Return the act with one more term at the albo."""
        return altered(self, publications=(*self.publications, publication))
