"""Which time-stamping authorities a reader trusts, and whether a token leads to one of them.

    trust = parse_tsa_trust(Path("tsa-ca.pem").read_bytes())     certificates, and revocation lists
    chain = chain_of(certificate, carried, at, trust)            signer first, anchor last

Each certificate of the file is an anchor, be it the root, the authority that issued the unit, or
the unit itself, as trusted lists name them. The path is built and judged by `cryptography`
(RFC 5280: validity at the time of the token, CA flag, path length, critical extensions); on top
of that an issuer must be allowed to sign certificates, and to issue for time stamping.

A certificate that a list revokes: the tokens of before the revocation stay good only when its reason
says that the key was not compromised (RFC 3161 section 4); without a reason none is.

Source: RFC 3161 sections 2.3 and 4; RFC 5280 section 6; ETSI EN 319 422.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.errors import NotVerified, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

MAX_DEPTH: Final = 5  # issuers between a unit and its anchor
_LIST: Final = re.compile(rb"-----BEGIN X509 CRL-----.*?-----END X509 CRL-----", re.DOTALL)
_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
_NOT_COMPROMISED: Final = frozenset(
    {
        x509.ReasonFlags.unspecified,
        x509.ReasonFlags.affiliation_changed,
        x509.ReasonFlags.superseded,
        x509.ReasonFlags.cessation_of_operation,
    }
)
_BROKEN: Final = (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class TSATrust:
    """Anchors that the reader had from elsewhere, and revocation lists, which may be none."""

    anchors: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...] = ()


def parse_tsa_trust(pem: bytes) -> TSATrust:
    """Return the anchors, and the revocation lists, of a PEM file.

    Raises:
        Unreadable: when it holds no certificate, or one that cannot be read (`tsa-ca-malformed`).
    """
    try:
        if _CERTIFICATE not in pem:
            raise ValueError("non contiene alcun certificato")  # noqa: TRY301  one error for all
        anchors = tuple(x509.load_pem_x509_certificates(pem))
        lists = tuple(x509.load_pem_x509_crl(found) for found in _LIST.findall(pem))
    except (ValueError, x509.InvalidVersion) as error:
        raise Unreadable(
            "tsa-ca-malformed",
            f"Il file delle autorità di marcatura non è PEM di certificati ({str(error)[:120]}):"
            " prenderli dall'elenco di fiducia, o dal prestatore.",
        ) from error
    return TSATrust(anchors, lists)


def chain_of(
    certificate: x509.Certificate,
    carried: Sequence[x509.Certificate],
    at: datetime,
    trust: TSATrust,
) -> tuple[x509.Certificate, ...] | None:
    """Return the path from a certificate to an anchor, valid at a time; None when there is none.

    Raises:
        NotVerified: when it leads to an anchor and may not (`stamp-chain-invalid`).
    """
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(trust.anchors)))
        .time(at)
        .max_chain_depth(MAX_DEPTH)
        .extension_policies(ca_policy=_issuers(), ee_policy=_units())
        .build_client_verifier()
    )
    try:
        return tuple(verifier.verify(certificate, list(carried)).chain)
    except verification.VerificationError as error:
        if not _leads_to(certificate, carried, trust.anchors):
            return None
        raise NotVerified(
            "stamp-chain-invalid",
            f"Il certificato della marca ({_shown(certificate)}) porta a un'autorità riconosciuta"
            f" e non è valido alla data della marca: {str(error)[:300]}.",
        ) from error


def known_chain(
    certificate: x509.Certificate, carried: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Return as much of the path as travels with a token: who issued whom, nothing else judged."""
    chain = [certificate]
    while len(chain) <= MAX_DEPTH:
        issuers = (one for one in carried if one not in chain and _has_issued(one, chain[-1]))
        issuer = next(issuers, None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(chain)


def check_not_revoked(
    chain: Sequence[x509.Certificate],
    lists: Iterable[x509.CertificateRevocationList],
    at: datetime,
) -> None:
    """Accept a chain when no list, signed by the issuer in it, revokes a certificate of it.

    Raises:
        NotVerified: `stamp-certificate-revoked`; `stamp-revocations-invalid`, for a list of one of
            the issuers that the issuer did not sign.
    """
    kept = tuple(lists)
    for certificate, issuer in pairwise(chain):
        for found in kept:
            if found.issuer != issuer.subject:
                continue
            if not _is_signed_by(found, issuer):
                raise NotVerified(
                    "stamp-revocations-invalid",
                    f"L'elenco delle revoche di {_shown(issuer)} non è firmato da lei: scaricarlo"
                    " di nuovo.",
                )
            _check_entry(found, certificate, at)


def _check_entry(
    found: x509.CertificateRevocationList, certificate: x509.Certificate, at: datetime
) -> None:
    entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except (x509.ExtensionNotFound, ValueError):
        reason = None
    if reason in _NOT_COMPROMISED and at < entry.revocation_date_utc:
        return
    raise NotVerified(
        "stamp-certificate-revoked",
        f"Il certificato {_shown(certificate)} è revocato dal {entry.revocation_date_utc:%d/%m/%Y}"
        f" (motivo: {'non detto' if reason is None else reason.value}): la marca non vale.",
    )


def _issuers() -> verification.ExtensionPolicy:
    """Return what an issuer must be: a CA that may sign certificates, for time stamping too."""
    optional, any_ = verification.ExtensionPolicy.permit_all(), verification.Criticality.AGNOSTIC
    return (
        optional.require_present(x509.BasicConstraints, any_, None)
        .may_be_present(x509.KeyUsage, any_, _may_certify)
        .may_be_present(x509.ExtendedKeyUsage, any_, _may_issue_units)
    )


def _units() -> verification.ExtensionPolicy:
    """Return what a unit must be; its usage is judged with the signature, trusted or not."""
    return verification.ExtensionPolicy.permit_all()


def _may_certify(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("the issuer may not sign certificates")


def _may_issue_units(
    _policy: verification.Policy,
    _certificate: x509.Certificate,
    usage: x509.ExtendedKeyUsage | None,
) -> None:
    wanted = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if usage is not None and wanted.isdisjoint(usage):
        raise ValueError("the issuer may not issue for time stamping")


def _leads_to(
    certificate: x509.Certificate,
    carried: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
) -> bool:
    """Tell whether an anchor is, or has issued, a certificate of the path, whatever else it is."""
    chain = known_chain(certificate, [*anchors, *carried])
    return any(one in anchors for one in chain)


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except _BROKEN:
        return False
    return True


def _is_signed_by(found: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # other keys raise
    except _BROKEN:
        return False


def _shown(certificate: x509.Certificate) -> str:
    """Return the name of a certificate, for a sentence."""
    name = certificate.subject.rfc4514_string()[:160]
    return "".join(char if char.isprintable() else " " for char in name)
