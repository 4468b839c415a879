"""Events of another tenant: problem and log name the tenant, the log once a minute."""

import pytest
from structlog.testing import capture_logs

from bridge.printable import MOST_CHARACTERS
from ingress.tenants import TELL_EVERY_S, TenantWatch


@pytest.fixture
def watch() -> TenantWatch:
    return TenantWatch("acme")


def test_the_other_tenant_is_named(watch: TenantWatch) -> None:
    watch.other(10.0, "acme-staging")
    assert '"acme-staging"' in (watch.problem(10.0) or "")


def test_the_log_has_a_line_a_minute_that_says_how_many_there_were(watch: TenantWatch) -> None:
    with capture_logs() as lines:
        for second in range(int(TELL_EVERY_S) + 1):
            watch.other(float(second), "globex")
    assert [line["events_since_last_told"] for line in lines] == [1, int(TELL_EVERY_S)]
    assert {(line["configured"], line["seen"]) for line in lines} == {('"acme"', '"globex"')}


def test_a_tenants_name_from_outside_is_cut_and_does_nothing_to_a_terminal(watch: TenantWatch) -> None:
    watch.other(1.0, "\x1b[2J\u202e\n" + "x" * 200)
    said = watch.problem(1.0) or ""
    assert said.isprintable()
    assert "x" * MOST_CHARACTERS not in said
