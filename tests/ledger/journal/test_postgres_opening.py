"""What is wrong with a database is told when it is opened: what, which, a way on, and no password."""

from __future__ import annotations

import socket
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.errors import PistaError
from ledger.journal.address import parse_address
from ledger.journal.opening import open_recorder
from ledger.journal.postgres import PostgresRecorder
from tests.ledger.journal.cutting_proxy import CuttingProxy
from tests.ledger.journal.recorder_suite import ORIGIN
from tests.ledger.journal.tls_front import tls_front
from tests.postgres import OwnServer, started_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SECRET = "una-password-che-nessuno-vede"  # noqa: S105  the one that must not be shown
NAME = "db.comune.lecce.it"
RULES = b"local all pista scram-sha-256\nlocal all all trust\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def certificate_for(name: str) -> tuple[bytes, bytes]:
    """Return a self-signed certificate for a host name, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private


@dataclass(frozen=True)
class Secured:
    """A server behind TLS, called db.comune.lecce.it, whose user `pista` has a password."""

    server: OwnServer
    port: int
    root: Path

    def url(self, host: str = "db.comune.lecce.it", **parameters: str) -> str:
        """Return the URL of the user; host names lead to 127.0.0.1."""
        asked = {"sslmode": "verify-full", "sslrootcert": str(self.root), **parameters}
        return (
            f"postgresql://pista@{host}:{self.port}/postgres?hostaddr=127.0.0.1&"
            f"{urlencode(asked, quote_via=quote)}"
        )


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The server and the certificate that a client trusts."""
    folder = tmp_path_factory.mktemp("tls")
    for name, data in zip(("root.crt", "key.pem"), certificate_for(NAME), strict=True):
        (folder / name).write_bytes(data)
    with started_server(lambda server: server.give("pg_hba.conf", RULES)) as server:
        server.execute(f"CREATE ROLE pista LOGIN PASSWORD '{SECRET}'")
        server.execute("CREATE SCHEMA pista AUTHORIZATION pista")
        with tls_front(server.socket, folder / "root.crt", folder / "key.pem") as port:
            yield Secured(server, port, folder / "root.crt")


def refusal(url: str, password: str = "") -> PistaError:
    """Return what opening says; within ten seconds, without a password anywhere in its trace."""
    start = time.monotonic()
    with pytest.raises(PistaError) as caught:
        open_recorder(parse_address(url, password), ORIGIN, create=True, busy_seconds=1)
    assert time.monotonic() - start < 10
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    return caught.value


def test_a_server_that_does_not_answer_is_named() -> None:
    port = free_port()
    error = refusal(f"postgresql://pista@127.0.0.1:{port}/registro")
    assert error.code == "database-unreachable"
    assert "registro su 127.0.0.1" in error.sentence
    assert f"port {port}" in error.sentence


def test_a_host_that_nobody_knows_is_named() -> None:
    error = refusal("postgresql://pista@nessun-server.invalid/registro")
    assert error.code == "database-unreachable"
    assert "nessun-server.invalid" in error.sentence


def test_a_server_that_accepts_and_says_nothing_is_not_waited_for_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = refusal(f"postgresql://pista@127.0.0.1:{port}/registro?connect_timeout=2")
    assert error.code == "database-unreachable"


def test_a_database_that_is_absent_is_named(secured: Secured) -> None:
    error = refusal(secured.server.url.replace("/postgres?", "/nessun_registro?"))
    assert error.code == "database-absent"
    assert "nessun_registro" in error.sentence
    assert "createdb" in error.sentence


def test_a_user_that_is_unknown_is_named(secured: Secured) -> None:
    error = refusal(secured.server.url.replace("//postgres@", "//sconosciuto@"))
    assert error.code == "database-refused"
    assert "sconosciuto" in error.sentence


def test_a_wrong_password_is_refused_and_not_shown(secured: Secured) -> None:
    wrong = f"{SECRET}-no"
    for url, password in (
        (secured.url(), wrong),
        (secured.url().replace("pista@", f"pista:{wrong}@"), ""),
        (secured.url(password=wrong), ""),
    ):
        error = refusal(url, password)
        assert error.code == "database-refused"
        assert "PISTA_DATABASE_PASSWORD_FILE" in error.sentence


def test_a_user_without_a_password_is_told_the_ways_to_give_one(secured: Secured) -> None:
    error = refusal(secured.url())
    assert error.code == "database-refused"
    assert "~/.pgpass" in error.sentence


def test_the_right_password_over_a_verified_connection_opens(secured: Secured) -> None:
    url = secured.url(options="-csearch_path=pista")
    recorder = open_recorder(parse_address(url, SECRET), ORIGIN, create=True)
    assert isinstance(recorder, PostgresRecorder)
    with recorder._reading() as store:
        assert store._connection.pgconn.ssl_in_use  # type: ignore[attr-defined]  # of this store
    recorder.close()


def test_a_certificate_of_another_name_is_not_trusted(secured: Secured) -> None:
    error = refusal(secured.url("db.comune.bari.it"), SECRET)
    assert error.code == "database-not-trusted"
    assert NAME in error.sentence
    assert "db.comune.bari.it" in error.sentence
    assert "non togliere sslmode=verify-full" in error.sentence


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    secured: Secured, tmp_path: Path
) -> None:
    other = tmp_path / "other.crt"
    other.write_bytes(certificate_for(NAME)[0])
    assert refusal(secured.url(sslrootcert=str(other)), SECRET).code == "database-not-trusted"


def test_a_server_without_tls_is_not_trusted_when_it_is_asked_for(secured: Secured) -> None:
    with CuttingProxy(secured.server.socket) as plain:
        error = refusal(f"{plain.url(secured.server.url)}sslmode=require")
    assert error.code == "database-not-trusted"


def test_an_address_does_not_show_its_password() -> None:
    address = parse_address(f"postgresql://pista:{SECRET}@db/registro", SECRET)
    assert SECRET not in f"{address} {address!r}"
    assert str(address) == "postgresql://pista:***@db/registro"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://pista@db/registro",
        "",
        "sqlite://relativo/ledger.sqlite",
        "sqlite:///a/b?mode=rw",
        f"postgresql://pista:{SECRET}@db/registro?colore=rosso",
        f"postgresql://pista:{SECRET}@db:porta/registro?sslmode=%zz",
        "postgresql:registro",
        "https://pista@db/registro",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert refusal(url).code == "database-url-malformed"
