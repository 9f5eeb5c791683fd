r"""A receipt as the signer keeps it: canonical JSON and a newline.

    {"envelope":"<compact JWS>","leaf":"pista/leaf/v1\nevent\n...","proof":"c2sp.org/...","v":1}

Source: FORMATS section 3.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ledger.errors import Unreadable
from ledger.journal.batch import Receipt
from ledger.journal.proofs import parse_proof

if TYPE_CHECKING:
    from pathlib import Path


def format_receipt(receipt: Receipt) -> bytes:
    """Return the receipt as canonical JSON with a final newline (envelope, leaf, proof)."""
    members = {
        "envelope": receipt.envelope.decode("ascii"),
        "leaf": receipt.leaf.decode("ascii"),
        "proof": receipt.proof.decode("utf-8"),
        "v": 1,
    }
    text = json.dumps(members, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode() + b"\n"


def read_kept(path: Path, event_id: str, index: int, entry: tuple[bytes, bytes]) -> Receipt | None:
    """Return the receipt in a file when it is that of the (leaf, envelope) at an index.

    None when there is no such file, or it holds anything else: then it is asked for again.
    """
    leaf, envelope = entry
    try:
        data = path.read_bytes()
        proof = json.loads(data)["proof"].encode()
        parsed = parse_proof(proof)
    except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError, Unreadable):
        return None
    found = Receipt(index, event_id, envelope, leaf, proof, parsed.checkpoint, first=False)
    return found if parsed.index == index and format_receipt(found) == data else None
