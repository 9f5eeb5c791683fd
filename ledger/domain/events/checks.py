"""Double funding, certificates, non conformities. Source: DOMAIN sections 7.1 and 9.7."""

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.domain.checks import (
    Certificate,
    CertificateTerms,
    CheckWithdrawal,
    DoubleFundingCheck,
    DoubleFundingTerms,
    NonConformity,
    NonConformityRemedy,
    NonConformityTerms,
)
from ledger.domain.dossier import Dossier
from ledger.domain.event import Event
from ledger.domain.events.declaration import Fact, Missing, Period, Role, event
from ledger.domain.events.streams import own_cup
from ledger.domain.files import FileName
from ledger.domain.identifiers import ShortId
from ledger.domain.rules.acts import dates_reversed
from ledger.domain.rules.interventions import duplicate_key, reference_closed, reference_unknown
from ledger.domain.slices import added, amended
from ledger.domain.taken import taken

CHECKERS: tuple[Role, ...] = ("rup", "dirigente", "verificatore")


@event(
    "double-funding-checked/1",
    ask="check-double-funding/1",
    italian="Doppio finanziamento",
    says="Verifica del doppio finanziamento: {outcome} ({method})",
    streams=(own_cup,),
    by=CHECKERS,
)
@dataclass(frozen=True, kw_only=True)
class DoubleFundingChecked(Fact, DoubleFundingTerms):
    """A check that no other public source pays the same cost (Reg. (EU) 2021/241 art. 9)."""

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the check."""
        return added(dossier, "checks", "double_funding", taken(DoubleFundingCheck, self, event))


@event(
    "certificate-registered/1",
    ask="register-certificate/1",
    italian="Certificato",
    says="Registrato il certificato {standard} di {holder}, dal {from_} al {to}",
    streams=(own_cup,),
    by=CHECKERS,
    refusals=(duplicate_key, dates_reversed),
)
@dataclass(frozen=True, kw_only=True)
class CertificateRegistered(Fact, CertificateTerms):
    """A certificate of the realizer or cloud provider; both days are included."""

    @property
    def period(self) -> Period:
        """Return the first and the last day on which it is valid."""
        return self.from_, self.to

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.checks.certificate(self.certificate) is not None:
            yield f"il certificato {self.certificate}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the certificate."""
        return added(dossier, "checks", "certificates", taken(Certificate, self, event))


@event(
    "certificate-withdrawn/1",
    ask="withdraw-certificate/1",
    italian="Ritiro certificato",
    says="Ritirato il certificato {certificate}: {cause}",
    streams=(own_cup,),
    by=CHECKERS,
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class CertificateWithdrawn(Fact):
    """A certificate that does not count from the legal date on."""

    certificate: ShortId
    cause: str

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the certificate when it is not registered."""
        if dossier.checks.certificate(self.certificate) is None:
            yield f"il certificato {self.certificate}", "register-certificate/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the certificate when it was withdrawn."""
        found = dossier.checks.certificate(self.certificate)
        if found is not None and found.withdrawn is not None:
            yield f"il certificato {self.certificate}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """End the certificate."""
        found, end = (
            dossier.checks.certificate(self.certificate),
            taken(CheckWithdrawal, self, event),
        )
        return amended(dossier, "checks", "certificates", found, withdrawn=end)


@event(
    "non-conformity-raised/1",
    ask="raise-non-conformity/1",
    italian="Non conformità",
    says="Non conformità {nonconformity}: {about}",
    streams=(own_cup,),
    by=("rup", "dirigente", "segretario", "auditor"),
    refusals=(duplicate_key,),
)
@dataclass(frozen=True, kw_only=True)
class NonConformityRaised(Fact, NonConformityTerms):
    """Something that does not conform, to be remedied."""

    def natural_keys(self, dossier: Dossier) -> Iterator[str]:
        """Yield the short id when it is taken."""
        if dossier.checks.non_conformity(self.nonconformity) is not None:
            yield f"la non conformità {self.nonconformity}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Add the non conformity."""
        return added(dossier, "checks", "non_conformities", taken(NonConformity, self, event))


@event(
    "non-conformity-remedied/1",
    ask="remedy-non-conformity/1",
    italian="Sanatoria",
    says="Sanata la non conformità {nonconformity}: {how}",
    streams=(own_cup,),
    by=("rup", "dirigente"),
    refusals=(reference_unknown, reference_closed),
)
@dataclass(frozen=True, kw_only=True)
class NonConformityRemedied(Fact):
    """How a non conformity was remedied."""

    nonconformity: ShortId
    how: str
    evidence: tuple[FileName, ...] = ()

    def missing(self, dossier: Dossier) -> Missing:
        """Yield the non conformity when it was not raised."""
        if dossier.checks.non_conformity(self.nonconformity) is None:
            yield f"la non conformità {self.nonconformity}", "raise-non-conformity/1"

    def closed(self, dossier: Dossier) -> Iterator[str]:
        """Yield the non conformity when it was remedied."""
        found = dossier.checks.non_conformity(self.nonconformity)
        if found is not None and found.remedied is not None:
            yield f"la non conformità {self.nonconformity}"

    def evolve(self, dossier: Dossier, event: Event) -> Dossier:
        """Close the non conformity."""
        found, how = (
            dossier.checks.non_conformity(self.nonconformity),
            taken(NonConformityRemedy, self, event),
        )
        return amended(dossier, "checks", "non_conformities", found, remedied=how)
