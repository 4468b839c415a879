"""Asks by a metadata request whether a Kafka really answers."""

import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def wait_until_it_answers(bootstrap_servers: str, seconds: float, alive: Callable[[], bool] = lambda: True) -> bool:
    """Return True once a broker can serve, False when `seconds` are over or `alive()` is false.

    A KRaft broker is in the metadata only once it is registered and unfenced. Then topics can be created.
    """
    client = AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
            "log_level": 0,  # refused connections are expected here
        }
    )
    deadline = time.monotonic() + seconds
    while alive() and time.monotonic() < deadline:
        try:
            if client.list_topics(timeout=0.5).brokers:
                return True
        except KafkaException:
            continue  # not yet; list_topics itself waited half a second
    return False
