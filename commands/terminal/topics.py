"""A deployment's topics by the names that people use."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bridge.printable import printable
from bridge.settings import Settings
from bridge.topics import ConfigChange
from bridge.topics.spec import TopicSpec, specs
from commands.terminal.output import fail
from commands.terminal.typed import near


def datasets(settings: Settings) -> Mapping[str, TopicSpec]:
    """All topics by dataset, such as `raw`, `orders` or `order-state`."""
    prefix, suffix = f"{settings.topic_prefix}.", ".v1"
    return {spec.name.removeprefix(prefix).removesuffix(suffix): spec for spec in specs(settings)}


def dataset_of(settings: Settings, topic: str) -> str:
    """The dataset of a topic of the deployment."""
    return next(dataset for dataset, spec in datasets(settings).items() if spec.name == topic)


def known_topic(settings: Settings, name: str) -> TopicSpec | None:
    """The topic with this dataset or full name, if there is one."""
    return next((spec for dataset, spec in datasets(settings).items() if name in {dataset, spec.name}), None)


def topic_named(settings: Settings, name: str) -> TopicSpec:
    """The same; exits 2 if there is none."""
    known = datasets(settings)
    return known_topic(settings, name) or fail(
        f"There is no topic {printable(name)} under {settings.topic_prefix}; known are {', '.join(known)}.",
        advice=near(name.removeprefix(f"{settings.topic_prefix}.").removesuffix(".v1"), [*known]),
    )


def told_tolerated(differences: Iterable[ConfigChange]) -> Mapping[str, str]:
    """By name, a sentence without its full stop for each tolerated setting that the broker does know."""
    by_name = defaultdict[str, list[ConfigChange]](list)
    for each in differences:
        by_name[each.name].append(each)
    return {name: f"BRIDGE_TOLERATED_TOPIC_SETTINGS has {name}, which {_known(each)}" for name, each in by_name.items()}


def _known(differences: Sequence[ConfigChange]) -> str:
    first, *others = differences
    more = f", and {len(others)} more topics differ" if others else ""
    return f"this Kafka knows: {first.topic} has {first.actual}, not {first.wanted}{more}"
