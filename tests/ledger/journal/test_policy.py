"""Policies: the grammar of tlog-policy, quorums, and checkpoints judged by them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified, Unreadable
from ledger.journal.checkpoint import (
    Checkpoint,
    Ed25519Cosigner,
    format_checkpoint,
    sign_checkpoint,
)
from ledger.journal.note import (
    COSIGNATURE_V1,
    Ed25519NoteSigner,
    Note,
    format_note,
    format_vkey,
    parse_note,
    verifier_key,
)
from ledger.journal.policy import (
    Group,
    Log,
    Policy,
    QuorumMissing,
    Witness,
    format_policy,
    parse_policy,
)

if TYPE_CHECKING:
    from random import Random

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
ORIGIN = "pnrr.comune.lecce.it/c_e506"


def private_key(seed: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def log_signer(name: str, seed: int) -> Ed25519NoteSigner:
    private = private_key(seed)
    return Ed25519NoteSigner(name, private.sign, private.public_key().public_bytes_raw())


def witness_signer(name: str, seed: int) -> Ed25519Cosigner:
    private = private_key(seed)
    return Ed25519Cosigner(name, private.sign, private.public_key().public_bytes_raw())


LOG = log_signer(ORIGIN, 1)
WITNESSES = {
    name: witness_signer(f"{name.lower()}.example", 10 + number)
    for number, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"))
}
W = WITNESSES["X1"].vkey
V = WITNESSES["X2"].vkey
SPECIFIED = f"""log {LOG.vkey}

witness X1 {WITNESSES["X1"].vkey}
witness X2 {WITNESSES["X2"].vkey}
witness X3 {WITNESSES["X3"].vkey}
group X-witnesses 2 X1 X2 X3

witness Y1 {WITNESSES["Y1"].vkey}
witness Y2 {WITNESSES["Y2"].vkey}
witness Y3 {WITNESSES["Y3"].vkey}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""

GOOD = {
    "only a quorum of none": "quorum none\n",
    "comments, empty lines, tabs, blanks at both ends": "\n# a\n \t# b\n\t \n \tquorum\t none \n",
    "a comment in another alphabet": "# Περιφέρεια\nquorum none\n",
    "a single witness as quorum": f"witness W {W}\nquorum W\n",
    "URLs": f"log {LOG.vkey} https://l/\nwitness W {W} https://w/\nquorum W\n",
    "definitions below the quorum": f"quorum none\nwitness W {W}\n",
    "a group of one": f"witness W {W}\ngroup g 1 W\nquorum g\n",
    "a witness named like a keyword": f"witness all {W}\ngroup any all all\nquorum any\n",
    "a member that is also the quorum": f"witness W {W}\ngroup g all W\nquorum W\n",
    "a name that is opaque": f"witness é#1 {W}\nquorum é#1\n",
}

BAD = {
    "no bytes": "",
    "no quorum": f"witness W {W}\n",
    "two quorums": "quorum none\nquorum none\n",
    "no final newline": "quorum none",
    "a carriage return": "quorum none\r\n",
    "a NUL": "# \x00\nquorum none\n",
    "a DEL": "# \x7f\nquorum none\n",
    "a form feed as separator": "quorum\fnone\n",
    "an unknown line": "quorum none\nthreshold 2\n",
    "a keyword in upper case": "Quorum none\n",
    "a comment behind a line": "quorum none # all\n",
    "a quorum without name": "quorum\n",
    "a quorum that is not defined": "quorum W\n",
    "a quorum defined below": f"quorum W\nwitness W {W}\n",
    "a log without key": "log\nquorum none\n",
    "a log with two URLs": f"log {LOG.vkey} u u\nquorum none\n",
    "a log twice": f"log {LOG.vkey}\nlog {LOG.vkey}\nquorum none\n",
    "the key of a log under another name": (
        f"log {LOG.vkey}\nlog {log_signer('other.example', 1).vkey}\nquorum none\n"
    ),
    "a log with the key of a witness": f"log {W}\nquorum none\n",
    "a witness with the key of a log": f"witness W {LOG.vkey}\nquorum none\n",
    "a witness without key": "witness W\nquorum none\n",
    "a witness with a broken key": f"witness W {W}A\nquorum none\n",
    "a witness name twice": f"witness W {W}\nwitness W {V}\nquorum none\n",
    "a witness key twice": f"witness W {W}\nwitness V {W}\nquorum none\n",
    "a witness named none": f"witness none {W}\nquorum none\n",
    "a group named none": f"witness W {W}\ngroup none any W\nquorum none\n",
    "a group named like a witness": f"witness W {W}\ngroup W any W\nquorum none\n",
    "a group of nobody": "group g any\nquorum none\n",
    "a group without threshold": f"witness any {W}\ngroup g any\nquorum none\n",
    "a group of none": "group g any none\nquorum none\n",
    "a group of itself": "group g any g\nquorum none\n",
    "a member defined below": f"group g any W\nwitness W {W}\nquorum none\n",
    "a member twice in a group": f"witness W {W}\ngroup g any W W\nquorum none\n",
    "a member of two groups": f"witness W {W}\ngroup g any W\ngroup h any W\nquorum none\n",
    "a threshold of 0": f"witness W {W}\ngroup g 0 W\nquorum none\n",
    "a threshold over the members": f"witness W {W}\ngroup g 2 W\nquorum none\n",
    "a threshold with a sign": f"witness W {W}\ngroup g +1 W\nquorum none\n",
    "a threshold with a leading zero": f"witness W {W}\ngroup g 01 W\nquorum none\n",
    "a threshold in other words": f"witness W {W}\ngroup g most W\nquorum none\n",
    "more than 256 KiB": "#" * 262144 + "\nquorum none\n",
}


