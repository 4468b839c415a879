"""Compares topics and recorded rules with the settings."""

from collections.abc import Iterable, Iterator
from typing import Final

from aiokafka.errors import TopicAuthorizationFailedError

from bridge.refusals import Refusal, TopicsRefused
from bridge.rules.rules import require_adopted, rules_of
from bridge.rules.topic import check_rules
from bridge.settings import Settings
from bridge.topics import CLOCK_BOUNDS, ConfigChange, TopicsPlan, plan, tolerated_differences
from commands.doctor.finding import Finding, ok, told, unknown, warning, wrong
from commands.terminal.remedies import OF_A_LOST_TOPIC, OF_NO_APPLY, OF_OTHERS
from commands.terminal.topics import told_tolerated

_APPLY = "bridge topics apply"
_DENIED: Final = "not looked at: this user may not, which is told with its permissions"


async def deployment(settings: Settings) -> list[Finding]:
    """Findings on topics and rules. KafkaError: no answer."""
    try:
        made = await plan(settings)
    except TopicsRefused as refused:
        if not isinstance(refused.__cause__, TopicAuthorizationFailedError):
            raise
        return [unknown("topics", _DENIED)]
    found = list(topics_of(settings, made)) or [
        ok("topics", f"all {settings.topic_prefix}.* topics are as they must be")
    ]
    found += tolerated_of(settings, await tolerated_differences(settings))
    if any(spec.name == settings.topics.rules for spec in made.create):
        return found
    try:
        require_adopted(await check_rules(settings), rules_of(settings))
    except TopicAuthorizationFailedError:
        return [*found, unknown("rules", _DENIED)]
    except Refusal as problem:
        return [*found, told("rules", str(problem))]
    return [*found, ok("rules", f"{settings.partitions} partitions and the key rules are those recorded")]


def topics_of(settings: Settings, made: TopicsPlan) -> Iterator[Finding]:
    """Findings on topics that are not as they must be."""
    apply = _APPLY if settings.manages_topics else OF_OTHERS
    if made.create:
        names = ", ".join(spec.name for spec in made.create)
        yield wrong("topics", f"missing: {names}", apply, OF_A_LOST_TOPIC)
    harmless = set(made.harmless)
    for change in made.alter:
        if change in harmless or change.only_keeps_longer:
            yield warning("topics", str(change), apply, f"BRIDGE_TOLERATED_TOPIC_SETTINGS={change.name}")
        else:  # a setting that loses data cannot be tolerated
            yield wrong("topics", str(change), apply)
    for sentence in made.refused:
        yield wrong("topics", sentence.rstrip("."), OF_NO_APPLY)


def tolerated_of(settings: Settings, differences: Iterable[ConfigChange]) -> Iterator[Finding]:
    """Findings on tolerated differences. They are intended, unless a setting protects from wrong clocks: the list may
    be older than an upgrade of Kafka that brought the setting."""
    apply = _APPLY if settings.manages_topics else OF_OTHERS
    for name, sentence in told_tolerated(differences).items():
        if name in CLOCK_BOUNDS:
            yield warning("topics", sentence, f"take {name} out of the list", apply)
        else:
            yield ok("topics", sentence)
