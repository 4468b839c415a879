"""Each attempt of the suite's sender can be told from all others."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.integration.exactly_once.deliveries import Delivery
from tests.integration.waiting import wait_until
from tests.programs.chaos.sender import Sender

pytestmark = pytest.mark.thorough

REQUESTS: list[tuple[str, bytes, int]] = []
"""Trace, body and answer."""


class Moody(BaseHTTPRequestHandler):
    """Answers every other request with 200."""

    answers = itertools.cycle((503, 200))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = next(self.answers)
        REQUESTS.append((self.headers["traceparent"], body, status))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


class Server(ThreadingHTTPServer):
    """Has room for all of the sender's connections."""

    request_queue_size = 100


@contextmanager
def moody() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Moody) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_each_attempt_has_a_trace_of_its_own_and_only_what_was_accepted_is_kept() -> None:
    with moody() as port:
        sender = Sender(itertools.repeat(Delivery("", b"{}", None)), [port])
        with sender.flowing():
            wait_until("some are accepted", lambda: sender.sent.total() >= 10)
    assert len({trace for trace, _, _ in REQUESTS}) == len(REQUESTS)
    assert sender.traces == {trace: body for trace, body, status in REQUESTS if status == 200}
    assert sender.sent.total() == len(sender.traces) < len(REQUESTS)
