"""Plans and carries out a registration, subject by subject. Another run does what is left."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from commands.schema.register.registry import Registry
from commands.schema.register.subjects import Subject

LEVEL: Final = "FORWARD_TRANSITIVE"
"""Readers with an earlier schema can read records of a later one, which `bridge schema check` ensures. Registries call
a new field of an open object incompatible in the other direction, because older records might have had it."""


class Effect(StrEnum):
    """What registering a subject does."""

    PRESENT = "is there"
    NEW = "new subject"
    NEXT = "new version"
    INCOMPATIBLE = "incompatible"


class Step(NamedTuple):
    """One subject. `level`: its own compatibility level, None: it has none yet; `why`: reasons if incompatible."""

    subject: Subject
    effect: Effect
    level: str | None
    why: Sequence[str] = ()

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return self.effect is not Effect.PRESENT or self.level is None


async def make_plan(registry: Registry, wanted: Iterable[Subject]) -> list[Step]:
    """Ask the registry about each subject. RegistryRefused: it cannot be asked."""
    return [await _step(registry, subject) for subject in wanted]


async def _step(registry: Registry, subject: Subject) -> Step:
    level = await registry.level(subject)  # asked of new subjects, too: a level can be set before any version
    if not await registry.has(subject):
        return Step(subject, Effect.NEW, level)
    if await registry.version_of(subject) is not None:
        return Step(subject, Effect.PRESENT, level)
    if (objections := await registry.objections(subject)) is not None:
        return Step(subject, Effect.INCOMPATIBLE, level, objections)
    return Step(subject, Effect.NEXT, level)


async def carry_out(registry: Registry, plan: Iterable[Step]) -> None:
    """Register what is missing; keep levels that somebody has set. RegistryRefused: some of it may be done."""
    for step in plan:
        if step.effect is not Effect.PRESENT:
            await registry.register(step.subject)
        if step.level is None:
            await registry.set_level(step.subject, LEVEL)
