"""A deployment's topics, as `bridge topics apply` makes them."""

from bridge import topics
from bridge.rules.topic import record_rules
from bridge.settings import Settings
from commands.topics.readable import wait_until_readable


async def set_up(settings: Settings) -> None:
    """Create the topics and record the rules."""
    await topics.apply(settings, await topics.plan(settings))
    await wait_until_readable(settings, await record_rules(settings))
