"""A worker of another tenant than the ingress says so: it puts aside all that comes."""

from collections import Counter

import pytest

from processors.dedupe.agent import Processed
from processors.worker.tenants import RECENT_S, OtherTenants
from schemas.outcome import Outcome, Reason

OWN = Processed(Counter({("order.created", Outcome.DUPLICATE): 1}))
INVALID = Processed(Counter({("", Outcome.QUARANTINED): 1}), quarantined=Counter({Reason.INVALID_JSON: 1}))
OTHER = Processed(Counter({("", Outcome.QUARANTINED): 1}), quarantined=Counter({Reason.OTHER_TENANT: 1}))


@pytest.fixture
def tenants() -> OtherTenants:
    return OtherTenants("acme")


@pytest.mark.parametrize("processed", [OWN, INVALID])
def test_without_any_there_is_nothing_to_tell(tenants: OtherTenants, processed: Processed) -> None:
    tenants.committed(processed, 1.0)
    assert tenants.problem(1.0) is None


def test_our_tenant_is_named_until_some_minutes_after_the_last_one(tenants: OtherTenants) -> None:
    tenants.committed(OTHER, 10.0)
    assert 'BRIDGE_TENANT is "acme"' in (tenants.problem(10.0 + RECENT_S) or "")
    assert tenants.problem(10.1 + RECENT_S) is None


def test_it_is_told_whether_all_events_are_of_another_tenant(tenants: OtherTenants) -> None:
    tenants.committed(INVALID, 9.0)
    tenants.committed(OTHER, 10.0)
    assert "all events" in (tenants.problem(10.0) or "")
    tenants.committed(OWN, 11.0)
    assert "some events" in (tenants.problem(11.0) or "")
