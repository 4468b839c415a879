"""What the bounded parser counts of requests and heads, against aiohttp's count and what was really sent."""

import itertools

import pytest
from aiohttp.web_protocol import _ErrInfo
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.http.bounds import HEAD_BYTES, QUEUED_REQUESTS, SMALL_BYTES, Budget
from bridge.http.errors import HeadTooLarge
from tests.unit.bridge.http.parsing import CHUNKED, GET, Connection, head, pieces

pytestmark = pytest.mark.thorough


def test_a_head_of_the_allowed_size_is_taken_in_one_piece_or_many() -> None:
    assert Connection().send(head(HEAD_BYTES)) == 1
    connection = Connection()
    assert [connection.send(piece) for piece in pieces(head(HEAD_BYTES), 1000)][-1] == 1


@pytest.mark.parametrize("size", [1000, 64_000, 1_000_000])
def test_a_larger_one_is_refused_though_each_line_is_allowed(size: int) -> None:
    assert sent_until_refused(head(HEAD_BYTES + 2000), size) <= HEAD_BYTES + size


def test_an_unfinished_one_is_refused_as_soon_as_it_is_too_large() -> None:
    assert sent_until_refused(head(4 * HEAD_BYTES, end=b""), 1000) <= HEAD_BYTES + 1000


def test_a_body_is_no_head() -> None:
    connection = Connection()
    body = b"x" * (2 * HEAD_BYTES)
    assert connection.send(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(body)) + body) == 1
    assert connection.budget.used == 0
    assert connection.parser.begun_at is None


def test_a_head_has_begun_until_it_is_complete() -> None:
    connection = Connection()
    connection.now = 7
    connection.send(GET[:10])
    connection.now = 8
    connection.send(GET[10:20])
    assert connection.parser.begun_at == 7
    connection.send(GET[20:])
    assert connection.parser.begun_at is None


def test_what_comes_hidden_behind_a_whole_request_has_begun_too() -> None:
    """Both come in one read: only what is known of the first tells where it ends."""
    connection = Connection()
    connection.now = 7
    assert connection.send(GET + head(100_000, end=b"")) == 1
    assert connection.parser.begun_at == 7
    connection.parser.answered()
    assert 90_000 < connection.budget.used < 101_000
    with pytest.raises(HeadTooLarge):
        connection.send(b"X-More: " + b"x" * 40_000)


def test_a_whole_request_is_not_refused_with_what_is_broken_behind_it() -> None:
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n12"))[0]
    ((behind, _),) = connection.parser.feed_data(b"345no http\r\n\r\n")[0]
    assert isinstance(behind, _ErrInfo)
    assert body.read_nowait() == b"12345"
    assert not connection.broken


def test_what_one_connection_holds_beyond_the_small_counts_for_all_until_it_is_answered() -> None:
    budget = Budget(most=100_000)
    one, other, small = (Connection(budget) for _ in range(3))
    one.send(head(60_000))
    assert 59_000 < budget.used <= 60_000
    small.send(head(SMALL_BYTES, end=b""))
    assert not small.overflown
    other.send(head(60_000, end=b""))
    assert other.overflown
    other.parser.give_up()
    one.parser.answered()
    assert budget.used == 0


def test_what_is_piled_up_behind_a_request_counts_its_bodies_included() -> None:
    """Nobody has asked for the bodies yet."""
    connection = Connection()
    posted = GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 50000\r\n\r\n") + b"x" * 50_000
    connection.send(GET + posted)
    assert connection.budget.used > 50_000
    connection.parser.answered()
    connection.parser.answered()
    assert connection.budget.used == 0


def test_a_refused_offer_to_change_the_protocol_hides_nothing() -> None:
    """aiohttp would store what comes after it without looking."""
    connection = Connection()
    offer = GET.replace(b"\r\n\r\n", b"\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
    assert connection.send(offer + GET) == 2
    assert connection.send(GET) == 1


def sent_until_refused(data: bytes, size: int) -> int:
    """How many bytes are sent, in pieces of `size`, until the parser refuses them."""
    connection, sent = Connection(), 0
    for piece in pieces(data, size):
        sent += len(piece)
        try:
            connection.send(piece)
        except HeadTooLarge:
            return sent
    raise AssertionError("it was taken")


REQUESTS = st.one_of(
    st.integers(0, 20_000).map(lambda size: GET.replace(b"\r\n\r\n", b"\r\nX: " + b"y" * size + b"\r\n\r\n")),
    st.integers(0, 20_000).map(
        lambda size: (
            GET.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % size) + b"\r\n\r\nz"[:size].ljust(size)
        )
    ),
    st.lists(st.integers(1, 3000), max_size=5).map(
        lambda sizes: CHUNKED + b"".join(b"%x\r\n%s\r\n" % (size, b"c" * size) for size in sizes) + b"0\r\n\r\n"
    ),
)


@example(requests=[GET.replace(b"\r\n\r\n", b"\r\nX: \r\n\r\n")] * 2, left=8193, cuts=[57, 4181])
@given(
    requests=st.lists(REQUESTS, max_size=QUEUED_REQUESTS - 1),
    left=st.integers(0, 30_000),
    cuts=st.lists(st.integers(0, 100_000), max_size=6),
)
def test_no_more_of_a_head_hides_than_is_free(requests: list[bytes], left: int, cuts: list[int]) -> None:
    """However the bytes are cut, all but three times `SMALL_BYTES` of an unfinished head is known. The rest came with a
    small request, came behind another one, or does not count. Answered requests leave nothing."""
    unfinished = head(max(left, 60), end=b"")[:left]
    data = b"".join(requests) + unfinished
    ends = itertools.accumulate(map(len, requests))
    chunked = {end for end, request in zip(ends, requests, strict=True) if request.startswith(CHUNKED)}
    edges = sorted({0, len(data), *chunked, *(cut for cut in cuts if cut < len(data))})
    connection, parsed = Connection(), 0
    for start, end in itertools.pairwise(edges):
        for _ in range(connection.send(data[start:end])):
            parsed += 1
            connection.parser.message_consumed()
            if parsed > 1:
                connection.parser.answered()
    if parsed:
        connection.parser.answered()
    assert parsed == len(requests)
    assert connection.budget.used >= left - 3 * SMALL_BYTES
    connection.parser.give_up()
    assert connection.budget.used == 0
