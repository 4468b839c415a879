"""What the doctor says of brokers that others know: frozen, gone, or unreachable."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable
from math import inf
from typing import Any, Literal

import pytest
from aiohttp.test_utils import unused_port
from aiokafka.errors import TopicAuthorizationFailedError

from bridge.refusals import TopicsRefused
from bridge.settings import Settings
from bridge.topics import TopicsPlan
from commands.doctor import brokers, deployment, examination
from commands.doctor.brokers import Reached, reached
from commands.doctor.finding import Finding, State, ok, wrong
from commands.doctor.parts import needs
from commands.doctor.services import Asked
from commands.terminal.services import Sample, Service
from commands.terminal.wire import AllowedRequest
from processors.engine.overrides.connections import Address

pytestmark = pytest.mark.thorough  # it has sockets, and waits

SETTINGS = Settings(tenant="acme")


async def unreachable(address: Address) -> Finding:
    async with reached(SETTINGS, [address]) as (trying,):
        return examination._unreachable(await trying)


async def test_a_broker_that_takes_connections_and_says_nothing_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is where it says that it is, so its address is no remedy."""
    monkeypatch.setattr(brokers, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = await unreachable(Address("127.0.0.1", listening.getsockname()[1]))
    assert "takes connections, and then says nothing" in found.what
    assert "advertised.listeners" not in " ".join(found.remedies)
    assert "restart it if it is frozen" in found.remedies[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "kafka.invalid"])
async def test_a_broker_to_which_no_connection_is_made_advertises_another_address(host: str) -> None:
    found = await unreachable(Address(host, unused_port()))
    assert "start it if it does not run; if it does, set its advertised.listeners" in found.remedies[0]


class Answering:
    """A connection to a broker that knows only itself."""

    brokers = ((1, "good", 9092, None),)
    topics = ()

    async def send(self, _: object) -> "Answering":
        """The answer to whatever is asked."""
        return self

    def close(self) -> None:
        """Nothing is open."""


class Cluster:
    """One broker that answers, and one that stays silent however long anybody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.given_up, self.asked, self.reached_from = False, list[tuple[tuple[str, ...], bool]](), inf
        monkeypatch.setattr(brokers, "_reach", self.reach)
        monkeypatch.setattr(examination, "_of_one", self.nothing)
        monkeypatch.setattr(examination, "quotas", self.nothing)
        monkeypatch.setattr(examination, "_permissions", self.nothing)
        monkeypatch.setattr(examination, "deployment", self.deployment)

    async def reach(self, _: Settings, address: Address) -> Reached:
        """As `_reach`."""
        self.reached_from = min(self.reached_from, asyncio.get_running_loop().time())
        if address.host == "good":
            return Reached(address, Answering(), [ok("brokers", "good")])
        await asyncio.sleep(0.2)
        self.given_up = True
        return Reached(address, None, [wrong("brokers", "frozen")])

    async def nothing(self, *_: Any) -> list[Finding]:
        """There is nothing to say."""
        return []

    async def deployment(self, settings: Settings) -> list[Finding]:
        """Note whom it asks, and whether the silent broker had been given up by then."""
        self.asked.append((settings.kafka_bootstrap_servers, self.given_up))
        return [ok("topics", "good")]


async def looked(settings: Settings) -> list[Finding]:
    let_in = asyncio.get_running_loop().create_future()
    found = [each async for each in examination._kafka(settings, None, let_in)]
    assert let_in.result().kafka_bootstrap_servers == ("good:9092",)
    return found


TWO = Settings(tenant="acme", kafka_bootstrap_servers=("frozen:9092", "good:9092"))


async def test_a_broker_that_answers_is_asked_while_another_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(monkeypatch)
    found = await looked(TWO)
    assert [each.what for each in found] == ["frozen", "good", "good"]
    assert cluster.asked == [(("good:9092",), False)]


async def test_all_that_is_asked_of_kafka_has_one_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a frozen broker adds no time, and what gets no answer is said once."""
    cluster, ends, in_time = Cluster(monkeypatch), set[float](), examination._in_time

    def noted(settings: Settings, part: Awaitable[list[Finding]], until: float) -> Awaitable[list[Finding]]:
        ends.add(until)
        return in_time(settings, part, until)

    monkeypatch.setattr(examination, "_in_time", noted)
    monkeypatch.setattr(examination, "_ANSWER_WITHIN_S", 0.3)
    monkeypatch.setattr(examination, "deployment", lambda _: asyncio.sleep(60))
    monkeypatch.setattr(examination, "_permissions", lambda *_: asyncio.sleep(60))
    *_, last = found = await looked(TWO)
    assert len(ends) == 1
    assert max(ends) <= cluster.reached_from + 0.3
    assert (len(found), last.what) == (3, "no answer within 0.3 s")
    assert "first mend the brokers that do not let us in" in last.remedies[0]


