"""Signers and key files: made once, private, opened by URI."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.errors import Absent, StorageError
from ledger.signing.algorithms import parse_jwk, verify_signature
from ledger.signing.signer import Signer, create_key_file, load_signer, open_signer
from tests.ledger.signing.signing_kit import p256_signer

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def weak_rsa() -> RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505  to be refused


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "RS256"])
def test_a_created_key_is_opened_again_and_signs(alg: str, tmp_path: Path) -> None:
    path = tmp_path / "chiave mario.pem"
    made = create_key_file(path, alg)
    quoted = str(path).replace(" ", "%20")
    for uri in (str(path), f"file:{quoted}", f"file://{quoted}"):
        opened: Signer = open_signer(uri)
        assert (opened.kid, opened.alg, opened.jwk()) == (made.kid, alg, made.jwk())
        verify_signature(parse_jwk(made.jwk()), alg, opened.sign(b"message"), b"message")


def test_a_key_file_is_for_its_owner_alone_and_readable_by_openssl(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    old = os.umask(0)
    try:
        create_key_file(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shown = subprocess.run(
        ["openssl", "pkey", "-in", path, "-noout", "-text"], capture_output=True, check=True
    )
    assert b"prime256v1" in shown.stdout


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o602])
def test_a_key_file_that_others_may_use_is_refused_with_what_to_do(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "key.pem"
    create_key_file(path)
    path.chmod(mode)
    with pytest.raises(StorageError) as caught:
        open_signer(str(path))
    assert caught.value.code == "key-file-exposed"
    assert f"chmod 600 {path}" in caught.value.sentence


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("mine")
    with pytest.raises(StorageError, match="key-file-exists"):
        create_key_file(path)
    assert path.read_text() == "mine"


def test_a_password_protects_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    made = create_key_file(path, password=b"segreta")
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert open_signer(f"file:{path}", b"segreta").kid == made.kid
    for password in (b"other", None):
        with pytest.raises(StorageError, match="key-file-locked"):
            open_signer(f"file:{path}", password)


def test_a_password_for_an_open_key_is_refused(tmp_path: Path) -> None:
    create_key_file(tmp_path / "key.pem")
    with pytest.raises(StorageError, match="key-file-locked"):
        open_signer(str(tmp_path / "key.pem"), b"segreta")


BAD_URIS = {
    "pkcs11:token=CNS": "signer-not-available",
    "https://example.org/key": "signer-unknown",
    "file://host/key.pem": "signer-unknown",
    "file:/nowhere/key.pem": "key-file-absent",
    "/nowhere/key.pem": "key-file-absent",
    "/dev/null": "key-file-malformed",
    "/": "key-file-unreadable",
}


@pytest.mark.parametrize("uri", BAD_URIS)
def test_a_uri_that_names_no_signer_is_refused(uri: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_signer(uri)
    assert caught.value.code == BAD_URIS[uri]
    assert isinstance(caught.value, Absent) is (caught.value.code == "key-file-absent")


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="key-file-unwritable"):
        create_key_file(tmp_path / "absent" / "key.pem")


def test_a_disk_that_fails_leaves_no_half_written_key(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from ledger.errors import StorageError
from ledger.signing.signer import create_key_file
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    create_key_file(Path(sys.argv[1]))
except StorageError as error:
    print(error.code)
"""
    path = tmp_path / "key.pem"
    command = [sys.executable, "-c", program, path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert run.stdout == "key-file-unwritable\n"
    assert not path.exists()


def test_an_unknown_algorithm_has_no_key(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="algorithm-unknown"):
        create_key_file(tmp_path / "key.pem", "HS256")
    assert not (tmp_path / "key.pem").exists()


def test_text_that_is_no_key_is_refused() -> None:
    for pem in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(StorageError, match="key-file-malformed"):
            load_signer(pem)


def test_a_key_that_could_not_be_enrolled_is_refused(weak_rsa: RSAPrivateKey) -> None:
    for key in (weak_rsa, x25519.X25519PrivateKey.from_private_bytes(bytes(32))):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(StorageError, match="key-file-malformed"):
            load_signer(pem)


def test_a_signer_does_not_show_its_private_key() -> None:
    assert "private" not in repr(p256_signer("secret"))


def test_es256_signatures_are_deterministic_as_in_rfc_6979() -> None:
    signer = p256_signer("a")
    assert signer.sign(b"m") == signer.sign(b"m") != signer.sign(b"n")
