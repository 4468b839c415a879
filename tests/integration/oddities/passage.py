"""All cases on their way through one deployment, and where each has ended."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from confluent_kafka import Producer

from tests.integration.exactly_once.answers import asked
from tests.integration.exactly_once.deployment import BEARER, Deployment
from tests.integration.exactly_once.orders import LONG_AGO
from tests.integration.oddities.case import Case, Cleaned, Delivery, Dropped, HeldBack, Passed, Quarantined, Rejected
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.checker.meaning import Meaning
from tests.programs.checker.names import CLEANED, CONFLICTS, ORDER_STATE, QUARANTINE, RAW
from tests.programs.checker.record import Record

_WEBHOOK = "/webhooks/newstore"
_PIECE = 1 << 16
_LONGEST = 9 << 20


class Passage:
    """`deliver` and `write_to_raw` send, `read` reads the topics. The rest tells what was found."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        # A busy machine's Kafka may be silent for as long as the default.
        self.ingress = deployment.ingress(ingress_ack_timeout="60s")
        # Reading 8 MiB of numbers can take seconds; on a busy machine too long for the deployment's short timeouts.
        self.worker = deployment.worker(
            "worker", session_timeout="30s", transaction_timeout="30s", orders_since=LONG_AGO
        )
        self.answers: dict[Case, list[int]] = defaultdict(list)
        self.sent: Counter[bytes] = Counter()
        """Deliveries of each body to the raw topic."""
        self.meanings: dict[bytes, Meaning | None] = {}
        self.records: Mapping[str, list[Record]] = {}
        self._by_value: Mapping[str, Mapping[bytes, list[Record]]] = {}
        self._producer = Producer(
            {
                "bootstrap.servers": ",".join(deployment.settings.kafka_bootstrap_servers),
                "partitioner": "murmur2_random",  # Java's default, and so the ingress's
                "message.max.bytes": _LONGEST,
            }
        )

    def wait_ready(self) -> None:
        """Return once both services are ready."""
        self.ingress.wait_ready()
        self.worker.wait_ready()

    # -- sending --------------------------------------------------------------------------------------------

    def deliver(self, case: Case) -> None:
        """Call the webhook with the case's bodies, one after the other."""
        for delivery, meaning in zip(case.deliveries, _meanings(case), strict=True):
            headers = {**BEARER, **delivery.headers}
            sent = _pieces(delivery.body) if delivery.chunked else delivery.body
            self.answers[case].append(self.ingress.request("POST", _WEBHOOK, sent, headers).status)
            if meaning is not None:
                self.sent[delivery.body] += 1
                self.meanings.setdefault(delivery.body, meaning)

    def write_to_raw(self, case: Case) -> None:
        """Write the case's bodies as an ingress of other rules would, so that the worker must read them."""
        for delivery, meaning in zip(case.deliveries, _meanings(case), strict=True):
            if is_found_in_raw(delivery):
                name = "order.created" if meaning is None else json.loads(delivery.body, parse_int=str)["name"]
                self._producer.produce(self.deployment.settings.topics.raw, delivery.body, name)
                assert self._producer.flush(PATIENCE) == 0
                self.sent[delivery.body] += 1
                self.meanings.setdefault(delivery.body, meaning)

    # -- finding --------------------------------------------------------------------------------------------

    def wait_processed(self) -> None:
        """Return once the worker has counted every delivery. Reading topics again and again would slow it down."""
        counted = partial(self.worker.metric, "bridge_events_total")
        wait_until("all processed", lambda: counted() == self.sent.total(), lambda: (counted(), self.sent.total()))

    def read(self) -> None:
        """Wait for the end of the work, then read all topics."""
        self.wait_processed()
        self.deployment.wait_settled()
        datasets = (RAW, *CLEANED, CONFLICTS, QUARANTINE, ORDER_STATE)
        self.records = {dataset: self.deployment.records(dataset) for dataset in datasets}
        self._by_value = {dataset: _by_value(records) for dataset, records in self.records.items()}

    def of(self, body: bytes, dataset: str) -> list[Record]:
        """The records of a topic that have this body."""
        return self._by_value[dataset].get(body, [])

    def places(self, body: bytes) -> Counter[str]:
        """How often each topic behind raw has this body."""
        datasets = (*CLEANED, CONFLICTS, QUARANTINE)
        return Counter({dataset: len(found) for dataset in datasets if (found := self.of(body, dataset))})

    def order(self, order_id: str) -> Any:
        """What `GET /orders/{id}` says; None: unknown."""
        answer = asked(self.worker, f"/orders/{quote(order_id, safe='')}")
        assert answer.status in {200, 404}, answer
        return answer.state if answer.status == 200 else None

    def order_record(self, order_id: str) -> Any:
        """The last state of an order in its topic; None if there is none."""
        found = [record for record in self.records[ORDER_STATE] if record.key == order_id.encode()]
        return json.loads(found[-1].value or b"") if found else None


def is_found_in_raw(delivery: Delivery) -> bool:
    """Whether another ingress could have written it to raw: no duplicate, nothing too large, nothing encoded."""
    outcome = delivery.outcome
    return not isinstance(outcome, Dropped | Rejected) and outcome != Quarantined("content_encoding")


def _meanings(case: Case) -> Iterator[Meaning | None]:
    """What the checker must know of each delivery; None: it must not pass."""
    event, payload, outcome = 0, 0, Cleaned("", "", "", None)
    for delivery in case.deliveries:
        match delivery.outcome:
            case Quarantined() | Rejected():
                yield None
                continue
            case Cleaned():
                event, payload, outcome = event + 1, 0, delivery.outcome
            case Passed() | HeldBack():
                payload += 1
        has_order = outcome.dataset == "orders" and case.orders.get(outcome.key, {}) is not None
        yield Meaning(
            event=f"{case.oddity} {event}",
            payload=payload,
            dataset=outcome.dataset,
            key=outcome.key,
            order=outcome.key if has_order else None,
            key_documented=isinstance(delivery.outcome, HeldBack),
        )


def _by_value(records: list[Record]) -> Mapping[bytes, list[Record]]:
    found: dict[bytes, list[Record]] = defaultdict(list)
    for record in records:
        found[record.value or b""].append(record)
    return found


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))
