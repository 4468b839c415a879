"""The composition root: what is wired to what."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import MISSING, fields
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from faust.types.settings import Settings as FaustSettings

from bridge.other_tenants import OtherTenants
from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from bridge.tracing import NoSpans
from processors.dedupe.agent import Processed
from processors.engine.changes import Changes
from processors.engine.options import EngineOptions
from processors.engine.overrides.app import LaneApp
from processors.engine.refusals import RefusalsByLane
from processors.engine.rival import Rival
from processors.orders.beginning import Beginning
from processors.orders.order_rules import OrderRules, Patience
from processors.orders.table import TABLE, Due
from processors.worker.app import (
    ProcessState,
    RawLookups,
    _on_commit,
    _tell_tenants,
    build_app,
    engine_options,
    order_rules,
)
from processors.worker.caught_up import CaughtUp
from processors.worker.first_record import FirstRecord
from processors.worker.open_outputs import OpenOutputs
from processors.worker.passed_over import PassedOver
from processors.worker.raw_events import RawEventReader
from processors.worker.unlisted_events import UnlistedEvents
from schemas.events import EVENT_NAMES
from schemas.outcome import Outcome, Reason

DAY = 86_400_000


class Unread:
    """A record whose body nobody may look at."""

    headers: Sequence[tuple[str, bytes]] = ()

    @property
    def value(self) -> NoReturn:
        raise AssertionError("somebody looked")


def test_without_a_sample_no_body_is_looked_at() -> None:
    told = OtherTenants("acme"), UnlistedEvents(EVENT_NAMES)
    _on_commit(0, *told)(Processed(), [Unread()])
    with pytest.raises(AssertionError, match="somebody looked"):
        _on_commit(1, *told)(Processed(), [Unread()])


OWN = Processed(Counter({("order.created", Outcome.DUPLICATE): 1}))
INVALID = Processed(Counter({("", Outcome.QUARANTINED): 1}), quarantined=Counter({Reason.INVALID_JSON: 1}))
OTHER = Processed(Counter({("", Outcome.QUARANTINED): 1}), quarantined=Counter({Reason.OTHER_TENANT: 1}))


@pytest.mark.parametrize(
    ("chunks", "said"),
    [((OWN,), None), ((INVALID,), None), ((INVALID, OTHER), "all events"), ((OTHER, OWN), "some events")],
)
def test_of_what_was_committed_it_is_told_whether_there_are_events_of_another_tenant(
    chunks: Sequence[Processed], said: str | None
) -> None:
    tenants = OtherTenants("acme")
    for now, processed in enumerate(chunks):
        _tell_tenants(tenants, processed, float(now))
    problem = tenants.problem(float(len(chunks)))
    assert problem is None if said is None else said in (problem or "")


def test_the_settings_alone_have_defaults() -> None:
    """A default of the engine's own would be a second place for the same fact, and hide an option that is not handed
    on."""
    assert all(each.default is each.default_factory is MISSING for each in fields(EngineOptions))


def test_orders_that_are_due_are_read_from_the_first_one_on() -> None:
    """Otherwise all that were due before would be read through each second: see `TablePartition.scan`."""
    [queue] = engine_options(Settings(tenant="acme")).queues[TABLE]
    assert Due.read(queue + Due(7, b"order-1").packed) == Due(7, b"order-1")


def built(settings: Settings, recorded: Recorded) -> LaneApp:
    watched = OtherTenants("acme"), UnlistedEvents(EVENT_NAMES)
    process = ProcessState(
        Beginning(settings.history_window),
        Changes(),
        NoSpans(),
        *watched,
        RefusalsByLane(),
        PassedOver(),
        OpenOutputs(),
        Rival(45),
    )
    lookups = RawLookups(CaughtUp(settings), RawEventReader(settings), FirstRecord(settings))
    return build_app(settings, recorded, lookups, process)


async def test_the_engine_knows_after_how_many_migrations_it_runs() -> None:
    """Migrations delete keys before their time: see `Expiry`."""
    settings = Settings(tenant="acme")
    recorded, rules = Recorded.first(rules_of(settings)), rules_of(settings)
    for migrations in range(2):
        app = built(settings, recorded)
        assert app.lanes.options.expiry["seen"].epoch == migrations
        recorded = recorded.migrated(rules, (0,))


DEPRECATED = [name for name, setting in FaustSettings.SETTINGS.items() if setting.version_deprecated]
FOREIGN = {
    "APP_VERSION": "1.4.2",
    "APP_DEBUG": "verbose",
    "TIMEZONE": "CET-1CEST",
    "WEB_PORT": "tcp://10.0.0.1:80",
    "BROKER_URL": "redis://cache:6379/0",
    "CACHE_URL": "rediss://cache:6380",
    "PROCESSING_GUARANTEE": "at-least-once",
    "TOPIC_PARTITIONS": "3",
    "APP_WEB_ENABLED": "true",
    "BROKER_CHECK_CRCS": "false",
    "NODE_CANONICAL_URL": "http://node",
    "MY_TOPIC_PARTITIONS": "3",
}
"""Variables that somebody else's program, image or Service sets."""


