"""Contracts: what was signed, and what amendments, suppliers and days have made of it since.

    signed     100,000.00  to 2024-06-30     by 16825251008 (mandataria), 08558150150 (mandante)
    amended    +12,500.00                    on 2024-02-01
    amended                to 2024-09-30     on 2024-05-10
    on 2024-03-01: 112,500.00 to 2024-06-30; on 2024-06-01: 112,500.00 to 2024-09-30

What was signed is never overwritten; amount, last day and operators of a legal day are computed.
Source: DOMAIN sections 4.4 and 9.4.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger.domain.acts import Link
from ledger.domain.altered import altered
from ledger.domain.execution import ExecutionCertificate, Progress
from ledger.domain.files import FileName
from ledger.domain.identifiers import ActKey, ServiceItem
from ledger.domain.keys import ContractKey, OperatorKey, ProcedureKey
from ledger.domain.money import EUR, SignedEUR
from ledger.domain.procurement import ContractOperator

ContractKind = Literal[
    "contratto",
    "determina-affidamento",
    "ordine-mepa",
    "lettere-commerciali",
    "ordine-di-servizio",
]
AmendmentKind = Literal["durata", "importo", "oggetto", "addendum", "sospensione", "ripresa"]
ReplacementCause = Literal["fusione", "cessione", "recesso-mandante", "altro"]


@dataclass(frozen=True, kw_only=True)
class ContractContents:
    """Which of the eight contents of FAQ p-045 the text of a contract has."""

    cup: bool
    cig: bool
    measure: bool
    notice: bool
    object: bool
    activities: bool
    duration: bool
    law: bool


@dataclass(frozen=True, kw_only=True)
class ContractTerms:
    """What a contract says when it is signed; `items` are the services that it is about."""

    contract: ContractKey
    procedure: ProcedureKey
    operators: tuple[ContractOperator, ...]
    amount: EUR
    file: FileName
    kind: ContractKind
    starts_on: date | None = None
    ends_on: date | None = None
    items: tuple[ServiceItem, ...] = ()
    contents: ContractContents | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AmendmentTerms:
    """What an amendment says: `delta` moves the amount, `ends_on` is the new last day."""

    kind: AmendmentKind
    delta: SignedEUR | None = None
    ends_on: date | None = None
    act: ActKey | None = None
    legal_basis: str | None = None
    file: FileName | None = None


@dataclass(frozen=True, kw_only=True)
class Amendment(AmendmentTerms):
    """One amendment."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class SubcontractTerms:
    """What an authorised subcontract says."""

    op: OperatorKey
    amount: EUR | None = None
    act: ActKey | None = None


@dataclass(frozen=True, kw_only=True)
class Subcontract(SubcontractTerms):
    """One subcontract; `on` is the day of the authorisation."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class ReplacementTerms:
    """What a deed of succession says: who goes, who takes over, why."""

    old: OperatorKey
    new: OperatorKey
    cause: ReplacementCause
    deed: FileName
    explanation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Replacement(ReplacementTerms):
    """One supplier in the place of another."""

    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Termination:
    """The end of a contract before its time."""

    cause: str
    act: ActKey | None = None
    on: date
    index: int


@dataclass(frozen=True, kw_only=True)
class Contract(ContractTerms):
    """A contract as signed, with all that happened to it in order of the log."""

    on: date
    index: int
    amendments: tuple[Amendment, ...] = ()
    subcontracts: tuple[Subcontract, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    progress: tuple[Progress, ...] = ()
    certificates: tuple[ExecutionCertificate, ...] = ()
    termination: Termination | None = None

    def amended_by(self, day: date) -> tuple[Amendment, ...]:
        """Return the amendments up to a legal day, in their order."""
        made = [one for one in self.amendments if one.on <= day]
        return tuple(sorted(made, key=lambda one: (one.on, one.index)))

    def amount_on(self, day: date) -> SignedEUR:
        """Return the amount with the amendments up to a legal day."""
        deltas = (one.delta for one in self.amended_by(day) if one.delta is not None)
        return SignedEUR(self.amount + sum(deltas))

    def ends_on_after(self, day: date) -> date | None:
        """Return the last day of the contract as it stands on a legal day."""
        moved = [one.ends_on for one in self.amended_by(day) if one.ends_on is not None]
        return moved[-1] if moved else self.ends_on

    def is_suspended_on(self, day: date) -> bool:
        """Return whether the last suspension or resumption up to that day is a suspension."""
        turns = [one.kind for one in self.amended_by(day) if one.kind in _TURNS]
        return bool(turns) and turns[-1] == "sospensione"

    def operators_on(self, day: date) -> tuple[ContractOperator, ...]:
        """Return the operators of a legal day: those that signed, with who took over since."""
        made = [one for one in self.replacements if one.on <= day]
        operators = self.operators
        for one in sorted(made, key=lambda made: (made.on, made.index)):
            operators = _replaced(operators, one.old, one.new)
        return operators


_TURNS = frozenset({"sospensione", "ripresa"})


def _replaced(
    operators: tuple[ContractOperator, ...], old: str, new: OperatorKey
) -> tuple[ContractOperator, ...]:
    """Return the operators with `new` in the place of `old`; who is there already gets its part."""
    leaving = next((one for one in operators if one.op == old), None)
    if leaving is None:
        return operators
    if all(one.op != new for one in operators):
        return tuple(altered(one, op=new) if one is leaving else one for one in operators)
    part = leaving.amount
    return tuple(
        one
        if one.op != new or one.amount is None or part is None
        else altered(one, amount=EUR(one.amount + part))
        for one in operators
        if one is not leaving
    )


@dataclass(frozen=True, kw_only=True)
class ContractStatement(Contract):
    """A contract as the exported state shows it: with what it has become on that day."""

    current_amount: SignedEUR
    current_ends_on: date | None = None
    current_operators: tuple[ContractOperator, ...]
    is_suspended: bool = False


def state_contract(contract: Contract, day: date) -> ContractStatement:
    """Return the contract as it stands on a legal day."""
    return ContractStatement(
        **vars(contract),
        current_amount=contract.amount_on(day),
        current_ends_on=contract.ends_on_after(day),
        current_operators=contract.operators_on(day),
        is_suspended=contract.is_suspended_on(day),
    )


@dataclass(frozen=True)
class Contracts:
    """The contracts, in order of the log."""

    signed: tuple[Contract, ...] = ()

    def contract(self, key: str) -> Contract | None:
        """Return the contract of that key."""
        return next((found for found in self.signed if found.contract == key), None)

    def first_signed(self) -> Contract | None:
        """Return the contract that was signed first, by legal date."""
        return min(self.signed, key=lambda one: (one.on, one.index), default=None)

    def with_contract(self, contract: Contract) -> "Contracts":
        """Return the contracts with one more."""
        return Contracts((*self.signed, contract))

    def changed(self, contract: Contract) -> "Contracts":
        """Return the contracts with one in its new form."""
        return Contracts(
            tuple(contract if one.contract == contract.contract else one for one in self.signed)
        )
