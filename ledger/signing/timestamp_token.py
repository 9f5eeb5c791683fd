r"""A time-stamp token taken apart: what the authority says, what it signed, with which certificate.

    TimeStampResp  { status { 0 granted }, token }          what an authority answers, and what is kept
    token          ContentInfo signedData { version 3, content TSTInfo, certificates, one SignerInfo }
    TSTInfo        { 1, policy, imprint { algorithm, digest }, serial, genTime, accuracy, nonce, tsa }

    openssl ts -reply -in checkpoint.1291.tsr -text

The reading is by asn1crypto, which takes BER and sets in any order, as real authorities send them;
nothing is looked at leniently for that: each member that the signature does not cover has one value
that is accepted. The status of an answer is signed by nobody, so what is kept has the one that
says "granted" before the token, whose own bytes stay as they came.

Source: RFC 3161 section 2.4.2; RFC 5652 section 5; RFC 5035 section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from asn1crypto import cms, core, parser, tsp

from ledger.errors import NotVerified, Unreadable
from ledger.signing.timestamp_info import Info, digest_named, expect, read_info

MAX_TOKEN_BYTES: Final = 64 * 1024
# What a parser of hostile bytes may raise; RecursionError on what is nested for its own sake.
BROKEN: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    RecursionError,
)

_GRANTING: Final = frozenset({0, 1})  # granted, granted with modifications
_GRANTED: Final = bytes.fromhex("3003020100")
_SEQUENCE: Final = 0x30


Attributes = dict[str, core.Asn1Value]
Binding = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A token read, nothing verified.

    `content` is what the digest of the signed attributes is over; `signed` the encodings of those
    attributes that the signature may be over: as they came, and in DER. Each of `bindings` is one
    attribute that names certificates by (hash, digest): the signer's first, then, if any, those that
    the path must keep to. `signer` is the issuer (DER) and serial, or the key identifier, of the
    certificate of the signer.
    """

    info: Info
    content: bytes
    digest_hash: str
    message_digest: bytes
    bindings: tuple[Binding, ...]
    signed: tuple[bytes, ...]
    algorithm: cms.SignedDigestAlgorithm
    signature: bytes
    signer: tuple[bytes, int] | bytes
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]


def kept_form(answer: bytes) -> bytes:
    """Return what is kept of an answer that grants: "granted", then its token as it came.

    Raises:
        Unreadable: when it is no answer (`stamp-unreadable`).
        NotVerified: when it grants nothing (`stamp-refused`), with the reason that it gives.
    """
    _check_size(answer)
    try:
        status_info, token = _split(answer)
        status = int(status_info["status"])
        why = "" if status in _GRANTING else _why(status_info)
    except BROKEN as error:
        raise unreadable(f"la risposta non è una TimeStampResp ({error})") from error
    if status not in _GRANTING:
        raise NotVerified(
            "stamp-refused", f"L'autorità di marcatura ha rifiutato (stato {status}{why})."
        )
    if not token:
        raise unreadable("la risposta concede la marca e non la contiene")
    body = _GRANTED + token
    return bytes([_SEQUENCE]) + _length(len(body)) + body


def read_token(kept: bytes) -> Token:
    """Return the token of what is kept; `kept_form` gives the same bytes back.

    Raises:
        Unreadable: when the bytes are not a token in the form that is kept (`stamp-unreadable`).
        NotVerified: when it uses an algorithm that is weak or unknown (`stamp-algorithm-weak`).
    """
    try:
        token = _read(kept)
    except BROKEN as error:
        raise unreadable(str(error)) from error
    if kept_form(kept) != kept:
        raise unreadable("davanti alla marca non c'è il solo stato «concessa»")
    return token


def unreadable(reason: str) -> Unreadable:
    """Return the error of bytes that are no token."""
    shown = "".join(char if char.isprintable() else " " for char in reason)[:200]
    return Unreadable(
        "stamp-unreadable", f"La marca temporale non è leggibile: {shown}. Chiederne un'altra."
    )


