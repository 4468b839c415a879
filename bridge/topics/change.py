"""One topic setting that differs from what it must be, and whether that loses data. Pure."""

from dataclasses import dataclass
from typing import Final

LOSING: Final = frozenset(
    {
        "cleanup.policy",
        "retention.ms",
        "retention.bytes",
        "min.insync.replicas",
        "max.message.bytes",
        "segment.bytes",
        "unclean.leader.election.enable",
    }
)
"""Settings that can lose data; all others cost disk, time or comfort, as long as clocks are right."""
CLOCK_BOUNDS: Final = frozenset({"message.timestamp.after.max.ms", "message.timestamp.before.max.ms"})
"""By these Kafka refuses records that an ingress with a wrong clock has dated. Without them on raw, it may say that
such a record is stored, and delete it at once. Kafka before 3.6 does not know them."""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """One configuration entry to set; `actual` is None where the broker does not know the entry."""

    topic: str
    name: str
    actual: str | None
    wanted: str

    def __str__(self) -> str:
        least = " or more" if self.name == "segment.bytes" else ""
        return f"{self.topic} has {self.name} = {self.actual}, not {self.wanted}{least}"

    @property
    def drops_records(self) -> bool:
        """Whether the topic forgets records that it would keep with the wanted value."""
        match self.name:
            case "cleanup.policy":
                # An unknown value is Kafka's default.
                return bool(members(self.actual or "delete") - members(self.wanted))
            case "retention.ms" | "retention.bytes":
                return self.actual is None or _shorter(int(self.actual), int(self.wanted))
        return False

    @property
    def loses_data(self) -> bool:
        """Whether an acknowledged event can be lost, or one that must be taken is refused."""
        match self.name:
            case "min.insync.replicas" | "max.message.bytes" | "segment.bytes":
                return self.actual is None or int(self.actual) < int(self.wanted)
            case "unclean.leader.election.enable":
                return self.actual == "true"
        return self.drops_records

    @property
    def only_keeps_longer(self) -> bool:
        """Whether it is about retention, and no record is forgotten early."""
        return self.name in {"retention.ms", "retention.bytes"} and not self.drops_records


def members(value: str) -> frozenset[str]:
    """The members of a list: the broker may give `delete,compact` for `compact,delete`."""
    return frozenset(part.strip() for part in value.split(",") if part.strip())


def _shorter(actual: int, wanted: int) -> bool:
    # A negative value is no limit.
    return actual >= 0 and (wanted < 0 or actual < wanted)
