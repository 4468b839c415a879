"""Tokens: fetched, and refused in words. The endpoint is a server on loopback."""

import asyncio
import json
import shutil
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from bridge.kafka import shared_tokens, tokens
from bridge.kafka.shared_tokens import NoTokenError, RefusedTokenError
from bridge.kafka.tokens import token_provider
from bridge.refusals import SettingsError
from bridge.settings import Settings
from tests.integration.secured.certificates import Authority, Pair

pytestmark = pytest.mark.thorough  # its servers have sockets

Answer = tuple[int, bytes, dict[str, str]]


class Server:
    """Answers every POST with `answer`; `got` are the Authorization headers and forms."""

    def __init__(self) -> None:
        self.answer: Answer = (200, b'{"access_token": "t-1", "expires_in": 300}', {})
        self.got: list[tuple[str, str]] = []
        self.url = ""


@contextmanager
def serving(pair: Pair | None = None) -> Iterator[Server]:
    """A running endpoint; with a certificate it takes TLS only."""
    found = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.got.append((self.headers["Authorization"], form))
            status, body, headers = found.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        if pair is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*pair)
            http.socket = context.wrap_socket(http.socket, server_side=True)
        found.url = f"{'https' if pair else 'http'}://127.0.0.1:{http.server_port}/token"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def oauth(url: str, **changed: Any) -> Settings:
    given = {"kafka_oauth_client_id": "me@here", "kafka_oauth_client_secret": "p:w d", **changed}
    return Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="OAUTHBEARER",
        kafka_oauth_token_url=url,
        **given,
    )


async def test_the_client_authenticates_by_http_basic_and_asks_for_its_scope(server: Server) -> None:
    provider = token_provider(oauth(server.url, kafka_oauth_scope="kafka"))
    assert await provider.token() == "t-1"
    assert server.got == [("Basic bWUlNDBoZXJlOnAlM0F3K2Q=", "grant_type=client_credentials&scope=kafka")]


async def test_extensions_go_beside_the_token(server: Server) -> None:
    pairs = (("logicalCluster", "lkc-1"), ("identityPoolId", "pool-1"))
    assert token_provider(oauth(server.url, kafka_oauth_extensions=pairs)).extensions() == dict(pairs)


