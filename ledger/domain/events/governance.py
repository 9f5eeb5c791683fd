"""What the administrators decide together: who they are, the key and authority of the log, what holds.

    administrators-changed    log-key-rotated    ca-rotated                       how the ledger is kept
    policy-adopted            rule-set-adopted   schema-set-adopted    body-renamed       what it adopts
    ledger-anchored                                                              a head kept elsewhere

All are in `sys/log` and, but for the last, take force when k administrators agree (ledger.signing.keys
judges that). What is adopted lies over the tables of the program as a row of law; each class says which.
Source: FORMATS section 4; DOMAIN section 9.11.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact
from ledger.domain.events.ledger import ledger_event, log
from ledger.domain.events.oversight import Head
from ledger.domain.files import FileName
from ledger.domain.identifiers import IPA
from ledger.domain.law import BODY, RULE_SET, SCHEMA_SET, Law, LawRow
from ledger.domain.references import ActorId, Sha256
from ledger.domain.rules.governance import (
    body_not_this,
    body_renamed_since,
    checkpoint_unknown,
    rule_set_not_of_program,
    schema_set_not_of_program,
    setting_unknown,
    setting_value_refused,
)
from ledger.domain.rules.interventions import nothing_changed
from ledger.domain.shapes import ENCODED

if TYPE_CHECKING:
    from ledger.domain.situation import Situation


@dataclass(frozen=True, kw_only=True)
class NewAdministrator:
    """Who becomes an administrator: an actor whose key is in force."""

    actor: ActorId


@ledger_event(
    "administrators-changed/1",
    ask="change-administrators/1",
    italian="Cambio degli amministratori",
    says="Cambiati gli amministratori: ne devono concordare {approvals}",
    streams=(log,),
)
@dataclass(frozen=True, kw_only=True)
class AdministratorsChanged(Fact):
    """Administrators come and go, and how many must agree from then on."""

    add: tuple[NewAdministrator, ...] = ()
    remove: tuple[ActorId, ...] = ()
    approvals: int


@ledger_event(
    "log-key-rotated/1",
    ask="rotate-log-key/1",
    italian="Cambio della chiave del registro",
    says="Cambiata la chiave con cui il registro firma i punti di controllo",
    streams=(log,),
)
@dataclass(frozen=True, kw_only=True)
class LogKeyRotated(Fact):
    """Another key signs the checkpoints; it proves its possession for who signs the event."""

    log_key: str = field(metadata=ENCODED)
    possession: str = field(metadata=ENCODED)


@ledger_event(
    "ca-rotated/1",
    ask="rotate-ca/1",
    italian="Cambio dell'autorità di certificazione",
    says="Cambiata l'autorità che emette i certificati delle firme",
    streams=(log,),
)
@dataclass(frozen=True, kw_only=True)
class CARotated(Fact):
    """Another authority (PEM) issues certificates from here on; those issued before stay."""

    ca: str = field(metadata=ENCODED)


@dataclass(frozen=True, kw_only=True)
class Adoption(Fact):
    """Base of what lies over the tables of the program once k administrators agree."""

    def row(self, index: int) -> LawRow:
        """Return the row that it adds to the law; `index` is its place in the log."""
        raise NotImplementedError(index)

    def is_admitted(self, law: Law) -> bool:  # noqa: ARG002
        """Return whether the tables of this program let it be adopted."""
        return True

    def unchanged_elsewhere(self, event: Event, situation: "Situation") -> Iterable[str]:
        """Return what is adopted when the same was adopted last."""
        mine = self.row(event.index)
        last = situation.law.adoptions(mine.rule)[-1:]
        same = [one for one in last if (one.value, one.from_) == (mine.value, mine.from_)]
        return [f"{one.rule} = {one.value}" for one in same]


def _source(index: int, cause: str) -> str:
    return f"adozione, registrazione n. {index}: {cause}"


@ledger_event(
    "policy-adopted/1",
    ask="adopt-policy/1",
    italian="Impostazione adottata",
    says="Adottata l'impostazione {setting} = {value}: {cause}",
    streams=(log,),
    refusals=(setting_unknown, setting_value_refused, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(Adoption):
    """A setting of the body gets another value, for legal days from `from`, or for all of them."""

    setting: str
    value: str
    cause: str
    from_: date | None = None

    def is_admitted(self, law: Law) -> bool:
        """Return whether there is such a setting, and it may be this."""
        return law.admits(self.setting, self.value)

    def row(self, index: int) -> LawRow:
        """Return the setting as a row of law."""
        source = _source(index, self.cause)
        return LawRow(rule=self.setting, value=self.value, from_=self.from_, source=source)


@ledger_event(
    "rule-set-adopted/1",
    ask="adopt-rule-set/1",
    italian="Tabelle di legge adottate",
    says="Adottate le tabelle di legge {digest}: {changes}",
    streams=(log,),
    refusals=(rule_set_not_of_program, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class RuleSetAdopted(Adoption):
    """The tables of law and lists that the program has, `schemas/codes/`, by their digest."""

    digest: Sha256
    changes: str

    def row(self, index: int) -> LawRow:
        """Return the digest as a row."""
        return LawRow(rule=RULE_SET, value=self.digest, source=_source(index, self.changes))


@ledger_event(
    "schema-set-adopted/1",
    ask="adopt-schema-set/1",
    italian="Schemi adottati",
    says="Adottati gli schemi {digest}: {changes}",
    streams=(log,),
    refusals=(schema_set_not_of_program, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class SchemaSetAdopted(Adoption):
    """All files of the format that the program has, `schemas/`, by their digest."""

    digest: Sha256
    changes: str

    def row(self, index: int) -> LawRow:
        """Return the digest as a row."""
        return LawRow(rule=SCHEMA_SET, value=self.digest, source=_source(index, self.changes))


@ledger_event(
    "body-renamed/1",
    ask="rename-body/1",
    italian="Ridenominazione o fusione dell'ente",
    says="L'ente {old} è {new} dal {effective_on} ({cause})",
    streams=(log,),
    refusals=(body_not_this, body_renamed_since, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class BodyRenamed(Adoption):
    """The body has another IPA code from a day; its old acts keep their key, new ones use the new."""

    old: IPA
    new: IPA
    cause: Literal["fusione", "ridenominazione"]
    effective_on: date

    def row(self, index: int) -> LawRow:
        """Return the code of the body as a row."""
        source = _source(index, self.cause)
        return LawRow(rule=BODY, value=str(self.new), from_=self.effective_on, source=source)


@ledger_event(
    "ledger-anchored/1",
    ask="anchor-ledger/1",
    italian="Ancoraggio esterno del registro",
    says="Ancorato altrove ({means}) il registro alla registrazione {checkpoint.size}",
    streams=(log,),
    refusals=(checkpoint_unknown,),
    with_files=True,
)
@dataclass(frozen=True, kw_only=True)
class LedgerAnchored(Fact):
    """A head of the log was put where the ledger cannot change it; `doc` is the proof of it."""

    checkpoint: Head
    means: Literal["rfc3161", "pec", "carta"]
    doc: FileName | None = None
