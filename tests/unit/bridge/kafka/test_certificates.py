"""Each connection uses the certificates that the files hold when it is made. `openssl` makes them; without it, tests
are reported as skipped."""

import asyncio
import shutil
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bridge.kafka.certificates import PemFiles, RenewedContext
from bridge.refusals import SettingsError
from tests.integration.secured.certificates import Authority, Pair

pytestmark = [
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
    pytest.mark.thorough,  # they start openssl
]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def mine(authority: Authority, tmp_path: Path) -> Pair:
    """Files that the test replaces."""
    pair = Pair(tmp_path / "tls.crt", tmp_path / "tls.key")
    pair.replace(authority.issue("first"))
    return pair


@contextmanager
def accepted(authority: Authority, server: Pair, names: list[str]) -> Iterator[int]:
    """The port of a server that takes the authority's clients and notes their names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*server)
    context.load_verify_locations(authority.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                    names.append(_name(connection))
                    connection.sendall(b"!")

        thread = Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _name(connection: ssl.SSLSocket) -> str:
    """The client's common name; the subject has nothing else."""
    subject: Any = (connection.getpeercert() or {})["subject"]
    [[(_, name)]] = subject
    return str(name)


async def connect(context: ssl.SSLContext, port: int) -> None:
    """Connect as aiokafka does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    assert await reader.read(1) == b"!"
    writer.close()
    await writer.wait_closed()


async def test_what_is_renewed_counts_for_the_next_connection_and_what_is_half_written_never(
    authority: Authority, mine: Pair
) -> None:
    names: list[str] = []
    context = RenewedContext.of(PemFiles(authority.ca, *mine))
    with accepted(authority, authority.issue("127.0.0.1", "server"), names) as port:
        await connect(context, port)
        second = authority.issue("second")
        mine.certfile.write_bytes(second.certfile.read_bytes())  # the key is still that of the first
        await connect(context, port)
        mine.keyfile.write_bytes(second.keyfile.read_bytes())
        await connect(context, port)
        mine.keyfile.unlink()
        await connect(context, port)
    assert names == ["first", "first", "second", "second"]


async def test_a_ca_that_was_removed_is_trusted_no_more(authority: Authority, mine: Pair, tmp_path: Path) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(authority.ca.read_bytes())
    context = RenewedContext.of(PemFiles(trusted, *mine))
    names: list[str] = []
    with accepted(authority, authority.issue("127.0.0.1", "server"), names) as port:
        await connect(context, port)
        trusted.write_bytes(Authority(tmp_path / "other").ca.read_bytes())
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(context, port)


def test_a_key_of_another_certificate_is_a_wrong_setting(authority: Authority, mine: Pair) -> None:
    mine.keyfile.write_bytes(authority.issue("another").keyfile.read_bytes())
    with pytest.raises(SettingsError, match="BRIDGE_KAFKA_SSL_KEYFILE"):
        RenewedContext.of(PemFiles(authority.ca, *mine))


def test_the_brokers_name_is_checked(authority: Authority) -> None:
    context = RenewedContext.of(PemFiles(authority.ca, None, None))
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
