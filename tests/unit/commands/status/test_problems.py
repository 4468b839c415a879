"""What somebody has to do, as a picture shows it, and that nothing is said where nothing is wrong."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.kafka.reading import Source
from commands.status.arrivals import Arrival, Arrivals, arrival_of
from commands.status.picture import NEWEST, KafkaSide, KeptCounts
from commands.status.problems import problems
from commands.terminal.members import Member
from commands.terminal.services import Sample, Service
from tests.unit.commands.record.test_shown import Read
from tests.unit.commands.status.pictures import INGRESS, LANES, RAW, picture, refusing, worker


@pytest.mark.parametrize(
    ("given", "said", "remedy"),
    [
        ({"workers": [worker({LANES[0]: "halted"})]}, f"{RAW}/0 has halted", "when-a-lane-halts"),
        ({"kafka": KafkaSide(troubles=["Kafka: no answer from a:1 within 3 s"])}, "a:1", "bridge doctor"),
        ({"kafka": KafkaSide(troubles=["x does not exist -> run `bridge topics apply`"])}, "x does", "topics apply"),
        ({"kafka": KafkaSide(members=[])}, "no worker is in the consumer group", "bridge worker"),
        ({"ingress": Service("http://i", silence="no answer within 3 s")}, "http://i", "BRIDGE_INGRESS_URL"),
        ({"ingress": Service("http://i", silence="frozen", hangs=True)}, "frozen", "restart it if it is frozen"),
        ({"ingress": Service("http://i", warnings={"tenant": "all are of beta"})}, "of beta", "BRIDGE_TENANT"),
        (
            {"workers": [Service("http://w", problems={"processor": "it crashed: No space left on device"})]},
            "No space left",
            "make space",
        ),
        (
            {"workers": [worker(bridge_data_free_bytes=3 << 20, bridge_data_size_bytes=64 << 20)]},
            "3 of 64 MiB free",
            "make space",
        ),
        (
            {"kafka": KafkaSide(quarantined=KeptCounts(3, 0, {"other_tenant": 3}))},
            "3 events of another tenant were quarantined in the last hour; ours is acme",
            "BRIDGE_TENANT",
        ),
        ({"kafka": KafkaSide(quarantined=KeptCounts(3, 0, {"too_large": 3}))}, "3 bodies", "bridge quarantine list"),
        ({"kafka": KafkaSide(conflicts=KeptCounts(3, 2, {}))}, "2 conflicts", "bridge conflicts list"),
        ({"workers": [worker(bridge_orders_incomplete=2)]}, "2 orders are incomplete", "bridge gaps"),
    ],
)
def test_what_somebody_has_to_do_comes_with_how(given: dict[str, Any], said: str, remedy: str) -> None:
    first = next(problems(picture(**given)))
    assert said in first.what
    assert remedy in (first.remedy or "")


AWAY = {"401": 200, "404": 10, "405": 4}


@pytest.mark.parametrize(
    ("hours", "refused", "said"),
    [
        (23.9, 214, None),
        (24.5, 0, ""),
        (49, 0, ""),
        (49, 214, "; since its start the ingress has answered 214 deliveries 401, 404 or 405"),
    ],
)
def test_a_stream_that_is_silent_for_a_day_is_somebodys_work(hours: float, refused: int, said: str | None) -> None:
    """`Nothing is wrong` stood beneath a last event of Saturday, while NewStore's key was refused."""
    last = Arrival(Source(0, 1), "order.opened", 1_000_000, 1.0)
    told = [Sample({"status": status, "cause": status}, refused // 214 * some) for status, some in AWAY.items()]
    told.append(Sample({"status": "429", "cause": "in_flight"}, 7))
    seen = picture(
        ingress=replace(INGRESS, metrics={"bridge_ingress_refused_total": told}),
        kafka=KafkaSide(arrivals=Arrivals(5, 0, last, None)),
        at=1000.0 + hours * 3600,
    )
    wanted = [] if said is None else [f"no event has come for {hours:.0f} hours{said}"]
    assert [each.what for each in problems(seen)] == wanted
    assert all("docs/runbook.md#bridgenoeventforaday" in (each.remedy or "") for each in problems(seen))


@pytest.mark.parametrize(
    ("source", "told"),
    [(b"/newstore/beta", True), (b"\xff\x1b[2J", True), (b"/newstore/acme", False), (None, False)],
)
def test_an_ingress_of_another_tenant_is_known_by_the_last_event(source: bytes | None, told: bool) -> None:
    """This includes an ingress out of reach from here. Other writers into raw tell nothing."""
    last = arrival_of(Read(b"{}", headers=[("ce_source", source)] if source else []))
    found = list(problems(picture(kafka=KafkaSide(arrivals=Arrivals(5, 60, last, None)))))
    assert len(found) == told
    for each in found:
        assert "BRIDGE_TENANT here is acme" in each.what
        assert each.what.isprintable()
        assert "the same BRIDGE_TENANT" in (each.remedy or "")


def test_a_service_of_another_tenant_is_told_before_any_event_comes() -> None:
    told = {"bridge_deployment_info": [Sample({"service": "ingress", "tenant": "beta"}, 1.0)]}
    (found,) = problems(picture(ingress=Service("http://i", ready=True, metrics=told)))
    assert 'BRIDGE_TENANT is "beta" at http://i, and acme here' in found.what
    assert (found.remedy or "").startswith("set BRIDGE_INGRESS_URL, or "), "it may be a neighbour's, and right"


def test_a_full_disk_stands_before_the_lanes_that_it_stops() -> None:
    halted = worker(dict.fromkeys(LANES, "halted"), bridge_data_free_bytes=0, bridge_data_size_bytes=64 << 20)
    told = list(problems(picture([worker(), halted])))
    assert [("the disk" in each.what, "has halted" in each.what) for each in told[:2]] == [(True, False), (False, True)]
    assert sum("the disk" in each.what for each in told) == 1
    assert "first mend the full disk" in str(told[1].remedy)


def test_a_certificate_that_ends_within_two_weeks_is_somebodys_work() -> None:
    """`Nothing is wrong` was said two days before Kafka would be away for every service."""
    ends = {"bridge_certificate_expiry_timestamp_seconds": [Sample({"setting": "BRIDGE_KAFKA_SSL_CAFILE"}, 173_800.0)]}
    (found,) = problems(picture(ingress=replace(INGRESS, metrics=ends)))
    assert found.what == "the certificate in BRIDGE_KAFKA_SSL_CAFILE of the ingress at http://i ends in 2 days"
    assert found.remedy is not None
    assert "each new connection reads" in found.remedy
    assert "key" not in found.remedy, "authorities have none"
    later = picture(ingress=replace(INGRESS, metrics=ends), at=173_800.0 - 15 * 86_400)
    assert not list(problems(later))


@pytest.mark.parametrize(
    ("kafka", "disk", "said"),
    [
        (KafkaSide(["x does not exist -> y"], lacks_topics=True), {}, "the topics that do not exist"),
        (
            KafkaSide(),
            {"bridge_data_free_bytes": 0, "bridge_data_size_bytes": 64 << 20},
            "the full disk",
        ),
    ],
)
def test_what_follows_from_something_that_is_told_before_says_so(
    kafka: KafkaSide, disk: dict[str, float], said: str
) -> None:
    opening = worker(dict.fromkeys(LANES, "opening"), **disk)
    cause, lanes = problems(picture([replace(opening, ready=False, problems={"lanes": "x opening"})], kafka=kafka))
    assert "x opening" in lanes.what
    assert (lanes.remedy or "").startswith(f"first mend {said}")
    assert "opening" not in cause.what


@pytest.mark.parametrize(
    ("kafka", "remedy"),
    [
        (KafkaSide(members=[]), "see what it says"),
        (
            KafkaSide(["x does not exist -> y"], members=[], lacks_topics=True),
            "first mend the topics that do not exist",
        ),
    ],
)
def test_nobody_is_to_start_a_worker_that_runs(kafka: KafkaSide, remedy: str) -> None:
    waiting = Service("http://w", problems={"group": "not a member of the consumer group"})
    *_, group, nobody = problems(picture([waiting], kafka=kafka))
    assert "not a member" in group.what
    assert "no worker is in the consumer group" in nobody.what
    assert remedy in (nobody.remedy or "")
    assert "start" not in (nobody.remedy or "")


def test_deliveries_that_are_refused_for_want_of_a_topic_say_so() -> None:
    kafka = KafkaSide(["x does not exist -> y"], lacks_topics=True)
    before = picture(ingress=refusing(kafka_error=4))
    _, refused = problems(picture(ingress=refusing(kafka_error=5), at=1001.0, since=before, kafka=kafka))
    assert "1 delivery 500" in refused.what
    assert (refused.remedy or "").startswith("first mend the topics that do not exist")


def test_where_nothing_is_wrong_nothing_is_said() -> None:
    kafka = KafkaSide(
        members=[Member("http://w", frozenset())], quarantined=KeptCounts(0, 0, {}), conflicts=KeptCounts(1, 0, {})
    )
    assert list(problems(picture(kafka=kafka))) == []


def test_what_was_replayed_is_nobodys_trouble_any_more() -> None:
    reasons = {"other_tenant": 3, "invalid_json": 2}
    done = KafkaSide(quarantined=KeptCounts(5, 0, reasons, reasons))
    assert list(problems(picture(kafka=done))) == []
    half = KafkaSide(quarantined=KeptCounts(5, 0, reasons, {"other_tenant": 1, "invalid_json": 1}))
    tenant, body = problems(picture(kafka=half))
    assert (tenant.what.split()[0], body.what.split()[0]) == ("2", "1")


def test_of_more_than_are_looked_at_the_numbers_are_bounds() -> None:
    many = KeptCounts(NEWEST + 1, 7, {"invalid_json": NEWEST + 1}, {"invalid_json": 1})
    body, conflict = problems(picture(kafka=KafkaSide(quarantined=many, conflicts=many)))
    assert body.what.startswith("at most 1,000 bodies")
    assert conflict.what.startswith("at least 7 conflicts")


def test_without_kafka_a_service_says_only_that() -> None:
    silent = Service("http://w", problems={"kafka": "No Kafka answers", "group": "no member", "lanes": "none"})
    (found,) = problems(picture([silent]))
    assert "No Kafka answers" in found.what


@pytest.mark.parametrize(
    ("kafka", "says", "said"),
    [
        (KafkaSide(["the group: no answer from a:1"], is_silent=True), "not a member", "broker that does not answer"),
        (KafkaSide(["the group: no answer"], is_silent=True), "no: GROUP_AUTHORIZATION_FAILED (a)", "a missing ACL"),
        (KafkaSide(), "not a member", "a missing ACL"),
    ],
)
def test_no_acl_is_looked_for_while_a_broker_is_silent(kafka: KafkaSide, says: str, said: str) -> None:
    """The exception is an answer that Kafka gave to the worker."""
    *_, group = problems(picture([Service("http://w", problems={"group": says})], kafka=kafka))
    assert says in group.what
    assert said in (group.remedy or "")
    assert ("ACL" in (group.remedy or "")) == ("ACL" in said)
