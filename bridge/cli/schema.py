"""`bridge schema ...`: the events' models, and what teams that read the topics are given."""

import typer

from bridge.cli import drift, schema_check, schema_export

app = typer.Typer(
    name="schema",
    help="The events' models: publish their schemas, compare them with published ones and with real events.",
    no_args_is_help=True,
)
app.command("export")(schema_export.export)
app.command("check")(schema_check.check)
app.command("drift")(drift.drift)
