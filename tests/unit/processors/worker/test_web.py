"""The worker's server over real sockets, with a worker that says what the tests want."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from faust.types import TP

from bridge import metrics
from bridge.http.bearer_keys import BearerKeys
from bridge.other_tenants import OtherTenants
from bridge.settings import Settings
from bridge.topics.watch import TopicsWatch
from bridge.tracing import NoSpans
from deploy.local.ports import free_ports
from processors.engine.changes import Changes
from processors.engine.observer import LaneState
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.orders.beginning import Beginning
from processors.worker.app import ProcessState
from processors.worker.open_outputs import OpenOutputs
from processors.worker.other_deployments import KAFKA_CLUSTER, TENANT, TOPIC_PREFIX
from processors.worker.passed_over import PassedOver
from processors.worker.unlisted_events import UnlistedEvents
from processors.worker.web import WorkerServer, _in_words

pytestmark = pytest.mark.thorough

WATCHDOG_S = 30.0
"""Half of aiohttp's own patience."""


def process_state(
    settings: Settings, tenants: OtherTenants | None = None, unlisted: UnlistedEvents | None = None
) -> ProcessState:
    """The state that a process begins with."""
    others = tenants or OtherTenants(settings.tenant)
    rival = Rival(settings.session_timeout.total_seconds())
    unlisted = unlisted or UnlistedEvents(settings.events)
    told = others, unlisted, RefusalsByLane(), PassedOver(), OpenOutputs()
    return ProcessState(Beginning(settings.history_window), Changes(), NoSpans(), *told, rival)


@asynccontextmanager
async def serving(
    waiting_for: str | None = None,
    tenants: OtherTenants | None = None,
    unlisted: UnlistedEvents | None = None,
    ended: Callable[[asyncio.Task[None]], None] = lambda _: None,
    cluster_id: str | None = None,
    app: Any = None,
    **changed: Any,
) -> AsyncIterator[int]:
    """The port of a server that is closed in the end."""
    (port,) = free_ports(1)
    own: dict[str, Any] = {"worker_web_host": "127.0.0.1", "worker_web_port": port, "worker_api_keys": "right"}
    settings = Settings(tenant="acme", **own | changed)
    watch = TopicsWatch(settings, metrics.worker_kafka)
    watch.cluster_id = cluster_id
    worker: Any = SimpleNamespace(
        app=app,
        waiting_for=waiting_for,
        crashed=None,
        watch=watch,
        lane_watch=None,
        process_state=process_state(settings, tenants, unlisted),
        ended=ended,
    )
    async with WorkerServer(settings, worker):
        yield port


