"""The whole bridge on this machine: Kafka, topics, ingress and worker, each a real process."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bridge.settings import Settings
from bridge.topics import specs
from deploy.local.environment import BrokenEnvironment
from deploy.local.external import delete_topics, way_to_kafka
from deploy.local.home import Home
from deploy.local.kafka import NAMED, LocalKafka
from deploy.local.ports import free_ports
from deploy.local.service import Service

TENANT: Final = "demo-tenant"
"""The tenant of the sample events."""

_INGRESS_PORT, _WORKER_PORT = "BRIDGE_INGRESS_PORT", "BRIDGE_WORKER_WEB_PORT"
_KEYS = ("BRIDGE_INGRESS_API_KEYS", "BRIDGE_WORKER_API_KEYS")
_LET_THROUGH = "BRIDGE_ORDER_LINES"
"""This setting adds a topic. The stack leaves it as it is."""

Say = Callable[[str], None]
"""Called with words for people about what is going on."""


class Stack:
    """`with Stack(say) as stack:` begins once ingress and worker are ready. Afterwards nothing is left of the stack.

    The stack puts its settings into this process's environment, for its services and for other code here.
    On a Kafka that somebody else runs, the stack uses its own topic prefix, and deletes those topics at the end.
    BrokenEnvironment: this machine lacks something, and nothing is left of the stack.
    `home`: keeps logs and settings. The stack takes the ports and keys that are there already.
    """

    def __init__(self, say: Say, home: Home | None = None) -> None:
        self._say, self._home = say, home
        self.logs: tuple[Path, ...] = ()
        self._cleanup = ExitStack()
        self._services: tuple[Service, ...] = ()

    def __enter__(self) -> Self:
        with ExitStack() as cleanup:
            self._start(cleanup)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._say("Stopping what was started")
        finally:  # printing to a closed terminal fails
            self._cleanup.close()

    def obituary(self) -> str | None:
        """Say which service has ended by itself, and its last words. None: all services run."""
        return next((service.obituary() for service in self._services if not service.is_running()), None)

    def _start(self, cleanup: ExitStack) -> None:
        external, home = NAMED in os.environ, self._home
        if passed_over := _pass_over(external=external):
            self._say(f"Passed over, for the stack sets its own: {', '.join(passed_over)}")
        if not external:  # else ExternalKafka reads the settings, and says more if they are not valid
            way_to_kafka()
        self._say("Starting Kafka")
        kafka = cleanup.enter_context(LocalKafka(wanted=home.port(NAMED) if home else ()))
        self._say(f"Kafka: {kafka.rung}")
        _set_environment(kafka.bootstrap_servers, home, external=external)
        if home:
            home.write(os.environ)
        settings = Settings()
        if external:
            self._say(f"Topics {settings.topic_prefix}.* are made for this run, and deleted at its end")
            cleanup.callback(self._delete_topics, settings)
        self._say("Creating topics")
        _create_topics()
        self._say("Starting ingress and worker")
        ports = {"ingress": settings.ingress_port, "worker": settings.worker_web_port}
        for name, port in ports.items():
            service = Service(name, port, home.log(name) if home else None)
            cleanup.callback(service.stop)
            self._services += (service,)
        self.logs = (*(service.log for service in self._services), *([kafka.log] if kafka.log else ()))
        for service in self._services:
            service.wait_until_ready()

    def _delete_topics(self, settings: Settings) -> None:
        for sentence in asyncio.run(delete_topics(settings, [spec.name for spec in specs(settings)])):
            self._say(sentence)


def _pass_over(*, external: bool) -> list[str]:
    """Remove settings that were given from outside, except for order lines and for how to reach an external Kafka.
    Return their names."""
    given = sorted(name for name in os.environ if name.startswith("BRIDGE_") and name not in {NAMED, _LET_THROUGH})
    passed_over = [name for name in given if not (external and name.startswith("BRIDGE_KAFKA_"))]
    for name in passed_over:
        del os.environ[name]
    return passed_over


def _set_environment(bootstrap_servers: str, home: Home | None, *, external: bool) -> None:
    """Set the settings of the whole stack."""
    kept = home.kept if home else {}
    wanted = [port for name in (_INGRESS_PORT, _WORKER_PORT) for port in (home.port(name) if home else ())]
    ingress_port, worker_port = free_ports(2, wanted)
    os.environ |= {
        "BRIDGE_TENANT": TENANT,
        NAMED: bootstrap_servers,
        "BRIDGE_TOPIC_PREFIX": f"newstore-local-{secrets.token_hex(4)}" if external else "newstore",
        "BRIDGE_INGRESS_HOST": "127.0.0.1",
        _INGRESS_PORT: str(ingress_port),
        **{name: kept.get(name) or secrets.token_urlsafe(24) for name in _KEYS},
        "BRIDGE_WORKER_WEB_HOST": "127.0.0.1",
        _WORKER_PORT: str(worker_port),
        "BRIDGE_WORKER_URL": f"http://127.0.0.1:{worker_port}",
    }


def _create_topics() -> None:
    command = [sys.executable, "-m", "commands", "topics", "apply", "--yes"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrokenEnvironment(done.stderr.strip().splitlines()[-1])
