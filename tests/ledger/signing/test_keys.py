"""The key directory: who could sign what, at which place in the log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified
from ledger.signing.envelope import Envelope, parse, verify
from ledger.signing.keys import KeyDirectory
from ledger.signing.log_key import format_log_key
from ledger.signing.possession import build_possession
from tests.ledger.signing.signing_kit import (
    EVENT_ID,
    IAT,
    LOG_PUBLIC,
    NONCE,
    NOT_BEFORE,
    ORIGIN,
    World,
    actor_id,
    ed25519_signer,
    fixed_ca,
    p256_signer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SYS = ["sys/log"]


@pytest.fixture
def world() -> World:
    """Return a ledger of three administrators, of whom two must agree, and of user `mario`."""
    made = World().found()
    made.enrolled("mario")
    return made


def refusal(world: World, envelope: Envelope, index: int | None = None) -> str:
    """Return the code with which the directory refuses an event at the next leaf."""
    before = world.directory.copy()
    with pytest.raises(NotVerified) as checked:
        world.directory.check_admissible(world.index if index is None else index, envelope)
    with pytest.raises(NotVerified) as applied:
        world.directory.apply(world.index if index is None else index, envelope)
    assert checked.value.code == applied.value.code
    assert world.directory.actors() == before.actors()
    assert world.directory.pending() == before.pending()
    return applied.value.code


def signer_code(world: World, index: int, envelope: Envelope) -> str | None:
    """Return why a key may not sign an event at a place; None when it may."""
    try:
        key = world.directory.signer_at(index, envelope)
    except NotVerified as error:
        return error.code
    assert verify(envelope, key.public).kid == key.kid
    return None


# Founding


def test_founding_puts_the_administrators_in_force_from_leaf_0() -> None:
    world = World()
    event = world.founding_event()
    world.append(event)
    directory = world.directory
    assert signer_code(world, 0, event) is None
    assert (directory.origin, directory.k, directory.ca_pem) == (ORIGIN, 2, world.ca.pem)
    assert directory.log_key == format_log_key(ORIGIN, LOG_PUBLIC)
    assert directory.administrators() == {world.actors[name] for name in world.administrators}
    assert directory.roles_at(world.actors["adminz"], 0, None) == {"amministratore"}


def with_administrator(**changes: object) -> Callable[[World], Envelope]:
    """Return the founding event with the last administrator changed."""

    def make(world: World) -> Envelope:
        keepers = world.founding()["administrators"]
        keepers[-1] |= changes
        return world.founding_event(administrators=keepers)

    return make


def twice(world: World) -> Envelope:
    """Return the founding event with the first administrator in the place of the last."""
    keepers = world.founding()["administrators"]
    return world.founding_event(administrators=[*keepers[:-1], keepers[0]])


BAD_FOUNDING: dict[str, tuple[Callable[[World], Envelope], str]] = {
    "by the second administrator": (lambda w: w.founding_event(by="adminy"), "actor-mismatch"),
    "by a stranger": (
        lambda w: (w.make_key("thief"), w.founding_event(by="thief"))[1],
        "key-unknown",
    ),
    "more approvals than administrators": (
        lambda w: w.founding_event(approvals=4),
        "administrators-too-few",
    ),
    "administrators without a key": (
        lambda w: w.founding_event(administrators=[{"actor": actor_id("a"), "kid": "x"}]),
        "data-malformed",
    ),
    "no approvals": (lambda w: w.founding_event(approvals=0), "data-malformed"),
    "approvals true": (lambda w: w.founding_event(approvals=True), "data-malformed"),
    "no administrators": (
        lambda w: w.founding_event(administrators=[]),
        "administrators-too-few",
    ),
    "administrators no list": (lambda w: w.founding_event(administrators={}), "data-malformed"),
    "an administrator twice": (twice, "key-enrolled"),
    "a kid that is another": (with_administrator(kid=p256_signer("b").kid), "kid-mismatch"),
    "a certificate of another": (
        with_administrator(actor=actor_id("other")),
        "certificate-mismatch",
    ),
    "a key with null members": (with_administrator(jwk={"kty": None}), "jwk-malformed"),
    "the CA of another ledger": (
        lambda w: w.founding_event(ca=fixed_ca(origin="elsewhere").pem),
        "certificate-mismatch",
    ),
    "another CA": (lambda w: w.founding_event(ca=fixed_ca("b").pem), "certificate-mismatch"),
    "no CA": (lambda w: w.founding_event(ca=None), "data-malformed"),
    "another origin": (lambda w: w.founding_event(origin="elsewhere"), "log-key-malformed"),
    "the log key of another": (
        lambda w: w.founding_event(log_key=format_log_key("elsewhere", LOG_PUBLIC)),
        "log-key-malformed",
    ),
    "a stream missing": (lambda w: w.founding_event(streams=SYS), "streams-mismatch"),
}


@pytest.mark.parametrize("name", BAD_FOUNDING)
def test_a_bad_founding_is_refused(name: str) -> None:
    make, code = BAD_FOUNDING[name]
    world = World()
    assert refusal(world, make(world)) == code


def test_a_ledger_is_founded_once_and_at_leaf_0(world: World) -> None:
    assert refusal(World(), World().founding_event(), 1) == "founding-misplaced"
    assert refusal(world, world.founding_event()) == "founding-misplaced"


def test_founding_for_another_ledger_than_the_envelope_says_is_refused() -> None:
    world = World()
    event = world.event(
        "ledger-founded/1", world.founding(), "adminx", SYS, ledger="elsewhere.example"
    )
    assert refusal(world, event) == "ledger-mismatch"


def test_nothing_comes_before_the_founding() -> None:
    world = World()
    world.make_key("mario")
    event = world.event("actor-enrolled/1", world.new_key("mario"), "adminx")
    assert refusal(world, event) == "not-founded"


# Enrolment and approval


def test_a_key_signs_only_leaves_after_the_kth_administrator() -> None:
    world = World().found()
    enrolment = world.enrol("mario")
    event = world.business("mario")
    assert signer_code(world, world.index, event) == "key-not-yet-in-force"
    world.approve(enrolment, "adminy", [f"actor/{world.actors['mario']}"])
    approved_at = world.index - 1
    assert signer_code(world, approved_at, event) == "key-not-yet-in-force"
    assert signer_code(world, approved_at + 1, event) is None
    assert world.directory.force_index(enrolment) == approved_at


def test_one_administrator_is_enough_when_k_is_1() -> None:
    world = World(administrators=1, approvals=1).found()
    world.enrol("mario")
    assert signer_code(world, world.index - 1, world.business("mario")) == "key-not-yet-in-force"
    assert signer_code(world, world.index, world.business("mario")) is None
    assert world.directory.pending() == ()


@pytest.mark.parametrize("alg", ["EdDSA", "ES256"])
def test_keys_of_other_algorithms_are_enrolled_alike(alg: str) -> None:
    world = World().found()
    world.make_key("mario")
    signer = ed25519_signer("mario") if alg == "EdDSA" else p256_signer("mario")
    world.signers["mario"] = signer
    world.certificates["mario"] = world.ca.issue(signer.jwk(), world.actors["mario"], NOT_BEFORE, 3)
    event_id = world.do("actor-enrolled/1", world.new_key("mario"), "adminx")
    world.approve(event_id, "adminz", [f"actor/{world.actors['mario']}"])
    event = world.business("mario")
    key = world.directory.signer_at(world.index, event)
    assert (key.actor, key.kid, key.alg) == (world.actors["mario"], signer.kid, alg)
    assert (key.jwk, key.certificate_pem) == (signer.jwk(), world.certificates["mario"])


def enrolment(by: str = "adminx", **changes: object) -> Callable[[World], Envelope]:
    """Return the enrolment of a new key with some data changed."""

    def make(world: World) -> Envelope:
        world.make_key("new")
        return world.event("actor-enrolled/1", world.new_key("new") | changes, by)

    return make


def enrolment_of_known_key(world: World) -> Envelope:
    """Return the enrolment of a key of another actor under the name of mario's own."""
    return world.event("actor-enrolled/1", world.new_key("mario"), "adminx")


