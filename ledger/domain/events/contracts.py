"""Contracts signed, amended, subcontracted, passed on, ended.

A contract of several CUPs is one: what happens to it is recorded in each of them, by one event that
finds them by the contract. What was carried out is in ledger.domain.events.execution.
Source: DOMAIN sections 4.4, 9.4 and 9.12; D.Lgs. 36/2023.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.contracts import (
    Amendment,
    AmendmentTerms,
    Contract,
    ContractTerms,
    Replacement,
    ReplacementTerms,
    Subcontract,
    SubcontractTerms,
    Termination,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import CUPFact, Missing, Parts, event
from ledger.domain.events.procurement import SIGNERS, failed_procedure, missing_procedure
from ledger.domain.events.streams import cups_of_contract, linked_cups, named_act, own_cup
from ledger.domain.identifiers import ActKey, ServiceItem
from ledger.domain.keys import ContractKey
from ledger.domain.rules.acts import (
    act_unknown,
    act_without_effect,
    link_repeated,
)
from ledger.domain.rules.funding import amount_not_positive, sum_mismatch
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_closed,
    reference_unknown,
)
from ledger.domain.rules.procurement import contract_dates_reversed, contract_too_wide
from ledger.domain.taken import taken


def missing_items(dossiers: Collection[Dossier], items: Iterator[ServiceItem]) -> Missing:
    """Yield the services that are in the scope of none of the interventions."""
    for item in items:
        if all(dossier.scope.item(item) is None for dossier in dossiers):
            yield f"il servizio {item}", "add-scope-item/1"


@event(
    "contract-signed/1",
    ask="sign-contract/1",
    italian="Stipula",
    says="Stipulato il contratto {contract} per {amount}",
    streams=(own_cup, linked_cups),
    by=SIGNERS,
    refusals=(
        contract_too_wide,
        reference_unknown,
        reference_closed,
        duplicate_key,
        amount_not_positive,
        sum_mismatch,
        link_repeated,
        contract_dates_reversed,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ContractSigned(CUPFact, ContractTerms):
    """A contract in one of the accepted forms; `links` are the shares of several CUPs."""

    def key(self, body: str) -> ContractKey:  # noqa: ARG002  as acts, whose key has the body
        """Return the key of the contract."""
        return self.contract

    def parts(self) -> Parts:
        """Return what it is, the shares of the CUPs and the amount."""
        return f"il contratto {self.contract}", [one.amount for one in self.links], self.amount

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the contract when it is recorded."""
        if dossier.contracts.contract(self.contract) is not None:
            yield f"il contratto {self.contract}"

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the procedure, and the code in the key of the contract."""
        yield from missing_procedure(dossier, self.procedure)
        named = self.contract.procedure
        own = (self.procedure, *dossier.procurement.codes_of(self.procedure))
        if dossier.procurement.procedure(self.procedure) is not None and named not in own:
            yield f"{named} tra i codici della procedura {self.procedure}", "acquire-cig/1"

    def missing_among(self, dossiers: Collection[Dossier]) -> Missing:
        """Yield services out of the scope; of a joint contract each is of one of its CUPs, or of several."""
        yield from missing_items(dossiers, iter(self.items))

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the procedure when it had led to nothing by that day."""
        yield from failed_procedure(dossier, self.procedure, day)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the contract."""
        contracts = dossier.contracts.with_contract(taken(Contract, self, event))
        return altered(dossier, contracts=contracts)


@dataclass(frozen=True, kw_only=True)
class OfContract(CUPFact):
    """Base of what happens to a contract that is recorded: to the whole of it, in each of its CUPs."""

    of_joint: ClassVar[bool] = True

    contract: ContractKey

    def holds(self, dossier: Dossier) -> bool:
        """Return whether an intervention has the contract."""
        return dossier.contracts.contract(self.contract) is not None

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the contract when it is not recorded."""
        if dossier.contracts.contract(self.contract) is None:
            yield f"il contratto {self.contract}", "sign-contract/1"

    def ended(self, dossier: Dossier, day: date = date.max) -> Iterator[str]:
        """Yield the contract when it was terminated by that day."""
        found = dossier.contracts.contract(self.contract)
        end = found.termination if found is not None else None
        if end is not None and end.on <= day:
            yield f"il contratto {self.contract}"

    def changed(self, dossier: Dossier, change: Callable[[Contract], Contract]) -> Dossier:
        """Return the dossier with the contract in its new form."""
        found = dossier.contracts.contract(self.contract)
        if found is None:
            return dossier
        return altered(dossier, contracts=dossier.contracts.changed(change(found)))


