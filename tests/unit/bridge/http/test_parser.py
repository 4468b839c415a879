"""What the bounded parser counts, against aiohttp's own parser and what was really sent."""

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import BadHttpMessage, HttpProcessingError
from aiohttp.web_protocol import _ErrInfo
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.http.bounds import (
    BLANK_LINES,
    CHUNK_BYTES,
    FEW_CHUNKS,
    HEAD_BYTES,
    LINE_BYTES,
    QUEUED_REQUESTS,
    SMALL_BYTES,
    Budget,
)
from bridge.http.errors import BehindChunks, BodyBroken, BodyCrumbled, HeadTooLarge
from bridge.http.parser import BoundedParser

GET = b"GET /livez HTTP/1.1\r\nHost: bridge\r\n\r\n"
CHUNKED = GET.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")


class Connection:
    """A parser, its clock, and whether it had to end."""

    def __init__(self, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self.now, self.overflown = 0.0, False
        self.broken: list[type[HttpProcessingError]] = []
        self.flow = SimpleNamespace(pause_reading=lambda: None, resume_reading=lambda **_: None)
        parser = HttpRequestParser(
            cast("Any", self.flow),
            cast("Any", SimpleNamespace()),
            2**16,
            max_line_size=LINE_BYTES,
            max_field_size=LINE_BYTES,
            auto_decompress=False,
            max_msg_queue_size=QUEUED_REQUESTS,
        )
        self.parser = BoundedParser(parser, self.budget, lambda: self.now, self._overflow, self._break)

    def _overflow(self) -> None:
        self.overflown = True

    def _break(self, error: HttpProcessingError) -> None:
        self.broken.append(type(error))

    def send(self, data: bytes) -> int:
        """How many requests became complete but for their bodies; HeadTooLarge as it is told."""
        requests = self.parser.feed_data(data)[0]
        for message, _ in requests:
            if isinstance(message, _ErrInfo):
                raise message.exc
        return len(requests)


def head(size: int, end: bytes = b"\r\n") -> bytes:
    """A request's head of this size."""
    start = b"POST /webhooks/newstore HTTP/1.1\r\nHost: bridge\r\n"
    lines = b""
    while len(start) + len(lines) + len(end) < size:
        rest = size - len(start) - len(lines) - len(end)
        length = min(rest - len(b"X: \r\n"), LINE_BYTES - 10)
        lines += b"X: " + b"x" * length + b"\r\n"
    return start + lines + end


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
    """In one read, so nothing tells where the first ends but what is known of it."""
    connection = Connection()
    connection.now = 7
    assert connection.send(GET + head(100_000, end=b"")) == 1
    assert connection.parser.begun_at == 7
    connection.parser.answered()
    assert 90_000 < connection.budget.used < 101_000
    with pytest.raises(HeadTooLarge):
        connection.send(b"X-More: " + b"x" * 40_000)


def test_small_chunks_of_a_body_are_not_taken_for_a_head() -> None:
    connection = Connection()
    assert connection.send(CHUNKED + b"1\r\nx\r\n" * FEW_CHUNKS + b"0\r\n\r\n") == 1
    assert connection.parser.begun_at is None


@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_more_small_chunks_than_a_body_may_have_break_it_off(size: int) -> None:
    """Eight callers with 200,000 chunks each made all others wait for 1.8 s."""
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    sent = 0
    for piece in pieces(b"1\r\nx\r\n" * 40_000, size):
        connection.send(piece)
        if connection.parser.given_up:
            break
        sent += len(piece) // 6
        body.read_nowait()
    assert sent <= FEW_CHUNKS + FEW_CHUNKS // CHUNK_BYTES + 2
    assert connection.broken == [BodyCrumbled]
    assert isinstance(body.exception(), BodyBroken)


def test_also_if_all_of_them_come_at_once() -> None:
    with pytest.raises(BodyCrumbled):
        Connection().send(CHUNKED + b"1\r\nx\r\n" * 40_000)


def test_a_whole_request_is_not_refused_with_what_is_broken_behind_it() -> None:
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n12"))[0]
    ((behind, _),) = connection.parser.feed_data(b"345no http\r\n\r\n")[0]
    assert isinstance(behind, _ErrInfo)
    assert body.read_nowait() == b"12345"
    assert not connection.broken


@pytest.mark.parametrize("size", [CHUNK_BYTES, 1024, 0x10000])
def test_a_large_body_may_have_many_chunks(size: int) -> None:
    connection = Connection()
    connection.flow.pause_reading = connection.parser.pause_reading
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    chunk = b"%x\r\n%s\r\n" % (size, b"y" * size)
    for piece in pieces(chunk * (2_000_000 // size), 200_000):
        connection.send(piece)
        while body._buffer:
            body.read_nowait()
            connection.send(b"")
    assert body.total_bytes == 2_000_000 // size * size
    assert not connection.parser.given_up


def test_small_chunks_are_one_piece_for_who_reads_them() -> None:
    """aiohttp resumes its connection and its parser for each that is taken: ten times what it costs to read it."""
    connection, numbers = Connection(), [b"%d" % number for number in range(2000)]
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    for piece in pieces(b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in numbers) + b"0\r\n\r\n", 3000):
        connection.send(piece)
        assert len(body._buffer) <= 2 * len(piece) // 3000 + 20
    assert body.is_eof()
    assert body.read_nowait() == b"".join(numbers)


@pytest.mark.parametrize("size", [1000, 20_000])
def test_extensions_of_chunks_have_the_bound_of_a_head(size: int) -> None:
    """Nobody reads them, so nobody is too slow for them: libuv would read 8 MB at a time from each connection."""
    connection, sent = Connection(), 0
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    while not connection.broken:
        connection.send(b"1;" + b"a" * size + b"\r\nx\r\n")
        sent += size
    assert HEAD_BYTES <= sent + 1000 < HEAD_BYTES + size + 2000
    assert isinstance(body.exception(), BodyBroken)


def test_what_its_reader_is_taking_stays_as_it_is() -> None:
    """It takes piece after piece, and each time more is read behind them."""
    connection = Connection()
    connection.flow.pause_reading = connection.parser.pause_reading
    connection.flow.resume_reading = lambda resume_parser=True: resume_parser and connection.send(b"")
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    sizes = [0x10000, 0xF000, *[1] * 10, 0x2000, *[1] * 100]
    connection.send(b"".join(b"%x\r\n%s\r\n" % (size, b"x" * size) for size in sizes) + b"0\r\n\r\n")
    assert len(body._buffer) == 13
    assert sum(map(len, iter(body.read_nowait, b""))) == sum(sizes)


def test_blank_lines_in_a_chunk_are_not_all_looked_at_as_its_end() -> None:
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(CHUNKED + b"18000\r\n")[0]
    for piece in pieces(b"\r\n" * 0xC000 + b"\r\n0\r\n\r\n", 0x10000):
        connection.send(piece)
    assert len(body._buffer) <= 2 * (BLANK_LINES + 1)
    assert body.is_eof()
    assert connection.send(GET) == 1


def test_a_body_that_is_no_http_any_more_is_broken_off_at_once() -> None:
    """Who reads it would wait for the rest in vain."""
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    assert connection.send(b"no chunk\r\n") == 0
    assert connection.broken == [BadHttpMessage]
    assert isinstance(body.exception(), BodyBroken)


@pytest.mark.parametrize("first", [b"", b"0\r\nA: b\r\n"])
def test_a_trailer_has_the_bound_of_a_head(first: bytes) -> None:
    """aiohttp keeps it until the next request: 48 connections took 670 MB, before a key was looked at."""
    connection, sent = Connection(), 0
    connection.send(CHUNKED + b"1\r\nx\r\n" + first)
    connection.send(b"" if first else b"0\r\n")
    while not connection.overflown:
        connection.send(b"X: " + b"y" * 10_000 + b"\r\n")
        sent += 10_005
    assert HEAD_BYTES <= sent + 20 < HEAD_BYTES + 20_010


def test_a_trailer_counts_until_it_is_whole() -> None:
    connection = Connection()
    connection.send(CHUNKED + b"1\r\nx\r\n0\r\nX: " + b"y" * 30_000)
    connection.parser.answered()
    connection.send(b"y" * 30_000 + b"\r\n")
    assert 59_000 < connection.budget.used < 62_000
    connection.send(b"\r\n")
    assert connection.budget.used == 0


@pytest.mark.parametrize("size", [1, 3, 10**6])
def test_a_trailer_is_no_header_of_the_next_request(size: int) -> None:
    """aiohttp would hand on its last field, to somebody else's request where a proxy keeps connections."""
    connection = Connection()
    for _ in range(2):
        for piece in pieces(CHUNKED + b"1\r\nx\r\n0\r\nA: b\r\nContent-Encoding: gzip\r\n\r\n", size):
            connection.send(piece)
        connection.parser.message_consumed()
        connection.parser.answered()
        ((message, _),) = connection.parser.feed_data(GET)[0]
        assert message.raw_headers == ((b"Host", b"bridge"),)
        connection.parser.message_consumed()
        connection.parser.answered()


@pytest.mark.parametrize("body", [b"", b"5\r\n\r\n\r\n0\r\n", b"1\r\nx\r\n"])
@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5, 20])
def test_nor_if_that_comes_with_the_end_of_the_body(body: bytes, cut: int) -> None:
    """As it does if the body had its answer before it was read."""
    connection = Connection()
    sent = body + b"0\r\nA: b\r\n\r\n" + GET
    assert connection.send(CHUNKED) == 1
    assert connection.send(sent[:cut]) == 0
    ((message, _),) = connection.parser.feed_data(sent[cut:])[0]
    assert message.raw_headers == ((b"Host", b"bridge"),)


