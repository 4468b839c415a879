"""`bridge explain ID`: what became of a delivery, or of all events of an order."""

from typing import Annotated, Any, Final

import typer

from bridge.kafka.admin import admin_client
from bridge.kafka.reading import Record, reader
from bridge.printable import printable, say
from bridge.settings import Settings, load_settings
from commands.explain import view
from commands.explain.asked import AnyId, Asked, At, EventId, asked
from commands.explain.case import Case
from commands.explain.delivery import Delivery, explain_delivery, of_another_tenant
from commands.explain.finding import raw_records
from commands.explain.order import order_ids, part_in_order, story_of
from commands.explain.search import MOST, Search
from commands.explain.view import Found
from commands.explain.worker import Worker
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, duration, hint, messages, print_json
from commands.terminal.progress import counted_progress
from commands.terminal.records import Nothing
from commands.terminal.remedies import OF_ANOTHER_TENANT
from commands.terminal.rules_in_force import rules_in_force
from commands.terminal.running import require_topics, run
from commands.terminal.topics import known_topic
from commands.terminal.typed import now_ms
from schemas.instant import epoch_millis, rfc3339_millis
from schemas.outcome import Outcome

_ORDERS: Final = 5
"""At most this many in one run: several orders may have the same id."""


@examples(
    "bridge explain 3:557",
    "bridge explain quarantine:0:12",
    "bridge explain 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "bridge explain acme/order.created/SO-7 -o json",
    "bridge explain SO-7",
)
def explain(
    of: Annotated[
        Any,
        typer.Argument(parser=asked, metavar="ID", help="A position, traceparent, ce_id, order's id or external id."),
    ],
    since: Annotated[float, duration("How far back topics are read where nothing says when.")] = "1d",  # type: ignore[assignment]  # as in verify
    output: FormatOption = Format.TABLE,
) -> None:
    """Say what became of a delivery, in sentences with positions, and what was searched.

    Exit 1 if nothing was found. It asks a worker, and reads the topics for what no worker knows, or if none answers.
    """
    settings = load_settings()
    found = run(settings, _explain(settings, of, max(0, now_ms() - int(since * 1000)), output))
    if found:
        raise typer.Exit(found)


async def _explain(settings: Settings, of: Asked, since_ms: int, output: Format) -> int:
    await require_topics(settings)
    counts, table = await rules_in_force(settings)
    with counted_progress("Searching") as on_read:
        async with reader(settings) as consumer, admin_client(settings) as admin:
            case = Case(settings, Search(consumer, on_read), Worker(settings), admin, counts, table, since_ms)
            found, nothing = await _find(case, of)
    if output is Format.JSON:
        print_json(view.document(case, found))
    else:
        view.show(console(), case, found)
        view.show_search(messages(), case)
    cut = [each.from_ms for each in case.search.searched if each.cut]
    if nothing:
        say(nothing)
        if cut:
            hint(_of_cut(max(cut)))
        elif case.search.searched:
            hint(f"`--since` goes further back than {rfc3339_millis(since_ms)}, which is where topics were read from.")
    elif any(of_another_tenant(made) for made in found.deliveries):
        hint(f"BRIDGE_TENANT here is {settings.tenant}, and that is another tenant's: {OF_ANOTHER_TENANT}.")
    elif case.worker.away and cut:
        hint(_of_cut(max(cut)))
    elif found.orders and case.worker.away:
        hint(f"what was received before {rfc3339_millis(since_ms)} was not looked for: `--since` goes further back.")
    return 1 if nothing else 0


def _of_cut(since_ms: int) -> str:
    since = rfc3339_millis(since_ms)
    return f"one search reads {MOST:,} records, the latest: what was received before {since} was not looked for."


async def _find(case: Case, of: Asked) -> tuple[Found, str]:
    """What was found; else a sentence that nothing was."""
    if isinstance(of, AnyId):
        found = await _find_by_id(case, of.text)
        return found or Found(), "" if found else f"Nothing is known of {printable(of.text)}: {_no_order(case)}."
    if (
        isinstance(of, At)
        and of.topic is not None
        and known_topic(case.settings, of.topic) is None
        and (found := await _find_by_id(case, of.text))  # `SO-2026:118` may be an order's
    ):
        return found, ""
    records = await raw_records(case, of)
    if not isinstance(records, Nothing):
        return Found([await _whole(case, record) for record in records]), ""
    if isinstance(of, At) and of.topic is not None:  # no id begins with a topic's name
        return Found(), f"Nothing is known of it: {records.why}."
    found = await _find_by_id(case, of.ce_id if isinstance(of, EventId) else of.text)
    return found or Found(), "" if found else f"Nothing is known of it: {records.why}, and {_no_order(case)}."


async def _find_by_id(case: Case, any_id: str) -> Found | None:
    if ids := await order_ids(case, any_id):
        return Found(orders=[await story_of(case, order_id) for order_id in ids[:_ORDERS]])
    blind = await case.worker.blind_returns(any_id)
    return Found(blind_returns=blind) if blind else None


def _no_order(case: Case) -> str:
    where = ", in what was searched; of returns of no order only a worker tells" if case.worker.away else ""
    return f"no order has this id{where}"


async def _whole(case: Case, record: Record) -> Delivery:
    made = await explain_delivery(case, record)
    if made.order_id is not None and made.verdict in {Outcome.UNIQUE, Outcome.DUPLICATE, Outcome.CONFLICT}:
        first = made.first if made.verdict is Outcome.DUPLICATE else None
        raws = {raw for raw in (made.raw, made.accepted, first) if raw is not None}
        # A duplicate writes no state, so the state may be as old as the first delivery.
        first_ms = record.timestamp if made.first_received_at is None else epoch_millis(made.first_received_at)
        since_ms = min(case.since(record.timestamp), first_ms)
        made.order = await part_in_order(case, made.order_id, raws, since_ms)
    return made
