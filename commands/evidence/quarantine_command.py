"""`bridge quarantine list|show|replay`: what was refused, and publishing it again."""

import typer

from bridge.settings import load_settings
from commands.evidence import commands as evidence
from commands.evidence import record_view
from commands.evidence.options import (
    AllOption,
    EventOption,
    LimitOption,
    PlaceArgument,
    PlacesArgument,
    ReasonOption,
    SinceOption,
    StageOption,
    YesOption,
    time_of,
)
from commands.evidence.reading import Selection
from commands.evidence.shelves import Quarantine
from commands.terminal.output import Format, FormatOption, console, print_json
from schemas.headers import ERROR_REASON, ERROR_STAGE

app = typer.Typer(
    name="quarantine", help="What was refused: look at it, and publish it again once it passes.", no_args_is_help=True
)


@app.command("list")
def list_(
    reason: ReasonOption = None,
    stage: StageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    limit: LimitOption = 100,
    output: FormatOption = Format.TABLE,
) -> None:
    """List quarantined records, oldest first, and say which of them could be published again."""
    settings = load_settings()
    selection = Selection(reason=reason, stage=stage, event=event, since_ms=time_of(since))
    columns = {"reason": ERROR_REASON, "stage": ERROR_STAGE}
    evidence.show_list(settings, Quarantine(settings), selection, limit, columns, output)


@app.command()
def show(place: PlaceArgument, output: FormatOption = Format.TABLE) -> None:
    """Show one quarantined record: its headers, and its body."""
    settings = load_settings()
    kept = evidence.required_record(settings, settings.topics.quarantine, place)
    if output is Format.JSON:
        print_json(record_view.document(kept))
    else:
        record_view.show(console(), kept)


@app.command()
def replay(
    places: PlacesArgument = None,
    everything: AllOption = False,
    reason: ReasonOption = None,
    stage: StageOption = None,
    event: EventOption = None,
    since: SinceOption = None,
    yes: YesOption = False,
) -> None:
    """Publish quarantined records through raw again, each once; the verdict on them is that of any other delivery.

    What would be quarantined again is left out. The same command goes on where a killed one was.
    """
    settings = load_settings()
    selection = Selection(frozenset(places or ()), reason, stage, event, time_of(since))
    command = "bridge quarantine replay"
    evidence.publish(settings, Quarantine(settings), selection, command, everything=everything, yes=yes)
