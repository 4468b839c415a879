"""Whether this user may do all that a migration does, before anything is announced: what it may not would end it half
way, and a migration's user is made for it alone, so that a missing ACL is likeliest there."""

from aiokafka.errors import KafkaError

from bridge.kafka.acls import Acl, Operation, Part, Resource, acls
from bridge.kafka.words import principal
from bridge.refusals import MigrationRefused
from bridge.settings import Settings
from bridge.topics import partition_counts, partitions_lacking
from bridge.topics.broker import admin_client
from commands.terminal.permissions import Known, Metadata, Permissions, not_allowed, topics_of


async def require_permissions(settings: Settings) -> None:
    """Return if this user lacks nothing, or nobody can tell, as a broker without authorizer or of an old version.

    MigrationRefused: it lacks something.
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
    """Alter is needed for topics alone that get partitions."""
    return [_without_alter(need) if need.name not in growing else need for need in acls(settings)[Part.MIGRATION]]


def _without_alter(need: Acl) -> Acl:
    return need._replace(operations=tuple(each for each in need.operations if each is not Operation.ALTER))
