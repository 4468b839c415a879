"""`bridge record show`: one record by its position."""

from typing import Annotated, NoReturn

import typer

from bridge.settings import load_settings
from bridge.topics.spec import TopicSpec
from commands.record import view
from commands.terminal.examples import examples, with_examples
from commands.terminal.output import Format, FormatOption, UnmaskedOption, console, fail, hint, print_json
from commands.terminal.position import GivenPosition, position
from commands.terminal.records import Nothing, find_record
from commands.terminal.running import run
from commands.terminal.shown import document
from commands.terminal.topics import dataset_of, topic_named

app = typer.Typer(
    name="record",
    help=with_examples("Look at one record, by the position that a tool prints.", "bridge record show 3:557"),
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def record() -> None:
    """A callback makes `show` a subcommand, though it is the only one."""


@app.command()
@examples(
    "bridge record show 3:557",
    "bridge record show 0:12 --topic quarantine",
    "bridge record show newstore.orders.v1:2:810 -o json",
)
def show(
    where: Annotated[
        GivenPosition,
        typer.Argument(
            parser=position, metavar="POSITION", help="<partition>:<offset>; before it, a topic and a colon."
        ),
    ],
    topic: Annotated[str, typer.Option(help="raw, orders, order-state, quarantine, conflicts, ...")] = "raw",
    unmasked: UnmaskedOption = False,
    output: FormatOption = Format.TABLE,
) -> None:
    """Show one record: its place, its headers, and its body without personal data."""
    settings = load_settings()
    spec = topic_named(settings, where.topic or topic)
    record = run(settings, find_record(settings, spec, where.place))
    if isinstance(record, Nothing):
        _tell_nothing(spec, where, record)
    told = document(dataset_of(settings, spec.name), record, unmasked=unmasked)
    if output is Format.JSON:
        print_json(told)
        return
    view.show(console(), told)
    if not unmasked:
        hint("personal data is hidden; `--unmasked` shows the body as it came.")
    if spec.name == settings.topics.raw:
        hint(f"`bridge explain {where.place}` says what became of it.")


def _tell_nothing(spec: TopicSpec, where: GivenPosition, nothing: Nothing) -> NoReturn:
    elsewhere = "" if where.topic else "positions of other topics need `--topic`, as in `--topic quarantine`."
    fail(f"There is no record {where.place} in {spec.name}: {nothing.why}.", advice=elsewhere)
