"""`bridge topics apply` in a deployment that has migrated, some of whose topics are gone."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import GroupAuthorizationFailedError
from aiokafka.structs import TopicPartition

from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from bridge.topics import TopicsPlan, specs
from commands.topics import command, made_anew
from tests.unit.commands.conftest import Run
from tests.unit.commands.topics.migration.rebuilds import settings

Planned = Callable[..., dict[str, Any]]
SIX = settings()
FIRST = Recorded.first(rules_of(settings(partitions=4)))
FROM_FOUR = FIRST.migrated(rules_of(SIX), (7, 7, 7, 0))
CHANGELOGS = {SIX.topics.dedupe_changelog, SIX.topics.orders_changelog}
OTHER_KEYS = Recorded.first(rules_of(SIX)).migrated(rules_of(SIX), (7,) * 6)
GONE = "what it held before is gone, if it was there: docs/recovery.md says what can be had again, and how"


@pytest.fixture
def planned(bridge: Run, monkeypatch: pytest.MonkeyPatch) -> Planned:
    """What `bridge topics plan` says under these rules, when these datasets are gone and raw begins there."""

    def made(
        recorded: Recorded | None,
        gone: Collection[str],
        *,
        raw_start: int = 0,
        files: int = 0,
        opened: Collection[int] = range(6),
        refused: Collection[str] = (),
        processed: int = -1,
    ) -> dict[str, Any]:
        @asynccontextmanager
        async def reader(_settings: Settings) -> AsyncIterator[None]:
            yield None

        async def bounds(_consumer: None, of: list[TopicPartition]) -> Any:
            if of == [TopicPartition(SIX.topics.backfill, 0)]:
                return dict.fromkeys(of, 0), dict.fromkeys(of, files)
            asked = {partition.topic for partition in of}
            assert asked.isdisjoint(f"newstore.{dataset}.v1" for dataset in gone)
            if asked <= CHANGELOGS:
                assert not refused, "some partitions are not there"
                return dict.fromkeys(of, 0), {each: 2 if each.partition in opened else 0 for each in of}
            assert asked == {SIX.topics.raw}
            return dict.fromkeys(of, raw_start), dict.fromkeys(of, 99)

        async def make_plan(_settings: Settings) -> TopicsPlan:
            missing = {f"newstore.{dataset}.v1" for dataset in gone}
            return TopicsPlan(tuple(spec for spec in specs(SIX) if spec.name in missing), (), (*refused,))

        async def read_rules(_settings: Settings) -> Recorded | None:
            return recorded

        async def apply_plan(_settings: Settings, _made: TopicsPlan) -> None:
            raise AssertionError

        monkeypatch.setattr(command, "make_plan", make_plan)
        monkeypatch.setattr(command, "read_rules", read_rules)
        monkeypatch.setattr(command, "apply_plan", apply_plan)
        monkeypatch.setattr(made_anew, "reader", reader)
        monkeypatch.setattr(made_anew, "bounds", bounds)
        monkeypatch.setattr(made_anew, "admin_client", reader)
        monkeypatch.setattr(made_anew, "committed_offsets", _committed(processed))
        document: dict[str, Any] = json.loads(bridge("topics", "plan", "-o", "json", partitions="6").stdout)
        if document["refused"]:
            applied = bridge("topics", "apply", "--yes", partitions="6")
            assert applied.exit_code == 2
            assert " ".join(document["refused"][0].split()) in " ".join(applied.stderr.split())
        return document

    return made


def _committed(processed: int) -> Callable[..., Awaitable[Any]]:
    """Offsets of raw: the last partition's is committed, the others' are not."""

    async def committed_offsets(_admin: None, _group: str, of: list[TopicPartition]) -> Any:
        assert {partition.topic for partition in of} == {SIX.topics.raw}
        return dict.fromkeys(of, -1) | {of[-1]: processed}

    return committed_offsets


def test_keys_of_events_from_before_partitions_were_added_are_not_forgotten(planned: Planned) -> None:
    """A re-delivery lies in another partition of raw than the first, so its lane would not know it."""
    [refused] = planned(FROM_FOUR, ["dedupe-changelog", "orders-changelog"], raw_start=6)["refused"]
    assert refused.startswith("newstore.dedupe-changelog.v1 would be empty")
    assert "docs/recovery.md#raw-anew-from-s3" in refused


def test_a_migration_of_keys_since_then_changes_nothing_of_that(planned: Planned) -> None:
    since = FROM_FOUR.migrated(rules_of(SIX), (9,) * 6)
    assert planned(since, ["dedupe-changelog"], raw_start=6)["refused"]


@pytest.mark.parametrize(
    ("recorded", "gone", "raw_start"),
    [
        (FROM_FOUR, ["dedupe-changelog"], 7),
        (FROM_FOUR, ["orders-changelog", "orders", "order-state"], 0),
        (OTHER_KEYS, ["dedupe-changelog"], 0),
        (FIRST.migrated(rules_of(SIX), ()), ["dedupe-changelog"], 0),
        (Recorded.first(rules_of(SIX)), ["dedupe-changelog", "raw"], 0),
    ],
    ids=["raw has none of them", "keys are not gone", "only keys were migrated", "raw was empty", "never migrated"],
)
def test_what_is_made_anew_where_nothing_can_pass_twice(
    planned: Planned, recorded: Recorded, gone: list[str], raw_start: int
) -> None:
    assert planned(recorded, gone, raw_start=raw_start)["refused"] == []


def test_that_an_output_is_made_anew_is_told_where_workers_have_processed(planned: Planned, bridge: Run) -> None:
    """Workers go on as if nothing had happened, and write into it what comes from then on."""
    planned(Recorded.first(rules_of(SIX)), ["order-state", "backfill"], processed=7)
    told = " ".join(bridge("topics", "plan", partitions="6").stdout.split())
    assert f"newstore.order-state.v1: {GONE}." in told
    assert told.count(GONE) == 1


def test_so_it_is_where_the_group_may_not_be_asked(
    planned: Planned, bridge: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> Any:
        raise GroupAuthorizationFailedError

    planned(Recorded.first(rules_of(SIX)), ["order-state"])
    monkeypatch.setattr(made_anew, "committed_offsets", refuse)
    assert GONE in " ".join(bridge("topics", "plan", partitions="6").stdout.split())


@pytest.mark.parametrize(
    ("recorded", "gone", "processed"),
    [
        (Recorded.first(rules_of(SIX)), ["order-state"], -1),
        (Recorded.first(rules_of(SIX)), ["backfill"], 7),
        (None, ["rules", "order-state"], 7),
    ],
    ids=["no worker has run", "no worker writes there", "the first setup"],
)
def test_else_nothing_is_told(
    planned: Planned, bridge: Run, recorded: Recorded | None, gone: list[str], processed: int
) -> None:
    planned(recorded, gone, processed=processed)
    assert GONE not in " ".join(bridge("topics", "plan", partitions="6").stdout.split())


@pytest.mark.parametrize("recorded", [FROM_FOUR, OTHER_KEYS], ids=["partitions", "keys"])
def test_a_new_raw_does_not_come_beside_the_offsets_of_the_one_before(planned: Planned, recorded: Recorded) -> None:
    """`bridge verify` would pass over what lies below those offsets."""
    [refused] = planned(recorded, ["raw", "dedupe-changelog"])["refused"]
    assert "newstore.rules.v1" in refused


def test_a_new_raw_does_not_come_beside_the_files_of_the_one_before(planned: Planned) -> None:
    """A backfill that was interrupted there left out the files it had not reached, and said that they are stored."""
    never_migrated = Recorded.first(rules_of(SIX))
    for gone in (["raw"], ["raw", "rules"]):
        [refused] = planned(never_migrated, gone, files=3)["refused"]
        assert "Delete newstore.backfill.v1, too" in refused
    assert len(planned(FROM_FOUR, ["raw"], files=3)["refused"]) == 2
    for gone in (["raw", "backfill"], ["orders"]):
        assert planned(never_migrated, gone, files=3)["refused"] == []


@pytest.mark.parametrize(
    "gone",
    [["rules"], [], ["rules", "dedupe-changelog"], ["rules", "orders-changelog"]],
    ids=["lost", "empty", "keys, too", "orders, too"],
)
def test_a_migration_whose_rules_are_lost_half_way_does_not_count_as_done(planned: Planned, gone: list[str]) -> None:
    """Partitions were added, but none of their lanes was ever opened: rows still lie where the old rules had them."""
    [refused] = planned(None, gone, opened=range(4))["refused"]
    assert "changelog.v1 has records, but none in its partitions 4, 5" in refused
    assert "docs/recovery.md#raw-anew-from-s3" in refused


@pytest.mark.parametrize("opened", [range(6), range(0)], ids=["all were opened", "no worker has run yet"])
def test_rules_are_recorded_anew_where_no_migration_was_under_way(planned: Planned, opened: range) -> None:
    assert planned(None, ["rules"], opened=opened)["refused"] == []


def test_rules_are_recorded_in_a_new_deployment(planned: Planned) -> None:
    assert planned(None, ["rules", "dedupe-changelog", "orders-changelog"], opened=())["refused"] == []


def test_a_migration_that_has_not_added_all_partitions_is_refused_for_their_number(planned: Planned) -> None:
    sentence = "newstore.dedupe-changelog.v1 has 4 partitions, not 6."
    assert planned(None, ["rules"], refused=[sentence])["refused"] == [sentence]
