"""A deployment with TLS everywhere. Each part has its own user, with exactly its ACLs."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml
from confluent_kafka import Producer
from typer.testing import CliRunner, Result

from bridge.kafka.acls import Part
from bridge.settings import Settings
from commands.app import app
from deploy.local.ports import free_ports
from tests.integration.commands.records import order_event
from tests.integration.exactly_once.process import Start
from tests.integration.exactly_once.service import Service
from tests.integration.secured.broker import SecuredBroker
from tests.integration.secured.certificates import Pair
from tests.integration.secured.users import Asked, Users
from tests.integration.waiting import wait_until

SHIPPED = Path(__file__).parents[3] / "schemas" / "idempotency_keys.yaml"
NEW_RULE = {"invented.happened": {"key": ["id"], "content": False, "documented": False}}
NAMES = (
    "inventory_count.items_counted",
    "customer.created",
    "employee.created",
    "cash_drawer.drawer_created",
    "gift_card.deactivated",
    "nobody.knows",
)
"""One event of each aggregate but orders."""
COUNT = Asked("READ", "TOPIC", "least.conflicts.v1")
"""What a worker asks every 15 s: without a wait, nobody sees it."""
OTHER_TENANT = order_event("order.created", "o2").replace(b"acme", b"evil")


@dataclass
class Deployment:
    """`run(part, "topics", "check")` runs a command as that part's user."""

    settings: Settings
    users: Users
    run: Callable[..., Result]
    ingress: Service
    worker: Service
    certificate: Pair
    password: Path
    """The worker's."""

    def post(self, body: bytes) -> int:
        """The status of the answer."""
        return self.ingress.request("POST", "/webhooks/newstore", body, {"Authorization": "Bearer key"}).status

    def verify(self) -> dict[str, Any]:
        """The ledger, which must balance."""
        verified = self.run(Part.READER, "verify", "-o", "json")
        assert verified.exit_code == 0, verified.output
        ledger: dict[str, Any] = orjson.loads(verified.stdout)
        return ledger


@contextmanager
def deployed(secured: SecuredBroker, directory: Path, start: Start) -> Iterator[Deployment]:
    """A deployment that is set up, with running services, and one delivery of every kind behind it. `start` starts the
    services."""
    table = directory / "keys.yaml"
    table.write_text(yaml.safe_dump(yaml.safe_load(SHIPPED.read_bytes()) | NEW_RULE))
    [port, web] = free_ports(2)
    common = {
        "BRIDGE_TENANT": "acme",
        "BRIDGE_TOPIC_PREFIX": "least",
        "BRIDGE_PARTITIONS": "2",
        "BRIDGE_INGRESS_API_KEYS": "key",
        "BRIDGE_INGRESS_HOST": "127.0.0.1",
        "BRIDGE_INGRESS_PORT": str(port),
        "BRIDGE_WORKER_API_KEYS": "key",
        "BRIDGE_WORKER_WEB_HOST": "127.0.0.1",
        "BRIDGE_WORKER_WEB_PORT": str(web),
        "BRIDGE_WORKER_DATA_DIR": str(directory / "data"),
        "BRIDGE_IDEMPOTENCY_KEYS": str(table),
    }
    settings = Settings(tenant="acme", topic_prefix="least", partitions=2)
    users = Users(secured, settings)
    users.add_all()

    def run(part: Part, *arguments: str, **changed: str) -> Result:
        away = {name: None for name in os.environ if name.startswith("BRIDGE_")}
        return CliRunner().invoke(app, list(arguments), env={**away, **common, **users.scram(part), **changed})

    _set_up(secured, run)
    issued = secured.authority.issue(users.name(Part.INGRESS))
    certificate = Pair(directory / "tls.crt", directory / "tls.key")
    certificate.replace(issued)
    by_certificate = {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": secured.addresses["MTLS"],
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SSL",
        "BRIDGE_KAFKA_SSL_CAFILE": str(secured.ca),
        "BRIDGE_KAFKA_SSL_CERTFILE": str(certificate.certfile),
        "BRIDGE_KAFKA_SSL_KEYFILE": str(certificate.keyfile),
        "BRIDGE_INGRESS_ACK_TIMEOUT": "60s",  # a busy machine's Kafka may be silent for as long as the default
    }
    password = directory / "password"
    password.write_text(users.name(Part.WORKER)[::-1])
    by_password = {
        **users.scram(Part.WORKER),
        "BRIDGE_KAFKA_SASL_PASSWORD": "",
        "BRIDGE_KAFKA_SASL_PASSWORD_FILE": str(password),
    }
    worker = Service("worker", {**common, **by_password}, web, directory / "worker.log", start=start)
    ingress = Service("ingress", {**common, **by_certificate}, port, directory / "ingress.log", start=start)
    try:
        ingress.wait_ready()
        found = Deployment(settings, users, run, ingress, worker, certificate, password)
        _deliver(found)
        worker.wait_ready()
        _publish(found, directory)
        user = users.name(Part.WORKER)
        wait_until("the worker counts conflicts", lambda: COUNT in users.allowed(user) | users.denied(user))
        yield found
    finally:
        ingress.end()
        worker.end()


def _set_up(broker: SecuredBroker, run: Callable[..., Result]) -> None:
    """The first time with another body limit and without the new key rule. So the second time alters every topic, and
    adopts the rule, for which raw is looked through."""
    first = run(
        Part.TOPICS, "topics", "apply", "--yes", BRIDGE_INGRESS_MAX_BODY_BYTES="1MiB", BRIDGE_IDEMPOTENCY_KEYS=""
    )
    assert first.exit_code == 0, first.output
    administrator = Producer({"bootstrap.servers": broker.bootstrap_servers, "log_level": 0})
    for partition in range(2):
        administrator.produce("least.raw.v1", OTHER_TENANT, b"order.created", partition=partition)
    assert administrator.flush(30) == 0
    second = run(Part.TOPICS, "topics", "apply", "--yes")
    assert second.exit_code == 0, second.output
    assert "invented.happened has the key rule" in second.output


def _deliver(deployment: Deployment) -> None:
    """Unique events, a duplicate, a conflict, and what the ingress quarantines. Raw holds what the worker
    quarantines."""
    first, other = order_event("order.created", "o1"), order_event("order.created", "o1", note="other")
    rest = [order_event(name, "x1") for name in NAMES]
    for body in (first, first, other, order_event("order.opened", "o1"), *rest, b"no envelope"):
        assert deployment.post(body) == 200


def _publish(deployment: Deployment, directory: Path) -> None:
    """Accept a conflict that was held back, and backfill an export file with a line that is no event."""
    assert deployment.verify()["outcomes"]["conflict"] == 1
    accepted = deployment.run(Part.PUBLISHER, "conflicts", "accept", "--all", "--yes")
    assert accepted.exit_code == 0, accepted.output
    export = directory / "export.jsonl"
    export.write_bytes(order_event("order.created", "o3") + b"\nno event\n")
    filled = deployment.run(Part.PUBLISHER, "backfill", "--yes", str(export))
    assert filled.exit_code == 0, filled.output
