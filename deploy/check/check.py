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
"""Component -> others that it needs."""
_CHECKS: Final = (security, wiring, volumes, settings, life, logins, reach, routes, kafka, alerts)


def problems_of(objects: Objects) -> list[str]:
    """Return sentences: those of `schemas` and `values`. Without any, all fields are in place: then those of all other
    checks, which rely on that."""
    refused = [*schemas.problems(objects), *values.problems(objects)]
    return refused or [words for check in _CHECKS for words in check.problems(objects)]


def renderings(root: Path) -> Iterator[tuple[str, Callable[[], Objects]]]:
    """Yield name and maker of each overlay, and of each component on the base with the components that it needs."""
    for name in overlays_of(root):
        yield f"overlays/{name}", lambda name=name: render(root / "overlays" / name)  # type: ignore[misc]
    for name in components_of(root):
        yield f"components/{name}", lambda name=name: render_with(root, [*_BESIDE.get(name, ()), name])  # type: ignore[misc]


def check(root: Path) -> Iterator[str]:
    """Yield problems of all renderings of `root`. Each begins with its rendering's name."""
    for name, make in renderings(root):
        try:
            yield from (f"{name}: {words}" for words in problems_of(make()))
        except NotRendered as refusal:
            yield f"{name}: {refusal}"
