"""Deliveries written to the raw topic as the ingress writes them, at once or in a steady flow."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Producer

from bridge.settings import Settings
from schemas.acceptance import Accepted, accept
from tests.integration.exactly_once.deliveries import Delivery, deliveries
from tests.integration.waiting import PATIENCE, pause_s
from tests.programs.checker.meaning import Meaning

_SHORTEST_S, _LONGEST_S = 0.02, 0.1
"""Seconds between two deliveries of a flow: short enough that something is always under way."""
_SHARE = 0.002
"""The pause between two deliveries, as a share of the time that they have flowed for: it grows after ten seconds. A
busy machine takes long to process and check a delivery, and more and more would come meanwhile."""


class Load:
    """``sent`` counts the acknowledged deliveries of each body. ``meanings`` has every body that was tried."""

    def __init__(self, settings: Settings, seed: int) -> None:
        self.sent: Counter[bytes] = Counter()
        self.meanings: dict[bytes, Meaning | None] = {}
        self._settings, self._stream = settings, deliveries(seed)
        self._past: list[Delivery] = []
        self._failed: list[str] = []
        self._producer = self._new_producer()

    def connect_anew(self) -> None:
        """Use a new producer, as another process would: a broker that has lost records no longer knows the old one."""
        self._producer = self._new_producer()

    def _new_producer(self) -> Producer:
        return Producer(
            {
                "bootstrap.servers": ",".join(self._settings.kafka_bootstrap_servers),
                "enable.idempotence": True,
                "partitioner": "murmur2_random",  # Java's default, and so the ingress's
                "reconnect.backoff.max.ms": 200,
                "log_level": 0,
            }
        )

    def unsent(self, count: int) -> list[Delivery]:
        """The next ``count`` deliveries that may pass, for somebody else to send."""
        return list(itertools.islice((delivery for delivery in self._stream if delivery.meaning), count))

    def send(self, count: int) -> None:
        """Return once the next ``count`` deliveries are stored."""
        self.send_all(itertools.islice(self._stream, count))

    def send_all(self, given: Iterable[Delivery]) -> None:
        """Return once these are stored."""
        for delivery in given:
            self._produce(delivery)
        self._flush()

    def send_again(self) -> None:
        """Return once every delivery so far is stored a second time."""
        self.send_all(list(self._past))

    @contextmanager
    def flowing(self, per_second: float | None = None) -> Iterator[None]:
        """Deliveries go on being sent meanwhile, so many a second for measurements. In the end all are stored, whatever
        happened to the broker."""
        stop = threading.Event()
        bounds_s = (1 / per_second, 1 / per_second) if per_second else (_SHORTEST_S, _LONGEST_S)
        thread = threading.Thread(target=self._flow, args=[stop, *bounds_s], daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        self._flush()

    def _flow(self, stop: threading.Event, shortest_s: float, longest_s: float) -> None:
        since = time.monotonic()
        while not stop.wait(pause_s(time.monotonic() - since, _SHARE, shortest_s, longest_s)):
            self._produce(next(self._stream))

    def _produce(self, delivery: Delivery) -> None:
        self._past.append(delivery)
        self.meanings[delivery.body] = delivery.meaning
        received_at_ms = time.time_ns() // 1_000_000
        self._producer.produce(
            self._settings.topics.raw,
            delivery.body,
            key=delivery.name,
            headers=self._headers(delivery, received_at_ms),
            timestamp=received_at_ms,
            on_delivery=self._delivered,
        )
        self._producer.poll(0)

    def _headers(self, delivery: Delivery, received_at_ms: int) -> list[tuple[str, bytes]]:
        """Headers as from acceptance. A tenth of the deliveries get none, as by other rules, so that the worker reads
        the body."""
        accepted = accept(
            delivery.body,
            content_encoding=None,
            tenant=self._settings.tenant,
            table=self._settings.key_table,
            received_at_ms=received_at_ms,
            traceparent=None,
        )
        return accepted.headers if isinstance(accepted, Accepted) and len(self.meanings) % 10 else []

    def _delivered(self, error: Any, message: Any) -> None:
        if error is None:
            self.sent[message.value()] += 1
        else:
            self._failed.append(str(error))

    def _flush(self) -> None:
        assert self._producer.flush(PATIENCE) == 0, "Kafka does not take what the test sends"
        assert self._failed == []