def checkpoint_note(*cosigners: Ed25519Cosigner, log: Ed25519NoteSigner = LOG) -> bytes:
    note = parse_note(sign_checkpoint(Checkpoint(log.name, 7, bytes(32)), log))
    lines = tuple(one.cosign(note.text, 1790000000) for one in cosigners)
    return format_note(Note(note.text, note.signatures + lines))


@pytest.mark.parametrize("name", GOOD)
def test_a_policy_of_the_grammar_is_read_and_written_back(name: str) -> None:
    policy = parse_policy(GOOD[name].encode())
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize("name", BAD)
def test_bytes_that_break_the_grammar_are_no_policy(name: str) -> None:
    with pytest.raises(Unreadable, match="policy-unreadable"):
        parse_policy(BAD[name].encode())


def test_the_policy_of_the_specification_has_these_parts() -> None:
    policy = parse_policy(SPECIFIED.encode())
    assert policy.logs == (Log(LOG.key),)
    assert policy.witnesses == tuple(Witness(name, one.key) for name, one in WITNESSES.items())
    assert policy.groups == (
        Group("X-witnesses", 2, ("X1", "X2", "X3")),
        Group("Y-witnesses", 1, ("Y1", "Y2", "Y3")),
        Group("X-and-Y", 2, ("X-witnesses", "Y-witnesses")),
    )
    assert policy.quorum == "X-and-Y"


def test_the_error_names_the_line() -> None:
    with pytest.raises(Unreadable, match="Riga 3 "):
        parse_policy(b"# one\nquorum none\nwitness W\n")


def test_names_are_bytes_and_no_text() -> None:
    policy = parse_policy(b"witness \xff " + W.encode() + b"\nquorum \xff\n")
    assert format_policy(policy) == b"witness \xff " + W.encode() + b"\nquorum \xff\n"
    with pytest.raises(Unreadable):
        parse_policy(b"witness K " + W.encode() + "\nquorum \u212a\n".encode())


def test_a_key_name_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(Unreadable):
        parse_policy(b"log \xff" + LOG.vkey.encode() + b"\nquorum none\n")


def test_a_quorum_counts_as_the_specification_says() -> None:
    policy = parse_policy(SPECIFIED.encode())
    for number in range(7):
        for chosen in combinations(WITNESSES, number):
            enough = sum(name[0] == "X" for name in chosen) >= 2 and "Y" in "".join(chosen)
            assert policy.is_quorum(frozenset(chosen)) == enough


def test_a_checkpoint_with_its_quorum_is_verified() -> None:
    policy = parse_policy(SPECIFIED.encode())
    chosen = [WITNESSES[name] for name in ("Y2", "X1", "X3")]
    verified = policy.verify_checkpoint(checkpoint_note(*chosen))
    assert verified.checkpoint == Checkpoint(ORIGIN, 7, bytes(32))
    assert {(one.name, one.time) for one in verified.cosigners} == {
        (one.name, 1790000000) for one in chosen
    }


def test_a_missing_quorum_carries_what_was_verified() -> None:
    policy = parse_policy(SPECIFIED.encode())
    with pytest.raises(QuorumMissing) as caught:
        policy.verify_checkpoint(checkpoint_note(WITNESSES["X1"], WITNESSES["Y1"]))
    assert caught.value.code == "quorum-missing"
    assert isinstance(caught.value, NotVerified)
    assert caught.value.verified.checkpoint.size == 7
    assert [one.name for one in caught.value.verified.cosigners] == ["x1.example", "y1.example"]


