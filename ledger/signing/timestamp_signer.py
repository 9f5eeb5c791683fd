"""Who signed a time-stamp token: the certificate that it names, its right to, and the signature.

    signed attributes    content-type, message-digest over TSTInfo, signing-certificate(-v2)
    certificate          named by its digest in the signed attributes and by issuer and serial;
                         critical extendedKeyUsage that is timeStamping alone; valid at genTime
    signature            RSA PKCS #1 v1.5 or PSS from 2048 bits, ECDSA on P-256, P-384, P-521,
                         with SHA-256, SHA-384 or SHA-512

A certificate named by its SHA-1 (RFC 2634, what RFC 3161 asked for before RFC 5816) is taken, since
it must have that very digest and chain to an anchor too; SHA-1 is taken nowhere else.

Source: RFC 3161 sections 2.3 and 2.4; RFC 5652 section 5.4; RFC 5035; RFC 4055; RFC 5754.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.errors import NotVerified
from ledger.signing.timestamp_info import digest_named, weak
from ledger.signing.timestamp_token import BROKEN, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from ledger.signing.timestamp_token import Binding, Token

MIN_RSA_BITS: Final = 2048
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def signer_of(token: Token, known: Iterable[x509.Certificate]) -> x509.Certificate:
    """Return the certificate, of those known, whose key signed the token; its right is judged too.

    Raises:
        NotVerified: `stamp-certificate-missing`, when it is not among them;
            `stamp-certificate-unbound`, when the signed attributes name another or none;
            `stamp-certificate-unfit`, when it is not for time stamping; `stamp-certificate-expired`,
            when it was not valid at the time of the token; `stamp-authority-differs`, when the token
            names an authority that the certificate does not; `stamp-algorithm-weak`,
            `stamp-signature-invalid`.
    """
    certificate = _named_by(token, known)
    _check_bound(token, certificate)
    _check_usage(certificate)
    _check_valid(certificate, token.info.at)
    _check_name(token, certificate)
    _check_signature(token, certificate)
    return certificate


def parse_carried(ders: Iterable[bytes]) -> tuple[x509.Certificate, ...]:
    """Return the certificates that travel with a token.

    Raises:
        Unreadable: when one cannot be read (`stamp-unreadable`).
    """
    try:
        return tuple(_certificate(der) for der in ders)
    except (*BROKEN, x509.InvalidVersion) as error:
        raise unreadable(f"un suo certificato ({error})") from error


def parse_lists(ders: Iterable[bytes]) -> tuple[x509.CertificateRevocationList, ...]:
    """Return the revocation lists that travel with a token.

    Raises:
        Unreadable: when one cannot be read (`stamp-unreadable`).
    """
    try:
        return tuple(x509.load_der_x509_crl(der) for der in ders)
    except (ValueError, x509.InvalidVersion) as error:
        raise unreadable(f"un suo elenco di revoche ({error})") from error


def _certificate(der: bytes) -> x509.Certificate:
    if asn1_x509.Certificate.load(der, strict=True).serial_number <= 0:
        raise ValueError("il numero di serie non è positivo")
    return x509.load_der_x509_certificate(der)


def _named_by(token: Token, known: Iterable[x509.Certificate]) -> x509.Certificate:
    for certificate in known:
        if _names(token, certificate):
            return certificate
    raise NotVerified(
        "stamp-certificate-missing",
        "La marca temporale non contiene il certificato di chi l'ha firmata: serve quello dell'unità"
        " di marcatura, fra le autorità indicate.",
    )


def _names(token: Token, certificate: x509.Certificate) -> bool:
    if isinstance(token.signer, bytes):
        try:
            own = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            return False
        return own.value.digest == token.signer
    issuer, serial = token.signer
    return certificate.issuer.public_bytes() == issuer and certificate.serial_number == serial


def check_path(token: Token, path: Sequence[x509.Certificate]) -> None:
    """Accept the certificates between signer and anchor, when the token names which they may be.

    Raises:
        NotVerified: `stamp-certificate-unbound`, for one that it does not name (RFC 5035 section 5.4).
    """
    for binding in token.bindings:
        if len(binding) > 1 and not all(_is_named(one, binding[1:]) for one in path):
            raise NotVerified(
                "stamp-certificate-unbound",
                "La marca temporale dice di quali certificati si può servire, e il percorso fino"
                " all'autorità riconosciuta ne usa un altro.",
            )


def _check_bound(token: Token, certificate: x509.Certificate) -> None:
    if not token.bindings or not all(_is_named(certificate, one[:1]) for one in token.bindings):
        raise NotVerified(
            "stamp-certificate-unbound",
            "La marca temporale non nomina, fra ciò che firma, il certificato con cui è firmata"
            " (signing-certificate): non vale.",
        )


def _is_named(certificate: x509.Certificate, binding: Binding) -> bool:
    der = certificate.public_bytes(Encoding.DER)
    return any(hashlib.new(name, der).digest() == digest for name, digest in binding)


def _check_usage(certificate: x509.Certificate) -> None:
    """Raise NotVerified unless the certificate is for time stamping and for nothing else."""
    try:
        extensions = certificate.extensions
        usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise _unfit(certificate, "non dice di essere per le marche temporali") from error
    if not usage.critical or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise _unfit(certificate, "non è riservato, in modo critico, alle marche temporali")
    for one in extensions:
        if isinstance(one.value, x509.BasicConstraints) and one.value.ca:
            raise _unfit(certificate, "è di un'autorità di certificazione")
        if isinstance(one.value, x509.KeyUsage) and not (
            one.value.digital_signature or one.value.content_commitment
        ):
            raise _unfit(certificate, "la sua chiave non è per firmare")


def _check_valid(certificate: x509.Certificate, at: datetime) -> None:
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begin <= at <= end:
        raise NotVerified(
            "stamp-certificate-expired",
            f"La marca è delle {at:%H:%M:%S} UTC del {at:%d/%m/%Y}, e il suo certificato valeva dal"
            f" {begin:%d/%m/%Y} al {end:%d/%m/%Y}.",
        )


def _check_name(token: Token, certificate: x509.Certificate) -> None:
    """Raise NotVerified when the token names an authority that is not in the certificate."""
    if token.info.tsa is None:
        return
    try:
        own = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        others = own.subject_alt_name_value or ()
        names = [asn1_x509.GeneralName("directory_name", own.subject), *others]
        is_named = any(token.info.tsa == name for name in names)
    except BROKEN as error:
        raise unreadable(f"il nome dell'autorità ({error})") from error
    if not is_named:
        raise NotVerified(
            "stamp-authority-differs",
            "La marca temporale nomina un'autorità diversa da quella del suo certificato.",
        )


def _check_signature(token: Token, certificate: x509.Certificate) -> None:
    """Raise NotVerified unless the key signed the attributes, which hold the digest of the content."""
    digest = hashlib.new(token.digest_hash, token.content).digest()
    if not hmac.compare_digest(digest, token.message_digest):
        raise _false()
    key = _fit_key(certificate)
    for encoded in token.signed:
        try:
            _verify(key, token, encoded)
        except InvalidSignature:
            continue
        except BROKEN as error:
            raise unreadable(f"l'algoritmo di firma ({error})") from error
        return
    raise _false()


def _fit_key(certificate: x509.Certificate) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise weak("una chiave che non si legge") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    raise weak(f"una chiave {type(key).__name__} non ammessa")


def _verify(
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, token: Token, encoded: bytes
) -> None:
    """Raise InvalidSignature when the key did not sign these attributes."""
    scheme = token.algorithm.signature_algo
    parameters = token.algorithm["parameters"].dump()
    if isinstance(key, ec.EllipticCurvePublicKey):
        if scheme != "ecdsa" or parameters not in {b"", b"\x05\x00"}:
            raise weak(scheme)
        key.verify(token.signature, encoded, ec.ECDSA(_stated_hash(token)))
    elif scheme == "rsassa_pss":
        padded, digest = _pss(token)
        key.verify(token.signature, encoded, padded, digest)
    elif scheme == "rsassa_pkcs1v15" and parameters in {b"", b"\x05\x00"}:
        key.verify(token.signature, encoded, padding.PKCS1v15(), _stated_hash(token))
    else:
        raise weak(scheme)


def _stated_hash(token: Token) -> hashes.HashAlgorithm:
    """Return the hash that the signature algorithm states, else that of the digest."""
    name = str(token.algorithm["algorithm"].native)
    stated = name.partition("_")[0] if name.startswith("sha") else token.digest_hash
    if name in {"ecdsa", "rsassa_pkcs1v15"}:
        stated = token.digest_hash
    if stated not in _HASHES:
        raise weak(name)
    return _HASHES[stated]


def _pss(token: Token) -> tuple[padding.PSS, hashes.HashAlgorithm]:
    """Return padding and hash of RSASSA-PSS, which its parameters state (RFC 4055 section 3.1)."""
    stated = token.algorithm["parameters"]
    digest = _HASHES[digest_named(stated["hash_algorithm"])]
    mask = stated["mask_gen_algorithm"]
    if mask["algorithm"].native != "mgf1" or int(stated["trailer_field"]) != 1:
        raise weak("rsassa_pss")
    masked = _HASHES[digest_named(mask["parameters"])]
    return padding.PSS(padding.MGF1(masked), int(stated["salt_length"])), digest


def _unfit(certificate: x509.Certificate, why: str) -> NotVerified:
    return NotVerified(
        "stamp-certificate-unfit",
        f"Il certificato della marca temporale (numero {certificate.serial_number:x}) {why}.",
    )


def _false() -> NotVerified:
    return NotVerified(
        "stamp-signature-invalid", "La firma della marca temporale è falsa: qualcosa è cambiato."
    )
