"""Asking one witness for its signature on a head, and what it said, whatever it answered.

    said = ask_witness(question, witness, ask)
    said.state             "cosigned", "slow", "refuses", "ahead", ...

It is told from which head on it signed last, with a proof; when it says another size it is asked
once more, from there. Every answer becomes a state with a sentence: none makes this fail, and none
passes unless its signature verifies over the head that was asked for, at a time near ours.

Two answers concern the ledger and not the witness: it knows more leaves than the ledger has
(`ahead`), or others (`other-root`). Then its own newest head is asked for: when our key signed that
one, it proves that the store is an older copy, or that two histories were signed.

Who opens connections hands over `ask`. Source: C2SP tlog-witness; design FORMATS sections 3 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from ledger.errors import NotVerified, PistaError
from ledger.journal.checkpoint import parse_checkpoint, verify_cosignatures
from ledger.journal.merkle import verify_consistency
from ledger.journal.note import Note, Signature, find_signature, parse_note
from ledger.transparency.protocol import (
    AddCheckpoint,
    format_add_checkpoint,
    parse_signatures,
    parse_size,
)
from ledger.transparency.witness_folder import RESCAN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ledger.journal.checkpoint import Checkpoint
    from ledger.journal.policy import Policy, Witness

# A cosignature further than this from our clock is not counted: one of the two clocks is wrong.
MOST_SECONDS_APART: Final = 600
COSIGNED: Final = "cosigned"

_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422
_REFUSALS: Final = {
    400: "dice che la richiesta è malformata: dirlo a chi lo gestisce",
    403: "non riconosce la firma di questo registro: dare la sua chiave a chi lo gestisce",
    404: "non conosce questo registro: chiedere a chi lo gestisce di aggiungere la sua chiave",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server of a witness answered: HTTP status and the bytes of the body."""

    status: int
    body: bytes


class Ask(Protocol):
    """Speaks to witnesses; safe for threads, every call bounded in time and in bytes.

    The code of an error, without `host-`, is the state that is told: `slow`, `unreachable`.
    """

    def add_checkpoint(self, witness: Witness, request: bytes) -> Reply:
        """Send a request and return the answer.

        Raises:
            StorageError: when there is no whole answer.
        """
        ...

    def latest(self, witness: Witness, origin: str) -> bytes:
        """Return the newest note of a log that the witness shows.

        Raises:
            StorageError: when it shows none.
        """
        ...


class Log(Protocol):
    """The log as it is now; it may have grown beyond the head that is to be cosigned."""

    @property
    def size(self) -> int:
        """The number of leaves."""
        ...

    def root_at(self, size: int) -> bytes:
        """Return the root of the first leaves; IndexError when there are fewer."""
        ...

    def consistency(self, old_size: int, new_size: int) -> Sequence[bytes]:
        """Return the proof that one tree begins another."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A head to be cosigned.

    `known` are the sizes that witnesses signed last, by their name in the policy, as far as known;
    `now` gives seconds since 1970.
    """

    note: bytes
    policy: Policy
    log: Log
    now: Callable[[], float]
    known: Mapping[str, int] = field(default_factory=dict)

    @property
    def head(self) -> Checkpoint:
        """The head that the note states."""
        return parse_checkpoint(parse_note(self.note).text)


@dataclass(frozen=True, slots=True)
class Said:
    """What became of asking one witness: its name in the policy, a state, a sentence.

    `line` is its signature when it verified, made at `time` by its own clock. `is_alarm` says that
    it is the ledger that must be looked at; `proof` is then the note that our own key signed and
    that is none of this ledger, when the witness showed it.
    """

    witness: str
    state: str
    sentence: str
    line: Signature | None = None
    time: int | None = None
    is_alarm: bool = False
    proof: bytes = b""


def ask_witness(question: Question, witness: Witness, ask: Ask) -> Said:
    """Ask one witness, once more when it names another size, and return what it said."""
    try:
        return _asked(question, witness, ask)
    except PistaError as error:
        state = error.code.removeprefix("host-").removeprefix("witness-")
        return Said(witness.name, state, f"{witness.name}: {error.sentence}")


def _asked(question: Question, witness: Witness, ask: Ask) -> Said:
    size = question.head.size
    old = min(question.known.get(witness.name, 0), size)
    reply = ask.add_checkpoint(witness, _request(question, old))
    if reply.status != _CONFLICT:
        return _answered(question, witness, ask, reply)
    named = parse_size(reply.body)
    if named > size:
        return _ahead(question, witness, ask, named)
    if named == old:
        return _odd(witness, f"rifiuta la dimensione {old} e chiede la stessa")
    reply = ask.add_checkpoint(witness, _request(question, named))
    if reply.status == _CONFLICT:
        return _odd(witness, f"ha chiesto la prova da {named} foglie e rifiuta anche quella")
    said = _answered(question, witness, ask, reply)
    return _rolled_back(said, named, old) if named < old and said.line else said


