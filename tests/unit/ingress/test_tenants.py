"""Events of another tenant are told of: in the log once a minute, and in /readyz for some minutes."""

import pytest
from structlog.testing import capture_logs

from bridge.printable import MOST_CHARACTERS
from ingress.tenants import RECENT_S, TELL_EVERY_S, TenantWatch


@pytest.fixture
def watch() -> TenantWatch:
    return TenantWatch("acme")


def test_without_any_there_is_nothing_to_tell(watch: TenantWatch) -> None:
    watch.own(1.0)
    assert watch.problem(1.0) is None


def test_both_tenants_are_named_until_some_minutes_after_the_last_one(watch: TenantWatch) -> None:
    watch.other("acme-staging", 10.0)
    said = watch.problem(10.0 + RECENT_S) or ""
    assert '"acme-staging"' in said
    assert 'BRIDGE_TENANT is "acme"' in said
    assert watch.problem(10.1 + RECENT_S) is None


def test_it_is_told_whether_all_events_are_of_another_tenant(watch: TenantWatch) -> None:
    watch.other("globex", 10.0)
    assert "all events" in (watch.problem(10.0) or "")
    watch.own(11.0)
    assert "some events" in (watch.problem(11.0) or "")
    watch.other("globex", 12.0 + RECENT_S)
    assert "all events" in (watch.problem(12.0 + RECENT_S) or "")


def test_the_log_has_a_line_a_minute_that_says_how_many_there_were(watch: TenantWatch) -> None:
    with capture_logs() as lines:
        for second in range(int(TELL_EVERY_S) + 1):
            watch.other("globex", float(second))
    assert [line["events_since_last_told"] for line in lines] == [1, int(TELL_EVERY_S)]
    assert {(line["configured"], line["seen"]) for line in lines} == {('"acme"', '"globex"')}


def test_a_tenants_name_from_outside_is_cut_and_does_nothing_to_a_terminal(watch: TenantWatch) -> None:
    watch.other("\x1b[2J\u202e\n" + "x" * 200, 1.0)
    said = watch.problem(1.0) or ""
    assert said.isprintable()
    assert "x" * MOST_CHARACTERS not in said
