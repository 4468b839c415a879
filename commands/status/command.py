"""`bridge status`: the state of a deployment on one screen."""

import asyncio
from contextlib import suppress
from typing import Annotated, Final, NoReturn

import typer

from bridge.kafka.aiokafka_defects import mend_aiokafka
from bridge.settings import Settings, load_settings
from commands.status.look import look, look_again
from commands.status.picture import Picture
from commands.status.problems import problems
from commands.status.view import document, show
from commands.terminal.examples import examples
from commands.terminal.first_contact import connecting_to
from commands.terminal.output import Format, FormatOption, console, print_json, print_json_line
from commands.terminal.running import QuietClients, keep_quiet

_EVERY_S: Final = 2.0
_BETWEEN_S: Final = 1.0
"""A rate needs two looks; services update their metrics only once a second."""


@examples("bridge status", "bridge status --watch", "bridge status -o json | jq .")
def status(
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show services, lanes, orders, the last arrivals, and what somebody has to do; exit 1 if anything has to be done.

    The workers are those of the consumer group. With --watch, JSON is one document a line.
    """
    settings = load_settings()
    mend_aiokafka()
    with QuietClients():
        if watch:
            with suppress(KeyboardInterrupt):
                asyncio.run(_watch(settings, output))
            return
        picture = asyncio.run(_seen(settings))
    if output is Format.JSON:
        print_json(document(picture))
    else:
        show(console(), picture)
    if next(problems(picture), None) is not None:
        raise typer.Exit(1)


async def _seen(settings: Settings) -> Picture:
    keep_quiet()
    servers = [settings.ingress_url, settings.worker_url, *settings.kafka_bootstrap_servers]
    async with connecting_to(", ".join(servers)):
        picture = await look(settings)
    if picture.kafka.tells_nothing or all(each.silence for each in (picture.ingress, *picture.workers)):
        return picture  # then there is no rate: nothing is processed, or nobody tells
    await asyncio.sleep(_BETWEEN_S)
    return await look_again(picture)


async def _watch(settings: Settings, output: Format) -> NoReturn:
    keep_quiet()
    picture: Picture | None = None
    while True:
        is_first = picture is None
        picture = await look(settings, picture)
        if output is Format.JSON:
            print_json_line(document(picture))
        else:
            screen = console()
            if screen.is_terminal:
                screen.clear()
            elif not is_first:
                screen.print()
            show(screen, picture)
        await asyncio.sleep(_EVERY_S)
