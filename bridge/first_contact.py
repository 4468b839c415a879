"""What a service asks Kafka before it writes anything."""

from bridge import topics
from bridge.cancellation import raise_if_cancelled
from bridge.rules import Recorded
from bridge.rules_topic import check_rules
from bridge.settings import Settings


class TopicsMissing(Exception):  # noqa: N818 - says what is the case
    """Topics that must exist do not: `bridge topics apply` has not been run, or not under this prefix."""


async def first_contact(settings: Settings) -> Recorded:
    """Return the recorded rules once it is certain that this service belongs to this deployment.

    RulesMismatch: it must not go on. Any other error: not set up yet, or no answer; ask again.
    """
    # aiokafka's clients make a broker with auto-creation create the topics they ask for: so missing ones first.
    missing = [spec.name for spec in (await topics.plan(settings)).create]
    raise_if_cancelled()
    if missing:
        raise TopicsMissing(f"missing topics: {', '.join(missing)}")
    recorded = await check_rules(settings)
    raise_if_cancelled()
    return recorded
