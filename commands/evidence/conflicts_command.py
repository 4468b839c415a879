"""`bridge conflicts list|show|accept`: look at other payloads under known keys, and pass on held-back ones."""

from typing import Final

import typer

from bridge.kafka.reading import Source
from bridge.settings import Settings, load_settings
from commands.evidence import actions, record_view
from commands.evidence.kept import Kept
from commands.evidence.options import (
    AllOption,
    EventOption,
    LimitOption,
    PlaceArgument,
    PlacesArgument,
    SinceOption,
    StateOption,
    YesOption,
)
from commands.evidence.reading import Selection
from commands.evidence.shelves import Conflicts
from commands.evidence.view import BODY, BYTES, EVENT, POSITION, RECEIVED, Sheet
from commands.terminal.columns import Column
from commands.terminal.examples import examples, with_examples
from commands.terminal.lists import ListFormat, ListFormatOption
from commands.terminal.output import Format, FormatOption, console, print_json
from commands.terminal.typed import given_event, time_of
from schemas.headers import CE_ID, FIRST_SOURCE, SOURCE

_SHEET: Final = Sheet(
    {"ce_id": CE_ID, "source": SOURCE, "first_source": FIRST_SOURCE},
    [
        *(POSITION, EVENT, RECEIVED, Column("state"), Column("first source", rank=3), Column("source", rank=6)),
        *(Column("ce id", least=24, rank=9, end=True), BYTES, BODY),
    ],
)

app = typer.Typer(
    name="conflicts",
    help=with_examples(
        "Other payloads under known keys: look at them, and accept them.",
        "bridge conflicts list --state open",
        "bridge conflicts show 0:4",
    ),
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
@examples(
    "bridge conflicts list --state open",
    "bridge conflicts list --event order.created --since 1d -o wide",
)
def list_(
    event: EventOption = None,
    since: SinceOption = None,
    state: StateOption = None,
    limit: LimitOption = 100,
    output: ListFormatOption = ListFormat.TABLE,
) -> None:
    """List conflicts, oldest first: which were held back, passed on, or accepted."""
    settings = load_settings()
    selection = Selection(event=given_event(settings, event), since_ms=time_of(since))
    actions.show_list(settings, Conflicts(settings), selection, state, limit, _SHEET, output)


@app.command()
@examples("bridge conflicts show 0:4", "bridge conflicts show 0:4 -o json")
def show(place: PlaceArgument, output: FormatOption = Format.TABLE) -> None:
    """Show one conflict: its headers, its body, and the fields that differ from the first record of its key."""
    settings = load_settings()
    kept = actions.required_record(settings, settings.topics.conflicts, place)
    first = _first(settings, kept)
    if output is Format.JSON:
        print_json(record_view.conflict_document(kept, first))
    else:
        record_view.show_conflict(console(), kept, first)


@app.command()
@examples("bridge conflicts accept 0:4", "bridge conflicts accept --all --event order.created")
def accept(
    places: PlacesArgument = None,
    everything: AllOption = False,
    event: EventOption = None,
    since: SinceOption = None,
    yes: YesOption = False,
) -> None:
    """Publish held-back conflicts through raw, each once; they go to their cleaned topic, marked.

    What was passed on already is left out. If the command is killed, run it again: it goes on.
    """
    settings = load_settings()
    selection = Selection(frozenset(places or ()), event=given_event(settings, event), since_ms=time_of(since))
    command = "bridge conflicts accept"
    actions.publish(settings, Conflicts(settings), selection, command, everything=everything, yes=yes)


def _first(settings: Settings, kept: Kept) -> Kept | None:
    """The first raw record under the conflict's key; None: retention has deleted it."""
    try:
        place = Source.parse(kept.headers[FIRST_SOURCE])
    except (KeyError, ValueError):
        return None
    return actions.record_at(settings, settings.topics.raw, place)
