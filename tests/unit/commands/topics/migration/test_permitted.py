"""Whether a migration begins if its user may not do all of it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.errors import IncompatibleBrokerVersion

from bridge.kafka.acls import Acl, Operation, Part, acls
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from commands.topics.migration import permitted
from commands.topics.migration.permitted import require_permissions
from tests.unit.commands.acl_broker import GROUP, NAMES, SETTINGS, Broker, without

GIVEN = acls(SETTINGS)[Part.MIGRATION]
RAW, STATE = SETTINGS.topics.raw, SETTINGS.topics.order_state
MORE = dict.fromkeys(NAMES, SETTINGS.partitions - 1)
LANES = "newstore.bridge.v1-"


class Admin:
    """An admin client of one broker."""

    def __init__(self, broker: Any) -> None:
        self._send_request = broker.send


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`await ask(broker)`: topics have as many partitions as `counts` says."""

    async def asked(broker: Any, counts: dict[str, int] = MORE) -> None:
        @asynccontextmanager
        async def client(_: Settings) -> AsyncIterator[Admin]:
            yield Admin(broker)

        async def counted(_: Settings) -> dict[str, int]:
            return counts

        monkeypatch.setattr(permitted, "admin_client", client)
        monkeypatch.setattr(permitted, "partition_counts", counted)
        await require_permissions(SETTINGS)

    return asked


async def test_who_has_what_is_documented_may_begin(ask: Any) -> None:
    await ask(Broker(GIVEN))


@pytest.mark.parametrize(
    ("name", "operation", "said"),
    [
        (RAW, Operation.ALTER, f"not allowed on the topic {RAW}: Alter"),
        (STATE, Operation.WRITE, f"not allowed on the topic {STATE}: Write"),
        (LANES, Operation.WRITE, f"not allowed on the transactional id {LANES}: Write"),
        (GROUP, Operation.READ, f"not allowed on the group {GROUP}: Read"),
    ],
)
async def test_what_is_lacking_is_named_with_who_prints_the_command(
    ask: Any, name: str, operation: Operation, said: str
) -> None:
    with pytest.raises(MigrationRefused) as refused:
        await ask(Broker(without(GIVEN, name, operation)))
    assert str(refused.value) == (
        f"User:ANONYMOUS is {said}: `bridge doctor --part migration`, as that user, prints the commands that allow it;"
        " nothing was announced."
    )


async def test_several_kinds_are_named_at_once(ask: Any) -> None:
    given = without(without(GIVEN, STATE, Operation.WRITE), LANES, Operation.WRITE)
    with pytest.raises(MigrationRefused, match=rf"{STATE}: Write; not allowed on the transactional id {LANES}: Write"):
        await ask(Broker(given))


async def test_alter_is_needed_only_where_partitions_are_missing(ask: Any) -> None:
    given = without(GIVEN, RAW, Operation.ALTER)
    await ask(Broker(given), dict.fromkeys(NAMES, SETTINGS.partitions))


@pytest.mark.parametrize("given", [GIVEN, ()])
async def test_a_broker_that_does_not_tell_is_no_reason_not_to_begin(ask: Any, given: Iterable[Acl]) -> None:
    """Either the broker does not tell of topics, and the user may do all the rest, or it gives no answer at all."""
    if given:
        await ask(Broker(given, tells=False))
        return

    class Old:
        async def send(self, _: object) -> None:
            raise IncompatibleBrokerVersion("no")

    await ask(Old())
