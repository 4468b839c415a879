"""Pictures of a deployment with two partitions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bridge.settings import Settings
from commands.status.picture import KafkaSide, Picture
from commands.terminal.services import Metrics, Sample, Service

SETTINGS = Settings(tenant="acme", partitions=2)
RAW, ORDERS = SETTINGS.topics.raw, SETTINGS.topics.orders
INGRESS, NOTHING_TOLD = Service("http://i", ready=True), KafkaSide()
LANES = [(topic, partition) for topic in (RAW, ORDERS) for partition in range(2)]


def metrics(states: Mapping[tuple[str, int], str], lag: float = 0, **others: float) -> Metrics:
    """A worker's metrics: each lane's state, the same lag for all, and single values by name."""
    at = [({"topic": topic, "partition": str(partition)}, state) for (topic, partition), state in states.items()]
    return {
        "bridge_lane_state": [
            Sample({**labels, "state": name}, float(name == state))
            for labels, state in at
            for name in ("ready", "halted", "opening")
        ],
        "bridge_consumer_lag_events": [Sample(labels, lag) for labels, _ in at],
        **{name: [Sample({}, value)] for name, value in others.items()},
    }


def worker(states: Mapping[tuple[str, int], str] | None = None, lag: float = 0, **others: float) -> Service:
    """A worker; by default it has all lanes, ready."""
    return Service("http://w", ready=True, metrics=metrics(states or dict.fromkeys(LANES, "ready"), lag, **others))


def refusing(**causes: int) -> Service:
    """An ingress that answered so many deliveries 500, by cause, and as many 429."""
    told = [Sample({"status": "500", "cause": cause}, number) for cause, number in causes.items()]
    busy = Sample({"status": "429", "cause": "bytes_in_flight"}, sum(causes.values()))
    return Service("http://i", ready=True, metrics={"bridge_ingress_refused_total": [*told, busy]})


def picture(
    workers: Sequence[Service] = (worker(),),
    at: float = 1000.0,
    ingress: Service = INGRESS,
    kafka: KafkaSide = NOTHING_TOLD,
    since: Picture | None = None,
) -> Picture:
    """By default one worker has all lanes, and Kafka tells nothing. Workers were heard at that moment, unless they say
    when."""
    heard = [replace(each, heard_at=at) if each.heard_at is None and each.metrics else each for each in workers]
    return Picture(SETTINGS, at, ingress, heard, kafka, since)
