"""`bridge quarantine list|show|replay`: look at refused bodies, and publish them again."""

from typing import Final

import typer

from bridge.settings import load_settings
from commands.evidence import actions, record_view
from commands.evidence.options import (
    AllOption,
    EventOption,
    LimitOption,
    PlaceArgument,
    PlacesArgument,
    ReasonOption,
    SinceOption,
    StageOption,
    StateOption,
    YesOption,
)
from commands.evidence.reading import Selection
from commands.evidence.shelves import Quarantine
from commands.evidence.view import BODY, BYTES, EVENT, POSITION, RECEIVED, Sheet
from commands.terminal.columns import Column
from commands.terminal.examples import examples, with_examples
from commands.terminal.lists import ListFormat, ListFormatOption
from commands.terminal.output import Format, FormatOption, console, print_json
from commands.terminal.typed import given_event, time_of
from schemas.headers import ERROR_REASON, ERROR_STAGE

_SHEET: Final = Sheet(
    {"reason": ERROR_REASON, "stage": ERROR_STAGE},
    [
        *(POSITION, EVENT, RECEIVED, Column("reason", least=15), Column("state", rank=2)),
        *(Column("stage", rank=9), BYTES, BODY),
    ],
)

app = typer.Typer(
    name="quarantine",
    help=with_examples(
        "What was refused: look at it, and publish it again once it passes.",
        "bridge quarantine list --since 1h",
        "bridge quarantine show 3:17",
    ),
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
@examples(
    "bridge quarantine list --since 2h",
    "bridge quarantine list --reason other_tenant --state open -o wide",
    "bridge quarantine list --limit 1000 -o name",
)
def list_(
    reason: ReasonOption = None,
    stage: StageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    state: StateOption = None,
    limit: LimitOption = 100,
    output: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List quarantined records, oldest first, and say which of them could be published again."""
    settings = load_settings()
    selection = Selection(reason=reason, stage=stage, event=given_event(settings, event), since_ms=time_of(since))
    actions.show_list(settings, Quarantine(settings), selection, state, limit, _SHEET, output)


@app.command()
@examples("bridge quarantine show 3:17", "bridge quarantine show 3:17 -o json")
def show(place: PlaceArgument, output: FormatOption = Format.TABLE) -> None:
    """Show one quarantined record: its headers and its body."""
    settings = load_settings()
    kept = actions.required_record(settings, settings.topics.quarantine, place)
    if output is Format.JSON:
        print_json(record_view.document(kept))
    else:
        record_view.show(console(), kept)


@app.command()
@examples(
    "bridge quarantine replay 3:17",
    "bridge quarantine replay --all --reason other_tenant --since 1d",
)
def replay(
    places: PlacesArgument = None,
    everything: AllOption = False,
    reason: ReasonOption = None,
    stage: StageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    yes: YesOption = False,
) -> None:
    """Publish quarantined records through raw again, each once; they get a verdict like any other delivery.

    What would be quarantined again is left out. If the command is killed, run it again: it goes on.
    """
    settings = load_settings()
    selection = Selection(frozenset(places or ()), reason, stage, given_event(settings, event), time_of(since))
    command = "bridge quarantine replay"
    actions.publish(settings, Quarantine(settings), selection, command, everything=everything, yes=yes)
