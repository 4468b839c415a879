"""How large a run is: what makes tables, transactions and memory small or large."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import Any, Final, Self

_USUAL: Final = (1, 1, 2, 2, 3, 5)
_UP_TO_100: Final = (2, 2, 3, 3, 5, 5, 8, 12, 25, 60, 100)


@dataclass(frozen=True, slots=True)
class Size:
    """`most_lines` of an order: 5 or 100. `preloaded`: orders, and as many keys, that the tables have known for long.
    `timeout_s`: session and transaction timeout; None: the product's own. `memory_mib`: a worker that takes more is
    killed; None: no limit."""

    partitions: int = 4
    most_lines: int = 5
    chunk_records: int = 100
    preloaded: int = 0
    timeout_s: float | None = 6.0  # the least that Kafka's default settings allow
    memory_mib: int | None = None

    @classmethod
    def recorded(cls, given: Mapping[str, Any] | None) -> Self:
        """The size in a line of the record. None: from before sizes were drawn, when all runs had this size."""
        return cls(**given or {})

    @property
    def lines(self) -> tuple[int, ...]:
        """The numbers of lines from which each order's is drawn."""
        return _USUAL if self.most_lines == max(_USUAL) else _UP_TO_100

    def deliveries(self, asked: int) -> int:
        """How many deliveries the run is to have: those of large orders are ten times the work each."""
        return asked if self.most_lines == max(_USUAL) else asked // 5

    def settings(self) -> dict[str, str]:
        """The services' settings that follow from the size, by name in lower case."""
        timeout = {} if self.timeout_s is None else {"timeout": f"{self.timeout_s:g}s"}
        return {
            "partitions": str(self.partitions),
            "chunk_records": str(self.chunk_records),
            **{f"{what}_{name}": value for name, value in timeout.items() for what in ("session", "transaction")},
        }

    def __str__(self) -> str:
        known = {name: value for name, value in asdict(self).items() if value}
        return " ".join(f"{name}={value:g}" for name, value in known.items())


SMALL: Final = Size()


def size_of(rng: Random) -> Size:
    """Draw a size. The shipped chunk size and few partitions are the rule; what takes minutes is rare."""
    return Size(
        partitions=rng.choice((3, 3, 8, 8, 8, 64)),
        most_lines=rng.choice((5, 100)),
        chunk_records=rng.choice((100, 5000, 5000)),
        preloaded=rng.choice((0, 0, 0, 500_000)),
        timeout_s=rng.choice((6.0, None)),
        memory_mib=rng.choice((None, 768)),
    )