async def test_what_one_answer_tells_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One answer tells of brokers, replicas and permissions."""
    asked = list[object]()

    async def send(self: Answering, request: object) -> Answering:
        asked.append(request)
        return self

    permissions = examination._permissions
    Cluster(monkeypatch)
    monkeypatch.setattr(examination, "_permissions", permissions)
    monkeypatch.setattr(examination, "needs", lambda settings, part: needs(settings, part)[:1])
    monkeypatch.setattr(Answering, "send", send)
    await looked(TWO)
    assert [type(each) for each in asked] == [AllowedRequest]


async def test_replicas_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    Cluster(monkeypatch)
    topics: Any = ((0, "newstore.raw.v1", False, [(0, 0, 1, 7, (1, 2, 3), [1, 3], [])], 0),)
    monkeypatch.setattr(Answering, "topics", topics)
    assert any("brokers 2 and 3 are not there" in each.what for each in await looked(TWO))


async def test_quotas_that_come_late_hide_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that a quota slows waits for the answer that names it."""
    Cluster(monkeypatch)
    topics: Any = ((0, "newstore.raw.v1", False, [(0, 0, 1, 7, (1, 2, 3), [1, 3], [])], 0),)
    monkeypatch.setattr(Answering, "topics", topics)
    monkeypatch.setattr(examination, "_ANSWER_WITHIN_S", 0.3)
    monkeypatch.setattr(examination, "quotas", lambda *_: asyncio.sleep(60))
    found = [each.what for each in await looked(TWO)]
    assert any("brokers 2 and 3 are not there" in what for what in found)
    assert "no answer within 0.3 s" in found


async def test_what_follows_from_a_broker_that_is_not_reached_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker that answers has not noticed yet, and counts the other as there and in sync."""
    Cluster(monkeypatch)
    topics: Any = ((0, "newstore.raw.v1", False, [(0, 0, 2, 7, (2,), [2], [])], 0),)
    monkeypatch.setattr(Answering, "topics", topics)
    monkeypatch.setattr(Answering, "brokers", ((1, "good", 9092, None), (2, "frozen", 9092, None)))
    found = await looked(TWO)
    assert any(
        "without broker 2, not reached from here, 1 partition of ours has too few" in each.what for each in found
    )


async def test_a_cause_is_told_before_what_follows_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """This holds whichever of the two is known first."""
    Cluster(monkeypatch)

    async def permissions(*_: object) -> list[Finding]:
        await asyncio.sleep(0.05)
        return [wrong("permissions", "not allowed")]

    monkeypatch.setattr(examination, "_permissions", permissions)
    checks = [each.check for each in await looked(TWO)]
    assert checks.index("permissions") < checks.index("topics")


async def test_what_services_say_is_told_with_what_it_may_follow_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Cluster(monkeypatch)

    async def missing(_: Settings) -> list[Finding]:
        return [wrong("topics", "missing: newstore.raw.v1")]

    async def services(_settings: Settings, let_in: asyncio.Future[Settings | None]) -> Asked:
        assert await let_in is not None
        opening = Service("http://w", problems={"lanes": "newstore.raw.v1/3 opening"})
        return Asked(Service("http://i", ready=True), [opening], [])

    monkeypatch.setattr(examination, "deployment", missing)
    monkeypatch.setattr(examination, "services", services)
    *_, lanes = [each async for each in examination.examine(TWO, None)]
    assert "lanes: newstore.raw.v1/3 opening" in lanes.what
    assert lanes.remedies[0].startswith("first mend what is wrong with brokers and topics, from which this may follow")


@pytest.mark.parametrize(
    ("service", "theirs", "said"),
    [
        ("ingress", {"topic_prefix": "newstore.eu"}, "no test event was sent: first mend ingress"),
        ("ingress", {"tenant": "beta"}, "no test event was sent: first mend ingress"),
        ("worker", {"tenant": "beta"}, "sent"),
    ],
)
async def test_another_deployments_ingress_gets_no_test_event(
    monkeypatch: pytest.MonkeyPatch, service: Literal["ingress", "worker"], theirs: dict[str, str], said: str
) -> None:
    """It would stay in the neighbour's topics for as long as any event; of another tenant, in their quarantine."""
    Cluster(monkeypatch)

    async def services(*_: object) -> Asked:
        told = Sample({"service": service, "tenant": "acme", "topic_prefix": "newstore", **theirs}, 1.0)
        found = Service("http://s", ready=True, metrics={"bridge_deployment_info": [told]})
        ours = Service("http://o", ready=True)
        return Asked(found, [ours], []) if service == "ingress" else Asked(ours, [found], [])

    async def send(_: Settings) -> AsyncGenerator[Finding, None]:
        yield ok("through", "sent")

    monkeypatch.setattr(examination, "services", services)
    monkeypatch.setattr(examination, "send_through", send)
    alone = TWO.model_copy(update={"kafka_bootstrap_servers": ("good:9092",)})
    *_, last = [each async for each in examination.examine(alone, None, through=True)]
    assert last.what == said


async def test_topics_that_may_not_be_looked_at_are_no_fault_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The missing permission was reported again, as Kafka's trouble, with a command that allows more than is needed."""

    async def plan(_: Settings) -> TopicsPlan:
        raise TopicsRefused("Kafka refused newstore.raw.v1 (no).") from TopicAuthorizationFailedError("newstore.raw.v1")

    monkeypatch.setattr(deployment, "plan", plan)
    (found,) = await deployment.deployment(TWO)
    assert (found.check, found.state) == ("topics", State.UNKNOWN)
    assert "permissions" in found.what


async def test_rules_that_may_not_be_read_are_no_fault_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def plan(_: Settings) -> TopicsPlan:
        return TopicsPlan((), (), ())

    async def check_rules(_: Settings) -> None:
        raise TopicAuthorizationFailedError("newstore.rules.v1")

    monkeypatch.setattr(deployment, "plan", plan)
    monkeypatch.setattr(deployment, "check_rules", check_rules)
    topics, rules = await deployment.deployment(TWO)
    assert (topics.state, rules.check, rules.state) == (State.OK, "rules", State.UNKNOWN)
