"""`bridge order ORDER_ID`: one order's state, from whichever worker owns it."""

import asyncio
import json
from typing import Annotated, Any
from urllib.parse import quote

import typer
from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import ValidationError
from yarl import URL

from bridge.printable import say
from bridge.settings import Settings, load_settings
from commands.order.view.page import show
from commands.terminal.output import Format, FormatOption, console, fail, print_json
from schemas.order_state import OrderState

_ANSWER_WITHIN_S = 15.0


def order(
    order_id: Annotated[str, typer.Argument(metavar="ORDER_ID", help="The order's `id` in NewStore.")],
    arrival: Annotated[bool, typer.Option("--arrival", help="Timeline as it arrived, not as it happened.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show how an order is, its money and its last events; exit 1 if no event of it has been seen."""
    document = asyncio.run(_ask(load_settings(), order_id))
    if isinstance(document, str):
        say(document)
        raise typer.Exit(1)
    if output is Format.JSON:
        print_json(document)
    else:
        show(console(), _readable(document), by_arrival=arrival)


async def fetch(settings: Settings, order_id: str) -> dict[str, Any] | None:
    """The order's state as the worker gives it; None: unknown. Exits 2 if no worker gives an answer."""
    found = await _ask(settings, order_id)
    return None if isinstance(found, str) else found


async def _ask(settings: Settings, order_id: str) -> dict[str, Any] | str:
    """As above, or a sentence that says why there is none."""
    url = f"{settings.worker_url.rstrip('/')}/orders/{quote(order_id, safe='')}"
    keys = settings.worker_api_keys
    headers = {"Authorization": f"Bearer {keys[0].get_secret_value()}"} if keys else {}
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_ANSWER_WITHIN_S), headers=headers) as session,
            session.get(_as_is(url)) as response,
        ):
            if response.status == 404:
                return _unknown(order_id, await response.read())
            if response.status == 200:
                return _state(await response.read(), settings.worker_url)
            fail(_refusal(response.status, settings.worker_url, response.headers.get("Retry-After")))
    except (ClientError, TimeoutError) as error:
        reason = str(error) or "no answer in time"
        fail(f"No worker answers at {settings.worker_url} ({reason}): start it, or set BRIDGE_WORKER_URL.")


def _unknown(order_id: str, body: bytes) -> str:
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return f"Order {order_id}: {detail}." if detail else f"No event of order {order_id} has been seen."


def _state(body: bytes, url: str) -> dict[str, Any]:
    try:
        state = json.loads(body)
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict) or "order_id" not in state:
        fail(f"What answers at {url} is no worker of the bridge: set BRIDGE_WORKER_URL.")
    return state


def _readable(document: dict[str, Any]) -> OrderState:
    try:
        return OrderState.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        fail(f"This version cannot show the order ({where}: {first['msg']}): `-o json` prints it.")


def _as_is(url: str) -> Any:
    return URL(url, encoded=True)  # an order id may hold a slash, which must stay %2F


def _refusal(status: int, url: str, retry_after: str | None) -> str:
    if status == 401:
        return f"The worker at {url} does not accept the first of BRIDGE_WORKER_API_KEYS."
    if status == 503:
        when = f" in {retry_after} s" if retry_after else ""
        return f"The worker that owns the order is not ready: ask again{when}."
    return f"The worker at {url} answered {status}."
