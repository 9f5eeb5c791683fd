"""What was carried out of a contract, as certified: statements of progress, certificates.

Source: DOMAIN sections 4.4, 9.4 and 9.12; D.Lgs. 36/2023 art. 116 (to confirm).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from ledger.domain.altered import altered
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.contracts import OfContract, missing_items
from ledger.domain.events.declaration import Missing, Period, event
from ledger.domain.events.procurement import SIGNERS
from ledger.domain.events.streams import cups_of_contract, own_cup
from ledger.domain.execution import (
    CertificateTerms,
    ExecutionCertificate,
    Progress,
    ProgressTerms,
)
from ledger.domain.rules.acts import dates_reversed
from ledger.domain.rules.funding import amount_not_positive
from ledger.domain.rules.interventions import (
    duplicate_key,
    nothing_changed,
    reference_unknown,
)
from ledger.domain.taken import taken


@event(
    "progress-certified/1",
    ask="certify-progress/1",
    italian="SAL",
    says="Certificato il SAL n. {number} del contratto {contract} per {amount}",
    streams=(own_cup, cups_of_contract),
    by=SIGNERS,
    refusals=(reference_unknown, duplicate_key, amount_not_positive),
)
@dataclass(frozen=True, kw_only=True)
class ProgressCertified(OfContract, ProgressTerms):
    """A statement of progress, by its number in the contract."""

    keys_of_intervention: ClassVar[bool] = True

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the number when it is taken."""
        found = dossier.contracts.contract(self.contract)
        if found is not None and self.number in {one.number for one in found.progress}:
            yield f"il SAL n. {self.number} del contratto {self.contract}"

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the statement."""
        made = taken(Progress, self, event)
        return self.changed(dossier, lambda c: altered(c, progress=(*c.progress, made)))


@event(
    "execution-certified/1",
    ask="certify-execution/1",
    italian="CRE, collaudo, verifica di conformità",
    says="Certificata l'esecuzione del contratto {contract} ({kind})",
    streams=(own_cup, cups_of_contract),
    by=SIGNERS,
    refusals=(reference_unknown, nothing_changed, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class ExecutionCertified(OfContract, CertificateTerms):
    """What was carried out and when, service by service, with who signs it."""

    @property
    def periods(self) -> Iterator[Period]:
        """Yield the days of each service."""
        return ((one.started_on, one.completed_on) for one in self.items)

    def missing_among(self, dossiers: Collection[Dossier]) -> Missing:
        """Yield services out of the scope; of a joint contract each is of one of its CUPs, or of several."""
        yield from missing_items(dossiers, (one.item for one in self.items))

    def unchanged(self, dossier: Dossier, event: Event) -> str | None:
        """Return the certificate when the same was signed on that day."""
        found = dossier.contracts.contract(self.contract)
        mine = (self.kind, self.signers, self.items, event.day)
        stand = {(c.kind, c.signers, c.items, c.on) for c in found.certificates} if found else set()
        return f"il certificato del contratto {self.contract}" if mine in stand else None

    def told(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the certificate."""
        made = taken(ExecutionCertificate, self, event)
        return self.changed(dossier, lambda c: altered(c, certificates=(*c.certificates, made)))
