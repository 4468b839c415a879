"""All faults by name."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from tests.chaos import (
    broker_faults,
    disk_faults,
    fleet_faults,
    ingress_faults,
    line_faults,
    partition_faults,
    worker_faults,
)
from tests.chaos.site import Site

Inflict = Callable[[Site, random.Random], None]
"""Returns once the site is on its own again; it may not be well yet."""


def _of(*modules: ModuleType) -> Mapping[str, Inflict]:
    return MappingProxyType(
        {
            name: function
            for module in modules
            for name, function in vars(module).items()
            if getattr(function, "__module__", None) == module.__name__ and not name.startswith("_")
        }
    )


LINE_FAULTS: Final = _of(line_faults, partition_faults)
"""Only where everything runs through the relay."""

PARTITION_FAULTS: Final = _of(partition_faults)
"""Only where there are several brokers."""

FAULTS: Final = _of(
    worker_faults, ingress_faults, disk_faults, fleet_faults, broker_faults, line_faults, partition_faults
)
