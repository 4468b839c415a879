"""The queries over HTTP: who may ask, what is no question, and what is not sent twice."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from processors.worker.changing import acknowledgements, erasures
from processors.worker.queries.answer import Answer, Progress, found, problem
from processors.worker.queries.caller import Caller
from processors.worker.queries.handlers import asking, respond
from processors.worker.queries.peers import QUESTIONS
from processors.worker.queries.routes import Routes
from tests.unit.processors.worker.test_web import serving

pytestmark = pytest.mark.thorough

KEY = {"Authorization": "Bearer right"}
ANSWER = found({"order_id": "a"}, Progress({"0": 7}, {"3": 9}))
ETAG = ANSWER.etag or ""
BARE = ETAG[3:-1]
PATHS = ("/orders", "/orders/a", "/orders/a/timeline", "/orders/a/events/0:1", "/blind-returns", "/gaps")


async def asked(port: int, path: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, str]:
    """Status and content type of the answer."""
    method = "GET" if body is None else "POST"
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as client, client.request(method, url, headers=headers, data=body) as answer:
        return answer.status, answer.content_type


async def test_nobody_asks_without_a_key() -> None:
    async with serving() as port:
        for path in PATHS:
            assert (await asked(port, path, {}))[0] == 401
            assert (await asked(port, path, KEY))[0] == 503  # it has no partitions
        assert (await asked(port, QUESTIONS, {}, b"{}"))[0] == 401


@pytest.mark.parametrize("order_id", ["{9f1c}", "a{b", "a}b"])
async def test_an_id_may_have_braces(order_id: str) -> None:
    """GUIDs are written so. Another worker takes the router's 404 for a version without the path."""
    async with serving() as port:
        for path in ("/orders/{}", "/orders/{}/timeline", "/orders/{}/events/0:1"):
            assert (await asked(port, path.format(quote(order_id)), KEY))[0] == 503
        for path in (acknowledgements.PATH, erasures.PATH):
            of_order = path.format(order_id=quote(order_id), name=quote(f"return.processed:{order_id}"))
            assert (await asked(port, of_order, KEY, b'{"reason": "lost"}'))[0] == 503


async def test_a_session_of_the_console_may_look_and_change_nothing() -> None:
    async with serving() as port, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        origin = f"http://127.0.0.1:{port}"
        login = browser.post(f"{origin}/console/login", data={"key": "right"}, headers={"Origin": origin})
        async with login as answer:
            assert answer.ok
        for path in PATHS:
            async with browser.get(f"{origin}{path}") as answer:
                assert answer.status == 503
        for path in (acknowledgements.PATH, erasures.PATH):
            async with browser.post(f"{origin}{path.format(order_id='a', name='b')}", json={}) as answer:
                assert answer.status == 401
        async with browser.post(f"{origin}{QUESTIONS}", data=NO_PARTITIONS) as answer:
            assert answer.status == 401  # workers show a key


async def test_a_page_of_another_site_asks_for_no_partitions() -> None:
    """If no key is asked for, nothing else prevents that."""
    async with serving(worker_api_keys=(), worker_allow_anonymous=True) as port:
        for foreign in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert await asked(port, QUESTIONS, foreign, NO_PARTITIONS) == (403, "application/problem+json")
        assert (await asked(port, QUESTIONS, {}, NO_PARTITIONS))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/orders?limit=0",
        "/orders?limit=501",
        "/orders?limit=-1",
        "/orders?limit=",
        "/orders?limit=%D9%A3",
        "/orders?limit=99999999999999999999",
        "/orders?limit=000000500999",
        "/orders?limit=000000001" + "0" * 5000,
        "/orders?q=a&q=b",
        "/orders?q=a&status=open",
        "/orders?status=lost",
        "/orders?incomplete=false",
        "/orders?colour=red",
        "/orders?after=x",
        "/orders/a?order=arrived",
        "/orders/a/events/0:1?limit=1",
        "/seen?id=a&since=2h",
        "/orders/a/timeline?order=backwards",
        "/blind-returns?status=open",
        "/gaps?only=late",
        "/gaps?only=",
        "/gaps?status=open",
        "/gaps?after=id.YQ",
    ],
)
async def test_what_is_no_question_is_said_to_be_none(path: str) -> None:
    async with serving() as port:
        assert await asked(port, path, KEY) == (400, "application/problem+json")


