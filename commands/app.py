"""All commands, each imported when it is called: `bridge --help` loads no Kafka client."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

from commands.terminal.examples import with_examples
from commands.terminal.plain_help import plain
from commands.wrong_use import put_in_words


class Entry(NamedTuple):
    """A command: its module, the function or group there, and a sentence on what it does."""

    module: str
    name: str
    help: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "ingress": Entry("commands.services", "ingress", "Receive NewStore's webhooks and store them in Kafka."),
    "worker": Entry("commands.services", "worker", "Drop duplicates, keep order states and answer for orders."),
    "doctor": Entry("commands.doctor.command", "doctor", "Say what is wrong with a deployment, and what to do."),
    "status": Entry("commands.status.command", "status", "Show on one screen how a deployment is."),
    "topics": Entry("commands.topics.command", "app", "Create, check and migrate the topics."),
    "simulate": Entry("commands.simulate.command", "simulate", "Send what NewStore would of a retailer's day."),
    "backfill": Entry("commands.backfill.command", "backfill", "Store the lines of NewStore's export files."),
    "verify": Entry("commands.verify.command", "verify", "Show that each raw record became what it had to."),
    "order": Entry("commands.order.command", "order", "Show an order's status and its timeline."),
    "record": Entry("commands.record.command", "app", "Look at one record, by the position that a tool prints."),
    "tail": Entry("commands.tail.command", "tail", "Follow a topic as it is written."),
    "explain": Entry("commands.explain.command", "explain", "Say what became of a delivery, or of an order's."),
    "gaps": Entry("commands.gaps.command", "app", "What orders wait for that are incomplete or stalled."),
    "quarantine": Entry(
        "commands.evidence.quarantine_command", "app", "What was refused: look at it, publish it again."
    ),
    "conflicts": Entry("commands.evidence.conflicts_command", "app", "Other payloads under known keys: accept them."),
    "erase": Entry("commands.erase.command", "erase", "Forget an order, or a customer's; say what stays until when."),
    "schema": Entry("commands.schema.commands", "app", "The events' models: publish and compare their schemas."),
}


class _Lazy(TyperCommand):
    """Stands for a command that is imported only when it is called, or its own help is asked for."""

    def __init__(self, name: str, entry: Entry) -> None:
        super().__init__(name, help=entry.help)
        self._entry = entry

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """The context of the imported command, which then runs."""
        found = getattr(import_module(self._entry.module), self._entry.name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
            alone.command(self.name)(found)
            found = alone
        found.rich_markup_mode = None  # its frames leave so little room that words are broken
        return plain(get_command(found)).make_context(info_name, args, *rest, **extra)


class _Commands(TyperGroup):
    """Makes errors safe to print: they quote arguments, which may be copied from data."""

    def __init__(self, **attributes: Any) -> None:
        attributes["commands"] = {name: _Lazy(name, entry) for name, entry in COMMANDS.items()}
        super().__init__(**attributes)

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        """Parses what precedes the command."""
        with _inert_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: Any) -> Any:
        """Finds the command, parses its arguments, and runs it."""
        with _inert_errors():
            return super().invoke(ctx)


@contextmanager
def _inert_errors() -> Iterator[None]:
    try:
        yield
    except TyperException as error:
        put_in_words(error)
        raise


app = typer.Typer(
    name="bridge",
    cls=_Commands,
    help=with_examples(
        "NewStore webhooks in, exactly-once Kafka topics and order state out.",
        "bridge topics apply",
        "bridge order SO-7",
        "bridge explain 3:557",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _take_settings(path: Path | None) -> None:
    if path is not None:
        from commands.terminal.env_file import take  # as below

        take(path)


def _show_version(asked: bool) -> None:
    if asked:
        from bridge.version import version_in_words
        from commands.terminal.output import print_line  # it loads settings, which `--help` does not need

        print_line(f"bridge {version_in_words()}")
        raise typer.Exit


@app.callback()
def bridge(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
    _env_file: Annotated[
        Path | None,
        typer.Option(
            "--env-file",
            callback=_take_settings,
            metavar="FILE",
            help="Read settings from a file, one NAME=value a line; what the environment has already stays.",
        ),
    ] = None,
) -> None:
    """Options that all commands share."""
