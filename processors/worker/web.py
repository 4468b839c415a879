"""The worker's HTTP server: health, metrics, order queries and the console."""

import asyncio
import time
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Protocol, Self

import aiohttp
from aiohttp import web

from bridge import metrics
from bridge.http.bearer_keys import BearerKeys
from bridge.http.connections import Connections
from bridge.http.operations import Check, add_pages, operations_pages, serve_operations
from bridge.http.server import AppRunner, as_problems, listen
from bridge.settings import Settings
from bridge.topics.watch import TopicsWatch
from processors.dedupe import agent as dedupe
from processors.engine.chunk import named
from processors.engine.lane import Lane
from processors.engine.observer import LaneState
from processors.engine.overrides.app import LaneApp
from processors.worker.answers import counting_answers
from processors.worker.app import ProcessState, order_rules
from processors.worker.bodies import Bodies
from processors.worker.changing.acknowledgements import Acknowledgements
from processors.worker.changing.erasures import Erasures
from processors.worker.changing.exchanged_returns import ExchangedReturns
from processors.worker.changing.order_changes import OrderChanges
from processors.worker.console.routes import Console
from processors.worker.host_names import refuse_other_names
from processors.worker.lane_watch import LaneWatch
from processors.worker.openapi import DOCUMENT
from processors.worker.other_deployments import peer_headers, refuse_other_deployments
from processors.worker.queries.caller import Caller, bearer
from processors.worker.queries.deliveries import Deliveries
from processors.worker.queries.everyone import Everyone
from processors.worker.queries.local import Local
from processors.worker.queries.one_order import OneOrder
from processors.worker.queries.owners import Owners
from processors.worker.queries.peer_questions import PeerQuestions
from processors.worker.queries.peers import Peers
from processors.worker.queries.queries import Queries
from processors.worker.queries.raw_record import RawRecords
from processors.worker.queries.routes import Routes

_CLOSE_S: Final = 0.25
"""aiohttp waits this long for a request that is not done, and again once it is cancelled. By then the worker may have
used nine of the ten seconds that a SIGTERM leaves."""


class Owner(Protocol):
    """The worker process, as its server sees it."""

    app: LaneApp | None
    waiting_for: str | None
    crashed: str | None
    process_state: ProcessState
    watch: TopicsWatch
    lane_watch: LaneWatch | None

    def ended(self, watching: asyncio.Task[Any]) -> None:
        """Called with a task that ends before the server does."""


class Answering(Protocol):
    """Handlers of some paths."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add them to a server's router."""