def test_a_quorum_of_none_asks_for_the_log_alone() -> None:
    policy = parse_policy(f"log {LOG.vkey}\nquorum none\n".encode())
    verified = policy.verify_checkpoint(checkpoint_note(WITNESSES["X1"]))
    assert verified.cosigners == ()
    assert len(verified.unknown) == 1


def test_a_wrong_cosignature_is_worse_than_a_missing_one() -> None:
    policy = parse_policy(SPECIFIED.encode())
    impostor = Ed25519Cosigner("x1.example", private_key(99).sign, WITNESSES["X1"].key.public)
    with pytest.raises(NotVerified) as caught:
        policy.verify_checkpoint(checkpoint_note(impostor, WITNESSES["X2"], WITNESSES["Y1"]))
    assert caught.value.code == "signature-invalid"


def test_a_log_that_the_policy_does_not_name_is_refused() -> None:
    for text in (f"log {LOG.vkey}\nquorum none\n", "quorum none\n"):
        with pytest.raises(NotVerified) as caught:
            parse_policy(text.encode()).verify_checkpoint(
                checkpoint_note(log=log_signer("other.example", 1))
            )
        assert caught.value.code == "log-unknown"


def test_a_log_of_the_right_name_and_another_key_is_refused() -> None:
    policy = parse_policy(f"log {LOG.vkey}\nquorum none\n".encode())
    with pytest.raises(NotVerified) as caught:
        policy.verify_checkpoint(checkpoint_note(log=log_signer(ORIGIN, 5)))
    assert caught.value.code == "signature-missing"


def test_a_log_may_have_two_keys_and_a_wrong_signature_of_either_is_refused() -> None:
    new = log_signer(ORIGIN, 5)
    policy = parse_policy(f"log {LOG.vkey}\nlog {new.vkey}\nquorum none\n".encode())
    assert policy.verify_checkpoint(checkpoint_note(log=new)).log_key == new.key
    assert policy.verify_checkpoint(checkpoint_note(log=LOG)).log_key == LOG.key
    wrong = Ed25519NoteSigner(ORIGIN, private_key(99).sign, new.key.public)
    body = format_checkpoint(Checkpoint(ORIGIN, 7, bytes(32)))
    note = Note(body, (LOG.sign_note(body), wrong.sign_note(body)))
    with pytest.raises(NotVerified, match="signature-invalid"):
        policy.verify_checkpoint(format_note(note))


def test_the_golden_policy_verifies_the_golden_checkpoint() -> None:
    data = (VECTORS / "policy.txt").read_bytes()
    policy = parse_policy(data)
    assert format_policy(policy) == data
    assert policy.verify_checkpoint((VECTORS / "checkpoint").read_bytes()).unknown == ()
    with pytest.raises(QuorumMissing):
        policy.verify_checkpoint((VECTORS / "checkpoint.log").read_bytes())


def test_a_policy_that_could_not_be_read_back_is_not_written() -> None:
    for policy in (
        Policy((), (), (), "W"),
        Policy((Log(LOG.key, "a url"),), (), (), "none"),
        Policy((), (), (Group("g", 1, ()),), "none"),
        Policy((), (Witness("a b", WITNESSES["X1"].key),), (), "none"),
    ):
        with pytest.raises(Unreadable, match="policy-unreadable"):
            format_policy(policy)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_tree_of_groups_is_read_back_as_it_was_written(
    sizes: list[int], random: Random
) -> None:
    keys = (
        verifier_key(f"w{number}", COSIGNATURE_V1, bytes([number]) * 32) for number in range(99)
    )
    witnesses, groups, free = list[Witness](), list[Group](), list[str]()
    for number, size in enumerate(sizes):
        for _ in range(size):
            witnesses.append(Witness(f"w{len(witnesses)}", next(keys)))
            free.append(witnesses[-1].name)
        members = tuple(random.sample(free, random.randint(1, len(free))))
        free = [name for name in free if name not in members]
        groups.append(Group(f"g{number}", random.randint(1, len(members)), members))
        free.append(groups[-1].name)
    policy = Policy((Log(LOG.key),), tuple(witnesses), tuple(groups), groups[-1].name)
    assert parse_policy(format_policy(policy)) == policy
    assert policy.is_quorum(frozenset(one.name for one in witnesses))
    assert not policy.is_quorum(frozenset())
    assert format_vkey(witnesses[0].key) in format_policy(policy).decode()
