"""All checks of one rendering, and all renderings of a folder."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from deploy.check import (
    alerts,
    kafka,
    life,
    logins,
    reach,
    routes,
    schemas,
    security,
    settings,
    values,
    volumes,
    wiring,
)
from deploy.check.objects import Objects
from deploy.check.render import NotRendered, components_of, overlays_of, render, render_with

_OF_OPERATOR: Final = ("kafka-strimzi", "kafka-scram", "kafka-ca")
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "kafka-strimzi": _OF_OPERATOR[1:],
    "migration": _OF_OPERATOR,
    "operator": _OF_OPERATOR,
    "network-policy/https": ("network-policy",),
    "network-policy/operator": (*_OF_OPERATOR, "network-policy", "operator"),
}
"""Component -> those that it needs beside it."""
_CHECKS: Final = (security, wiring, volumes, settings, life, logins, reach, routes, kafka, alerts)


def problems_of(objects: Objects) -> list[str]:
    """Sentences: of the schemas, and where those hold, so that fields are where they must be, of all other checks."""
    refused = [*schemas.problems(objects), *values.problems(objects)]
    return refused or [words for check in _CHECKS for words in check.problems(objects)]


def renderings(root: Path) -> Iterator[tuple[str, Callable[[], Objects]]]:
    """Name and maker of each overlay, and of each component with what it needs beside it, on top of the base."""
    for name in overlays_of(root):
        yield f"overlays/{name}", lambda name=name: render(root / "overlays" / name)  # type: ignore[misc]
    for name in components_of(root):
        yield f"components/{name}", lambda name=name: render_with(root, [*_BESIDE.get(name, ()), name])  # type: ignore[misc]


def check(root: Path) -> Iterator[str]:
    """Sentences on everything under `root`, each beginning with the rendering that it is of."""
    for name, make in renderings(root):
        try:
            yield from (f"{name}: {words}" for words in problems_of(make()))
        except NotRendered as refusal:
            yield f"{name}: {refusal}"
