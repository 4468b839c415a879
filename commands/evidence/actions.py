"""What `bridge quarantine` and `bridge conflicts` do, each with its own topic: list, show, and publish."""

import asyncio
from dataclasses import replace
from typing import Final, NoReturn

from bridge.kafka.open_transactions import COMMITTED_S, wait_for_their_ends
from bridge.kafka.reading import Source, partitions
from bridge.printable import printable, say
from bridge.settings import Settings
from commands.evidence import view as evidence_view
from commands.evidence.kept import Kept, Shelf, State
from commands.evidence.listing import Listing, make_listing
from commands.evidence.plan import PublishPlan, kept_events, make_plan
from commands.evidence.publish import publish as publish_plan
from commands.evidence.reading import Selection
from commands.evidence.writer import evidence_writer
from commands.terminal.lists import ListFormat
from commands.terminal.output import confirm, fail, hint, messages, print_json
from commands.terminal.progress import counted_progress
from commands.terminal.records import Nothing, find_record
from commands.terminal.remedies import OF_OPEN_TRANSACTIONS
from commands.terminal.running import require_topics, run
from commands.terminal.topics import topic_named
from commands.terminal.typed import known_events, now_ms

_MOST_NAMES: Final = 10
"""Most event names in a hint."""


def show_list(
    settings: Settings,
    shelf: Shelf,
    selection: Selection,
    state: State | None,
    limit: int,
    sheet: evidence_view.Sheet,
    output: ListFormat,
) -> None:
    """Print the newest records of the selection that are in this state; None: in any."""
    found = run(settings, _listing(settings, shelf, selection, state, limit))
    for damage in found.damage:
        say(f"{damage}: {damage.remedy}.")
    for transaction in found.open_transactions:
        say(f"{transaction}.")
    if found.open_transactions:
        hint(f"{OF_OPEN_TRANSACTIONS}.")
    if output is ListFormat.JSON:
        print_json(evidence_view.document(found, sheet.labels))
    else:
        evidence_view.show(messages(), found, sheet, output)


def record_at(settings: Settings, topic: str, place: Source) -> Kept | None:
    """The record at a place; None: there is none."""
    found = run(settings, find_record(settings, topic_named(settings, topic), place))
    return None if isinstance(found, Nothing) else Kept.of(found)


def required_record(settings: Settings, topic: str, place: Source) -> Kept:
    """The record at a place. Without one, say why and exit 2: logs print positions of other topics, too."""
    found = run(settings, find_record(settings, topic_named(settings, topic), place))
    if isinstance(found, Nothing):
        _tell_nothing(settings, topic, place, found)
    return Kept.of(found)


def _tell_nothing(settings: Settings, topic: str, place: Source, nothing: Nothing) -> NoReturn:
    kind = "quarantine" if topic == settings.topics.quarantine else "conflicts"
    advice = f"`bridge {kind} list -o name` has those that there are; `bridge record show {place}` shows raw's."
    fail(f"There is no record {place} in {topic}: {nothing.why}.", advice=advice)


def publish(
    settings: Settings, shelf: Shelf, selection: Selection, command: str, *, everything: bool, yes: bool
) -> None:
    """Show what publishing the selection would do, ask, and do it. `everything`: the selection names no places."""
    if bool(selection.places) == everything:
        fail(f"Say what to publish: either `{command} POSITION...`, or `{command} --all`.")
    made = run(settings, _plan(settings, shelf, selection))
    evidence_view.show_plan(messages(), made, settings.topics.raw)
    if made.open:
        confirm(command, yes=yes)
        count = run(settings, _publish(settings, shelf, made))
        say(f"Done: {count:,} published.")


async def _listing(settings: Settings, shelf: Shelf, selection: Selection, state: State | None, limit: int) -> Listing:
    await require_topics(settings)
    deadline = asyncio.get_running_loop().time() + COMMITTED_S
    hidden = await wait_for_their_ends(settings, partitions(settings, [shelf.topic]), deadline)
    with counted_progress("Reading") as on_read:
        found = await make_listing(settings, shelf, selection, state, limit, now_ms(), on_read)
    return replace(found, open_transactions=hidden)


async def _plan(settings: Settings, shelf: Shelf, selection: Selection) -> PublishPlan:
    await require_topics(settings)
    with counted_progress("Reading") as on_read:
        made = await make_plan(settings, shelf, selection, now_ms(), on_read)
    if not made.counts and selection.event is not None and selection.event not in known_events(settings):
        await _require_event(settings, shelf, selection.event)
    return made


async def _require_event(settings: Settings, shelf: Shelf, event: str) -> None:
    """Exit 2 unless a record is of this event: otherwise a script with a mistyped name would seem to succeed."""
    with counted_progress("Reading") as on_read:
        kept = await kept_events(settings, shelf, on_read)
    if event not in kept:
        names = ", ".join(name for name, _ in kept.most_common(_MOST_NAMES))
        unknown = f"No record of {shelf.topic} is of an event {printable(event)}, and nothing else knows one."
        fail(unknown, advice=f"it has records of {names}." if names else "")


async def _publish(settings: Settings, shelf: Shelf, made: PublishPlan) -> int:
    with counted_progress(f"Publishing {len(made.open):,}") as on_sent:
        async with evidence_writer(settings) as write:
            return await publish_plan(settings, shelf, made, write, now_ms, on_sent)
