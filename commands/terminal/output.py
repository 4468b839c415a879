"""Output of commands: data on stdout as a table or JSON, all else on stderr. Text cannot control the terminal."""

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
"""Width without a terminal: nothing is cut."""


class InertConsole(Console):
    """rich's console, for which a string is one line of plain text: no markup, no control characters, no highlighted
    numbers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, **options})

    def render_str(self, text: str, **options: Any) -> Text:
        """Called by rich for each string, such as a line, cell or title. Escapes it before it is measured."""
        return super().render_str(inert(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Called by rich for all that it shows. Escapes texts that rich makes itself, as for bars."""
        shown = map(_inert_segment, super().render(renderable, options))
        return _without_padding(shown) if isinstance(renderable, Table) else shown


def _inert_segment(segment: Segment) -> Segment:
    text, style, control = segment
    if control or text.isprintable() or text == "\n":
        return segment
    return Segment("\n".join(map(inert, text.split("\n"))), style)


def _without_padding(segments: Iterable[Segment]) -> Iterator[Segment]:
    """rich pads each line of a table to the width of the widest; in a pipe, all those blanks would stay."""
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
    """An option of seconds, written as in settings: `20s`, `15 min`. `names`: if they differ from the parameter's."""
    return typer.Option(*names, parser=_seconds, metavar="DURATION", help=text)


def moment(text: str) -> datetime:
    """An RFC 3339 date-time with its zone, in UTC. WrongValueError: it is not one."""
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
    """Return once somebody agrees; with `yes`, at once. Exits 2 if not, or if there is no terminal to ask."""
    if yes:
        return
    if not sys.stdin.isatty():
        fail(f"Without a terminal, `{command}` needs --yes.")
    try:
        agreed = typer.confirm("Do it?", err=True)
    except typer.Abort:  # Ctrl-C or Ctrl-D, which leave the line open
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
    """The same on one line, for output with a document a line."""
    typer.echo(_encodable(inert_json(data)))


def _encodable(text: str) -> str:
    """JSON for any encoding of stdout: characters that it lacks become JSON escapes."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "".join(char if char.isascii() else json.dumps(char)[1:-1] for char in text)
    return text


def print_line(text: str) -> None:
    """A line of data."""
    typer.echo(inert(text))


def hint(sentence: str) -> None:
    """Advice on stderr, on a line of its own."""
    say(f"hint: {sentence}")


def fail(*sentences: str, advice: str = "") -> NoReturn:
    """Wrong use or a broken environment: print sentences, one a line, and a hint; exit 2."""
    for sentence in sentences:
        say(sentence)
    if advice:
        hint(advice)
    raise typer.Exit(2)
