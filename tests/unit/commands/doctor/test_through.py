"""What the doctor says of where its test event was found."""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import cast

import pytest
from aiohttp.test_utils import unused_port

from bridge.kafka.reading import Source
from bridge.settings import Settings
from commands.doctor import through
from commands.doctor.finding import Finding, State
from commands.doctor.through import Delivery, Traces, findings_of
from schemas.envelope import read_envelope
from schemas.events import EVENT_NAMES, TEST_EVENT, entity_of
from schemas.headers import TRACEPARENT, Headers
from schemas.routing import aggregate_of
from tests.unit.commands.record.test_shown import Read

SETTINGS = Settings(tenant="acme")
FIRST, SECOND = Source(5, 10), Source(5, 11)


def last(traces: Traces) -> Finding:
    *_, found = findings_of(SETTINGS, traces, "0.4 s")
    return found


def test_it_is_an_event_of_no_entity_that_newstore_has() -> None:
    envelope = read_envelope(Delivery.new("acme").body)
    assert (envelope.tenant, envelope.name) == ("acme", TEST_EVENT)
    assert entity_of(TEST_EVENT) not in {entity_of(name) for name in EVENT_NAMES}
    assert aggregate_of(TEST_EVENT) == "unknown"


def test_each_one_is_unlike_any_other() -> None:
    one, other = Delivery.new("acme"), Delivery.new("acme")
    assert (one.id, one.trace) != (other.id, other.trace)
    assert json.loads(one.body)["payload"]["id"] == one.id


def test_it_is_told_from_records_whose_trace_has_no_value() -> None:
    """Kafka headers may lack a value: the whole examination ended in a traceback."""
    sent, without = Delivery.new("acme"), Read(b"{}")
    without.headers = cast("Headers", [(TRACEPARENT, None)])
    assert not sent.is_of(without)
    assert sent.is_of(replace(without, headers=[(TRACEPARENT, f"00-{sent.trace}-b7ad6b7169203331-01".encode())]))


def test_it_came_out_once() -> None:
    found = last(Traces([FIRST, SECOND], [(Source(1, 7), b"5:10")], processed=True))
    assert (found.state, "1:7" in found.what, "dropped its repetition" in found.what) == (State.OK, True, True)


@pytest.mark.parametrize(
    ("traces", "said"),
    [
        (Traces(reasons=["other_tenant"]), "BRIDGE_TENANT is not acme"),
        (Traces([FIRST], reasons=["other_tenant"]), "BRIDGE_TENANT is not acme"),
        (Traces(reasons=["too_deep"]), "the same version"),
        (Traces([FIRST]), "BRIDGE_TOPIC_PREFIX"),
        (Traces([FIRST, SECOND]), "bridge status"),
        (Traces([FIRST, SECOND], [], processed=True), "bridge verify"),
        (Traces([FIRST, SECOND], [(Source(1, 7), b"5:10"), (Source(1, 8), b"5:11")], processed=True), "bridge verify"),
        (Traces([FIRST, SECOND], [(Source(1, 7), b"5:11")], processed=True), "bridge verify"),
    ],
)
def test_anything_else_is_wrong(traces: Traces, said: str) -> None:
    found = last(traces)
    assert (found.state, said in found.remedies[0]) == (State.WRONG, True)


def test_who_has_put_it_aside_is_named() -> None:
    """What the ingress puts aside is not in raw."""
    assert "the ingress has put it into newstore.quarantine.v1" in last(Traces(reasons=["other_tenant"])).what
    assert "the worker has put it into" in last(Traces([FIRST, SECOND], reasons=["other_tenant"])).what


@contextmanager
def ingress(status: int) -> Iterator[str]:
    """Answers everything with this status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "said"), [(200, None), (401, "BRIDGE_INGRESS_API_KEYS"), (500, "answers 500"), (404, "answers 404")]
)
async def test_an_ingress_that_does_not_take_it(status: int, said: str | None) -> None:
    with ingress(status) as url:
        found = await through._send(Settings(tenant="acme", ingress_url=url), Delivery.new("acme"))
    assert (found is None) == (said is None)
    assert found is None or (said or "") in found.what


async def test_an_ingress_that_is_not_there() -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    found = await through._send(Settings(tenant="acme", ingress_url=url), Delivery.new("acme"))
    assert found is not None
    assert "no ingress answers" in found.what


async def test_why_an_ingress_does_not_answer_is_told_in_words() -> None:
    """The words replace the system's error number."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def slam() -> None:
            taken, _ = listening.accept()
            taken.recv(1)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closes by a reset
            taken.close()

        thread = Thread(target=slam, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        found = await through._send(Settings(tenant="acme", ingress_url=url), Delivery.new("acme"))
        thread.join()
    assert found is not None
    assert "Errno" not in found.what
    assert "Connection reset by peer" in found.what
