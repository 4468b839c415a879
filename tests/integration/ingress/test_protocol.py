"""What senders may do within HTTP, and what aiohttp would answer in its own way."""

import pytest

from tests.integration.ingress.conftest import LIMIT, Body
from tests.integration.ingress.service import Ingress
from tests.integration.ingress.wire import KEY, Wire


def test_a_body_in_many_small_chunks_is_taken(shared: Ingress, body: Body) -> None:
    with Wire(shared.port) as wire:
        wire.head(KEY, "Transfer-Encoding: chunked")
        for byte in body():
            wire.send(b"1\r\n%c\r\n" % byte)
        wire.send(b"0\r\n\r\n")
        assert wire.answer()[0] == 200


def test_who_waits_for_100_gets_it_and_then_the_answer(shared: Ingress, body: Body) -> None:
    event = body()
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {len(event)}", "Expect: 100-continue")
        assert wire.answer()[0] == 100
        wire.send(event)
        assert wire.answer()[0] == 200


def test_a_caller_of_http_1_0_is_not_sent_what_it_does_not_know(shared: Ingress, body: Body) -> None:
    event = body()
    with Wire(shared.port) as wire:
        line = "POST /webhooks/newstore HTTP/1.0"
        wire.head(KEY, f"Content-Length: {len(event)}", "Expect: 100-continue", request=line)
        wire.send(event)
        assert wire.answer()[0] == 200
        assert wire.closed()


def test_a_trailer_is_ignored_and_opens_nothing(shared: Ingress, body: Body) -> None:
    event = body()
    chunked = b"%x\r\n%s\r\n0\r\nContent-Encoding: gzip\r\n%s\r\n\r\n" % (len(event), event, KEY.encode())
    with Wire(shared.port) as wire:
        for headers, status in (([], 401), ([], 401), ([KEY], 200), ([KEY], 200), ([], 401)):
            wire.head("Transfer-Encoding: chunked", *headers)
            wire.send(chunked)
            assert wire.answer()[0] == status


def test_a_trailer_without_end_ends_the_connection(shared: Ingress) -> None:
    with Wire(shared.port) as wire:
        wire.head("Transfer-Encoding: chunked")
        wire.send(b"1\r\n{\r\n0\r\n")
        line = b"X: " + b"x" * 60_000 + b"\r\n"
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            wire.send(line * 1000)


def test_without_the_key_the_answer_comes_before_any_body(shared: Ingress) -> None:
    with Wire(shared.port) as wire:
        wire.head("Content-Length: 1000", "Expect: 100-continue")
        assert wire.answer()[0] == 401


@pytest.mark.parametrize("expectation", ["200-ok", "100-continue, x", ""])
def test_an_unknown_expectation_is_ignored(shared: Ingress, body: Body, expectation: str) -> None:
    event = body()
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {len(event)}", f"Expect: {expectation}")
        wire.send(event)
        assert wire.answer()[0] == 200


def test_an_offer_to_change_the_protocol_is_ignored(shared: Ingress, body: Body) -> None:
    """Java's HTTP client offers HTTP/2 like this with its first request."""
    event = body()
    with Wire(shared.port) as wire:
        wire.head(
            KEY,
            f"Content-Length: {len(event)}",
            "Connection: Upgrade, HTTP2-Settings",
            "Upgrade: h2c",
            "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        )
        wire.send(event)
        assert wire.answer()[0] == 200


def test_one_connection_carries_many_deliveries_even_at_once(shared: Ingress, body: Body) -> None:
    with Wire(shared.port) as wire:
        for _ in range(3):
            event = body()
            wire.head(KEY, f"Content-Length: {len(event)}")
            wire.send(event)
        assert [wire.answer()[0] for _ in range(3)] == [200, 200, 200]


def test_a_proxys_absolute_address_means_the_same_path(shared: Ingress, body: Body) -> None:
    event = body()
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {len(event)}", request="POST http://bridge/webhooks/newstore HTTP/1.1")
        wire.send(event)
        assert wire.answer()[0] == 200


def test_headers_that_proxies_make_long_do_no_harm(shared: Ingress, body: Body) -> None:
    """aiohttp's own limit is 8 KiB, and its answer 400."""
    event = body()
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {len(event)}", f"X-Forwarded-Client-Cert: {'x' * 20_000}")
        wire.send(event)
        assert wire.answer()[0] == 200


def test_a_body_far_over_the_limit_is_rejected_before_it_is_complete(shared: Ingress) -> None:
    """No memory is spent on it, and the sender hears of it while it still sends."""
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {10**12}")
        wire.send(b" " * (LIMIT + 1))
        status, headers = wire.answer()
    assert (status, headers["connection"]) == (400, "close")


def test_a_sender_that_breaks_off_leaves_the_ingress_as_it_was(shared: Ingress, body: Body) -> None:
    with Wire(shared.port) as wire:
        wire.head(KEY, "Content-Length: 1000")
        wire.send(b"{")
    event = body()
    with Wire(shared.port) as wire:
        wire.head(KEY, f"Content-Length: {len(event)}")
        wire.send(event)
        assert wire.answer()[0] == 200


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("Transfer-Encoding: chunked",), b"no size\r\n"),
        (("Content-Length: many",), b""),
        (("A header without its colon",), b""),
        ((f"X-Long: {'x' * 70_000}",), b""),
    ],
    ids=["chunk size", "content length", "header line", "header length"],
)
def test_what_is_no_http_is_answered_so_that_it_comes_again(
    shared: Ingress, headers: tuple[str, ...], body: bytes
) -> None:
    """aiohttp's own 400 would make NewStore give the event up."""
    with Wire(shared.port) as wire:
        head = "\r\n".join(["POST /webhooks/newstore HTTP/1.1", "Host: localhost", KEY, *headers, "", ""])
        wire.send(head.encode() + body)
        status, answered = wire.answer()
        assert status == 500
        assert answered["content-type"].startswith("application/problem+json")
        assert "retry-after" in answered
        assert wire.closed()


@pytest.mark.parametrize(
    ("headers", "body"),
    [((f"{KEY}-KEPT-SECRET\x01",), b""), ((KEY, "Content-Length: 2"), b'{}{"customer": "KEPT-SECRET"}\r\n\r\n')],
    ids=["key", "body"],
)
def test_nothing_of_what_is_no_http_is_told_or_logged(shared: Ingress, headers: tuple[str, ...], body: bytes) -> None:
    """aiohttp's parser quotes the line that it cannot read, which may be a part of a body."""
    with Wire(shared.port) as wire:
        head = "\r\n".join(["POST /webhooks/newstore HTTP/1.1", "Host: localhost", *headers, "", ""])
        wire.send(head.encode() + body)
        assert wire.answer()[0] == 500
        assert wire.closed()
    assert b"KEPT-SECRET" not in wire.body
    shared.wait_for_log("no valid HTTP")
    assert "KEPT-SECRET" not in shared.log
