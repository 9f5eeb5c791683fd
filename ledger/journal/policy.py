"""Policies: whom an auditor trusts, and how many witnesses must have cosigned a head.

    # Lecce: one log, two witnesses of the region out of three, and the one of the ministry
    log pnrr.comune.lecce.it/c_e506+<id>+<key>
    witness R1 w1.example+<id>+<key> https://w1.example/
    witness R2 w2.example+<id>+<key>
    witness R3 w3.example+<id>+<key>
    witness M w4.example+<id>+<key>
    group regione 2 R1 R2 R3
    group tutti all regione M
    quorum tutti

Items are set apart by spaces and tabs; empty lines and lines that begin with # say nothing. A
group is `any`, `all` or a number of its members; a name is a member at most once and is defined
above its use; there is exactly one quorum line, `quorum none` when no witness is asked for. The
file reaches the auditor outside the package it judges. Bytes above 0x7F are opaque: they are kept
as they are (in Python text, what is not UTF-8 as surrogate escapes).

Source: C2SP tlog-policy, https://c2sp.org/tlog-policy. Log keys are of type 0x01, witness keys of
type 0x04.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import VerifiedCheckpoint, open_checkpoint, parse_checkpoint
from ledger.journal.leaf import parse_number
from ledger.journal.note import (
    COSIGNATURE_V1,
    ED25519,
    VerifierKey,
    format_vkey,
    parse_note,
    parse_vkey,
)

NO_QUORUM: Final = "none"
MAX_POLICY_BYTES: Final = 256 * 1024

_FORBIDDEN: Final = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")
_SEPARATORS: Final = re.compile(r"[ \t]+")


class QuorumMissing(NotVerified):
    """The log signed, but too few witnesses did; `verified` says who, for a report of exit 3."""

    def __init__(self, sentence: str, verified: VerifiedCheckpoint) -> None:
        """Keep what did verify."""
        super().__init__("quorum-missing", sentence)
        self.verified = verified


@dataclass(frozen=True, slots=True)
class Log:
    """A trusted log; the name of its key is its origin. `url` is empty when none is given."""

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Witness:
    """A trusted witness under its name in this policy. `url` is empty when none is given."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which at least `threshold` must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Trusted logs and witnesses, groups in order of definition, and the name of the quorum."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    def verify_checkpoint(self, data: bytes) -> VerifiedCheckpoint:
        """Verify a checkpoint note: signed by a log of the policy, cosigned by the quorum.

        Raises:
            Unreadable: when the bytes are no checkpoint note.
            NotVerified: when its origin is no log of the policy (`log-unknown`), that log did not
                sign (`signature-missing`), or a known signature is wrong or repeated
                (`signature-invalid`, `signature-repeated`).
            QuorumMissing: when all that is there verifies, but too few witnesses cosigned
                (`quorum-missing`).
        """
        verified = self.verify_signatures(data)
        cosigned = {one.key for one in verified.cosigners}
        names = frozenset(one.name for one in self.witnesses if one.key in cosigned)
        if not self.is_quorum(names):
            raise QuorumMissing(
                f"Il punto di controllo di {verified.checkpoint.size} foglie non ha le firme dei"
                f" testimoni che il quorum {self.quorum!r} chiede (hanno firmato:"
                f" {', '.join(sorted(names)) or 'nessuno'}). Chiederlo di nuovo con le firme che"
                " mancano.",
                verified,
            )
        return verified

    def verify_signatures(self, data: bytes) -> VerifiedCheckpoint:
        """Verify a checkpoint note as `verify_checkpoint` does, but ask for no quorum.

        Raises:
            Unreadable, NotVerified: as `verify_checkpoint`.
        """
        log_key, *rotated = self._log_keys(data)
        witnesses = [witness.key for witness in self.witnesses]
        return open_checkpoint(data, log_key, witnesses, rotated=rotated)

    def verify_log(self, data: bytes) -> VerifiedCheckpoint:
        """Verify the signature of the log on a checkpoint note; whoever cosigned is not looked at.

        Raises:
            Unreadable, NotVerified: as `verify_checkpoint`.
        """
        log_key, *rotated = self._log_keys(data)
        return open_checkpoint(data, log_key, rotated=rotated)

    def is_quorum(self, cosigned: frozenset[str]) -> bool:
        """Tell whether the witnesses named, by their names in this policy, make the quorum."""
        reached = set(cosigned)
        for group in self.groups:
            if len(reached.intersection(group.members)) >= group.threshold:
                reached.add(group.name)
        return self.quorum == NO_QUORUM or self.quorum in reached

    def _log_keys(self, data: bytes) -> list[VerifierKey]:
        """Return the keys, at least one, of the log that the checkpoint says it is of."""
        origin = parse_checkpoint(parse_note(data).text).origin
        keys = [log.key for log in self.logs if log.key.name == origin]
        if not keys:
            raise NotVerified(
                "log-unknown",
                f"Il file di fiducia non nomina il registro {origin!r}: usare quello di questo"
                " registro, avuto per altra via che il pacchetto.",
            )
        return keys


