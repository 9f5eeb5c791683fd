"""Which time-stamping authority a ledger asks, and which ones it trusts; none asked, none needed.

    tsa.json       {"policy":"1.3.76.36.1.1.40","url":"https://tsa.example/tsr","user":"comune-lecce"}
    tsa-ca.pem     certificates of the authorities that are trusted, and lists of revocations

`pista checkpoint authority` writes both. The environment says otherwise than the home does:

    PISTA_TSA_URL            the address; the policy and the name of the home go with its own alone
    PISTA_TSA_POLICY         an identifier (OID), for authorities that have several
    PISTA_TSA_USER           a name, for authorities that ask for one
    PISTA_TSA_PASSWORD_FILE  a file that holds the password, and nothing else; it is kept nowhere else
    PISTA_TSA_CA             a file of certificates

Source: RFC 3161; EXPERIENCE section 3 (`checkpoint timestamp`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.client.book import write_whole
from ledger.errors import ShapeError, StorageError, Unreadable
from ledger.signing.timestamp_trust import parse_tsa_trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.signing.timestamp_trust import TSATrust

FILE: Final = "tsa.json"
TRUST_FILE: Final = "tsa-ca.pem"


@dataclass(frozen=True, slots=True)
class TSASettings:
    """Whom to ask: address, policy and name; an empty address asks nobody."""

    url: str = ""
    policy: str = ""
    user: str = ""


def read_settings(home: Path, said: Mapping[str, str]) -> TSASettings:
    """Return whom a ledger asks, by its environment `said`, else by its home.

    Raises:
        ShapeError: `tsa-url-malformed`.
        StorageError: `home-damaged`, when tsa.json cannot be read.
    """
    kept = _kept(home / FILE)
    url = said.get("PISTA_TSA_URL", "")
    if url and url != kept.url:
        kept = TSASettings(url)
    policy, user = said.get("PISTA_TSA_POLICY", ""), said.get("PISTA_TSA_USER", "")
    found = TSASettings(kept.url, policy or kept.policy, user or kept.user)
    if found.url:
        check_url(found.url)
    return found


def write_settings(home: Path, settings: TSASettings, trust: bytes | None) -> None:
    """Put whom to ask, and the certificates that are trusted when they are given, into a home.

    Raises:
        ShapeError: `tsa-url-malformed`.
        Unreadable: `tsa-ca-malformed`.
        OSError: when the disk refuses.
    """
    check_url(settings.url)
    if trust is not None:
        parse_tsa_trust(trust)
        write_whole(home / TRUST_FILE, trust)
    members = {name: value for name, value in asdict(settings).items() if value}
    text = json.dumps(members, ensure_ascii=False, sort_keys=True)
    write_whole(home / FILE, text.encode() + b"\n")


def read_trust(home: Path, said: Mapping[str, str]) -> TSATrust | None:
    """Return the authorities that a ledger trusts, None when it says none.

    Raises:
        Unreadable: `tsa-ca-malformed`, also when the file that is named cannot be read.
    """
    named = said.get("PISTA_TSA_CA", "")
    path = Path(named) if named else home / TRUST_FILE
    if not named and not path.exists():
        return None
    try:
        return parse_tsa_trust(path.read_bytes())
    except OSError as error:
        raise Unreadable(
            "tsa-ca-malformed",
            f"Il file {path} delle autorità di marcatura non si può leggere ({error.strerror}).",
        ) from error


def read_password(said: Mapping[str, str]) -> str:
    """Return the password of the authority, "" when no file is named.

    Raises:
        StorageError: `password-file-unreadable`.
    """
    file = said.get("PISTA_TSA_PASSWORD_FILE", "")
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(
            "password-file-unreadable",
            f"Il file {file} con la password dell'autorità di marcatura non si può leggere: correggere"
            " PISTA_TSA_PASSWORD_FILE o i permessi.",
        ) from error


def check_url(url: str) -> None:
    """Return when an address can be asked: http or https, without a name or password in it.

    Raises:
        ShapeError: `tsa-url-malformed`.
    """
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme not in {"http", "https"} or not separator or not host or "@" in host:
        raise ShapeError(
            "tsa-url-malformed",
            f"{url[:200]!r} non è l'indirizzo di un'autorità di marcatura: http:// o https://, senza"
            " nome utente, che va in PISTA_TSA_USER o con --user.",
        )


def _kept(path: Path) -> TSASettings:
    try:
        match json.loads(path.read_bytes()):
            case {"url": str(url), **others}:
                match others.get("policy", ""), others.get("user", ""):
                    case str(policy), str(user):
                        return TSASettings(url, policy, user)
    except FileNotFoundError:
        return TSASettings()
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    raise _damaged(path, "servono url, policy e user, tutti testi")


def _damaged(path: Path, why: str) -> StorageError:
    return StorageError(
        "home-damaged",
        f"Il file {path} non si può leggere ({why}): scriverlo di nuovo con `pista checkpoint"
        " authority`.",
    )
