"""Founding a ledger: a new home with its keys, and leaf 0 signed by the first administrator.

Source: FORMATS section 4 (`ledger-founded/1`); EXPERIENCE section 3 (`init`).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api.app import log_signer, make_stores, open_ledger
from api.client.requests import make_command
from api.machine import now
from ledger.application.door import Identity
from ledger.errors import ShapeError, StorageError
from ledger.journal.merkle import EMPTY_ROOT
from ledger.journal.note import parse_vkey
from ledger.journal.policy import NO_QUORUM, Log, Policy, format_policy
from ledger.signing.certificates import CA, certificate_digest, create_ca
from ledger.signing.envelope import Basis, assemble
from ledger.signing.signer import create_key_file
from ledger.vault.vaultkey import new_vault_key, write_vault_key
from schemas import files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.app import Opened
    from api.home import Home, Settings
    from ledger.journal.batch import Receipt
    from ledger.signing.signer import Signer

ORIGIN_LIMIT = 58  # "Pista <origin>" is the common name of its authority, 64 characters at most
ORIGIN = re.compile(r"[a-z0-9.-]{1,60}(/[a-z0-9_.-]{1,40})*")
BACKDATED = timedelta(minutes=5)


def new_actor() -> str:
    """Return a new actor id: 26 characters of base32 from a random source, no name in it."""
    return base64.b32encode(secrets.token_bytes(17)).decode().lower()[:26]


def issue(ca: CA, signer: Signer, actor: str) -> str:
    """Return the certificate of an actor's key, PEM, issued by the ledger's own CA."""
    return ca.issue(signer.jwk(), actor, now() - BACKDATED)


def check_founding(home: Home, origin: str, administrators: int, k: int) -> None:
    """Raise before anything is created when the ledger could not be founded so.

    Raises:
        StorageError: `already-there`.
        ShapeError: `origin-malformed` or `approvals-malformed`.
    """
    if home.settings_file.exists():
        raise StorageError("already-there", f"Nella cartella {home.path} c'è già un registro.")
    if not ORIGIN.fullmatch(origin) or len(origin) > ORIGIN_LIMIT:
        raise ShapeError(
            "origin-malformed",
            f"{origin!r} non è il nome di un registro, come pnrr.comune.lecce.it/c_e506.",
        )
    if not 1 <= k <= administrators:
        raise ShapeError(
            "approvals-malformed",
            f"Con {administrators} amministratori ne possono concordare da 1 a {administrators}.",
        )


def log_alone(log: Log) -> Policy:
    """Return the policy that asks for no witness."""
    return Policy((log,), (), (), NO_QUORUM)


def make_home(home: Home, settings: Settings, policy: Callable[[Log], Policy] = log_alone) -> None:
    """Create the folder of a ledger with its keys, its empty journal and its trust policy.

    Raises:
        StorageError: `already-there`, when there is one; nothing is touched then.
        PistaError: when the database cannot be used; the home has no settings then.
    """
    home.path.mkdir(parents=True, exist_ok=True)
    home.check_empty(settings)
    make_stores(home, settings)
    home.write_settings(settings)
    for folder in (home.keys, home.outbox, home.packages):
        folder.mkdir(exist_ok=True)
    create_key_file(home.keys / "log.pem", alg="EdDSA")
    ca = create_ca(home.keys / "ca.pem", settings.origin, now() - BACKDATED)
    (home.keys / "ca.crt").write_text(ca.pem, encoding="ascii")
    write_vault_key(home.vault_key, new_vault_key())
    log = Log(parse_vkey(log_signer(home, settings.origin).vkey))
    home.policy.write_bytes(format_policy(policy(log)))


def found(
    home: Home,
    settings: Settings,
    administrators: Sequence[Signer],
    k: int,
    policy: Callable[[Log], Policy] = log_alone,
) -> Receipt:
    """Make the home and record leaf 0; k administrators must agree on keys and roles from then on.

    Raises:
        StorageError: `already-there`.
    """
    make_home(home, settings, policy)
    with open_ledger(home) as opened:
        receipt = _write_leaf_zero(opened, administrators, k)
        opened.runner.catch_up()
    return receipt


def _write_leaf_zero(opened: Opened, administrators: Sequence[Signer], k: int) -> Receipt:
    keepers: list[dict[str, Any]] = []
    for signer in administrators:
        actor = new_actor()
        certificate = issue(opened.ca, signer, actor)
        keepers.append(
            {
                "actor": actor,
                "kid": signer.kid,
                "jwk": signer.jwk(),
                "certificate": certificate,
            }
        )
    policy = opened.home.policy.read_bytes()
    data = {
        "origin": opened.settings.origin,
        "log_key": log_signer(opened.home, opened.settings.origin).vkey,
        "approvals": k,
        "administrators": keepers,
        "ca": (opened.home.keys / "ca.crt").read_text(encoding="ascii"),
        "policy": hashlib.sha256(policy).hexdigest(),
        "schemas": files.digest(),
        "rules": files.digest("codes/"),
    }
    first, signer = keepers[0], administrators[0]
    identity = Identity(
        actor=first["actor"],
        kid=signer.kid,
        alg=signer.alg,
        certificate_digest=certificate_digest(first["certificate"]),
    )
    command = make_command("found-ledger/1", data)
    draft = opened.ledger.draft(command, identity, Basis(0, EMPTY_ROOT))
    return opened.ledger.record(assemble(draft.signing_input, signer.sign(draft.signing_input)))
