"""An explanation as text and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, NamedTuple

from commands.explain import sentences
from commands.explain.case import Case
from commands.explain.delivery import Delivery
from commands.explain.order import Fact, OrderStory
from commands.terminal.columns import Column
from commands.terminal.lists import print_table
from commands.terminal.output import InertConsole
from processors.orders.verdict.text import NOT_KNOWN, to_the_second, told

_COLUMNS: Final = (
    *(Column("raw"), Column("event", least=18, end=True), Column("received"), Column("cleaned")),
    *(Column("came", rank=2, right=True), Column("in state", rank=1)),
)


class Found(NamedTuple):
    """The result: deliveries; or orders, if the id is not a delivery's; or else blind returns."""

    deliveries: Sequence[Delivery] = ()
    orders: Sequence[OrderStory] = ()
    blind_returns: Sequence[Mapping[str, Any]] = ()


def document(case: Case, found: Found) -> dict[str, Any]:
    """The result as `-o json` prints it."""
    return {
        "deliveries": [asdict(delivery) for delivery in found.deliveries],
        "orders": [_order_document(story) for story in found.orders],
        "blind_returns": [*found.blind_returns],
        "worker": case.worker.url if case.worker.was_asked and not case.worker.away else None,
        "searched": [asdict(each) for each in case.search.searched],
    }


def show(where: InertConsole, case: Case, found: Found) -> None:
    """Print the result."""
    topics = case.settings.topics
    for delivery in found.deliveries:
        for line in sentences.of_delivery(delivery, topics.raw, topics.conflicts, topics.quarantine):
            where.print(line)
        where.print()
    for story in found.orders:
        for line in sentences.of_order(story):
            where.print(line)
        if story.facts:
            where.print()
            print_table(where, _COLUMNS, [_row(fact) for fact in story.facts])
        where.print()
    for blind in found.blind_returns:
        where.print(sentences.of_blind_return(blind))
        where.print()


def show_search(where: InertConsole, case: Case) -> None:
    """Print what was asked and read."""
    asked = case.worker.url if case.worker.was_asked else ""
    for line in sentences.of_search(case.search.searched, asked, case.worker.away):
        where.print(line)


def _row(fact: Fact) -> tuple[str, ...]:
    about = ("conflict" if fact.conflict else "yes") if fact.in_state else NOT_KNOWN
    return (
        *(told(fact.raw), fact.event, to_the_second(fact.received_at), told(fact.cleaned)),
        *(told(fact.deliveries), about),
    )


def _order_document(story: OrderStory) -> dict[str, Any]:
    state = story.state or {}
    names = ("status", "missing", "stalled", "unprocessed", "version")
    return {
        "order_id": story.order_id,
        "external_id": (state.get("order") or {}).get("external_id"),
        **{name: state.get(name) for name in names},
        "why": state.get("detail"),
        "facts": [asdict(fact) for fact in story.facts],
        "held_back": [asdict(held) for held in story.held_back],
    }