async def test_the_secret_is_read_from_its_file_each_time(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer = (200, b'{"access_token": "t-1"}', {})
    file = tmp_path / "secret"
    file.write_text("first\n")
    monkeypatch.setenv("BRIDGE_KAFKA_OAUTH_CLIENT_SECRET_FILE", str(file))
    provider = token_provider(oauth(server.url, kafka_oauth_client_secret="first"))
    await provider.token()
    file.write_text("second\n")
    await provider.token()
    assert len({authorization for authorization, _ in server.got}) == 2
    file.unlink()
    with pytest.raises(NoTokenError, match="BRIDGE_KAFKA_OAUTH_CLIENT_SECRET_FILE"):
        await provider.token()


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_refusal_is_told_by_its_code_and_nothing_else_of_the_page(server: Server, status: int) -> None:
    server.answer = (status, json.dumps({"error": "invalid_client", "error_description": "x" * 99}).encode(), {})
    with pytest.raises(RefusedTokenError, match=rf"answers {status} invalid_client$"):
        await token_provider(oauth(server.url)).token()
    server.answer = (status, b"<html>\x1b[31m", {})
    with pytest.raises(RefusedTokenError, match=rf"answers {status}$"):
        await token_provider(oauth(server.url)).token()


@pytest.mark.parametrize(
    "answer",
    [
        (500, b"", {}),
        (200, b"no JSON", {}),
        (200, b"[]", {}),
        (200, b'{"access_token": ""}', {}),
        (200, b'{"access_token": "a\\u0001b"}', {}),
        (200, b"[" * 60_000, {}),
        (200, b"5\r\n{", {"Transfer-Encoding": "chunked"}),
        (500, b"5\r\n{", {"Transfer-Encoding": "chunked"}),
    ],
)
async def test_what_is_no_token_is_none(server: Server, answer: Answer) -> None:
    server.answer = answer
    with pytest.raises(NoTokenError, match="the token endpoint"):
        await token_provider(oauth(server.url)).token()
    assert len(server.got) == 1


async def test_a_redirect_is_not_followed(server: Server) -> None:
    """The secret would go there, too."""
    with serving() as other:
        server.answer = (302, b"", {"Location": other.url})
        with pytest.raises(NoTokenError, match=r"the token endpoint answers 302$"):
            await token_provider(oauth(server.url)).token()
    assert other.got == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_no_endpoint_gets_the_secret_whose_certificate_is_of_an_unknown_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serving(authority.issue("endpoint")) as server:
        with pytest.raises(NoTokenError, match="certificate verify failed") as refused:
            await token_provider(oauth(server.url)).token()
        assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)
        assert server.got == []
        assert await token_provider(oauth(server.url, kafka_oauth_cafile=authority.ca)).token() == "t-1"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_an_authority_that_is_renewed_counts_for_the_next_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the brokers' authority: the new one is trusted beside the former, then alone. A half-written file changes
    nothing."""
    monkeypatch.setattr(shared_tokens, "AGAIN_S", 0.0)
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(old.ca.read_bytes())
    with serving(old.issue("127.0.0.1", "old")) as before, serving(new.issue("127.0.0.1", "new")) as after:
        former, renewed = (token_provider(oauth(each.url, kafka_oauth_cafile=trusted)) for each in (before, after))
        before.answer = after.answer = (200, b'{"access_token": "t-1"}', {})
        assert await former.token() == "t-1"
        with pytest.raises(NoTokenError, match="certificate verify failed"):
            await renewed.token()
        trusted.write_bytes(old.ca.read_bytes() + new.ca.read_bytes())
        assert [await former.token(), await renewed.token()] == ["t-1", "t-1"]
        trusted.write_bytes(b"half of it")
        assert await renewed.token() == "t-1"
        trusted.write_bytes(new.ca.read_bytes())
        with pytest.raises(NoTokenError, match="certificate verify failed"):
            await former.token()


def test_a_file_of_no_authority_is_a_wrong_setting_and_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    with pytest.raises(SettingsError, match=r"^BRIDGE_KAFKA_OAUTH_CAFILE cannot be used .*: it names a PEM file"):
        token_provider(oauth("https://issuer/token", kafka_oauth_cafile=empty))


async def test_an_endpoint_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_PATIENCE_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts no connection
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(NoTokenError, match="timed out"):
            async with asyncio.timeout(5):
                await token_provider(oauth(url)).token()


async def test_a_refusal_that_breaks_off_is_one(server: Server) -> None:
    server.answer = (401, b"5\r\n{", {"Transfer-Encoding": "chunked"})
    with pytest.raises(RefusedTokenError, match=r"answers 401$"):
        await token_provider(oauth(server.url)).token()


async def test_what_is_no_http_is_no_token() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"SSH-2.0\r\n")

        thread = Thread(target=answer, daemon=True)
        thread.start()
        with pytest.raises(NoTokenError, match=r"gives no token .*SSH"):
            await token_provider(oauth(f"http://127.0.0.1:{listener.getsockname()[1]}/")).token()
        thread.join()


async def test_an_endpoint_that_is_not_there_is_not_kafka() -> None:
    with pytest.raises(NoTokenError, match="refused"):
        await token_provider(oauth("http://127.0.0.1:1/")).token()


def aws(**changed: Any) -> Settings:
    return Settings(
        tenant="acme",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="AWS_MSK_IAM",
        kafka_aws_region="eu-central-1",
        **changed,
    )


async def test_awss_own_library_makes_the_tokens_of_msk(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def generate(region: str) -> tuple[str, int]:
        asked.append(region)
        return "signed", int((time.time() + 900) * 1000)

    _install_signer(monkeypatch, generate)
    provider = token_provider(aws())
    assert [await provider.token(), await provider.token()] == ["signed", "signed"]
    assert asked == ["eu-central-1"]


async def test_a_token_of_msk_that_has_ended_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter(["first", "second"])
    _install_signer(monkeypatch, lambda _: (next(made), int((time.time() - 1) * 1000)))
    provider = token_provider(aws())
    assert [await provider.token(), await provider.token()] == ["first", "second"]


async def test_without_credentials_of_aws_there_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(_: str) -> tuple[str, int]:
        raise RuntimeError("no credentials found")

    _install_signer(monkeypatch, generate)
    with pytest.raises(NoTokenError, match="no credentials found"):
        await token_provider(aws()).token()


def test_without_awss_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", None)
    with pytest.raises(SettingsError, match="msk-iam"):
        token_provider(aws())


def _install_signer(monkeypatch: pytest.MonkeyPatch, generate: Callable[[str], tuple[str, int]]) -> None:
    signer = SimpleNamespace(MSKAuthTokenProvider=SimpleNamespace(generate_auth_token=generate))
    monkeypatch.setitem(sys.modules, "aws_msk_iam_sasl_signer", signer)