@pytest.mark.parametrize("name", FOREIGN)
async def test_variables_that_are_not_the_bridges_change_no_app(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Faust lets them override what its app is given. With the first five no worker started, and with
    `BROKER_CHECK_CRCS` it would have believed a damaged batch."""
    settings = Settings(tenant="acme")
    recorded = Recorded.first(rules_of(settings))
    told = [each for each in FaustSettings.SETTINGS if each not in {"reply_to", *DEPRECATED}]  # the first is random
    plain = built(settings, recorded).conf
    monkeypatch.setenv(name, FOREIGN[name])
    if name.startswith("MY_"):
        monkeypatch.setenv("APP_ENV_PREFIX", "MY")
    conf = built(settings, recorded).conf
    assert [each for each in told if str(getattr(conf, each)) != str(getattr(plain, each))] == []


def test_of_what_was_committed_it_is_told_whether_there_are_events_that_are_not_listed() -> None:
    unlisted = UnlistedEvents(["order.opened"])
    _on_commit(0, OtherTenants("acme"), unlisted)(OWN, [])
    assert "order.created came" in (unlisted.problem(time.monotonic()) or "")


def test_settings_say_what_is_late_and_what_is_history() -> None:
    rules = order_rules(Settings(tenant="acme", late_after="5s"))
    assert (rules.late_after_ms, rules.history) == (5_000, None)
    since: dict[str, Any] = {"orders_since": "2024-04-01T02:00:00+02:00", "history_window": "30d"}
    assert order_rules(Settings(tenant="acme", **since)).history == ("2024-04-01T00:00:00", "2024-05-01T00:00:00")


def test_the_first_raw_record_counts_where_no_setting_says_since_when() -> None:
    beginning = Beginning(timedelta(days=30))
    rules = order_rules(Settings(tenant="acme", history_window="30d"), beginning)
    assert rules.before is None
    beginning.learn(1_711_929_600_000)
    assert rules.before == ("2024-04-01T00:00:00", "2024-05-01T00:00:00")
    since: dict[str, Any] = {"orders_since": "2023-01-01T00:00:00Z", "history_window": "31d"}
    assert order_rules(Settings(tenant="acme", **since), beginning).before == (
        "2023-01-01T00:00:00",
        "2023-02-01T00:00:00",
    )


def test_settings_say_how_long_the_next_event_may_take_and_what_is_not_watched() -> None:
    default, off = order_rules(Settings(tenant="acme")), {"stalled_opened": "off", "stalled_refunded": "0"}
    assert default.patience == OrderRules().patience == Patience(DAY, DAY, 5 * DAY, DAY, 7 * DAY)
    given: dict[str, Any] = {**off, "stalled_captured": "1s", "stalled_completed": "2s", "stalled_handed_over": "3s"}
    assert order_rules(Settings(tenant="acme", **given)).patience == Patience(0, 1_000, 0, 2_000, 3_000)
