"""`bridge gaps`: list what incomplete and stalled orders wait for, and set gaps aside."""

from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import quote

import typer
from pydantic import ValidationError

from bridge.printable import say
from bridge.settings import Settings, load_settings
from bridge.topics import cluster_id
from commands.gaps.listing import Listing, joined
from commands.gaps.view import document, show, show_plan
from commands.terminal.examples import examples
from commands.terminal.lists import ListFormat, ListFormatOption
from commands.terminal.output import confirm, fail, messages, print_json
from commands.terminal.running import run
from commands.terminal.typed import OrderId, given_id
from commands.terminal.worker import answered, ask, no_worker, order_path, unknown_order
from schemas.order_answers import Gaps
from schemas.order_state import OrderState

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False, invoke_without_command=True)

_PAGE: Final = 200
"""Orders in one request."""
_AWAY: Final = "Some partition of the orders is being recovered or halted, or its worker is away"
_OWNER_AWAY: Final = "It is not known to be done, the worker that owns the order is not ready"


@app.callback()
@examples("bridge gaps --stalled", "bridge gaps --missing --limit 20 -o wide", "bridge gaps -o json | jq .window")
def gaps(
    context: typer.Context,
    stalled: Annotated[bool, typer.Option("--stalled", help="Only what should have come next.")] = False,
    missing: Annotated[bool, typer.Option("--missing", help="Only what others prove to exist.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most those of so many orders, the oldest.")] = 100,
    output: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List what orders wait for, oldest first, with the window of a replay that would bring it; exit 1 if any waits."""
    if context.invoked_subcommand is not None:
        return
    if stalled and missing:
        fail("Without --stalled and --missing both are listed: give one of them.")
    only = "stalled" if stalled else "incomplete" if missing else ""
    listing = answered(_listed(load_settings(), only, limit))
    if output is ListFormat.JSON:
        print_json(document(listing))
    else:
        show(messages(), listing, output)
    if listing.gaps:
        raise typer.Exit(1)


@app.command()
@examples(
    'bridge gaps ack SO-7 payment_account.amount_captured --reason "paid by hand"',
    'bridge gaps ack SO-7 --reason "a test order" --yes',
)
def ack(
    order_id: OrderId,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            parser=given_id, metavar="NAME", show_default=False, help="As the list names them; without any, all."
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why nobody waits for it any more; the order says so.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Set gaps of an order aside: they raise no alarm any more, until the event comes."""
    if not reason.strip():
        fail("Say why: `bridge gaps ack ORDER_ID NAME --reason TEXT`.")
    settings = load_settings()
    ours = run(settings, cluster_id(settings))  # without the id, a worker of another cluster would obey
    wanted = list(dict.fromkeys(names or ()))
    if len(wanted) != 1:
        wanted = _agreed(settings, order_id, wanted, yes=yes)
    for name in wanted:
        answered(_acknowledge(settings, order_id, name, reason.strip(), ours))
        say(f"Set aside: {name} of order {order_id}.")


def _agreed(settings: Settings, order_id: str, names: list[str], *, yes: bool) -> list[str]:
    """These gaps, or all alarms if none is named, once somebody has agreed."""
    waits = answered(_waits(settings, order_id))
    if unknown := [name for name in names if name not in waits.names]:
        fail(*(f"Order {order_id} waits for no {name}." for name in unknown))
    wanted = names or waits.alarms
    if not wanted:
        fail(f"Order {order_id} is neither incomplete nor stalled.")
    show_plan(messages(), order_id, wanted)
    confirm(f"bridge gaps ack {order_id}", yes=yes)
    return wanted


async def _listed(settings: Settings, only: str, limit: int) -> Listing:
    """The gaps of at most `limit` orders. A page may end early, if the worker had to look through many orders."""
    pages, query = list[Gaps](), {"only": only} if only else {}
    left = limit
    while left > 0:
        page = await _page(settings, {**query, "limit": str(min(left, _PAGE))})
        pages.append(page)
        left -= len({gap.order_id for gap in page.gaps})
        if page.next is None:
            break
        query = {**query, "after": page.next}
    return joined(pages)


async def _page(settings: Settings, query: dict[str, str]) -> Gaps:
    reply = await ask(settings, "/gaps", query=query, away=_AWAY)
    try:
        return Gaps.model_validate(reply.document)
    except ValidationError:
        fail(no_worker(settings))


class _Waits(NamedTuple):
    """The events that an order waits for and nobody has set aside, and those of them that raise an alarm."""

    names: list[str]
    alarms: list[str]


async def _known(settings: Settings, order_id: str) -> dict[str, Any]:
    """What the worker tells of the order; exit 2 if it is gone, or was never seen."""
    reply = await ask(settings, order_path(order_id), expected=(200, 404), away=_OWNER_AWAY)
    return reply.document if reply.status == 200 else fail(unknown_order(order_id, reply))


async def _waits(settings: Settings, order_id: str) -> _Waits:
    document = await _known(settings, order_id)
    try:
        state = OrderState.model_validate(document)
    except ValidationError:
        fail(no_worker(settings))
    aside = {each.name for each in state.acknowledged}
    missing, stalled = ([name for name in names if name not in aside] for names in (state.missing, state.stalled))
    return _Waits([*missing, *stalled], [*(missing if state.incomplete else ()), *stalled])


async def _acknowledge(settings: Settings, order_id: str, name: str, reason: str, cluster_id: str | None) -> None:
    path, body = order_path(order_id, f"/gaps/{quote(name, safe='')}/ack"), {"reason": reason}
    reply = await ask(settings, path, body=body, expected=(200, 400, 404), away=_OWNER_AWAY, cluster_id=cluster_id)
    if reply.status == 404:
        await _known(settings, order_id)  # the answer does not tell whether there is such an order
        fail(f"Order {order_id} waits for no {name}.")
    if reply.status == 400:
        fail(f"The reason is not accepted: {reply.document.get('detail', 'it is too long')}.")
    if "acknowledged" not in reply.document:
        fail(no_worker(settings))
