"""The whole path with TLS everywhere and exactly the ACLs of `bridge.kafka.acls`: enough, and none too many.

The ingress logs in by its certificate, all others by SCRAM. The broker's own log of what it was asked tells which ACLs
were needed: an ACL that nobody needed is one too many, and one that was needed makes its part fail when it is gone.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from confluent_kafka import Producer
from typer.testing import CliRunner, Result

from bridge.kafka.acls import Acl, Operation, Part, acls
from bridge.settings import Settings
from commands.app import app
from deploy.local.ports import free_ports
from tests.integration.commands.records import order_event
from tests.integration.exactly_once.service import Service
from tests.integration.secured.broker import SecuredBroker
from tests.integration.secured.certificates import Pair
from tests.integration.secured.users import Users, uses

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


@dataclass
class Deployment:
    """`run(part, "topics", "check")` runs a command as that part's user."""

    settings: Settings
    users: Users
    run: Callable[..., Result]
    ingress: Service
    worker: Service
    certificate: Pair

    def post(self, body: bytes) -> int:
        """A delivery's status."""
        return self.ingress.request("POST", "/webhooks/newstore", body, {"Authorization": "Bearer key"}).status

    def verify(self) -> dict[str, Any]:
        """The ledger, which balances."""
        verified = self.run(Part.READER, "verify", "-o", "json")
        assert verified.exit_code == 0, verified.output
        ledger: dict[str, Any] = orjson.loads(verified.stdout)
        return ledger


@pytest.fixture(scope="module")
def deployment(secured: SecuredBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Set up, with services that run, and one delivery of every kind behind it."""
    directory = tmp_path_factory.mktemp("least")
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

    _set_up(run)
    issued = secured.authority.issue(users.name(Part.INGRESS))
    certificate = Pair(directory / "tls.crt", directory / "tls.key")
    certificate.replace(issued)
    by_certificate = {
        "BRIDGE_KAFKA_BOOTSTRAP_SERVERS": secured.addresses["MTLS"],
        "BRIDGE_KAFKA_SECURITY_PROTOCOL": "SSL",
        "BRIDGE_KAFKA_SSL_CAFILE": str(secured.ca),
        "BRIDGE_KAFKA_SSL_CERTFILE": str(certificate.certfile),
        "BRIDGE_KAFKA_SSL_KEYFILE": str(certificate.keyfile),
    }
    worker = Service("worker", {**common, **users.scram(Part.WORKER)}, web, directory / "worker.log")
    ingress = Service("ingress", {**common, **by_certificate}, port, directory / "ingress.log")
    try:
        ingress.wait_ready()
        found = Deployment(settings, users, run, ingress, worker, certificate)
        _deliver(secured, found)
        worker.wait_ready()
        _publish(found, directory)
        yield found
    finally:
        ingress.end()
        worker.end()


def _set_up(run: Callable[..., Result]) -> None:
    """First with another body limit, and without the new key rule: the second time every topic is altered, and the
    rule adopted."""
    first = run(
        Part.TOPICS, "topics", "apply", "--yes", BRIDGE_INGRESS_MAX_BODY_BYTES="1MiB", BRIDGE_IDEMPOTENCY_KEYS=""
    )
    assert first.exit_code == 0, first.output
    second = run(Part.TOPICS, "topics", "apply", "--yes")
    assert second.exit_code == 0, second.output
    assert "invented.happened has the key rule" in second.output


def _deliver(broker: SecuredBroker, deployment: Deployment) -> None:
    """Unique, duplicate, conflict, quarantined by ingress and, by a raw record of another tenant, by the worker."""
    first, other = order_event("order.created", "o1"), order_event("order.created", "o1", note="other")
    rest = [order_event(name, "x1") for name in NAMES]
    for body in (first, first, other, order_event("order.opened", "o1"), *rest, b"no envelope"):
        assert deployment.post(body) == 200
    administrator = Producer({"bootstrap.servers": broker.bootstrap_servers})
    foreign = order_event("order.created", "o2").replace(b"acme", b"evil")
    administrator.produce(deployment.settings.topics.raw, foreign, b"order.created", partition=0)
    assert administrator.flush(30) == 0


def _publish(deployment: Deployment, directory: Path) -> None:
    """A conflict that was held back, and an export file with a line that is no event."""
    assert deployment.verify()["outcomes"]["conflict"] == 1
    accepted = deployment.run(Part.PUBLISHER, "conflicts", "accept", "--all", "--yes")
    assert accepted.exit_code == 0, accepted.output
    export = directory / "export.jsonl"
    export.write_bytes(order_event("order.created", "o3") + b"\nno event\n")
    filled = deployment.run(Part.PUBLISHER, "backfill", "--yes", str(export))
    assert filled.exit_code == 0, filled.output


def needed(deployment: Deployment, part: Part) -> set[tuple[Acl, Operation]]:
    """The operations of its ACLs by which something that it asked for was allowed."""
    allowed = deployment.users.allowed(deployment.users.name(part))
    return {
        (acl, operation)
        for acl in acls(deployment.settings)[part]
        for operation in acl.operations
        if any(uses(acl, operation, asked) for asked in allowed)
    }


def test_the_ledger_balances_and_the_order_has_its_state(deployment: Deployment) -> None:
    ledger = deployment.verify()
    print(ledger)
    assert ledger["balanced"]
    order = deployment.run(Part.READER, "order", "o1", BRIDGE_WORKER_URL=f"http://127.0.0.1:{deployment.worker.port}")
    assert (order.exit_code, "o1" in order.stdout) == (0, True), order.output


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.MIGRATION])
def test_nobody_was_refused_anything(deployment: Deployment, part: Part) -> None:
    deployment.verify()
    user = deployment.users.name(part)
    assert deployment.users.allowed(user)
    assert deployment.users.denied(user) == set()


@pytest.mark.parametrize("part", [Part.INGRESS, Part.WORKER, Part.TOPICS])
def test_every_acl_is_needed(deployment: Deployment, part: Part) -> None:
    given = {(acl, operation) for acl in acls(deployment.settings)[part] for operation in acl.operations}
    assert given - needed(deployment, part) == set()