def enrolment_by_other_ca(world: World) -> Envelope:
    """Return an enrolment with a certificate of another CA."""
    world.make_key("new")
    pem = fixed_ca("thief").issue(world.signers["new"].jwk(), world.actors["new"], NOT_BEFORE)
    return world.event("actor-enrolled/1", world.new_key("new") | {"certificate": pem}, "adminx")


def possession_for(actor: str, key: str = "new") -> str:
    """Return the proof of a key for an actor."""
    return build_possession(p256_signer(key), actor_id(actor), ORIGIN, NONCE, IAT)


def tampered(world: World) -> Envelope:
    """Return an enrolment whose signature is of another event."""
    one, two = enrolment()(world), enrolment()(world)
    return parse(one.raw.rpartition(b".")[0] + b"." + two.raw.rpartition(b".")[2])


BAD_ENROLMENTS: dict[str, tuple[Callable[[World], Envelope], str]] = {
    "by a user": (enrolment(by="mario"), "not-administrator"),
    "by nobody known": (
        lambda w: (w.make_key("thief"), enrolment(by="thief")(w))[1],
        "key-unknown",
    ),
    "with a signature that is not its own": (tampered, "signature-invalid"),
    "of a key that is there": (enrolment_of_known_key, "key-enrolled"),
    "with another kid": (enrolment(kid=p256_signer("b").kid), "kid-mismatch"),
    "without kid": (enrolment(kid=None), "data-malformed"),
    "with the key of another": (enrolment(jwk=p256_signer("b").jwk()), "kid-mismatch"),
    "with a low-order key": (
        enrolment(jwk={"crv": "Ed25519", "kty": "OKP", "x": "A" * 43}),
        "key-unsound",
    ),
    "with a certificate of another CA": (enrolment_by_other_ca, "certificate-mismatch"),
    "with no certificate": (enrolment(certificate=""), "data-malformed"),
    "with text for a certificate": (enrolment(certificate="x"), "certificate-malformed"),
    "with possession for another actor": (
        enrolment(possession=possession_for("other")),
        "possession-mismatch",
    ),
    "with possession by another key": (
        enrolment(possession=possession_for("new", "other")),
        "possession-mismatch",
    ),
    "without possession": (enrolment(possession=None), "data-malformed"),
    "in the stream of another": (
        lambda w: w.event(
            "actor-enrolled/1", enrolment()(w).data, "adminx", [f"actor/{actor_id('x')}"]
        ),
        "streams-mismatch",
    ),
    "in a further stream": (
        lambda w: w.event(
            "actor-enrolled/1",
            enrolment()(w).data,
            "adminx",
            [f"actor/{actor_id('new')}", "sys/log"],
        ),
        "streams-mismatch",
    ),
    "for another ledger": (
        lambda w: w.event(
            "actor-enrolled/1", enrolment()(w).data, "adminx", ledger="elsewhere.example"
        ),
        "ledger-mismatch",
    ),
}