@pytest.mark.parametrize("trailer", [b"", b"A: b\r\n"])
@pytest.mark.parametrize("cut", [1, len(GET) - 1, len(GET)])
def test_what_begins_in_the_piece_that_has_all_of_a_chunked_one_is_refused(trailer: bytes, cut: int) -> None:
    connection = Connection()
    requests = [
        *connection.parser.feed_data(CHUNKED + b"0\r\n" + trailer + b"\r\n" + GET[:cut])[0],
        *connection.parser.feed_data(GET[cut:])[0],
    ]
    (chunked, _), (behind, _) = requests
    assert chunked.chunked
    assert isinstance(behind.exc, BehindChunks)
    assert connection.parser.given_up


@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_small_chunks_count_no_longer_than_they_could_be_a_trailer(size: int) -> None:
    connection = Connection()
    connection.send(CHUNKED)
    for piece in pieces(b"1\r\nx\r\n" * FEW_CHUNKS, size):
        connection.send(piece)
        assert connection.budget.used <= len(piece)
    assert not connection.overflown


def test_what_a_parser_keeps_for_later_is_no_trailer_unless_it_turns_out_to_be_one() -> None:
    """Its body is read as slowly as its receiver wants."""
    connection, paused = Connection(), 0

    def pause() -> None:
        nonlocal paused
        paused += 1
        connection.parser.pause_reading()

    connection.flow.pause_reading = pause
    connection.send(CHUNKED)
    chunk = b"10000\r\n%s\r\n" % (b"y" * 0x10000)
    connection.send(chunk * 5 + b"0\r\nX: " + b"y" * 60_000 + b"\r\n")
    while connection.budget.used > 0x10000:
        assert not connection.overflown
        connection.send(b"")
    assert paused == 3
    assert 59_000 < connection.budget.used < 61_000


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
    """Nobody has asked for them yet."""
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
    """Bytes, in pieces of this size."""
    connection, sent = Connection(), 0
    for piece in pieces(data, size):
        sent += len(piece)
        try:
            connection.send(piece)
        except HeadTooLarge:
            return sent
    raise AssertionError("it was taken")


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


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
    """However the bytes are cut: of an unfinished head all but three times `SMALL_BYTES` is known (what came with a
    small request, what came behind another one, and what does not count); requests that are answered leave nothing."""
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
