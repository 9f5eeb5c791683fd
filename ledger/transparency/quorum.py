"""Gathering the signatures of all witnesses of a policy, and the note that bears them.

    said = gather(question, ask, seconds=20)       in parallel, in the order of the policy
    note = merge(question, said, earlier)          every signature that verified
    known_sizes(policy, notes)                     up to where each witness is known to have signed

Whether that is enough is for `Policy.verify_checkpoint` to say. Source: C2SP tlog-witness,
tlog-policy; design FORMATS section 3.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING

from ledger.errors import NotVerified
from ledger.journal.checkpoint import parse_checkpoint, verify_cosignatures
from ledger.journal.note import Note, find_signature, format_note, parse_note
from ledger.transparency.asking import Said, ask_witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.journal.note import Signature
    from ledger.journal.policy import Policy, Witness
    from ledger.transparency.asking import Ask, Question


def gather(question: Question, ask: Ask, seconds: float) -> list[Said]:
    """Ask every witness of the policy at once; return what each said, in the order of the policy.

    Whoever has not answered after `seconds` is `slow`; what it says later is dropped.
    """
    answers: queue.SimpleQueue[Said] = queue.SimpleQueue()
    asked = [one for one in question.policy.witnesses if one.url]
    for witness in asked:
        # Daemons: a name that does not resolve must not keep the program from ending.
        threading.Thread(
            target=_ask_into, args=(answers, question, witness, ask), daemon=True
        ).start()
    said: dict[str, Said] = {}
    until = time.monotonic() + seconds
    while len(said) < len(asked):
        try:
            answer = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        said[answer.witness] = answer
    return [said.get(one.name) or _silent(one, seconds) for one in question.policy.witnesses]


def merge(question: Question, said: Sequence[Said], earlier: Iterable[bytes]) -> bytes:
    """Return the note of the question with every valid signature, in the order of the policy.

    Those just given come first; of `earlier` notes of the same head, the newest of a witness that
    gave none now. An earlier note that is damaged, or of another head, adds nothing.
    """
    body, witnesses = parse_note(question.note), question.policy.witnesses
    lines = {one.witness: one.line for one in said if one.line is not None}
    for old in _notes(earlier):
        for witness in witnesses:
            line = _valid_line(old, witness) if old.text == body.text else None
            if line is not None:
                lines[witness.name] = _newer(lines.get(witness.name), line)
    ordered = (lines[one.name] for one in witnesses if one.name in lines)
    return format_note(Note(body.text, (*body.signatures, *ordered)))


def known_sizes(policy: Policy, notes: Iterable[bytes]) -> dict[str, int]:
    """Return the largest size that each witness is known to have signed, by its name."""
    known: dict[str, int] = {}
    for note in _notes(notes):
        for witness in policy.witnesses:
            if _valid_line(note, witness) is not None:
                size = parse_checkpoint(note.text).size
                known[witness.name] = max(size, known.get(witness.name, 0))
    return known


def _ask_into(
    answers: queue.SimpleQueue[Said], question: Question, witness: Witness, ask: Ask
) -> None:
    try:
        answer = ask_witness(question, witness, ask)
    except Exception as error:  # noqa: BLE001  the end of a thread: what nobody foresaw is told
        answer = Said(witness.name, "failed", f"{witness.name}: errore interno, {error!r}.")
    answers.put(answer)


def _silent(witness: Witness, seconds: float) -> Said:
    if witness.url:
        return Said(
            witness.name,
            "slow",
            f"{witness.name} non ha risposto in {seconds:.0f} secondi: riprovare più tardi.",
        )
    return Said(
        witness.name,
        "no-address",
        f"{witness.name} non ha un indirizzo nel file di fiducia: aggiungerlo dopo la sua chiave.",
    )


def _notes(data: Iterable[bytes]) -> Iterable[Note]:
    """Yield those that are notes of checkpoints."""
    for one in data:
        try:
            note = parse_note(one)
            parse_checkpoint(note.text)
        except NotVerified:
            continue
        yield note


def _valid_line(note: Note, witness: Witness) -> Signature | None:
    try:
        verify_cosignatures(note, [witness.key])
        return find_signature(note, witness.key)
    except NotVerified:
        return None


def _newer(one: Signature | None, other: Signature) -> Signature:
    """Return the signature that was made later; its first 8 bytes are its time."""
    return other if one is None or other.signature[:8] > one.signature[:8] else one
