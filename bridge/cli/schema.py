"""`bridge schema`: what teams that read the topics are given."""

import typer

from bridge.cli import schema_check, schema_export

app = typer.Typer(
    name="schema", help="Schemas of what is in the topics: publish and compare them.", no_args_is_help=True
)
app.command("export")(schema_export.export)
app.command("check")(schema_check.check)
