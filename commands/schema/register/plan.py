"""What registering would do, subject by subject, and doing it. Run again, it does what is left."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from commands.schema.register.registry import Registry
from commands.schema.register.subjects import Subject

LEVEL: Final = "FORWARD_TRANSITIVE"
"""Whoever knows an earlier schema reads records by a later one: what `bridge schema check` holds, as registries say it.
They call a new field of an open object incompatible the other way round, for older records might have had it."""


class Effect(StrEnum):
    """What registering a subject comes to."""

    PRESENT = "is there"
    NEW = "new subject"
    NEXT = "new version"
    INCOMPATIBLE = "incompatible"


class Step(NamedTuple):
    """One subject; `level` is its own compatibility level, None if it has none yet; `why` it is incompatible."""

    subject: Subject
    effect: Effect
    level: str | None
    why: Sequence[str] = ()

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.effect is not Effect.PRESENT or self.level is None


async def make_plan(registry: Registry, wanted: Iterable[Subject]) -> list[Step]:
    """Ask about each of them. RegistryRefused: it cannot be asked."""
    return [await _step(registry, subject) for subject in wanted]


async def _step(registry: Registry, subject: Subject) -> Step:
    level = await registry.level(subject)  # of a new one, too: it can be set before there is any version
    if not await registry.has(subject):
        return Step(subject, Effect.NEW, level)
    if await registry.version_of(subject) is not None:
        return Step(subject, Effect.PRESENT, level)
    if (objections := await registry.objections(subject)) is not None:
        return Step(subject, Effect.INCOMPATIBLE, level, objections)
    return Step(subject, Effect.NEXT, level)


async def carry_out(registry: Registry, plan: Iterable[Step]) -> None:
    """Register what is not there; a level that somebody has set stays. RegistryRefused: some of it may be done."""
    for step in plan:
        if step.effect is not Effect.PRESENT:
            await registry.register(step.subject)
        if step.level is None:
            await registry.set_level(step.subject, LEVEL)