@pytest.mark.parametrize("name", BAD_ENROLMENTS)
def test_a_bad_enrolment_is_refused(world: World, name: str) -> None:
    make, code = BAD_ENROLMENTS[name]
    assert refusal(world, make(world)) == code


def test_a_good_enrolment_made_like_the_bad_ones_is_taken(world: World) -> None:
    world.append(enrolment()(world))


def test_a_key_that_waits_cannot_be_enrolled_again(world: World) -> None:
    world.enrol("new")
    assert refusal(world, enrolment()(world)) == "key-enrolled"


def test_places_only_rise(world: World) -> None:
    assert refusal(world, enrolment()(world), world.index - 1) == "place-mismatch"


def approval(by: str, *, of: str | None = None, streams: list[str] | None = None) -> Any:  # noqa: ANN401
    """Return a maker of the approval of the enrolment that waits."""

    def make(world: World) -> Envelope:
        waiting = world.directory.pending()[0].event_id
        names = streams or [f"actor/{actor_id('new')}"]
        return world.event("approval-given/1", {"event": of or waiting}, by, names)

    return make


BAD_APPROVALS: dict[str, tuple[Callable[[World], Envelope], str]] = {
    "of one's own event": (approval("adminx"), "approval-repeated"),
    "by a user": (approval("mario"), "not-administrator"),
    "of an unknown event": (approval("adminy", of=EVENT_ID), "approval-unknown"),
    "of no event": (approval("adminy", of="x"), "data-malformed"),
    "in other streams": (approval("adminy", streams=SYS), "streams-mismatch"),
}


@pytest.mark.parametrize("name", BAD_APPROVALS)
def test_a_bad_approval_is_refused(world: World, name: str) -> None:
    world.enrol("new")
    make, code = BAD_APPROVALS[name]
    assert refusal(world, make(world)) == code


def test_three_of_three_need_three_different_administrators() -> None:
    world = World(approvals=3).found()
    event_id = world.enrol("new")
    stream = [f"actor/{actor_id('new')}"]
    world.approve(event_id, "adminy", stream)
    assert refusal(world, approval("adminy")(world)) == "approval-repeated"
    assert world.directory.pending()[0].missing == 1
    world.approve(event_id, "adminz", stream)
    late = world.event("approval-given/1", {"event": event_id}, "adminz", stream)
    assert refusal(world, late) == "approval-not-needed"


def test_what_waits_is_listed_with_who_is_for_it(world: World) -> None:
    event_id = world.enrol("new")
    (pending,) = world.directory.pending()
    assert (pending.event_id, pending.type, pending.index) == (
        event_id,
        "actor-enrolled/1",
        world.index - 1,
    )
    assert (pending.approved_by, pending.missing) == ({actor_id("adminx")}, 1)
    assert pending.streams == (f"actor/{actor_id('new')}",)


# Who signs


def test_a_header_must_name_what_the_key_is_enrolled_with(world: World) -> None:
    event = world.business("mario")
    assert signer_code(world, world.index, event) is None
    world.certificates["mario"] = world.certificates["adminx"]
    assert signer_code(world, world.index, world.business("mario")) == "certificate-mismatch"
    world.make_key("thief")
    assert signer_code(world, world.index, world.business("thief")) == "key-unknown"


