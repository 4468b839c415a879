"""What the worker asks Kafka before it runs a lane."""

from bridge import topics
from bridge.cancellation import raise_if_cancelled
from bridge.first_contact import first_contact
from bridge.rules import Recorded, require_adopted, rules_of
from bridge.settings import Settings


class ChangelogForgetsError(Exception):
    """A changelog topic drops rows that the worker needs: after a cold recovery it would not know them any more."""


async def worker_first_contact(settings: Settings) -> Recorded:
    """As `bridge.first_contact`, all rules of the settings are in force, and the changelogs keep what they have to.

    ChangelogForgetsError: mend that first.
    """
    recorded = await first_contact(settings)
    require_adopted(recorded, rules_of(settings))
    changes = (await topics.plan(settings)).alter
    raise_if_cancelled()
    changelogs = {settings.topics.dedupe_changelog, settings.topics.orders_changelog}
    if forgetful := [str(change) for change in changes if change.topic in changelogs and change.drops_records]:
        raise ChangelogForgetsError(
            f"{', '.join(forgetful)}: rows that still count would be lost. Run `bridge topics apply`."
        )
    return recorded
