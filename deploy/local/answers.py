"""Whether a Kafka really answers, asked with a metadata request."""

import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def wait_until_it_answers(bootstrap_servers: str, seconds: float, alive: Callable[[], bool] = lambda: True) -> bool:
    """True once a broker is there to serve; False when `seconds` are over or `alive()` no longer holds.

    A KRaft broker names itself in the metadata only once it is registered and unfenced: topics can be made.
    """
    client = AdminClient(
        {
            "bootstrap.servers": bootstrap_servers,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 200,
            "log_level": 0,  # a refused connection is what is waited out here
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