def test_an_actor_cannot_sign_as_another(world: World) -> None:
    world.actors["mario"] = world.actors["adminx"]
    assert signer_code(world, world.index, world.business("mario")) == "actor-mismatch"


def test_the_algorithm_is_pinned_by_the_key(world: World) -> None:
    switched = ed25519_signer("mario")
    event = world.business("mario")
    header = type(event.header)("EdDSA", IAT, event.header.kid, event.header.certificate_digest)
    forged = Envelope(event.raw, header, event.payload, event.signing_input, switched.sign(b""))
    assert signer_code(world, world.index, forged) == "algorithm-mismatch"


# Rotation and revocation


def rotate(world: World, new: str, **changes: object) -> Envelope:
    """Return the rotation of mario's key."""
    world.make_key(new, "mario")
    data = world.new_key(new) | {"old": world.signers["mario"].kid} | changes
    return world.event("key-rotated/1", data, "mario")


def test_after_a_rotation_the_new_key_signs_and_the_old_one_does_not(world: World) -> None:
    rotated_at = world.append(rotate(world, "mario2"))
    old, new = world.business("mario"), world.business("mario2")
    assert signer_code(world, rotated_at, old) is None
    assert signer_code(world, rotated_at, new) == "key-not-yet-in-force"
    assert signer_code(world, rotated_at + 1, old) == "key-revoked"
    assert signer_code(world, rotated_at + 1, new) is None


def rotation_by(by: str) -> Callable[[World], Envelope]:
    """Return a rotation of mario's key that another signs."""
    return lambda w: w.event("key-rotated/1", rotate(w, "mario2").data, by)


BAD_ROTATIONS: dict[str, tuple[Callable[[World], Envelope], str]] = {
    "by an administrator": (rotation_by("adminx"), "rotation-not-by-old-key"),
    "from a key of another": (
        lambda w: rotate(w, "mario2", old=w.signers["adminx"].kid),
        "rotation-not-by-old-key",
    ),
    "to a key that is there": (
        lambda w: w.event(
            "key-rotated/1", w.new_key("mario") | {"old": w.signers["mario"].kid}, "mario"
        ),
        "key-enrolled",
    ),
    "to the actor of another": (
        lambda w: rotate(w, "mario2", actor=w.actors["adminx"]),
        "rotation-not-by-old-key",
    ),
    "without possession": (
        lambda w: rotate(w, "mario2", possession=possession_for("mario", "b")),
        "possession-mismatch",
    ),
}


@pytest.mark.parametrize("name", BAD_ROTATIONS)
def test_a_bad_rotation_is_refused(world: World, name: str) -> None:
    make, code = BAD_ROTATIONS[name]
    assert refusal(world, make(world)) == code


def revocation(
    world: World, by: str, key: str = "mario", since: object = None, actor: str | None = None
) -> Envelope:
    """Return the revocation of a key."""
    data = {
        "actor": actor or world.actors[key],
        "kid": world.signers[key].kid,
        "cause": "smarrimento",
        "compromised_since": since,
    }
    return world.event("key-revoked/1", data, by)


@pytest.mark.parametrize("by", ["mario", "adminz"])
def test_a_revoked_key_signs_up_to_its_revocation(world: World, by: str) -> None:
    event = world.business("mario")
    revoked_at = world.append(revocation(world, by))
    assert signer_code(world, revoked_at, event) is None
    assert signer_code(world, revoked_at + 1, event) == "key-revoked"
    assert world.directory.contested(revoked_at, event) is None


def test_a_key_is_revoked_by_its_holder_or_an_administrator_alone(world: World) -> None:
    world.enrolled("luigi")
    assert refusal(world, revocation(world, "luigi")) == "not-administrator"
    world.append(revocation(world, "mario"))
    assert refusal(world, revocation(world, "adminx")) == "key-revoked"
    wrong = revocation(world, "adminx", "luigi", actor=world.actors["mario"])
    assert refusal(world, wrong) == "key-unknown"


@pytest.mark.parametrize("since", [-1, True, "3", 10_000, 1.5])
def test_a_key_is_compromised_since_a_leaf_that_was(world: World, since: object) -> None:
    if isinstance(since, float):
        since = [1]
    assert refusal(world, revocation(world, "adminx", since=since)) == "data-malformed"


def test_a_revoked_key_is_never_enrolled_again(world: World) -> None:
    world.append(revocation(world, "mario"))
    assert refusal(world, enrolment_of_known_key(world)) == "key-enrolled"


def test_a_key_revoked_while_it_waits_cannot_be_approved(world: World) -> None:
    world.enrol("new")
    world.append(revocation(world, "adminz", "new"))
    assert refusal(world, approval("adminy")(world)) == "key-revoked"


