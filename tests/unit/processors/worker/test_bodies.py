"""Bodies that are posted to the worker's port: in time, of bounded size, and whole or not at all."""

import asyncio

import pytest

from bridge.http import server
from processors.worker.openapi import DOCUMENT
from processors.worker.queries.peers import QUESTIONS
from tests.unit.bridge.http.site import PATIENCE, head
from tests.unit.processors.worker.test_web import serving

pytestmark = pytest.mark.thorough

ACKNOWLEDGE = "/orders/a/gaps/order.created/ack"
OF_THE_API = (ACKNOWLEDGE, QUESTIONS)
LOGIN = "/console/login"
PATHS = (*OF_THE_API, LOGIN)


async def begin(port: int, path: str, size: int = 10) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A post with one byte of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        *(f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"),
        *("Authorization: Bearer right", f"Content-Length: {size}"),
    )
    writer.write("".join(f"{line}\r\n" for line in lines).encode() + b"\r\n{")
    return reader, writer


@pytest.mark.parametrize("path", PATHS)
async def test_one_that_does_not_come_in_time_is_not_waited_for(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It held its handler, and with it a connection, for as long as its sender liked."""
    monkeypatch.setattr(server, "BODY_S", 0.05)
    async with serving() as port:
        reader, writer = await begin(port, path)
        status, headers, _ = await head(reader)
        writer.close()
    assert (status, headers["connection"]) == (408, "close")  # what comes late would be taken for the next request
    assert headers["content-type"].startswith("text/html" if path == LOGIN else "application/problem+json")


@pytest.mark.parametrize("path", PATHS)
async def test_who_hangs_up_in_the_middle_is_a_line_and_no_stack(
    path: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody could fill the log with errors, by a form even without a key."""
    said = ""  # on stdout where the bridge's logging is not configured
    async with serving() as port:
        _, writer = await begin(port, path)
        writer.close()
        async with asyncio.timeout(PATIENCE):
            while "a caller hung up" not in said + caplog.text:
                await asyncio.sleep(0.01)
                said += "".join(capsys.readouterr())
    assert "Traceback" not in said + caplog.text
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("path", OF_THE_API)
async def test_one_that_is_too_large_is_refused(path: str) -> None:
    async with serving() as port:
        reader, writer = await begin(port, path, 2**20 + 1)
        writer.write(b" " * 2**20)
        status, headers, _ = await head(reader)
        writer.close()
    assert (status, headers["content-type"]) == (413, "application/problem+json")


def test_wherever_one_is_taken_the_openapi_document_says_so() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    taking = [operation["responses"].keys() for operation in operations if "requestBody" in operation]
    assert taking
    assert all({"408", "413"} <= answers for answers in taking)
