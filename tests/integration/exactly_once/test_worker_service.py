"""The worker as a service: when it starts, refuses and answers."""

import asyncio
import json
import signal

from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from deploy.local.ports import free_ports
from tests.deployment import set_up
from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deliveries import TENANT, Delivery
from tests.integration.exactly_once.deployment import BEARER, LANES, Deployment, wait_for_lanes
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.checker.names import RAW

ODD_REFUND = json.dumps(
    {"tenant": TENANT, "name": "refund_request.issued", "payload": {"id": 1, "amount": "much", "colour": "red"}}
).encode()


def test_without_kafka_it_stays_up_and_says_what_it_waits_for(deployment: Deployment) -> None:
    nowhere = f"127.0.0.1:{free_ports(1)[0]}"
    worker = deployment.worker("worker", kafka_bootstrap_servers=nowhere)
    wait_until("it answers", lambda: worker.status("/livez") == 200)
    assert worker.get("/readyz").status == 503
    wait_until("it says why", lambda: b"Kafka" in worker.get("/readyz?verbose").body)
    assert worker.get("/orders/any", **BEARER).status == 503
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0


def test_other_rules_than_the_recorded_ones_end_it(deployment: Deployment) -> None:
    """Another partition count would split orders and forget keys."""
    assert deployment.worker("worker", partitions="6").wait() == 2


def test_a_group_whose_offsets_were_deleted_has_them_again(deployment: Deployment) -> None:
    """Otherwise the ledger, a migration and the marks of incomplete orders would wait for each partition's next
    record."""
    deployment.load.send(100)
    worker = deployment.worker("worker")
    deployment.wait_settled()
    worker.end()
    deployment.forget_group()
    deployment.worker("worker again").wait_ready()
    ledger = deployment.command("verify", "--wait", "60s", "-o", "json").result()
    assert json.loads(ledger.stdout)["balanced"]


def test_a_changelog_that_forgets_too_early_is_mended_before_anything_is_decided(deployment: Deployment) -> None:
    """A cold recovery would not bring back every key that counts, and their duplicates would pass."""
    settings = deployment.settings
    changelog = ConfigResource(ConfigResource.Type.TOPIC, settings.topics.dedupe_changelog)
    changelog.add_incremental_config(
        ConfigEntry("retention.ms", "3600000", incremental_operation=AlterConfigOpType.SET)
    )
    admin = AdminClient({"bootstrap.servers": ",".join(settings.kafka_bootstrap_servers)})
    for altered in admin.incremental_alter_configs([changelog]).values():
        altered.result(PATIENCE)
    deployment.load.send(100)
    worker = deployment.worker("worker")
    wait_until("it answers", lambda: worker.status("/livez") == 200)
    wait_until("it says why", lambda: b"rows that still count would be lost" in worker.get("/readyz?verbose").body)
    assert worker.get("/readyz").status == 503
    assert worker.lanes() == set()
    asyncio.run(set_up(settings))
    wait_for_lanes(worker)
    deployment.check()


def test_any_worker_answers_for_any_order(deployment: Deployment) -> None:
    """A worker that does not own the order's partition asks the one that does."""
    deployment.load.send(400)
    workers = [deployment.worker("first"), deployment.worker("second")]
    wait_for_lanes(*workers)
    deployment.wait_settled()
    order_ids = deployment.order_ids()
    assert len(order_ids) > 10

    def same(order_id: str) -> bool:
        """Workers learn in the first seconds what the first events were. So an answer may differ from the one
        before."""
        answers = [asked(worker, f"/orders/{order_id}") for worker in workers]
        assert [answer.status for answer in answers] == [200, 200]
        assert answers[0].document["order_id"] == order_id
        etags = {answer.headers["etag"] for answer in answers}
        return answers[0].document == answers[1].document and len(etags) == 1

    for order_id in order_ids:
        wait_until("both say the same", lambda order_id=order_id: same(order_id))  # type: ignore[misc]
    assert asked(workers[0], "/orders/nobody-ordered-this").status == 404
    assert workers[0].get(f"/orders/{order_ids[0]}").status == 401
    assert workers[0].get(f"/orders/{order_ids[0]}", Authorization="Bearer wrong").status == 401


def test_the_metrics_tell_what_the_topics_hold(deployment: Deployment) -> None:
    """Counters have what was committed; gauges follow within a second."""
    deployment.load.send(400)
    deployment.load.send_all([Delivery("refund_request.issued", ODD_REFUND, None)])
    worker = deployment.worker("worker", shape_sample="1")
    worker.wait_ready()
    deployment.wait_settled()
    wait_until("no lag", lambda: worker.metric("bridge_consumer_lag_events") == 0)
    raw, orders = len(deployment.values(RAW)), len(deployment.order_ids())
    wait_until("orders counted", lambda: worker.metric("bridge_orders{") == orders)
    assert worker.metric("bridge_events_total") == raw
    assert worker.metric("bridge_end_to_end_seconds_count") == worker.metric("bridge_events_total", '"unique"')
    wait_until("all lanes run", lambda: worker.metric("bridge_lane_state{", 'state="ready"') == LANES)
    assert 0 < worker.metric("bridge_orders_provisional") <= orders
    assert worker.metric("bridge_table_keys{", "orders") >= orders
    for deviation in ('field="payload.colour",kind="unknown_field"', 'field="payload.amount",kind="type"'):
        series = f'bridge_shape_deviations_total{{event="refund_request.issued",{deviation}}}'
        wait_until("its shape is looked at", lambda series=series: worker.metric(series) == 1)  # type: ignore[misc]