def format_policy(policy: Policy) -> bytes:
    """Return the text of a policy, one blank between items, no comments.

    Raises:
        Unreadable: when the policy could not be read back as it is (`policy-unreadable`).
    """
    lines = [f"log {format_vkey(log.key)} {log.url}" for log in policy.logs]
    lines += [f"witness {one.name} {format_vkey(one.key)} {one.url}" for one in policy.witnesses]
    for group in policy.groups:
        lines.append(f"group {group.name} {group.threshold} {' '.join(group.members)}")
    lines.append(f"quorum {policy.quorum}")
    text = "".join(line.rstrip(" ") + "\n" for line in lines)
    data = text.encode("utf-8", "surrogateescape")
    if parse_policy(data) != policy:
        raise Unreadable(
            "policy-unreadable",
            "Il file di fiducia, riletto, sarebbe un altro: togliere nomi e indirizzi che hanno"
            " spazi o a capo.",
        )
    return data


def parse_policy(data: bytes) -> Policy:
    """Return the policy that a file states.

    Raises:
        Unreadable: with the number of the line that breaks the grammar (`policy-unreadable`).
    """
    if len(data) > MAX_POLICY_BYTES or _FORBIDDEN.search(data) or not data.endswith(b"\n"):
        raise Unreadable(
            "policy-unreadable",
            f"Il file di fiducia supera {MAX_POLICY_BYTES} byte, ha un carattere di controllo che"
            " non è tabulazione o a capo, o non termina con un a capo: chiederlo di nuovo a chi"
            " lo dà.",
        )
    reader = _PolicyReader()
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    for number, line in enumerate(lines, start=1):
        reader.read_line(number, [item for item in _SEPARATORS.split(line) if item])
    return reader.policy()


class _PolicyReader:
    """What the lines read so far have defined."""

    def __init__(self) -> None:
        self._logs: list[Log] = []
        self._witnesses: list[Witness] = []
        self._groups: list[Group] = []
        self._quorum: str | None = None
        self._defined: set[str] = set()
        self._members: set[str] = set()

    def read_line(self, number: int, items: list[str]) -> None:
        try:
            match items:
                case []:
                    pass
                case [keyword, *_] if keyword.startswith("#"):
                    pass
                case ["log", vkey, *url] if len(url) <= 1:
                    self._read_log(vkey, "".join(url))
                case ["witness", name, vkey, *url] if len(url) <= 1:
                    self._read_witness(name, vkey, "".join(url))
                case ["group", name, threshold, *members] if members:
                    self._read_group(name, threshold, members)
                case ["quorum", name]:
                    self._read_quorum(name)
                case _:
                    raise _refused("non è una riga log, witness, group o quorum")
        except Unreadable as error:
            raise Unreadable(
                "policy-unreadable", f"Riga {number} del file di fiducia: {error.sentence}"
            ) from error

    def policy(self) -> Policy:
        if self._quorum is None:
            raise Unreadable(
                "policy-unreadable", "Il file di fiducia non ha la riga quorum: aggiungerla."
            )
        return Policy(tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum)

    def _read_log(self, vkey: str, url: str) -> None:
        key = _parse_key(vkey, ED25519, {log.key.public for log in self._logs})
        self._logs.append(Log(key, url))

    def _read_witness(self, name: str, vkey: str, url: str) -> None:
        key = _parse_key(vkey, COSIGNATURE_V1, {one.key.public for one in self._witnesses})
        self._define(name)
        self._witnesses.append(Witness(name, key, url))

    def _read_group(self, name: str, threshold: str, members: list[str]) -> None:
        for member in members:
            if member not in self._defined or member in self._members:
                raise _refused(
                    f"{member!r} non è definito nelle righe precedenti, o è già membro di un gruppo"
                )
            self._members.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold)
        count = parse_number(threshold, "policy") if count is None else count
        if not 1 <= count <= len(members):
            raise _refused(f"la soglia {count} non va da 1 a {len(members)}, il numero dei membri")
        self._define(name)
        self._groups.append(Group(name, count, tuple(members)))

    def _read_quorum(self, name: str) -> None:
        if self._quorum is not None or name not in {NO_QUORUM, *self._defined}:
            raise _refused(
                "è una seconda riga quorum, o il suo nome non è definito nelle righe precedenti"
            )
        self._quorum = name

    def _define(self, name: str) -> None:
        if name == NO_QUORUM or name in self._defined:
            raise _refused(f"il nome {name!r} è già usato")
        self._defined.add(name)


def _parse_key(vkey: str, kind: int, known: set[bytes]) -> VerifierKey:
    key = parse_vkey(vkey)
    if key.type != kind or key.public in known:
        raise _refused(f"la chiave {key.name!r} non è di tipo {kind:#04x}, o compare due volte")
    return key


def _refused(reason: str) -> Unreadable:
    return Unreadable("policy-unreadable", f"{reason}: correggere il file di fiducia all'origine.")
