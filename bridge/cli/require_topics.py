"""What reads topics asks first whether they are there: a client that is asked about a missing one waits for it."""

from typing import TYPE_CHECKING

from bridge.cli.output import fail

if TYPE_CHECKING:
    from bridge.settings import Settings


async def require_topics(settings: "Settings") -> None:
    """Exit 2 unless every topic exists with the partitions of the settings."""
    from bridge.topics import plan

    made = await plan(settings)
    if made.create:
        fail(f"{made.create[0].name} does not exist: run `bridge topics apply` first.")
    if made.refused:
        fail(made.refused[0])
