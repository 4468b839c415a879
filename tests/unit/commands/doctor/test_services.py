"""Which services the doctor asks, and what it says of consequences of other faults."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError

from bridge.settings import Settings
from commands.doctor import services as module
from commands.doctor.finding import Finding, State
from commands.doctor.services import findings_of_all, services
from commands.terminal.members import Member
from commands.terminal.services import Sample, Service

SETTINGS = Settings(tenant="acme")
KNOWN, OTHER, THIRD = SETTINGS.worker_url, "http://other:6066", "http://third:6066"
LANES = {"lanes": "newstore.raw.v1/3 opening"}


async def looked(
    monkeypatch: pytest.MonkeyPatch,
    seen: Mapping[str, Service],
    group: list[str] | Exception,
    before: tuple[str, ...] = (),
    *,
    let_in: bool = True,
) -> list[Finding]:
    """What is said of these services. No other one listens."""

    async def look_at(_session: object, _name: str, url: str) -> Service:
        return seen.get(url, Service(url, silence="Connection refused"))

    async def members(_settings: Settings) -> list[Member]:
        if isinstance(group, Exception):
            raise group
        return [Member(url, frozenset()) for url in group]

    monkeypatch.setattr(module, "look_at", look_at)
    monkeypatch.setattr(module, "members", members)
    broker = asyncio.get_running_loop().create_future()
    broker.set_result(SETTINGS if let_in else None)
    return list(findings_of_all(SETTINGS, await services(SETTINGS, broker), before, 0.0))


def of_workers(found: list[Finding]) -> list[str]:
    return [each.what for each in found if each.what.startswith(("the worker", "no worker"))]


async def test_every_worker_of_the_group_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the first worker, one of another tenant or one that is not ready was not seen."""
    told = {"bridge_deployment_info": [Sample({"tenant": "beta"}, 1.0)]}
    seen = {
        KNOWN: Service(KNOWN, ready=True),
        OTHER: Service(OTHER, ready=True, metrics=told),
        THIRD: Service(THIRD, problems=LANES),
    }
    found = await looked(monkeypatch, seen, [OTHER, KNOWN, THIRD])
    told_of = of_workers(found)
    assert len(told_of) == 4
    assert sum(f"the worker at {KNOWN} is ready" in each for each in told_of) == 1
    assert any(f'of another tenant: BRIDGE_TENANT is "beta" at {OTHER}' in each for each in told_of)
    assert any(f"the worker at {THIRD} is not ready: lanes" in each for each in told_of)


async def test_that_of_the_settings_need_not_be_there_where_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await looked(monkeypatch, {OTHER: Service(OTHER, ready=True)}, [OTHER])
    assert of_workers(found) == [f"the worker at {OTHER} is ready"]
    known, other = of_workers(await looked(monkeypatch, {}, [OTHER]))
    assert ("where BRIDGE_WORKER_URL says" in known, "BRIDGE_WORKER_ADVERTISED_URL says" in other) == (True, True)
    frozen = Service(KNOWN, silence="it says nothing", hangs=True)
    found = await looked(monkeypatch, {KNOWN: frozen, OTHER: Service(OTHER, ready=True)}, [OTHER])
    assert any("does not answer" in each for each in of_workers(found))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (GroupAuthorizationFailedError("a"), "this user may not see who is in the group"),
        (KafkaConnectionError("no"), "A broker does not answer"),
        (TimeoutError(), "A broker does not answer"),
    ],
)
async def test_where_nobody_tells_who_is_in_the_group_one_worker_is_asked(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    *_, last = found = await looked(monkeypatch, {KNOWN: Service(KNOWN, ready=True)}, error)
    assert of_workers(found) == [f"the worker at {KNOWN} is ready"]
    assert last.state is State.UNKNOWN
    assert f"only the worker at {KNOWN} is asked" in last.what
    assert said in last.what
    assert "bridge doctor" not in last.what  # `bridge doctor` itself says it


async def test_without_a_broker_nobody_is_asked_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await looked(monkeypatch, {KNOWN: Service(KNOWN, ready=True)}, KafkaConnectionError("no"), let_in=False)
    assert [each.state for each in found] == [State.UNKNOWN, State.OK]


async def test_what_may_follow_from_something_that_is_told_before_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy was to wait while tables are read."""
    seen = {KNOWN: Service(KNOWN, problems=LANES)}
    _, lanes = await looked(monkeypatch, seen, [KNOWN], ("topics", "permissions"))
    assert lanes.remedies[0].startswith("first mend what is wrong with permissions and topics, from which this may")
    _, lanes = await looked(monkeypatch, seen, [KNOWN], ("clock",))
    assert "wait while tables are read" in lanes.remedies[0]


async def test_its_own_full_disk_is_the_cause_of_its_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    tells = {"bridge_data_free_bytes": [Sample({}, 0)], "bridge_data_size_bytes": [Sample({}, 64 << 20)]}
    _, disk, lanes = await looked(monkeypatch, {KNOWN: Service(KNOWN, problems=LANES, metrics=tells)}, [KNOWN])
    assert disk.check == "disk"
    assert lanes.remedies[0].startswith("first mend what is wrong with disk, from which this may follow")


async def test_its_own_clock_is_the_cause_of_its_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kafka refuses what the worker stamps, and only the worker's log says so."""
    seen = {KNOWN: Service(KNOWN, problems=LANES, clock_ahead_s=7200.0)}
    _, clock, lanes = await looked(monkeypatch, seen, [KNOWN])
    assert (clock.check, clock.state) == ("clock", State.WRONG)
    assert lanes.remedies[0].startswith("first mend what is wrong with clock, from which this may follow")
