"""The home of a ledger: one folder with its stores, keys and packages.

    var/
      ledger.json        origin, body (IPA), remarks; nothing secret
      ledger.sqlite      the journal          views.sqlite   what is derived from it
      anchor             the last published head; backups never bring it back
      clock              the clocks of this machine when it was first looked at
      vault/ vault.key   documents and personal data, and the key that wraps theirs
      keys/              log.pem (Ed25519), ca.pem ca.crt, keys of people on this machine
      policy.txt         the trust policy of the ledger (tlog-policy)
      outbox/            signed envelopes and their receipts
      packages/          what was exported

Source: EXPERIENCE section 2; D16.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from ledger.errors import Absent, StorageError


@dataclass(frozen=True, slots=True)
class Settings:
    """What ledger.json holds; `remarks` go into every package (such as demonstration data)."""

    origin: str
    body: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The places in one folder; nothing is created by naming them."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """Where the settings are."""
        return self.path / "ledger.json"

    @property
    def database(self) -> Path:
        """Where the journal is."""
        return self.path / "ledger.sqlite"

    @property
    def views(self) -> Path:
        """Where the views are."""
        return self.path / "views.sqlite"

    @property
    def anchor(self) -> Path:
        """Where the anchor is."""
        return self.path / "anchor"

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

    def write_settings(self, settings: Settings) -> None:
        """Write the settings; the folder exists.

        Raises:
            StorageError: `already-there`, when there is a ledger here.
        """
        if self.settings_file.exists():
            raise StorageError(
                "already-there",
                f"Nella cartella {self.path} c'è già un registro: usarlo, o indicarne un'altra con"
                " --ledger.",
            )
        text = json.dumps(asdict(settings), ensure_ascii=False, indent=1)
        self.settings_file.write_text(text + "\n", encoding="utf-8")


def parse_settings(data: bytes) -> Settings:
    """Return the settings that ledger.json holds; ValueError when it is not such a file."""
    match json.loads(data):
        case {"origin": str(origin), "body": str(body), "remarks": list(remarks)}:
            return Settings(origin, body, tuple(str(remark) for remark in remarks))
    message = "servono origin, body e remarks"
    raise ValueError(message)


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
    """Return the home given by an option, by PISTA_HOME, else `./var`."""
    return Home(option or Path(os.environ.get("PISTA_HOME", "var")))
