"""Others are at work while `bridge topics migrate` runs: a second migration, an ingress, a command that writes raw."""

import asyncio
import json
import signal
from dataclasses import replace
from pathlib import Path

from bridge.rules.topic import read_rules
from bridge.settings import Settings
from commands.topics.migration.rules_writer import put_in_force, rules_writer
from tests.integration.alarms import Alarms
from tests.integration.exactly_once.deliveries import TENANT
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.load import Load
from tests.integration.exactly_once.migrated import Topics
from tests.integration.exactly_once.migrating import (
    AT_ONCE,
    LATE,
    SIX,
    VERBOSE,
    balanced,
    checked,
    go_on_and_compare,
    migrate,
    processed,
)
from tests.integration.exactly_once.service import Service
from tests.integration.waiting import wait_until
from tests.programs.checker.names import QUARANTINE, RAW


def test_a_frozen_one_that_wakes_up_writes_nothing_any_more(deployment: Deployment, tmp_path: Path) -> None:
    before = processed(deployment)
    fault = {"test_fault": "migration-rebuilt:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    beside = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE).result()
    assert (beside.exit_code, "cannot be used" in beside.stderr) == (2, True), beside.stderr  # both use one directory
    migrate(deployment, **SIX, worker_data_dir=str(tmp_path / "elsewhere"))
    frozen.go_on()
    woken = frozen.result()
    assert (woken.exit_code, "started meanwhile" in woken.stderr) == (2, True), woken.stderr
    go_on_and_compare(deployment, before, **SIX)


def test_one_that_is_confirmed_after_another_one_has_done_its_work_takes_nothing_back(
    deployment: Deployment, tmp_path: Path
) -> None:
    """It once recorded fewer partitions than there were by then, said that it was done, and no service started."""
    before = processed(deployment)
    fault = {"test_fault": "migration-confirmed:STOP:1"}
    shown = deployment.command("topics", "migrate", "--yes", partitions="5", **AT_ONCE, **fault)
    shown.wait_frozen()
    migrate(deployment, **SIX, worker_data_dir=str(tmp_path / "elsewhere"))
    shown.go_on()
    refused = shown.result()
    assert (refused.exit_code, "since this plan was shown" in refused.stderr) == (2, True), refused.stderr
    go_on_and_compare(deployment, before, **SIX)


def test_what_lies_beyond_the_partitions_of_the_record_is_moved_with_the_rest(deployment: Deployment) -> None:
    """An earlier revision has recorded fewer partitions than there are, as above: its next migration forgot the keys
    beyond them. No service starts then, so after a week Kafka has forgotten how far workers had come, and none can say
    it again."""
    deployment.load.send(LATE)
    end_in_order(deployment)
    migrate(deployment, **SIX)
    rules = Settings(**{**deployment.settings.model_dump(exclude_defaults=True), **SIX})
    Load(rules, seed=2).send(LATE)
    end_in_order(deployment, **SIX)
    before = Topics.of(deployment)
    assert any(record.partition == 5 and record.key for record in before.raw)
    asyncio.run(record_fewer(rules, tuple(deployment.ends(RAW).values())))
    deployment.forget_group()
    migrate(deployment, **SIX)
    Load(rules, seed=1).send(LATE)
    Load(rules, seed=2).send(LATE)
    end_in_order(deployment, **SIX)
    again = Topics.of(deployment).places()
    assert again.pop(QUARANTINE)  # what is no event is put aside as often as it comes
    assert again == {dataset: places for dataset, places in before.places().items() if dataset != QUARANTINE}
    assert balanced(deployment, **SIX)["before_migration"] == len(before.raw)


def end_in_order(deployment: Deployment, **settings: str) -> None:
    """A worker processes everything, and ends in order."""
    worker = deployment.worker("worker", **settings)
    deployment.wait_settled()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


async def record_fewer(settings: Settings, raw_ends: tuple[int, ...]) -> None:
    """Record five partitions, as that revision's migration did to deployments of six."""
    async with rules_writer(settings) as producer:
        recorded = await read_rules(settings)
        assert recorded is not None
        await put_in_force(producer, settings, recorded.migrated(replace(recorded.rules, partitions=5), raw_ends))


def test_what_an_ingress_stores_too_late_is_processed_once_under_the_new_rules(deployment: Deployment) -> None:
    """The events lie where the old rules put them, behind what the worker has processed. Their rows belong
    elsewhere."""
    before = processed(deployment)
    fault = {"test_fault": "migration-announced:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    deployment.load.send(LATE)
    frozen.go_on()
    woken = frozen.result()
    assert woken.exit_code == 0, woken.stderr
    worker = deployment.worker("worker", **SIX)
    worker.wait_ready()
    deployment.wait_settled()
    after = checked(deployment, before, deployment.load.meanings, 6)
    worker.end()
    go_on_and_compare(deployment, after, **SIX)


def test_an_ingress_that_runs_on_stops_taking_events_and_then_ends(deployment: Deployment, alarms: Alarms) -> None:
    """The ingress answers 500, so that NewStore sends every event again until an ingress with the new rules runs."""
    patient = {"ingress_ack_timeout": "60s"}
    ingress = deployment.ingress(**patient)
    ingress.wait_ready()
    assert post(ingress, 1) == 200
    worker = deployment.worker("worker")
    worker.wait_ready()
    deployment.wait_settled()
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    alarms.was_well(ingress=ingress.page)
    fault = {"test_fault": "migration-announced:STOP:1"}
    frozen = deployment.command("topics", "migrate", "--yes", **SIX, **AT_ONCE, **fault)
    frozen.wait_frozen()
    wait_until("it takes nothing", lambda: post(ingress, 2) == 500 and b"under way" in ingress.get(VERBOSE).body)
    stored = len(deployment.records(RAW))
    assert [post(ingress, number) for number in range(3, 20)] == [500] * 17
    assert len(deployment.records(RAW)) == stored
    alarms.goes_on(ingress=ingress.page)
    starting = deployment.ingress("starting", **SIX, **patient)
    wait_until("it is alive", lambda: starting.status("/livez") == 200)
    assert post(starting, 20) == 500
    frozen.go_on()
    assert frozen.result().exit_code == 0
    assert ingress.wait() == 2
    starting.wait_ready()
    assert post(starting, 21) == 200
    burn = ("BridgeAvailabilityBurn critical", "BridgeAvailabilityBurn warning")
    alarms.assert_raised("BridgeUnexpectedErrors warning", *burn)


def post(ingress: Service, number: int) -> int:
    """Status of the answer."""
    return ingress.request("POST", "/webhooks/newstore", body(number), BEARER).status


def body(number: int) -> bytes:
    """An order's creation, unlike all others here."""
    envelope = {"tenant": TENANT, "name": "order.created", "published_at": None, "payload": {"id": f"late-{number}"}}
    return json.dumps(envelope).encode()


def test_a_command_that_was_writing_raw_does_not_go_on(deployment: Deployment, tmp_path: Path) -> None:
    """A backfill has sent lines by the old rules, and is about to commit them."""
    before = processed(deployment)
    export = tmp_path / "lines.export"
    export.write_bytes(b"".join(body(number) + b"\n" for number in range(50)))
    frozen = deployment.command("backfill", str(export), "--yes", fault="before-commit:STOP:1")
    frozen.wait_frozen()
    migrate(deployment, **SIX)
    frozen.go_on()
    assert frozen.result().exit_code == 2
    assert len(deployment.records(RAW)) == len(before.raw)
    under_new_rules = deployment.command("backfill", str(export), "--yes", **SIX).result()
    assert under_new_rules.exit_code == 0, under_new_rules.stderr
    deployment.wait_for_markers()
    assert len(deployment.records(RAW)) == len(before.raw) + 50
