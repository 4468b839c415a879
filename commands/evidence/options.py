"""Arguments and options of `bridge quarantine` and `bridge conflicts`."""

from typing import Annotated, Final

import typer

from bridge.kafka.reading import Source
from commands.evidence.kept import State
from commands.terminal.output import duration
from commands.terminal.position import place
from commands.terminal.typed import known
from schemas.acceptance import BACKFILL, INGRESS
from schemas.outcome import Reason

_STAGES: Final = (INGRESS, BACKFILL, "dedupe", "orders")


def _reason(text: str) -> str:
    return known(text, "reason", [reason.value for reason in Reason])


def _stage(text: str) -> str:
    return known(text, "stage", _STAGES)


_LISTED = "As the list names it: <partition>:<offset>."

PlaceArgument = Annotated[Source, typer.Argument(parser=place, metavar="POSITION", help=_LISTED)]
PlacesArgument = Annotated[
    list[Source] | None, typer.Argument(parser=place, metavar="POSITION", show_default=False, help=_LISTED)
]
ReasonOption = Annotated[
    str | None,
    typer.Option(parser=_reason, metavar="REASON", help="Only what is there for this reason, as `invalid_json`."),
]
StageOption = Annotated[
    str | None,
    typer.Option(parser=_stage, metavar="STAGE", help="Only what was put there by this stage, as `ingress`."),
]
EventOption = Annotated[str | None, typer.Option(metavar="EVENT", help="Only this event, as `order.created`.")]
SinceOption = Annotated[float | None, duration("Only what was received in this time up to now.")]
StateOption = Annotated[State | None, typer.Option(help="Only what this can be done with, as `open`.")]
LimitOption = Annotated[int, typer.Option(min=1, help="At most so many, the newest.")]
AllOption = Annotated[bool, typer.Option("--all", help="Not single positions, but all that the other options leave.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
