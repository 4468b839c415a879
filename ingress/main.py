"""The ingress service: everything is wired here, started, and ended in order."""

import asyncio
import gc
import time
from functools import partial
from typing import Final

import uvloop
from aiohttp import web

from bridge import metrics
from bridge.aiokafka_defects import mend_aiokafka
from bridge.http import Handler, health_routes, listen, problem
from bridge.http_server import Server
from bridge.kafka import client_options
from bridge.kafka_words import in_words
from bridge.large_blocks import keep_large_blocks_apart
from bridge.log import configure_logging, get_logger
from bridge.printable import say
from bridge.rules import RulesMismatch
from bridge.rules_watch import RulesWatch
from bridge.secret_files import SettingsError
from bridge.settings import Settings
from bridge.stop_signal import stop_signal
from bridge.topics_watch import TopicsWatch
from bridge.watchdog import watched
from ingress.answers import UNEXPECTED
from ingress.edge import Edge
from ingress.first_contact import FirstContact
from ingress.openapi import DOCUMENT
from ingress.webhook import Webhook
from ingress.writer import Writer

DRAIN_S: Final = 8.0
"""Of the ten seconds in which a SIGTERM must be done with, Kafka or not."""

CLOSE_S: Final = 0.5
KEEPALIVE_S: Final = 75.0
LINGER_S: Final = 5.0
HEADER_BYTES: Final = 64 * 1024
"""Longer lines aiohttp answers 400 by itself, which NewStore would take for a rejected event."""

log = get_logger(__name__)


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT. Exit code: 0 drained, 1 the event loop stands still, 2 the settings or the
    environment are wrong."""
    configure_logging()
    mend_aiokafka()
    keep_large_blocks_apart()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(watched(_serve(settings)))
    except (SettingsError, RulesMismatch) as error:
        say(str(error))
        return 2
    return 0


async def _serve(settings: Settings) -> None:
    stop = stop_signal()
    client_options(settings)  # unreadable certificates end it here, not in the background
    watch, rules = TopicsWatch(settings, metrics.ingress_topic_settings_differing), RulesWatch(settings)
    connect, tell = FirstContact(settings, rules).connect, partial(in_words, settings=settings)
    writer = Writer(connect, settings.ingress_ack_timeout, settings.ingress_max_in_flight, tell)
    webhook = Webhook(settings, writer)
    edge = Edge(webhook, _pages(webhook, writer, watch, rules))
    runner = await _listen(settings, edge)
    _spare_the_collector()
    watching = [asyncio.create_task(work) for work in (watch.run(), rules.run(), webhook.keys.run())]
    writing, stopping = asyncio.create_task(writer.run()), asyncio.create_task(stop.wait())
    try:
        ended, _ = await asyncio.wait({stopping, writing, *watching}, return_when=asyncio.FIRST_COMPLETED)
        for task in ended - {stopping}:
            task.result()  # RulesMismatch or SettingsError
        await _drain(webhook, edge)
    finally:
        tasks = [stopping, *watching, writing]  # the last fails what still waits: it is answered 500
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=CLOSE_S)
        await runner.cleanup()
        await webhook.close()
        await writer.close(CLOSE_S)
        log.info("ended")


def _pages(webhook: Webhook, writer: Writer, watch: TopicsWatch, rules: RulesWatch) -> dict[str, Handler]:
    async def openapi(_request: web.BaseRequest) -> web.Response:
        return web.json_response(DOCUMENT)

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
    routes = health_routes(metrics.ingress_registry, live={}, ready=ready, warnings=warnings)
    return {**routes, "/openapi.json": openapi}


async def _listen(settings: Settings, edge: Edge) -> web.ServerRunner:
    server = Server(  # no Application, which would answer 413 or 417
        edge,
        _no_http,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=KEEPALIVE_S,
        lingering_time=LINGER_S,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
    )
    runner = web.ServerRunner(server, shutdown_timeout=CLOSE_S)
    host, port = settings.ingress_host, settings.ingress_port
    site = await listen(runner, host, port, settings="BRIDGE_INGRESS_HOST, BRIDGE_INGRESS_PORT")
    log.info("listening", host=settings.ingress_host, port=site.port)
    return runner


def _no_http(_status: int) -> web.Response:
    # aiohttp's own 400 would make NewStore give the event up for good.
    return problem(UNEXPECTED.status, UNEXPECTED.title, headers=UNEXPECTED.headers)


async def _drain(webhook: Webhook, edge: Edge) -> None:
    """Finish what is in flight; whatever comes meanwhile is answered 500 and its connection closed."""
    webhook.draining = True
    log.info("draining", requests=edge.busy)
    try:
        async with asyncio.timeout(DRAIN_S):
            await edge.quiet()
    except TimeoutError:
        log.warning("giving up requests that are still in flight", requests=edge.busy)


def _spare_the_collector() -> None:
    # Nothing made so far is garbage, and a request makes no cycles worth looking for every 700 objects.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
