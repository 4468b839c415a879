"""Whether this user has all permissions of a migration, asked before anything is announced.

A missing permission would end the migration half way. It is likely, because a migration's user is made for it alone.
"""

from aiokafka.errors import KafkaError

from bridge.kafka.acls import Acl, Operation, Part, Resource, acls
from bridge.kafka.admin import admin_client
from bridge.kafka.words import principal
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from bridge.topics import partition_counts, partitions_lacking
from commands.terminal.permissions import Known, Metadata, Permissions, not_allowed, topics_of


async def require_permissions(settings: Settings) -> None:
    """Return if this user lacks no permission, or if Kafka does not tell (no authorizer, or an old version).

    MigrationRefused: it lacks a permission.
    """
    try:
        lacking = [each for each in await _known(settings) if each.lacks]
    except KafkaError:
        return
    of_kinds = [[each for each in lacking if each.need.resource is kind] for kind in Resource]
    if said := "; ".join(not_allowed(each) for each in of_kinds if each):
        remedy = "`bridge doctor --part migration`, as that user, prints the commands that allow it"
        raise MigrationRefused(f"{principal(settings)} is {said}: {remedy}; nothing was announced.")


async def _known(settings: Settings) -> list[Known]:
    needed = _needed(settings, partitions_lacking(settings, await partition_counts(settings)))
    async with admin_client(settings) as admin:
        metadata = Metadata(admin._send_request, topics_of(needed))  # noqa: SLF001 - no public way to send a request
        return await Permissions(settings, metadata).known(needed)


def _needed(settings: Settings, growing: dict[str, int]) -> list[Acl]:
    """Only topics that get partitions need Alter."""
    return [_without_alter(need) if need.name not in growing else need for need in acls(settings)[Part.MIGRATION]]


def _without_alter(need: Acl) -> Acl:
    return need._replace(operations=tuple(each for each in need.operations if each is not Operation.ALTER))
