"""Bodies in chunks: how many small ones are taken, and what is kept of them for their reader."""

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from bridge.http.bounds import BLANK_LINES, CHUNK_BYTES, FEW_CHUNKS, HEAD_BYTES
from bridge.http.errors import BodyBroken, BodyCrumbled
from tests.unit.bridge.http.parsing import CHUNKED, GET, Connection, pieces

pytestmark = pytest.mark.thorough


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
    """For each piece that a reader takes, aiohttp resumes connection and parser, at ten times the cost of reading
    it."""
    connection, numbers = Connection(), [b"%d" % number for number in range(2000)]
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    for piece in pieces(b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in numbers) + b"0\r\n\r\n", 3000):
        connection.send(piece)
        assert len(body._buffer) <= 2 * len(piece) // 3000 + 20
    assert body.is_eof()
    assert body.read_nowait() == b"".join(numbers)


@pytest.mark.parametrize("size", [1000, 20_000])
def test_extensions_of_chunks_have_the_bound_of_a_head(size: int) -> None:
    """Nobody reads extensions, so no slow reader limits them: libuv would read 8 MB at a time from each connection."""
    connection, sent = Connection(), 0
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    while not connection.broken:
        connection.send(b"1;" + b"a" * size + b"\r\nx\r\n")
        sent += size
    assert HEAD_BYTES <= sent + 1000 < HEAD_BYTES + size + 2000
    assert isinstance(body.exception(), BodyBroken)


def test_what_its_reader_is_taking_stays_as_it_is() -> None:
    """The reader takes piece after piece, and each time more is read behind them."""
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
    """The body's reader would wait for the rest in vain."""
    connection = Connection()
    ((_, body),) = connection.parser.feed_data(CHUNKED)[0]
    assert connection.send(b"no chunk\r\n") == 0
    assert connection.broken == [BadHttpMessage]
    assert isinstance(body.exception(), BodyBroken)
