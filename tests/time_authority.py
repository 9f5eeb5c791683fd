"""Time-stamping authorities for tests: their certificates, and tokens that they sign.

    town = authority(ec_key(1))                         root, issuing CA, time-stamping unit
    data = answer(town, b"a note", Recipe(nonce=7))     a TimeStampResp, DER
    town.trust_pem()                                    what a reader is given: the root

Tokens are made field by field, so that each can be wrong in one way and at any time; those of
`openssl ts` itself are made by `openssl_answer`, at the time of the machine.
Source: RFC 3161, RFC 5816, RFC 5652.
"""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
END = datetime(2040, 1, 1, tzinfo=UTC)
STAMPED_AT = datetime(2026, 3, 4, 10, 20, 30, tzinfo=UTC)
POLICY = "1.3.76.36.1.1.40"
OTHER_POLICY = "1.3.76.36.1.1.41"
QUALIFIED = bytes.fromhex("300b30090607040081975e0101")  # QCStatements, ETSI EN 319 422 section 9
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


@cache
def ec_key(seed: int, curve: str = "secp256r1") -> ec.EllipticCurvePrivateKey:
    """Return the key of a seed, the same in every run."""
    curves = {
        "secp256r1": ec.SECP256R1,
        "secp384r1": ec.SECP384R1,
        "secp521r1": ec.SECP521R1,
        "secp256k1": ec.SECP256K1,
    }
    return ec.derive_private_key(seed + 1000, curves[curve]())


@cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return an RSA key, the same during one run."""
    del number
    return rsa.generate_private_key(65537, bits)


@dataclass(frozen=True)
class Unit:
    """What the certificate of a time-stamping unit says."""

    begin: datetime = BEGIN
    end: datetime = END
    usages: tuple[x509.ObjectIdentifier, ...] = STAMPING
    is_critical: bool = True
    with_usages: bool = True
    is_ca: bool = False
    name: str = "Unità di marcatura 1"


@dataclass(frozen=True)
class Authority:
    """A root, an issuing authority below it, and a unit that signs tokens."""

    key: Key
    certificate: x509.Certificate
    issuer_key: Key
    issuer: x509.Certificate
    root_key: Key
    root: x509.Certificate

    def trust_pem(self) -> bytes:
        """Return what a reader is given: the root."""
        return pem(self.root)

    @property
    def chain(self) -> tuple[x509.Certificate, ...]:
        """Return what travels in a token: the unit and who issued it."""
        return self.certificate, self.issuer


def authority(
    key: Key,
    unit: Unit = Unit(),
    *,
    seed: int = 7,
    key_seed: int | None = None,
) -> Authority:
    """Return an authority whose root and issuer have the names and keys of a seed, or other keys."""
    root_key = ec_key(seed if key_seed is None else key_seed)
    issuer_key = ec_key((seed if key_seed is None else key_seed) + 1)
    root_name, issuer_name = _name(f"Radice {seed}"), _name(f"Autorità di marcatura {seed}")
    root = _issued(root_name, root_key, root_name, root_key, _ca_extensions(None))
    issuer = _issued(issuer_name, issuer_key, root_name, root_key, _ca_extensions(0))
    own = _unit_extensions(unit)
    certificate = _issued(_name(unit.name), key, issuer_name, issuer_key, own, unit.begin, unit.end)
    return Authority(key, certificate, issuer_key, issuer, root_key, root)


def below(
    by: Authority,
    key: Key,
    *,
    issuer_of: str = "issuer",
    flaw: str = "",
    path_length: int | None = None,
) -> Authority:
    """Return an authority whose issuer was issued by the root or issuer of another, and has a flaw.

    Below an issuer of path length 0 no issuer may stand.
    """
    above = (by.root, by.root_key) if issuer_of == "root" else (by.issuer, by.issuer_key)
    extensions = _ca_extensions(path_length)
    if flaw == "no CA":
        extensions[0] = (x509.BasicConstraints(ca=False, path_length=None), True)
    if flaw == "no signing of certificates":
        extensions[1] = (_usage(), True)
    if flaw == "another purpose":
        extensions.append((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))
    issuer_key = ec_key(77)
    issuer = _issued(_name("Sotto"), issuer_key, above[0].subject, above[1], extensions)
    certificate = _issued(
        _name("Unità 2"), key, issuer.subject, issuer_key, _unit_extensions(Unit())
    )
    return Authority(key, certificate, issuer_key, issuer, by.root_key, by.root)


def _unit_extensions(unit: Unit) -> list[tuple[Any, bool]]:
    own = [(x509.BasicConstraints(ca=unit.is_ca, path_length=None), True), (_usage(), True)]
    if unit.with_usages:
        own.append((x509.ExtendedKeyUsage(unit.usages), unit.is_critical))
    return own


def pem(*certificates: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """Return certificates as PEM, one after the other."""
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def revocations(
    by: Authority,
    serial: int,
    at: datetime,
    reason: x509.ReasonFlags | None = None,
    *,
    signed_with: Key | None = None,
) -> x509.CertificateRevocationList:
    """Return a list of the issuing authority that revokes one serial."""
    entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
    if reason is not None:
        entry = entry.add_extension(x509.CRLReason(reason), critical=False)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.issuer.subject)
        .last_update(at)
        .next_update(at + timedelta(days=30))
        .add_revoked_certificate(entry.build())
    )
    return builder.sign(signed_with or by.issuer_key, hashes.SHA256())


def _name(common: str) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Prova"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    return x509.Name(parts)


def _usage(*, ca: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _ca_extensions(path_length: int | None) -> list[tuple[Any, bool]]:
    return [
        (x509.BasicConstraints(ca=True, path_length=path_length), True),
        (_usage(ca=True), True),
    ]


def _issued(  # noqa: PLR0913, PLR0917  the parts of a certificate
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: Key,
    extensions: list[tuple[Any, bool]],
    begin: datetime = BEGIN,
    end: datetime = END,
) -> x509.Certificate:
    serial = int.from_bytes(hashlib.sha256(f"{subject}{issuer}".encode()).digest()[:8], "big")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    for extension in (
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
    ):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


# ------------------------------------------------------------------------------------- tokens


@dataclass(frozen=True)
class Recipe:
    """What an answer says; every field can be wrong."""

    at: datetime | str = STAMPED_AT
    nonce: int | None = None
    policy: str = POLICY
    imprint_hash: str = "sha256"
    imprint: bytes | None = None
    accuracy: dict[str, int] | None = field(default_factory=lambda: {"seconds": 1})
    ordering: bool = False
    tsa: x509.Name | None = None
    serial: int = 4711
    info_version: str = "v1"
    signed_hash: str = "sha256"
    is_pss: bool = False
    binding: str = "signing_certificate_v2"  # "signing_certificate", "both", ""
    bound: x509.Certificate | None = None
    bound_path: tuple[x509.Certificate, ...] = ()
    certificates: tuple[x509.Certificate, ...] | None = None
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    by_key_id: bool = False
    status: int = 0
    text: str = ""
    content_type: str = "tst_info"
    signed_with: Key | None = None
    digest: bytes | None = None
    extensions: tuple[tuple[str, bool], ...] = ()
    is_qualified: bool = False
    change_signed: Callable[[cms.SignedData], None] | None = None


def recipe(**changes: Any) -> Recipe:  # noqa: ANN401  any field of a recipe
    """Return a right recipe with these changes."""
    return replace(Recipe(), **changes)


def answer(by: Authority, message: bytes, how: Recipe = Recipe()) -> bytes:
    """Return a TimeStampResp over a message, DER."""
    status: dict[str, Any] = {"status": how.status}
    if how.text:
        status["status_string"] = [how.text]
    signed = _signed(by, _info(message, how), how)
    content = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    made: bytes = tsp.TimeStampResp({"status": status, "time_stamp_token": content}).dump()
    return made


def refusal(status: int = 2, text: str = "no") -> bytes:
    """Return a TimeStampResp that has no token."""
    info = tsp.PKIStatusInfo({"status": status, "status_string": [text], "fail_info": {"bad_alg"}})
    body: bytes = info.dump()
    return b"\x30" + bytes([len(body)]) + body


def _info(message: bytes, how: Recipe) -> tsp.TSTInfo:
    digest = hashlib.new(how.imprint_hash, message).digest()
    fields: dict[str, Any] = {
        "version": how.info_version,
        "policy": how.policy,
        "message_imprint": {
            "hash_algorithm": {"algorithm": how.imprint_hash},
            "hashed_message": how.imprint or digest,
        },
        "serial_number": how.serial,
        "gen_time": how.at
        if isinstance(how.at, datetime)
        else core.GeneralizedTime(contents=how.at.encode()),
        "ordering": how.ordering,
    }
    if how.accuracy is not None:
        fields["accuracy"] = how.accuracy
    if how.nonce is not None:
        fields["nonce"] = how.nonce
    if how.tsa is not None:
        name = asn1_x509.Name.load(how.tsa.public_bytes())
        fields["tsa"] = asn1_x509.GeneralName("directory_name", name)
    value = QUALIFIED if how.is_qualified else b"\x05\x00"
    if how.extensions:
        fields["extensions"] = [
            {"extn_id": oid, "critical": critical, "extn_value": value}
            for oid, critical in how.extensions
        ]
    return tsp.TSTInfo(fields)


def _signed(by: Authority, info: tsp.TSTInfo, how: Recipe) -> cms.SignedData:
    content: bytes = info.dump()
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [how.content_type]}),
            cms.CMSAttribute(
                {
                    "type": "message_digest",
                    "values": [how.digest or hashlib.new(how.signed_hash, content).digest()],
                }
            ),
            *_bindings(by, how),
        ]
    )
    own = asn1_x509.Certificate.load(by.certificate.public_bytes(Encoding.DER))
    if how.by_key_id:
        sid = cms.SignerIdentifier("subject_key_identifier", core.OctetString(own.key_identifier))
    else:
        plain = {"issuer": own.issuer, "serial_number": own.serial_number}
        sid = cms.SignerIdentifier("issuer_and_serial_number", cms.IssuerAndSerialNumber(plain))
    algorithm, signature = _signature(how.signed_with or by.key, attributes.dump(), how)
    signer = cms.SignerInfo(
        {
            "version": "v3" if how.by_key_id else "v1",
            "sid": sid,
            "digest_algorithm": {"algorithm": how.signed_hash},
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": signature,
        }
    )
    chain = by.chain if how.certificates is None else how.certificates
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": how.signed_hash}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "signer_infos": [signer],
        }
    )
    if chain:
        signed["certificates"] = [
            asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain
        ]
    if how.crls:
        signed["crls"] = [
            cms.RevocationInfoChoice.load(one.public_bytes(Encoding.DER)) for one in how.crls
        ]
    if how.change_signed is not None:
        how.change_signed(signed)
    return signed


def _bindings(by: Authority, how: Recipe) -> list[cms.CMSAttribute]:
    ders = [
        one.public_bytes(Encoding.DER) for one in (how.bound or by.certificate, *how.bound_path)
    ]
    old = tsp.SigningCertificate(
        {"certs": [{"cert_hash": hashlib.sha1(der).digest()} for der in ders]}  # noqa: S324  RFC 2634
    )
    new = tsp.SigningCertificateV2(
        {"certs": [{"cert_hash": hashlib.sha256(der).digest()} for der in ders]}
    )
    kinds = {"signing_certificate": old, "signing_certificate_v2": new}
    wanted = kinds if how.binding == "both" else {how.binding}
    return [
        cms.CMSAttribute({"type": kind, "values": [value]})
        for kind, value in kinds.items()
        if kind in wanted
    ]


def _signature(key: Key, data: bytes, how: Recipe) -> tuple[Any, bytes]:
    chosen: dict[str, hashes.HashAlgorithm] = {
        "sha1": hashes.SHA1(),  # noqa: S303  what is to be refused
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    digest = chosen[how.signed_hash]
    if isinstance(key, ec.EllipticCurvePrivateKey):
        named = {"algorithm": f"{how.signed_hash}_ecdsa"}
        return named, key.sign(data, ec.ECDSA(digest, deterministic_signing=True))
    if how.is_pss:
        salt = digest.digest_size
        parameters = algos.RSASSAPSSParams(
            {
                "hash_algorithm": {"algorithm": how.signed_hash},
                "mask_gen_algorithm": {
                    "algorithm": "mgf1",
                    "parameters": {"algorithm": how.signed_hash},
                },
                "salt_length": salt,
            }
        )
        pss = padding.PSS(padding.MGF1(digest), salt)
        named_pss = {"algorithm": "rsassa_pss", "parameters": parameters}
        return named_pss, key.sign(data, pss, digest)
    plain = {"algorithm": f"{how.signed_hash}_rsa", "parameters": core.Null()}
    return plain, key.sign(data, padding.PKCS1v15(), digest)


# ------------------------------------------------------------------------------------ openssl


def openssl_answer(
    by: Authority, query: bytes, folder: Path, *, digest: str = "sha256", **settings: str
) -> bytes:
    """Return what `openssl ts -reply` answers to a query, now; `settings` as in its manual."""
    plain = PrivateFormat.PKCS8
    (folder / "tsa.key").write_bytes(by.key.private_bytes(Encoding.PEM, plain, NoEncryption()))
    (folder / "tsa.crt").write_bytes(pem(by.certificate))
    (folder / "chain.crt").write_bytes(pem(by.issuer))
    (folder / "serial").write_text("01\n")
    (folder / "query.tsq").write_bytes(query)
    lines = {
        "serial": "serial",
        "default_policy": POLICY,
        "other_policies": OTHER_POLICY,
        "digests": "sha256, sha384, sha512",
        "signer_digest": digest,
        "accuracy": "secs:1, millisecs:500, microsecs:100",
        "ordering": "no",
        "tsa_name": "yes",
        "ess_cert_id_chain": "no",
        "ess_cert_id_alg": "sha256",
        **settings,
    }
    text = "".join(f"{name} = {value}\n" for name, value in lines.items())
    (folder / "ts.cnf").write_text(f"[tsa]\ndefault_tsa = one\n[one]\n{text}", encoding="utf-8")
    asked = ["-config", "ts.cnf", "-queryfile", "query.tsq", "-signer", "tsa.crt"]
    asked += ["-inkey", "tsa.key", "-chain", "chain.crt", "-out", "answer.tsr"]
    command = ["openssl", "ts", "-reply", *asked]
    made = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr.decode()
    return (folder / "answer.tsr").read_bytes()


# ------------------------------------------------------------------- encodings that are not DER


def ber(der: bytes) -> bytes:
    """Return an answer with its token in BER: lengths that are not said, a content in two pieces."""
    answered = tsp.TimeStampResp.load(der)
    token: bytes = answered["time_stamp_token"].dump()
    body: bytes = answered["status"].dump() + _indefinite(token, 0)
    return _tlv(0x30, body)


def unsorted(der: bytes) -> bytes:
    """Return an answer whose certificates stand in the order in which DER does not want them."""
    answered = tsp.TimeStampResp.load(der)
    token = answered["time_stamp_token"]
    found = [one.dump() for one in token["content"]["certificates"]]
    raw: bytes = token.dump()
    right, wrong = b"".join(sorted(found)), b"".join(sorted(found, reverse=True))
    assert raw.count(right) == 1
    body: bytes = answered["status"].dump() + raw.replace(right, wrong)
    return _tlv(0x30, body)


def _indefinite(der: bytes, depth: int) -> bytes:
    """Return one element anew without a length: SignedData, its parts, and down to the content."""
    tag, body = der[0], _body(der)
    if tag == 0x04 and depth == 5:
        half = len(body) // 2
        pieces = _tlv(0x04, body[:half]) + _tlv(0x04, body[half:])
        return b"\x24\x80" + pieces + b"\x00\x00"
    if not tag & 0x20:
        return der
    inner = body
    if depth < 3 or (depth == 3 and tag == 0x30) or depth == 4:
        inner = b"".join(_indefinite(one, depth + 1) for one in _elements(body))
    return bytes([tag]) + b"\x80" + inner + b"\x00\x00"


def _elements(body: bytes) -> list[bytes]:
    found = []
    while body:
        size = len(body) - len(_after(body))
        found.append(body[:size])
        body = body[size:]
    return found


def _body(der: bytes) -> bytes:
    header, length = _header(der)
    return der[header : header + length]


def _after(der: bytes) -> bytes:
    header, length = _header(der)
    return der[header + length :]


def _header(der: bytes) -> tuple[int, int]:
    if der[1] < 0x80:
        return 2, der[1]
    count = der[1] & 0x7F
    return 2 + count, int.from_bytes(der[2 : 2 + count], "big")


def _tlv(tag: int, body: bytes) -> bytes:
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    octets = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body
