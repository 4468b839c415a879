"""All faults by name."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from tests.programs.chaos import (
    broker_faults,
    clock_faults,
    disk_faults,
    election_faults,
    fleet_faults,
    ingress_faults,
    late_faults,
    line_faults,
    losing_faults,
    partition_faults,
    stale_faults,
    worker_faults,
)
from tests.programs.chaos.site import Site

Inflict = Callable[[Site, random.Random], None]
"""Inflicts a fault. Returns once the site is on its own again; it may not be well yet."""


def _of(*modules: ModuleType) -> Mapping[str, Inflict]:
    return MappingProxyType(
        {
            name: function
            for module in modules
            for name, function in vars(module).items()
            if getattr(function, "__module__", None) == module.__name__ and not name.startswith("_")
        }
    )


LINE_FAULTS: Final = _of(line_faults, late_faults, partition_faults, stale_faults, election_faults)
"""Possible only if everything runs through the relay."""

PARTITION_FAULTS: Final = _of(partition_faults, stale_faults, election_faults)
"""Possible only with several brokers."""

LONE_FAULTS: Final = _of(losing_faults)
"""Possible only with one broker: others have copies, which would come back."""

LOSING_FAULTS: Final = _of(losing_faults, election_faults)
"""Kafka loses records that it has acknowledged, so lanes may have to halt."""

FAULTS: Final = _of(
    worker_faults,
    ingress_faults,
    disk_faults,
    clock_faults,
    fleet_faults,
    broker_faults,
    line_faults,
    late_faults,
    partition_faults,
    stale_faults,
    election_faults,
    losing_faults,
)

HELD_FAULTS: Final = frozenset(
    {
        partition_faults.isolate_broker.__name__,
        line_faults.cut_worker_off.__name__,
        broker_faults.freeze_broker.__name__,
    }
)
"""Faults that may also last for six minutes."""
