"""What a changed key table needs of a deployment that is set up, on real Kafka: nothing, `apply`, or a migration."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import yaml
from confluent_kafka import Producer

from bridge.kafka.partitioner import partition_for
from bridge.rules.record import encode
from bridge.rules.rules import Recorded, rules_of
from bridge.rules.topic import read_rules
from bridge.settings import Settings
from commands.topics.migration import adopt
from schemas.keytable import KeyTable
from schemas.keytable import rules_of as rules_listed
from tests.integration.commands.conftest import Run
from tests.integration.commands.records import end_offset, order_event
from tests.integration.markers import wait_until_ended
from tests.integration.waiting import PATIENCE, wait_until

SHIPPED = Path(__file__).parents[3] / "schemas" / "idempotency_keys.yaml"
NEW = "loyalty.card_issued"
DEFAULT = {"key": [], "content": True, "documented": False}
ID = {"key": ["id"], "content": False, "documented": False}
AS_YAML = "{key: [id], content: false, documented: false}"

Table = dict[str, dict[str, object]]
WithKeys = Callable[[Table], dict[str, str]]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is about to start here."""
    monkeypatch.setattr(adopt, "_NOTICE_S", 0.0)


@pytest.fixture
def keys(tmp_path: Path) -> WithKeys:
    """`bridge(..., **keys(table))`: with this key table."""

    def written(table: Table) -> dict[str, str]:
        path = tmp_path / f"keys-{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(yaml.safe_dump(table))
        return {"idempotency_keys": str(path)}

    return written


def shipped() -> Table:
    table: Table = yaml.safe_load(SHIPPED.read_bytes())
    return table


def recorded_now(settings: Settings) -> Recorded:
    """The recorded rules, once all is committed."""
    wait_until_ended(*settings.kafka_bootstrap_servers, settings.topics.rules)
    found = asyncio.run(read_rules(settings))
    assert found is not None
    return found


def write_record(settings: Settings, value: bytes) -> None:
    """Write a record of the rules with another client."""
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    producer.produce(settings.topics.rules, value, b"rules", partition=0)
    assert producer.flush(PATIENCE) == 0


def rules_end(settings: Settings, committed: int = 2) -> int:
    """End of the rules topic, once so much is committed: the first record and its marker."""
    return wait_until("they are committed", lambda: (end := rules_end_now(settings)) >= committed and end)


def rules_end_now(settings: Settings) -> int:
    return end_offset(settings, settings.topics.rules, 0)


def store_event(settings: Settings, name: str, partition: int | None = None) -> None:
    """Store an event in raw, by default where its name belongs."""
    producer = Producer({"bootstrap.servers": settings.kafka_bootstrap_servers[0]})
    place = partition_for(name.encode(), settings.partitions) if partition is None else partition
    producer.produce(settings.topics.raw, order_event(name, "o-1"), name.encode(), partition=place)
    assert producer.flush(PATIENCE) == 0


def fits(bridge: Run, **settings: str) -> None:
    """Nothing is wrong with these settings, and `apply` and `verify` find nothing to do."""
    checked = bridge("topics", "check", **settings)
    assert checked.exit_code == 0, checked.output
    planned = bridge("topics", "plan", **settings)
    assert "Nothing to do" in planned.stdout
    assert bridge("topics", "apply", "--yes", **settings).exit_code == 0
    verified = bridge("verify", "--wait", "0s", **settings)
    assert verified.exit_code == 0, verified.output


@pytest.mark.usefixtures("applied")
def test_names_with_the_default_rule_come_go_and_are_respelt(bridge: Run, settings: Settings, keys: WithKeys) -> None:
    end = rules_end(settings)
    added = shipped() | {NEW: DEFAULT}
    removed = {name: rule for name, rule in shipped().items() if name != "customer.updated"}
    respelt = removed | {"customer.update": DEFAULT}
    for table in (added, removed, respelt):
        fits(bridge, **keys(table))
    assert rules_end_now(settings) == end
    assert "Nothing to do" in bridge("topics", "migrate", "--yes", **keys(added)).stderr