def _answered(question: Question, witness: Witness, ask: Ask, reply: Reply) -> Said:
    if reply.status == _OK:
        return _signed(question, witness, reply.body)
    if reply.status == _UNPROCESSABLE:
        return _other_root(question, witness, ask)
    if reply.status in _REFUSALS:
        return Said(witness.name, "refuses", f"{witness.name} {_REFUSALS[reply.status]}.")
    return Said(
        witness.name,
        "failing",
        f"{witness.name} ha risposto {reply.status}: riprovare più tardi; se resta, dirlo a chi lo"
        " gestisce.",
    )


def _request(question: Question, old: int) -> bytes:
    """Return a request with a proof that was verified here, so that a refusal of it says something.

    Raises:
        NotVerified: when the log does not prove its own growth (`consistency-not-proven`).
    """
    head, log = question.head, question.log
    proof = tuple(log.consistency(old, head.size))
    verify_consistency(old, log.root_at(old), head.size, head.root, proof)
    return format_add_checkpoint(AddCheckpoint(old, proof, question.note))


def _signed(question: Question, witness: Witness, body: bytes) -> Said:
    """Return the signature of the witness, verified over the head that it was asked for."""
    answer = Note(parse_note(question.note).text, parse_signatures(body))
    line = find_signature(answer, witness.key)
    if line is None and witness.key.name.endswith(RESCAN):
        return Said(
            witness.name,
            "not-rescanned",
            f"{witness.name} non ha ancora riletto le foglie fino a questo punto di controllo: farlo"
            " fare a chi lo gestisce, poi pubblicare di nuovo.",
        )
    if line is None:
        return _odd(
            witness, "ha risposto senza la firma della chiave che il file di fiducia nomina"
        )
    try:
        (cosigner,) = verify_cosignatures(answer, [witness.key])
    except NotVerified:
        return Said(
            witness.name,
            "wrong-signature",
            f"{witness.name} ha risposto con una firma che non vale per questo punto di controllo:"
            " non è contata. Dirlo a chi lo gestisce.",
        )
    apart = abs(cosigner.time - question.now())
    if apart > MOST_SECONDS_APART:
        return Said(
            witness.name,
            "wrong-time",
            f"{witness.name} ha firmato con un'ora che dista {apart:.0f} secondi da quella di questa"
            " macchina: non è contata. Controllare l'orologio qui e là.",
        )
    return Said(witness.name, COSIGNED, f"{witness.name} ha firmato.", line, cosigner.time)


def _rolled_back(said: Said, named: int, old: int) -> Said:
    return replace(
        said,
        state="rolled-back",
        sentence=f"{said.witness} ha firmato, ma credeva di aver firmato per ultime {named} foglie e ne"
        f" aveva firmate {old}: il suo stato è tornato indietro, e potrebbe firmare due storie. Dirlo"
        " a chi lo gestisce.",
    )


def _ahead(question: Question, witness: Witness, ask: Ask, size: int) -> Said:
    """Tell of a witness that signed more leaves than it was shown."""
    here = question.log.size
    if size <= here:
        return Said(
            witness.name,
            "superseded",
            f"{witness.name} ha già firmato {size} foglie, pubblicate nel frattempo da un altro"
            " programma: pubblicare di nuovo.",
        )
    proof = _contradiction(question, witness, ask)
    return Said(
        witness.name,
        "ahead",
        f"{witness.name} ha già firmato {size} foglie di questo registro, che ne ha {here}:"
        f" {_weight(proof)} Fermare chi scrive, cercare la copia completa, e confrontare con"
        " `pista anchor show` e `pista fsck`.",
        is_alarm=True,
        proof=proof,
    )


def _other_root(question: Question, witness: Witness, ask: Ask) -> Said:
    proof = _contradiction(question, witness, ask)
    return Said(
        witness.name,
        "other-root",
        f"{witness.name} ha firmato altre foglie di quelle di questo registro, e non firma queste:"
        f" {_weight(proof)} Fermare chi scrive, e una persona stabilisce quale copia è quella vera.",
        is_alarm=True,
        proof=proof,
    )


def _contradiction(question: Question, witness: Witness, ask: Ask) -> bytes:
    """Return the note that the witness shows when our key signed it and it is no head of the log."""
    try:
        note = ask.latest(witness, question.head.origin)
        shown = question.policy.verify_log(note).checkpoint
    except PistaError:
        return b""
    log = question.log
    is_ours = shown.size <= log.size and log.root_at(shown.size) == shown.root
    return b"" if is_ours else note


def _weight(proof: bytes) -> str:
    if proof:
        return "la chiave di questo registro ha firmato anche quelle, e la nota è conservata."
    return "non ne mostra la prova, quindi può anche sbagliare lui."


def _odd(witness: Witness, what: str) -> Said:
    return Said(witness.name, "garbage", f"{witness.name} {what}: dirlo a chi lo gestisce.")
