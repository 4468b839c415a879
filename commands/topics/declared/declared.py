"""What is declared for other tools: all topics, and a user with its ACLs for each part of the bridge."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bridge.kafka.acls import Acl, Part, acls
from bridge.settings import Settings
from bridge.topics import TopicSpec, specs


@dataclass(frozen=True, slots=True)
class Declared:
    """`users`: name -> ACLs. `by_certificate`: users log in by TLS certificates, not by SCRAM."""

    topics: tuple[TopicSpec, ...]
    users: Mapping[str, tuple[Acl, ...]]
    by_certificate: bool


def declared(settings: Settings, parts: Collection[Part]) -> Declared:
    """All topics of the settings and the users of these parts: `<prefix>-<part>`, valid as names in Kubernetes."""
    given = acls(settings)
    return Declared(
        topics=specs(settings),
        users={user_name(settings, part): given[part] for part in parts},
        by_certificate=settings.kafka_security_protocol == "SSL",
    )


def user_name(settings: Settings, part: Part) -> str:
    """The name of a part's user."""
    return f"{kubernetes_name(settings.topic_prefix)}-{part}"


def kubernetes_name(name: str) -> str:
    """A Kafka name as a valid Kubernetes name: lower case, no underscores, no dash at either end of a label."""
    labels = (label.strip("-") for label in name.lower().replace("_", "-").split("."))
    return ".".join(label for label in labels if label)
