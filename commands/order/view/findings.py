"""What somebody should know before the rest: a line each, with its raw records as `<partition>:<offset>`."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.table import Table

from commands.order.view.tables import pairs
from schemas.order_state import Contradiction, OrderState

_ALARM, _WARNING, _NOTE = "red", "yellow", "dim"


class _Finding(NamedTuple):
    label: str
    text: str
    style: str


def findings(state: OrderState) -> Table | None:
    """Return the lines, the worst first; None if there is nothing to say."""
    found = list(_findings(state))
    if not found:
        return None
    rows = pairs()
    for label, text, style in found:
        rows.add_row(label, text, style=style)
    return rows


def _findings(state: OrderState) -> Iterator[_Finding]:
    for contradiction in state.contradictions:
        yield _Finding("contradiction", _contradiction(contradiction), _ALARM)
    for fact in state.unprocessed:
        yield _Finding("unprocessed", f"{fact.event} {fact.source}: {fact.reason}", _ALARM)
    for name in state.missing:
        yield _Finding("missing", name, _ALARM if state.incomplete else _WARNING)
    for name in state.stalled:
        yield _Finding("stalled", name, _WARNING)
    for each in state.attention:
        yield _Finding("attention", f"{each.kind}: {each.subject}", _WARNING)
    for name in state.suspected:
        yield _Finding("suspected", name, _WARNING)
    if state.truncated:
        yield _Finding("left out", f"{', '.join(state.truncated)}: the document would be too large", _NOTE)
    if unknown := [name for name in OrderState.model_fields if name not in state.model_fields_set]:
        yield _Finding("not known", f"{', '.join(unknown)}: an older version wrote the document", _NOTE)


def _contradiction(found: Contradiction) -> str:
    subject = "" if found.subject is None else f" of {found.subject}"
    facts = ", ".join(f"{fact.event} {fact.source}" for fact in found.facts)
    return f"{found.kind}{subject}: {facts}"