class WorkerServer:
    """Serves while its context is entered, whether the processor runs or not."""

    def __init__(self, settings: Settings, worker: Owner) -> None:
        self._settings, self._worker = settings, worker
        self._keys = BearerKeys(settings, "worker")
        self._rules = order_rules(settings, worker.process_state.beginning)
        checks: dict[str, Check] = {
            "kafka": worker.watch.kafka,
            "topics": worker.watch.topics,
            "processor": self._processor,
            "group": self._group,
            "lanes": self._lanes,
            "progress": self._progress,
        }
        warnings = {
            "keys": self._keys.problem,
            "tenant": lambda: worker.process_state.tenants.problem(time.monotonic()),
            "events": lambda: worker.process_state.unlisted.problem(time.monotonic()),
            "passed_over": worker.process_state.passed_over.problem,
            "outputs": worker.process_state.open_outputs.problem,
            "topic_settings": worker.watch.topic_settings,
        }
        self._pages = operations_pages(metrics.worker.registry, DOCUMENT, ready=checks, warnings=warnings)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opened:
            client = await opened.enter_async_context(aiohttp.ClientSession())
            owners = Owners(self._worker, self._settings)
            peers = Peers(client, self._keys, lambda: peer_headers(self._settings, self._worker.watch.cluster_id))
            deliveries = Deliveries(Owners(self._worker, self._settings, dedupe.TABLE), peers, self._settings.tenant)
            local = Local(owners, self._rules)
            everyone = Everyone(owners, peers, local)
            self.queries = self._asking(owners, peers, everyone, deliveries)
            bodies = Bodies()
            changes = OrderChanges(owners, peers, self._worker.process_state.changes)
            self.acknowledgements = Acknowledgements(changes, self._settings.topics, self._rules, bodies, self._admit)
            erasures = Erasures(changes, self._settings.topics, self._rules, self._admit)
            self._console = Console(self._settings, self._keys, self.queries, self.acknowledgements.acknowledge, bodies)
            await opened.enter_async_context(self._console.running())
            routes = Routes(self.queries, deliveries, self._admit_to_look)
            await self._listen(
                opened, routes, PeerQuestions(local, bodies, self._admit), self.acknowledgements, erasures
            )
            following = asyncio.create_task(self._keys.run())
            following.add_done_callback(self._worker.ended)  # else a revoked key would stay in force
            opened.callback(following.cancel)
            opened.callback(following.remove_done_callback, self._worker.ended)
            exchanged = ExchangedReturns(owners, local, everyone, self.acknowledgements.acknowledge)
            opened.callback(asyncio.create_task(exchanged.run()).cancel)
            self._opened = opened.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    def _admit(self, request: web.Request) -> Caller | None:
        return bearer(self._keys, request.headers)

    def _admit_to_look(self, request: web.Request) -> Caller | None:
        """As `_admit`, or by a browser's session: enough for requests that change nothing."""
        return self._admit(request) or self._console.caller(request)

    def _asking(self, owners: Owners, peers: Peers, everyone: Everyone, deliveries: Deliveries) -> Queries:
        """What answers questions about orders."""
        raw, unmasked = RawRecords(self._settings), self._settings.worker_unmasked
        one_order = OneOrder(everyone, deliveries, raw, self._rules, unmasked=unmasked)
        return Queries(owners, peers, everyone, one_order, self._rules)

    async def _listen(self, opened: AsyncExitStack, *api: Answering) -> None:
        settings = self._settings
        names = refuse_other_names(self._keys, settings.worker_advertised_url, self._pages)
        ours = refuse_other_deployments(settings, lambda: self._worker.watch.cluster_id)
        app = web.Application(middlewares=[counting_answers(self._admit_to_look), as_problems, names, ours])
        for answering in (*api, self._console):
            answering.add_to(app.router)
        host = settings.worker_web_host
        if settings.ops_port is None:
            add_pages(app, self._pages)
        else:
            beside = "BRIDGE_WORKER_WEB_PORT", settings.worker_web_port
            operations = await serve_operations(self._pages, host, settings.ops_port, metrics.worker_http, beside)
            opened.push_async_callback(operations.close, 0.0)
        connections = Connections(
            "orders", metrics.worker_http, settings.http_max_connections, settings.http_max_connections_per_peer
        )
        runner = AppRunner(app, connections, shutdown_timeout=_CLOSE_S)
        told = "BRIDGE_WORKER_WEB_HOST, BRIDGE_WORKER_WEB_PORT"
        listener = await listen(runner, connections, host, settings.worker_web_port, settings=told)
        opened.push_async_callback(listener.close, _CLOSE_S)

    # -- readiness ------------------------------------------------------------------------------------------

    def _processor(self) -> str | None:
        return self._worker.waiting_for

    def _group(self) -> str | None:
        app = self._worker.app
        if app is not None and app.has_rival():
            instance_id = self._settings.worker_instance_id
            return f"another process uses BRIDGE_WORKER_INSTANCE_ID {instance_id} at {app.lanes.options.advertised_url}"
        if app is not None and app.is_member():
            return None
        why = f": {self._worker.crashed}" if self._worker.crashed else ""
        return f"not a member of the consumer group {self._settings.group_id}{why}"

    def _lanes(self) -> str | None:
        app = self._worker.app
        if app is None or app.lanes.opened_at is None:
            return "no partitions are assigned yet"
        if app.lanes.is_reassigning:  # there are no lanes then, so none would be wrong
            return "partitions are being reassigned"
        return ", ".join(_in_words(lane) for lane in app.lanes.assigned().values() if not lane.ready) or None

    def _progress(self) -> str | None:
        watch = self._worker.lane_watch
        return None if watch is None else watch.problem()


def _in_words(lane: Lane) -> str:
    """The lane's state, with its failures: else a lane that fails again and again mostly looks as if it was opened for
    the first time."""
    again = lane.failures > 1 and lane.state in {LaneState.OPENING, LaneState.VERIFYING}
    return f"{named(lane.tp)} {lane.state}{f', failed {lane.failures} times before' if again else ''}"
