"""What services log and answer when Kafka does not let them in, or not do what they need."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event, Thread

import pytest
from confluent_kafka import Producer

from bridge.settings import Settings
from deploy.local.ports import free_ports
from tests.deployment import set_up
from tests.integration.exactly_once.forking import ForkServer
from tests.integration.exactly_once.service import Service
from tests.integration.secured import mistakes
from tests.integration.secured.broker import Permissions, SecuredBroker
from tests.integration.secured.conftest import Run
from tests.integration.secured.mistakes import PYTHON, Mistake
from tests.integration.waiting import wait_until

Start = Callable[..., Service]


@pytest.fixture
def start(environment: Mapping[str, str], fork_server: ForkServer, tmp_path: Path) -> Iterator[Start]:
    """`start("worker", BRIDGE_X="...")`: a service with these variables changed."""
    services: list[Service] = []

    def run(command: str, **changed: str) -> Service:
        [port] = free_ports(1)
        ports = {"BRIDGE_INGRESS_PORT": str(port), "BRIDGE_WORKER_WEB_PORT": str(port)}
        given = {**environment, **ports, "BRIDGE_WORKER_DATA_DIR": str(tmp_path / "data"), **changed}
        services.append(Service(command, given, port, tmp_path / f"{command}.log", start=fork_server.start))
        return services[-1]

    yield run
    for service in services:
        service.end()


@pytest.fixture
def applied(secured: SecuredBroker, environment: Mapping[str, str], permissions: Permissions) -> str:
    """A deployment whose user lacks nothing but its group; gives the prefix."""
    prefix = environment["BRIDGE_TOPIC_PREFIX"]
    permissions.allow_topics(prefix)
    administrator = Settings(
        tenant="acme", topic_prefix=prefix, partitions=2, kafka_bootstrap_servers=secured.bootstrap_servers
    )
    asyncio.run(set_up(administrator))
    return prefix


def says(service: Service, *texts: str) -> bool:
    """Whether readiness is 503 and has all of these."""
    if service.status("/readyz") != 503:
        return False
    told = service.get("/readyz?verbose").body.decode()
    return all(text in told for text in texts)


def wait_until_it_says(service: Service, *texts: str) -> None:
    wait_until("it says so", lambda: says(service, *texts), lambda: service.get("/readyz?verbose").body)


@pytest.mark.parametrize("command", ["ingress", "worker"])
@pytest.mark.parametrize("name", ["password", "plain to TLS", "TLS to plain"])
def test_a_mistake_is_told_by_readiness_and_in_the_log(
    secured: SecuredBroker, start: Start, command: str, name: str
) -> None:
    mistake: Mistake = mistakes.ALL[name]
    service = start(command, **mistake.variables(secured))
    wait_until_it_says(service, *mistake.said)
    told = service.get("/readyz?verbose").body.decode()
    wait_until("it is logged", lambda: all(said in service.log.read_text() for said in mistake.said))
    assert not [said for said in PYTHON if said in told + service.log.read_text()]
    assert service.status("/livez") == 200


def test_a_worker_without_its_groups_permission_says_so_and_goes_on_once_it_is_given(
    start: Start, applied: str, permissions: Permissions
) -> None:
    worker = start("worker")
    wait_until_it_says(worker, f"GROUP_AUTHORIZATION_FAILED ({applied}.bridge.v1)", "[-]group: not a member")
    assert "`bridge doctor`, as User:bridge, prints the command" in worker.log.read_text()
    permissions.allow_group(applied)
    worker.wait_ready()
    assert worker.runs


def test_a_worker_that_kafka_does_not_take_into_its_group_ends_with_1_and_says_why(start: Start, applied: str) -> None:
    worker = start("worker", BRIDGE_TEST_ABSENCE="1")  # twice the session timeout counts then
    assert worker.wait() == 1
    last = [line for line in worker.log.read_text().splitlines() if "giving up" in line][-1]
    assert "GROUP_AUTHORIZATION_FAILED" in last
    assert "bridge doctor" in last


def test_a_worker_whose_permission_is_taken_away_says_so_and_goes_on_once_it_is_back(
    start: Start, applied: str, permissions: Permissions
) -> None:
    permissions.allow_group(applied)
    worker = start("worker")
    worker.wait_ready()
    permissions.forbid_group(applied)
    wait_until_it_says(worker, "GROUP_AUTHORIZATION_FAILED")
    permissions.allow_group(applied)
    worker.wait_ready()


def test_of_topics_that_it_may_not_see_any_more_the_log_names_the_permission(
    start: Start, applied: str, permissions: Permissions
) -> None:
    """And not a broker that does not answer, which is all that a client says in the end."""
    ingress = start("ingress")
    ingress.wait_ready()
    permissions.forbid_topics(applied)
    before = len(ingress.log.read_text().splitlines())

    def unread() -> list[str]:
        lines = ingress.log.read_text().splitlines()[before:]
        return [line for line in lines if "recorded rules cannot be read" in line]

    wait_until("it is told twice", lambda: len(unread()) >= 2)
    assert [line for line in unread() if "TOPIC_AUTHORIZATION_FAILED" not in line] == []


def test_an_ingress_that_may_not_write_names_the_permission_in_its_log_and_not_in_its_answers(
    start: Start, applied: str, permissions: Permissions, bridge: Run
) -> None:
    permissions.allow_group(applied)
    ingress = start("ingress")
    ingress.wait_ready()
    permissions.forbid_writing(applied)
    body = b'{"tenant":"acme","name":"order.created","payload":{"id":"1"}}'

    def refused() -> bool:
        answer = ingress.request("POST", "/webhooks/newstore", body, {"Authorization": "Bearer key"})
        return answer.status == 500 and b"TOPIC_AUTHORIZATION_FAILED" in answer.body and b"acls" not in answer.body

    wait_until("it is refused", refused)
    wait_until("it is logged", lambda: "`bridge doctor`, as User:bridge" in ingress.log.read_text())
    ended = Event()

    def send() -> None:
        while not ended.wait(0.05):
            refused()

    sending = Thread(target=send, daemon=True)
    sending.start()

    def is_told() -> bool:
        told = bridge("status", BRIDGE_INGRESS_URL=f"http://127.0.0.1:{ingress.port}").stdout
        return "500 while it was looked at: kafka_error" in told and "looks for a missing ACL" in told

    try:
        wait_until("status says so", is_told)
    finally:
        ended.set()
        sending.join()


def test_a_worker_that_may_not_write_is_seen_by_its_lanes_which_leads_to_the_permission(
    secured: SecuredBroker, start: Start, applied: str, permissions: Permissions, bridge: Run
) -> None:
    """Only the log says why a lane fails. The administrator writes what the worker cannot pass on."""
    permissions.allow_group(applied)
    worker = start("worker")
    worker.wait_ready()
    permissions.forbid_writing(applied)
    administrator = Producer({"bootstrap.servers": secured.bootstrap_servers})
    administrator.produce(f"{applied}.raw.v1", b"no event", partition=0)
    assert administrator.flush(30) == 0
    url = f"http://127.0.0.1:{worker.port}"
    wait_until("a lane fails", lambda: says(worker, "failed"), lambda: worker.get("/readyz?verbose").body)
    wait_until("the log says why", lambda: "Kafka says TOPIC_AUTHORIZATION_FAILED" in worker.log.read_text())
    wait_until("status says so", lambda: "looks for a missing ACL" in bridge("status", BRIDGE_WORKER_URL=url).stdout)
    wait_until("doctor, too", lambda: "not allowed on the topic" in bridge("doctor", BRIDGE_WORKER_URL=url).stdout)