@pytest.mark.usefixtures("applied")
def test_a_rule_for_a_name_that_raw_does_not_hold_is_adopted(bridge: Run, settings: Settings, keys: WithKeys) -> None:
    store_event(settings, "order.created", partition_for(NEW.encode(), 2))
    with_rule = keys(shipped() | {NEW: ID})
    checked = bridge("topics", "check", **with_rule)
    assert (checked.exit_code, f"for {NEW} are not in force yet: run `bridge topics apply`" in checked.stdout) == (
        1,
        True,
    )
    planned = bridge("topics", "plan", "-o", "json", **with_rule)
    assert json.loads(planned.stdout)["adopt"] == {NEW: ID}
    applied = bridge("topics", "apply", "--yes", **with_rule)
    assert applied.exit_code == 0, applied.output
    assert "Nothing to do" not in applied.stderr
    assert f"{NEW} has the key rule {AS_YAML} from now on: raw holds no event of that name." in applied.stderr
    assert recorded_now(settings).adopted == {NEW}
    assert bridge("topics", "check", **with_rule).exit_code == 0
    assert "Nothing to do" in bridge("topics", "plan", **with_rule).stdout
    end = rules_end(settings, 6)  # announced, and done
    assert bridge("topics", "apply", "--yes", **with_rule).exit_code == 0
    assert rules_end_now(settings) == end


@pytest.mark.usefixtures("applied")
def test_who_has_the_table_from_before_goes_on_with_the_adopted_rule(
    bridge: Run, settings: Settings, keys: WithKeys
) -> None:
    """The roll-out is under way, or was taken back."""
    assert bridge("topics", "apply", "--yes", **keys(shipped() | {NEW: ID})).exit_code == 0
    store_event(settings, NEW)
    assert bridge("topics", "check").exit_code == 0
    applied = bridge("topics", "apply", "--yes")
    assert applied.exit_code == 0
    assert f"{NEW} keeps the key rule {AS_YAML}" in applied.stderr
    assert "`bridge topics migrate` takes it away" in applied.stderr
    assert str(recorded_now(settings).key_table.rule(NEW)) == AS_YAML


@pytest.mark.usefixtures("applied")
def test_a_rule_for_a_name_that_raw_holds_is_refused_with_name_and_reason(
    bridge: Run, settings: Settings, keys: WithKeys
) -> None:
    store_event(settings, NEW)
    table = keys(shipped() | {NEW: ID, "loyalty.unheard_of": ID})
    before = recorded_now(settings)
    applied = bridge("topics", "apply", "--yes", **table)
    assert applied.exit_code == 2
    place = f"{partition_for(NEW.encode(), 2)}:0"
    assert f"{NEW} has the key rule {{key: [], content: true, documented: false}}, not {AS_YAML}" in applied.stderr
    assert f"(the first at {place})" in applied.stderr
    assert "Raw holds events whose key rule would change" in applied.stderr
    assert "bridge topics migrate" in applied.stderr
    assert "loyalty.unheard_of has the" not in applied.stderr.rpartition("Raw holds")[2]
    assert recorded_now(settings) == before
    assert bridge("topics", "check").exit_code == 0


def test_after_a_migration_it_is_looked_for_where_its_name_lay_before(
    bridge: Run, settings: Settings, keys: WithKeys
) -> None:
    """With two partitions the name was in one, with three it would be in another."""
    three = {"partitions": "3"}
    assert bridge("topics", "apply", "--yes", **three).exit_code == 0
    name = next(
        name
        for name in (f"loyalty.{number}" for number in range(100))
        if partition_for(name.encode(), 2) != partition_for(name.encode(), 3)
    )
    recorded = recorded_now(settings)
    write_record(settings, encode(recorded.migrated(recorded.rules, (1, 1))))
    store_event(settings, name, partition_for(name.encode(), 2))
    applied = bridge("topics", "apply", "--yes", **three, **keys(shipped() | {name: ID}))
    assert applied.exit_code == 2
    assert f"(the first at {partition_for(name.encode(), 2)}:0)" in applied.stderr


