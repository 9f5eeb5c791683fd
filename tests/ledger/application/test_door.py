"""The door: drafted, signed, recorded; decided again at the place; refused without a trace."""

from __future__ import annotations

import base64
import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import override

from ledger.errors import Conflict, Malformed, NotAuthorised, PistaError, Refused, Unreadable
from ledger.journal.batch import Receipt
from ledger.journal.memory import MemoryRecorder
from ledger.signing.envelope import parse
from tests.ledger.application.door_kit import (
    ACT,
    CUP,
    INTERVENTION,
    ORIGIN,
    OTHER_CUP,
    PEOPLE,
    House,
    build,
    determina,
    enrol,
    founding,
    kept_file,
    key_data,
    opened,
    phase,
    register,
    visto,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


EVERY_STORE = pytest.mark.parametrize("recorder", ["memory", "sqlite"], indirect=True)


def refused_code(house: House, raw: bytes) -> str:
    """Return the code with which an envelope is refused; nothing may have changed."""
    before = house.head()
    with pytest.raises(PistaError) as caught:
        house.ledger.record(raw)
    assert house.head() == before
    return caught.value.code


@EVERY_STORE
def test_what_was_drafted_and_signed_is_recorded_verbatim(house: House) -> None:
    raw = house.envelope(
        "rup", "register-intervention/1", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    receipt = house.ledger.record(raw)
    assert receipt.first
    assert house.journal.envelope(receipt.index) == raw == receipt.envelope
    assert house.journal.find(parse(raw).id) == receipt.index


def test_a_draft_says_in_a_sentence_what_is_signed(house: House) -> None:
    command = house.command(
        "register-intervention/1", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    draft = house.draft("rup", command)
    assert "Completamento della migrazione in cloud" in draft.sentence
    assert draft.event.streams == (f"cup/{CUP}",)
    assert house.journal.find(draft.event.id) is None


REFUSED_AT_DRAFT: dict[str, tuple[str, str, dict[str, Any], dict[str, Any], str]] = {
    "the intervention is not registered": ("rup", *phase("COLLAUDO"), "intervention-unknown"),
    "the role is not the actor's": (
        "ospite",
        "register-intervention/1",
        INTERVENTION,
        {"role": "rup", "occurred_on": "2026-03-01"},
        "not-authorised",
    ),
    "the role may not sign this type": (
        "ragioneria",
        "register-intervention/1",
        INTERVENTION,
        {"role": "finanziario", "occurred_on": "2026-03-01"},
        "not-authorised",
    ),
    "the legal date is to come": (
        "rup",
        "register-intervention/1",
        INTERVENTION,
        {"role": "rup", "occurred_on": "2026-03-04"},
        "future-date",
    ),
    "the legal date is missing": (
        "rup",
        "register-intervention/1",
        INTERVENTION,
        {"role": "rup"},
        "missing-field",
    ),
    "nothing says which intervention": (
        "rup",
        "enter-phase/1",
        {"phase": "COLLAUDO"},
        {"role": "rup", "occurred_on": "2026-03-01"},
        "streams-missing",
    ),
}


@pytest.mark.parametrize("case", REFUSED_AT_DRAFT.values(), ids=REFUSED_AT_DRAFT.keys())
def test_what_is_refused_at_the_draft_leaves_the_ledger_as_it_was(
    house: House, case: tuple[str, str, dict[str, Any], dict[str, Any], str]
) -> None:
    person, name, data, beside, code = case
    before = house.head()
    with pytest.raises(Refused) as caught:
        house.envelope(person, name, data, **beside)
    assert caught.value.code == code
    assert house.head() == before


@EVERY_STORE
def test_of_two_drafts_on_one_head_the_second_has_moved(house: House) -> None:
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    first = house.envelope("rup", name, data, **beside)
    second = house.envelope("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    house.ledger.record(first)
    with pytest.raises(Conflict) as caught:
        house.ledger.record(second)
    assert caught.value.code == "stream-moved"
    assert caught.value.heads == {f"cup/{CUP}": 2}


@EVERY_STORE
def test_two_drafts_on_streams_apart_are_both_recorded(house: House) -> None:
    raws = [
        house.envelope(
            "rup",
            "register-intervention/1",
            {**INTERVENTION, "cup": cup},
            role="rup",
            occurred_on="2026-03-01",
        )
        for cup in (CUP, OTHER_CUP)
    ]
    assert [house.ledger.record(raw).first for raw in raws] == [True, True]


@EVERY_STORE
def test_a_role_revoked_after_the_draft_refuses_the_record(house: House) -> None:
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    raw = house.envelope("rup", name, data, **beside)
    house.write(
        "admin", "revoke-role/1", {"actor": PEOPLE["rup"], "role": "rup", "cause": "trasferito"}
    )
    assert refused_code(house, raw) == "not-authorised"


@EVERY_STORE
def test_a_visto_on_an_act_that_moved_after_the_draft_is_a_conflict(house: House) -> None:
    register(house)
    house.ledger.record(determina(house))
    name, data, beside = visto()
    raw = house.envelope("ragioneria", name, data, **beside)
    receipt = house.journal.find(
        parse(house.journal.envelope(house.journal.stream_indexes(f"act/{ACT}")[0])).id
    )
    assert receipt is not None
    house.write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[parse(house.journal.envelope(receipt)).id],
    )
    assert refused_code(house, raw) == "stream-moved"


def test_a_visto_rechained_on_a_corrected_act_is_refused_by_the_rule(house: House) -> None:
    register(house)
    first = house.ledger.record(determina(house))
    name, data, beside = visto()
    old = house.draft("ragioneria", house.command(name, data, **beside))
    house.write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[first.event_id],
    )
    claims = []
    for stream in old.event.streams:
        head = house.journal.stream_head(stream)
        assert head is not None
        prev = base64.b64encode(head[2]).decode()
        claims.append({"name": stream, "seq": head[0], "prev": prev})
    code = refused_code(house, house.forged("ragioneria", old, streams=claims))
    assert code in {"act-unknown", "streams-mismatch"}


def drafted_phase(house: House) -> tuple[Any, bytes]:
    """Return a sound draft and its envelope, on a registered intervention."""
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    draft = house.draft("rup", house.command(name, data, **beside))
    return draft, house.signed("rup", draft)


SKIPPED_THE_DRAFT: dict[str, tuple[dict[str, Any], str]] = {
    "another ledger": ({"ledger": "altro.comune.it/c_a001"}, "other-ledger"),
    "a type that no catalogue has": ({"type": "phase-dreamt/1"}, "type-unknown"),
    "data of another type": ({"data": {"phase": "SOGNO"}}, "malformed-request"),
    "a field too many": ({"data": {"phase": "PROGETTAZIONE", "x": "y"}}, "unknown-field"),
    "a role that the key does not hold": ({"role": "dirigente"}, "not-authorised"),
    "no role": ({"role": None}, "not-authorised"),
    "an actor that is not the key's": ({"actor": PEOPLE["ospite"]}, "actor-mismatch"),
    "the stream of another intervention": (
        {"streams": [{"name": f"cup/{OTHER_CUP}", "seq": 0, "prev": None}]},
        "intervention-unknown",
    ),
    "a seq that skips one": (
        {
            "streams": [
                {"name": f"cup/{CUP}", "seq": 7, "prev": base64.b64encode(b"x" * 32).decode()}
            ]
        },
        "stream-moved",
    ),
    "a stream of a person": (
        {"streams": [{"name": f"actor/{PEOPLE['rup']}", "seq": 0, "prev": None}]},
        "stream-moved",
    ),
    "a basis that is no head": (
        {"basis": {"size": 3, "root": base64.b64encode(b"x" * 32).decode()}},
        "basis-unknown",
    ),
    "a basis beyond the log": (
        {"basis": {"size": 9999, "root": base64.b64encode(b"x" * 32).decode()}},
        "basis-unknown",
    ),
    "a legal date to come": ({"occurred_on": "2027-01-01"}, "future-date"),
    "a reason of blanks": ({"reason": "   "}, "malformed-request"),
    "a file that is not in the vault": (
        {
            "objects": [
                {
                    "name": "a.pdf",
                    "commit": base64.b64encode(b"x" * 32).decode(),
                    "size": 3,
                    "media_type": "application/pdf",
                }
            ]
        },
        "object-missing",
    ),
}


@pytest.mark.parametrize("case", SKIPPED_THE_DRAFT.values(), ids=SKIPPED_THE_DRAFT.keys())
def test_a_client_that_skips_the_draft_is_judged_all_the_same(
    house: House, case: tuple[dict[str, Any], str]
) -> None:
    changed, code = case
    draft, _ = drafted_phase(house)
    assert refused_code(house, house.forged("rup", draft, **changed)) == code


def stored_object(house: House, **changed: Any) -> dict[str, Any]:  # noqa: ANN401  members of an object
    """Return an object of the vault as an envelope names it, with some members changed."""
    stored = house.ledger.vault.put(io.BytesIO(b"%PDF-1.4 prova"), "application/pdf")
    commit = base64.b64encode(stored.commit).decode()
    sound = {"name": "a.pdf", "commit": commit, "size": 14, "media_type": "application/pdf"}
    return {**sound, **changed}


FALSE_OBJECTS: dict[str, tuple[dict[str, Any], str]] = {
    "a false size": ({"size": 9999}, "object-differs"),
    "a false media type": ({"media_type": "text/plain"}, "object-differs"),
    "a name with a blank": ({"name": "determina firmata.pdf"}, "file-name-refused"),
}


@pytest.mark.parametrize("case", FALSE_OBJECTS.values(), ids=FALSE_OBJECTS)
def test_an_object_that_the_vault_does_not_hold_so_is_refused(
    house: House, case: tuple[dict[str, Any], str]
) -> None:
    changed, code = case
    draft, _ = drafted_phase(house)
    raw = house.forged("rup", draft, objects=[stored_object(house, **changed)])
    assert refused_code(house, raw) == code


@EVERY_STORE
def test_a_poisoned_member_is_refused_and_the_others_are_recorded(house: House) -> None:
    draft, raw = drafted_phase(house)
    poison = [stored_object(house, name="determina firmata.pdf")]
    outcomes = house.ledger.record_many(
        [house.forged("rup", draft, objects=poison, id=_other_id(house)), raw]
    )
    assert [isinstance(one, Receipt) for one in outcomes] == [False, True]
    twin = house.another()
    assert twin.head() == house.head()
    assert len(twin.ledger.judge.histories.history(f"cup/{CUP}")) == 2


NOT_BARE: dict[str, dict[str, Any]] = {
    "a role": {"role": "dirigente"},
    "a legal date": {"occurred_on": "1999-01-01"},
    "a correction": {"corrects": ["01981f6e-7d0a-7c3e-9b1d-2f4a6c8e0b1d"]},
}


@pytest.mark.parametrize("changed", NOT_BARE.values(), ids=NOT_BARE)
def test_an_event_of_the_ledger_with_members_of_interventions_is_refused(
    house: House, changed: dict[str, Any]
) -> None:
    grant = {"actor": PEOPLE["ospite"], "role": "rup", "from": "2026-01-01", "office": "Prova"}
    draft = house.draft("admin", house.command("grant-role/1", grant))
    raw = house.forged("admin", draft, **changed)
    assert refused_code(house, raw) == "ledger-event-not-bare"


def test_streams_out_of_order_do_not_parse(house: House) -> None:
    register(house)
    raw = determina(house)
    payload = parse(raw).payload
    draft = house.draft("rup", house.command(*phase("PROGETTAZIONE")[:2], **phase("X")[2]))
    with pytest.raises(Unreadable):
        house.forged("rup", draft, streams=payload["streams"][::-1])


def test_a_changed_signature_is_refused(house: House) -> None:
    _, raw = drafted_phase(house)
    text, _, _ = raw.rpartition(b".")
    other = house.people["ospite"].signer.sign(text)
    forged = text + b"." + base64.urlsafe_b64encode(other).rstrip(b"=")
    assert refused_code(house, forged) == "signature-invalid"


def test_bytes_that_are_no_envelope_are_unreadable(house: House) -> None:
    assert refused_code(house, b"a.b.c") == "base64url-not-canonical"
    with pytest.raises(Unreadable):
        house.ledger.record(b"niente")


def test_a_key_that_was_never_enrolled_is_refused(house: House) -> None:
    draft, _ = drafted_phase(house)
    house.people["rup"] = house.enter("rup", "never enrolled")
    assert refused_code(house, house.forged("rup", draft)) == "key-unknown"


def test_a_revoked_key_is_refused(house: House) -> None:
    _, raw = drafted_phase(house)
    kid = house.people["rup"].signer.kid
    house.write("admin", "revoke-key/1", {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"})
    with pytest.raises(NotAuthorised) as caught:
        house.ledger.record(raw)
    assert caught.value.code == "key-revoked"


def test_an_administrator_alone_enrols(house: House) -> None:
    newcomer = house.enter("ospite", "second")
    raw = house.envelope("rup", "enrol-actor/1", key_data(newcomer, "proof"))
    assert refused_code(house, raw) == "not-administrator"


def test_a_basis_older_than_the_last_of_the_same_key_is_refused(house: House) -> None:
    old = house.basis()
    register(house)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    person = house.people["rup"]
    command = house.command("enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    draft = house.ledger.draft(command, person.identity, old)
    assert refused_code(house, house.signed("rup", draft)) == "basis-older"


@EVERY_STORE
def test_the_same_bytes_again_give_the_first_receipt(house: House) -> None:
    _, raw = drafted_phase(house)
    first, again = house.ledger.record(raw), house.ledger.record(raw)
    assert (first.first, again.first) == (True, False)
    assert (again.index, again.proof, again.leaf) == (first.index, first.proof, first.leaf)


def test_the_receipt_is_given_again_when_key_and_file_are_gone(house: House) -> None:
    register(house)
    raw = determina(house)
    first = house.ledger.record(raw)
    kid = house.people["rup"].signer.kid
    house.write("admin", "revoke-key/1", {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"})
    house.ledger.vault.erase(parse(raw).objects[0].commit)
    again = house.ledger.record(raw)
    assert (again.index, again.first) == (first.index, False)


@EVERY_STORE
def test_the_same_id_with_other_bytes_is_a_conflict(house: House) -> None:
    draft, raw = drafted_phase(house)
    house.ledger.record(raw)
    assert refused_code(house, house.forged("rup", draft, reason="altro")) == "event-id-reused"


def test_an_id_is_not_taken_over_by_one_without_the_key(house: House) -> None:
    draft, raw = drafted_phase(house)
    house.ledger.record(raw)
    house.people["rup"] = house.enter("rup", "of a thief")
    assert refused_code(house, house.forged("rup", draft)) == "event-id-reused"


@EVERY_STORE
def test_a_batch_accepts_and_refuses_one_by_one(house: House) -> None:
    draft, raw = drafted_phase(house)
    unknown_type = house.forged("rup", draft, type="phase-dreamt/1", id=_other_id(house))
    same_place = house.forged("rup", draft, id=_other_id(house))
    outcomes = house.ledger.record_many([b"niente", raw, same_place, unknown_type, raw])
    told = [one.code if isinstance(one, PistaError) else one.first for one in outcomes]
    assert told == ["jws-malformed", True, "stream-moved", "type-unknown", False]


@EVERY_STORE
def test_a_batch_of_refusals_alone_writes_nothing(house: House) -> None:
    before = house.head()
    outcomes = house.ledger.record_many([b"niente", b""])
    assert all(isinstance(one, PistaError) for one in outcomes)
    assert house.head() == before


def _other_id(house: House) -> str:
    return house.command(*phase("COLLAUDO")[:2], **phase("COLLAUDO")[2]).id


def act_and_visto(house: House) -> tuple[bytes, bytes]:
    """Return a determina, and a visto that a second house drafted on the first one's bytes."""
    register(house)
    act = determina(house)
    twin = build(house.folder / "twin", MemoryRecorder(ORIGIN))
    register(twin)
    name, data, beside = visto()
    twin.ledger.record(determina(twin))
    draft = twin.draft("ragioneria", twin.command(name, data, **beside))
    digest = base64.b64encode(parse(act).digest).decode()
    claims = [
        {"name": claim.name, "seq": claim.seq + 1, "prev": digest} for claim in parse(act).streams
    ]
    size, root = house.head()
    basis = {"size": size, "root": base64.b64encode(root).decode()}
    return act, house.forged("ragioneria", draft, streams=claims, basis=basis)


@EVERY_STORE
def test_in_one_batch_the_second_may_rest_on_the_first(house: House) -> None:
    act, endorsement = act_and_visto(house)
    first, second = house.ledger.record_many([act, endorsement])
    assert isinstance(first, Receipt)
    assert isinstance(second, Receipt)
    assert second.index == first.index + 1
    assert first.checkpoint == second.checkpoint


def test_what_rests_on_a_refused_one_is_refused_with_it(house: House) -> None:
    act, endorsement = act_and_visto(house)
    broken = act[:-8] + b"AAAAAAAA"
    outcomes = house.ledger.record_many([broken, endorsement])
    assert [isinstance(one, Refused) for one in outcomes] == [True, True]


def test_a_batch_that_was_rolled_back_is_forgotten(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    act, endorsement = act_and_visto(house)
    before = house.head()
    for _ in range(3):
        recorder.fail_next("before-write", OSError("il disco non risponde"))
        with pytest.raises(OSError, match="disco"):
            house.ledger.record_many([act, endorsement])
    assert house.head() == before
    assert house.ledger.judge.histories.dossier(f"act/{ACT}").count == 0
    assert refused_code(house, endorsement) == "stream-moved"
    outcomes = house.ledger.record_many([act, endorsement])
    assert all(isinstance(one, Receipt) for one in outcomes)


def test_a_rolled_back_enrolment_gives_no_key(tmp_path: Path) -> None:
    recorder = MemoryRecorder(ORIGIN)
    house = build(tmp_path, recorder)
    second = house.enter("ospite", "second")
    raw = house.envelope("admin", "enrol-actor/1", key_data(second, "proof"))
    recorder.fail_next("before-write", OSError("il disco non risponde"))
    with pytest.raises(OSError, match="disco"):
        house.ledger.record(raw)
    assert house.ledger.judge.keys.find_key(second.signer.kid) is None
    assert house.ledger.record(raw).first


@EVERY_STORE
def test_the_judge_follows_what_another_process_wrote(house: House) -> None:
    other = house.another()
    register(other)
    name, data, beside = phase("PROGETTAZIONE")
    house.write("rup", name, data, **beside)
    other.write("rup", "enter-phase/1", {"phase": "AFFIDAMENTO"}, **beside)
    for one in (house, other):
        dossier = one.ledger.judge.histories.dossier(f"cup/{CUP}")
        assert (dossier.count, len(dossier.phases.moves)) == (3, 2)


@EVERY_STORE
def test_a_key_that_another_process_enrolled_signs_here(house: House) -> None:
    other = house.another()
    signer = house.enter("ospite", "second")
    other.write("admin", "enrol-actor/1", key_data(signer, "proof"))
    other.write(
        "admin",
        "grant-role/1",
        {"actor": signer.actor, "role": "rup", "from": "2025-01-01", "office": "Ufficio"},
    )
    other.people = {**other.people, "ospite": signer}
    raw = other.envelope(
        "ospite", "register-intervention/1", INTERVENTION, role="rup", occurred_on="2026-03-01"
    )
    assert house.ledger.record(raw).first


@EVERY_STORE
def test_a_key_that_another_process_revoked_does_not_sign_here(house: House) -> None:
    _, raw = drafted_phase(house)
    other = house.another()
    kid = house.people["rup"].signer.kid
    data = {"actor": PEOPLE["rup"], "kid": kid, "cause": "smarrita"}
    other.write("admin", "revoke-key/1", data)
    assert refused_code(house, raw) == "key-revoked"


@EVERY_STORE
def test_a_correction_by_another_process_is_seen_here(house: House) -> None:
    register(house)
    act = house.ledger.record(determina(house))
    assert house.ledger.judge.histories.dossier(f"act/{ACT}").acts
    house.another().write(
        "rup",
        "correct-error/1",
        {"cause": "numero errato"},
        role="rup",
        occurred_on="2026-03-02",
        corrects=[act.event_id],
    )
    assert not house.ledger.judge.histories.dossier(f"act/{ACT}").acts
    assert house.ledger.record(determina(house)).first


def test_a_ledger_is_founded_once(house: House) -> None:
    raw = house.envelope("admin", "found-ledger/1", founding(house))
    assert refused_code(house, raw) == "founding-misplaced"


def test_nothing_is_recorded_before_the_founding(tmp_path: Path) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    _, raw = drafted_phase(house)
    empty = MemoryRecorder(ORIGIN)
    ledger = opened(empty, type(house.anchor)(), house.clock, house.ledger.vault, "empty")
    with pytest.raises(NotAuthorised) as caught:
        ledger.record(raw)
    assert caught.value.code == "key-unknown"
    assert empty.head().position == 0


def test_a_founding_without_administrators_is_refused(tmp_path: Path) -> None:
    house = build(tmp_path, MemoryRecorder(ORIGIN))
    data = {**founding(house), "administrators": []}
    empty = MemoryRecorder(ORIGIN)
    ledger = opened(empty, type(house.anchor)(), house.clock, house.ledger.vault, "empty")
    draft = house.draft("admin", house.command("found-ledger/1", data))
    raw = house.forged("admin", draft)
    with pytest.raises(NotAuthorised) as caught:
        ledger.record(raw)
    assert caught.value.code == "not-founded"


def test_a_missing_file_stops_the_record_and_not_the_draft(house: House) -> None:
    register(house)
    ref = kept_file(house)
    raw = determina(house)
    house.ledger.vault.erase(parse(raw).objects[0].commit)
    assert refused_code(house, raw) == "object-missing"
    assert ref.commit != base64.b64encode(parse(raw).objects[0].commit).decode()


@EVERY_STORE
def test_many_threads_draft_and_record_through_one_door(house: House) -> None:
    cups = [f"C81C2200{number:03}0006" for number in range(4)]
    failures: list[BaseException] = []

    def tell(cup: str) -> None:
        beside = {"role": "rup", "occurred_on": "2026-03-01"}
        requests = [("register-intervention/1", {**INTERVENTION, "cup": cup}, beside)]
        requests += [
            ("enter-phase/1", {"phase": name}, {**beside, "cup": cup})
            for name in ("PROGETTAZIONE", "AFFIDAMENTO")
        ]
        try:
            for name, data, more in requests:
                _record_until_basis_fits(house, name, data, more)
        except BaseException as error:  # noqa: BLE001  told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=tell, args=(cup,)) for cup in cups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [house.journal.stream_head(f"cup/{cup}") is not None for cup in cups] == [True] * 4
    counts = [house.ledger.judge.histories.dossier(f"cup/{cup}").count for cup in cups]
    assert counts == [3] * 4


class Interrupted(MemoryRecorder):
    """A store that lets something happen when rows are stored and nobody was told yet."""

    meanwhile: Callable[[], object] | None = None

    @override
    def append(self, *arguments: Any, **named: Any) -> Any:
        """Store, then let it happen in a thread of its own, once."""
        answer = super().append(*arguments, **named)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            thread = threading.Thread(target=meanwhile)
            thread.start()
            thread.join()
        return answer


def test_a_draft_between_append_and_commit_folds_nothing_twice(tmp_path: Path) -> None:
    recorder = Interrupted(ORIGIN)
    house = build(tmp_path, recorder)
    register(house)
    drafted: list[str] = []
    name, data, beside = phase("PROGETTAZIONE")
    person, basis = house.people["rup"], house.basis()

    def draft() -> None:
        command = house.command(name, data, **beside)
        drafted.append(house.ledger.draft(command, person.identity, basis).sentence)

    fresh = house.enter("ospite", "second")
    recorder.meanwhile = draft
    assert house.write("admin", "enrol-actor/1", key_data(fresh, "proof")).first
    assert len(drafted) == 1
    assert house.write("rup", name, data, **beside).first
    assert house.ledger.judge.keys.find_key(fresh.signer.kid) is not None


def _record_until_basis_fits(
    house: House, name: str, data: dict[str, Any], beside: dict[str, Any]
) -> None:
    """Record; one key used by several threads may name its heads out of order, and tries again."""
    for _ in range(50):
        try:
            house.write("rup", name, data, **beside)
        except Refused as error:
            if error.code not in {"basis-older", "basis-unknown"}:
                raise
        else:
            return
    pytest.fail("the basis was never in order")


def test_an_enrolment_in_a_batch_does_not_let_its_key_sign_in_the_same_batch(house: House) -> None:
    fresh = house.enter("ospite", "second")
    raw = house.envelope("admin", "enrol-actor/1", key_data(fresh, "proof"))
    house.people["ospite"] = fresh
    draft = house.draft(
        "rup",
        house.command(
            "register-intervention/1", INTERVENTION, role="rup", occurred_on="2026-03-01"
        ),
    )
    enrolled, refused = house.ledger.record_many([raw, house.forged("ospite", draft)])
    assert isinstance(enrolled, Receipt)
    assert isinstance(refused, NotAuthorised)


def test_enrolling_a_key_twice_is_refused(house: House) -> None:
    with pytest.raises(NotAuthorised):
        enrol(house, "rup")


def test_a_malformed_request_names_every_fault(house: House) -> None:
    with pytest.raises(Malformed) as caught:
        house.command("enter-phase/1", {"phase": 3, "x": 1}, rol="rup")
    assert [fault.pointer for fault in caught.value.faults] == ["/rol"]
    with pytest.raises(Malformed) as caught:
        house.command("enter-phase/1", {"phase": 3, "x": 1})
    assert {fault.pointer for fault in caught.value.faults} == {"/data/phase", "/data/x"}
