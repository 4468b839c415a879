"""What the doctor makes of answers, without any Kafka."""

import math
import os
import shutil
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import ClusterAuthorizationFailedError, IncompatibleBrokerVersion
from aiokafka.protocol.admin import DescribeClientQuotasResponse_v0

from bridge.settings import Settings
from bridge.topics import ConfigChange, TopicsPlan, specs
from commands.doctor import machine
from commands.doctor.brokers import certificate_of
from commands.doctor.deployment import topics_of
from commands.doctor.finding import Finding, State, told
from commands.doctor.limits import Disk, disk_of, limits_of, quotas, quotas_of
from commands.doctor.registration import as_curl, registration
from commands.doctor.services import findings_of
from commands.terminal.disks import low_disk
from commands.terminal.remedies import (
    OF_A_FOREIGN_INGRESS,
    OF_A_FOREIGN_WORKER,
    OF_A_HANG,
    OF_A_LOST_TOPIC,
    OF_ANOTHER_TENANT,
)
from commands.terminal.services import Sample, Service
from processors.engine.overrides.connections import Address

GIB = 1 << 30
NOW = 1_750_000_000.0


def settings(**given: object) -> Settings:
    return Settings.model_validate({"tenant": "acme", **given})


@pytest.mark.parametrize(("free", "state"), [(50 * GIB, State.OK), (5 * GIB, State.WARNING), (GIB // 100, State.WRONG)])
def test_a_full_disk_is_wrong(free: int, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(free=free, total=100 * GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert machine.disk(tmp_path / "data").state is state
    assert disk_of("broker 1", Disk(0, "/var/lib/kafka", 100 * GIB, free)).state is state


def test_a_data_directory_that_cannot_be_made_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root
    assert machine.disk(tmp_path / "data").state is State.WRONG


@pytest.mark.parametrize(("name", "encoding"), [("d\udce4ten", "utf-8"), ("däten", "latin-1"), ("däten", "ascii")])
def test_a_data_directory_that_rocksdb_would_not_find_is_wrong(
    name: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RocksDB's paths are UTF-8, Python's are in the locale's encoding: all lanes would halt."""
    monkeypatch.setattr(os, "fsencode", lambda path: str(path).encode(encoding, "surrogateescape"))
    assert machine.disk(tmp_path / "daten").state is State.OK
    assert (found := machine.disk(tmp_path / name)).state is State.WRONG
    assert "UTF-8" in found.what


def test_an_offline_log_directory_is_wrong() -> None:
    found = disk_of("broker 1", Disk(56, "/var/lib/kafka", -1, -1))
    assert (found.state, "KAFKA_STORAGE_ERROR" in found.what) == (State.WRONG, True)


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ([("client-id", None)], ["a client quota of everybody is producer_byte_rate=2000, request_percentage=0.5"]),
        ([("user", None)], ["a client quota of everybody is producer_byte_rate=2000, request_percentage=0.5"]),
        ([("user", "ANONYMOUS")], ["a client quota of ANONYMOUS is producer_byte_rate=2000, request_percentage=0.5"]),
        ([("user", "another")], []),
        ([("user", None), ("client-id", "another")], []),
    ],
)
def test_a_client_quota_that_may_be_ours_is_to_be_looked_at(
    entity: list[tuple[str, str | None]], said: list[str]
) -> None:
    rates = [("producer_byte_rate", 2000.0), ("request_percentage", 0.5), ("controller_mutation_rate", 1.0)]
    found = list(quotas_of(settings(), [(entity, rates), (entity, rates[2:])]))
    assert [(each.state, each.what) for each in found] == [(State.WARNING, what) for what in said]


class Broker:
    """Gives this answer, or raises it."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    async def send(self, _: object) -> object:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


WITHOUT_QUOTAS = DescribeClientQuotasResponse_v0(0, 0, None, [])
WITH_ONE = DescribeClientQuotasResponse_v0(0, 0, None, [([("user", None)], [("consumer_byte_rate", 1048576.0)])])
NOT_SHOWN = DescribeClientQuotasResponse_v0(0, ClusterAuthorizationFailedError.errno, "not allowed", [])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (WITHOUT_QUOTAS, []),
        (WITH_ONE, [(State.WARNING, "a client quota of everybody is consumer_byte_rate=1048576")]),
        (NOT_SHOWN, [(State.UNKNOWN, "client quotas are not shown to this user (DescribeConfigs on the cluster)")]),
        (IncompatibleBrokerVersion(), [(State.UNKNOWN, "the brokers are too old to tell of client quotas")]),
    ],
)
async def test_client_quotas_are_told_as_far_as_kafka_tells_them(answer: object, said: list[tuple[State, str]]) -> None:
    if isinstance(answer, DescribeClientQuotasResponse_v0):
        answer = DescribeClientQuotasResponse_v0.decode(answer.encode())
    found = await quotas(settings(), Broker(answer))
    assert [(each.state, each.what) for each in found] == said


def test_open_files_have_to_do_for_all_connections() -> None:
    assert machine.open_files(3072, 2048).state is State.OK
    assert machine.open_files(3071, 2048).state is State.WARNING
    assert machine.open_files(-1, 2048).state is State.OK


def test_a_certificate_that_expires_soon_is_to_be_looked_at() -> None:
    address, certificate = Address("kafka", 9093), {"notAfter": "Jan 31 00:00:00 2026 GMT"}
    end = 1_769_817_600
    assert certificate_of(address, certificate, end - 90 * 86_400).state is State.OK
    assert certificate_of(address, certificate, end - 20 * 86_400).state is State.WARNING


@pytest.mark.parametrize(
    ("given", "values", "said"),
    [
        ({"session_timeout": timedelta(seconds=5)}, {"group.min.session.timeout.ms": "6000"}, "BRIDGE_SESSION_TIMEOUT"),
        (
            {"session_timeout": timedelta(hours=1)},
            {"group.max.session.timeout.ms": "1800000"},
            "group.max.session.timeout.ms is 1800000",
        ),
        (
            {"transaction_timeout": timedelta(hours=1)},
            {"transaction.max.timeout.ms": "900000"},
            "BRIDGE_TRANSACTION_TIMEOUT",
        ),
        ({}, {"socket.request.max.bytes": "1000000"}, "8388608"),
    ],
)
def test_settings_outside_the_brokers_limits_are_wrong(
    given: dict[str, object], values: dict[str, str], said: str
) -> None:
    (found,) = limits_of(settings(**given), 1, values)
    assert (found.state, said in found.what) == (State.WRONG, True)
    (fits,) = limits_of(settings(), 1, {"group.max.session.timeout.ms": "1800000"})
    assert fits.state is State.OK


def test_what_loses_data_is_wrong_and_the_rest_is_to_be_looked_at() -> None:
    raw = settings().topics.raw
    losing, harmless = ConfigChange(raw, "retention.ms", "1", "2"), ConfigChange(raw, "segment.ms", "1", "2")
    made = TopicsPlan(specs(settings())[:2], (losing, harmless), (f"{raw} has 1 partitions, not 8: no.",))
    found = list(topics_of(settings(), made))
    assert [each.state for each in found] == [State.WRONG, State.WRONG, State.WARNING, State.WRONG]
    assert raw in found[0].what
    assert found[0].remedies == ("bridge topics apply", OF_A_LOST_TOPIC)
    assert "BRIDGE_PARTITIONS" in found[3].remedies[0]
    assert [each.remedies for each in found[1:3]] == [
        ("bridge topics apply",),  # no setting tolerates it
        ("bridge topics apply", "BRIDGE_TOLERATED_TOPIC_SETTINGS=segment.ms"),
    ]


def findings(**given: object) -> list[Finding]:
    given_settings = settings(worker_url="http://w")
    return list(findings_of(given_settings, "worker", Service("http://w", **given), NOW))  # type: ignore[arg-type]


def test_a_service_that_hangs_is_wrong() -> None:
    """A service that is not there may run elsewhere."""
    (frozen,) = findings(silence="it takes connections, and says nothing", hangs=True)
    assert (frozen.state, frozen.remedies) == (State.WRONG, (OF_A_HANG,))


def test_another_deployments_worker_is_wrong() -> None:
    lanes = {"bridge_lane_state": [Sample({"topic": "other.raw.v1", "partition": "0", "state": "ready"}, 1.0)]}
    (foreign,) = findings(ready=True, metrics=lanes)
    assert (foreign.state, foreign.remedies) == (State.WRONG, (OF_A_FOREIGN_WORKER,))


@pytest.mark.parametrize(("name", "remedy"), [("ingress", OF_A_FOREIGN_INGRESS), ("worker", OF_A_FOREIGN_WORKER)])
def test_a_service_of_another_prefix_is_wrong_before_it_has_a_lane(name: str, remedy: str) -> None:
    """An ingress never has one: a neighbour's was "ready", and took the test event."""
    told = Sample({"service": name, "tenant": "acme", "topic_prefix": "newstore.eu"}, 1.0)
    service = Service("http://s", ready=True, metrics={"bridge_deployment_info": [told]})
    (foreign,) = findings_of(settings(), name, service, NOW)
    assert (foreign.state, foreign.remedies) == (State.WRONG, (remedy,))
    assert 'BRIDGE_TOPIC_PREFIX is "newstore.eu" at http://s, and newstore here' in foreign.what


@pytest.mark.parametrize(("tenant", "state"), [("beta", State.WRONG), ("acme", State.OK)])
def test_a_service_of_another_tenant_is_wrong_before_any_event_comes(tenant: str, state: State) -> None:
    told = Sample({"service": "worker", "tenant": tenant, "topic_prefix": "newstore"}, 1.0)
    first, *_ = findings(ready=True, metrics={"bridge_deployment_info": [told]})
    assert first.state is state
    assert (first.remedies == (OF_ANOTHER_TENANT,)) is (state is State.WRONG)


def test_a_service_is_taken_at_its_word() -> None:
    (silent,) = findings(silence="Connection refused")
    assert (silent.state, "BRIDGE_WORKER_URL" in silent.what) == (State.UNKNOWN, True)
    (halted,) = findings(problems={"lanes": "newstore.raw.v1/3 halted"})
    assert (halted.state, "newstore.raw.v1/3 halted" in halted.what) == (State.WRONG, True)
    assert "when-a-lane-halts" in halted.remedies[0]
    ready, tenant, keys = findings(ready=True, warnings={"tenant": "all events are of beta", "keys": "short"})
    assert [each.state for each in (ready, tenant, keys)] == [State.OK, State.WRONG, State.WARNING]
    assert "BRIDGE_TENANT" in tenant.remedies[0]
    assert "if only some" in tenant.remedies[0]
    assert "--yes" not in tenant.remedies[0]


@pytest.mark.parametrize(("free", "state"), [(3 << 20, State.WRONG), (5 * GIB, State.WARNING)])
def test_the_disk_of_a_worker_elsewhere_is_named_before_its_lanes(free: int, state: State) -> None:
    """The finding has the words and the remedy of `bridge status`. It was only "opening: wait while tables are
    read"."""
    tells = {"bridge_data_free_bytes": [Sample({}, free)], "bridge_data_size_bytes": [Sample({}, 100 * GIB)]}
    full, lanes = findings(problems={"lanes": "newstore.raw.v1/3 opening"}, metrics=tells)
    assert (full.check, full.state) == ("disk", state)
    low = low_disk(Service("http://w", metrics=tells))
    assert low is not None
    assert (full.what, full.remedies) == (low.what, (low.remedy,))
    assert "opening" in lanes.what


def test_a_disk_with_space_and_one_that_nobody_tells_of_are_not_told() -> None:
    tells = {"bridge_data_free_bytes": [Sample({}, 50 * GIB)], "bridge_data_size_bytes": [Sample({}, 100 * GIB)]}
    assert [each.check for each in findings(ready=True, metrics=tells)] == ["services"]
    unset = {name: [Sample({}, 0.0)] for name in tells}
    assert [each.check for each in findings(ready=True, metrics=unset)] == ["services"]


@pytest.mark.parametrize(
    ("days", "said", "states"),
    [
        (14.1, "", []),
        (2.9, "BRIDGE_KAFKA_SSL_CERTFILE of the worker at http://w ends in 3 days", [State.WARNING]),
        (-1.1, "BRIDGE_KAFKA_SSL_CERTFILE of the worker at http://w ended 1 days ago", [State.WRONG]),
    ],
)
def test_a_services_certificate_that_ends_soon_is_told(days: float, said: str, states: list[State]) -> None:
    """Doctor looked at the files of its own environment alone, which are others in the pods of a deployment."""
    ends = Sample({"setting": "BRIDGE_KAFKA_SSL_CERTFILE"}, NOW + days * 86_400)
    *found, _ = findings(ready=True, metrics={"bridge_certificate_expiry_timestamp_seconds": [ends]})
    assert [each.state for each in found] == states
    assert all(each.check == "tls" and said in each.what for each in found)


@pytest.mark.parametrize(
    ("ahead", "states"),
    [(None, []), (1.0, []), (-30.0, [State.WARNING]), (7200.0, [State.WRONG]), (math.inf, [State.WRONG])],
)
def test_a_clock_that_is_unlike_ours_is_told(ahead: float | None, states: list[State]) -> None:
    *found, _ = findings(ready=True, clock_ahead_s=ahead)
    assert [each.state for each in found] == states


def test_a_sentence_of_the_bridge_is_taken_apart_at_its_remedy() -> None:
    found = told("settings", "No Kafka answers at a:1, b:2: start it, or set BRIDGE_X.")
    assert (found.what, found.remedies) == ("No Kafka answers at a:1, b:2", ("start it, or set BRIDGE_X",))
    assert told("settings", "BRIDGE_TENANT is required.").what == "BRIDGE_TENANT is required"


def test_the_registration_has_no_key_and_what_is_set() -> None:
    call = registration(settings(ingress_url="https://hooks.acme.eu", events="order.created", ingress_api_keys="s3"))
    parameters = call["body"]["callback_parameters"]
    assert parameters == {"callback_url": "https://hooks.acme.eu/webhooks/newstore", "api_key": "KEY"}
    assert call["body"]["filter_conditions"]["event_filter"] == ["order.created"]
    assert call["url"].startswith("https://acme.")
    assert "s3" not in "".join(as_curl(call))
    assert "YOUR-HOST" in registration(settings())["body"]["callback_parameters"]["callback_url"]
