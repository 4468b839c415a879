"""Events of another tenant are reported for some minutes."""

import pytest

from bridge.other_tenants import RECENT_S, OtherTenants


@pytest.fixture
def tenants() -> OtherTenants:
    return OtherTenants("acme")


def test_without_any_there_is_nothing_to_tell(tenants: OtherTenants) -> None:
    assert tenants.problem(1.0) is None
    tenants.own(1.0)
    assert tenants.problem(1.0) is None


def test_our_tenant_is_named_until_some_minutes_after_the_last_one(tenants: OtherTenants) -> None:
    tenants.other(10.0)
    assert tenants.problem(10.0 + RECENT_S) == (
        'all events of the last 15 min are of another tenant, and are quarantined; BRIDGE_TENANT is "acme"'
    )
    assert tenants.problem(10.1 + RECENT_S) is None


def test_the_other_one_is_named_where_it_is_known(tenants: OtherTenants) -> None:
    tenants.other(10.0, '"globex"')
    assert 'of another tenant, lately "globex", and' in (tenants.problem(10.0) or "")


def test_it_is_told_whether_all_events_are_of_another_tenant(tenants: OtherTenants) -> None:
    tenants.other(10.0)
    assert "all events" in (tenants.problem(10.0) or "")
    tenants.own(11.0)
    assert "some events" in (tenants.problem(11.0) or "")
    tenants.other(12.0 + RECENT_S)
    assert "all events" in (tenants.problem(12.0 + RECENT_S) or "")
