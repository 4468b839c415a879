"""The producer that records rules."""

from datetime import timedelta
from typing import Any

import pytest

from bridge.rules import topic
from bridge.settings import Settings


class _Asked(Exception):  # noqa: N818 - nothing went wrong
    """A producer was asked for, with these options."""


async def test_it_wants_no_longer_transactions_than_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brokers refuse transactions beyond `transaction.max.timeout.ms`, and `bridge doctor` says so."""

    def producer(**options: Any) -> None:
        raise _Asked(options)

    monkeypatch.setattr(topic, "AIOKafkaProducer", producer)
    with pytest.raises(_Asked) as asked:
        await topic.record_rules(Settings(tenant="acme", transaction_timeout=timedelta(seconds=3)))
    (options,) = asked.value.args
    assert options["transaction_timeout_ms"] == 3000