ASKED = b'{"question": {"what": "orders", "limit": %d, "values": [%s]}, "partitions": [%s]}'
ASKED_BY = b'{"question": {"what": "%s", "limit": 1, "by": "%s", "values": [%s]}, "partitions": []}'
NO_PARTITIONS = ASKED % (1, b"", b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"question": {"what": "w", "limit": 1}, "partitions": []}',
        ASKED_BY % (b"orders", b"w", b'"x"'),
        ASKED_BY % (b"gaps", b"w", b'"true"'),
        ASKED_BY % (b"blind_returns", b"return_id", b'"x", "y"'),
        ASKED % (1, b'"x"', b""),
        ASKED % (10_001, b"", b""),
        ASKED % (1, b",".join([b'"x"'] * 101), b""),
        ASKED % (1, b"", b",".join(b"%d" % each for each in range(10_001))),
        ASKED % (1, b"", b"0, 1, 0"),
    ],
    ids=[
        "nothing",
        "without a question",
        "unknown",
        "by",
        "list",
        "two",
        "of what",
        "limit",
        "values",
        "partitions",
        "again",
    ],
)
async def test_what_no_worker_asks_is_refused(body: bytes) -> None:
    async with serving() as port:
        assert (await asked(port, QUESTIONS, KEY, body))[0] == 400


@pytest.mark.parametrize("known", [(), ('W/"x"',), ("",), (BARE,), (f'"x, {ETAG}, y"',), ("", "W/")])
def test_what_a_caller_does_not_know_is_sent(known: Sequence[str]) -> None:
    answer = respond(ANSWER, known)
    assert (answer.status, answer.headers["ETag"]) == (200, ANSWER.etag)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert (ANSWER.body["order_id"], ANSWER.applied, ANSWER.body["read_to"]) == ("a", {"0": 7}, {"3": 9})


@pytest.mark.parametrize(
    "known",
    [(ETAG,), (f'W/"x", {ETAG}',), (f'W/"x",{ETAG}',), (f'"{BARE}"',), ("*",), ('W/"x"', ETAG), (f'"a,b", {ETAG}',)],
)
def test_what_it_knows_is_not(known: Sequence[str]) -> None:
    """By RFC 9110's weak comparison, in any line: a cache may leave `W/` out, or add a line."""
    answer = respond(ANSWER, known)
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, None, ANSWER.etag)
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(("query", "limit"), [("", 500), ("?limit=50", 50)])
async def test_a_page_of_a_timeline_has_the_most_unless_less_is_asked_for(query: str, limit: int) -> None:
    class Orders:
        async def timeline(self, _order_id: str, _caller: Caller, **asked: Any) -> Answer:
            assert asked["limit"] == limit
            return ANSWER

    unused: Any = None
    queries: Any = Orders()
    request = make_mocked_request("GET", f"/orders/a/timeline{query}", match_info={"order_id": "a"})
    assert (await Routes(queries, unused, unused)._timeline(request, Caller("key 1"))).status == 200


async def test_every_line_of_what_it_knows_counts() -> None:
    class Orders:
        async def order(self, _order_id: str, _caller: Caller, *, forwarded: bool) -> Answer:
            assert not forwarded
            return ANSWER

    unused: Any = None
    queries: Any = Orders()
    lines = CIMultiDict([("If-None-Match", 'W/"x"'), ("If-None-Match", ETAG)])
    request = make_mocked_request("GET", "/orders/a", lines, match_info={"order_id": "a"})
    handle = asking(lambda _: Caller("key 1"), Routes(queries, unused, unused)._order)
    assert (await handle(request)).status == 304


def test_only_the_age_of_an_answer_does_not_make_it_another_one() -> None:
    assert found({"order_id": "a"}, Progress({"0": 8}, {"3": 10})).etag == ANSWER.etag
    assert found({"order_id": "b"}, Progress({"0": 7}, {"3": 9})).etag != ANSWER.etag
    assert found({}, Progress({}, {})).body.keys() == {"as_of", "applied", "read_to"}


def test_an_answer_that_comes_later_says_when() -> None:
    answer = respond(problem(503, "Away"))
    assert (answer.status, answer.headers["Retry-After"], answer.content_type) == (503, "1", "application/problem+json")
    assert "Retry-After" not in respond(problem(404, "Unknown")).headers
    assert respond(Answer(200, b"{}"), ["anything"]).status == 200
