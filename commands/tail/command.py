"""`bridge tail TOPIC`: print records as they are committed."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Annotated

import typer

from bridge.kafka.reading import Record, reader
from bridge.settings import Settings, load_settings
from bridge.topics.spec import TopicSpec
from commands.streams import NobodyReadsError
from commands.tail.follow import FETCH_BYTES, beginnings, follow
from commands.tail.view import Print, StreamFormat, printer
from commands.tail.wanted import Wanted
from commands.terminal.examples import examples
from commands.terminal.output import UnmaskedOption, duration, fail, messages
from commands.terminal.rules_in_force import rules_in_force
from commands.terminal.running import require_topics, run
from commands.terminal.shown import document
from commands.terminal.topics import dataset_of, topic_named
from commands.terminal.typed import given_event, given_id, time_of


@examples(
    "bridge tail orders",
    "bridge tail raw --event order.created --since 10min",
    "bridge tail orders --order SO-7 --since 2d --no-follow -o jsonl",
)
def tail(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="raw, orders, order-state, quarantine, conflicts, ...")],
    event: Annotated[str | None, typer.Option(metavar="EVENT", help="Only this event, as `order.created`.")] = None,
    order: Annotated[
        str | None, typer.Option(parser=given_id, metavar="ORDER_ID", help="Only what belongs to this order.")
    ] = None,
    since: Annotated[float | None, duration("From so long ago on, not only from now on.")] = None,
    no_follow: Annotated[bool, typer.Option("--no-follow", help="End at the present end.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    unmasked: UnmaskedOption = False,
    output: Annotated[
        StreamFormat, typer.Option("--output", "-o", help="How to print records; `wide`: with headers.")
    ] = StreamFormat.TABLE,
) -> None:
    """Print a topic's records as they are committed, without personal data, until Ctrl-C."""
    settings = load_settings()
    spec = topic_named(settings, topic)
    wanted = Wanted(dataset := dataset_of(settings, spec.name), given_event(settings, event), order)
    if option := wanted.misses():
        fail(f"Records of {spec.name} cannot be asked for by {option}.")
    if no_follow and since is None:
        fail("Without --since there is nothing before the end.", advice="`--since 10min --no-follow`, for example.")
    tailing = _Tail(settings, spec, wanted, dataset, unmasked=unmasked, limit=limit)
    try:
        run(settings, tailing.run(time_of(since), output, ends=no_follow))
    except KeyboardInterrupt:
        if no_follow:
            raise  # it has not reached the end
        raise typer.Exit(0) from None


class _Tail:
    def __init__(
        self, settings: Settings, spec: TopicSpec, wanted: Wanted, dataset: str, *, unmasked: bool, limit: int | None
    ) -> None:
        self._settings, self._spec, self._wanted, self._dataset = settings, spec, wanted, dataset
        self._unmasked, self._left = unmasked, limit

    async def run(self, since_ms: int | None, output: StreamFormat, *, ends: bool) -> None:
        await require_topics(self._settings)
        counts, _ = await rules_in_force(self._settings)
        partitions = self._wanted.partitions(self._spec, counts)
        async with reader(self._settings, FETCH_BYTES) as consumer:
            starts, present = await beginnings(consumer, partitions, since_ms)
            if not ends:
                messages().print(f"{self._spec.name}, {_told([p.partition for p in partitions])}; Ctrl-C ends it.")
            try:
                batches = follow(consumer, starts, present if ends else None, self._spec.partitions)
                await self._print(batches, printer(output))
            except NobodyReadsError:
                return  # the reader of stdout has closed it

    async def _print(self, batches: AsyncGenerator[Sequence[Record], None], show: Print) -> None:
        async with aclosing(batches):
            async for batch in batches:
                for record in filter(self._wanted.takes, batch):
                    show(document(self._dataset, record, unmasked=self._unmasked))
                    if self._left is not None:
                        self._left -= 1
                        if self._left == 0:
                            return


def _told(numbers: Sequence[int]) -> str:
    return f"partition {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} partitions"
