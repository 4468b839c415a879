"""`bridge erase`: erase orders for good, and list what stays and until when."""

from typing import Annotated

import typer

from bridge.printable import say
from bridge.settings import Settings, load_settings
from bridge.topics import cluster_id
from commands.erase import view
from commands.erase.asking import erase as erase_orders
from commands.erase.plan import ErasePlan, make_plan
from commands.terminal.examples import examples
from commands.terminal.output import Format, FormatOption, confirm, console, fail, print_json
from commands.terminal.progress import counted_progress
from commands.terminal.running import require_topics, run
from commands.terminal.typed import given_id


@examples("bridge erase --order SO-7", "bridge erase --customer ada@example.com")
def erase(
    order: Annotated[
        list[str] | None, typer.Option(parser=given_id, metavar="ID", help="An order's `id`; may be repeated.")
    ] = None,
    customer: Annotated[
        list[str] | None,
        typer.Option(parser=given_id, metavar="ID|EMAIL", help="All orders of a customer; may be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Erase orders from table and topic for good; list the records that only their topics' retention removes."""
    orders, customers = order or [], customer or []
    if not (orders or customers):
        fail("Say what to erase: `bridge erase --order ID`, or `bridge erase --customer ID`.")
    settings = load_settings()
    plan = run(settings, _plan(settings, orders, customers))
    if output is Format.JSON:
        print_json(view.document(plan))
    else:
        view.show(console(), plan)
    if plan.pending:
        fail(
            f"{plan.pending:,} records are not processed yet, and orders of this customer may be among them: run"
            " `bridge verify --wait 1h`, then this again. What is shown can be erased by `--order` before that."
        )
    if not plan.orders:
        say("No orders of this customer are kept: nothing to do.")
        return
    confirm("bridge erase", yes=yes)
    run(settings, _erase(settings, plan))
    say(view.done(plan))


async def _plan(settings: Settings, orders: list[str], customers: list[str]) -> ErasePlan:
    await require_topics(settings)
    with counted_progress("Reading", before="Waiting for the worker" if customers else "") as on_read:
        return await make_plan(settings, orders, customers, on_read)


async def _erase(settings: Settings, plan: ErasePlan) -> None:
    erased = 0
    try:
        with counted_progress("Erasing", f"of {len(plan.orders):,} orders") as on_erased:
            async for _ in erase_orders(settings, plan.orders, await cluster_id(settings)):
                erased += 1
                on_erased(1)
    finally:
        if erased < len(plan.orders):  # also after Ctrl-C
            say(view.ended_early(plan, erased))
