"""`bridge order ORDER_ID`: an order's state, from the worker that owns it."""

import shlex
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from bridge.printable import say
from bridge.settings import Settings, load_settings
from commands.order.view.page import show
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, console, fail, hint, print_json
from commands.terminal.typed import OrderId
from commands.terminal.worker import answered, ask, no_worker, order_path, unknown_order
from schemas.order_state import OrderState


@examples("bridge order SO-7", "bridge order SO-7 --arrival", "bridge order SO-7 -o json | jq .items")
def order(
    order_id: OrderId,
    arrival: Annotated[bool, typer.Option("--arrival", help="Timeline as it arrived, not as it happened.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show an order's state, its money and its last events; exit 1 if no event of it has been seen."""
    document = answered(_ask(load_settings(), order_id))
    if isinstance(document, str):
        say(document)
        if document.startswith("No event"):
            hint(f"`bridge explain {shlex.quote(order_id)}` looks for it by its external id, too.")
        raise typer.Exit(1)
    if output is Format.JSON:
        print_json(document)
    else:
        show(console(), _readable(document), by_arrival=arrival)


async def _ask(settings: Settings, order_id: str) -> dict[str, Any] | str:
    """The order's state as the worker gives it, or a sentence on why there is none. Exits 2: the answer is no state."""
    away = "The worker that owns the order is not ready"
    reply = await ask(settings, order_path(order_id), expected=(200, 404), away=away)
    if reply.status == 404:
        return unknown_order(order_id, reply)
    return reply.document if "order_id" in reply.document else fail(no_worker(settings))


def _readable(document: dict[str, Any]) -> OrderState:
    try:
        return OrderState.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        fail(f"This version cannot show the order ({where}: {first['msg']}): `-o json` prints it.")
