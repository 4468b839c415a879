"""What a request may ask for, so that router and query parser have no more to do than with any other."""

import pytest
from aiohttp.http_exceptions import InvalidURLError
from yarl import _url

from bridge.http.bounds import PATH_BYTES, PATH_PARTS, QUERY_PARTS, TARGET_BYTES
from bridge.http.causes import HttpCause
from bridge.http.errors import TargetTooLarge
from tests.unit.bridge.http.parsing import GET, Connection, pieces
from tests.unit.bridge.http.site import counted, head, is_closed, serving

pytestmark = pytest.mark.thorough  # it has sockets

ONE_IN = ("", "http://bridge")
"""What may stand before a target's path."""

LARGE = {
    "parts": "/" * (PATH_PARTS + 1),
    "path": f"/{'x' * PATH_BYTES}",
    "query": f"/?{'x' * TARGET_BYTES}",
    "parameters": f"/?{'&' * (QUERY_PARTS + 1)}",
    "line": f"/?{'x' * 60_000}",
}
ALLOWED = {
    "parts": f"/{'x/' * (PATH_PARTS - 3)}",
    "path": f"/{'x' * (PATH_BYTES - 20)}",
    "query": f"/?{'x' * (TARGET_BYTES - 20)}",
    "parameters": f"/?{'a&' * QUERY_PARTS}",
    "slashes in a query": f"/seen?{'&'.join(['id=acme/order.opened/o-1'] * 100)}",
}


def asking_for(target: str) -> bytes:
    return GET.replace(b"/livez", target.encode())


@pytest.mark.parametrize("form", ONE_IN)
@pytest.mark.parametrize("target", LARGE.values(), ids=LARGE)
def test_a_target_that_is_too_large_is_refused(target: str, form: str) -> None:
    """In one piece or many, and behind another request."""
    sent = asking_for(form + target)
    for each in ([sent], [GET + sent], pieces(sent, 1000)):
        with pytest.raises(TargetTooLarge):
            sum(map(Connection().send, each))


@pytest.mark.parametrize("form", ONE_IN)
@pytest.mark.parametrize("target", ALLOWED.values(), ids=ALLOWED)
def test_others_are_taken(target: str, form: str) -> None:
    assert Connection().send(asking_for(form + target)) == 1


@pytest.mark.parametrize("host", ["xn--" + "m" * 251, "a" * 255])
@pytest.mark.parametrize("start", ["GET http://{}/x", "CONNECT {}:443"])
def test_a_host_that_is_longer_than_names_are_is_none(start: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding takes a time that grows with the square of the length: 27 ms for 8 kB."""
    decoded = list[str]()

    def noting(name: str) -> str:
        decoded.append(name)
        return name

    monkeypatch.setattr(_url, "_idna_decode", noting)
    sent = (start + " HTTP/1.1\r\nHost: bridge\r\n\r\n").format
    assert Connection().send(sent(host).encode()) == 1
    before = len(decoded)
    with pytest.raises(InvalidURLError):
        Connection().send(sent(host + "b").encode())
    assert len(decoded) == before


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("target", LARGE.values(), ids=LARGE)
async def test_it_has_an_answer_is_counted_and_handled_by_nobody(target: str) -> None:
    async with serving() as site:
        before = counted(HttpCause.HEADER_BYTES)
        reader, writer = await site.connect()
        writer.write(asking_for(target))
        status, headers, _ = await head(reader)
        assert (status, headers["connection"]) == (414, "close")
        assert await is_closed(reader)
        assert (counted(HttpCause.HEADER_BYTES), site.handled) == (before + 1, 0)