@pytest.mark.usefixtures("applied")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"order.created": ID}, "order.created has the key rule {key: [id], content: false, documented: true}, not"),
        ({"order.opened": DEFAULT}, f"order.opened has the key rule {AS_YAML}, not {{key: [], content: true"),
    ],
)
def test_a_rule_that_was_there_is_only_changed_by_a_migration(
    bridge: Run, settings: Settings, keys: WithKeys, change: Table, said: str
) -> None:
    before = recorded_now(settings)
    for command in (("topics", "apply", "--yes"), ("topics", "plan"), ("verify", "--wait", "0s")):
        refused = bridge(*command, **keys(shipped() | change))
        assert refused.exit_code == 2
        assert said in refused.stderr
        assert "`bridge topics migrate`" in refused.stderr
    assert recorded_now(settings) == before


@pytest.mark.usefixtures("applied")
def test_a_killed_apply_is_ended_by_the_next_one(bridge: Run, settings: Settings, keys: WithKeys) -> None:
    """With the same rule, and without it."""
    for table, adopted in ((shipped(), frozenset()), (shipped() | {NEW: ID}, {NEW})):
        before = recorded_now(settings)
        write_record(settings, encode(Recorded(before.rules, before.former_version, adopting=frozenset({NEW}))))
        checked = bridge("topics", "check")
        assert (checked.exit_code, f"Key rules for {NEW} are being adopted" in checked.stdout) == (1, True)
        assert bridge("topics", "apply", "--yes", **keys(table)).exit_code == 0
        after = recorded_now(settings)
        assert (after.adopting, after.adopted) == (frozenset(), adopted)


def by_fingerprint(partitions: int, fingerprint: str) -> bytes:
    """The record as earlier revisions wrote it, which knew a table only by its fingerprint."""
    return orjson.dumps(
        {"rules": {"partitions": partitions, "rules_version": fingerprint}, "epochs": [], "migrating": None}
    )


@pytest.fixture
def set_up_before(bridge: Run, settings: Settings) -> Callable[[Table], None]:
    """A deployment that such a revision has set up with this table."""

    def set_up(table: Table) -> None:
        assert bridge("topics", "apply", "--yes").exit_code == 0
        write_record(settings, by_fingerprint(2, fingerprint_of(table)))

    return set_up


def fingerprint_of(table: Table) -> str:
    return KeyTable(rules_listed(table)).fingerprint


def test_a_deployment_of_an_earlier_revision_goes_on(
    bridge: Run, settings: Settings, keys: WithKeys, set_up_before: Callable[[Table], None]
) -> None:
    """It goes on with the shipped table, whatever names that lists today. The first `apply` records its rules by
    name."""
    set_up_before(shipped())
    more = keys(shipped() | {NEW: DEFAULT})
    end = rules_end(settings, 3)
    assert bridge("topics", "check", **more).exit_code == 0
    assert bridge("verify", "--wait", "0s", **more).exit_code == 0
    assert rules_end_now(settings) == end
    fits(bridge, **more)
    assert rules_end(settings, end + 1) > end
    recorded = recorded_now(settings)
    assert recorded.rules == rules_of(settings)
    assert recorded.rules.fingerprint == recorded.former_version == fingerprint_of(shipped())


def test_a_table_of_ones_own_is_understood_by_itself_and_free_to_list_more_from_then_on(
    bridge: Run, keys: WithKeys, set_up_before: Callable[[Table], None]
) -> None:
    own: Table = shipped() | {"order.opened": DEFAULT, "own.event": DEFAULT}
    set_up_before(own)
    changed = keys(own | {NEW: DEFAULT})
    refused = bridge("topics", "check", **changed)
    assert (refused.exit_code, "run `bridge topics apply` with that table once" in refused.stdout) == (1, True)
    assert bridge("topics", "apply", "--yes", **changed).exit_code == 2
    fits(bridge, **keys(own))
    fits(bridge, **changed)


def test_a_rule_that_an_earlier_revision_does_not_have_is_adopted(
    bridge: Run, settings: Settings, keys: WithKeys, set_up_before: Callable[[Table], None]
) -> None:
    set_up_before(shipped())
    applied = bridge("topics", "apply", "--yes", **keys(shipped() | {NEW: ID}))
    assert applied.exit_code == 0, applied.output
    assert "Nothing to do" not in applied.stderr
    assert f"{NEW} has the key rule {AS_YAML} from now on" in applied.stderr
    recorded = recorded_now(settings)
    assert recorded.adopted == {NEW}
    assert recorded.former_version == fingerprint_of(shipped())
