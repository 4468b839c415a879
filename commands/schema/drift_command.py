"""`bridge schema drift`: what the events of a topic have that their models do not."""

from contextlib import aclosing
from typing import Annotated

import typer

from bridge.kafka.reading import bounds, partitions, read_range, reader
from bridge.settings import Settings, load_settings
from commands.schema import drift_view
from commands.schema.drift import Drift
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, fail, print_json
from commands.terminal.progress import counted_progress
from commands.terminal.running import require_topics, run


@examples("bridge schema drift", "bridge schema drift --topic orders --limit 10000 -o json")
def drift(
    topic: Annotated[str, typer.Option(help="raw, conflicts, or a cleaned topic: orders, inventory, ...")] = "raw",
    limit: Annotated[int | None, typer.Option(min=1, help="Read at most so many records.")] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Read a topic up to its present end, and list fields and values that the events' models do not know.

    Exit 1 if there are any. Fields of payloads that NewStore does not document are listed, but do not count.
    """
    settings = load_settings()
    found = run(settings, _read(settings, _topic(settings, topic), limit))
    if output is Format.JSON:
        print_json(drift_view.document(found))
    else:
        drift_view.show(console(), found)
    if found.deviates:
        raise typer.Exit(1)


def _topic(settings: Settings, dataset: str) -> str:
    topics = settings.topics
    known = {"raw": topics.raw, "conflicts": topics.conflicts, **topics.cleaned}
    return known.get(dataset) or fail(f"{dataset}: no topic of events; there are {', '.join(known)}.")


async def _read(settings: Settings, topic: str, limit: int | None) -> Drift:
    await require_topics(settings)
    found = Drift()
    with counted_progress("Reading") as on_read:
        async with reader(settings) as consumer:
            starts, ends = await bounds(consumer, partitions(settings, [topic]))
            async with aclosing(read_range(consumer, starts, ends)) as batches:
                async for records in batches:
                    meant = records[: None if limit is None else limit - found.records]
                    for record in meant:
                        found.add(record.value or b"", f"{record.partition}:{record.offset}", record.timestamp)
                    on_read(len(meant))
                    if found.records == limit:
                        break
    return found