def test_leaves_since_the_compromise_are_contested_until_reaffirmed(world: World) -> None:
    event, other = world.business("mario"), world.business("mario")
    place = world.index
    world.index += 3
    revoked_at = world.append(revocation(world, "mario", since=place))
    kid = world.signers["mario"].kid
    contested = world.directory.contested
    assert [contested(i, event) for i in (place - 1, place, revoked_at, revoked_at + 1)] == [
        None,
        kid,
        kid,
        None,
    ]
    assert contested(place, world.business("adminx")) is None
    event_id = world.enrol("mario2", actor="mario")
    world.approve(event_id, "adminy", [f"actor/{world.actors['mario']}"])
    data = {"actor": world.actors["mario"], "events": [event.id]}
    world.append(world.event("events-reaffirmed/1", data, "mario2"))
    assert contested(place, event) is None
    assert contested(place, other) == kid


def test_a_key_rotated_away_may_be_found_compromised_later(world: World) -> None:
    event, place = world.business("mario"), world.index
    world.index += 1
    rotated_at = world.append(rotate(world, "mario2"))
    assert refusal(world, revocation(world, "adminx")) == "key-revoked"
    assert refusal(world, revocation(world, "adminx", since=rotated_at + 2)) == "data-malformed"
    world.index += 5
    assert refusal(world, revocation(world, "adminx", since=rotated_at + 1)) == "key-revoked"
    world.append(revocation(world, "adminx", since=place))
    assert world.directory.contested(place, event) == world.signers["mario"].kid
    assert world.directory.contested(rotated_at + 1, event) is None


def test_a_word_for_contested_events_by_a_contested_key_does_not_count(world: World) -> None:
    event, place = world.business("mario"), world.index
    world.index += 1
    world.append(revocation(world, "mario", since=place))
    for key in ("mario2", "mario3"):
        enrolled = world.enrol(key, actor="mario")
        world.approve(enrolled, "adminy", [f"actor/{world.actors['mario']}"])
    data = {"actor": world.actors["mario"], "events": [event.id]}
    reaffirmed_at = world.append(world.event("events-reaffirmed/1", data, "mario2"))
    assert world.directory.contested(place, event) is None
    world.append(revocation(world, "adminx", "mario2", since=reaffirmed_at))
    assert world.directory.contested(place, event) == world.signers["mario"].kid
    world.append(world.event("events-reaffirmed/1", data, "mario3"))
    assert world.directory.contested(place, event) is None


def test_only_the_holder_reaffirms(world: World) -> None:
    data = {"actor": world.actors["mario"], "events": [EVENT_ID]}
    assert refusal(world, world.event("events-reaffirmed/1", data, "adminx")) == "actor-mismatch"
    for events in ([], [EVENT_ID, EVENT_ID], ["x"], EVENT_ID):
        bad = world.event("events-reaffirmed/1", data | {"events": events}, "mario")
        assert refusal(world, bad) == "data-malformed"


def test_a_vote_by_a_stolen_key_does_not_count(world: World) -> None:
    event_id = world.enrol("rogue", by="adminz")
    stream = [f"actor/{actor_id('rogue')}"]
    world.append(revocation(world, "adminx", "adminz", since=world.index - 1))
    world.approve(event_id, "adminx", stream)
    assert world.directory.force_index(event_id) is None
    assert world.directory.pending()[0].approved_by == {actor_id("adminx")}
    world.approve(event_id, "adminy", stream)
    assert world.directory.force_index(event_id) == world.index - 1


def test_a_key_that_is_not_enrolled_is_not_contested(world: World) -> None:
    world.make_key("thief")
    assert world.directory.contested(1, world.business("thief")) is None


def test_an_event_id_is_proposed_once(world: World) -> None:
    event_id = world.do("policy-adopted/1", {}, "adminx", SYS)
    again = world.event("policy-adopted/1", {}, "adminx", SYS, id=event_id)
    assert refusal(world, again) == "event-id-reused"


def test_a_key_is_found_by_its_thumbprint_also_when_it_ended(world: World) -> None:
    kid = world.signers["mario"].kid
    world.append(revocation(world, "mario"))
    found = world.directory.find_key(kid)
    assert found is not None
    assert (found.actor, found.certificate_pem) == (
        world.actors["mario"],
        world.certificates["mario"],
    )
    assert world.directory.find_key("A" * 43) is None


# Roles


def grant(
    world: World, role: str = "rup", begin: str = "2026-01-01", by: str = "adminx", **more: object
) -> Envelope:
    """Return the grant of a role to mario."""
    data = {"actor": world.actors["mario"], "role": role, "from": begin, "office": "LL.PP.", **more}
    return world.event("role-granted/1", data, by)


def granted(world: World, **data: Any) -> int:  # noqa: ANN401  as `grant`
    """Grant a role to mario by two administrators and return the leaf of the second."""
    event = grant(world, **data)
    world.append(event)
    world.approve(event.id, "adminy", [f"actor/{world.actors['mario']}"])
    return world.index - 1


