"""How commands speak: data on stdout as a table or JSON, everything else on stderr. What is said is inert."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from bridge.printable import inert, inert_json, printable, say
from bridge.settings.types import parse_duration
from bridge.wrong_values import NO_TIME, NO_ZONE
from commands.wrong_use import WrongValueError

_PIPED_WIDTH = 200
"""Columns of what no terminal shows: nothing is cut there."""


class InertConsole(Console):
    """rich's console, on which a string is one line of text: never markup, nothing in it moves a cursor. Numbers in it
    have no colours of their own."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, **options})

    def render_str(self, text: str, **options: Any) -> Text:
        """Called by rich for each string: what is printed, cells, titles. Escaped before it is measured."""
        return super().render_str(inert(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Called by rich for whatever it shows. Texts that rich makes itself, as for bars, are escaped here."""
        shown = map(_inert_segment, super().render(renderable, options))
        return _without_padding(shown) if isinstance(renderable, Table) else shown


def _inert_segment(segment: Segment) -> Segment:
    text, style, control = segment
    if control or text.isprintable() or text == "\n":
        return segment
    return Segment("\n".join(map(inert, text.split("\n"))), style)


def _without_padding(segments: Iterable[Segment]) -> Iterator[Segment]:
    """rich fills up each line of a table with blanks, to the width of the widest: a pipe would have them all."""
    line: list[Segment] = []
    for segment in segments:
        if segment.text != "\n" or segment.control:
            line.append(segment)
            continue
        while line and not line[-1].text.strip(" "):
            line.pop()
        if line:
            last = line.pop()
            line.append(Segment(last.text.rstrip(" "), last.style, last.control))
        yield from line
        yield segment
        line = []
    yield from line


def duration(text: str, *names: str) -> Any:
    """An option of seconds, written as settings are: `20s`, `15 min`. `names`: if it is not the parameter's."""
    return typer.Option(*names, parser=_seconds, metavar="DURATION", help=text)


def moment(text: str) -> datetime:
    """An RFC 3339 date-time with its zone, in UTC. WrongValueError: it is none."""
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongValueError(f"{printable(text)} {NO_TIME}") from None
    raise WrongValueError(f"{printable(text)} {NO_ZONE}")


def _seconds(text: str) -> float:
    try:
        return parse_duration(text).total_seconds()
    except ValueError as error:
        raise WrongValueError(f"{printable(text)} {error}") from None


def confirm(command: str, *, yes: bool) -> None:
    """Return once somebody has agreed, `yes` from the start; exits 2 if not, or if there is nobody to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"Without a terminal, `{command}` needs --yes.")
    try:
        agreed = typer.confirm("Do it?", err=True)
    except typer.Abort:  # by Ctrl-C or Ctrl-D, which end no line
        say("")
        agreed = False
    if not agreed:
        fail("Nothing was done.")


class Format(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--output", "-o", help="How to print the result.")]
UnmaskedOption = Annotated[bool, typer.Option("--unmasked", help="Show bodies as they are, personal data and all.")]


def console() -> InertConsole:
    """For data."""
    return _console(stderr=False)


def messages() -> InertConsole:
    """For messages and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> InertConsole:
    found = InertConsole(stderr=stderr, soft_wrap=True)
    if not found.is_terminal:
        found.width = _PIPED_WIDTH
    return found


def print_json(data: Any) -> None:
    """Indented, keys in the given order."""
    typer.echo(_encodable(inert_json(data, indent=2)))


def print_json_line(data: Any) -> None:
    """The same on one line, of which others follow."""
    typer.echo(_encodable(inert_json(data)))


def _encodable(text: str) -> str:
    """JSON for a stdout that may be no UTF-8: what that cannot hold is escaped as JSON has it."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)
    return text


def print_line(text: str) -> None:
    """A line of data."""
    typer.echo(inert(text))


def hint(sentence: str) -> None:
    """What could be done, on a line of its own, to stderr."""
    say(f"hint: {sentence}")


def fail(*sentences: str, advice: str = "") -> NoReturn:
    """Wrong use or a broken environment: as a rule one sentence, each on its line, and a hint; exit 2."""
    for sentence in sentences:
        say(sentence)
    if advice:
        hint(advice)
    raise typer.Exit(2)
