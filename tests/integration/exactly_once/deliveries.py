"""An endless stream of webhook bodies as NewStore sends them: repeated, out of order, some contradicting others."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.integration.exactly_once.events import Event, order_events, side_events
from tests.programs.checker.meaning import Meaning

TENANT = "acme"
_START = datetime(2026, 11, 1, tzinfo=UTC)
_DISORDER = 300  # deliveries that may overtake each other


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook body. ``meaning`` None: it must not pass."""

    name: str
    body: bytes
    meaning: Meaning | None


def deliveries(seed: int) -> Iterator[Delivery]:
    """The same seed gives the same stream: about a fifth are repeats, a few contradict others, a few must not pass."""
    rng = Random(seed)
    waiting: list[Delivery] = []
    sent: list[Delivery] = []
    for number in itertools.count():
        for event in (*order_events(rng, number), *side_events(number)):
            waiting += _said(rng, event)
        waiting += _strangers(rng, number)
        while len(waiting) > _DISORDER:
            sent.append(waiting.pop(rng.randrange(len(waiting))))
            yield sent[-1]
            if rng.random() < 0.05:
                yield rng.choice(sent)


def _said(rng: Random, event: Event) -> Iterator[Delivery]:
    """The event's first delivery, and what may follow: the same event written otherwise, and another payload."""
    yield delivery(event)
    if rng.random() < 0.2:
        yield delivery(event, reordered=rng.random() < 0.5, later=event.keyed and rng.random() < 0.3)
    if event.keyed and rng.random() < 0.03:
        yield delivery(event, payload=1)
        yield delivery(event, payload=1, reordered=True)


def delivery(event: Event, *, payload: int = 0, reordered: bool = False, later: bool = False) -> Delivery:
    """``payload`` 1 contradicts 0. ``later``: published again a second later, which is the same event if it has a
    key."""
    published = _START + timedelta(seconds=event.seconds + later)
    envelope = {
        "tenant": TENANT,
        "name": event.name,
        "published_at": f"{published:%Y-%m-%dT%H:%M:%S}.125Z",
        "payload": {**event.payload, "note": "corrected"} if payload else event.payload,
    }
    body = json.dumps(with_keys_reversed(envelope) if reordered else envelope, ensure_ascii=reordered).encode()
    documented = event.name == "order.created"
    return Delivery(
        event.name, body, Meaning(event.identity, payload, event.dataset, event.key, event.order, documented)
    )


def with_keys_reversed(value: Any) -> Any:
    """The same JSON value with the keys of all its objects in reverse."""
    if isinstance(value, dict):
        return {key: with_keys_reversed(member) for key, member in reversed(value.items())}
    return [with_keys_reversed(member) for member in value] if isinstance(value, list) else value


def _strangers(rng: Random, number: int) -> Iterator[Delivery]:
    """What got into the raw topic without belonging there."""
    if rng.random() < 0.1:
        yield Delivery("order.opened", b"no envelope %d" % number, None)
        foreign = {"tenant": "other", "name": "order.opened", "published_at": None, "payload": {"id": number}}
        yield Delivery("order.opened", json.dumps(foreign).encode(), None)
