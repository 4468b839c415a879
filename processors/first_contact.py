"""What the worker asks Kafka before it runs a lane."""

from collections.abc import Iterable

from bridge import topics
from bridge.cancellation import raise_if_cancelled
from bridge.first_contact import first_contact
from bridge.settings import Settings
from bridge.topics import ConfigChange


class ChangelogForgetsError(Exception):
    """A changelog topic drops rows that the worker needs: after a cold recovery it would not know them any more."""


async def worker_first_contact(settings: Settings) -> None:
    """As `bridge.first_contact`, and the changelogs keep what they have to. ChangelogForgetsError: mend that first."""
    await first_contact(settings)
    changes = (await topics.plan(settings)).alter
    raise_if_cancelled()
    changelogs = {settings.topics.dedupe_changelog, settings.topics.orders_changelog}
    if forgetful := [change for change in changes if change.topic in changelogs and drops_rows(change)]:
        raise ChangelogForgetsError(
            f"{_sentence(forgetful)}: rows that still count would be lost. Run `bridge topics apply`."
        )


def drops_rows(change: ConfigChange) -> bool:
    """Whether a changelog with the actual value loses rows that it keeps with the wanted one."""
    match change.name:
        case "cleanup.policy":
            return "delete" in (change.actual or "delete") and "delete" not in change.wanted
        case "retention.ms":
            return 0 <= int(change.actual or 0) < int(change.wanted)
        case "retention.bytes":
            return int(change.actual or 0) >= 0
    return False


def _sentence(changes: Iterable[ConfigChange]) -> str:
    return ", ".join(f"{change.topic} has {change.name} = {change.actual}, not {change.wanted}" for change in changes)
