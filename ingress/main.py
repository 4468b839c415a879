"""The ingress service: everything is wired here, started, and ended in order."""

import asyncio
import gc
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import uvloop
from aiohttp import web

from bridge import metrics
from bridge.ending import stop_signal
from bridge.http.answers import HttpHandler, problem
from bridge.http.connections import Connections
from bridge.http.operations import operations_pages, serve_operations
from bridge.http.server import Listener, Server, listen
from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.kafka.client import client_options
from bridge.kafka.words import in_words
from bridge.log import begin_logging, get_logger
from bridge.printable import say
from bridge.process import allow_many_open_files, keep_large_blocks_apart
from bridge.refusals import FatalRefusal
from bridge.rules.watch import RulesWatch
from bridge.settings import Settings
from bridge.topics.watch import TopicsWatch
from bridge.tracing import spans_of
from bridge.watchdog import watched
from ingress.answers import UNEXPECTED
from ingress.edge import Edge
from ingress.in_flight import warn_of_large_bodies
from ingress.openapi import DOCUMENT
from ingress.producer import FirstContact
from ingress.webhook import Webhook
from ingress.writer import Writer

DRAIN_S: Final = 6.0
"""Of the ten seconds that the process has after SIGTERM, with Kafka or without."""

END_S: Final = 1.5
CLOSE_S: Final = 0.5

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Exit code: 0 drained, 1 the event loop stands still, 2 the settings or the
    environment are wrong."""
    begin_logging("ingress", settings)
    warn_of_large_bodies(settings)
    mend_aiokafka()
    allow_many_open_files()
    keep_large_blocks_apart()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(watched(_serve(settings)))
    except FatalRefusal as error:
        say(str(error))
        return 2
    return 0


async def _serve(settings: Settings) -> None:
    stop = stop_signal()
    metrics.ingress_deployment.labels("ingress", settings.tenant, settings.topic_prefix).set(1)
    client_options(settings)  # unreadable certificates end it here, not in the background
    watch, rules = TopicsWatch(settings, metrics.ingress_kafka), RulesWatch(settings)
    connect, tell = FirstContact(settings, rules).connect, partial(in_words, settings=settings)
    writer = Writer(connect, settings.ingress_ack_timeout, settings.ingress_max_in_flight, tell)
    spans = spans_of(settings, "ingress")
    webhook = Webhook(settings, writer, spans)
    pages = _pages(webhook, writer, watch, rules)
    edge = Edge(webhook, pages if settings.ops_port is None else {})
    listener, ports = await _listen(settings, edge, pages)
    _spare_the_collector()
    watching = [asyncio.create_task(work) for work in (watch.run(), rules.run(), webhook.keys.run())]
    writing, stopping = asyncio.create_task(writer.run()), asyncio.create_task(stop.wait())
    try:
        ended, _ = await asyncio.wait({stopping, writing, *watching}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {stopping}:
            task.result()  # FatalRefusal
        await _drain(webhook, edge, listener)
    finally:
        tasks = [stopping, *watching, writing]  # the end of `writing` fails what still waits: it is answered 500
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=CLOSE_S)
        await ports.aclose()
        await webhook.close()
        await writer.close(CLOSE_S)
        spans.close()
        log.info("ended")


def _pages(webhook: Webhook, writer: Writer, watch: TopicsWatch, rules: RulesWatch) -> dict[str, HttpHandler]:
    ready = {
        "serving": lambda: "draining" if webhook.draining else None,
        "producer": lambda: writer.problem,
        "kafka": watch.kafka,
        "topics": watch.topics,
        "rules": rules.problem,
    }
    warnings = {
        "keys": webhook.keys.problem,
        "tenant": lambda: webhook.tenants.problem(time.monotonic()),
        "topic_settings": watch.topic_settings,
    }
    return operations_pages(metrics.ingress.registry, DOCUMENT, ready=ready, warnings=warnings)


async def _listen(settings: Settings, edge: Edge, pages: Mapping[str, HttpHandler]) -> tuple[Listener, AsyncExitStack]:
    """The port of `edge`, and what closes it, then the port of `pages`, if they have their own."""
    host = settings.ingress_host
    connections = Connections(
        "webhook", metrics.ingress_http, settings.http_max_connections, settings.http_max_connections_per_peer
    )
    async with AsyncExitStack() as ports:
        if settings.ops_port is not None:
            operations = await serve_operations(
                pages, host, settings.ops_port, metrics.ingress_http, ("BRIDGE_INGRESS_PORT", settings.ingress_port)
            )
            ports.push_async_callback(operations.close, 0.0)
        server = Server(edge, _no_http, connections)  # no Application: it would answer 413 or 417
        runner = web.ServerRunner(server, shutdown_timeout=CLOSE_S)
        names = "BRIDGE_INGRESS_HOST, BRIDGE_INGRESS_PORT"
        listener = await listen(runner, connections, host, settings.ingress_port, settings=names)
        ports.push_async_callback(listener.close, END_S)
        log.info("listening", host=host, port=listener.port)
        return listener, ports.pop_all()


def _no_http(_status: int) -> web.Response:
    # aiohttp's own 400 would make NewStore give the event up for good.
    return problem(UNEXPECTED.status, UNEXPECTED.title, headers=UNEXPECTED.headers)


async def _drain(webhook: Webhook, edge: Edge, listener: Listener) -> None:
    """Finish what is in flight; whatever comes meanwhile is answered 500 and its connection closed."""
    webhook.draining = True
    log.info("draining", requests=edge.busy)
    if not await listener.finish(DRAIN_S):
        log.warning("giving up requests that are still in flight", requests=edge.busy)


def _spare_the_collector() -> None:
    # Nothing made so far is garbage, and a request makes no cycles worth looking for every 700 objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