def test_a_role_holds_after_the_kth_approval_and_within_its_days(world: World) -> None:
    mario, roles = world.actors["mario"], world.directory.roles_at
    place = granted(world, to="2026-06-30")
    assert roles(mario, place, date(2026, 3, 1)) == frozenset()
    for day, held in (
        (date(2025, 12, 31), frozenset()),
        (date(2026, 1, 1), {"rup"}),
        (date(2026, 6, 30), {"rup"}),
        (date(2026, 7, 1), frozenset()),
        (None, {"rup"}),
    ):
        assert roles(mario, place + 1, day) == held
    assert roles(actor_id("adminx"), place + 1, date(2026, 3, 1)) == {"amministratore"}
    assert roles(actor_id("nobody"), place + 1, None) == frozenset()


def test_a_revoked_role_held_up_to_its_revocation(world: World) -> None:
    granted(world)
    granted(world, role="dirigente")
    mario = world.actors["mario"]
    data = {"actor": mario, "role": "rup", "cause": "fine incarico"}
    place = world.append(world.event("role-revoked/1", data, "adminz"))
    assert world.directory.roles_at(mario, place, None) == {"rup", "dirigente"}
    assert world.directory.roles_at(mario, place + 1, None) == {"dirigente"}
    assert refusal(world, world.event("role-revoked/1", data, "adminz")) == "role-not-granted"
    by_user = world.event("role-revoked/1", data | {"role": "dirigente"}, "mario")
    assert refusal(world, by_user) == "not-administrator"


def test_a_role_revoked_while_it_waits_cannot_be_approved(world: World) -> None:
    event = grant(world)
    world.append(event)
    stream = [f"actor/{world.actors['mario']}"]
    data = {"actor": world.actors["mario"], "role": "rup", "cause": "errore"}
    world.append(world.event("role-revoked/1", data, "adminz"))
    late = world.event("approval-given/1", {"event": event.id}, "adminy", stream)
    assert refusal(world, late) == "role-revoked"


BAD_GRANTS: dict[str, tuple[Callable[[World], Envelope], str]] = {
    "of an administrator": (lambda w: grant(w, "amministratore"), "role-not-grantable"),
    "by a user": (lambda w: grant(w, by="mario"), "not-administrator"),
    "to nobody": (lambda w: grant(w, actor=actor_id("nobody")), "actor-unknown"),
    "with dates reversed": (lambda w: grant(w, to="2025-01-01"), "dates-reversed"),
    "with a day that is none": (lambda w: grant(w, begin="2026-02-30"), "data-malformed"),
    "with an end that is no day": (lambda w: grant(w, to="sempre"), "data-malformed"),
    "with a role that is none": (lambda w: grant(w, "RUP"), "data-malformed"),
}


@pytest.mark.parametrize("name", BAD_GRANTS)
def test_a_bad_grant_is_refused(world: World, name: str) -> None:
    make, code = BAD_GRANTS[name]
    assert refusal(world, make(world)) == code


# The ledger itself


def change(world: World, add: list[str], remove: list[str], approvals: int = 2) -> Envelope:
    """Return a change of administrators, by their names."""
    data = {
        "add": [{"actor": actor_id(name)} for name in add],
        "remove": [actor_id(name) for name in remove],
        "approvals": approvals,
    }
    return world.event("administrators-changed/1", data, "adminx", SYS)


def test_administrators_come_and_go_at_the_kth_approval(world: World) -> None:
    event = change(world, ["mario"], ["adminx"], 3)
    world.append(event)
    directory = world.directory
    assert (directory.k, actor_id("adminx") in directory.administrators()) == (2, True)
    world.approve(event.id, "adminy", SYS)
    place = world.index - 1
    assert directory.k == 3
    assert directory.administrators() == {actor_id(n) for n in ("mario", "adminy", "adminz")}
    assert directory.roles_at(actor_id("adminx"), place, None) == {"amministratore"}
    assert directory.roles_at(actor_id("adminx"), place + 1, None) == frozenset()
    assert directory.roles_at(actor_id("mario"), place, None) == frozenset()
    assert directory.roles_at(actor_id("mario"), place + 1, None) == {"amministratore"}
    assert refusal(world, enrolment()(world)) == "not-administrator"


BAD_CHANGES: dict[str, tuple[list[str], list[str], int, str]] = {
    "to fewer than must agree": ([], ["adminy", "adminz"], 2, "administrators-too-few"),
    "to more approvals than administrators": ([], [], 4, "administrators-too-few"),
    "to no approvals": ([], [], 0, "data-malformed"),
    "that adds one who is there": (["adminy"], [], 2, "administrators-mismatch"),
    "that removes one who is none": ([], ["mario"], 2, "administrators-mismatch"),
    "that adds and removes the same": (["mario"], ["mario"], 2, "data-malformed"),
    "that adds one twice": (["mario", "mario"], [], 2, "data-malformed"),
    "that adds one without a key": (["nobody"], [], 2, "key-unknown"),
}


