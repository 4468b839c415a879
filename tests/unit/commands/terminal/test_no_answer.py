"""A server whose TLS is not as it must be. Made by `openssl`; without it, tests are reported as skipped."""

import shutil
import socket
import ssl
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientConnectorDNSError, ClientError, ClientSession, web
from aiohttp.test_utils import TestServer

from bridge.refusals import NobodyAnswers
from commands.simulate.event import Delivery
from commands.simulate.run import SendingResult
from commands.simulate.sender import Sending, send
from commands.terminal.no_answer import no_answer_in_words
from commands.terminal.services import look_at, session
from schemas.outcome import Outcome
from tests.integration.secured.certificates import Authority

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@pytest.fixture
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A server's URL. Nobody trusts the authority of its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*Authority(tmp_path_factory.mktemp("pki")).issue("service"))
    server = TestServer(web.Application(), scheme="https")
    await server.start_server(ssl=context)
    yield str(server.make_url("")).rstrip("/")
    await server.close()


async def why_not(url: str) -> str:
    async with ClientSession() as asking:
        with pytest.raises(ClientError) as told:
            await asking.get(url)
    return no_answer_in_words(told.value)


async def test_a_certificate_that_is_not_trusted_is_told_as_such(url: str) -> None:
    """OpenSSL's error number was told as the system's: "Operation not permitted"."""
    assert await why_not(url) == "its certificate is not accepted, self-signed certificate in certificate chain"
    async with session() as asking:
        found = await look_at(asking, "worker", url)
    assert "certificate is not accepted" in (found.silence or "")


async def test_a_simulation_does_not_say_that_nothing_listens_there(url: str) -> None:
    with pytest.raises(NobodyAnswers, match="its certificate is not accepted"):
        await send([Delivery(Outcome.UNIQUE, b"x")], Sending(url), SendingResult(), lambda: None)


def test_a_host_that_is_not_known_is_told_as_such() -> None:
    key: Any = SimpleNamespace(host="nowhere", port=80, ssl=True)
    unknown = ClientConnectorDNSError(key, socket.gaierror(-2, "Name or service not known"))
    assert no_answer_in_words(unknown) == "Name or service not known"


async def test_a_server_without_tls_is_told_as_such() -> None:
    async with TestServer(web.Application()) as server:
        assert (await why_not(str(server.make_url("").with_scheme("https")))).startswith("no TLS is agreed on")