@event(
    "contract-amended/1",
    ask="amend-contract/1",
    italian="Variante, addendum, proroga, sospensione",
    says="Modificato il contratto {contract}: {kind}",
    streams=(own_cup, cups_of_contract, named_act),
    by=SIGNERS,
    refusals=(
        act_unknown,
        reference_unknown,
        reference_closed,
        nothing_changed,
        act_without_effect,
        contract_dates_reversed,
    ),
)
@dataclass(frozen=True, kw_only=True)
class ContractAmended(OfContract, AmendmentTerms):
    """A change of amount, last day or object; a suspension or its end."""

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the contract when it was terminated by that day."""
        yield from self.ended(dossier, day)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the contract when amount, last day or suspension stay what they are that day."""
        found = dossier.contracts.contract(self.contract)
        if found is None or self.kind in ("oggetto", "addendum"):
            return None
        if self.kind in ("sospensione", "ripresa"):
            same = found.is_suspended_on(event.day) == (self.kind == "sospensione")
        else:
            moved = self.ends_on is not None and self.ends_on != found.ends_on_after(event.day)
            same = not self.delta and not moved
        return f"il contratto {self.contract} ({self.kind})" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the amendment."""
        made = taken(Amendment, self, event)
        return self.changed(dossier, lambda c: altered(c, amendments=(*c.amendments, made)))


@event(
    "subcontract-authorised/1",
    ask="authorise-subcontract/1",
    italian="Subappalto",
    says="Autorizzato un subappalto del contratto {contract}",
    streams=(own_cup, cups_of_contract, named_act),
    by=SIGNERS,
    refusals=(
        act_unknown,
        reference_unknown,
        reference_closed,
        nothing_changed,
        amount_not_positive,
        act_without_effect,
    ),
)
@dataclass(frozen=True, kw_only=True)
class SubcontractAuthorised(OfContract, SubcontractTerms):
    """A subcontractor who may work from that day on."""

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the contract when it was terminated by that day."""
        yield from self.ended(dossier, day)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the subcontract when the same was authorised on that day."""
        found = dossier.contracts.contract(self.contract)
        mine = (self.op, self.amount, self.act, event.day)
        stand = {(s.op, s.amount, s.act, s.on) for s in found.subcontracts} if found else set()
        return f"il subappalto del contratto {self.contract}" if mine in stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the subcontract."""
        made = taken(Subcontract, self, event)
        return self.changed(dossier, lambda c: altered(c, subcontracts=(*c.subcontracts, made)))


@event(
    "supplier-replaced/1",
    ask="replace-supplier/1",
    italian="Subentro",
    says="Subentro nel contratto {contract} ({cause})",
    streams=(own_cup, cups_of_contract),
    by=SIGNERS,
    refusals=(reference_unknown, reference_closed, nothing_changed),
)
@dataclass(frozen=True, kw_only=True)
class SupplierReplaced(OfContract, ReplacementTerms):
    """Another operator in the place of one of the contract, by a deed."""

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the contract when it is not recorded, and who goes when it is not of the contract."""
        yield from super().missing(dossier)
        found = dossier.contracts.contract(self.contract)
        if found is not None and all(one.op != self.old for one in found.operators_on(date.max)):
            yield f"l'operatore uscente tra quelli del contratto {self.contract}", "sign-contract/1"

    def closed_on(self, dossier: Dossier, day: date) -> Iterator[str]:
        """Yield the contract when it was terminated by that day."""
        yield from self.ended(dossier, day)

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:  # noqa: ARG002
        """Return the operator when it would replace itself."""
        same = self.old == self.new
        return f"l'operatore del contratto {self.contract}" if same else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the succession."""
        made = taken(Replacement, self, event)
        return self.changed(dossier, lambda c: altered(c, replacements=(*c.replacements, made)))


@event(
    "contract-terminated/1",
    ask="terminate-contract/1",
    italian="Risoluzione o recesso",
    says="Risolto il contratto {contract}: {cause}",
    streams=(own_cup, cups_of_contract, named_act),
    by=SIGNERS,
    refusals=(act_unknown, reference_unknown, reference_closed, act_without_effect),
)
@dataclass(frozen=True, kw_only=True)
class ContractTerminated(OfContract):
    """The end of a contract before its time; what was carried out may still be certified."""

    cause: str
    act: ActKey | None = None

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the contract when it was terminated."""
        yield from self.ended(dossier)

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Note the end."""
        made = taken(Termination, self, event)
        return self.changed(dossier, lambda c: altered(c, termination=made))