@pytest.mark.parametrize("name", BAD_CHANGES)
def test_a_bad_change_of_administrators_is_refused(world: World, name: str) -> None:
    add, remove, approvals, code = BAD_CHANGES[name]
    assert refusal(world, change(world, add, remove, approvals)) == code


def test_two_changes_that_fit_one_by_one_are_not_approved_together(world: World) -> None:
    first, second = change(world, [], ["adminy"]), change(world, [], ["adminz"])
    for event in (first, second):
        world.append(event)
    world.approve(first.id, "adminz", SYS)
    late = world.event("approval-given/1", {"event": second.id}, "adminz", SYS)
    assert refusal(world, late) == "administrators-too-few"


def test_a_part_of_the_log_does_not_know_the_keys_of_all_administrators() -> None:
    world, part = World(), KeyDirectory(whole_log=False)
    part.apply(0, world.founding_event())
    part.apply(1, change(world, ["nobody"], []))
    assert len(part.pending()) == 1


def test_the_log_key_and_the_ca_change_at_the_kth_approval(world: World) -> None:
    signer = ed25519_signer("log")
    log_key = format_log_key(ORIGIN, bytes.fromhex(raw_public(signer)))
    possession = build_possession(signer, world.actors["adminx"], ORIGIN, NONCE, IAT)
    new_ca = fixed_ca("second")
    for event_type, data in (
        ("log-key-rotated/1", {"log_key": log_key, "possession": possession}),
        ("ca-rotated/1", {"ca": new_ca.pem}),
    ):
        event_id = world.do(event_type, data, "adminx", SYS)
        assert world.directory.log_key != log_key or event_type == "ca-rotated/1"
        assert world.directory.ca_pem == world.ca.pem
        world.approve(event_id, "adminz", SYS)
    assert (world.directory.log_key, world.directory.ca_pem) == (log_key, new_ca.pem)
    assert refusal(world, enrolment()(world)) == "certificate-mismatch"
    world.ca = new_ca
    world.append(enrolment()(world))
    assert signer_code(world, world.index, world.business("mario")) is None


def raw_public(signer: Any) -> str:  # noqa: ANN401  a signer of EdDSA
    """Return the public key of an EdDSA signer in hex."""
    return str(signer.public.raw.public_bytes_raw().hex())


BAD_LEDGER_EVENTS: dict[str, tuple[str, dict[str, object], str]] = {
    "a log key without possession": (
        "log-key-rotated/1",
        {"log_key": format_log_key(ORIGIN, LOG_PUBLIC)},
        "data-malformed",
    ),
    "a log key that another key proves": (
        "log-key-rotated/1",
        {
            "log_key": format_log_key(ORIGIN, LOG_PUBLIC),
            "possession": possession_for("adminx", "adminx"),
        },
        "possession-mismatch",
    ),
    "a log key of another log": (
        "log-key-rotated/1",
        {"log_key": format_log_key("elsewhere.example/abc", LOG_PUBLIC)},
        "log-key-malformed",
    ),
    "a CA of another ledger": (
        "ca-rotated/1",
        {"ca": fixed_ca(origin="elsewhere").pem},
        "certificate-mismatch",
    ),
    "a certificate that is no CA": (
        "ca-rotated/1",
        {"ca": World().certificates["adminx"]},
        "certificate-mismatch",
    ),
}


@pytest.mark.parametrize("name", BAD_LEDGER_EVENTS)
def test_a_bad_event_of_the_ledger_is_refused(world: World, name: str) -> None:
    event_type, data, code = BAD_LEDGER_EVENTS[name]
    assert refusal(world, world.event(event_type, data, "adminx", SYS)) == code


ADOPTIONS = ["policy-adopted/1", "rule-set-adopted/1", "schema-set-adopted/1", "body-renamed/1"]


@pytest.mark.parametrize("event_type", ADOPTIONS)
def test_what_is_adopted_waits_for_the_administrators(world: World, event_type: str) -> None:
    event_id = world.do(event_type, {"digest": "0" * 64}, "adminx", SYS)
    assert world.directory.force_index(event_id) is None
    assert world.directory.adopted() == ()
    world.approve(event_id, "adminy", SYS)
    assert world.directory.force_index(event_id) == world.index - 1
    [adopted] = world.directory.adopted()
    assert (adopted.event_id, adopted.type, adopted.data) == (
        event_id,
        event_type,
        {"digest": "0" * 64},
    )
    assert (adopted.index, adopted.force_at) == (world.index - 2, world.index - 1)
    assert refusal(world, world.event(event_type, {}, "mario", SYS)) == "not-administrator"
    other = world.event(event_type, {}, "adminx", [f"actor/{actor_id('adminx')}"])
    assert refusal(world, other) == "streams-mismatch"


