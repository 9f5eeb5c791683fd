"""The tree against the text of RFC 6962, the test tree of Certificate Transparency and openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotVerified
from ledger.journal.merkle import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    stream_inclusion_proofs,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "vectors" / "journal"
LARGEST = 40
LEAVES = [b"leaf %d" % number for number in range(LARGEST)]

# The leaves, roots and proofs that Certificate Transparency implementations test themselves with.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CT_INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CT_CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def split(size: int) -> int:
    """The largest power of two smaller than n (RFC 6962, section 2.1)."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(d: list[bytes]) -> bytes:
    """MTH(D[n]) of RFC 6962, section 2.1."""
    if not d:
        return EMPTY_ROOT
    if len(d) == 1:
        return leaf_hash(d[0])
    k = split(len(d))
    return node_hash(mth(d[:k]), mth(d[k:]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(d) == 1:
        return []
    k = split(len(d))
    if m < k:
        return [*path(m, d[:k]), mth(d[k:])]
    return [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: list[bytes], *, b: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if m == len(d):
        return [] if b else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], b=b), mth(d[k:])]
    return [*subproof(m - k, d[k:], b=False), mth(d[:k])]


def tree_of(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree


TREE = tree_of(LEAVES)
ROOTS = [mth(LEAVES[:size]) for size in range(LARGEST + 1)]


def flip(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


def openssl(data: bytes) -> bytes:
    command = ["openssl", "dgst", "-sha256", "-binary"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def test_the_empty_root_is_the_digest_of_no_bytes() -> None:
    assert openssl(b"") == EMPTY_ROOT == Tree().root() == Frontier().root()
    assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c14")


def test_leaf_and_node_hashes_are_reproduced_by_openssl() -> None:
    leaves = [(VECTORS / f"{index}.leaf").read_bytes() for index in (0, 1)]
    hashes = [openssl(b"\x00" + leaf) for leaf in leaves]
    assert [leaf_hash(leaf) for leaf in leaves] == hashes
    assert tree_of(leaves).root() == openssl(b"\x01" + hashes[0] + hashes[1])


def test_the_roots_are_those_of_certificate_transparency() -> None:
    tree = tree_of(CT_LEAVES)
    assert [root(tree, size).hex() for size in range(1, 9)] == CT_ROOTS


@pytest.mark.parametrize(("index", "size"), CT_INCLUSION)
def test_inclusion_proofs_are_those_of_certificate_transparency(index: int, size: int) -> None:
    proof = inclusion_proof(tree_of(CT_LEAVES), index, size)
    assert [node.hex() for node in proof] == CT_INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CT_CONSISTENCY)
def test_consistency_proofs_are_those_of_certificate_transparency(old: int, new: int) -> None:
    proof = consistency_proof(tree_of(CT_LEAVES), old, new)
    assert [node.hex() for node in proof] == CT_CONSISTENCY[old, new]


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_roots_of_every_kind_of_tree_follow_the_text_of_the_standard(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf_hash(leaf))
    assert root(TREE, size) == ROOTS[size]
    assert tree_of(LEAVES[:size]).root() == ROOTS[size]
    assert (frontier.root(), frontier.size) == (ROOTS[size], size)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_inclusion_proofs_follow_the_text_of_the_standard_and_verify(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(TREE, index, size)
        assert proof == path(index, LEAVES[:size])
        verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", range(LARGEST + 1))
def test_consistency_proofs_follow_the_text_of_the_standard_and_verify(new: int) -> None:
    for old in range(new + 1):
        proof = consistency_proof(TREE, old, new)
        assert proof == (subproof(old, LEAVES[:new], b=True) if old else [])
        verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


def refused_inclusion(
    value: bytes, index: int, size: int, proof: list[bytes], expected: bytes
) -> None:
    with pytest.raises(NotVerified) as caught:
        verify_inclusion(value, index, size, proof, expected)
    assert caught.value.code == "inclusion-not-proven"


def refused_consistency(old: int, first: bytes, new: int, second: bytes, p: list[bytes]) -> None:
    with pytest.raises(NotVerified) as caught:
        verify_consistency(old, first, new, second, p)
    assert caught.value.code == "consistency-not-proven"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 11, 33, 40])
def test_a_changed_inclusion_proof_is_refused(size: int) -> None:
    for index in range(size):
        value, proof = leaf_hash(LEAVES[index]), inclusion_proof(TREE, index, size)
        refused_inclusion(flip(value, 7), index, size, proof, ROOTS[size])
        refused_inclusion(value, index, size, proof, flip(ROOTS[size], 255))
        refused_inclusion(value, index, size, [*proof, EMPTY_ROOT], ROOTS[size])
        refused_inclusion(value, index, size, [EMPTY_ROOT, *proof], ROOTS[size])
        for at in range(len(proof)):
            flipped = [*proof[:at], flip(proof[at], at * 8), *proof[at + 1 :]]
            refused_inclusion(value, index, size, flipped, ROOTS[size])
            refused_inclusion(value, index, size, proof[:at] + proof[at + 1 :], ROOTS[size])


def test_an_index_that_is_not_below_the_size_is_refused() -> None:
    value = leaf_hash(LEAVES[0])
    for index, size in [(-1, 1), (0, 0), (1, 1), (8, 8), (2**64, 8)]:
        refused_inclusion(value, index, size, [], value)
    # A path of the length that such an index would have, to a root that it does lead to.
    refused_inclusion(leaf_hash(LEAVES[1]), 1, 1, [value], ROOTS[2])


@pytest.mark.parametrize("size", [2, 3, 8, 13])
def test_a_proof_of_one_leaf_does_not_prove_another_place(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(TREE, index, size)
        for other in set(range(size)) - {index}:
            refused_inclusion(leaf_hash(LEAVES[index]), other, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", [2, 3, 7, 8, 11, 33, 40])
def test_a_changed_consistency_proof_is_refused(new: int) -> None:
    for old in range(1, new):
        proof = consistency_proof(TREE, old, new)
        refused_consistency(old, flip(ROOTS[old], 0), new, ROOTS[new], proof)
        refused_consistency(old, ROOTS[old], new, flip(ROOTS[new], 0), proof)
        refused_consistency(old, ROOTS[old], new, ROOTS[new], [*proof, EMPTY_ROOT])
        refused_consistency(old, ROOTS[old], new, ROOTS[new], [EMPTY_ROOT, *proof])
        for at in range(len(proof)):
            flipped = [*proof[:at], flip(proof[at], at * 8), *proof[at + 1 :]]
            refused_consistency(old, ROOTS[old], new, ROOTS[new], flipped)
            refused_consistency(old, ROOTS[old], new, ROOTS[new], proof[:at] + proof[at + 1 :])


@pytest.mark.parametrize("size", [0, 1, 6, 8])
def test_equal_sizes_need_equal_roots_and_an_empty_proof(size: int) -> None:
    refused_consistency(size, ROOTS[size], size, flip(ROOTS[size], 0), [])
    refused_consistency(size, flip(ROOTS[size], 0), size, ROOTS[size], [])
    refused_consistency(size, ROOTS[size], size, ROOTS[size], [ROOTS[size]])


def test_equal_but_wrong_roots_of_the_empty_tree_are_refused() -> None:
    refused_consistency(0, bytes(32), 0, bytes(32), [])


def test_an_empty_old_tree_needs_the_empty_root_and_an_empty_proof() -> None:
    refused_consistency(0, ROOTS[1], 8, ROOTS[8], [])
    refused_consistency(0, EMPTY_ROOT, 8, ROOTS[8], [ROOTS[8]])


def test_an_old_tree_that_is_larger_is_refused() -> None:
    refused_consistency(9, ROOTS[9], 8, ROOTS[8], [])
    refused_consistency(-1, EMPTY_ROOT, 8, ROOTS[8], [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(TREE, index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_there_is_no_proof_of_a_larger_old_tree(old: int, new: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(TREE, old, new)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), max_size=60))
def test_a_tree_with_replaced_leaves_equals_one_built_anew(steps: list[tuple[bool, int]]) -> None:
    tree, leaves = Tree(), list[bytes]()
    for adds, number in steps:
        leaf = b"%d" % number
        if adds or not leaves:
            leaves.append(leaf)
            tree.append(leaf_hash(leaf))
        else:
            leaves[number % len(leaves)] = leaf
            tree.update(number % len(leaves), leaf_hash(leaf))
    assert (tree.size, tree.root()) == (len(leaves), mth(leaves))
    for index in range(len(leaves)):
        assert tree.inclusion_proof(index) == path(index, leaves)


def test_a_tree_gives_only_complete_subtrees_and_existing_leaves() -> None:
    tree = tree_of(LEAVES[:5])
    assert tree.subtree(2, 0) == ROOTS[4]
    for level, index in [(0, 5), (1, 2), (2, 1), (3, 0), (0, -1), (-1, 0), (64, 0)]:
        with pytest.raises(IndexError):
            tree.subtree(level, index)
    with pytest.raises(IndexError):
        tree.update(5, EMPTY_ROOT)
    with pytest.raises(IndexError):
        tree.inclusion_proof(5)


@pytest.mark.parametrize("size", range(18))
def test_a_frontier_goes_on_from_complete_subtrees(size: int) -> None:
    hashes, start = [], 0
    for level in reversed(range(6)):
        if size >> level & 1:
            hashes.append(TREE.subtree(level, start >> level))
            start += 1 << level
    frontier = Frontier(size, hashes)
    assert frontier.root() == ROOTS[size]
    frontier.append(leaf_hash(LEAVES[size]))
    assert frontier.root() == ROOTS[size + 1]


def test_a_frontier_refuses_another_number_of_subtrees() -> None:
    with pytest.raises(ValueError, match="3 leaves"):
        Frontier(3, [EMPTY_ROOT])


def test_a_copy_of_a_frontier_is_independent() -> None:
    frontier = Frontier()
    frontier.append(leaf_hash(LEAVES[0]))
    copy = frontier.copy()
    copy.append(leaf_hash(LEAVES[1]))
    assert (frontier.size, frontier.root()) == (1, ROOTS[1])
    assert (copy.size, copy.root()) == (2, ROOTS[2])


@settings(max_examples=60)
@given(st.integers(1, LARGEST), st.data())
def test_proofs_from_one_pass_are_those_of_the_tree(size: int, data: st.DataObject) -> None:
    wanted = data.draw(st.sets(st.integers(0, size - 1)))
    hashes = (leaf_hash(leaf) for leaf in LEAVES[:size])
    found_root, found_size, paths = stream_inclusion_proofs(hashes, wanted)
    assert (found_root, found_size) == (ROOTS[size], size)
    assert paths == {index: path(index, LEAVES[:size]) for index in wanted}


def test_one_pass_over_nothing_gives_the_empty_tree() -> None:
    assert stream_inclusion_proofs([], set()) == (EMPTY_ROOT, 0, {})


@pytest.mark.parametrize("wanted", [{3}, {-1}, {0, 7}])
def test_one_pass_refuses_a_wanted_leaf_that_does_not_come(wanted: set[int]) -> None:
    with pytest.raises(IndexError):
        stream_inclusion_proofs([leaf_hash(leaf) for leaf in LEAVES[:3]], wanted)