async def test_a_broken_key_is_neither_told_nor_logged(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """aiohttp would answer and log the line that it cannot read."""
    caplog.set_level("DEBUG")
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /orders/1 HTTP/1.1\r\nHost: bridge\r\nAuthorization: Bearer SECRET\x01\r\n\r\n")
        answer = (await reader.read()).decode()
        writer.close()
    assert " 400 " in answer
    assert "SECRET" not in answer + caplog.text + "".join(capsys.readouterr())


async def test_a_reader_that_does_not_read_its_answer_does_not_hold_up_the_end() -> None:
    """aiohttp alone waits a minute for it, and another one for its cancellation."""
    async with asyncio.timeout(WATCHDOG_S):
        async with serving("x" * 50_000_000) as port:  # more than the sockets' buffers take
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz?verbose HTTP/1.1\r\nHost: bridge\r\n\r\n")
            await reader.readline()
        writer.transport.abort()


async def test_a_worker_is_told_that_its_keys_are_no_longer_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A revoked key would stay in force, without a word."""

    async def fail(_: BearerKeys) -> None:
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(BearerKeys, "run", fail)
    ended = asyncio.Queue[asyncio.Task[None]]()
    async with asyncio.timeout(WATCHDOG_S), serving(ended=ended.put_nowait):
        assert isinstance((await ended.get()).exception(), ZeroDivisionError)


async def test_a_worker_says_what_is_wrong_with_its_keys() -> None:
    async with (
        serving() as port,  # its key is short
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz?verbose") as answer,
    ):
        assert "[!]keys: " in await answer.text()


async def test_a_watch_that_ends_with_the_server_is_nothing_to_tell() -> None:
    ended = asyncio.Queue[asyncio.Task[None]]()
    before = asyncio.all_tasks()
    async with serving(ended=ended.put_nowait):
        pass
    while asyncio.all_tasks() - before:
        await asyncio.sleep(0)
    await asyncio.sleep(0)  # its callbacks run
    assert ended.empty()


async def test_a_worker_is_not_ready_while_its_partitions_are_being_reassigned() -> None:
    """The worker then has no lane to say so."""
    settings = Settings(tenant="acme", worker_allow_anonymous=True)
    lanes = SimpleNamespace(opened_at=None, is_reassigning=True, assigned=dict)
    worker: Any = SimpleNamespace(
        app=SimpleNamespace(lanes=lanes),
        process_state=process_state(settings),
        watch=TopicsWatch(settings, metrics.worker_kafka),
    )
    server = WorkerServer(settings, worker)
    assert server._lanes() == "no partitions are assigned yet"
    lanes.opened_at = 1.0
    assert server._lanes() == "partitions are being reassigned"
    lanes.is_reassigning = False
    assert server._lanes() is None


def test_a_worker_with_anothers_instance_id_is_not_ready_member_or_not() -> None:
    """The worker is a member for a while, again and again."""
    settings = Settings(tenant="acme", worker_allow_anonymous=True, worker_instance_id="worker-0")
    options = SimpleNamespace(advertised_url="http://worker-0:6066")
    has_rival = True
    app = SimpleNamespace(has_rival=lambda: has_rival, is_member=lambda: True, lanes=SimpleNamespace(options=options))
    worker: Any = SimpleNamespace(
        app=app, process_state=process_state(settings), watch=TopicsWatch(settings, metrics.worker_kafka)
    )
    server = WorkerServer(settings, worker)
    assert server._group() == "another process uses BRIDGE_WORKER_INSTANCE_ID worker-0 at http://worker-0:6066"
    has_rival = False
    assert server._group() is None


@pytest.mark.parametrize(
    ("state", "failures", "said"),
    [
        (LaneState.OPENING, 0, "raw/1 opening"),
        (LaneState.OPENING, 1, "raw/1 opening"),
        (LaneState.VERIFYING, 9, "raw/1 verifying, failed 9 times before"),
        (LaneState.FAILED, 9, "raw/1 failed"),
        (LaneState.HALTED, 9, "raw/1 halted"),
    ],
)
def test_a_lane_that_is_opened_again_and_again_says_so(state: LaneState, failures: int, said: str) -> None:
    """Whoever looked at the wrong moment was told to wait while tables are read."""
    lane: Any = SimpleNamespace(tp=TP("raw", 1), state=state, failures=failures)
    assert _in_words(lane) == said


async def test_events_of_another_tenant_or_that_are_not_listed_are_told_by_a_worker_that_goes_on() -> None:
    tenants, unlisted = OtherTenants("acme"), UnlistedEvents(["order.opened"])
    async with serving(tenants=tenants, unlisted=unlisted) as port, aiohttp.ClientSession() as client:

        async def told() -> str:
            async with client.get(f"http://127.0.0.1:{port}/readyz?verbose") as answer:
                return await answer.text()

        assert "[+]tenant ok\n[+]events ok\n[+]passed_over ok\n[+]outputs ok" in await told()
        tenants.other(time.monotonic())
        unlisted.came(time.monotonic(), ["order.created"])
        assert "[!]tenant: all events" in await told()
        assert "[!]events: order.created came" in await told()


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/unknown", 404), ("POST", "/orders/1", 405)])
async def test_other_paths_and_methods_are_answered_with_a_problem_document(
    method: str, path: str, status: int
) -> None:
    async with (
        serving() as port,
        aiohttp.ClientSession() as client,
        client.request(method, f"http://127.0.0.1:{port}{path}") as answer,
    ):
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert (await answer.json(content_type=None))["status"] == status
        assert answer.headers.get("Allow") == (None if status == 404 else "GET,HEAD")


@pytest.mark.parametrize(("query", "status"), [("", 400), ("id=acme/order.opened/1", 503)])
async def test_deliveries_are_asked_by_id_and_not_without_a_partition(query: str, status: int) -> None:
    async with (
        serving() as port,
        aiohttp.ClientSession(headers={"Authorization": "Bearer right"}) as client,
        client.get(f"http://127.0.0.1:{port}/seen?{query}") as answer,
    ):
        assert (answer.status, answer.headers.get("Retry-After")) == (status, "1" if status == 503 else None)


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/console/login", "evil.example:6066", 421),
        ("/orders", "evil.example", 421),
        ("/orders", "127.0.0.1:6066", 503),
        ("/orders", "worker:6066", 503),
        ("/orders", "bridge.example.com", 503),
        ("/livez", "evil.example", 200),
    ],
)
async def test_without_keys_no_site_can_have_its_own_name_lead_here(path: str, host: str, status: int) -> None:
    """A page of that site could read every order in the browser of somebody who can reach the worker."""
    url = "http://bridge.example.com:6066"
    keyless = serving(worker_api_keys=(), worker_allow_anonymous=True, worker_advertised_url=url)
    async with (
        keyless as port,
        aiohttp.ClientSession(headers={"Host": host}) as client,
        client.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        assert answer.status == status


async def test_with_keys_every_name_does() -> None:
    async with (
        serving() as port,
        aiohttp.ClientSession(headers={"Host": "bridge.example.com"}) as client,
        client.get(f"http://127.0.0.1:{port}/orders") as answer,
    ):
        assert answer.status == 401


@pytest.mark.parametrize(
    ("meant", "status"),
    [
        ({TOPIC_PREFIX: "big"}, 421),
        ({TOPIC_PREFIX: "newstore", TENANT: "beta"}, 421),
        ({KAFKA_CLUSTER: "staging"}, 421),
        ({TOPIC_PREFIX: "newstore"}, 503),
        ({TOPIC_PREFIX: "newstore", TENANT: "acme", KAFKA_CLUSTER: "production"}, 503),
    ],
)
@pytest.mark.parametrize("path", ["/orders", "/orders/SO-7/erase"])
async def test_whoever_means_another_deployment_gets_and_changes_nothing_here(
    path: str, meant: dict[str, str], status: int
) -> None:
    """The other deployment's command said "No gaps", showed an order of ours as its own, or erased one."""
    method = "POST" if path.endswith("erase") else "GET"
    headers = {"Authorization": "Bearer right", **meant}
    async with (
        serving(cluster_id="production") as port,
        aiohttp.ClientSession(headers=headers) as client,
        client.request(method, f"http://127.0.0.1:{port}{path}") as answer,
    ):
        assert answer.status == status


async def test_it_says_to_other_workers_which_kafka_it_means() -> None:
    """Another Kafka's worker may by now have an address that the group still has."""
    meant = list[str | None]()

    async def answer(request: web.Request) -> web.Response:
        meant.append(request.headers.get(KAFKA_CLUSTER))
        return web.json_response({})

    other = web.Application()
    other.router.add_post("/orders/SO-7/erase", answer)
    async with TestServer(other) as peer:
        url = str(peer.make_url("")).rstrip("/")
        app = SimpleNamespace(is_member=lambda: True, lane_table=lambda *_: None, owner_of=lambda *_: url)
        async with (
            serving(cluster_id="production", app=app) as port,
            aiohttp.ClientSession(headers={"Authorization": "Bearer right"}) as client,
            client.post(f"http://127.0.0.1:{port}/orders/SO-7/erase", json={}) as said,
        ):
            assert (said.status, meant) == (200, ["production"])
