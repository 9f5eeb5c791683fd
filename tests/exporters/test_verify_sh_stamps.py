"""verify.sh over packages with time stamps: what it proves with openssl alone, what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.journal.proofs import format_consistency
from tests.exporters.ledger_fixture import CUP, Built
from tests.exporters.script_judge import judge, trust_file
from tests.exporters.stamp_kit import OTHER, TOWN, stamped, token, write
from tests.exporters.test_instructions import recipe, run
from tests.exporters.verification.attacker import Forgery
from tests.time_authority import Unit, authority, ec_key, pem, rsa_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PSS = authority(rsa_key())


@pytest.fixture(scope="module")
def package(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package with three stamps."""
    return write(stamped(built, 30, 46, 64), tmp_path_factory.mktemp("stamped"), CUP)


@pytest.fixture
def ca(tmp_path: Path) -> str:
    """The certificate of the issuer, in a file."""
    path = tmp_path / "tsa.pem"
    path.write_bytes(pem(TOWN.issuer))
    return str(path)


def test_stamps_are_verified_with_openssl_alone(
    package: Path, built: Built, tools: Path, tmp_path: Path, ca: str
) -> None:
    trust = trust_file(tmp_path, built.policy)
    judged = judge(package, tools, "--trust", trust, "--tsa-ca", ca)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert "3 marche temporali, 3 di un'autorità riconosciuta, ultima 20260303" in judged.stdout


def test_without_authorities_the_stamps_are_told_and_prove_nothing(
    package: Path, tools: Path
) -> None:
    judged = judge(package, tools)
    assert (judged.returncode, judged.stderr) == (3, "")
    assert "3 marche temporali: autorità NON controllata" in judged.stdout


def test_an_authority_that_the_reader_does_not_know_proves_nothing(
    package: Path, tools: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.pem").write_bytes(pem(OTHER.issuer))
    judged = judge(package, tools, "--tsa-ca", str(tmp_path / "other.pem"))
    assert (judged.returncode, judged.stderr) == (3, "")
    assert "3 marche temporali, 0 di un'autorità riconosciuta" in judged.stdout


def test_a_package_without_stamps_says_so(whole: Path, tools: Path, ca: str) -> None:
    plain = judge(whole, tools)
    assert (plain.returncode, "senza marca temporale" in plain.stdout) == (0, True)
    asked = judge(whole, tools, "--tsa-ca", ca)
    assert (asked.returncode, "ma senza marche temporali" in asked.stdout) == (3, True)


def test_a_form_that_openssl_ts_does_not_read_is_verified(
    built: Built, tools: Path, tmp_path: Path
) -> None:
    package = write(stamped(built, 64, by=PSS, is_pss=True, by_key_id=True), tmp_path, CUP)
    (tmp_path / "pss.pem").write_bytes(pem(PSS.issuer))
    judged = judge(package, tools, "--tsa-ca", str(tmp_path / "pss.pem"))
    assert (judged.returncode, judged.stderr) == (0, "")


def test_one_registration_alone_asks_for_no_stamp(package: Path, tools: Path, ca: str) -> None:
    assert judge(package, tools, "--tsa-ca", ca, "registrazione", "0").returncode == 0


def flipped(forged: Forgery, _: Built) -> None:
    path = forged.path("log/checkpoint.46.tsr")
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def put(size: int, made: Callable[[Built], bytes]) -> Callable[[Forgery, Built], None]:
    def place(forged: Forgery, built: Built) -> None:
        forged.path(f"log/checkpoint.{size}.tsr").write_bytes(made(built))

    return place


def unit(**fields: object) -> Callable[[Built], bytes]:
    by = authority(ec_key(1), Unit(**fields))  # type: ignore[arg-type]  # fields of a unit
    return lambda built: token(built.evidence, 46, by)


def renamed(forged: Forgery, _: Built) -> None:
    for name in ("checkpoint.46.log", "checkpoint.46.tsr", "consistency/46.proof"):
        path = forged.path(f"log/{name}")
        path.rename(path.with_name(path.name.replace("46", "44")))


def other_tree(forged: Forgery, built: Built) -> None:
    proof = format_consistency(built.evidence.consistency(30, 64))
    forged.path("log/consistency/46.proof").write_bytes(proof)


def unsigned(forged: Forgery, _: Built) -> None:
    path = forged.path("log/checkpoint.46.log")
    lines = path.read_text(encoding="utf-8").split("\n")
    other = forged.path("log/checkpoint.30.log").read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:4], other[4], ""]), encoding="utf-8")


LIES: dict[str, Callable[[Forgery, Built], None]] = {
    "a flipped bit": flipped,
    "an empty token": put(46, lambda _: b""),
    "a web page": put(46, lambda _: b"<html>" * 200),
    "a token over another head": put(46, lambda built: token(built.evidence, 30)),
    "a false signature": put(46, lambda built: token(built.evidence, 46, signed_with=ec_key(99))),
    "a certificate that had expired": put(46, unit(end=Unit().begin.replace(year=2021))),
    "a certificate for something else": put(46, unit(is_critical=False)),
    "another certificate named": put(46, lambda b: token(b.evidence, 46, bound=TOWN.root)),
    "a head under another size": renamed,
    "a proof of another tree": other_tree,
    "a note that the log did not sign": unsigned,
    "no times": lambda forged, _: forged.path("state/times.json").unlink(),
    "no note": lambda forged, _: forged.path("log/checkpoint.46.log").unlink(),
    "no token": lambda forged, _: forged.path("log/checkpoint.46.tsr").unlink(),
}


@pytest.fixture
def forged(package: Path, tmp_path: Path) -> Forgery:
    """A copy of the package to lie in."""
    return Forgery(package, tmp_path)


@pytest.mark.parametrize("what", LIES)
def test_a_wrong_stamp_fails(
    forged: Forgery, built: Built, tools: Path, ca: str, what: str
) -> None:
    LIES[what](forged, built)
    forged.seal()
    trust = trust_file(forged.root.parent, built.policy)
    judged = judge(forged.root, tools, "--trust", trust, "--tsa-ca", ca)
    assert judged.returncode == 1, judged.stdout
    assert "FALLITO" in judged.stderr


def test_authorities_inside_the_package_give_no_trust(forged: Forgery, tools: Path) -> None:
    judged = judge(forged.root, tools, "--tsa-ca", str(forged.path("keys/ca.crt")))
    assert (judged.returncode, "non può dare fiducia" in judged.stderr) == (1, True)


def test_the_recipe_of_the_time_stamp_holds(built: Built, tmp_path: Path) -> None:
    """With a token whose certificate is valid today, as the recipe without -attime asks."""
    package = write(stamped(built, 64), tmp_path, CUP)
    folder = next(package.glob("data/*/representations/rep1/data"))
    (tmp_path / "autorita.pem").write_bytes(pem(TOWN.root, TOWN.issuer))
    lines = ["A=/tmp/autorita.pem", *recipe(package, 7)]
    printed = run(folder, tmp_path, lines)
    assert "Time stamp: Mar  3" in printed
