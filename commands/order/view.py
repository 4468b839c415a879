"""An order's state for people. The state is the document of the contract (schemas/order_state.py) as JSON."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table


def summary(state: Mapping[str, Any]) -> Table:
    """Its statuses and what is known to be missing."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    rows.add_column(style="bold")
    rows.add_column()
    rows.add_row("order", state["order_id"])
    for name in ("status", "fulfillment_status", "payment_status", "return_status"):
        rows.add_row(name.removesuffix("_status"), state[name])
    if state["missing"]:
        rows.add_row("incomplete" if state["incomplete"] else "provisional", "missing " + ", ".join(state["missing"]))
    if state["contradictions"]:
        rows.add_row("contradictions", str(len(state["contradictions"])))
    rows.add_row("events", str(state["version"]))
    return rows


def timeline(state: Mapping[str, Any], *, by_arrival: bool) -> Table:
    """Its events in the order in which they happened, or in which they arrived."""
    entries = list(state["timeline"])
    if by_arrival:
        entries.sort(key=lambda entry: (entry["received_at"], entry["source"]))
    title = "As it arrived" if by_arrival else "As it happened"
    rows = Table(title=title, box=None, title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    rows.add_column("event", overflow="fold")
    rows.add_column("published", no_wrap=True)
    rows.add_column("received", no_wrap=True)
    for entry in entries:
        rows.add_row(entry["event"], _to_the_second(entry["published_at"]), _to_the_second(entry["received_at"]))
    return rows


def _to_the_second(instant: str | None) -> str:
    """Short enough for 80 columns; `-o json` has every digit."""
    return instant[: len("2026-01-01T00:00:00")].replace("T", " ") if instant else ""
