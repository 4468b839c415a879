"""Arguments and options of `bridge quarantine` and `bridge conflicts`."""

import time
from typing import Annotated

import typer

from bridge.kafka.reading import Source
from commands.terminal.output import duration


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def time_of(ago_s: float | None) -> int | None:
    """The time (ms) so many seconds ago."""
    return None if ago_s is None else now_ms() - int(ago_s * 1000)


def _place(text: str) -> Source:
    return Source.parse(text.encode())


_LISTED = "As the list names it: <partition>:<offset>."

PlaceArgument = Annotated[Source, typer.Argument(parser=_place, metavar="POSITION", help=_LISTED)]
PlacesArgument = Annotated[
    list[Source] | None, typer.Argument(parser=_place, metavar="[POSITION]...", show_default=False, help=_LISTED)
]
ReasonOption = Annotated[str | None, typer.Option(help="Only what is there for this reason, as `invalid_json`.")]
StageOption = Annotated[str | None, typer.Option(help="Only what was put there by this stage, as `ingress`.")]
EventOption = Annotated[str | None, typer.Option(help="Only this event, as `order.created`.")]
SinceOption = Annotated[float | None, duration("Only what was received in this time up to now.")]
LimitOption = Annotated[int, typer.Option(min=1, help="At most so many, the newest.")]
AllOption = Annotated[bool, typer.Option("--all", help="Not single positions, but all that the other options leave.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