def test_what_is_adopted_stands_in_the_order_of_taking_force(world: World) -> None:
    first, second = (world.do("policy-adopted/1", {"n": n}, "adminx", SYS) for n in (1, 2))
    for event_id in (second, first):
        world.approve(event_id, "adminy", SYS)
    assert [one.data["n"] for one in world.directory.adopted()] == [2, 1]


def test_an_anchor_is_noted_by_one_administrator_and_waits_for_none(world: World) -> None:
    before = world.directory.actors()
    data = {"checkpoint": {"size": 1, "root": "0" * 64}, "means": "pec"}
    world.do("ledger-anchored/1", data, "adminx", SYS)
    assert (world.directory.pending(), world.directory.adopted()) == ((), ())
    assert world.directory.actors() == before
    by_user = world.event("ledger-anchored/1", data, "mario", SYS)
    assert refusal(world, by_user) == "not-administrator"
    elsewhere = world.event("ledger-anchored/1", data, "adminx", [f"actor/{actor_id('adminx')}"])
    assert refusal(world, elsewhere) == "streams-mismatch"


def test_a_list_of_administrators_that_has_nobody_may_be_left_out(world: World) -> None:
    event_id = world.do("administrators-changed/1", {"approvals": 3}, "adminx", SYS)
    world.approve(event_id, "adminy", SYS)
    assert world.directory.k == 3


def test_events_of_other_types_are_passed_over(world: World) -> None:
    before = world.directory.actors()
    world.make_key("thief")
    for event in (
        world.event("sod-exception-declared/1", {}, "thief", SYS),
        world.business("thief"),
    ):
        world.append(event)
    assert world.directory.actors() == before


# Listings, copies, replay


def test_actors_are_listed_with_their_keys_and_their_states(world: World) -> None:
    world.append(rotate(world, "mario2"))
    world.enrol("mario3", actor="mario")
    mario = world.directory.actors()[-1]
    assert mario.actor == world.actors["mario"]
    assert not mario.is_administrator
    assert [key.state for key in mario.keys] == ["revoked", "active", "pending"]
    assert [key.force_at for key in mario.keys] == [2, 3, None]
    assert mario.keys[0].revoked_at == 3
    assert world.directory.actors()[0].is_administrator


def test_a_copy_goes_on_apart(world: World) -> None:
    twin = world.directory.copy()
    before = twin.actors()
    world.append(revocation(world, "adminx"))
    assert twin.actors() == before != world.directory.actors()


def test_a_copy_of_a_partial_directory_is_partial() -> None:
    world = World()
    part = KeyDirectory(whole_log=False)
    part.apply(0, world.founding_event())
    part.copy().apply(1, change(world, ["nobody"], []))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12))
@settings(max_examples=15, deadline=None)
def test_what_was_said_of_a_place_is_said_for_ever(steps: list[int]) -> None:
    world = World(administrators=2, approvals=2).found()
    said: dict[tuple[int, str], str | None] = {}
    probes = {}
    events = []
    for number, step in enumerate(steps):
        event = next_event(world, number, step)
        try:
            world.append(event)
        except NotVerified:
            continue
        events.append((world.index - 1, event))
        probes = {key: world.business(key) for key in world.signers}
        for key, probe in probes.items():
            said[world.index, key] = signer_code(world, world.index, probe)
    for (index, key), code in said.items():
        now = signer_code(world, index, probes[key])
        assert now == code or (code, now) == ("key-unknown", "key-not-yet-in-force")
    replayed = World(administrators=2, approvals=2).found().directory
    for index, event in events:
        replayed.apply(index, event)
    assert replayed.actors() == world.directory.actors()
    assert replayed.pending() == world.directory.pending()


def next_event(world: World, number: int, step: int) -> Envelope:
    """Return some event of keys, admissible or not."""
    waiting = world.directory.pending()
    key = f"user{'abcdefghijkl'[number]}"
    newest = [name for name in world.signers if name.startswith("user")][-1:] or ["adminx"]
    if step <= 1 or (step <= 3 and not waiting):
        world.make_key(key)
        return world.event("actor-enrolled/1", world.new_key(key), "adminx")
    if step <= 3:
        chosen = waiting[-1]
        return world.event(
            "approval-given/1", {"event": chosen.event_id}, "adminy", list(chosen.streams)
        )
    if step == 4:
        return revocation(world, newest[0], newest[0], since=world.index - 1)
    old = newest[0]
    world.make_key(key, world.actors[old])
    data = world.new_key(key) | {"old": world.signers[old].kid}
    return world.event("key-rotated/1", data, old)
