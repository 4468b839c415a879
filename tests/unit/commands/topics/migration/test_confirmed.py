"""Between the plan and the yes, others may have done anything: a migration looks again behind its fence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bridge.refusals import MigrationRefused
from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from bridge.topics import specs
from commands.topics.migration import migrate, plan
from commands.topics.migration.plan import MigrationPlan
from tests.unit.commands.topics.migration.test_announcing import RECORDED, Silent

WANTED = rules_of(Settings(tenant="acme"))
SHOWN = MigrationPlan(RECORDED, WANTED, 0)


@pytest.fixture
def confirmed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`await confirmed(recorded, partitions)`: confirm the shown plan, when this is recorded by now and topics have so
    many partitions. Returns the migrations that began."""
    settings = Settings(tenant="acme", worker_data_dir=tmp_path)
    begun: list[Any] = []

    @asynccontextmanager
    async def fenced(_: Settings) -> AsyncIterator[None]:
        yield

    async def run(migration: Any) -> None:
        begun.append(migration)

    async def outcome(recorded: Recorded | None, partitions: int = RECORDED.rules.partitions) -> Any:
        async def read(_: Settings) -> Recorded | None:
            return recorded

        async def counts(_: Settings) -> dict[str, int]:
            return {spec.name: min(partitions, spec.partitions) or 1 for spec in specs(settings)} | {
                settings.topics.raw: partitions
            }

        monkeypatch.setattr(migrate, "rules_writer", fenced)
        monkeypatch.setattr(migrate._Migration, "run", run)
        monkeypatch.setattr(plan, "read_rules", read)
        monkeypatch.setattr(plan, "partition_counts", counts)
        await migrate.migrate(settings, SHOWN, Silent())
        return begun

    return outcome


async def test_what_was_shown_is_done(confirmed: Any) -> None:
    [begun] = await confirmed(RECORDED)
    assert begun.recorded == RECORDED
    assert set(begun.counts.values()) == {1, RECORDED.rules.partitions}  # the rules topic has one


@pytest.mark.parametrize(
    "by_now",
    [
        RECORDED.announcing(WANTED),
        RECORDED.migrated(WANTED, (0,) * RECORDED.rules.partitions),
        RECORDED.migrated(replace(WANTED, partitions=WANTED.partitions + 1), (0,) * RECORDED.rules.partitions),
        None,
    ],
    ids=["begun", "in force", "others in force", "nothing"],
)
async def test_after_another_one_it_is_not(confirmed: Any, by_now: Recorded | None) -> None:
    """By the record, a migration took away partitions, so that no service started, and key rules that had just come."""
    with pytest.raises(MigrationRefused, match="since this plan was shown: run this again"):
        await confirmed(by_now)


async def test_nor_with_more_partitions_than_are_wanted(confirmed: Any) -> None:
    """More partitions may be there while the record does not say so."""
    with pytest.raises(MigrationRefused, match="Kafka cannot take any away"):
        await confirmed(RECORDED, WANTED.partitions + 1)
