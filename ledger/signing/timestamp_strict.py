"""The second reader of time-stamp tokens: rfc3161-client, on another parser and on OpenSSL.

It verifies status, chain (purpose timestampsign), signature, imprint; not the signing-certificate
attribute, the signed content type, the strength of hash and key. So it confirms a token that was
verified already, or does not.

Source: rfc3161-client 1.0, `verify.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfc3161_client import VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from ledger.signing.timestamp_info import Info


def is_confirmed(
    kept: bytes, message: bytes, info: Info, roots: Sequence[x509.Certificate]
) -> bool:
    """Tell whether the second reader accepts a token, and reads the same of it."""
    try:
        read = decode_timestamp_response(kept)
        builder = VerifierBuilder()
        for root in dict.fromkeys(roots):
            builder = builder.add_root_certificate(root)
        builder.build().verify_message(read, message)
        said = read.tst_info
        same = (said.serial_number, said.nonce, said.message_imprint.message)
    except (ValueError, VerificationError):
        return False
    whole = info.at.replace(microsecond=0)  # it leaves the fraction of the second out
    return same == (info.serial, info.nonce, info.imprint) and said.gen_time == whole
