"""Bodies posted to the worker's port come in time, whole or not at all, and are bounded each and together."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from processors.worker import bodies
from processors.worker.bodies import Bodies
from processors.worker.changing.acknowledgements import MOST_BODY_BYTES
from processors.worker.openapi import DOCUMENT
from processors.worker.queries.owners import AwayError
from processors.worker.queries.peers import QUESTIONS
from processors.worker.queries.questions import MOST_QUESTION_BYTES, MOST_VALUES, Asked, Question, packed
from tests.unit.bridge.http.site import PATIENCE, head
from tests.unit.processors.worker.test_web import serving

pytestmark = pytest.mark.thorough

ACKNOWLEDGE = "/orders/a/gaps/order.created/ack"
OF_THE_API = (ACKNOWLEDGE, QUESTIONS)
LOGIN = "/console/login"
PATHS = (*OF_THE_API, LOGIN)


async def begin(port: int, path: str, size: int | None = 10) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A post with one byte of its body. `size` None: in chunks, of which none has come yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        *(f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}"),
        *("Authorization: Bearer right", "Transfer-Encoding: chunked" if size is None else f"Content-Length: {size}"),
    )
    writer.write("".join(f"{line}\r\n" for line in lines).encode() + (b"\r\n" if size is None else b"\r\n{"))
    return reader, writer


def posting(body: bytes) -> Any:
    """A request with this body."""
    content = asyncio.StreamReader()
    content.feed_data(body)
    content.feed_eof()
    return SimpleNamespace(content=SimpleNamespace(readany=lambda: content.read(2**16)), content_length=len(body))


@pytest.mark.parametrize("path", PATHS)
async def test_one_that_does_not_come_in_time_is_not_waited_for(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A late body held its handler and connection for as long as its sender liked."""
    monkeypatch.setattr(bodies, "BODY_S", 0.05)
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


@pytest.mark.parametrize(
    ("path", "most"), [(ACKNOWLEDGE, MOST_BODY_BYTES), (QUESTIONS, MOST_QUESTION_BYTES), (LOGIN, 16 * 1024)]
)
async def test_one_that_is_too_large_is_refused_before_it_has_come(path: str, most: int) -> None:
    async with serving() as port:
        reader, writer = await begin(port, path, most + 1)
        status, headers, _ = await head(reader)
        writer.close()
    assert status == 413
    assert headers["content-type"].startswith("text/html" if path == LOGIN else "application/problem+json")


@pytest.mark.parametrize("path", PATHS)
async def test_one_that_does_not_say_its_size_is_read_no_further_than_that(path: str) -> None:
    async with serving() as port:
        reader, writer = await begin(port, path, None)
        writer.write(b"%X\r\n" % 2**20 + b" " * 2**20)
        status, _, _ = await head(reader)
        writer.close()
    assert status == 413


async def test_half_of_many_takes_no_more_memory_than_there_is_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte of each connection did. Anybody may send some of a form, so forms take no room from callers with a
    key."""
    monkeypatch.setattr(bodies, "TOGETHER_BYTES", 60)
    async with serving() as port:
        for paths in (OF_THE_API, (LOGIN, LOGIN)):
            first, held = await begin(port, paths[0], 41)
            held.write(b" " * 39)
            await asyncio.sleep(0.1)  # until it is read
            second, refused = await begin(port, paths[1], 41)
            refused.write(b" " * 39)
            status, headers, _ = await head(second)
            assert status == 503
            assert "retry-after" in headers
            held.write(b"}")
            assert (await head(first))[0] in {400, 401}
            held.close()
            refused.close()


async def test_who_has_no_key_keeps_nobody_who_is_in_from_setting_a_gap_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The login's form, of which anybody may post half, shared a budget with forms behind it."""
    monkeypatch.setattr(bodies, "TOGETHER_BYTES", 60)
    async with serving() as port, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        own, told = f"http://127.0.0.1:{port}", {"Origin": f"http://127.0.0.1:{port}"}
        async with browser.post(f"{own}{LOGIN}", data={"key": "right"}, headers=told, allow_redirects=False) as answer:
            assert answer.status == 303
        _, held = await begin(port, LOGIN, 61)
        held.write(b" " * 58)
        await asyncio.sleep(0.1)  # until it is read
        reason = {"reason": "lost"}
        async with browser.post(f"{own}/console{ACKNOWLEDGE}", data=reason, headers=told) as answer:
            said = await answer.text()
        held.close()
    assert "Not set aside" in said  # the form was read; this worker has no lane
    assert "Too many forms" not in said


async def test_one_counts_until_it_is_answered() -> None:
    """What the body asks for may have to wait for its turn."""
    most = bodies.TOGETHER_BYTES
    together = Bodies()
    async with together.read(posting(b" " * most), most) as body:
        assert len(body) == most
        with pytest.raises(AwayError, match="room"):
            async with together.read(posting(b"x"), most):
                pass
    async with together.read(posting(b"x"), most) as body:
        assert body == b"x"


def test_the_largest_question_of_a_worker_has_room() -> None:
    question = Question("exchanges", 500, values=["\x01" * 200] * MOST_VALUES)
    assert len(packed(Asked(question, list(range(10_000))))) < MOST_QUESTION_BYTES


def test_wherever_one_is_taken_the_openapi_document_says_so() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]
    taking = [operation["responses"].keys() for operation in operations if "requestBody" in operation]
    assert taking
    assert all({"408", "413"} <= answers for answers in taking)
