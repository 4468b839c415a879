"""Somebody else's consumer commits in the workers' group, so its lanes go on behind records that nobody has
processed."""

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.integration.alarms import Alarms
from tests.integration.exactly_once.deployment import Deployment
from tests.integration.waiting import wait_until

RAW = "raw"


def commits_the_ends(deployment: Deployment) -> bool:
    """Whether the commit succeeds: not before the group has forgotten the worker that has ended."""
    servers = ",".join(deployment.settings.kafka_bootstrap_servers)
    offsets = [TopicPartition(deployment.names.topic(RAW), *each) for each in deployment.ends(RAW).items()]
    consumer = Consumer({"bootstrap.servers": servers, "group.id": deployment.names.group})
    try:
        consumer.commit(offsets=offsets, asynchronous=False)
    except KafkaException:
        return False
    finally:
        consumer.close()
    return True


def test_what_a_lane_passes_over_by_the_offset_of_somebody_else_is_told(deployment: Deployment, alarms: Alarms) -> None:
    """The worker was once ready, and `bridge status` and `bridge doctor` said that nothing was wrong."""
    worker = deployment.worker("worker")
    deployment.load.send(200)
    deployment.wait_settled()
    alarms.was_well(worker=worker.page)
    before = deployment.committed(RAW)
    worker.stop()
    deployment.load.send(200)
    wait_until("somebody else has committed", lambda: commits_the_ends(deployment))
    passed = sum(end - before[number] for number, end in deployment.ends(RAW).items())

    again = deployment.worker("worker")
    again.wait_ready()
    told = again.get("/readyz?verbose").body
    assert b"[!]passed_over: records were passed over, as no worker has set the group's offset behind them: " in told
    assert again.metric("bridge_lane_passed_over_records_total{") == passed > 0
    alarms.goes_on(worker=again.page)
    alarms.assert_raised("BridgeRecordsPassedOver critical")


def test_what_was_never_processed_is_told_where_the_offset_was_there_before_the_first_worker(
    deployment: Deployment,
) -> None:
    """The same goes for the first worker after the group was deleted to have everything processed anew, when nothing
    was."""
    deployment.load.send(200)
    wait_until("somebody else has committed", lambda: commits_the_ends(deployment))
    passed = sum(deployment.ends(RAW).values())

    worker = deployment.worker("worker")
    worker.wait_ready()
    assert worker.metric("bridge_lane_passed_over_records_total{") == passed > 0
