"""What a service asks Kafka before it writes anything."""

from bridge import topics
from bridge.ending import raise_if_cancelled
from bridge.refusals import TopicsMissing
from bridge.rules.rules import Recorded
from bridge.rules.topic import check_rules
from bridge.settings import Settings


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