def _read(kept: bytes) -> Token:
    _check_size(kept)
    content_info = cms.ContentInfo.load(_split(kept)[1], strict=True)
    expect(content_info["content_type"].native == "signed_data", "non è SignedData")
    signed = content_info["content"]
    expect(int(signed["version"]) in {3, 4, 5}, "la versione di SignedData")
    content = signed["encap_content_info"]
    expect(content["content_type"].native == "tst_info", "il contenuto non è TSTInfo")
    raw = bytes(content["content"])
    expect(len(signed["signer_infos"]) == 1, "i firmatari non sono uno")
    signer = signed["signer_infos"][0]
    attributes = _attributes(signer["signed_attrs"])
    expect(attributes["content_type"].native == "tst_info", "il tipo di contenuto che è firmato")
    digest = digest_named(signer["digest_algorithm"])
    named = {digest_named(one) for one in signed["digest_algorithms"]}
    expect(digest in named, "gli algoritmi di impronta")
    return Token(
        info=read_info(tsp.TSTInfo.load(raw, strict=True)),
        content=raw,
        digest_hash=digest,
        message_digest=bytes(attributes["message_digest"]),
        bindings=tuple(_bindings(attributes)),
        signed=_encodings(signer["signed_attrs"]),
        algorithm=signer["signature_algorithm"],
        signature=bytes(signer["signature"]),
        signer=_signer(signer),
        certificates=tuple(_members(signed["certificates"], "certificate")),
        crls=tuple(_members(signed["crls"], None)),
    )


def _split(answer: bytes) -> tuple[tsp.PKIStatusInfo, bytes]:
    """Return the status of an answer and the bytes of its token as they came; ValueError if broken."""
    class_, method, tag, _, body, _ = parser.parse(answer, strict=True)
    expect((class_, method, tag) == (0, 1, _SEQUENCE & 0x1F), "la risposta")
    size = parser.peek(body)
    token = body[size:]
    if token:
        parser.parse(token, strict=True)
    return tsp.PKIStatusInfo.load(body[:size], strict=True), token


def _attributes(found: cms.CMSAttributes) -> Attributes:
    """Return the signed attributes, each of which is there once and has one value."""
    attributes: Attributes = {}
    for one in found:
        name = str(one["type"].native)
        expect(
            name not in attributes and len(one["values"]) == 1, "un attributo firmato è ripetuto"
        )
        attributes[name] = one["values"][0]
    return attributes


def _bindings(attributes: Attributes) -> list[Binding]:
    """Return which certificates the signed attributes name, in each of the two forms there are."""
    found: list[Binding] = []
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"]["certs"]
        hashes = [(digest_named(one["hash_algorithm"]), bytes(one["cert_hash"])) for one in named]
        found.append(tuple(hashes))
    if "signing_certificate" in attributes:
        named = attributes["signing_certificate"]["certs"]
        found.append(tuple(("sha1", bytes(one["cert_hash"])) for one in named))
    expect(all(found), "non nomina alcun certificato")
    return found


def _encodings(attributes: cms.CMSAttributes) -> tuple[bytes, ...]:
    contents: bytes = attributes.contents
    received = b"\x31" + _length(len(contents)) + contents
    return received, attributes.untag().dump(force=True)


def _signer(signer: cms.SignerInfo) -> tuple[bytes, int] | bytes:
    sid, version = signer["sid"], int(signer["version"])
    if sid.name == "issuer_and_serial_number":
        expect(version == 1, "la versione di SignerInfo")
        return sid.chosen["issuer"].dump(), int(sid.chosen["serial_number"])
    expect(version == 3, "la versione di SignerInfo")  # noqa: PLR2004  RFC 5652 section 5.3
    return bytes(sid.chosen)


def _members(found: core.SetOf, name: str | None) -> list[bytes]:
    """Return the DER of the certificates, or revocation lists, that travel with the token."""
    if isinstance(found, core.Void):
        return []
    wanted = [one for one in found if name is None or one.name == name]
    return [one.chosen.dump() if isinstance(one, core.Choice) else one.dump() for one in wanted]


def _why(info: tsp.PKIStatusInfo) -> str:
    """Return the words of a refusal, for a sentence."""
    texts = info["status_string"].native or []
    causes = sorted(info["fail_info"].native or [])
    words = "".join(char if char.isprintable() else " " for char in "; ".join([*texts, *causes]))
    return f": {words[:200]}" if words else ""


def _check_size(data: bytes) -> None:
    if len(data) > MAX_TOKEN_BYTES:
        raise unreadable(f"ha più di {MAX_TOKEN_BYTES} byte")


def _length(size: int) -> bytes:
    """Return a length in DER (X.690 section 10.1)."""
    if size < 0x80:  # noqa: PLR2004
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets
