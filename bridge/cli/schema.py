"""`bridge schema ...`: the events' models."""

import typer

from bridge.cli import drift

app = typer.Typer(name="schema", help="The events' models, and what differs from them.", no_args_is_help=True)
app.command("drift")(drift.drift)
