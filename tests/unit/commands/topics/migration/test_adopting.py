"""If `topics apply` cannot go on with adopting a rule, it takes its announcement back: workers wait for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import TransactionalIdAuthorizationFailed

from bridge.refusals import MigrationRefused, RulesNotRecorded
from bridge.rules.changes import Change
from bridge.rules.rules import Recorded, rules_of
from bridge.settings import Settings
from commands.topics.migration import adopt
from commands.topics.migration.adopt import _Adoption
from tests.unit.commands.topics.migration.test_announcing import Silent

SETTINGS = Settings(tenant="acme")
NAME = "invented.happened"


class FindsNothing:
    def __init__(self, *_: object) -> None:
        self.found = dict[str, str]()

    async def read_on(self, *_: object) -> None:
        """Raw holds none of them."""


@pytest.mark.parametrize(
    "error", [TransactionalIdAuthorizationFailed("a lane"), RulesNotRecorded("not yet"), MigrationRefused("a worker")]
)
async def test_an_adoption_that_cannot_go_on_is_taken_back(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    written = list[frozenset[str]]()

    async def nothing(*_: object) -> None:
        """No worker runs."""

    async def put(_producer: object, _settings: Settings, new: Recorded) -> None:
        written.append(new.adopting)

    async def fail(*_: object) -> None:
        raise error

    @asynccontextmanager
    async def nobody(*_: object) -> AsyncIterator[None]:
        yield None

    steps: dict[str, Any] = {"put_in_force": put, "wait_until_empty": nothing, "fence_raw_lanes": fail}
    for name, step in {**steps, "reader": nobody, "NameSearch": FindsNothing, "_NOTICE_S": 0.0}.items():
        monkeypatch.setattr(adopt, name, step)
    added = [Change(NAME, None, None)]
    monkeypatch.setattr(Recorded, "unadopted", lambda *_: added)
    unused: Any = None
    with pytest.raises(type(error)):
        await _Adoption(SETTINGS, unused, Silent(), Recorded.first(rules_of(SETTINGS))).run()
    assert written == [frozenset({NAME}), frozenset()]
