"""What `bridge quarantine` and `bridge conflicts` have in common: look first, show the plan, ask, publish."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bridge.cli.confirmation import confirm
from bridge.cli.evidence_options import now_ms
from bridge.cli.output import Format, console, fail, messages, print_json
from bridge.cli.require_topics import require_topics
from bridge.cli.running import run
from bridge.printable import say

if TYPE_CHECKING:
    from bridge.evidence.kept import Kept, Shelf
    from bridge.evidence.listing import Listing
    from bridge.evidence.plan import Plan
    from bridge.evidence.selection import Selection
    from bridge.ledger.record import Source
    from bridge.settings import Settings


def show_list(
    settings: "Settings", shelf: "Shelf", selection: "Selection", limit: int, columns: dict[str, str], output: Format
) -> None:
    """Print the newest records that are meant. `columns`: what the list tells of their headers."""
    from bridge.cli import evidence_view

    found = run(settings, _listing(settings, shelf, selection, limit))
    if output is Format.JSON:
        print_json(evidence_view.document(found, columns))
    else:
        evidence_view.show(console(), messages(), found, columns)


def record_at(settings: "Settings", topic: str, place: "Source") -> "Kept | None":
    """The record at a place; None: there is none, or none any more."""
    return run(settings, _record_at(settings, topic, place))


def required_record(settings: "Settings", topic: str, place: "Source") -> "Kept":
    """The record at a place; exits 2 if there is none."""
    return record_at(settings, topic, place) or fail(f"There is no record {place} in {topic}.")


def publish(
    settings: "Settings", shelf: "Shelf", selection: "Selection", command: str, *, everything: bool, yes: bool
) -> None:
    """Show what publishing the selection would do, ask, and do it. `everything`: it names no places."""
    from bridge.cli import evidence_view

    if bool(selection.places) == everything:
        fail(f"Say what to publish: either `{command} POSITION...`, or `{command} --all`.")
    made = run(settings, _plan(settings, shelf, selection))
    evidence_view.show_plan(messages(), made, settings.topics.raw)
    if made.open:
        confirm(command, yes=yes)
        count = run(settings, _publish(settings, shelf, made))
        say(f"Done: {count:,} published.")


async def _listing(settings: "Settings", shelf: "Shelf", selection: "Selection", limit: int) -> "Listing":
    from bridge.evidence.listing import make_listing

    await require_topics(settings)
    with _counted("Reading") as on_read:
        return await make_listing(settings, shelf, selection, limit, now_ms(), on_read)


async def _record_at(settings: "Settings", topic: str, place: "Source") -> "Kept | None":
    from bridge.evidence.reading import record_at as read
    from bridge.ledger.reading import reader

    await require_topics(settings)
    async with reader(settings) as consumer:
        return await read(consumer, settings, topic, place)


async def _plan(settings: "Settings", shelf: "Shelf", selection: "Selection") -> "Plan":
    from bridge.evidence.plan import make_plan

    await require_topics(settings)
    with _counted("Reading") as on_read:
        return await make_plan(settings, shelf, selection, now_ms(), on_read)


async def _publish(settings: "Settings", shelf: "Shelf", made: "Plan") -> int:
    from bridge.cli.evidence_writer import evidence_writer
    from bridge.evidence.publish import publish as publish_plan

    with _counted(f"Publishing {len(made.open):,}") as on_sent:
        async with evidence_writer(settings) as write:
            return await publish_plan(settings, shelf, made, write, now_ms, on_sent)


@contextmanager
def _counted(what: str) -> Iterator[Callable[[int], None]]:
    """A function that is told of more records; how many they are is shown."""
    count = 0

    def on_more(records: int) -> None:
        nonlocal count
        count += records
        status.update(f"{what}: {count:,} records")

    with messages().status(what) as status:
        yield on_more
