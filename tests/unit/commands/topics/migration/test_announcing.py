"""What becomes of a migration's announcement if the migration changes nothing."""

from dataclasses import replace
from typing import Any

import pytest
from aiokafka.errors import KafkaError, TransactionalIdAuthorizationFailed

from bridge.refusals import MigrationRefused, RulesNotRecorded
from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from commands.topics.migration import migrate
from commands.topics.migration.migrate import _Migration

SETTINGS = Settings(tenant="acme")
RECORDED = Recorded.first(replace(rules_of(SETTINGS), partitions=SETTINGS.partitions - 1))


class Silent:
    """Progress that nobody sees."""

    def begin(self, step: str, total: int | None = None) -> None:
        """As `Progress`."""

    def advance(self, records: int) -> None:
        """As `Progress`."""


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`await begun(recorded, error, at)`: what was recorded, in turn, if step `at` ends with this error."""

    async def recorded_by(recorded: Recorded, error: Exception, at: str = "fence_others") -> list[Recorded]:
        written: list[Recorded] = []

        async def nothing(*_: object) -> None:
            """All is as it must be."""

        async def put(_producer: object, _settings: Settings, new: Recorded) -> None:
            written.append(new)

        async def fail(*_: object) -> None:
            raise error

        asked = (
            "require_permissions",
            "workers_are_done",
            "all_can_be_processed",
            "wait_for_quiet",
            "nothing_is_hidden",
        )
        for name in (*asked, "wait_until_readable", "fence_others"):
            monkeypatch.setattr(migrate, name, nothing)
        for name in ("record", "put_in_force"):
            monkeypatch.setattr(migrate, name, put)
        monkeypatch.setattr(migrate, at, fail)
        unused: Any = None
        with pytest.raises(type(error)):
            await _Migration(SETTINGS, unused, unused, Silent(), recorded, {}).run()
        return written

    return recorded_by


@pytest.mark.parametrize("error", [MigrationRefused("no"), TransactionalIdAuthorizationFailed("lane"), KafkaError()])
async def test_it_is_taken_back_by_the_run_that_made_it(begun: Any, error: Exception) -> None:
    """Nothing was changed, but an ingress answered 500 until somebody saw to it."""
    announced = RECORDED.announcing(rules_of(SETTINGS))
    assert await begun(RECORDED, error) == [announced, RECORDED]


async def test_so_is_one_that_a_strangers_transaction_hides(begun: Any) -> None:
    """The announcement came into force whenever that transaction ended, with nobody there to go on."""
    announced = RECORDED.announcing(rules_of(SETTINGS))
    assert await begun(RECORDED, RulesNotRecorded("not yet"), "wait_until_readable") == [announced, RECORDED]


async def test_what_an_earlier_run_has_announced_stays(begun: Any) -> None:
    announced = RECORDED.announcing(rules_of(SETTINGS))
    assert await begun(announced, KafkaError()) == [announced]
