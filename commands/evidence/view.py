"""Lists of kept records and plans for them, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from commands.evidence.kept import State
from commands.evidence.listing import ListedRecord, Listing
from commands.evidence.plan import Group, PublishPlan
from commands.evidence.record_view import one_line, received
from commands.terminal.columns import Column
from commands.terminal.lists import Listed, ListFormat, print_list
from commands.terminal.output import InertConsole
from commands.terminal.tables import table
from processors.orders.verdict.text import to_the_second

Labels = Mapping[str, str]
"""Headers that a list shows, by their labels."""


class Sheet(NamedTuple):
    """What a list shows: headers, and columns. A column has the name of its JSON field, except "received", "bytes" and
    "body"."""

    labels: Labels
    columns: Sequence[Column]


POSITION: Final = Column("position")
EVENT: Final = Column("event", least=13, end=True)
RECEIVED: Final = Column("received")
BYTES: Final = Column("bytes", rank=8, right=True)
BODY: Final = Column("body", least=8, rank=1)

MEANING: Final = {
    State.OPEN: "can be published",
    State.PUBLISHED: "was published already",
    State.REFUSED: "would be quarantined again",
    State.STUB: "only a stub of the body was kept",
    State.CLEANED: "is in its cleaned topic: the orders lane tries it again when the worker starts",
    State.PASSED_ON: "was passed on when it came",
    State.OTHER_RULES: "was decided by other key rules, which may have passed it on",
    State.TOO_OLD: "is older than BRIDGE_DEDUPE_RETENTION: whether it was published before is no longer known",
}
"""A state's meaning, as the end of a sentence about a record."""


def document(listing: Listing, labels: Labels) -> dict[str, Any]:
    """The list as `-o json` prints it."""
    return {"matching": listing.matching, "records": [_document(row, labels) for row in listing.rows]}


def show(messages: InertConsole, listing: Listing, sheet: Sheet, output: ListFormat) -> None:
    """Print the list and its size."""
    records = [_document(row, sheet.labels) for row in listing.rows]
    rows = [[_cell(record, column.name) for column in sheet.columns] for record in records]
    print_list(Listed(sheet.columns, rows, records, [record["position"] for record in records]), output)
    if output in {ListFormat.TABLE, ListFormat.WIDE} or len(rows) < listing.matching:
        messages.print(_count(listing))


def _count(listing: Listing) -> str:
    shown, matching = len(listing.rows), listing.matching
    if shown < matching:
        return f"{shown:,} of {matching:,} records, the newest."
    return "No records." if not matching else "1 record." if matching == 1 else f"{matching:,} records."


def show_plan(messages: InertConsole, plan: PublishPlan, raw: str) -> None:
    """Print which records would be published, which not, and why."""
    rows = table("event", "records", "first", "what about them", numbers=("records",))
    for group, alike in _gathered(plan):
        what = f"to be published to {raw}" if group.state is State.OPEN else _meaning(group.state, group.detail)
        count, first = sum(plan.counts[each] for each in alike), min(plan.first[each] for each in alike)
        rows.add_row(group.event or "", f"{count:,}", str(first), what)
    if rows.rows:
        messages.print(rows)
    if not plan.open:
        messages.print("Nothing to do.")


def _gathered(plan: PublishPlan) -> Iterator[tuple[Group, Sequence[Group]]]:
    """Groups, those to publish first. Details differ for nearly every body, so groups that share a reason become one
    line, with the detail only if it is the same for all."""
    found: dict[Group, list[Group]] = {}
    for group in plan.counts:
        found.setdefault(group._replace(detail=group.detail.partition(": ")[0]), []).append(group)
    for reason, alike in sorted(found.items(), key=lambda item: (item[0].state is not State.OPEN, str(item[0]))):
        yield alike[0] if len(alike) == 1 else reason, alike


def _meaning(state: State, detail: str) -> str:
    return f"{MEANING[state]} ({detail})" if detail else MEANING[state]


def _cell(record: Mapping[str, Any], column: str) -> str:
    if column == "received":
        return to_the_second(record["received_at"])
    if column == "bytes":
        return f"{record['size']:,}"
    return record["start" if column == "body" else column.replace(" ", "_")] or ""


def _document(row: ListedRecord, labels: Labels) -> dict[str, Any]:
    return {
        "position": str(row.kept.place),
        "received_at": received(row.kept),
        "event": row.event,
        **{name: row.kept.text(header) or None for name, header in labels.items()},
        "state": row.state.value,
        "detail": row.detail or None,
        "size": row.size,
        "start": one_line(row.kept.body),
    }
