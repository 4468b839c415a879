"""All faults by name."""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from tests.chaos import broker_faults, line_faults, service_faults
from tests.chaos.site import Site

Inflict = Callable[[Site, random.Random], None]
"""Returns once the site is on its own again; it may not be well yet."""


def _of(module: ModuleType) -> dict[str, Inflict]:
    return {
        name: function
        for name, function in vars(module).items()
        if getattr(function, "__module__", None) == module.__name__ and not name.startswith("_") and callable(function)
    }


SERVICE_FAULTS: Final[Mapping[str, Inflict]] = MappingProxyType(_of(service_faults))
BROKER_FAULTS: Final[Mapping[str, Inflict]] = MappingProxyType(_of(broker_faults))
LINE_FAULTS: Final[Mapping[str, Inflict]] = MappingProxyType(_of(line_faults))
FAULTS: Final[Mapping[str, Inflict]] = MappingProxyType({**SERVICE_FAULTS, **BROKER_FAULTS, **LINE_FAULTS})
