"""A ledger of another tenant's raw is none."""

import pytest

from bridge.settings import Settings
from commands.terminal.remedies import OF_ANOTHER_TENANT
from commands.verify.sources import OtherTenant
from schemas.headers import CE_ID, CE_SOURCE, SOURCE, source_of
from tests.unit.commands.verify.records import body
from tests.unit.commands.verify.retention import DAY, NOW, Logs

OURS = Settings(tenant="acme", partitions=1)


def delivered(logs: Logs, order: str, tenant: str) -> None:
    """Add an order's event, as a worker of its tenant has processed it."""
    event, at_ms = body("order.opened", {"id": order}, tenant=tenant), NOW - DAY
    source = logs.write(OURS.topics.raw, event, at_ms, headers=[(CE_SOURCE, source_of(tenant))])
    said = [(SOURCE, source.encode()), (CE_ID, f"{tenant}/order.opened/{order}".encode())]
    logs.write(OURS.topics.orders, event, at_ms, order.encode(), said)
    logs.write(OURS.topics.order_state, b"{}", at_ms, order.encode())


async def test_where_all_of_it_is_another_tenants_nothing_is_called_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger said "Not balanced: 1,783 lost", and nothing of the tenant."""
    logs = Logs()
    delivered(logs, "o1", "acme")
    assert (await logs.ledger(monkeypatch, OURS)).balanced
    with pytest.raises(OtherTenant, match=f'/newstore/acme", and BRIDGE_TENANT here is other: {OF_ANOTHER_TENANT}'):
        await logs.ledger(monkeypatch, OURS.model_copy(update={"tenant": "other"}))


async def test_where_some_of_it_is_ours_the_rest_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = Logs()
    delivered(logs, "o1", "acme")
    delivered(logs, "o2", "other")
    assert (await logs.ledger(monkeypatch, OURS)).faults.total() == 1
