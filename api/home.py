"""The home of a ledger: one folder with its stores, keys and packages.

    var/
      ledger.json        origin, body (IPA), remarks, database (a URL); nothing secret
      ledger.sqlite      the journal          views.sqlite   what is derived from it
      anchor             the last published head; backups never bring it back
      fsck.kept          up to where `pista fsck` has verified the journal
      clock              the clocks of this machine when it was first looked at
      vault/ vault.key   documents and personal data, and the key that wraps theirs
      keys/              log.pem (Ed25519), ca.pem ca.crt, keys of people on this machine
      policy.txt         the trust policy (tlog-policy); policies/ holds those that were in use
      outbox/            signed envelopes and their receipts
      packages/          what was exported
      log/               the log as everyone may read it, see ledger/transparency/static_log.py
      backup.made backup.proven stamp.last publication.last     for what `pista doctor` says
      tsa.json tsa-ca.pem    see api/tsa_settings.py

Journal and views may be in a database elsewhere, anchor and published log in other places:

    PISTA_DATABASE_URL              else the member `database`, else ledger.sqlite
    PISTA_DATABASE_PASSWORD_FILE    a file that holds the password of the database, and nothing else
    PISTA_ANCHOR_URL                a path or file:PATH, else anchor
    PISTA_PUBLIC_LOG                a folder, else log

Source: EXPERIENCE section 2; D16.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote

from ledger.errors import Absent, ShapeError, StorageError
from ledger.journal.address import Address, SQLiteFile, has_password, parse_address


@dataclass(frozen=True, slots=True)
class Settings:
    """What ledger.json holds; `remarks` go into every package (such as demonstration data).

    `database` says where journal and views are, without a password; empty for the home itself.
    """

    origin: str
    body: str
    remarks: tuple[str, ...] = ()
    database: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """The places in one folder; nothing is created by naming them.

    `database_url`, `password_file`, `anchor_url` and `public_folder` are what the environment says;
    empty: nothing.
    """

    path: Path
    database_url: str = ""
    password_file: str = ""
    anchor_url: str = ""
    public_folder: str = ""

    @property
    def settings_file(self) -> Path:
        """Where the settings are."""
        return self.path / "ledger.json"

    @property
    def database(self) -> Path:
        """Where the journal is unless it is said to be elsewhere; see `journal_address`."""
        return self.path / "ledger.sqlite"

    @property
    def views(self) -> Path:
        """Where the views are unless the journal is in a server; see `views_address`."""
        return self.path / "views.sqlite"

    @property
    def anchor(self) -> Path:
        """Where the anchor is.

        Raises:
            ShapeError: `anchor-url-malformed`, when what is said of it is neither path nor file:.
        """
        return parse_anchor_url(self.anchor_url) if self.anchor_url else self.path / "anchor"

    def journal_address(self, settings: Settings) -> Address:
        """Return where the journal is.

        Raises:
            ShapeError: `database-url-malformed`, or `database-password-stored` when the settings
                hold a password.
            StorageError: `password-file-unreadable`.
        """
        check_stored_url(settings.database)
        url = self.database_url or settings.database
        if not url:
            return SQLiteFile(self.database)
        return parse_address(url, read_password(self.password_file))

    def views_address(self, settings: Settings) -> Address:
        """Return where the views are: with the journal in a server, else in a file of the home.

        Raises:
            ShapeError, StorageError: as `journal_address`.
        """
        address = self.journal_address(settings)
        if isinstance(address, SQLiteFile):
            return SQLiteFile(self.views, address.access)
        return address

    @property
    def kept(self) -> Path:
        """Where the kept verified checkpoint is."""
        return self.path / "fsck.kept"

    @property
    def clock(self) -> Path:
        """Where the first look at the clocks of this machine is."""
        return self.path / "clock"

    @property
    def vault(self) -> Path:
        """Where the vault is."""
        return self.path / "vault"

    @property
    def vault_key(self) -> Path:
        """Where the key of the vault is."""
        return self.path / "vault.key"

    @property
    def keys(self) -> Path:
        """Where keys are."""
        return self.path / "keys"

    @property
    def policy(self) -> Path:
        """Where the trust policy is."""
        return self.path / "policy.txt"

    @property
    def outbox(self) -> Path:
        """Where signed envelopes wait and receipts are kept."""
        return self.path / "outbox"

    @property
    def public_log(self) -> Path:
        """Where the log is published as static files."""
        return Path(self.public_folder) if self.public_folder else self.path / "log"

    @property
    def packages(self) -> Path:
        """Where packages go unless told otherwise."""
        return self.path / "packages"

    def read_settings(self) -> Settings:
        """Return the settings.

        Raises:
            Absent: `no-ledger`, when there is no ledger here; with the command that makes one.
            StorageError: `home-damaged`, when the file cannot be read or is none of ours.
        """
        if not self.settings_file.exists():
            raise Absent(
                "no-ledger",
                f"Nella cartella {self.path} non c'è un registro: crearlo con"
                " `pista init --ente IPA --origin NOME`, o indicarne uno con --ledger.",
            )
        try:
            return parse_settings(read_part(self.settings_file))
        except ValueError as error:
            raise StorageError(
                "home-damaged",
                f"Il file {self.settings_file} non si può leggere ({error}): rimettere la copia più"
                " recente, oppure scriverlo come dice `api/home.py`.",
            ) from error

    def check_empty(self, settings: Settings) -> None:
        """Return when these settings may be written: there is no ledger here.

        Raises:
            StorageError: `already-there`, when there is one.
            ShapeError: `database-password-stored`, when the URL of the database holds a password.
        """
        check_stored_url(settings.database)
        if self.settings_file.exists():
            raise StorageError(
                "already-there",
                f"Nella cartella {self.path} c'è già un registro: usarlo, o indicarne un'altra con"
                " --ledger.",
            )

    def write_settings(self, settings: Settings) -> None:
        """Write the settings; the folder exists.

        Raises:
            StorageError, ShapeError: as `check_empty`.
        """
        self.check_empty(settings)
        members = {name: value for name, value in asdict(settings).items() if value != ""}
        text = json.dumps(members, ensure_ascii=False, indent=1)
        self.settings_file.write_text(text + "\n", encoding="utf-8")


def parse_settings(data: bytes) -> Settings:
    """Return the settings that ledger.json holds; ValueError when it is not such a file."""
    match json.loads(data):
        case {"origin": str(origin), "body": str(body), "remarks": list(remarks), **others}:
            match others.get("database", ""):
                case str(database):
                    named = tuple(str(remark) for remark in remarks)
                    return Settings(origin, body, named, database)
    message = "servono origin, body e remarks; database è un testo"
    raise ValueError(message)


def check_stored_url(url: str) -> None:
    """Return when a URL of a database may stand in a file: it holds no password.

    Raises:
        ShapeError: `database-password-stored`.
    """
    if has_password(url):
        raise ShapeError(
            "database-password-stored",
            "L'indirizzo della base dati contiene una password, che non si conserva in ledger.json:"
            " toglierla, e darla con PGPASSWORD, ~/.pgpass, un file di servizio o"
            " PISTA_DATABASE_PASSWORD_FILE.",
        )


def read_password(file: str) -> str:
    """Return the password that a file holds, without the end of its line; "" when no file is named.

    Raises:
        StorageError: `password-file-unreadable`.
    """
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "non è testo UTF-8"
        raise StorageError(
            "password-file-unreadable",
            f"Il file {file} con la password della base dati non si può leggere ({why}): correggere"
            " PISTA_DATABASE_PASSWORD_FILE o i permessi.",
        ) from error


def parse_anchor_url(text: str) -> Path:
    """Return the file of an anchor from a path or a URL such as file:/ancora/lecce.

    Raises:
        ShapeError: `anchor-url-malformed`.
    """
    scheme, colon, rest = text.partition(":")
    if not colon or "/" in scheme:
        return Path(text)
    if scheme.lower() != "file" or not rest.removeprefix("//"):
        raise ShapeError(
            "anchor-url-malformed",
            f"{text[:200]!r} non dice dov'è l'ancora: indicare un percorso o file:PERCORSO in"
            " PISTA_ANCHOR_URL.",
        )
    return Path(unquote(rest.removeprefix("//")))


def read_part(path: Path) -> bytes:
    """Return the bytes of a file that every home has.

    Raises:
        StorageError: `home-damaged`, when it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            "home-damaged",
            f"Il file {path} del registro non si può leggere ({error.strerror}): rimettere la copia"
            " più recente.",
        ) from error


def home_named(option: Path | None) -> Home:
    """Return the home given by an option, by PISTA_HOME, else `./var`; with its environment."""
    said = os.environ.get
    return Home(
        option or Path(said("PISTA_HOME", "var")),
        database_url=said("PISTA_DATABASE_URL", ""),
        password_file=said("PISTA_DATABASE_PASSWORD_FILE", ""),
        anchor_url=said("PISTA_ANCHOR_URL", ""),
        public_folder=said("PISTA_PUBLIC_LOG", ""),
    )
