"""Some minutes in the life of a deployment that Prometheus watches: ordinary flow, and a little of each fault."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from bridge.version import REVISION
from deploy.local.kafka import LocalKafka
from tests.integration.broker_signals import frozen
from tests.integration.commands.broker import Broker
from tests.integration.exactly_once.deployment import SMALL, Deployment
from tests.integration.exactly_once.mistaken import WRONG_KEY, cause_faults, deliver, order_created
from tests.integration.exactly_once.orders import LONG_AGO, event
from tests.integration.exactly_once.prometheus import Prometheus
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.dashboards.answers import Window

_PREFIX: Final = "newstore"
_SETTINGS: Final = {**SMALL, "late_after": "20s", "orders_since": LONG_AGO, "ingress_ack_timeout": "2s"}
_WORKERS: Final = ("worker-0", "worker-1")
_FLOW: Final = ("--orders", "9000", "--rate", "40", "--duplicates", "0.2", "--conflicts", "0.002", "--seed", "4")
_LOST: Final = 3
"""Orders whose first event never comes."""
_BACKLOG: Final = 12_000
_NAMES: Final = ("order.created", "order.opened", "order.completed")
_QUIET, _SILENT, _AWAY, _BETWEEN = 30, 6, 15, 12
"""Scrapes, one a second: of ordinary flow, of a frozen broker, of an absent worker, and in between."""


def record(directory: Path) -> Window:
    """Let it all happen; return from when to when. `directory` then has what Prometheus saw. BrokenEnvironment: no
    Kafka can run here."""
    # as in an image
    os.environ[REVISION] = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    with LocalKafka(own=True) as broker, _deployed(broker, directory) as deployment:
        ingress, workers = deployment.ingress(), [_worker(deployment, name) for name in _WORKERS]
        for service in (ingress, *workers):
            service.wait_ready()
        with Prometheus(directory, [service.port for service in (ingress, *workers)]) as prometheus:
            prometheus.wait_for_scrapes(1)
            start = time.time()
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            deployment.command("simulate", *_FLOW, "--start", now, ingress_port=str(ingress.port))
            _let_pass(prometheus, _QUIET)
            _make_mistakes(deployment, ingress, workers[0])
            _let_pass(prometheus, _BETWEEN)
            _fall_silent(prometheus, broker)
            _let_pass(prometheus, 2 * _BETWEEN)
            _fall_behind(prometheus, deployment, workers[1])
            _let_pass(prometheus, _QUIET)
            return Window(start, time.time())


@contextmanager
def _deployed(broker: LocalKafka, directory: Path) -> Iterator[Deployment]:
    with closing(Deployment(broker.bootstrap_servers, _PREFIX, directory, settings=_SETTINGS)) as deployment:
        yield deployment


def _worker(deployment: Deployment, name: str) -> Service:
    """Start a worker that cannot process poison."""
    return deployment.worker(name, test_mutation="fail-on-poison")


def _scrapes(prometheus: Prometheus) -> float:
    now = time.time()
    found = prometheus.series("max(count_over_time(up[1h]))", now, now, 1)
    return found[0][1][-1][1] if found else 0.0


def _let_pass(prometheus: Prometheus, scrapes: int) -> None:
    """Return once there are so many more; what goes on meanwhile is to be seen."""
    wanted = _scrapes(prometheus) + scrapes
    wait_until("time has passed", lambda: _scrapes(prometheus) >= wanted)


def _make_mistakes(deployment: Deployment, ingress: Service, worker: Service) -> None:
    """Mistakes of senders, of a person who guesses the console's key, of somebody who changed a setting; a record that
    no handler can process, and events that are lost on their way."""
    assert deliver(ingress, order_created(1)) == 200
    cause_faults(ingress)
    form = {"Origin": f"http://127.0.0.1:{worker.port}", "Content-Type": "application/x-www-form-urlencoded"}
    worker.request("POST", "/console/login", urlencode({"key": WRONG_KEY}).encode(), form)
    Broker(deployment.settings).set_config("order-state", "min.cleanable.dirty.ratio", "0.5")
    deployment.load.send_all([event("poisoned", "order.opened", note="poison for dedupe")])
    deployment.load.send_all(event(f"lost-{number}", "order.opened") for number in range(_LOST))


def _fall_silent(prometheus: Prometheus, broker: LocalKafka) -> None:
    """Freeze Kafka for a while."""
    with frozen(broker):
        _let_pass(prometheus, _SILENT)


def _fall_behind(prometheus: Prometheus, deployment: Deployment, leaving: Service) -> None:
    """A worker is gone while more comes than the other one can process at once. Then it comes back."""
    leaving.signal(signal.SIGTERM)
    leaving.wait()
    events = (event(f"late-{number}", name) for number in range(_BACKLOG // len(_NAMES)) for name in _NAMES)
    deployment.load.send_all(events)
    _let_pass(prometheus, _AWAY)
    back = _worker(deployment, _WORKERS[1])
    wait_until("it has its part of the lanes", back.lanes)
