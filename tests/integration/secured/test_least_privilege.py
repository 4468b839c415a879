"""The whole path with TLS everywhere and exactly the ACLs of `bridge.kafka.acls`: enough, and none too many.

The ingress logs in by certificate, all others by SCRAM. The broker's log tells which ACLs were needed. An ACL that
nobody needed is one too many. A part fails without an ACL that it needs."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from bridge.kafka.acls import Acl, Operation, Part, Pattern, Resource, acls
from tests.integration.alarms import Alarms
from tests.integration.commands.records import order_event
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.secured.broker import SecuredBroker
from tests.integration.secured.least_privilege import Deployment, deployed
from tests.integration.secured.users import Asked, uses
from tests.integration.waiting import wait_until

LOOK = Asked("DESCRIBE_CONFIGS", "TOPIC", "least.backfill.v1")


@pytest.fixture(scope="module")
def deployment(
    secured: SecuredBroker, fork_server: ForkServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    with deployed(secured, tmp_path_factory.mktemp("least"), fork_server.start) as found:
        yield found


def needed(deployment: Deployment, part: Part) -> set[tuple[Acl, Operation]]:
    """The operations of its ACLs that allowed something it asked for."""
    allowed = deployment.users.allowed(deployment.users.name(part))
    return {
        (acl, operation)
        for acl in acls(deployment.settings)[part]
        for operation in acl.operations
        if any(uses(acl, operation, asked) for asked in allowed)
    }


def test_the_ledger_balances_and_the_order_has_its_state(deployment: Deployment) -> None:
    ledger = deployment.verify()
    assert (ledger["balanced"], ledger["pending"], ledger["orders_pending"]) == (True, 0, 0)
    assert {name: ledger["outcomes"][name] for name in ("duplicate", "quarantined")} == {
        "duplicate": 1,
        "quarantined": 2,
    }
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


@pytest.mark.parametrize(
    ("part", "dataset"),
    [
        (Part.INGRESS, "orders"),
        (Part.WORKER, "raw"),
        (Part.WORKER, "rules"),
        (Part.TOPICS, "raw"),
        (Part.READER, "raw"),
    ],
)
def test_nobody_writes_what_is_anothers(deployment: Deployment, part: Part, dataset: str) -> None:
    errors = []
    producer = Producer(deployment.users.client(part) | {"log_level": 0})
    producer.produce(f"least.{dataset}.v1", b"forged", on_delivery=lambda error, _: errors.append(error.code()))
    producer.flush(30)
    assert errors == [KafkaError.TOPIC_AUTHORIZATION_FAILED]


@pytest.mark.parametrize("part", [Part.INGRESS, Part.WORKER, Part.READER, Part.PUBLISHER])
def test_only_the_part_of_topics_makes_any(deployment: Deployment, part: Part) -> None:
    result = deployment.run(part, "topics", "apply", "--yes", BRIDGE_TOPIC_PREFIX="least", BRIDGE_LATE_AFTER="1h")
    assert result.exit_code == 2
    assert "AUTHORIZATION_FAILED" in result.stderr


def test_the_ingress_reads_no_events_and_joins_no_group(deployment: Deployment) -> None:
    consumer = Consumer(deployment.users.client(Part.INGRESS) | {"group.id": "least.bridge.v1", "log_level": 0})
    consumer.assign([TopicPartition("least.raw.v1", 0, 0)])
    wanted = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}
    told: set[int] = set()

    def all_told() -> bool:
        if message := consumer.poll(1):
            assert message.error() is not None
            told.add(message.error().code())
        return wanted <= told

    wait_until("both are refused", all_told, lambda: told)
    consumer.close()


def test_a_removed_acl_makes_its_part_fail(deployment: Deployment) -> None:
    """The tests above say that each ACL was needed. This is what it looks like."""
    reader = deployment.users.name(Part.READER)
    group = next(acl for acl in acls(deployment.settings)[Part.READER] if acl.resource is Resource.GROUP)
    deployment.users.forbid(reader, group)
    refused = deployment.run(Part.READER, "verify", "--wait", "1s")
    assert (refused.exit_code, "GROUP_AUTHORIZATION_FAILED" in refused.stderr) == (2, True)
    deployment.users.allow(reader, [group])


@pytest.mark.parametrize("dataset", ["raw", "quarantine", "backfill"])
def test_a_publisher_that_may_not_write_a_topic_is_told_which(
    deployment: Deployment, tmp_path: Path, dataset: str
) -> None:
    """It writes all of them in one transaction."""
    publisher, topic = deployment.users.name(Part.PUBLISHER), f"least.{dataset}.v1"
    export = tmp_path / "export.jsonl"
    export.write_bytes(order_event("order.created", "o7") + b"\nno event\n")
    missing = Acl(Resource.TOPIC, topic, Pattern.LITERAL, (Operation.WRITE,))
    deployment.users.forbid(publisher, missing)
    refused = deployment.run(Part.PUBLISHER, "backfill", "--yes", str(export))
    deployment.users.allow(publisher, [missing])
    assert (refused.exit_code, f"TOPIC_AUTHORIZATION_FAILED ({topic}): `bridge doctor`" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (Acl(Resource.TOPIC, "least.unknown.v1", Pattern.LITERAL, (Operation.ALTER,)), "least.unknown.v1: Alter"),
        (Acl(Resource.TOPIC, "least.order-state.v1", Pattern.LITERAL, (Operation.WRITE,)), "state.v1: Write"),
        (Acl(Resource.TRANSACTIONAL_ID, "least.bridge.v1-", Pattern.PREFIXED, (Operation.WRITE,)), "v1-: Write"),
    ],
)
def test_a_migration_that_may_not_do_all_of_it_announces_nothing(
    deployment: Deployment, missing: Acl, said: str
) -> None:
    """Nor does one that may: a worker runs. `doctor`, not told whose user it is, names what is missing and no more."""
    migration, six = deployment.users.name(Part.MIGRATION), {"BRIDGE_PARTITIONS": "6"}
    deployment.users.forbid(migration, missing)
    refused = deployment.run(Part.MIGRATION, "topics", "migrate", "--yes", **six)
    examined = deployment.run(Part.MIGRATION, "doctor", "-o", "json")
    deployment.users.allow(migration, [missing])
    assert refused.exit_code == 2
    assert f"{said}: `bridge doctor --part migration`, as that user" in refused.stderr
    [lacking] = [each for each in orjson.loads(examined.stdout)["findings"] if each["check"] == "permissions"]
    assert "migration needs it, whose user this seems to be" in lacking["what"]
    command, _ = lacking["remedies"]

    assert command.endswith(f" {missing.name} --operation {missing.operations[0].capitalize()}")
    allowed = deployment.run(Part.MIGRATION, "topics", "migrate", "--yes", BRIDGE_SESSION_TIMEOUT="500ms", **six)
    assert "Workers are running" in allowed.stderr
    assert deployment.run(Part.TOPICS, "topics", "check").exit_code == 0


def test_a_certificate_that_ends_within_two_days_is_an_alarm(deployment: Deployment, alarms: Alarms) -> None:
    alarms.goes_on(ingress=deployment.ingress.page)
    alarms.assert_raised("BridgeCertificateEnds critical", "BridgeCertificateEnds warning", quiet=False)


def test_renewed_certificates_and_passwords_count_for_new_connections_and_no_event_is_lost(
    secured: SecuredBroker, deployment: Deployment
) -> None:
    """The new certificate has another name, which the broker's log shows. The old password is no longer good. Services
    look at the topics over new connections every five seconds."""
    users, posted, worker = deployment.users, 0, deployment.users.name(Part.WORKER)
    before = deployment.verify()["outcomes"]["unique"]
    users.allow("least-ingress-2", acls(deployment.settings)[Part.INGRESS])
    deployment.certificate.replace(secured.authority.issue("least-ingress-2"))
    deployment.password.write_text("renewed\n")
    users.set_password(Part.WORKER, "renewed")
    looks = users.times(worker, LOOK)

    def renewed() -> bool:
        nonlocal posted
        posted += 1
        assert deployment.post(order_event("order.created", f"r{posted}")) == 200
        return bool(users.allowed("least-ingress-2")) and users.times(worker, LOOK) >= looks + 2

    wait_until("both come with what is new", renewed)
    deployment.worker.wait_ready()
    assert deployment.verify()["outcomes"]["unique"] == before + posted
