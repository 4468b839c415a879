"""What comes behind the last chunk of a body: a trailer, which is bounded and goes nowhere, or the next request."""

import pytest

from bridge.http.bounds import FEW_CHUNKS, HEAD_BYTES
from bridge.http.errors import BehindChunks
from tests.unit.bridge.http.parsing import CHUNKED, GET, Connection, pieces

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("first", [b"", b"0\r\nA: b\r\n"])
def test_a_trailer_has_the_bound_of_a_head(first: bytes) -> None:
    """aiohttp keeps it until the next request: 48 connections took 670 MB, before any key was checked."""
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
    """aiohttp would hand its last field to the next request, which is somebody else's if a proxy keeps connections."""
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
    """The next request comes like this if the body had its answer before it was read."""
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
    """The body is read as slowly as its receiver wants."""
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
